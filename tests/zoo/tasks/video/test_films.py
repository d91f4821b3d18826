import numpy as np

from seqzoo.tasks.video import films


def test_the_spot_is_where_the_hand_is():
    track = np.array([[0.0, 0.0], [0.5, 1.0], [1.0, 0.25]])
    film = films.draw(track, size=9, tail=0)[..., 0]
    assert [np.unravel_index(frame.argmax(), frame.shape) for frame in film] == [(0, 0), (8, 4), (2, 8)]


def test_the_tail_fades():
    film = films.draw(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]), size=9, tail=2)[..., 0]
    assert film[:, 0, 0].tolist() == [255, 128, 64]
