import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.architectures.fed_decoder import FedDecoder
from seqzoo.door import Refused

rng = np.random.default_rng(0)
BEFORE = np.array([[1, 5, 6, 0], [1, 6, 2, 4]])
MEMORY, COUNTS = rng.normal(size=(2, 5, 3)).astype("float32"), np.arange(5) < np.array([[3], [5]])
A = rng.normal(size=(2, 4)).astype("float32")


def decoder(**options):
    made = FedDecoder(7, "rnn", 4, embedding=3, **options)
    made(BEFORE, states(made))
    for weight in made.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    return made


def states(made):
    return [MEMORY, COUNTS, A, *([np.zeros_like(A)] if made.input_feeding else [])]


def formula(made, tokens):
    """The equations of the docstring in NumPy; `tokens` gives y⟨t−1⟩ from t, the row and its last logits."""
    value = lambda weight: np.float64(keras.ops.convert_to_numpy(weight))
    cell, vectors = made.recurrent[0].cell, value(made.vectors.embeddings)
    Wα, Wã, bã, Wy, by = map(
        value, (made.Wα.kernel, made.Wã.kernel, made.Wã.bias, made.output_unit.Wy, made.output_unit.by)
    )
    Wa, ba, logits = value(cell.Wa), value(cell.ba), np.zeros((2, 4, 7))
    for row in range(2):
        a, ã, h = np.float64(A[row]), np.zeros(4), np.float64(MEMORY[row][COUNTS[row]])
        for t in range(4):
            y = vectors[tokens(t, row, logits[row, t - 1])]
            a = np.tanh(Wa @ np.concatenate([a, y, ã] if made.input_feeding else [a, y]) + ba)
            e = h @ Wα @ a
            α = np.exp(e - e.max()) / np.exp(e - e.max()).sum()
            ã = np.tanh(np.concatenate([α @ h, a]) @ Wã + bã)
            logits[row, t] = Wy @ ã + by
    return logits


@pytest.mark.parametrize("input_feeding", [True, False])
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_whole_targets_are_the_equations(input_feeding, p):
    """With p = 1 training reads no symbol of the target but the first; inference reads the target's all the same."""
    made = decoder(input_feeding=input_feeding, scheduled_sampling=p, sampling_batches=1)
    taught = formula(made, lambda t, row, last: BEFORE[row, t])
    counts = BEFORE != 0
    found = keras.ops.convert_to_numpy(made(BEFORE, states(made)))
    np.testing.assert_allclose(found[counts], taught[counts], rtol=1e-4, atol=1e-5)
    if p:
        made.batches.assign(1.0)
        own = formula(
            made, lambda t, row, last: BEFORE[row, t] if t == 0 or not counts[row, t] else 1 + last[1:].argmax()
        )
        found = keras.ops.convert_to_numpy(made(BEFORE, states(made), training=True))
        np.testing.assert_allclose(found[counts], own[counts], rtol=1e-4, atol=1e-5)
        assert not np.allclose(own[counts], taught[counts], atol=0.1)


def test_step_by_step_is_the_whole():
    made = decoder(input_feeding=True)
    whole = made(BEFORE[1:], [state[1:] for state in states(made)])
    now, steps = [state[1:] for state in states(made)], []
    for tokens in BEFORE[1:].T:
        logits, now = made.step(keras.ops.convert_to_tensor(tokens), now)
        steps.append(keras.ops.convert_to_numpy(logits))
    np.testing.assert_allclose(np.stack(steps, axis=1), keras.ops.convert_to_numpy(whole), atol=1e-5)


def test_sampling_becomes_more_probable_along_a_line():
    made = decoder(scheduled_sampling=0.5, sampling_batches=4)
    before, shares = np.ones((64, 101), "int32"), []
    for batches in (0.0, 2.0, 4.0, 9.0):
        made.batches.assign(batches)
        own = keras.ops.convert_to_numpy(made._own(before, True))
        assert not own[:, 0].any() and not keras.ops.convert_to_numpy(made._own(before, False)).any()
        shares.append(own[:, 1:].mean())
    assert shares == pytest.approx([0, 0.25, 0.5, 0.5], abs=0.03)


def test_dropout_in_the_loop_is_drawn_once_a_sequence_and_only_in_training():
    made = decoder(input_feeding=True, input_dropout=0.5, recurrent_dropout=0.5, dropout=0.5, symbol_dropout=0.5)
    taught = [keras.ops.convert_to_numpy(made(BEFORE, states(made), training=True)) for _ in range(2)]
    assert not np.allclose(*taught) and np.isfinite(taught).all()
    assert np.array_equal(*(keras.ops.convert_to_numpy(made(BEFORE, states(made))) for _ in range(2)))


def test_a_translator_is_trained_saved_and_writes_with_both(tmp_path):
    keras.utils.set_random_seed(0)
    pairs = (["red hand", "red"], ["main rouge", "rouge"])
    options = dict(pairs=pairs, units=4, embedding=4, input_feeding=True, scheduled_sampling=0.5, sampling_batches=4)
    model = seqzoo.create_model("translation", word_dropout=0.2, recurrent_dropout=0.2, **options)
    model.run_eagerly = True  # nothing to compile
    loss = model.fit(*pairs, epochs=2, verbose=0).history["loss"]
    assert np.isfinite(loss).all() and float(model.network.decoder.batches) == 2
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert float(again.network.decoder.batches) == 2
    logits = [each.logits(["red hand"], ["main rouge"]) for each in (model, again)]
    np.testing.assert_allclose(*logits, atol=1e-6)
    assert len(model.answer(["red hand"], beam_width=2, max_length=5)) == 1


def test_what_cannot_work_is_refused():
    for options, said in [
        (dict(input_feeding=True, attention=False), "attention"),
        (dict(scheduled_sampling=1.5), "scheduled_sampling=1.5"),
        (dict(scheduled_sampling=0.5, sampling_batches=0), "sampling_batches=0"),
    ]:
        with pytest.raises(Refused, match=said):
            seqzoo.encoder_decoder((None, 3), outputs=5, **options)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_scheduled_sampling_trains_in_half_precision_and_counts_whole_batches(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        pairs = [("red hand", "main rouge")]
        model = seqzoo.create_model("translation", pairs=pairs, units=4, scheduled_sampling=0.5)
        history = model.fit(*map(list, zip(*pairs)), epochs=2, verbose=0)
        assert np.isfinite(history.history["loss"]).all()
        assert keras.backend.standardize_dtype(model.network.decoder.batches.dtype) == "float32"
    finally:
        keras.config.set_dtype_policy(before)


def test_a_fed_decoder_stays_out_of_xla_where_it_has_no_gradient():
    model = seqzoo.create_model("translation", pairs=[("red hand", "main rouge")], units=4, input_feeding=True)
    model.compile("adam", model.loss, jit_compile="auto")
    assert model.network.decoder.supports_jit == (keras.backend.backend() != "tensorflow")
