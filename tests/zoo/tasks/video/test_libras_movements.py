import numpy as np

from seqzoo.tasks.video.dataset import load


def test_splits_hold_every_movement_and_no_film_twice(mini_data_dir):
    seen = []
    for split in ("train", "validation", "test"):
        films = list(load("mini", split, mini_data_dir).as_numpy_iterator())
        counts = np.bincount([label for _, label in films])
        assert len(counts) == 15 and counts.min() >= 10 if split == "train" else counts.tolist() == [4] * 15
        assert all(track.shape == (45, 2) and 0 <= track.min() and track.max() <= 1 for track, _ in films)
        seen += [track.tobytes() for track, _ in films]
    assert len(seen) == len(set(seen)) == 330
