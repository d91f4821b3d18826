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
WHITE_SPACE = r"[\s\v\pZ\x{1c}-\x{1f}\x{85}]+"  # Unicode's, as `str.split` has it
# A letter's accents and vowel signs, and what keeps it apart from the next one or joins it.
MARKS = r"\pM\x{200c}\x{200d}"
LONE_MARKS = rf"(^|[^\pL\pN{MARKS}])[{MARKS}]+"
NOT_A_WORD = rf"[^\pL\pN{MARKS}'!?]+"
BETWEEN, END_OF_TEXT = "_", "."  # of a bigram's words, and after the last one: neither is in a word
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


def bigrams(texts: Any) -> tf.Tensor:
    """Standardises texts and leaves each word with the one after it; a text's last word is followed by a full stop.

    Args:
        texts: string tensor of shape `(texts,)`.

    Returns:
        String tensor of the same shape, with as many bigrams as `standardize` gives words.

    Example:

    >>> bigrams(tf.constant(["Not good!"])).numpy().tolist()
    [b'not_good good_! !_.']
    """
    words = tf.strings.split(standardize(texts))
    ends = tf.fill((words.nrows(), 1), END_OF_TEXT)
    found = tf.strings.ngrams(tf.concat([words, ends], axis=1), 2, BETWEEN)
    return tf.strings.reduce_join(found, axis=-1, separator=" ")


def bigrams_of(words: list[list[str]]) -> list[list[str]]:
    """What `split(texts, bigrams)` gives, from the words that `split(texts)` gives.

    Example:

    >>> bigrams_of(split(["Not good!", ""]))
    [['not_good', 'good_!', '!_.'], []]
    """
    return [[f"{a}{BETWEEN}{b}" for a, b in zip(row, [*row[1:], END_OF_TEXT])] for row in words]


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


def count_words(texts: Any) -> tf.Tensor:
    """The number of words of each text, int32 of the texts' shape.

    Example:

    >>> count_words(tf.constant(["A gem!", ""])).numpy()
    array([3, 0], dtype=int32)
    """
    spaced = standardize(texts)
    spaces = tf.strings.length(spaced) - tf.strings.length(tf.strings.regex_replace(spaced, " ", ""))
    return tf.where(tf.equal(spaced, ""), 0, spaces + 1)


def cut(text: Any, most: int, keep: str = "last") -> tf.Tensor:
    """The text as it is, or its first or last standardised words where it has more than `most`.

    Args:
        text: string tensor of shape `()`.
        most: how many words to keep.
        keep: `"first"` or `"last"`.

    Example:

    >>> cut(tf.constant("A  GEM of a film!"), 3, "first").numpy()
    b'a gem of'
    """
    words = tf.strings.split(standardize(text))
    kept = words[:most] if keep == "first" else words[-most:]
    return tf.where(tf.size(words) > most, tf.strings.reduce_join(kept, separator=" "), text)


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
        standardize: `standardize` for words, `stems` for their beginnings, `bigrams` for two words together.
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
    counts = collections.Counter(word for row in split(door.texts(texts), standardize) for word in row)
    if not counts:
        raise door.Refused(
            "texts to learn words from",
            "no text, or none with a word in it",
            "give the sentences that the model will be trained on",
        )
    words = [word for word, n in counts.items() if n >= min_count] or list(counts)
    return sorted(words, key=lambda word: (-counts[word], word))[:most]
