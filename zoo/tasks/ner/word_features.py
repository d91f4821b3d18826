"""What a word looks like, inside the model: its letters, its ends, its shape.

A name or a house number that the training split does not hold still looks like others that
it does. Every function here keeps the words of a text apart as whitespace does, one for one.
"""

import keras
import tensorflow as tf

from seqzoo.tasks import text


@keras.saving.register_keras_serializable("seqzoo")
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
    texts = tf.strings.regex_replace(texts, r"([\pL9])[^\pL9 ]+( |$)", r"\1\2")
    return tf.strings.regex_replace(texts, r"(^| )[^\pL9 ]+([\pL9])", r"\1\2")


@keras.saving.register_keras_serializable("seqzoo")
def beginnings(texts):
    """The first three letters of each of the `words`.

    Example:

    >>> beginnings(tf.constant("Boulevard 60601")).numpy()
    b'bou 999'
    """
    return tf.strings.regex_replace(words(texts), r"([^ ]{3})[^ ]+", r"\1")


@keras.saving.register_keras_serializable("seqzoo")
def endings(texts):
    """The last three letters of each of the `words`.

    Example:

    >>> endings(tf.constant("Springfield, 4th")).numpy()
    b'eld 9th'
    """
    return tf.strings.regex_replace(words(texts), r"[^ ]+([^ ]{3})", r"\1")


@keras.saving.register_keras_serializable("seqzoo")
def shapes(texts):
    """The shape of each word: A, AA or a for its letters, 9 for a digit, punctuation as it is.

    Example:

    >>> shapes(tf.constant("4B McArthur Blvd., CHICAGO IL 60601-1714")).numpy()
    b'9A AaAa Aa., AA AA 99999-9999'
    """
    texts = single_spaced(texts)
    texts = tf.strings.regex_replace(texts, r"[\p{Ll}\p{Lo}\p{Lm}]+", "a")
    texts = tf.strings.regex_replace(texts, r"[\p{Lu}\p{Lt}]{2,}", "AA")
    texts = tf.strings.regex_replace(texts, r"[\p{Lu}\p{Lt}]", "A")
    return tf.strings.regex_replace(texts, r"\pN", "9")


@keras.saving.register_keras_serializable("seqzoo")
def punctuation(texts):
    """The punctuation of each word around w, which stands for what is between.

    Example:

    >>> punctuation(tf.constant("(No. 35th St., 60601-1714 &")).numpy()
    b'(w. w w., w-w &'
    """
    return tf.strings.regex_replace(single_spaced(texts), r"[\pL\pN]+", "w")


def single_spaced(texts):
    """Leaves one space between words, and none around them.

    Example:

    >>> single_spaced(tf.constant(" 7  Elm\\n")).numpy()
    b'7 Elm'
    """
    return tf.strings.strip(tf.strings.regex_replace(texts, r"[\s\v]+", " "))


@keras.saving.register_keras_serializable("seqzoo")
class LetterGroups(keras.layers.Layer):
    """A vector for each word: the mean over its groups of two, three and four letters.

    The groups take in where the word begins and ends, and every digit is a 9. A group's
    vector stands in the row of a table that a hash of it names, so that no word is unknown.

    Reference: Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information".

    Args:
        size: of a vector.
        rows: of the table.
        **kwargs: as `keras.layers.Layer`.

    Input shape:
        texts: strings, `(batch,)`.

    Output shape:
        `(batch, words, size)`, zeros where a text has no more words.

    Example:

    >>> LetterGroups(8)(tf.constant(["7 Elm St", "Main St"])).shape
    TensorShape([2, 3, 8])
    """

    def __init__(self, size, rows=4096, **kwargs):
        super().__init__(**kwargs)
        self.size, self.rows = size, rows

    def build(self, input_shape):
        self.table = self.add_weight(shape=(self.rows, self.size), initializer="uniform", name="table")

    def call(self, texts):
        each = tf.strings.split(words(texts))
        letters = tf.strings.unicode_split(tf.strings.join(["<", each.flat_values, ">"]), "UTF-8")
        groups = tf.strings.ngrams(letters, (2, 3, 4), separator="")
        rows = tf.strings.to_hash_bucket_fast(groups, self.rows)
        vectors = tf.gather(tf.convert_to_tensor(self.table), rows.flat_values)
        means = tf.math.unsorted_segment_mean(vectors, rows.value_rowids(), rows.nrows())
        return each.with_values(means).to_tensor(shape=(None, None, self.size))

    def compute_output_spec(self, texts):
        return keras.KerasTensor((*texts.shape, None, self.size), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "rows": self.rows}


PARTS = {
    "word": words,
    "beginning": beginnings,
    "ending": endings,
    "shape": shapes,
    "punctuation": punctuation,
}


def feature_vectors(sentence, texts, size, word_dropout=0.0):
    """Adds the vectors of a sentence's words: of the word and of its looks.

    Args:
        sentence: Keras tensor of strings, shape `(batch,)`.
        texts: the training split's sentences, from which the words are learned.
        size: of the vector of each of the six: of the word, its beginning, its ending, its shape,
            its punctuation and its letters.
        word_dropout: fraction of words to hide in training, so that the others learn
            to stand for a word that is not known.

    Returns:
        Keras tensor of shape `(batch, words, 6 * size)` with a mask over the padding.

    Example:

    >>> feature_vectors(keras.Input((), dtype="string"), ["7 Elm St", "7 Oak St"], 8).shape
    (None, None, 48)
    """
    vectors = []
    for part, function in PARTS.items():
        known = text.learn_vocabulary(texts, function)
        ids = text.vectorization(known, function, name=f"{part}_ids")(sentence)
        embedding = keras.layers.Embedding(len(known) + 2, size, mask_zero=True, name=f"{part}_vectors")
        vectors.append(embedding(ids))
    vectors[0] = keras.layers.Dropout(word_dropout, (None, None, 1), name="word_dropout")(vectors[0])
    letters = LetterGroups(size, name="letter_vectors")(sentence)
    # Without a mask of its own it would unmask the others: Concatenate keeps what any of them keeps.
    vectors.append(keras.layers.Masking(name="letter_mask")(letters))
    return keras.layers.Concatenate(name="vectors")(vectors)
