"""Films drawn from tracks."""

import numpy as np


def draw(track: np.ndarray, size: int = 24, radius: float = 1.2, tail: int = 3) -> np.ndarray:
    """Draws a track as a film: a bright spot in each frame, with a fading tail.

    Args:
        track: array of shape `(time, 2)`, across and down from 0 to 1.
        size: pixels along each side of a frame.
        radius: of the spot, in pixels.
        tail: how many earlier places are still seen; each is half as bright as the one after.

    Returns:
        uint8 of shape `(time, size, size, 1)`, the first row the top one.

    Example:

    >>> film = draw(np.array([[0.0, 0.0], [1.0, 1.0]]), size=5, tail=0)
    >>> film.shape, film[:, 0, 0, 0].tolist(), film[:, 4, 4, 0].tolist()
    ((2, 5, 5, 1), [255, 0], [0, 255])
    """
    track = np.asarray(track, float) * (size - 1)
    pixels = np.arange(size)
    distance = (pixels - track[:, 0, None])[:, None] ** 2 + ((pixels - track[:, 1, None])[:, :, None]) ** 2
    spots = np.exp(-distance / (2 * (radius / 2) ** 2))
    film = spots.copy()
    for age in range(1, tail + 1):
        film[age:] = np.maximum(film[age:], 0.5**age * spots[:-age])
    return (255 * film).round().astype(np.uint8)[..., None]
