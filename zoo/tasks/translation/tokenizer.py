"""From texts to tokens and back: words and punctuation, and letters where a word is not known."""

import collections
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.preprocessing.in_graph import InGraph, padded, table
from seqzoo.preprocessing.preprocessor import pad

PADDING, UNKNOWN, START, END = range(4)
SPACE = "▁"
WORD = rf"{SPACE}?(?:[\pL\pM\pN]+|[^\pL\pM\pN{SPACE}])|{SPACE}"


class Tokenizer:
    """Texts ↔ ids of tokens: 0 padding, 1 unknown, 2 start, 3 end, then the tokens.

    A subclass says how a text is split.

    Args:
        tokens: without repetitions; ▁ stands for the space before them.
        lower_case: whether texts are lower-cased first.
    """

    def __init__(self, tokens: Iterable[str], lower_case: bool = False):
        self.tokens = list(tokens)
        self.lower_case = lower_case
        self._ids = {token: id for id, token in enumerate(self.tokens, END + 1)}
        self._written = ["", "�", "", "", *self.tokens]

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self._written)

    def split(self, texts: Any) -> list[list[str]]:
        """The tokens of texts, strings of shape `(texts,)`."""
        raise NotImplementedError

    def encode(self, texts: Any) -> np.ndarray:
        """The ids of texts: int32 of shape `(texts, tokens)`, each row closed with 3 and padded with 0."""
        rows = [[*(self._ids.get(token, UNKNOWN) for token in tokens), END] for tokens in self.split(texts)]
        return pad(rows, dtype="int32")

    def decode(self, ids: np.ndarray) -> np.ndarray:
        """The texts of ids of shape `(texts, tokens)`; what is unknown is written �."""
        texts = np.empty(len(ids), object)
        texts[:] = [join_tokens(self._written[id] for id in row) for row in np.asarray(ids).tolist()]
        return texts


class WordOrLetterTokenizer(Tokenizer):
    """Words and punctuation, and letters where a word is not known.

    A word that it knows is one token; any other is spelled, a token a letter, so that no word
    is unknown (Luong and Manning 2016 go the same way). A letter that the training split does
    not have is unknown.

    Example:

    >>> tokenizer = WordOrLetterTokenizer(["▁oh", "h", "n", "o", "▁"])
    >>> ids = tokenizer.encode(["oh no", "oh"])
    >>> ids
    array([[4, 8, 6, 7, 3],
           [4, 3, 0, 0, 0]], dtype=int32)
    >>> tokenizer.decode(ids)
    array(['oh no', 'oh'], dtype=object)
    """

    @classmethod
    def learn(
        cls, texts: Any, lower_case: bool = False, min_count: int = 2, most: int = 30_000
    ) -> "WordOrLetterTokenizer":
        """Learns the words of a training split, the most frequent first, then all of its letters.

        Words below `min_count` are left out: they are what the letters are trained on.

        Args:
            texts: strings, or a `tf.data.Dataset` of strings.
            lower_case: whether upper and lower case are the same.
            min_count: how often a word must occur to be kept whole.
            most: how many words to keep.

        Raises:
            Refused: the texts hold no word.

        Example:

        >>> WordOrLetterTokenizer.learn(["oh no", "oh"]).tokens
        ['▁oh', 'h', 'n', 'o', '▁']
        """
        counts = collections.Counter()
        for batch in _batches(texts):
            counts.update(word for words in split_words(batch, lower_case) for word in words)
        if not set(counts) - {SPACE}:
            raise door.Refused(
                "texts to learn words from",
                "no text, or none with a word in it",
                "give the sentences that the model will be trained on",
            )
        words = sorted((word for word, n in counts.items() if n >= min_count), key=lambda w: (-counts[w], w))
        letters = sorted({letter for word in counts for letter in word})
        return cls(dict.fromkeys(words[:most] + letters), lower_case)

    def split(self, texts: Any) -> list[list[str]]:
        return [
            [token for word in words for token in ([word] if word in self._ids else word)]
            for words in split_words(texts, self.lower_case)
        ]

    def in_graph(self, name: str) -> InGraph:
        """`encode` in a TensorFlow graph, as the input `name`."""

        def read(texts, ids):
            words = tf.strings.split(_spaced(texts, self.lower_case))
            known = ids.lookup(words.flat_values) != UNKNOWN
            spelled = tf.strings.regex_replace(words.flat_values, "(?s).", r"\0 ")
            words = words.with_flat_values(tf.where(known, words.flat_values, spelled))
            found = ids.lookup(tf.strings.split(tf.strings.reduce_join(words, axis=1, separator=" ")))
            ends = tf.fill((tf.shape(texts)[0], 1), END)
            return {name: padded(tf.concat([found, ends], axis=1))}

        return InGraph(read, ids=table(self.tokens, list(self._ids.values()), UNKNOWN))


def split_words(texts: Any, lower_case: bool = False) -> list[list[str]]:
    """Splits texts into words and punctuation marks; ▁ stands for the space before them.

    Joined again, the parts are the text, its accents composed (NFC).

    Args:
        texts: strings of shape `(texts,)`.
        lower_case: whether to lower-case them first, in any alphabet.

    Example:

    >>> split_words(["super-héros (Tête)"], lower_case=True)
    [['▁super', '-', 'héros', '▁(', 'tête', ')']]
    """
    composed = [unicodedata.normalize("NFC", text) for text in door.texts(texts)]
    spaced = _spaced(tf.constant(composed, tf.string), lower_case).numpy()
    return [text.decode("utf-8").rstrip(" ").split(" ") if text else [] for text in spaced]


def _spaced(texts, lower_case):
    texts = tf.strings.lower(texts, encoding="utf-8") if lower_case else texts
    texts = tf.strings.regex_replace(texts, rf"[\s\pZ{SPACE}]+", SPACE)
    texts = tf.strings.regex_replace(texts, f"^{SPACE}?(.*?){SPACE}?$", rf"{SPACE}\1")
    texts = tf.strings.regex_replace(texts, f"^{SPACE}$", "")
    return tf.strings.regex_replace(texts, WORD, r"\0 ")


def join_tokens(tokens: Iterable[str]) -> str:
    """Puts tokens together again.

    >>> join_tokens(["▁super", "-", "h", "é", "ros"])
    'super-héros'
    """
    return "".join(tokens).replace(SPACE, " ").strip()


def _batches(texts: Any, size: int = 1024) -> Iterator:
    if isinstance(texts, tf.data.Dataset):
        yield from texts.batch(size).as_numpy_iterator()
        return
    texts = door.texts(texts)
    for first in range(0, len(texts), size):
        yield texts[first : first + size]
