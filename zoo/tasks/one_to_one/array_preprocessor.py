"""From images, or vectors, to arrays of one shape."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from seqzoo import door
from seqzoo.preprocessing.preprocessor import LabelPreprocessor
from seqzoo.wording import clipped

BRIGHTEST = 255


@keras.saving.register_keras_serializable("seqzoo")
class ArrayPreprocessor(LabelPreprocessor):
    """Arrays of one shape as they are; images from 0, black, to 255.

    Args:
        shape: of one of them: `(height, width, channels)` of images, `(features,)` of vectors.
        labels: the names of the labels.

    Example:

    >>> preprocessor = ArrayPreprocessor((28, 28, 1), 10)
    >>> preprocessor.rows(np.zeros((28, 28), "uint8")).shape
    (1, 28, 28, 1)
    """

    def __init__(self, shape: Sequence[int], labels: Any = ()):
        super().__init__(labels)
        self.shape = tuple(shape)

    @property
    def images(self) -> bool:
        """Whether the arrays are images."""
        return len(self.shape) == 3

    def rows(self, x: Any) -> np.ndarray:
        array = self._shaped(_as_array(x))
        door.finite(array, "brightness" if self.images else "features")
        if self.images and len(array) and array.dtype != np.uint8:
            self._check_range(array)
        return array

    def inputs(self, rows: np.ndarray) -> np.ndarray:
        return rows.astype("float32")

    def get_config(self) -> dict:
        return {**super().get_config(), "shape": list(self.shape)}

    def _shaped(self, array):
        shape = self.shape
        if array.shape == (0,):
            return np.zeros((0, *shape), "float32")
        if self.images and shape[-1] == 1 and array.shape[-2:] == shape[:2]:
            array = array[..., None]
        if array.shape == shape:
            array = array[None]
        if array.shape[1:] != shape or array.dtype.kind not in "biuf":
            raise door.Refused(
                f"numbers of shape {('examples', *shape)} or {shape}".replace("'", ""),
                f"shape {array.shape} of {array.dtype}",
                "bring all of them to this shape",
            )
        return array

    def _check_range(self, array):
        most, least = array.max(), array.min()
        if 0 <= least and (most > 1 or most == 0) and most <= BRIGHTEST:
            return
        raise door.Refused(
            f"images of brightness from 0 to {BRIGHTEST}",
            f"numbers from {least:g} to {most:g}",
            f"multiply by {BRIGHTEST}" if 0 <= least <= most <= 1 else "bring them to this range",
        )


def _as_array(x):
    try:
        array = np.asarray(door.from_tensor(x))
        return np.stack([np.asarray(each) for each in array]) if array.dtype == object else array
    except (ValueError, TypeError):
        raise door.Refused(
            "arrays of numbers, all of one shape", f"{clipped(repr(x))} ({type(x).__name__})", "give them one shape"
        ) from None
