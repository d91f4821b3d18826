"""Training that was cut off ends with the weights, the history and the figure of one that was not."""

import os
import shutil
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.door import Refused

OPTIONS = dict(cell="rnn", units=8, limit=96, epochs=5, seed=0)  # with dropout and a moving average
KILLED = f"""
import os, signal, sys
import keras, seqzoo

class Kill(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 3:
            os.kill(os.getpid(), signal.SIGKILL)

seqzoo.get_task("dna").train(data_dir=sys.argv[1], backup_dir=sys.argv[2], callbacks=[Kill()], **{OPTIONS})
"""


class Seen(keras.callbacks.Callback):
    """The epochs that were trained."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append(epoch)


def train(data_dir, backup_dir=None, **options):
    seen = Seen()
    model = seqzoo.get_task("dna").train(
        data_dir=str(data_dir), backup_dir=backup_dir, callbacks=[seen], **{**OPTIONS, **options}
    )
    return model, seen.epochs


def assert_same(model, expected):
    said, expected_said = ({**each.history.history, "seconds": None} for each in (model, expected))
    assert said == expected_said
    for found, weight in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(found, weight)


@pytest.fixture(scope="module")
def undisturbed(mini_data_dir):
    return train(mini_data_dir)[0]


@pytest.fixture(scope="module")
def killed(mini_data_dir, tmp_path_factory):
    """The folder that a training leaves which was killed in its fourth epoch."""
    folder = tmp_path_factory.mktemp("backup")
    run = subprocess.run([sys.executable, "-c", KILLED, mini_data_dir, folder], capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr[-2000:]
    return folder


def test_it_goes_on_as_if_it_had_not_been_killed_and_once_ended_is_not_done_again(
    killed, undisturbed, mini_data_dir, tmp_path
):
    folder = shutil.copytree(killed, tmp_path / "backup")
    model, epochs = train(mini_data_dir, folder)
    assert epochs == [3, 4]
    assert_same(model, undisturbed)
    again, epochs = train(mini_data_dir, folder)
    assert epochs == []
    assert_same(again, undisturbed)


@pytest.mark.parametrize("damage", ["half", "empty", "changed"])
def test_a_file_that_is_not_whole_counts_for_nothing(killed, undisturbed, mini_data_dir, tmp_path, damage):
    folder = shutil.copytree(killed, tmp_path / "backup")
    (folder / "000009.state.7.part").write_bytes(b"never finished")
    newest = max(folder.glob("*.state"))
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes({"half": content[: len(content) // 2], "empty": b"", "changed": content}[damage])
    model, epochs = train(mini_data_dir, folder)
    assert epochs == [2, 3, 4]
    assert_same(model, undisturbed)


def test_where_nothing_is_whole_it_begins_anew(killed, mini_data_dir, tmp_path):
    folder = shutil.copytree(killed, tmp_path / "backup")
    for file in folder.glob("*.state"):
        os.truncate(file, 100)
    assert train(mini_data_dir, folder)[1] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("other", [dict(units=9), dict(epochs=6), dict(limit=32)])
def test_another_training_is_refused(killed, mini_data_dir, other):
    with pytest.raises(Refused, match="(?s)Expected: the training that is backed up in .*Received: another one"):
        train(mini_data_dir, killed, **other)
