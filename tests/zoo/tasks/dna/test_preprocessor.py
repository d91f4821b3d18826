import numpy as np
import pytest

from seqzoo.door import Refused
from seqzoo.tasks.dna.bases import IUPAC
from seqzoo.tasks.dna.preprocessor import DnaPreprocessor


def ids(*sequences):
    preprocessor = DnaPreprocessor(["left", "right"])
    return preprocessor.inputs(preprocessor.rows(list(sequences)))


@pytest.mark.parametrize(
    "written", ["acgtt", "ACGUU", "acguu", "ACGTT\n", "ACG\r\nTT\r\n", " AC GT\tT ", "AC\u00a0GTT", b"acgtt\n"]
)
def test_what_means_the_same_bases_is_read_alike(written):
    np.testing.assert_array_equal(ids(written), ids("ACGTT"))


def test_every_letter_of_the_iupac_has_an_id_of_its_own():
    found = ids("".join(IUPAC))[0]
    assert sorted(found) == list(range(1, 16))


def test_no_bases_are_padding():
    np.testing.assert_array_equal(ids("", " \n", "A"), [[0], [0], [1]])


@pytest.mark.parametrize("character", ["-", ".", "*", "?", "x", "X", "E", "0", "ß", "ı", "\u212a", "\ufeff", "é"])
def test_another_character_is_refused_with_its_row_and_place(character):
    with pytest.raises(Refused) as refused:
        ids("ACGT", f"AC\nG{character}T" * 1000)
    expected, received, to_do = str(refused.value).splitlines()
    assert received == f"Received: {character!r} in row 1, at [4]."
    assert "ACGT" in expected and "write N" in to_do and len(str(refused.value)) < 250


@pytest.mark.parametrize("before", ["", "\n", "AC\n"])
def test_headers_of_fasta_files_are_refused(before):
    text = before + ">seq1 Homo sapiens\nACGT"
    with pytest.raises(Refused, match="(?s)header of a FASTA file.*'>seq1 Homo sapiens' in row 1.*a row of its own"):
        ids("ACGT", text)


@pytest.mark.parametrize("value", [None, 3, float("nan"), ["A", "C"]])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(Refused, match="a sequence of bases in every row.\nReceived: .* in row 1"):
        ids("ACGT", value)
