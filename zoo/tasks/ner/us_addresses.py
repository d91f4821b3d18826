"""United States addresses whose every word has a label, as a TFDS builder."""

import re
from xml.etree import ElementTree

import tensorflow_datasets as tfds

from seqzoo.datasets import package_index
from seqzoo.datasets.package_index import Package
from seqzoo.datasets.splits import by_digest

PACKAGE = Package(
    name="usaddress",
    version="0.5.16",
    file="usaddress-0.5.16.tar.gz",
    sha256="f7e614e2489c159cf85be1b6f86edbfaf329dbeedef4d002a025757afd1ec6c6",
)
MEMBER = "usaddress-0.5.16/training/labeled.xml"
LABELS = (
    "AddressNumberPrefix",
    "AddressNumber",
    "AddressNumberSuffix",
    "StreetNamePreModifier",
    "StreetNamePreDirectional",
    "StreetNamePreType",
    "StreetName",
    "StreetNamePostType",
    "StreetNamePostDirectional",
    "StreetNamePostModifier",
    "SubaddressType",
    "SubaddressIdentifier",
    "BuildingName",
    "OccupancyType",
    "OccupancyIdentifier",
    "CornerOf",
    "IntersectionSeparator",
    "LandmarkName",
    "PlaceName",
    "StateName",
    "ZipCode",
    "ZipPlus4",
    "CountryName",
    "USPSBoxType",
    "USPSBoxID",
    "USPSBoxGroupType",
    "USPSBoxGroupID",
    "Recipient",
    "NotAddress",
)


class UsAddresses(tfds.core.GeneratorBasedBuilder):
    """1,470 addresses, each token with one of 29 labels.

    Features: `tokens`, strings without whitespace, and `labels`, as many int64 into
    `LABELS`.

    Of addresses with the same words in the same order, whatever their case, punctuation and
    labels, the first is kept.

    The split of an address depends on nothing but its words, see `split_of`; addresses that
    differ only in their numbers share one:

    | split | addresses | tokens |
    |---|---|---|
    | train | 1,186 | 8,463 |
    | validation | 138 | 956 |
    | test | 146 | 989 |

    Source: the package usaddress 0.5.16 of the Python package index, 1.5 MB, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = UsAddresses(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    >>> train = builder.as_dataset(split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Addresses in the United States as people write them, with the parts of the "
                "United States Thoroughfare, Landmark, and Postal Address Data Standard that "
                "their words belong to, labelled by hand to train the parser usaddress."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "tokens": tfds.features.Sequence(tfds.features.Text()),
                    "labels": tfds.features.Sequence(tfds.features.ClassLabel(names=LABELS)),
                }
            ),
            supervised_keys=("tokens", "labels"),
            homepage="https://github.com/datamade/usaddress",
            license="MIT, as the package usaddress that holds the file",
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(PACKAGE, dl_manager.download_dir)
        splits = {"train": {}, "validation": {}, "test": {}}
        for key, example in parse(package_index.read(archive, MEMBER)).items():
            splits[split_of(example["tokens"])][key] = example
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, examples):
        yield from examples.items()


def parse(xml):
    """Reads the collection of addresses into labelled examples.

    A token is what one element holds, without the whitespace around it: its punctuation
    belongs to it.

    Args:
        xml: bytes or string, an element a token, its tag the label.

    Returns:
        Dictionary from an address's place in the collection to an example
        `{"tokens", "labels"}`, lists of strings, without repetitions.

    Raises:
        ValueError: a token is empty or holds whitespace.

    Example:

    >>> parse("<A><S><AddressNumber>7</AddressNumber> <StreetName>Elm,</StreetName></S></A>")
    {0: {'tokens': ['7', 'Elm,'], 'labels': ['AddressNumber', 'StreetName']}}
    """
    examples, seen = {}, set()
    for key, address in enumerate(ElementTree.fromstring(xml)):
        tokens = [(element.text or "").strip() for element in address]
        if any(len(token.split()) != 1 for token in tokens):
            raise ValueError(
                f"Expected one word in each element. Received: {tokens} as address {key}. "
                "Check the version of the package."
            )
        if tokens and normalise(tokens) not in seen:
            seen.add(normalise(tokens))
            examples[key] = {"tokens": tokens, "labels": [element.tag for element in address]}
    return examples


def split_of(tokens):
    """Names the split of an address: 80 % train, 10 % validation, 10 % test.

    The sha256 of its words decides, with 0 for every number, so the split stays the same
    whatever else the data holds, and two houses of one street share one.

    Example:

    >>> split_of(["12", "Elm", "St.,"]) == split_of(["9007", "elm", "st"])
    True
    """
    words = re.sub(r"\d+", "0", normalise(tokens))
    return by_digest(words)


def normalise(tokens):
    """Reduces an address to its words.

    Example:

    >>> normalise(["12", "Elm", "ST.,"])
    '12 elm st'
    """
    return " ".join(re.findall(r"\w+", " ".join(tokens).casefold()))
