import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.decoding.samplers import Sampling, greedy

array = ops.convert_to_numpy


def oracle(logits, temperature, top_k, top_p):
    """The probabilities of one row, by the definitions and in float64."""
    logits = np.asarray(logits, np.float64) / temperature
    order = np.argsort(-logits, kind="stable")[: top_k or len(logits)]
    p = np.exp(logits[order] - logits.max())
    p /= p.sum()
    if top_p is not None:
        smallest = next(n for n in range(1, len(p) + 1) if n == len(p) or p[:n].sum() >= top_p)
        order, p = order[:smallest], p[:smallest] / p[:smallest].sum()
    result = np.zeros(len(logits))
    result[order] = p
    return result


@given(
    logits=st.lists(st.integers(-40, 40), min_size=2, max_size=12).map(lambda x: np.array(x) / 8),
    temperature=st.sampled_from([0.25, 1.0, 3.0]),
    top_k=st.none() | st.integers(1, 14),
    top_p=st.none() | st.sampled_from([0.0123, 0.3456, 0.7891, 0.98765, 1.0]),
)
@settings(max_examples=60, deadline=None)
def test_probabilities_are_those_of_the_definitions(logits, temperature, top_k, top_p):
    sampler = Sampling(temperature, top_k, top_p)
    rows = np.stack([logits, logits[::-1]])
    expected = [oracle(row, temperature, top_k, top_p) for row in rows]
    np.testing.assert_allclose(array(sampler.probabilities(rows)), expected, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"top_k": 3}, {"top_p": 0.65}, {"temperature": 0.5, "top_k": 4}])
def test_frequencies_match_the_probabilities(options):
    logits = np.log([[0.4, 0.3, 0.15, 0.1, 0.05]])
    sampler = Sampling(seed=1, **options)
    p = oracle(logits[0], options.get("temperature", 1), options.get("top_k"), options.get("top_p"))
    n = 40_000
    frequencies = np.bincount(array(sampler(np.repeat(logits, n, axis=0))), minlength=5) / n
    assert (np.abs(frequencies - p) <= 5 * np.sqrt(p * (1 - p) / n)).all()


def test_the_same_seed_gives_the_same_tokens_call_after_call():
    logits = np.zeros((50, 10))

    def draws(seed):
        sampler = Sampling(seed=seed)
        return [array(sampler(logits)).tolist() for _ in range(3)]

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)
    assert draws(None) != draws(None)
    first, second, third = draws(1)
    assert first != second != third


def test_seeds_side_by_side_draw_apart():
    """The second draw of one is not the first of the next."""
    logits = np.zeros((50, 10))
    one, two = Sampling(seed=1), Sampling(seed=2)
    one(logits)
    assert array(one(logits)).tolist() != array(two(logits)).tolist()


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="of jax.jit")
def test_a_scope_carries_the_state_through_jax_jit():
    import jax

    logits, sampler = np.zeros((50, 10)), Sampling(seed=1)

    @jax.jit
    def draw(state):
        with keras.StatelessScope([(sampler.variables[0], state)]) as scope:
            tokens = sampler(logits)
        return tokens, scope.get_current_value(sampler.variables[0])

    first, state = draw(sampler.variables[0].value)
    second, _ = draw(state)
    expected = [array(sampler(logits)).tolist() for _ in range(2)]
    assert [array(first).tolist(), array(second).tolist()] == expected


@pytest.mark.parametrize("temperature", [0, 1e-30, 1e-3])
def test_no_temperature_is_greedy(temperature):
    logits = np.array([[1000.0, 1001.0, -1000.0], [3.0, 2.0, 1.0]])
    assert array(Sampling(temperature)(logits)).tolist() == array(greedy(logits)).tolist() == [1, 0]
    np.testing.assert_array_equal(array(Sampling(temperature).probabilities(logits)), [[0, 1, 0], [1, 0, 0]])


def test_what_is_ruled_out_stays_out():
    logits = np.array([[0.0, -np.inf, -1.0]])
    for sampler in (Sampling(100.0, seed=0), Sampling(100.0, top_p=1.0, seed=0), Sampling(top_k=3, seed=0)):
        assert 1 not in array(sampler(np.repeat(logits, 500, axis=0)))


def test_of_equal_symbols_no_more_than_k_are_kept():
    assert np.count_nonzero(array(Sampling(top_k=2).probabilities(np.zeros((1, 6))))) == 2


@pytest.mark.parametrize(
    "option", [{"temperature": -1}, {"top_k": 0}, {"top_k": 1.5}, {"top_p": 0}, {"top_p": 1.1}, {"seed": -1}]
)
def test_a_value_out_of_its_range_is_refused(option):
    (name, value), *_ = option.items()
    with pytest.raises(ValueError, match=f"{name} must be .* Received: {name}={value}"):
        Sampling(**option)
