"""From sentences to the ids of their tokens, and back."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from seqzoo import door
from seqzoo.preprocessing.in_graph import InGraph
from seqzoo.preprocessing.preprocessor import Preprocessor, lengths_of
from seqzoo.tasks.translation.subwords import SubwordTokenizer
from seqzoo.tasks.translation.tokenizer import END, PADDING, START, UNKNOWN, WordOrLetterTokenizer

TOKENIZERS = {"words": WordOrLetterTokenizer, "subwords": SubwordTokenizer}


@keras.saving.register_keras_serializable("seqzoo")
class TranslationPreprocessor(Preprocessor):
    """Sentences ↔ ids of tokens, in two languages. Sources are lower-cased, translations are not.

    Args:
        source_tokens, target_tokens: what it knows of each language.
        tokenizer: `"words"`, see `WordOrLetterTokenizer`, or `"subwords"`, see `SubwordTokenizer`.

    Example:

    >>> preprocessor = TranslationPreprocessor.learn(["red hand"], ["main rouge"])
    >>> inputs, targets = preprocessor.training(["hand"], ["main"])
    >>> targets.shape, inputs["before"].shape
    ((1, 6), (1, 6))
    >>> preprocessor.texts(targets)
    array(['main'], dtype=object)
    """

    target_rank = 2
    weighs_steps = True
    start, end, never_written = START, END, (PADDING, UNKNOWN, START)

    def __init__(self, source_tokens: Iterable[str], target_tokens: Iterable[str], tokenizer: str = "words"):
        super().__init__()
        self.tokenizer = tokenizer
        kind = TOKENIZERS[door.choose("tokenizer", tokenizer, TOKENIZERS)]
        self.source, self.target = kind(source_tokens, lower_case=True), kind(target_tokens)

    @classmethod
    def learn(
        cls, sources: Any, targets: Any, tokenizer: str = "words", most: int | None = None
    ) -> "TranslationPreprocessor":
        """Learns the tokens of a training split, at most so many in each language; the tokenizer's default for None."""
        kind = TOKENIZERS[door.choose("tokenizer", tokenizer, TOKENIZERS)]
        options = {} if most is None else {"most": door.natural("most_tokens", most, 4000)}
        learned = (kind.learn(sources, lower_case=True, **options), kind.learn(targets, **options))
        return cls(*(each.tokens for each in learned), tokenizer)

    def rows(self, x: Any) -> np.ndarray:
        return door.texts(x, "a sentence")

    def target_rows(self, y: Any, rows: np.ndarray) -> np.ndarray:
        targets = door.texts(y, "a translation")
        door.same_length(sources=len(rows), targets=len(targets))
        return targets

    def inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"source": self.source.encode(rows)}

    def in_graph(self) -> InGraph | None:
        """`inputs` of strings in a TensorFlow graph; None of subwords, which TensorFlow cannot find."""
        return self.source.in_graph("source") if self.tokenizer == "words" else None

    def lengths(self, rows: np.ndarray, targets: np.ndarray | None = None) -> np.ndarray:
        sources = lengths_of(self.source.split(rows))
        return sources if targets is None else np.stack([sources, lengths_of(self.target.split(targets))], axis=1)

    def training(self, rows: np.ndarray, targets: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The sources and the tokens before each of the target's; and the target, which is never cut."""
        ids = self.target.encode(targets)
        before = np.where(ids == PADDING, PADDING, np.roll(ids, 1, axis=1))
        before[:, 0] = START
        return {**self.inputs(rows), "before": before}, ids

    def texts(self, ids: np.ndarray) -> np.ndarray:
        """The translations that ids of shape `(translations, tokens)` spell."""
        return self.target.decode(ids)

    def get_config(self) -> dict:
        tokens = {"source_tokens": self.source.tokens, "target_tokens": self.target.tokens}
        return {**tokens, "tokenizer": self.tokenizer}
