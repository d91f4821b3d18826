import numpy as np
import pytest

from seqzoo.tasks.dna.bases import IUPAC
from seqzoo.tasks.dna.network import create_model


@pytest.fixture(scope="module")
def model():
    return create_model(labels=["left", "right"])


@pytest.mark.parametrize("letter, bases", [*IUPAC.items(), ("U", "T")])
def test_a_letter_is_a_share_of_each_base_that_it_may_be(model, letter, bases):
    expected = [(base in bases) / len(bases) for base in "ACGT"]
    ids = model.preprocessor.inputs(model.preprocessor.rows([letter, letter.lower()]))
    for vector in np.array(model.get_layer("bases")(ids))[:, 0]:
        np.testing.assert_allclose(vector, expected, rtol=1e-6)


def test_the_vectors_are_not_trained(model):
    vectors = model.get_layer("bases")
    before = vectors.get_weights()[0]
    model.fit(["ACGT", "GGNN"], ["left", "right"], verbose=0)
    assert vectors.trainable_weights == []
    np.testing.assert_array_equal(vectors.get_weights()[0], before)
