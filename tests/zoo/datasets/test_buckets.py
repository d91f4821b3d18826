import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.datasets.buckets import bucket


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(1, 7))
def test_every_example_once_with_others_of_its_length(lengths, batch_size):
    examples = tf.data.Dataset.from_tensor_slices(np.array(lengths, "int32"))
    batches = bucket(examples, lambda n: n, batch_size, [5, 10, 20])
    seen = [batch.numpy().tolist() for batch in batches]
    assert len(seen) == batches.cardinality().numpy()
    assert sorted(sum(seen, [])) == sorted(lengths)
    for batch in seen:
        assert len(batch) <= batch_size
        assert len({np.digitize(n, [5, 10, 20]).item() for n in batch}) == 1
