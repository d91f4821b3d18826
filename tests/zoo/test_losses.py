import inspect

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.door import Refused
from seqzoo.losses import SmoothedCrossentropy, crossentropy

OWN = {
    "translation": dict(pairs=[("a hand", "une main")]),
    "music": dict(texts=["GABd|"]),
    "ner": dict(texts=["12 Elm St"], labels=["number", "name"]),
    "speech": dict(sounds=[np.ones((9, 4))], labels=["yes", "no"], decoder="attention"),
    "sentiment": dict(texts=["a good film"]),
    "dna": dict(labels=["left", "right"]),
    "video": dict(shape=(None, 2), labels=["left", "right"]),
    "one_to_one": dict(columns={"mass": [1, 2]}, labels=["left", "right"]),
}


def formula(y, p, ε):
    q = (1 - ε) * np.eye(p.shape[-1])[y] + ε / p.shape[-1]
    return -(q * np.log(p)).sum(axis=-1)


@pytest.mark.parametrize("from_logits", [False, True])
def test_it_is_its_formula(from_logits):
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(4, 5, 7)), rng.integers(0, 7, (4, 5))
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    found = SmoothedCrossentropy(0.3, from_logits, reduction=None)(y, z if from_logits else p)
    np.testing.assert_allclose(found, formula(y, p, 0.3), rtol=1e-5)
    two = crossentropy(0.3, two=True)([[1.0]], [[0.8]])
    np.testing.assert_allclose(two, formula(1, np.array([0.2, 0.8]), 0.3), rtol=1e-5)


@pytest.mark.parametrize("name", OWN)
def test_every_task_with_labels_smooths_them_and_its_file_says_so(name):
    model = seqzoo.create_model(name, units=4, label_smoothing=0.2, **OWN[name])
    loss = keras.losses.deserialize(model.get_compile_config()["loss"])
    assert loss.label_smoothing == 0.2 and type(loss) is type(model.loss)
    default = inspect.signature(seqzoo.get_task(name).create_model).parameters["label_smoothing"].default
    assert default == 0 and not getattr(crossentropy(default, two=True), "label_smoothing", 0)


def test_padding_counts_nothing():
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model("ner", units=4, label_smoothing=0.2, **OWN["ner"])
    model.run_eagerly = True  # nothing to compile
    texts, labels = ["12 Elm St", "Elm"], [["number", "name", "name"], ["name"]]
    p = model.predict(texts)
    expected = [*formula(np.array([0, 1, 1]), np.float64(p[0]), 0.2), formula(1, np.float64(p[1, 0]), 0.2)]
    found = model.evaluate(texts, labels, verbose=0, return_dict=True)["loss"]
    assert found == pytest.approx(np.mean(expected), rel=1e-4)


def test_where_there_is_nothing_to_smooth_it_is_refused():
    with pytest.raises(Refused, match="(?s)a CRF's.*label_smoothing=0.1.*leave it out"):
        seqzoo.create_model("ner", crf=True, label_smoothing=0.1, **OWN["ner"])
    with pytest.raises(Refused, match="CTC's"):
        seqzoo.create_model("speech", label_smoothing=0.1, **{**OWN["speech"], "decoder": "ctc"})
    for ε in (-0.1, 1.0):
        with pytest.raises(Refused, match="label_smoothing from 0 to below 1"):
            seqzoo.create_model("dna", label_smoothing=ε, **OWN["dna"])
