"""From a Keras model to ONNX: `graph.py` writes nodes, the others say which."""
