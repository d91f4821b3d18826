"""From stretches of DNA to the ids of their letters."""

import re
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.preprocessing.in_graph import InGraph, padded, table
from seqzoo.preprocessing.preprocessor import LabelPreprocessor, lengths_of, pad
from seqzoo.preprocessing.text import WHITE_SPACE
from seqzoo.tasks.dna.bases import IUPAC
from seqzoo.wording import clipped

IDS = {letter: place for place, letter in enumerate(IUPAC, 1)}
IDS["U"] = IDS["T"]
ID_OF_CODE = np.zeros(128, "int32")  # by the letter's code in ASCII
for letter in IDS:
    ID_OF_CODE[[ord(letter), ord(letter.lower())]] = IDS[letter]

LETTERS = "".join(IDS)
NO_LETTER = re.compile(rf"[^{LETTERS}{LETTERS.lower()}\s]")


@keras.saving.register_keras_serializable("seqzoo")
class DnaPreprocessor(LabelPreprocessor):
    """Stretches of DNA or RNA ↔ ids of their letters, those of the IUPAC; 0 is padding.

    Small letters count as large ones, U as T, and white space and line ends as nothing. What
    is no letter of a base is refused: gaps, headers of FASTA files, and X, which is none of
    the IUPAC's letters for bases (an unknown base is N).

    Reference: Cornish-Bowden (1985), "Nomenclature for Incompletely Specified Bases in Nucleic
    Acid Sequences".

    Args:
        labels: the names of the labels.

    Example:

    >>> preprocessor = DnaPreprocessor(["left", "right"])
    >>> preprocessor.inputs(preprocessor.rows(["ACGT", "ac\\nu"]))
    array([[1, 2, 3, 4],
           [1, 2, 4, 0]], dtype=int32)
    """

    def rows(self, x: Any) -> np.ndarray:
        texts = door.texts(x, "a sequence of bases")
        for row, text in enumerate(texts):
            _require_letters(text, row)
            texts[row] = "".join(text.split())
        return texts

    def inputs(self, rows: np.ndarray) -> np.ndarray:
        return pad([ID_OF_CODE[np.frombuffer(text.encode("ascii"), "uint8")] for text in rows], dtype="int32")

    def lengths(self, rows: np.ndarray, targets: Any = None) -> np.ndarray:
        return lengths_of(rows)

    def in_graph(self) -> InGraph:
        """`inputs` of strings in a TensorFlow graph; a letter of no base counts as padding."""

        def read(texts, letters):
            texts = tf.strings.regex_replace(tf.strings.upper(texts), WHITE_SPACE, "")
            return {"letters": padded(letters.lookup(tf.strings.bytes_split(texts)))}

        return InGraph(read, letters=table(IDS, list(IDS.values()), 0))


def _require_letters(text, row):
    found = NO_LETTER.search(text)
    if not found:
        return
    place = found.start()
    if text[place] == ">":
        header = text[place:].splitlines()[0]
        raise door.Refused(
            "bases alone, without the header of a FASTA file",
            f"{clipped(repr(header), 60)} in row {row}, at [{place}]",
            "leave the header's line out, and give each sequence a row of its own",
        )
    raise door.Refused(
        f"letters of the IUPAC for bases, {LETTERS}, large or small",
        f"{text[place]!r} in row {row}, at [{place}]",
        "leave gaps out, and write N for a base that is not known",
    )
