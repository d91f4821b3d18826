"""From sentences to word ids, inside the model."""

import collections

import keras
import numpy as np
import tensorflow as tf

APOSTROPHES = "[‘’ʼ＇]"
LINE_BREAK = r"(?i)<br\s*/?>"
INVISIBLE = r"[\x{ad}\x{fe0e}\x{fe0f}]"  # a place to hyphenate; how an emoji is drawn
# A letter's accents and vowel signs, and what keeps it apart from the next one or joins it.
MARKS = r"\pM\x{200c}\x{200d}"
LONE_MARKS = rf"(^|[^\pL\pN{MARKS}])[{MARKS}]+"
NOT_A_WORD = rf"[^\pL\pN{MARKS}'!?]+"
LONG_WORD = rf"((?:[\pL\pN'][{MARKS}]*){{5}})[\pL\pN'][\pL\pN{MARKS}']*"


@keras.saving.register_keras_serializable("seqzoo")
def standardize(texts):
    """Lower-cases texts and leaves words, ! and ? between single spaces.

    Accents and vowel signs belong to their letters, a curly apostrophe is a straight one, and
    `<br />` is a space. Texts are not normalised: "é" as one character and as two are two
    words, so bring texts of several sources to one form first, with `unicodedata.normalize`.

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


@keras.saving.register_keras_serializable("seqzoo")
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


def vectorization(vocabulary, standardize=standardize, name="word_ids"):
    """The layer from texts to ids: 0 is padding, 1 an unknown word.

    Args:
        vocabulary: list of standardised words, without repetitions.
        standardize: the function that made them, `standardize` or `stems`.
        name: the layer's name.

    Returns:
        `keras.layers.TextVectorization`; it saves its words with the model.

    Example:

    >>> vectorization(["good", "film"])(tf.constant(["Good old film!"])).numpy()
    array([[2, 1, 3, 1]])
    """
    return keras.layers.TextVectorization(standardize=standardize, vocabulary=vocabulary, name=name)


def word_vectors(sentence, texts, size, ratings=None):
    """Adds the vectors of a sentence's words: one of the word plus one of its stem.

    Args:
        sentence: Keras tensor of strings, shape `(batch,)`.
        texts: the training split's sentences, from which words and stems are learned.
        size: of a vector.
        ratings: dictionary from standardised words to numbers. Where there is one, each word
            gets a third vector: a trained one, times the word's number, 0 for other words.

    Returns:
        Keras tensor of shape `(batch, words, size)` with a mask over the padding.

    Example:

    >>> word_vectors(keras.Input((), dtype="string"), ["a good film"], 8).shape
    (None, None, 8)
    """
    vectors = []
    for part, function in (("word", standardize), ("stem", stems)):
        known = learn_vocabulary(texts, function)
        ids = vectorization(known, function, name=f"{part}_ids")(sentence)
        embedding = keras.layers.Embedding(len(known) + 2, size, mask_zero=True, name=f"{part}_vectors")
        vectors.append(embedding(ids))
    if ratings:
        known = sorted(ratings)
        ids = vectorization(known, name="rated_ids")(sentence)
        numbers = np.array([[0.0], [0.0], *([ratings[word]] for word in known)])
        rating = keras.layers.Embedding(
            len(numbers), 1, weights=[numbers], trainable=False, mask_zero=True, name="ratings"
        )(ids)
        wide = keras.initializers.RandomNormal(stddev=0.3)
        vectors.append(keras.layers.Dense(size, use_bias=False, kernel_initializer=wide, name="rating_vector")(rating))
    return keras.layers.Add(name="vectors")(vectors)
