"""From sentences to what their words look like."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.preprocessing import text
from seqzoo.preprocessing.in_graph import InGraph, padded, table
from seqzoo.preprocessing.memory import Memory
from seqzoo.preprocessing.preprocessor import Preprocessor, count, lengths_of, pad
from seqzoo.preprocessing.vocabulary import Vocabulary
from seqzoo.tasks.ner.letter_groups import group_ids, groups_in_graph
from seqzoo.tasks.ner.letters import learn_letters, letters_in_graph, letters_of, padded_by_token
from seqzoo.tasks.ner.tokens import tokens_of
from seqzoo.tasks.ner.word_features import PARTS, words
from seqzoo.wording import clipped

NO_LABEL = -1  # stands after a sentence's end
REMEMBERED = 100_000  # tokens whose looks are kept


@keras.saving.register_keras_serializable("seqzoo")
class NerPreprocessor(Preprocessor):
    """Sentences ↔ six inputs that say what each token looks like, and labels ↔ their places.

    Args:
        vocabularies: for each of `PARTS` the list of what it knows.
        labels: the names of the labels.
        letters: those that it knows, where the network reads the letters of each word: a seventh input.

    Example:

    >>> preprocessor = NerPreprocessor.learn(["7 Elm St", "9 Elm St"], ["number", "name"])
    >>> inputs = preprocessor.inputs(preprocessor.rows(["12 Elm", "Elm"]))
    >>> inputs["word"]
    array([[1, 3],
           [3, 0]], dtype=int32)
    >>> inputs["groups"].shape  # batch, tokens, groups of letters
    (2, 2, 9)
    """

    target_rank = 2
    weighs_labels = True
    weighs_steps = True

    def __init__(self, vocabularies: Mapping[str, Iterable[str]], labels: Any = (), letters: Iterable[str] = ()):
        super().__init__(labels)
        self.letters = Vocabulary(letters)
        self.vocabularies = {part: Vocabulary(vocabularies[part]) for part in PARTS}
        self._looks = Memory(self._looks_of, REMEMBERED)

    @classmethod
    def learn(cls, texts: Any, labels: Any = (), letters: bool = False) -> "NerPreprocessor":
        """Learns the words of a training split, and how they look; their letters too, where they are read.

        Raises:
            Refused: no sentence holds a token.
        """
        if isinstance(texts, tf.data.Dataset):
            texts = list(texts.as_numpy_iterator())
        rows = tokens_of(texts)
        sentences = [" ".join(tokens) for tokens in rows]
        if not any(sentences):
            raise door.Refused("sentences to learn words from", "no token", "give the training sentences as texts")
        vocabularies = {part: text.learn_vocabulary(sentences, function) for part, function in PARTS.items()}
        return cls(vocabularies, labels, learn_letters(rows) if letters else ())

    def rows(self, x: Any) -> list[list[str]]:
        return tokens_of(x)

    def target_rows(self, y: Any, rows: list[list[str]]) -> list[np.ndarray]:
        """Places of the labels of each sentence's tokens.

        Args:
            y: for each sentence a list of names or of places; -1 may follow its end.
            rows: as `rows` gives them.
        """
        y = door.from_tensor(y)
        sentences = list(y) if isinstance(y, np.ndarray) and y.ndim == 2 else door.column(y)
        door.same_length(sentences=count(rows), lists_of_labels=len(sentences))
        return [self._places(row, labels, tokens) for row, (labels, tokens) in enumerate(zip(sentences, rows))]

    def inputs(self, rows: list[list[str]]) -> dict[str, np.ndarray]:
        looks_of = self._looks.of(token for tokens in rows for token in tokens)
        looks = [[looks_of[token] for token in tokens] for tokens in rows]
        inputs = {}
        for place, part in enumerate(PARTS):
            inputs[part] = pad([np.array([look[place] for look in row], "int32") for row in looks], dtype="int32")
        tokens = inputs["word"].shape[1]
        inputs["groups"] = padded_by_token([[look[len(PARTS)] for look in row] for row in looks], tokens)
        if self.letters.words:
            inputs["letters"] = padded_by_token([[look[-1] for look in row] for row in looks], tokens)
        return inputs

    def lengths(self, rows: list[list[str]], targets: Any = None) -> np.ndarray:
        return lengths_of(rows)

    def in_graph(self) -> InGraph:
        """`inputs` of strings in a TensorFlow graph, whose letters are composed (NFC) already."""

        def read(texts, **tables):
            tokens = tf.strings.split(tf.strings.regex_replace(texts, text.WHITE_SPACE, " "))
            looks = {part: tokens.with_flat_values(look(tokens.flat_values)) for part, look in PARTS.items()}
            inputs = {part: padded(tables[part].lookup(looks[part])) for part in PARTS}
            groups = tokens.with_flat_values(groups_in_graph(looks["word"].flat_values))
            inputs["groups"] = padded(groups)
            if "letters" in tables:
                letters = letters_in_graph(tokens.flat_values)
                ids = letters.with_flat_values(tables["letters"].lookup(letters.flat_values))
                inputs["letters"] = padded(tokens.with_flat_values(ids))
            return inputs

        known = {**self.vocabularies, **({"letters": self.letters} if self.letters.words else {})}
        return InGraph(read, **{part: table(vocabulary.words) for part, vocabulary in known.items()})

    def training(self, rows: list[list[str]], targets: Sequence[np.ndarray]) -> tuple[dict, np.ndarray]:
        return self.inputs(rows), pad(targets, NO_LABEL, "int64")

    def get_config(self) -> dict:
        vocabularies = {part: vocabulary.words for part, vocabulary in self.vocabularies.items()}
        letters = {"letters": self.letters.words} if self.letters.words else {}
        return {**super().get_config(), "vocabularies": vocabularies, **letters}

    def _places(self, row, labels, tokens):
        if labels is None or isinstance(labels, (str, bytes)) or np.isscalar(labels):
            raise door.Refused(
                "a list of labels for each sentence",
                f"{clipped(repr(labels))} in row {row}",
                f"give {len(tokens)} labels, one for each token",
            )
        labels = door.column(labels)
        after = labels[len(tokens) :]
        if after and all(label == NO_LABEL for label in after):
            labels = labels[: len(tokens)]
        if len(labels) != len(tokens):
            raise door.Refused(
                "a label for each token, which white space divides",
                f"{len(tokens)} tokens and {len(labels)} labels in row {row}: {clipped(' '.join(tokens), 100)!r}",
                "give as many labels as tokens",
            )
        return door.label_places(labels, self.labels, f"row {row}, token")

    def _looks_of(self, new):
        """The looks of each token: the ids of its parts, of its groups of letters, and of its letters."""
        array = tf.constant([unicodedata.normalize("NFC", token) for token in new], tf.string)
        parts = []
        for part, function in PARTS.items():
            looks = [look.decode("utf-8") for look in function(array).numpy()]
            parts.append(self.vocabularies[part].ids([looks])[0])
        groups = group_ids([word.decode("utf-8") for word in words(array).numpy()])
        letters = [self.letters.ids([letters_of(token)])[0] for token in new]
        return zip(*parts, groups, letters)
