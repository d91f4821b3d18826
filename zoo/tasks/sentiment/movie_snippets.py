"""Movie review sentences with the mean of people's ratings, as a TFDS builder."""

import re

import numpy as np
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index
from seqzoo.datasets.package_index import Package
from seqzoo.datasets.splits import by_digest

PACKAGE = Package(
    name="vaderSentiment",
    version="3.3.2",
    file="vaderSentiment-3.3.2.tar.gz",
    sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
)
MEMBERS = (
    "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
    "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt",
)
LEXICON = "vaderSentiment-3.3.2/vaderSentiment/vader_lexicon.txt"
LEAST_RATING = 0.5


class MovieSnippets(tfds.core.GeneratorBasedBuilder):
    """10,041 sentences of movie reviews, negative or positive.

    Features: `text` (string), `label` (int64: 0 negative, 1 positive) and `rating`
    (float32 in [-4, 4], the mean of some 20 people's ratings).

    Kept are the sentences with |rating| > 0.5; the label is the rating's sign. Of
    sentences that are equal to the letter, the first is kept.

    The split of a sentence depends on nothing but its words, see `split_of`:

    | split | sentences |
    |---|---|
    | train | 8,090 |
    | validation | 972 |
    | test | 979 |

    Source: the package vaderSentiment 3.3.2 of the Python package index, 2.4 MB, brought
    by `seqzoo.datasets.package_index` into TFDS's download folder.

    Example:

    >>> builder = MovieSnippets(data_dir="data")  # doctest: +SKIP
    >>> builder.download_and_prepare()  # doctest: +SKIP
    >>> train = builder.as_dataset(split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Sentences from movie reviews on rotten.tomatoes.com, each rated by some 20 "
                "people from -4 (extremely negative) to 4 (extremely positive). The reviews "
                "are those of Pang and Lee (2004); the ratings were collected for VADER."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=["negative", "positive"]),
                    "rating": tfds.features.Scalar(np.float32),
                }
            ),
            supervised_keys=("text", "label"),
            homepage="https://github.com/cjhutto/vaderSentiment",
            license="MIT, as the package vaderSentiment that holds the file",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = package_index.fetch(PACKAGE, dl_manager.download_dir)
        examples = parse(package_index.read(archive, *MEMBERS).decode("utf-8"))
        splits = {"train": {}, "validation": {}, "test": {}}
        for key, example in examples.items():
            splits[split_of(example["text"])][key] = example
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, examples):
        yield from examples.items()


def parse(table):
    """Reads the table of sentences into labelled examples.

    Args:
        table: string, a line a sentence: id, mean rating and text between tabs.

    Returns:
        Dictionary from id to an example `{"text", "label", "rating"}`, in the table's
        order, without near-neutral sentences and without repetitions.

    Example:

    >>> parse("1\\t2.25\\tA gem.\\n2\\t-0.5\\tIt ends.\\n3\\t1.5\\tA gem.\\n")
    {'1': {'text': 'A gem.', 'label': 'positive', 'rating': 2.25}}
    """
    examples, seen = {}, set()
    for line in table.splitlines():
        key, rating, text = line.split("\t")
        rating = float(rating)
        if abs(rating) > LEAST_RATING and text not in seen:
            seen.add(text)
            label = "positive" if rating > 0 else "negative"
            examples[key] = {"text": text, "label": label, "rating": rating}
    return examples


def parse_lexicon(table):
    """Reads VADER's lexicon: how ten people rated single words, none of them in a sentence.

    Args:
        table: string, a line a word: the word, its mean rating and more between tabs.

    Returns:
        Dictionary from words in small letters to their mean ratings over 4, so from -1 to 1.
        Smileys and other words with signs in them are left out.

    Example:

    >>> parse_lexicon("gem\\t2.0\\t0.6\\t[...]\\n:-)\\t1.3\\t0.4\\t[...]\\n")
    {'gem': 0.5}
    """
    rows = (line.split("\t") for line in table.splitlines())
    return {word.lower(): float(rating) / 4 for word, rating, *_ in rows if word.isalpha()}


def split_of(text):
    """Names the split of a sentence: 80 % train, 10 % validation, 10 % test.

    The sha256 of the sentence's words decides, so the split stays the same whatever else
    the data holds, and sentences that differ only in case or punctuation share one.

    Example:

    >>> split_of("A gem!") == split_of("a  GEM")
    True
    """
    return by_digest(normalise(text))


def normalise(text):
    """Reduces a sentence to its words.

    Example:

    >>> normalise("...a pretentious MESS")
    'a pretentious mess'
    """
    return " ".join(re.findall(r"\w+", text.casefold()))


_CITATION = """\
@inproceedings{hutto2014vader,
  title = {{VADER}: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text},
  author = {Hutto, C. J. and Gilbert, Eric},
  booktitle = {Proceedings of the Eighth International AAAI Conference on Weblogs and Social Media},
  year = {2014}
}
@inproceedings{pang2004sentimental,
  title = {A Sentimental Education: Sentiment Analysis Using Subjectivity Summarization Based on Minimum Cuts},
  author = {Pang, Bo and Lee, Lillian},
  booktitle = {Proceedings of the 42nd Annual Meeting of the Association for Computational Linguistics},
  year = {2004}
}"""
