"""From texts to words."""

import collections
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from seqzoo import door

APOSTROPHES = "[‘’ʼ＇]"
LINE_BREAK = r"(?i)<br\s*/?>"
INVISIBLE = r"[\x{ad}\x{fe0e}\x{fe0f}]"  # a place to hyphenate; how an emoji is drawn
# A letter's accents and vowel signs, and what keeps it apart from the next one or joins it.
MARKS = r"\pM\x{200c}\x{200d}"
LONE_MARKS = rf"(^|[^\pL\pN{MARKS}])[{MARKS}]+"
NOT_A_WORD = rf"[^\pL\pN{MARKS}'!?]+"
LONG_WORD = rf"((?:[\pL\pN'][{MARKS}]*){{5}})[\pL\pN'][\pL\pN{MARKS}']*"


def standardize(texts: Any) -> tf.Tensor:
    """Lower-cases texts and leaves words, ! and ? between single spaces.

    Accents and vowel signs belong to their letters, a curly apostrophe is a straight one, and
    `<br />` is a space. Texts are not normalised here, but in `split`.

    Args:
        texts: string tensor of any shape.

    Returns:
        String tensor of the same shape.

    Example:

    >>> standardize(tf.constant("A  GEM -- isn't it?")).numpy()
    b"a gem isn't it ?"
    """
    texts = tf.strings.lower(texts, encoding="utf-8")
    texts = tf.strings.regex_replace(texts, LINE_BREAK, " ")
    texts = tf.strings.regex_replace(texts, APOSTROPHES, "'")
    texts = tf.strings.regex_replace(texts, INVISIBLE, "")
    texts = tf.strings.regex_replace(texts, LONE_MARKS, r"\1")
    texts = tf.strings.regex_replace(texts, NOT_A_WORD, " ")
    texts = tf.strings.regex_replace(texts, "([!?])", r" \1 ")
    return tf.strings.strip(tf.strings.regex_replace(texts, " +", " "))


def stems(texts: Any) -> tf.Tensor:
    """Standardises texts and leaves the first five letters of each word.

    Words that the training split does not hold often share them with words that it does.

    Args:
        texts: string tensor of any shape.

    Returns:
        String tensor of the same shape, with as many words as `standardize` gives.

    Example:

    >>> stems(tf.constant("Boring, bored: a boredom!")).numpy()
    b'borin bored a bored !'
    """
    return _beginnings(standardize(texts))


def stems_of(words: list[list[str]]) -> list[list[str]]:
    """What `split(texts, stems)` gives, from the words that `split(texts)` gives.

    Example:

    >>> stems_of(split(["Boring, bored!"]))
    [['borin', 'bored', '!']]
    """
    return _words_of(_beginnings(tf.constant([" ".join(row) for row in words], tf.string)))


def _beginnings(spaced):
    return tf.strings.regex_replace(spaced, LONG_WORD, r"\1")


def _words_of(spaced):
    return [text.decode("utf-8").split() for text in spaced.numpy()]


def split(texts: Iterable[str], standardize: Callable = standardize) -> list[list[str]]:
    """The words of texts. An accent is part of its letter, however it was written (Unicode's NFC).

    Args:
        texts: Python strings, shape `(batch,)`.
        standardize: `standardize` for words, `stems` for their beginnings.

    Example:

    >>> split(["A gem!", ""], stems)
    [['a', 'gem', '!'], []]
    """
    composed = [unicodedata.normalize("NFC", text) for text in texts]
    return _words_of(standardize(tf.constant(composed, tf.string)))


def count_words(text: Any) -> tf.Tensor:
    """The number of words of one text, int32.

    Example:

    >>> int(count_words(tf.constant("A gem!")))
    3
    """
    return tf.size(tf.strings.split(standardize(text)))


def first_words(text: Any, most: int) -> tf.Tensor:
    """The text as it is, or its first standardised words where it has more than `most`.

    Example:

    >>> first_words(tf.constant("A  GEM of a film!"), 3).numpy()
    b'a gem of'
    """
    words = tf.strings.split(standardize(text))
    return tf.where(tf.size(words) > most, tf.strings.reduce_join(words[:most], separator=" "), text)


def learn_vocabulary(
    texts: Iterable[str] | tf.data.Dataset,
    standardize: Callable = standardize,
    min_count: int = 2,
    most: int = 30_000,
) -> list[str]:
    """The words of a training split, the most frequent first.

    Words below `min_count` are left out, so that the id of unknown words is trained too;
    but texts in which no word occurs so often keep all of theirs.

    Args:
        texts: iterable of strings, or a `tf.data.Dataset` of strings.
        standardize: `standardize` for words, `stems` for their beginnings.
        min_count: how often a word must occur to be kept.
        most: how many words to keep.

    Returns:
        List of strings; words of equal frequency in the order of the alphabet.

    Raises:
        Refused: the texts hold no word, or one of them is no text.

    Example:

    >>> learn_vocabulary(["good film", "a good film", "bad"])
    ['film', 'good']
    """
    if isinstance(texts, tf.data.Dataset):
        texts = texts.as_numpy_iterator()
    counts = collections.Counter(word for row in split(door.texts(list(texts)), standardize) for word in row)
    if not counts:
        raise door.Refused(
            "texts to learn words from",
            "no text, or none with a word in it",
            "give the sentences that the model will be trained on",
        )
    words = [word for word, n in counts.items() if n >= min_count] or list(counts)
    return sorted(words, key=lambda word: (-counts[word], word))[:most]
