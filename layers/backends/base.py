"""What each way of running a cell over a whole sequence must give."""

import abc
from typing import Any

Tensor = Any  # of the Keras backend that runs


class Backend(abc.ABC):
    """One way to run a cell over a whole sequence.

    The way called `PlainSteps` is the specification: it calls the cell once for each step, and
    takes any cell. Every other way computes the same function faster, for the cells that it
    `runs`. `backend_of` chooses.

    Attributes:
        description: what `RNN.explain` says of it.
        supports_jit: whether a program that Keras compiles may contain it.
        is_cudnn: whether cuDNN runs it on this machine, which `use_cudnn` asks for or keeps off.
    """

    description: str
    supports_jit = True
    is_cudnn = False

    @abc.abstractmethod
    def runs(self, cell, training: bool) -> bool:
        """Whether it computes the function of a cell, with this Keras backend on this machine."""

    @abc.abstractmethod
    def run(
        self, cell, x: Tensor, states: list[Tensor], mask: Tensor | None, collect: bool, training: bool
    ) -> tuple[Tensor, Tensor | None, list[Tensor]]:
        """Runs a cell over a sequence.

        Args:
            cell: a built cell that it `runs`.
            x: shape `(batch, time, features)`.
            states: flat list of the states before the first step, each `(batch, size)`.
            mask: bool of shape `(batch, time, 1)`, true where a step counts, or None. A
                masked step keeps the states and repeats the output before it.
            collect: whether to return the outputs of all steps.
            training: whether dropout acts. A gradient is right without it too.

        Returns:
            The last output, `(batch, units)`; the outputs of all steps,
            `(batch, time, units)`, or None unless `collect`; and the last states.
        """
