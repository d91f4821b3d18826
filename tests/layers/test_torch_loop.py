"""What torch's loop is called with, on machines without a GPU: cuDNN takes what lies in memory as it reads it."""

import sys
from unittest import mock

import keras
import numpy as np
import pytest

from seqzoo.layers import LSTM, RNN, Bidirectional, GRUCell, LSTMCell, RNNCell
from tools import BACKEND, as_keras, assert_close, normal, randomise

pytestmark = pytest.mark.skipif(BACKEND != "torch", reason="torch's loop")
EACH = pytest.mark.parametrize("cell, name", [(RNNCell, "rnn_tanh"), (LSTMCell, "lstm")])


def a_gpu():
    return mock.patch.object(sys.modules["seqzoo.layers.backends.torch_loop"], "_has_cuda", lambda: True)


@EACH
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_weights_lie_side_by_side_and_states_without_gaps(cell, name, bias, masked):
    import torch

    layer = RNN(cell(4, use_bias=bias), return_sequences=True)
    rng = np.random.default_rng(0)
    x, mask = normal(rng, 3, 6, 5), rng.random((3, 6)) > 0.4 if masked else None
    gaps = [keras.ops.transpose(keras.ops.convert_to_tensor(normal(rng, 4, 3))) for _ in layer.state_size]
    with mock.patch.object(torch, name, wraps=getattr(torch, name)) as loop:
        for states in (None, gaps):
            layer(x, mask=mask, initial_state=states)
    assert loop.call_count == 2
    for call in loop.call_args_list:
        _, before, weights, *_ = call.args
        assert all(state.is_contiguous() for state in (before if name == "lstm" else [before]))
        assert len(weights) == 4 and all(weight.is_contiguous() for weight in weights)
        for one, following in zip(weights, weights[1:]):
            assert following.data_ptr() == one.data_ptr() + one.nbytes


def test_it_is_told_to_use_cudnn_or_to_keep_off_it():
    x = np.ones((2, 3, 4), "float32")
    with a_gpu():
        for cell in (RNNCell(2), LSTMCell(2)):
            assert RNN(cell, use_cudnn=True)(x).shape == (2, 2)
            assert "cuDNN" not in RNN(cell, use_cudnn=False).explain()
        with pytest.raises(ValueError, match="expects cuDNN"):
            RNN(GRUCell(2), use_cudnn=True)(x)
    with mock.patch.object(sys.modules["seqzoo.layers.backends.torch_loop"], "_has_cuda", lambda: False):
        assert "torch's own loop" in RNN(LSTMCell(2), use_cudnn=False).explain()


def by_forward_mode(layer, x, mask):
    import torch

    return torch.func.jvp(lambda x: layer(x, mask=mask), (x,), (torch.cos(x),))[1]


def by_dual_numbers(layer, x, mask):
    import torch
    from torch.autograd import forward_ad

    with forward_ad.dual_level():
        return forward_ad.unpack_dual(layer(forward_ad.make_dual(x, torch.cos(x)), mask=mask)).tangent


def by_rows(layer, x, mask):
    import torch

    of_row = torch.func.grad(lambda x, mask: layer(x[None], mask=mask[None]).square().sum())
    return torch.func.vmap(of_row)(x, mask)


@EACH
@pytest.mark.parametrize("derivative", [by_forward_mode, by_dual_numbers, by_rows])
def test_what_torchs_loop_does_not_know_is_as_in_keras(cell, name, derivative):
    rng = np.random.default_rng(0)
    ours = RNN(randomise(cell(4), rng, features=3), return_sequences=True)
    theirs = as_keras(ours.cell, return_sequences=True)
    x = keras.ops.convert_to_tensor(normal(rng, 2, 5, 3))
    mask = keras.ops.convert_to_tensor([[True] * 5, [True, False, True, True, False]])
    assert_close(*(derivative(layer, x, mask).detach() for layer in (ours, theirs)))


def exported(layer, x):
    import torch

    return torch.export.export(layer, (x,)).module()(x)


def compiled(layer, x):
    import torch

    return torch.compile(lambda x: layer(x), backend="eager")(x)


def without_data(layer, x):
    with keras.device("meta"):
        layer = type(layer).from_config(layer.get_config())
        layer.build(x.shape)
        return layer(x.to("meta"))


@pytest.mark.parametrize("program", [exported, compiled])
@pytest.mark.parametrize(
    "cell, options", [(RNNCell, {}), (GRUCell, {}), (LSTMCell, {}), (LSTMCell, {"activation": "gelu"})]
)
def test_torch_makes_programs_of_it(cell, options, program):
    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell(4, **options), rng, features=3), return_sequences=True)
    x = keras.ops.convert_to_tensor(normal(rng, 2, 6, 3))
    assert_close(program(layer, x), layer(x))
    assert without_data(layer, x).shape == (2, 6, 4)


@pytest.mark.parametrize("masked", [False, True])
def test_a_compiled_program_has_gradients(masked):
    torch = pytest.importorskip("torch")
    layer = LSTM(2)
    x, mask = torch.ones(2, 3, 4), torch.tensor([[True, True, False], [True, True, True]]) if masked else None
    layer(x)
    totals = [run(x, mask=mask).sum() for run in (layer, torch.compile(layer, backend="aot_eager"))]
    plain, compiled = (
        torch.autograd.grad(total, [weight.value for weight in layer.trainable_variables]) for total in totals
    )
    for ours, theirs in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(ours.detach(), theirs.detach(), atol=1e-6)


def test_two_directions_that_were_loaded_have_weights_of_their_own(tmp_path):
    model = keras.Sequential([keras.Input((None, 3)), Bidirectional(RNN(LSTMCell(2)))])
    model.save(tmp_path / "model.keras")
    for copy in (keras.models.load_model(tmp_path / "model.keras"), keras.models.clone_model(model)):
        assert len({weight.path for weight in copy.trainable_variables}) == 6
        assert {id(weight.value) for weight in copy.trainable_variables} <= {id(p) for p in copy.parameters()}
