"""Sounds as people have them, as arrays of one kind."""

import math
from typing import Any

import numpy as np

from seqzoo import door
from seqzoo.wording import clipped

MOST_CHANNELS = 8
LOUDEST = 1.5  # a sound that was resampled may overshoot 1 a little
SLOWEST = 1000  # samples in a second


def samples(x: Any, rate: int) -> list[np.ndarray]:
    """Sounds as samples from -1 to 1.

    Integers are scaled, as 8, 16 and 32 bits say; the channels of a sound are averaged. Zeros
    after a sound's end, as in a padded array, are left out.

    Args:
        x: a list of sounds, an array of them with zeros after their ends, or a single one. A
            sound has the shape `(samples,)` or `(samples, channels)`, or is a pair of it and
            its rate, in any order, as `scipy.io.wavfile.read` or `soundfile.read` gives it.
        rate: samples in a second.

    Returns:
        float32 of shape `(samples,)` for each sound.

    Raises:
        Refused: another rate, values out of range, or no sound.

    Example:

    >>> samples([np.array([0, 2**14, 0, 0], "int16"), (8000, [[0.1, 0.3]])], rate=8000)
    [array([0. , 0.5], dtype=float32), array([0.2], dtype=float32)]
    """
    return [_samples(value, row, rate) for row, value in enumerate(_listed(x, 1))]


def frames(x: Any, features: int | None = None) -> list[np.ndarray]:
    """Sounds as frames. Frames of zeros after a sound's end, as in a padded array, are left out.

    Args:
        x: a list of sounds, an array of them with zeros after their ends, or a single one, of
            shape `(time, features)`.
        features: how many; those of the first sound where None.

    Returns:
        float32 of shape `(time, features)` for each sound.

    Raises:
        Refused: another number of features, values that are not finite, or no frames.

    Example:

    >>> [sound.shape for sound in frames([np.ones((5, 3)), np.zeros((2, 3))])]
    [(5, 3), (0, 3)]
    """
    found = []
    for row, value in enumerate(_listed(x, 2)):
        found.append(_frames(value, row, features))
        features = found[-1].shape[1]
    return found


def rate_of(x: Any) -> int | None:
    """The rate that the first sound brings with it; None where there is none.

    >>> rate_of([(8000, np.zeros(3))])
    8000
    """
    x = _listed(x, 1)
    return _apart(x[0])[0] if x else None


def trim(sound: np.ndarray) -> np.ndarray:
    """A sound without the zeros after its end.

    >>> trim(np.array([0.0, 3.0, 0.0, 0.0]))
    array([0., 3.])
    """
    heard = np.flatnonzero(np.reshape(sound, (len(sound), -1)).any(axis=1)) if len(sound) else ()
    return sound[: heard[-1] + 1] if len(heard) else sound[:0]


def _listed(x, rank):
    """A list of sounds from whatever holds some, or from one sound of so many axes."""
    if _is_pair(x):
        return [x]
    if hasattr(x, "to_numpy"):  # pandas
        x = x.to_numpy(dtype=object)
    elif not isinstance(x, (list, tuple)):
        x = np.asarray(door.from_tensor(x))
    if isinstance(x, np.ndarray) and x.dtype == object:
        x = x.tolist()
    if isinstance(x, np.ndarray):
        channels = rank == 1 and x.ndim == 2 and x.shape[1] <= MOST_CHANNELS
        return [x] if x.ndim <= rank or channels else list(x)
    if not isinstance(x, (list, tuple)):
        return [x]
    of_arrays = any(len(getattr(value, "shape", ())) for value in x)
    return list(x) if not x or of_arrays or _depth(x) > rank else [x]


def _depth(x):
    """How many axes a sound, or a list of them, has."""
    if _is_pair(x):
        return 1 + _depth(_apart(x)[1])
    if isinstance(x, (list, tuple)):
        return 1 + max(map(_depth, x), default=0)
    return len(getattr(x, "shape", ()))


def _is_pair(x):
    return isinstance(x, tuple) and len(x) == 2 and _is_number(x[0]) != _is_number(x[1])


def _is_number(x):
    return isinstance(x, (int, float, np.number)) and not isinstance(x, bool)


def _apart(value):
    """The rate, None where none is given, and the sound."""
    if not _is_pair(value):
        return None, value
    rate, sound = value if _is_number(value[0]) else value[::-1]
    return (int(rate) if rate == int(rate) else float(rate)), sound


def _samples(value, row, rate):
    own_rate, value = _apart(value)
    if own_rate not in (None, rate):
        raise door.Refused(f"{rate} samples in a second", f"{own_rate} in row {row}", _how_to_resample(own_rate, rate))
    array = _numbers(value, row, "samples")
    if array.ndim == 2 and array.shape[0] <= MOST_CHANNELS < array.shape[1]:
        raise door.Refused(
            "samples of shape (samples,) or (samples, channels)",
            f"shape {array.shape} in row {row}",
            "turn it round: sound.T",
        )
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] > MOST_CHANNELS):
        raise door.Refused(
            "samples of shape (samples,) or (samples, channels)",
            f"shape {array.shape} in row {row}",
            "give the sound itself; a model of frames is made without a rate",
        )
    array = door.finite(_scaled(trim(array), row), "samples", row)
    loudest = float(np.abs(array).max(initial=0.0))
    if loudest > LOUDEST:
        raise door.Refused(
            "samples from -1 to 1",
            f"{loudest:g} in row {row}",
            "give the integers as they were recorded, or divide by the largest value of their kind, 32768 say",
        )
    return array.mean(axis=1) if array.ndim == 2 else array


def _scaled(array, row):
    """Samples as float32; integers over the largest of their kind."""
    kind, bits = array.dtype.kind, 8 * array.dtype.itemsize
    if kind == "f":
        return array.astype("float32")
    if kind not in "iu" or bits > 32:
        raise door.Refused(
            "samples as floats from -1 to 1, or as integers of 8, 16 or 32 bits",
            f"{array.dtype} in row {row}",
            'say how many bits they have: sound.astype("int16"), for example',
        )
    middle = 2 ** (bits - 1) if kind == "u" else 0
    return ((array.astype("float64") - middle) / 2 ** (bits - 1)).astype("float32")


def _frames(value, row, features):
    own_rate, value = _apart(value)
    array = _numbers(value, row, "frames")
    if array.shape == (0,):
        array = array.reshape(0, features or 0)
    if own_rate is not None or array.ndim != 2 or array.shape[1] != (features or array.shape[1]):
        rate = f" and a rate of {own_rate}" if own_rate is not None else ""
        raise door.Refused(
            f"frames of shape (time, {features or 'features'})",
            f"shape {array.shape}{rate} in row {row}",
            "give frames like the training sounds'; for samples name their rate when you create the model: rate=8000",
        )
    with np.errstate(over="ignore"):
        return door.finite(trim(array).astype("float32"), "frames", row)


def _numbers(value, row, what):
    try:
        array = np.asarray(door.from_tensor(value))
    except ValueError:  # lists of different lengths
        array = np.empty(1, object)
    if array.dtype.kind not in "fiu":
        raise door.Refused(
            f"numbers as {what}",
            f"{clipped(repr(value), 60)} ({type(value).__name__}) in row {row}",
            "leave the row out; read a file first: scipy.io.wavfile.read(file)",
        )
    return array


def _how_to_resample(own, rate):
    common = math.gcd(int(own), rate)
    return f"resample: scipy.signal.resample_poly(samples / 32768, {rate // common}, {int(own) // common}), for 16 bits"
