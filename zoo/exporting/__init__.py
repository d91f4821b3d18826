"""Models to take away: in ONNX, LiteRT and TensorFlow's SavedModel, each with what reads raw examples.

| file | what it has |
|---|---|
| `export.py` | `seqzoo.export` |
| `programs.py` | what of a model leaves: its network; its step, with the states as arguments |
| `to_onnx/` | ONNX, where every recurrent layer is one node |
| `tensorflow_files.py` | LiteRT and SavedModel |
| `on_litert.py` | runs a program in LiteRT's format |
| `preprocessor_file.py` | `preprocessor.json` |
| `readers/` | what answers from these files without TensorFlow, in Python and in JavaScript |

A layer of one's own leaves for ONNX as the operations of `keras.ops` that it is made of. Where its
code needs a size that is not known before, it says by a method what it is in ONNX:

    class Reversed(keras.layers.Layer):
        def call(self, x):
            return ops.take(x, ops.arange(ops.shape(x)[1])[::-1], axis=1)

        def to_onnx(self, graph, x):  # see `seqzoo.exporting.to_onnx.graph.Graph`
            return graph.flip(x, 1)
"""
