from typing import Any

import keras
from keras import ops

from seqzoo.layers.rnn import RNN, again


class Stream:
    """Runs a layer as its sequence comes in, one step or one chunk at a time.

    The states stay here between the calls, so that the outputs of all calls, one after the
    other, are those of the layer on the whole sequence. The layer's own cell runs: what is
    trained later shows at once. It runs as at inference, without dropout, and what a
    `stateful` layer keeps is left alone.

    Reference: the notes "Recurrent Neural Networks": a⟨t⟩ needs only a⟨t−1⟩ and x⟨t⟩.

    Args:
        layer: an `RNN` over a cell or a list of cells of the notes.
        states: the states to start from, as `initial_state` of the layer; zeros by default.

    Call arguments:
        chunk: the next steps, shape `(batch, time, features)`, with any number of them.
        mask: shape `(batch, time)`, true where a step counts.

    Attributes:
        states: the states after what has come so far, in the layer's structure; None before
            the first call. They can be kept, and set again.

    Raises:
        ValueError: the layer needs the end of the sequence before its beginning; or a compiled
            function calls a stream that was made outside of it.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, GRUCell, Stream
    >>> layer = RNN(GRUCell(4), return_sequences=True)
    >>> x = np.random.rand(2, 10, 3).astype("float32")
    >>> stream = Stream(layer)
    >>> first = stream.step(x[:, 0])
    >>> rest = stream(x[:, 1:])
    >>> first.shape, rest.shape
    (TensorShape([2, 4]), TensorShape([2, 9, 4]))
    >>> bool(np.allclose(rest[:, -1], layer(x)[:, -1], atol=1e-6))
    True
    """

    def __init__(self, layer: RNN, states: Any = None):
        if isinstance(layer, keras.layers.Bidirectional):
            raise _backwards(layer, "a Bidirectional, whose backward half")
        if not isinstance(layer, RNN):
            raise ValueError(
                f"A Stream runs an RNN of seqzoo. Received: {type(layer).__name__}. "
                "Convert a layer of Keras with from_keras; stream a model layer by layer."
            )
        if layer.go_backwards:
            raise _backwards(layer, "an RNN with go_backwards=True, which")
        self.layer = layer
        self.states = states
        self._program = _program()
        self._dtype = layer.compute_dtype
        # In the cell's dtype, so that no state is rounded between two chunks.
        dtype = getattr(layer.cell, "dtype_policy", layer.dtype_policy)
        self._run = again(layer, return_sequences=True, return_state=True, stateful=False, unroll=False, dtype=dtype)

    def __call__(self, chunk: Any, mask: Any = None) -> Any:
        if _program() is not self._program:
            raise ValueError(
                "A Stream keeps its states in Python, which a compiled function reads only once. "
                "Received: a call in a function that is compiled, of a stream made outside of it. Call the stream "
                "uncompiled; or compile a function that takes and returns states: RNN(cell, return_state=True)."
            )
        outputs, *self.states = self._run(chunk, initial_state=self.states, mask=mask)
        return ops.cast(outputs, self._dtype)

    def step(self, x: Any, mask: Any = None) -> Any:
        """Takes one step.

        Args:
            x: x⟨t⟩, shape `(batch, features)`.
            mask: shape `(batch,)`, true in the rows where the step counts.

        Returns:
            The output at t, of shape `(batch, units)`.
        """
        x = ops.convert_to_tensor(x)
        if len(x.shape) != 2:
            raise ValueError(
                f"A step takes x⟨t⟩ of shape (batch, features). Received: shape {tuple(x.shape)}. "
                "Call the stream itself on a chunk of shape (batch, time, features)."
            )
        return self(x[:, None], mask=None if mask is None else ops.convert_to_tensor(mask)[:, None])[:, 0]

    def reset(self) -> None:
        """Forgets what has come so far: the next call starts from zeros."""
        self.states = None


def _program():
    """The program that TensorFlow or JAX makes out of what runs here; None where it simply runs."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.compat.v1.get_default_graph() if tf.inside_function() else None
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit if isinstance(jax.numpy.zeros(()), jax.core.Tracer) else None
    return None


def _backwards(layer, what):
    return ValueError(
        f"A Stream needs a layer that reads from the beginning. Received: {layer.name!r}, {what} "
        "starts at the end of the sequence, which a stream does not know yet. "
        "Call the layer on the whole sequence, or train one that reads forwards only."
    )
