import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.tasks.dna.fold import Fold


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_a_fold_pairs_each_step_with_the_one_as_far_from_the_other_end(lengths):
    time = max(*lengths, 1)
    x = np.random.default_rng(0).random((len(lengths), time, 2)).astype("float32")
    mask = np.arange(time) < np.array(lengths)[:, None]
    layer = Fold()
    folded = ops.convert_to_numpy(layer(ops.array(x), mask=ops.array(mask)))
    counts = ops.convert_to_numpy(layer.compute_mask(ops.array(x), ops.array(mask)))
    for row, length in enumerate(lengths):
        half = (length + 1) // 2
        expected = [np.concatenate([x[row, t], x[row, length - 1 - t]]) for t in range(half)]
        np.testing.assert_array_equal(counts[row], np.arange(counts.shape[1]) < half)
        np.testing.assert_array_equal(folded[row, :half], np.reshape(expected, (half, 4)))


def test_a_network_folds_sequences_of_any_length():
    letters = keras.Input((None, 3))
    model = keras.Model(letters, Fold()(letters))
    assert model.output_shape == (None, None, 6)
    for time in (1, 4, 7):
        x = np.random.default_rng(time).random((2, time, 3)).astype("float32")
        expected = np.concatenate([x, x[:, ::-1]], axis=-1)[:, : (time + 1) // 2]
        np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
