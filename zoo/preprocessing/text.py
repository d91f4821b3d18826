"""From texts to words."""

import collections

import numpy as np
import tensorflow as tf

NOT_A_WORD = r"[^\pL\pN'!?]+"
LONG_WORD = r"([\pL\pN']{5})[\pL\pN']+"


def standardize(texts):
    """Lower-cases texts and leaves words, ! and ? between single spaces.

    Args:
        texts: string tensor of any shape.

    Returns:
        String tensor of the same shape.

    Example:

    >>> standardize(tf.constant("A  GEM -- isn't it?")).numpy()
    b"a gem isn't it ?"
    """
    texts = tf.strings.lower(texts, encoding="utf-8")
    texts = tf.strings.regex_replace(texts, NOT_A_WORD, " ")
    texts = tf.strings.regex_replace(texts, "([!?])", r" \1 ")
    return tf.strings.strip(tf.strings.regex_replace(texts, " +", " "))


def stems(texts):
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
    return tf.strings.regex_replace(standardize(texts), LONG_WORD, r"\1")


def split(texts: np.ndarray, standardize=standardize) -> list[list[str]]:
    """The words of texts.

    Args:
        texts: strings of shape `(batch,)`.
        standardize: `standardize` for words, `stems` for their beginnings.

    Example:

    >>> split(np.array(["A gem!", ""], object), stems)
    [['a', 'gem', '!'], []]
    """
    spaced = standardize(tf.constant(texts, tf.string)).numpy()
    return [text.decode("utf-8").split() for text in spaced]


def count_words(text):
    """The number of words of one text, int32.

    Example:

    >>> int(count_words(tf.constant("A gem!")))
    3
    """
    return tf.size(tf.strings.split(standardize(text)))


def first_words(text, most):
    """The text as it is, or its first standardised words where it has more than `most`.

    Example:

    >>> first_words(tf.constant("A  GEM of a film!"), 3).numpy()
    b'a gem of'
    """
    words = tf.strings.split(standardize(text))
    return tf.where(tf.size(words) > most, tf.strings.reduce_join(words[:most], separator=" "), text)


def learn_vocabulary(texts, standardize=standardize, min_count=2, most=30_000):
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
        ValueError: the texts hold no word.

    Example:

    >>> learn_vocabulary(["good film", "a good film", "bad"])
    ['film', 'good']
    """
    if not isinstance(texts, tf.data.Dataset):
        texts = tf.data.Dataset.from_tensor_slices(list(texts))
    counts = collections.Counter()
    for batch in texts.batch(1024):
        counts.update(tf.strings.split(standardize(batch)).flat_values.numpy().tolist())
    if not counts:
        raise ValueError(
            "Expected texts to learn words from. Received: no text, or none with a word in it. "
            "Give the sentences that the model will be trained on."
        )
    words = [word for word, n in counts.items() if n >= min_count] or list(counts)
    words.sort(key=lambda word: (-counts[word], word))
    return [word.decode("utf-8") for word in words[:most]]
