"""What the tests of all formats share: networks, what they are asked, and how far apart two answers are."""

import keras
import numpy as np

import seqzoo
from seqzoo.architectures import shift

CELLS = ("rnn", "gru", "lstm")
LENGTHS = (1, 5, 9)
LARGEST = 1e-5
PADDING = {"film": -1.0, "frames": -1e4}  # of inputs by their names; of others 0


def network(architecture, cell, layers=2, bidirectional=True):
    """A small network with other weights in each gate; sequences are ids of which 0 is padding."""
    sizes = dict(cell=cell, units=4, layers=layers)
    build = getattr(seqzoo, architecture)
    if architecture == "one_to_one":
        model = build((6,), outputs=3, **sizes)
    elif architecture == "one_to_many":
        model = build((6,), outputs=5, embedding=3, **sizes)
    else:
        vectors = keras.layers.Embedding(7, 3, mask_zero=True)(keras.Input((None,), dtype="int32", name="ids"))
        model = build(vectors, outputs=5, bidirectional=bidirectional, **sizes)
    return with_random_weights(model)


def with_random_weights(model, seed=0):
    """The model, with other weights in each gate of it; what is not trained stays."""
    rng = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    return model


def questions(architecture, batch, time, masked=True, seed=0):
    """Inputs of a network, in its order."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, 6)).astype("float32")
    if architecture == "one_to_one":
        return [x]
    ids = rng.integers(1, 5, (batch, time)).astype("int32")
    if masked:
        lengths = np.maximum(1, time - (np.arange(batch) + 1) % 3 * 2)
        ids = np.where(np.arange(time) < lengths[:, None], ids, 0).astype("int32")
    if architecture == "one_to_many":
        return [x, ids]
    return [ids] if architecture != "encoder_decoder" else [ids, np.asarray(shift(ids, 1), "int32")]


def asked_of(program, batch, time, seed=0):
    """Something for each input of a program: states, tokens, or sequences.

    Every other row of a sequence has two steps of padding at its end: of five steps the first one, of nine the second.
    """
    rng = np.random.default_rng(seed)
    padded = np.arange(batch) % 2 == time // 4 - 1
    draw = {"int32": lambda size: rng.integers(1, 5, size), "bool": np.ones, "float32": lambda size: rng.random(size)}
    made = []
    for tensor in program.model.inputs:
        values = draw[tensor.dtype]([batch, *(time if size is None else size for size in tensor.shape[1:])])
        if tensor.shape[1:2] == (None,):
            values[padded, -2:] = PADDING.get(tensor.name, 0)
        made.append(values.astype(tensor.dtype))
    return made


def difference(ours, theirs):
    """The largest of all outputs."""
    ours, theirs = (value if isinstance(value, (list, tuple)) else [value] for value in (ours, theirs))
    assert [np.shape(a) for a in ours] == [np.shape(b) for b in theirs]
    pairs = [(np.asarray(a, "float32"), np.asarray(b, "float32")) for a, b in zip(ours, theirs)]
    return max(float(np.abs(a - b).max(initial=0)) for a, b in pairs)


def keras_answer(model, inputs):
    """The outputs, of one or of several."""
    made = model(inputs if len(model.inputs) > 1 else inputs[0], training=False)
    return keras.tree.map_structure(keras.ops.convert_to_numpy, made)
