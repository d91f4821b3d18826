import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.architectures.encoder_decoder import shift
from seqzoo.decoding import beam_search

SETTINGS = [
    dict(cell="rnn", layers=1, bidirectional=True, attention=True),
    dict(cell="gru", layers=2, bidirectional=False, attention=True),
    dict(cell="lstm", layers=2, bidirectional=True, attention=True),
    dict(cell="gru", layers=1, bidirectional=True, attention=False),
    dict(cell="lstm", layers=2, bidirectional=True, input_feeding=True, scheduled_sampling=0.5),
]
SOURCE = np.array([[3, 1, 4, 0, 0], [9, 2, 6, 5, 3]])
BEFORE = np.array([[1, 5, 6, 0], [1, 6, 2, 4]])


def on_ids(**settings):
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(10, 4, mask_zero=True)(ids)
    return seqzoo.encoder_decoder(x, outputs=7, units=5, embedding=3, **settings)


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def model(request):
    return on_ids(dropout=0.2, **request.param)


def answer(model, *inputs):
    return keras.ops.convert_to_numpy(model(list(inputs), training=False))


def test_a_keras_project_of_ten_lines_reverses_digits():
    keras.utils.set_random_seed(0)
    random, start, end = np.random.default_rng(0), 11, 12  # digits are 1 to 10, 0 is padding
    x = random.integers(1, 11, (3000, 5)) * (np.arange(5) < random.integers(2, 6, (3000, 1)))
    y = np.array([[*row[row > 0][::-1], end, *row[row == 0]] for row in x])
    digits = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(11, 16, mask_zero=True)(digits)
    model = seqzoo.encoder_decoder(vectors, outputs=13, cell="gru", units=48, embedding=16)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit([x[100:], shift(y[100:], start)], y[100:], batch_size=64, epochs=6, verbose=0)
    tokens, lengths, _ = beam_search(model.step, model.start(x[:100]), start, end, max_length=6, width=2)
    written = [row[: n - 1].tolist() for row, n in zip(tokens.numpy()[:, 0], lengths.numpy()[:, 0])]
    assert np.mean([w == row[row > 0][::-1].tolist() for w, row in zip(written, x)]) > 0.8


def test_saves_and_loads(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(answer(loaded, SOURCE, BEFORE), answer(model, SOURCE, BEFORE))
    for now, then in zip(*(m.step([1, 1], m.start(SOURCE))[1] for m in (loaded, model))):
        np.testing.assert_array_equal(now, then)


def test_padding_does_not_change_the_answer(model):
    alone = answer(model, SOURCE[:1, :3], BEFORE[:1, :3])
    padded = answer(model, SOURCE, BEFORE)[:1, :3]
    np.testing.assert_allclose(padded, alone, atol=1e-6)
    alone = model.step([1], model.start(SOURCE[:1, :3]))[0]
    padded = model.step([1, 1], model.start(SOURCE))[0][:1]
    np.testing.assert_allclose(padded, alone, atol=1e-6)


def test_step_by_step_it_writes_what_it_was_taught_at_once(model):
    at_once = model.predict([SOURCE, BEFORE], verbose=0)
    states, steps = model.start(SOURCE), []
    for tokens in BEFORE[:, :3].T:
        logits, states = model.step(tokens, states)
        steps.append(logits)
    np.testing.assert_allclose(np.stack(steps, axis=1), at_once[:, :3], atol=1e-6)


def test_attention_is_the_equation_in_the_docstring():
    model = on_ids(cell="rnn", layers=1, bidirectional=False)
    random = np.random.default_rng(0)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    decoder, cell = model.decoder, model.decoder.recurrent[0].cell
    weights = [w.numpy().astype("float64") for w in (decoder.Wα.kernel, decoder.Wã.kernel, decoder.Wã.bias)]
    Wα, Wã, bã = weights[0], weights[1].T, weights[2]
    y = decoder.vectors.embeddings.numpy().astype("float64")
    Wy, by = decoder.output_unit.Wy, decoder.output_unit.by
    h, counts, a = (state.numpy()[0] for state in model.start(SOURCE))
    logits = model.predict([SOURCE, BEFORE], verbose=0)[0]
    map = model.attention([SOURCE, BEFORE])[0]
    for t in range(3):
        a = np.tanh(cell.Wa @ np.concatenate([a, y[BEFORE[0, t]]]) + cell.ba)
        e = np.array([a @ Wα.T @ h_t for h_t in h[counts].astype("float64")])
        α = np.exp(e - e.max()) / np.exp(e - e.max()).sum()
        ã = np.tanh(Wã @ np.concatenate([α @ h[counts], a]) + bã)
        np.testing.assert_allclose(logits[t], Wy @ ã + by, atol=1e-4)
        np.testing.assert_allclose(map[t], [*α, 0, 0], atol=1e-5)


def test_the_first_state_is_made_of_both_ends_of_the_source():
    model = on_ids(cell="rnn")
    h, _, first = model.start(SOURCE[1:])
    W0 = model.encoder.get_layer("first_state_1_0")
    ends = np.concatenate([h[0, -1, :5], h[0, 0, 5:]])
    np.testing.assert_allclose(first[0], np.tanh(ends @ W0.kernel + W0.bias), atol=1e-6)


def test_a_map_sums_to_one_over_the_source_and_leaves_its_padding_out():
    map = on_ids(cell="gru").attention([SOURCE, BEFORE]).numpy()
    np.testing.assert_allclose(map.sum(-1), 1, atol=1e-6)
    assert (map[0, :, 3:] == 0).all() and (map[0, :, :3] > 0).all()


def test_target_padding_has_no_part_in_loss_and_metrics():
    model = on_ids(cell="gru")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    targets = np.array([[5, 6, 2, 0, 0, 0]])
    short = model.evaluate([SOURCE[1:], shift(targets[:, :3], 1)], targets[:, :3], verbose=0)
    padded = model.evaluate([SOURCE[1:], shift(targets, 1)], targets, verbose=0)
    np.testing.assert_allclose(padded, short, rtol=1e-5)


def test_frames_of_sound_are_a_source_too():
    frames = keras.Input((None, 13))
    model = seqzoo.encoder_decoder(keras.layers.Masking()(frames), outputs=12, cell="lstm", units=4, layers=2)
    x = np.random.default_rng(0).normal(size=(1, 6, 13)).astype("float32")
    padded = np.concatenate([x, np.zeros((1, 3, 13), "float32")], axis=1)
    assert model.start(padded)[1].numpy().tolist() == [[True] * 6 + [False] * 3]
    before = np.array([[1, 4, 5]])
    np.testing.assert_allclose(answer(model, padded, before), answer(model, x, before), atol=1e-6)


def test_mistakes_are_answered():
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'.*Received: cell='ltsm'"):
        seqzoo.encoder_decoder((None, 3), outputs=4, cell="ltsm")
    with pytest.raises(ValueError, match="at least 1. Received: layers=0"):
        seqzoo.encoder_decoder((None, 3), outputs=4, layers=0)
    with pytest.raises(ValueError, match="attention=True"):
        on_ids(attention=False).attention([SOURCE, BEFORE])


def test_a_source_may_have_layers_that_keras_named():
    """Keras counts the layers of a kind: a second Dropout is called dropout_1."""
    for _ in range(2):
        source = keras.layers.Dropout(0.1)(keras.Input((None, 3)))
        assert seqzoo.encoder_decoder(source, outputs=4, units=2, layers=2, dropout=0.1).built
