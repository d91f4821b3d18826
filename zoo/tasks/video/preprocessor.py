"""From films of different lengths, as tracks or as frames, to arrays of one length."""

from typing import Any

import keras
import numpy as np

from seqzoo import door
from seqzoo.preprocessing.preprocessor import LabelPreprocessor, lengths_of, pad
from seqzoo.wording import shorten

ABSENT = -1.0  # both coordinates of a track's frame that is padding


class FilmPreprocessor(LabelPreprocessor):
    """What tracks and frames share: films one by one, checked, and filled up at their ends.

    Args:
        shape: of a film, beginning with None for its time.
        labels: the names of the labels.
    """

    padding: float
    axes: tuple[str, ...]

    def __init__(self, shape: tuple, labels: Any = ()):
        super().__init__(labels)
        self.shape = shape

    def rows(self, x: Any) -> list[np.ndarray]:
        films = [self._film(film, row) for row, film in enumerate(self._listed(x))]
        for row, film in enumerate(films):
            self.check(film, row)
        return films

    def check(self, film: np.ndarray, row: int) -> None:
        """Refuses a film that holds other numbers than the task's."""
        raise NotImplementedError

    def inputs(self, rows: list[np.ndarray]) -> np.ndarray:
        return pad(rows, self.padding, "float32")

    def lengths(self, rows: list[np.ndarray], targets: Any = None) -> np.ndarray:
        return lengths_of(rows)

    def require(self, right: np.ndarray, film: np.ndarray, row: int, expected: str, to_do: str) -> None:
        """Refuses a film where something is not right, and names the first place."""
        if not right.all():
            place = tuple(np.argwhere(~right)[0])
            where = ", ".join(f"{axis} {i}" for axis, i in zip(self.axes, place))
            raise door.Refused(expected, f"{film[place]} in row {row}, {where}", to_do)

    def _listed(self, x):
        """Films one by one; a single film as a list of one."""
        rank = len(self.shape)
        x = x.to_list() if hasattr(x, "to_list") else x  # pandas, ragged tensors
        if not isinstance(x, (list, tuple)):
            x = _array(x)
            return [x] if x.ndim in (0, rank) else list(x)
        return [x] if x and all(_array(part).ndim == rank - 1 for part in x) else x

    def _film(self, values, row):
        film = _array(values)
        numbers = film.dtype.kind in "biuf"
        if not numbers or film.ndim != len(self.shape) or film.shape[1:] != self.shape[1:]:
            sizes = ", ".join(map(str, self.shape[1:]))
            received = f"shape {film.shape}" if numbers else shorten(repr(values), 60)
            raise door.Refused(
                f"a film of shape (time, {sizes}) in every row",
                f"{received} in row {row}",
                "give films of this shape, or name that of yours when you create the model: shape=(None, ...)",
            )
        return film if film.dtype == "uint8" else film.astype("float32")


@keras.saving.register_keras_serializable("seqzoo")
class TrackPreprocessor(FilmPreprocessor):
    """Tracks ↔ places from 0 to 1, filled up with −1.

    Args:
        labels: the names of the labels.

    Example:

    >>> preprocessor = TrackPreprocessor(["left", "right"])
    >>> preprocessor.inputs(preprocessor.rows([[[0.5, 0.25], [1, 0.25]], [[0, 0.75]]]))
    array([[[ 0.5 ,  0.25],
            [ 1.  ,  0.25]],
           [[ 0.  ,  0.75],
            [-1.  , -1.  ]]], dtype=float32)
    """

    padding = ABSENT
    axes = ("frame", "coordinate")

    def __init__(self, labels: Any = ()):
        super().__init__((None, 2), labels)

    def check(self, film: np.ndarray, row: int) -> None:
        self.require(
            np.isfinite(film), film, row, "finite numbers as places", "leave the row out, or fill in what is missing"
        )
        absent = (film == ABSENT).all(axis=-1, keepdims=True)
        self.require(
            ((film >= 0) & (film <= 1)) | absent,
            film,
            row,
            "places from 0 to 1, or -1 twice for padding",
            "divide pixels by the picture's width and height",
        )
        last = np.flatnonzero(~absent).max(initial=-1)
        self.require(
            ~absent | (np.arange(len(film)) > last)[:, None],
            film,
            row,
            "padding after the last place of a track alone",
            "leave out frames without a place, or fill in what is missing",
        )


@keras.saving.register_keras_serializable("seqzoo")
class FramePreprocessor(FilmPreprocessor):
    """Films ↔ frames from 0 to 255, filled up with black ones.

    Args:
        shape: of a frame: height, width and channels.
        labels: the names of the labels.

    Example:

    >>> preprocessor = FramePreprocessor((8, 8, 1), ["left", "right"])
    >>> films = [np.full((time, 8, 8, 1), 255) for time in (5, 3)]
    >>> preprocessor.inputs(preprocessor.rows(films)).shape
    (2, 5, 8, 8, 1)
    """

    padding = 0.0
    right_padded = False  # a film may have black frames of its own, which are masked too
    axes = ("frame", "row", "column", "channel")

    def __init__(self, shape: Any, labels: Any = ()):
        super().__init__((None, *shape), labels)

    def check(self, film: np.ndarray, row: int) -> None:
        if film.dtype == "uint8":
            return
        brightest = film.max(initial=0)
        if 0 < brightest <= 1:
            raise door.Refused(
                "frames from 0 to 255", f"a film of at most {brightest:g} in row {row}", "multiply by 255"
            )
        self.require(
            np.isfinite(film), film, row, "finite numbers as frames", "leave the row out, or fill in what is missing"
        )
        self.require((film >= 0) & (film <= 255), film, row, "frames from 0 to 255", "bring them into this range")

    def get_config(self) -> dict:
        return {**super().get_config(), "shape": list(self.shape[1:])}


def _array(values):
    """An array of the values; one of objects where they are of different lengths."""
    try:
        return np.asarray(door.from_tensor(values))
    except ValueError:
        return np.array(None)
