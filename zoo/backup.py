"""Training that goes on after it was cut off, as if it had not been."""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqzoo.door import Refused

SUFFIX = ".state"


class Backup(keras.callbacks.Callback):
    """Keeps all that training knows in a folder after each epoch, and goes on from there.

    `keras.callbacks.BackupAndRestore` keeps weights and optimizer. This keeps, besides, the random
    states, the best weights, how long early stopping has waited, and the history: so training ends
    with the figure that it would have had without the cut. A file that is not whole counts for nothing,
    and the one before it stands in. A training that had ended is not done again.

    It stands last among the callbacks, after `keras.callbacks.SwapEMAWeights`.

    Args:
        folder: of this training alone.
        model: a `TaskModel`, compiled.
        best: the callback of the same training that keeps the best weights.
        of: what tells this training from others, in JSON's kinds.

    Attributes:
        plateau: the callback that lowers the learning rate, in a list that is empty where there is none.
        begin: the step at which the learning rate began to fall along a cosine.
        epoch: the first epoch that is still to be done, `initial_epoch` of `fit`.

    Raises:
        Refused: the folder holds another training.
    """

    def __init__(
        self,
        folder: str | Path,
        model: keras.Model,
        best: keras.callbacks.EarlyStopping,
        of: dict[str, Any],
    ):
        super().__init__()
        self.folder, self.best = Path(folder), best
        self.plateau: Sequence[keras.callbacks.ReduceLROnPlateau] = ()
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        self._of = {**of, "weights": [list(variable.shape) for variable in model.network.variables]}
        self._state = _newest(self.folder)
        self.epoch = self._state[0]["epoch"] if self._state else 0
        self.begin = self._state[0].get("begin", 0) if self._state else 0
        if self._state and self._state[0]["of"] != json.loads(json.dumps(self._of)):
            raise Refused(
                f"the training that is backed up in {self.folder}",
                "another one: its data, epochs or layers are not the same",
                "name another folder, or delete this one to begin anew",
            )

    def on_train_begin(self, logs: Any = None) -> None:
        if self._state is None:
            return
        known, arrays = self._state
        self._state = None
        for kind, variables in self._variables().items():
            for variable, value in zip(variables, arrays[kind], strict=True):
                variable.assign(value)
        _set_torch_random(arrays["random"])
        best = self.best
        best.best, best.best_epoch, best.wait = known["best"], known["best_epoch"], known["wait"]
        best.stopped_epoch, best.best_weights = known["stopped_epoch"], arrays["best"] or None
        for callback, (value, wait) in zip(self.plateau, known.get("plateau", ())):
            callback.best, callback.wait = value, wait
        self.model.history.history = known["history"]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch > self.epoch:  # here the weights are not swapped for their average
            self._write(epoch)

    def on_train_end(self, logs: Any = None) -> None:
        if self.epoch < self.params["epochs"]:
            self._write(self.params["epochs"])

    def _variables(self):
        return {"network": self.model.network.variables, "optimizer": self.model.optimizer.variables}

    def _write(self, epoch):
        best = self.best
        known = {
            "of": self._of,
            "epoch": epoch,
            "begin": self.begin,
            "best": _number(best.best),
            "best_epoch": best.best_epoch,
            "wait": best.wait,
            "stopped_epoch": best.stopped_epoch,
            "plateau": [(_number(callback.best), callback.wait) for callback in self.plateau],
            "history": {name: list(map(float, values)) for name, values in self.model.history.history.items()},
        }
        numpy = keras.ops.convert_to_numpy
        arrays = {kind: [numpy(v) for v in variables] for kind, variables in self._variables().items()}
        _write(
            self.folder / f"{epoch:06}{SUFFIX}",
            known,
            {**arrays, "best": best.best_weights or [], "random": _torch_random()},
        )
        for old in _files(self.folder)[2:]:
            old.unlink()


def _number(value):
    return None if value is None else float(value)


def _torch_random():
    """The states of torch's own random numbers, from which Keras draws its dropout there."""
    if keras.backend.backend() != "torch":
        return []
    import torch

    return [state.cpu().numpy() for state in (torch.get_rng_state(), *torch.cuda.get_rng_state_all())]


def _set_torch_random(states):
    if states:
        import torch

        first, *others = map(torch.from_numpy, states)
        torch.set_rng_state(first)
        torch.cuda.set_rng_state_all(others)


def _files(folder):
    """The newest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True)


def _newest(folder):
    return next(filter(None, map(_read, _files(folder))), None)


def _write(file, known, arrays):
    """Whole or not at all, with the digest of all that follows it."""
    numbered = {f"{kind}/{i}": value for kind, values in arrays.items() for i, value in enumerate(values)}
    content = io.BytesIO()
    np.savez(content, known=np.frombuffer(json.dumps(known).encode(), "uint8"), **numbered)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with part.open("wb") as out:
        out.write(hashlib.sha256(content.getbuffer()).digest())
        out.write(content.getbuffer())
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, file)


def _read(file):
    """What was known and the lists of arrays; None where the file is not whole."""
    content = file.read_bytes()
    digest, content = content[:32], content[32:]
    if hashlib.sha256(content).digest() != digest:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as numbered:
        known = json.loads(numbered["known"].tobytes())
        arrays = {"network": [], "optimizer": [], "best": [], "random": []}
        for name in numbered.files:
            kind, _, _ = name.partition("/")
            if kind in arrays:
                arrays[kind].append(numbered[name])
    return known, arrays
