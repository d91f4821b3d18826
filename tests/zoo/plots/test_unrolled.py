import keras
import pytest

import seqzoo
from seqzoo.plots.unrolled import STEPS, architecture_of, plot_architecture, plot_unrolled

MODELS = {
    "one-to-many": lambda **options: seqzoo.one_to_many((3,), outputs=5, **options),
    "many-to-one": lambda **options: seqzoo.many_to_one((None, 8), outputs=3, **options),
    "many-to-many, Tx ≠ Ty": lambda **options: seqzoo.encoder_decoder((None, 8), outputs=3, **options),
}


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("architecture", STEPS)
def test_every_input_and_output_is_in_the_picture(architecture):
    below, above = STEPS[architecture]
    drawn = texts(plot_architecture(architecture))
    for label in {*below, *above} - {"", "…"}:
        assert drawn.count(label) == below.count(label) + above.count(label)


def test_something_else_is_refused():
    with pytest.raises(ValueError, match="one of 'one-to-one', .*Received: 'many'"):
        plot_architecture("many")


@pytest.mark.parametrize("architecture", MODELS)
def test_a_model_tells_its_architecture_cells_and_layers(architecture):
    model = MODELS[architecture](cell="gru", units=16, layers=2)
    assert architecture_of(model) == architecture
    drawn = texts(plot_unrolled(model))
    assert drawn.count("GRU, 16 units") == 2
    assert set(STEPS[architecture][1]) - {"", "…"} <= set(drawn)


def test_arrows_go_both_ways_in_a_bidirectional_model():
    one, two = (
        len(texts(plot_unrolled(seqzoo.many_to_one((None, 8), outputs=3, bidirectional=both))))
        for both in (False, True)
    )
    assert two == one + 4  # an arrow back between each of the five steps; an arrow is a text without words


@pytest.mark.parametrize("attention", [True, False])
def test_attention_is_drawn_where_there_is_some(attention):
    model = seqzoo.encoder_decoder((None, 8), outputs=3, attention=attention)
    assert ("attention" in texts(plot_unrolled(model))) == attention


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
