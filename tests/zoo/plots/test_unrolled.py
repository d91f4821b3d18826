"""A picture shows what its network does: what is read, the chains of states, and where it answers."""

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.layers import RNN, GRUCell, LSTMCell
from seqzoo.plots.network import ARCHITECTURES, BACKWARD, BOTH, FORWARD, network_of
from seqzoo.plots.unrolled import architecture_of, plot_architecture, plot_unrolled
from seqzoo.tasks.dna.fold import Fold

MODELS = {
    "one-to-one": lambda **options: seqzoo.one_to_one((3,), outputs=5, **options),
    "one-to-many": lambda **options: seqzoo.one_to_many((3,), outputs=5, **options),
    "many-to-one": lambda **options: seqzoo.many_to_one((None, 8), outputs=3, **options),
    "many-to-many, Tx = Ty": lambda **options: seqzoo.many_to_many((None, 8), outputs=3, **options),
    "many-to-many, Tx ≠ Ty": lambda **options: seqzoo.encoder_decoder((None, 8), outputs=3, **options),
}
READ = {
    "one-to-one": ["x"],
    "one-to-many": ["x", "y⟨0⟩", "y⟨1⟩", "y⟨Ty−1⟩"],
    "many-to-one": ["x⟨1⟩", "x⟨2⟩", "x⟨3⟩", "x⟨Tx⟩"],
    "many-to-many, Tx = Ty": ["x⟨1⟩", "x⟨2⟩", "x⟨3⟩", "x⟨Tx⟩"],
    "many-to-many, Tx ≠ Ty": ["x⟨1⟩", "x⟨2⟩", "x⟨Tx⟩", "y⟨0⟩", "y⟨1⟩", "y⟨Ty−1⟩"],
}
ANSWERED = {
    "one-to-one": {"ŷ": "x"},
    "one-to-many": {"ŷ⟨1⟩": "y⟨0⟩", "ŷ⟨2⟩": "y⟨1⟩", "ŷ⟨Ty⟩": "y⟨Ty−1⟩"},
    "many-to-one": {"ŷ": "x⟨Tx⟩"},
    "many-to-many, Tx = Ty": {f"ŷ⟨{t}⟩": f"x⟨{t}⟩" for t in (1, 2, 3, "Tx")},
    "many-to-many, Tx ≠ Ty": {"ŷ⟨1⟩": "y⟨0⟩", "ŷ⟨2⟩": "y⟨1⟩", "ŷ⟨Ty⟩": "y⟨Ty−1⟩"},
}


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def place(figure, text):
    return next(t.get_position() for t in figure.axes[0].texts if t.get_text() == text)


def arrows(figure):
    """The arrows of a picture, as pairs of their beginning and their end."""
    annotations = (text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None))
    return [(np.array(a.xyann), np.array(a.xy)) for a in annotations if a.arrowprops["arrowstyle"] == "-|>"]


def rows(figure):
    """The arrows along time: from each row's height to +1 for one to the right, -1 for one to the left."""
    found = {}
    for begin, end in arrows(figure):
        if begin[1] == end[1]:
            found.setdefault(round(float(end[1]), 3), []).append(int(np.sign(end[0] - begin[0])))
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("draw", [plot_architecture, lambda name: plot_unrolled(MODELS[name](units=4))])
def test_what_is_read_stands_below_and_what_is_answered_above_it(architecture, draw):
    figure = draw(architecture)
    for read in READ[architecture]:
        assert place(figure, read)[1] == 0
    for answer, read in ANSWERED[architecture].items():
        assert place(figure, answer)[0] == place(figure, read)[0]
    known = {*READ[architecture], *ANSWERED[architecture]}
    assert {text for text in texts(figure) if "⟨" in text} - {"a⟨0⟩"} <= known


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_model_tells_its_architecture_cells_and_layers(architecture):
    model = MODELS[architecture](cell="gru", units=16, layers=2)
    assert architecture_of(model) == architecture
    assert texts(plot_unrolled(model)).count("GRU, 16 units") == 2


def test_something_else_is_refused():
    with pytest.raises(ValueError, match="one of 'one-to-one', .*Received: 'many'"):
        plot_architecture("many")


@pytest.mark.parametrize("architecture", ["many-to-one", "many-to-many, Tx = Ty"])
def test_two_directions_are_two_chains(architecture):
    figure = plot_unrolled(MODELS[architecture](layers=2, bidirectional=True))
    forward, backward, *_ = [directions for _, directions in sorted(rows(figure).items())]
    assert forward == [1] * 5 and backward == [-1] * 5  # four between the steps, and one to begin with
    assert len(rows(figure)) == 4
    assert len(rows(plot_unrolled(MODELS[architecture](layers=2)))) == 2


def test_two_directions_answer_once_each_has_read_everything():
    figure = plot_unrolled(MODELS["many-to-one"](bidirectional=True))
    x, y = place(figure, "ŷ")
    begins = [begin[0] for begin, end in arrows(figure) if end[1] > y - 0.3]
    assert np.round(sorted(begins)).tolist() == [0, 4] == [0, x]  # after x⟨1⟩ the backward one, after x⟨Tx⟩ the other


def test_the_backward_state_that_answers_is_that_after_the_first_element():
    x = np.random.default_rng(0).normal(size=(1, 6, 8)).astype("float32")
    model = MODELS["many-to-one"](units=4, bidirectional=True)
    ((_, forward), (_, backward)) = states = network_of(model).answers[0].states
    assert states == ((4, FORWARD), (0, BACKWARD)) and (forward, backward) == BOTH
    both = model.get_layer("recurrent_1")
    ends = [keras.ops.convert_to_numpy(layer(x)) for layer in (both.forward_layer, both.backward_layer)]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(both(x)), np.concatenate(ends, axis=-1), atol=1e-6)


def test_each_layer_has_its_own_directions():
    model = keras.Sequential(
        [
            keras.Input((None, 8)),
            keras.layers.Bidirectional(RNN(LSTMCell(4), return_sequences=True)),
            RNN(GRUCell(4), go_backwards=True),
        ]
    )
    assert [layer.chains for layer in network_of(model).layers] == [BOTH, (BACKWARD,)]
    assert network_of(model).answers[0].states == ((0, BACKWARD),)
    assert [set(row) for _, row in sorted(rows(plot_unrolled(model)).items())] == [{1}, {-1}, {-1}]


def test_states_that_are_pooled_make_one_answer():
    x = keras.Input((None, 8))
    ŷ = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(RNN(GRUCell(4), return_sequences=True)(x)))
    (answer,) = network_of(keras.Model(x, ŷ)).answers
    assert answer.text == "ŷ" and {column for column, _ in answer.states} >= {0, 1, 2, 4}


def test_a_fixed_number_of_steps_is_drawn():
    short, long = (seqzoo.many_to_many((time, 8), outputs=3, units=4) for time in (3, 20))
    assert network_of(short).reads == ("x⟨1⟩", "x⟨2⟩", "x⟨3⟩")
    assert [answer.text for answer in network_of(short).answers] == ["ŷ⟨1⟩", "ŷ⟨2⟩", "ŷ⟨3⟩"]
    assert network_of(long).reads[-1] == "x⟨20⟩" and network_of(long).answers[-1].text == "ŷ⟨20⟩"


@pytest.mark.parametrize("attention", [True, False])
def test_attention_acts_at_every_step_of_the_decoder(attention):
    figure = plot_unrolled(MODELS["many-to-many, Tx ≠ Ty"](units=4, attention=attention))
    assert ("attention" in texts(figure)) == attention
    looks = [t for t in figure.axes[0].texts if getattr(t, "arrow_patch", None) and t.arrowprops["color"] == "tab:red"]
    if not attention:
        assert not looks
        return
    columns = [place(figure, read)[0] for read in READ["many-to-many, Tx ≠ Ty"]]
    height = {float(look.xyann[1]) for look in looks} & {float(look.xy[1]) for look in looks}
    assert len(height) == 1  # of the band: from all of the encoder into it, from it to every step of the decoder
    into, out = ([t for t in looks if (xy := getattr(t, end))[1] in height and xy] for end in ("xy", "xyann"))
    assert [round(t.xy[0]) for t in into] == columns[:3]
    assert [round(t.xy[0]) for t in out] == columns[3:]
    assert texts(figure).count("ã") == 3


def test_the_decoder_begins_where_both_directions_of_the_encoder_end():
    model = MODELS["many-to-many, Tx ≠ Ty"](units=4, attention=False)
    figure = plot_unrolled(model)
    first = place(figure, "y⟨0⟩")[0]
    into = [begin for begin, end in arrows(figure) if abs(end[0] - first) < 0.2 and 0.9 < end[1] < 1.5]
    begins = [round(float(begin[0])) for begin in into if begin[1] > 0.9]  # not y⟨0⟩, which is below
    assert sorted(begins) == [0, 3]  # the backward one's end after x⟨1⟩, the forward one's after x⟨Tx⟩


def test_layers_within_a_model_are_found():
    body = seqzoo.many_to_one((None, 8), outputs=3, cell="lstm", units=4)
    model = keras.Sequential([keras.Input((None, 8)), body])
    assert "LSTM, 4 units" in texts(plot_unrolled(model))


def test_a_model_without_recurrent_layers_is_refused():
    with pytest.raises(ValueError, match="Received: 'plain' without one"):
        plot_unrolled(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="plain"))


def test_a_model_on_masked_words_has_its_picture():
    words = keras.layers.Embedding(9, 4, mask_zero=True)(keras.Input((None,)))
    model = seqzoo.many_to_one(words, outputs=2, cell="rnn", bidirectional=True)
    assert architecture_of(model) == "many-to-one"


ENDS = (((4, FORWARD), (0, BACKWARD)),)
EACH = tuple(((t, FORWARD), (t, BACKWARD)) for t in (0, 1, 2, 4))
TASKS = {  # the chains of each layer, the states that each answer is made from, and what the first step reads
    "sentiment": ([BOTH], ENDS, "x⟨1⟩"),
    "ner": ([BOTH], EACH, "x⟨1⟩"),
    "music": ([(FORWARD,)], tuple(((t, FORWARD),) for t in (1, 2, 4)), "x"),
    "translation": ([BOTH], tuple(((t, FORWARD),) for t in (4, 5, 7)), "x⟨1⟩"),
    "speech": ([BOTH], EACH, "x⟨1⟩"),  # with CTC an answer at every frame: no encoder, no decoder
    "dna": ([(FORWARD,)], (((4, FORWARD),),), "x⟨1⟩\nx⟨Tx⟩"),
    "video": ([BOTH, BOTH], ENDS, "x⟨1⟩"),
    "one_to_one": ([(FORWARD,)], (((0, FORWARD),),), "x"),
}


@pytest.mark.parametrize("name", seqzoo.list_tasks())
def test_the_picture_of_each_task_is_that_of_its_model(name):
    task = seqzoo.get_task(name)
    model = task.create_model(units=4, **task.own_data().options)
    network = network_of(model.network)
    chains, states, first = TASKS[name]
    assert [layer.chains for layer in network.layers] == chains
    assert tuple(answer.states for answer in network.answers) == states
    assert network.reads[0] == first
    assert (network.encoder, network.attention) == ((4, True) if name == "translation" else (0, False))
    assert set(network.reads) - {"…"} <= set(texts(plot_unrolled(model.network)))


def test_speech_with_attention_is_an_encoder_decoder():
    task = seqzoo.get_task("speech")
    network = network_of(task.create_model(units=4, decoder="attention", **task.own_data().options).network)
    assert network.encoder and network.attention and network.reads[4] == "y⟨0⟩"


def test_dna_is_drawn_in_as_many_steps_as_it_reads():
    folded = keras.ops.convert_to_numpy(Fold()(keras.ops.reshape(keras.ops.arange(1.0, 11.0), (1, 10, 1))))[0]
    places = {"x⟨1⟩": 1, "x⟨2⟩": 2, "x⟨3⟩": 3, "x⟨Tx/2⟩": 5, "x⟨Tx/2+1⟩": 6}
    places |= {"x⟨Tx−2⟩": 8, "x⟨Tx−1⟩": 9, "x⟨Tx⟩": 10}
    drawn = [[places[x] for x in pair.split("\n")] for pair in Fold.steps_read if pair != "…"]
    assert drawn == [folded[t].tolist() for t in (0, 1, 2, -1)]
