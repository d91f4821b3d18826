import numpy as np
import pytest

from seqzoo.door import Refused
from seqzoo.tasks.one_to_one.array_preprocessor import ArrayPreprocessor

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), "uint8")
SHAPE = IMAGES.shape[1:]


@pytest.mark.parametrize(
    "images",
    [IMAGES, IMAGES[..., 0], IMAGES.astype("float64"), list(IMAGES), IMAGES.tolist()],
    ids=["bytes", "no channel", "floats", "a list", "lists"],
)
def test_images_of_any_form_are_the_same_images(images):
    preprocessor = ArrayPreprocessor(SHAPE, 10)
    x = preprocessor.inputs(preprocessor.rows(images))
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, IMAGES)


@pytest.mark.parametrize("image", [IMAGES[0], IMAGES[0, ..., 0]])
def test_a_single_image(image):
    np.testing.assert_array_equal(ArrayPreprocessor(SHAPE).rows(image), IMAGES[:1])


def test_black_images_are_images():
    assert ArrayPreprocessor(SHAPE).rows(np.zeros((2, *SHAPE))).shape == (2, *SHAPE)
    assert ArrayPreprocessor(SHAPE).rows([]).shape == (0, *SHAPE)


@pytest.mark.parametrize(
    "images, message",
    [
        (IMAGES / 255.0, "from 0 to 255(?s:.*)multiply by 255"),
        (IMAGES > 100, "multiply by 255"),
        (IMAGES / 127.5 - 1, "bring them to this range"),
        (IMAGES * 2.0, "bring them to this range"),
        (np.where(IMAGES == IMAGES.max(), np.nan, IMAGES), "finite numbers as brightness"),
        (IMAGES[:, :27], r"\(examples, 28, 28, 1\)(?s:.*)\(3, 27, 28, 1\)"),
        ([IMAGES[0], IMAGES[1, :5]], "one shape"),
        ([IMAGES[0], None], "one shape"),
        (["a", "b"], "numbers of shape"),
        (None, "one shape|numbers of shape"),
    ],
)
def test_what_is_no_image_is_refused(images, message):
    with pytest.raises(Refused, match=message) as refusal:
        ArrayPreprocessor(SHAPE).rows(images)
    assert len(str(refusal.value).splitlines()) == 3 and len(str(refusal.value)) < 600


def test_vectors_are_finite_and_of_one_size():
    preprocessor = ArrayPreprocessor((4,))
    assert preprocessor.rows([0.1, -2, 3, 4]).shape == (1, 4)
    with pytest.raises(Refused, match=r"nan in row 1, at \[2\]"):
        preprocessor.rows([[1, 2, 3, 4], [1, 2, np.nan, 4]])
    with pytest.raises(Refused, match=r"\(examples, 4\)(?s:.*)\(2, 3\)"):
        preprocessor.rows(np.ones((2, 3)))
