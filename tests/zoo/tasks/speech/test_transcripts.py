import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from seqzoo.door import Refused
from seqzoo.tasks.speech.score import compare, transcripts
from seqzoo.tasks.speech.transcripts import split

ROWS = [["yes", "no"], ["no"], []]
LINES = [" ".join(words) for words in ROWS]


@pytest.mark.parametrize(
    "form",
    [
        ROWS,
        tuple(ROWS),
        LINES,
        np.array(LINES),
        np.array(LINES, object),
        tf.constant(LINES),
        pd.Series(LINES),
        pd.Series(ROWS),
        ["  yes\tno\n", b"no", ""],
        np.array([["yes", "no"], ["no", ""], ["", ""]]),
        tf.ragged.constant(ROWS),
    ],
)
def test_words_of_every_form(form):
    assert split(form) == ROWS


def test_numbers_are_names():
    assert split([[4, 0], "7", 7, np.array([1, 2])]) == [["4", "0"], ["7"], ["7"], ["1", "2"]]
    assert split("4 0") == [["4", "0"]]


@pytest.mark.parametrize("bad", [None, 0.5, np.nan, {"yes": 1}, b"\xff", True])
def test_what_is_no_transcript_is_refused(bad):
    with pytest.raises(Refused, match="row") as refusal:
        split(["yes", bad])
    assert len(str(refusal.value).splitlines()) == 3


def test_scores_are_of_whole_strings_and_of_words():
    assert compare(["1 2 3", "4", "5 6"], ["1 2", "4", "6 5"]) == {"exact": 1 / 3, "word_error_rate": 3 / 5}
    assert compare(["", "1"], ["", "2"]) == {"exact": 1 / 2, "word_error_rate": 1}
    assert compare(["3"], ["1 2"]) == {"exact": 0, "word_error_rate": 1}


def test_scores_of_nothing_are_refused():
    with pytest.raises(Refused, match="1 transcripts, 0 truths"):
        compare(["a"], [])
    with pytest.raises(Refused, match="words that were said"):
        compare(["a"], [""])
    with pytest.raises(Refused, match="words that were said"):
        compare([], [])


def test_the_truth_of_batches():
    batches = tf.data.Dataset.from_tensor_slices((np.zeros((3, 2)), LINES)).batch(2)
    assert transcripts(batches) == LINES
