"""From text to pieces and back: words and punctuation, and letters where a word is not known."""

import collections

import keras
import tensorflow as tf

PADDING, UNKNOWN, START, END = range(4)
SPACE = "▁"
WORD = rf"{SPACE}?(?:[\pL\pM\pN]+|[^\pL\pM\pN{SPACE}])|{SPACE}"


def split_words(texts):
    """Splits texts into words and punctuation marks; ▁ stands for the space before them.

    Joined again, the parts are the text.

    Args:
        texts: string tensor of shape `(batch,)`.

    Returns:
        `tf.RaggedTensor` of strings, `(batch, words)`.

    Example:

    >>> print(b" ".join(split_words(tf.constant(["super-héros (tête)"]))[0].numpy()).decode())
    ▁super - héros ▁( tête )
    """
    texts = tf.strings.regex_replace(texts, rf"[\s\pZ{SPACE}]+", SPACE)
    texts = tf.strings.regex_replace(texts, f"^{SPACE}?(.*?){SPACE}?$", rf"{SPACE}\1")
    texts = tf.strings.regex_replace(texts, f"^{SPACE}$", "")
    return tf.strings.split(tf.strings.regex_replace(texts, WORD, r"\0 "))


def join_pieces(pieces):
    """Puts pieces together again.

    Args:
        pieces: string tensor of shape `(batch, pieces)`.

    Returns:
        Strings of shape `(batch,)`.

    Example:

    >>> print(join_pieces(tf.constant([["▁super", "-", "h", "é", "ros"]]))[0].numpy().decode())
    super-héros
    """
    joined = tf.strings.reduce_join(pieces, axis=-1)
    return tf.strings.strip(tf.strings.regex_replace(joined, SPACE, " "))


def lower(texts):
    """Texts in lower case, of any alphabet.

    >>> print(lower(tf.constant("ÉTÉ")).numpy().decode())
    été
    """
    return tf.strings.lower(texts, encoding="utf-8")


def learn_pieces(texts, lower_case=False, min_count=2, most=30_000):
    """The words of a training split, the most frequent first, then all of its letters.

    Words below `min_count` are left out: they are what the letters are trained on.

    Args:
        texts: iterable of strings, or a `tf.data.Dataset` of strings.
        lower_case: whether upper and lower case are the same.
        min_count: how often a word must occur to be kept whole.
        most: how many words to keep.

    Returns:
        List of strings, without repetitions.

    Raises:
        ValueError: the texts hold no word.

    Example:

    >>> learn_pieces(["oh no", "oh"])
    ['▁oh', 'h', 'n', 'o', '▁']
    """
    if not isinstance(texts, tf.data.Dataset):
        texts = tf.data.Dataset.from_tensor_slices(list(texts))
    counts = collections.Counter()
    for batch in texts.batch(1024):
        words = split_words(lower(batch) if lower_case else batch)
        counts.update(word.decode("utf-8") for word in words.flat_values.numpy())
    if not set(counts) - {SPACE}:
        raise ValueError(
            "Expected texts to learn words from. Received: no text, or none with a word in it. "
            "Give the sentences that the model will be trained on."
        )
    words = sorted((word for word, n in counts.items() if n >= min_count), key=lambda w: (-counts[w], w))
    letters = sorted({letter for word in counts for letter in word})
    return list(dict.fromkeys(words[:most] + letters))


@keras.saving.register_keras_serializable("seqzoo")
class Pieces(keras.layers.Layer):
    """The layer from texts to ids of pieces, and back.

    A word that it knows is one piece; any other is spelled, a piece a letter, so that no word
    is unknown (Luong and Manning 2016 go the same way). A letter that the training split does
    not have is unknown. Ids: 0 padding, 1 unknown, 2 start, 3 end, then the pieces.

    Args:
        vocabulary: list of pieces, as `learn_pieces` makes it.
        lower_case: whether texts are lower-cased first.

    Call arguments:
        texts: strings of shape `(batch,)`.

    Output shape:
        int32 ids `(batch, pieces)`, every row closed with 3 and padded with 0.

    Example:

    >>> pieces = Pieces(["▁oh", "h", "n", "o", "▁"])
    >>> ids = pieces(tf.constant(["oh no", "oh"]))
    >>> ids.numpy()
    array([[4, 8, 6, 7, 3], [4, 3, 0, 0, 0]], dtype=int32)
    >>> pieces.texts(ids).numpy()
    array([b'oh no', b'oh'], dtype=object)
    """

    def __init__(self, vocabulary, lower_case=False, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.lower_case = lower_case
        self.ids = keras.layers.StringLookup(
            vocabulary=["[START]", "[END]", *self.vocabulary], mask_token="", oov_token="[UNK]"
        )
        self.supports_jit = False

    @property
    def size(self):
        """How many ids there are."""
        return END + 1 + len(self.vocabulary)

    def build(self, texts_shape):
        self.built = True

    def call(self, texts):
        words = self.split(texts)
        ids = self.ids(words)
        end = tf.fill((tf.shape(texts)[0], 1), tf.constant(END, ids.dtype))
        return tf.cast(tf.concat([ids, end], axis=1).to_tensor(), "int32")

    def split(self, texts):
        """The pieces of texts, ragged strings `(batch, pieces)`."""
        words = split_words(lower(texts) if self.lower_case else texts)
        flat = words.flat_values
        spelled = tf.strings.reduce_join(tf.strings.unicode_split(flat, "UTF-8"), axis=-1, separator=" ")
        known = tf.not_equal(self.ids(flat), UNKNOWN)
        pieces = tf.strings.split(tf.where(known, flat, spelled))
        return words.with_flat_values(pieces).merge_dims(1, 2)

    def texts(self, ids):
        """The texts of ids `(batch, pieces)`; an unknown letter is written �."""
        return join_pieces(tf.gather(tf.constant(["", "�", "", "", *self.vocabulary]), ids))

    def compute_output_spec(self, texts):
        return keras.KerasTensor((texts.shape[0], None), dtype="int32")

    def get_config(self):
        return {**super().get_config(), "vocabulary": self.vocabulary, "lower_case": self.lower_case}
