"""torch's own loop over a whole sequence, which on a GPU is cuDNN's."""

import keras

from seqzoo.layers.backends.half_precision import is_half
from seqzoo.layers.backends.library_loops import LibraryLoop, library_loop


class TorchLoop(LibraryLoop):
    """Runs the cells that have a `library_loop`, on torch."""

    description = "Fast path: torch's own loop, cuDNN's on a GPU"

    @property
    def is_cudnn(self):
        return keras.backend.backend() == "torch" and _has_cuda()

    def runs(self, cell, training):
        if keras.backend.backend() != "torch" or library_loop(cell, training) is None:
            return False
        if _transformed() or _compiled_with_gradients():
            return False
        return self.is_cudnn or not is_half(cell.compute_dtype)  # on a CPU it sums up gradients in half precision

    def loop(self, name, x, weights, states, training):
        import torch

        kernel, recurrent_kernel, bias = weights
        before = [state[None].contiguous() for state in states]  # torch's axis for stacked layers
        before = before if len(before) > 1 else before[0]
        differentiable = training or torch.is_grad_enabled()  # cuDNN keeps what a gradient needs only then
        weights = _in_one_piece([kernel.T, recurrent_kernel.T, bias, torch.zeros_like(bias)])
        outputs, *after = getattr(torch, name)(x, before, weights, True, 1, 0.0, differentiable, False, True)
        return [state[0] for state in after], outputs


def _transformed():
    """Whether `torch.func` or forward mode looks on: torch's loop knows no `vmap` and no tangents.

    Nothing public says so. Where nothing says so at all, it is taken for no.
    """
    import torch

    transforms_active = getattr(torch._C, "_are_functorch_transforms_active", lambda: False)
    return transforms_active() or getattr(torch.autograd.forward_ad, "_current_level", -1) >= 0


def _compiled_with_gradients():
    """Whether `torch.compile` traces what may be differentiated: on a CPU the loop keeps what that cannot hold."""
    import torch

    compiling = torch.compiler.is_compiling() and not torch.compiler.is_exporting()
    return compiling and torch.is_grad_enabled()


def _has_cuda():
    import torch

    return torch.cuda.is_available()


def _in_one_piece(weights):
    """The same weights side by side in memory, as cuDNN takes them."""
    import torch

    piece = torch.cat([weight.reshape(-1) for weight in weights])
    parts = piece.split([weight.numel() for weight in weights])
    return [part.view(weight.shape) for part, weight in zip(parts, weights)]
