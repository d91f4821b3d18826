import keras
import numpy as np
from keras import ops

from seqzoo.decoding import Sampling, beam_search, compiled, generate

array = ops.convert_to_numpy


class Writer(keras.Model):
    """Weighs the next symbol by the last one alone."""

    def __init__(self, symbols=5):
        super().__init__()
        self.table = keras.layers.Embedding(symbols, symbols, embeddings_initializer="random_normal")
        self.table.build()
        self.built = True

    def step(self, tokens, states):
        return 50 * self.table(tokens), states

    @compiled
    def search(self, state, beam_width=2):
        return beam_search(self.step, [state], 0, 1, max_length=6, beam_width=beam_width)

    @compiled
    def write(self, state, sampler=None):
        return generate(self.step, [state], 0, -1, 6, sampler)


def test_a_compiled_search_is_the_search_and_reads_the_weights_of_now():
    keras.utils.set_random_seed(0)
    model, state = Writer(), np.zeros((3, 1), "float32")
    for _ in range(2):
        expected = beam_search(model.step, [state], 0, 1, max_length=6, beam_width=3)
        for ours, theirs in zip(model.search(state, beam_width=3), expected):
            np.testing.assert_allclose(array(ours), array(theirs), atol=1e-5)
        (table,) = model.get_weights()
        model.set_weights([table[:, ::-1]])


def test_models_do_not_share_their_weights():
    state = np.zeros((1, 1), "float32")
    for seed in range(2):
        keras.utils.set_random_seed(seed)
        model = Writer()
        scores = array(beam_search(model.step, [state], 0, 1, max_length=6, beam_width=2)[2])
        np.testing.assert_allclose(array(model.search(state)[2]), scores, atol=1e-5)


def test_a_sampler_goes_on_drawing():
    keras.utils.set_random_seed(0)
    model, state = Writer(), np.zeros((4, 1), "float32")
    sampler, same = Sampling(9.0, seed=3), Sampling(9.0, seed=3)
    drawn = [array(model.write(state, sampler=sampler)[0]).tolist() for _ in range(2)]
    expected = [array(generate(model.step, [state], 0, -1, 6, same)[0]).tolist() for _ in range(2)]
    assert drawn == expected and drawn[0] != drawn[1]


def test_a_function_of_no_model_gives_what_it_gives():
    double = compiled(lambda x, times=2: x * times)
    assert array(double(ops.ones(2), times=3)).tolist() == [3, 3]
