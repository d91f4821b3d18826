import keras
import numpy as np

import seqzoo


def test_a_clone_reads_bases_as_the_model_does():
    model = seqzoo.create_model("dna", labels=["left", "right"], units=2)
    for copy in (keras.models.clone_model(model), type(model).from_config(model.get_config())):
        bases = copy.get_layer("bases")
        np.testing.assert_array_equal(bases.get_weights()[0], model.get_layer("bases").get_weights()[0])
        assert not bases.trainable
