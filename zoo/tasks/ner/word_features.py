"""What a word looks like: its letters, its ends, its shape.

A name or a house number that the training split does not hold still looks like others that
it does. Every function here keeps the words of a text apart as whitespace does, one for one.
"""

import tensorflow as tf

from seqzoo.preprocessing.text import APOSTROPHES, MARKS

LETTER = rf"[^ {MARKS}][{MARKS}]*"  # or any other sign, with its marks


def words(texts):
    """Lower-cases words, writes 9 for every digit and takes punctuation off their ends.

    What holds nothing but punctuation stays.

    Args:
        texts: string tensor of any shape.

    Returns:
        String tensor of the same shape, words between single spaces.

    Example:

    >>> words(tf.constant("(No. 35th  St., & U.S.)")).numpy()
    b'no 99th st & u.s'
    """
    texts = tf.strings.lower(single_spaced(texts), encoding="utf-8")
    texts = tf.strings.regex_replace(texts, r"\pN", "9")
    texts = tf.strings.regex_replace(texts, rf"([\pL9{MARKS}])[^\pL9 {MARKS}]+( |$)", r"\1\2")
    return tf.strings.regex_replace(texts, r"(^| )[^\pL9 ]+([\pL9])", r"\1\2")


def beginnings(texts):
    """The first three letters of each of the `words`.

    Example:

    >>> beginnings(tf.constant("Boulevard 60601")).numpy()
    b'bou 999'
    """
    return tf.strings.regex_replace(words(texts), rf"((?:{LETTER}){{3}})[^ {MARKS}][^ ]*", r"\1")


def endings(texts):
    """The last three letters of each of the `words`.

    Example:

    >>> endings(tf.constant("Springfield, 4th")).numpy()
    b'eld 9th'
    """
    return tf.strings.regex_replace(words(texts), rf"[^ ]+((?:{LETTER}){{3}})", r"\1")


def shapes(texts):
    """The shape of each word: A, AA or a for its letters, 9 for a digit, punctuation as it is.

    Example:

    >>> shapes(tf.constant("4B McArthur Blvd., CHICAGO IL 60601-1714")).numpy()
    b'9A AaAa Aa., AA AA 99999-9999'
    """
    texts = single_spaced(texts)
    texts = tf.strings.regex_replace(texts, rf"(?:[\p{{Ll}}\p{{Lo}}\p{{Lm}}][{MARKS}]*)+", "a")
    texts = tf.strings.regex_replace(texts, rf"(?:[\p{{Lu}}\p{{Lt}}][{MARKS}]*){{2,}}", "AA")
    texts = tf.strings.regex_replace(texts, rf"[\p{{Lu}}\p{{Lt}}][{MARKS}]*", "A")
    return tf.strings.regex_replace(texts, r"\pN", "9")


def punctuation(texts):
    """The punctuation of each word around w, which stands for what is between.

    Example:

    >>> punctuation(tf.constant("(No. 35th St., 60601-1714 &")).numpy()
    b'(w. w w., w-w &'
    """
    return tf.strings.regex_replace(single_spaced(texts), rf"[\pL\pN][\pL\pN{MARKS}]*", "w")


def single_spaced(texts):
    """Leaves one space between words, and none around them; makes apostrophes straight.

    Example:

    >>> single_spaced(tf.constant(" 7  Elm\\n")).numpy()
    b'7 Elm'
    """
    texts = tf.strings.regex_replace(texts, APOSTROPHES, "'")
    return tf.strings.strip(tf.strings.regex_replace(texts, r"[\s\v]+", " "))


PARTS = {
    "word": words,
    "beginning": beginnings,
    "ending": endings,
    "shape": shapes,
    "punctuation": punctuation,
}
