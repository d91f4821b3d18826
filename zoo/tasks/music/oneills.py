"""The tunes of O'Neill's Music of Ireland in ABC notation, as a TFDS builder."""

import re

import numpy as np
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index
from seqzoo.datasets.package_index import Package
from seqzoo.datasets.splits import by_digest

PACKAGE = Package(
    name="music21",
    version="10.5.1",
    file="music21-10.5.1-py3-none-any.whl",
    sha256="dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1",
)
FILES = tuple(
    f"music21/corpus/oneills1850/{numbers}.abc"
    for numbers in (
        "0001-0050 0051-0100 0101-0200 0201-0300 0301-0350 0351-0400 0401-0486 0487-0500 0501-0550 "
        "0550-0625 0626-0635 0626-0700 0701-0720 0721-0730 0731-0731 0732-0758_bs 0732-0758_mh "
        "0759-0810 0811-0899 0900-0950 0951-0981 0981-1000 1001-1031 1031-1115 1116-1135_mh "
        "1116-1135_ml 1136-1175 1176-1275 1276-1375 1376-1475 1476-1555 1556-1576 1556-1624 "
        "1577-1624 1625-1700 1701-1780 1710-1750 1781-1800 1801-1850"
    ).split()
)
# The book puts its tunes in the order of their kinds: the last number of each.
SECTIONS = {"air": 696, "jig": 1116, "slip jig": 1175, "reel": 1555, "hornpipe": 1799, "march": 1850}
RHYTHMS = (*SECTIONS, "waltz")
# A line such as `L:1/8`; but `A:|` is a note and a repeat.
FIELD = re.compile(r"^([A-Za-z]):(?![|:])[ \t]*(.*)$", re.MULTILINE)
OPENING_STEPS = 12


class Oneills(tfds.core.GeneratorBasedBuilder):
    """2,008 Irish tunes in ABC notation, each with its rhythm.

    Features: `rhythm` (string, one of `RHYTHMS`), `tune` (string), `title` (string) and
    `number` (int64, the tune's in the book).

    `tune` is the tune's text from the metre on, see `parse`: the lines `M:`, `L:` and `K:`,
    then the notes. Of tunes that are equal to the letter, the first is kept.

    The split of a tune depends on nothing but how it begins, see `split_of`: variants of a
    tune that begin with the same melody, in whatever key, share a split.

    | split | tunes | characters |
    |---|---|---|
    | train | 1,584 | 390,824 |
    | validation | 217 | 54,471 |
    | test | 207 | 50,331 |

    Source: the package music21 10.5.1 of the Python package index, 20 MB, brought by
    `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = Oneills(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    >>> train = builder.as_dataset(split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Irish melodies of O'Neill's Music of Ireland (1903), transcribed into ABC "
                "notation by volunteers and collected by the corpus of music21."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "rhythm": tfds.features.Text(),
                    "tune": tfds.features.Text(),
                    "title": tfds.features.Text(),
                    "number": tfds.features.Scalar(np.int64),
                }
            ),
            supervised_keys=("rhythm", "tune"),
            homepage="https://www.music21.org",
            license="The melodies are in the public domain; music21, which holds the files, is BSD",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(PACKAGE, dl_manager.download_dir)
        splits = {"train": {}, "validation": {}, "test": {}}
        for file in FILES:
            for place, example in enumerate(parse(package_index.read(archive, file).decode("utf-8"))):
                splits[split_of(example["tune"])].setdefault(example["tune"], (f"{file}:{place}", example))
        return {name: iter(examples.values()) for name, examples in splits.items()}

    def _generate_examples(self, examples):
        yield from examples


def parse(book):
    r"""Reads the tunes of an ABC file.

    Of a tune's head stay metre, unit of length (ABC's default where there is none) and key.
    Of its body stay the notes with all their signs, and changes of key, metre and unit;
    comments, words in quotes, other fields and spaces beyond one are left out.

    Args:
        book: string, ABC.

    Returns:
        List of examples `{"number", "title", "rhythm", "tune"}`, in the file's order.

    Example:

    >>> (tune,) = parse('X: 1441\nT:The Swallow\nM:C|\nK:G\nGB  "tr"dB | cA G2 :| % end\n')
    >>> tune["rhythm"], tune["tune"]
    ('reel', 'M:C|\nL:1/8\nK:G\nGB dB | cA G2 :|\n')
    """
    examples = []
    for text in re.split(r"^(?=X:)", book.replace("\r", ""), flags=re.MULTILINE)[1:]:
        head, key, body = re.split(r"^K:(.*)\n", text, maxsplit=1, flags=re.MULTILINE)
        fields = {name: value.strip() for name, value in reversed(FIELD.findall(head))}  # the first of each
        number = int(re.match(r"\d+", fields["X"])[0])
        length = fields.get("L") or default_length(fields["M"])
        lines = [f"M:{fields['M']}", f"L:{length}", f"K:{key.split('%')[0].strip()}", *_music(body)]
        examples.append(
            {
                "number": number,
                "title": fields.get("T", ""),
                "rhythm": rhythm(fields.get("R", ""), number),
                "tune": "\n".join(lines) + "\n",
            }
        )
    return examples


def _music(body):
    """The lines of a tune's body, without what is not played."""
    body = re.sub(r'%.*|"[^"\n]*"|![^!\n]*!', "", body)
    body = FIELD.sub(lambda field: field[0] if field[1] in "KLM" else "", body)
    lines = (" ".join(line.split()) for line in body.splitlines())
    lines = [line for line in lines if line]
    return [*lines[:-1], lines[-1].removesuffix("\\").strip()]


def default_length(metre):
    """The unit of length that ABC takes for a metre without `L:`.

    Example:

    >>> default_length("2/4"), default_length("6/8"), default_length("C|")
    ('1/16', '1/8', '1/8')
    """
    beats, _, unit = {"C": "4/4", "C|": "2/2"}.get(metre, metre).partition("/")
    return "1/16" if int(beats) / int(unit) < 0.75 else "1/8"


def rhythm(written, number):
    """The rhythm that the transcriber wrote, or else that of the section of the book.

    Example:

    >>> rhythm("Double Jig", 700), rhythm("", 1200)
    ('jig', 'reel')
    """
    written = written.strip().lower().replace("double ", "").replace("slipjig", "slip jig")
    return written if written in RHYTHMS else next(r for r, last in SECTIONS.items() if number <= last)


def split_of(tune):
    """Names the split of a tune: 80 % train, 10 % validation, 10 % test.

    The sha256 of the first intervals of the melody decides.

    Example:

    >>> split_of("K:G\\nGABd edBA|G2") == split_of("K:D\\n|:DE F>A (BAFE)|D4")
    True
    """
    return by_digest(str(opening(tune)))


def opening(tune):
    """The first intervals of a melody in steps of the scale, grace notes left out.

    Example:

    >>> opening("K:G\\nGA{c}Bd' | A,2")
    [1, 1, 9, -17]
    """
    body = re.sub(r"\{[^}]*\}|^[A-Za-z]:(?![|:]).*$", "", tune, flags=re.MULTILINE)
    notes = re.findall(r"([A-Ga-g])([,']*)", body)[: OPENING_STEPS + 1]
    steps = ["CDEFGABcdefgab".index(n) + 7 * (marks.count("'") - marks.count(",")) for n, marks in notes]
    return [after - before for before, after in zip(steps, steps[1:])]


_CITATION = """\
@book{oneill1903music,
  title = {O'Neill's Music of Ireland: Eighteen Hundred and Fifty Melodies},
  author = {O'Neill, Francis and O'Neill, James},
  publisher = {Lyon and Healy},
  address = {Chicago},
  year = {1903}
}
@inproceedings{cuthbert2010music21,
  title = {music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data},
  author = {Cuthbert, Michael Scott and Ariza, Christopher},
  booktitle = {Proceedings of the 11th International Society for Music Information Retrieval Conference},
  year = {2010}
}"""
