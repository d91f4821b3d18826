import keras
import numpy as np
import tensorflow as tf

from seqzoo.tasks.ner.letter_groups import GROUPS, LONGEST, MaskedMean, group_ids


def test_groups_of_two_to_four_letters_take_in_the_ends():
    groups = ["<e", "el", "lm", "m>", "<el", "elm", "lm>", "<elm", "elm>"]
    expected = tf.strings.to_hash_bucket_fast(groups, GROUPS).numpy() + 1
    elm, nine = group_ids(["elm", "9"])
    assert elm.tolist() == expected.tolist() and len(nine) == 3
    assert group_ids([]) == []


def test_the_ids_are_the_same_in_every_process_and_on_every_machine():
    """Saved models depend on them."""
    assert group_ids(["é"])[0].tolist() == [3579, 514, 2628]


def test_words_without_end_have_an_end():
    (ids,) = group_ids(["a" * 1_000_000])
    assert len(ids) <= 3 * (LONGEST + 2)


def test_the_mean_is_that_of_what_the_mask_keeps():
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 3, 5, 4)).astype("float32")
    mask = random.random((2, 3, 5)) > 0.4
    mask[1, 2] = False
    expected = np.zeros((2, 3, 4))
    for place in np.ndindex(2, 3):
        if mask[place].any():
            expected[place] = x[place][mask[place]].mean(axis=0)
    layer = MaskedMean()
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x, mask=mask)), expected, atol=1e-6)
    kept = keras.ops.convert_to_numpy(layer.compute_mask(x, mask))
    np.testing.assert_array_equal(kept, mask.any(axis=-1))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), x.mean(axis=2), atol=1e-6)
