"""Files that are copied beside an exported model: they need no seqzoo and no TensorFlow."""
