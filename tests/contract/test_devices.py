"""Training on two devices: the numbers of one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.door import Refused
from small import small_model

BACKEND = keras.backend.backend()
# Of dna, video and sentiment, which are networks of one kind with one loss, sentiment stands for all; on JAX,
# which compiles every model, one task with a mask does.
TASKS = [name for name in seqzoo.list_tasks() if name not in ("dna", "video")] if BACKEND == "tensorflow" else ["ner"]


@pytest.mark.skipif(BACKEND == "torch", reason="on torch Keras trains on one device")
def test_two_devices_learn_what_one_does():
    """Weights and figures, with uneven batches, example weights, masks and clipped gradients; after a cut too."""
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, here / "two_devices.py", *TASKS],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(here), "XLA_FLAGS": "--xla_force_host_platform_device_count=2"},
    )
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert found.keys() == {*TASKS, "by a recipe"}
    for name, differences in found.items():
        assert differences.pop("moved") > 1e-3, name
        assert max(differences.values()) < 2e-6, (name, differences)


def test_what_is_no_strategy_is_refused():
    with pytest.raises(Refused, match="strategy"):
        seqzoo.get_task("dna").train(strategy="two devices")


@pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's strategies")
def test_a_strategy_of_several_machines_is_refused():
    with pytest.raises(Refused, match="(?s)one machine.*seqzoo sweep"):
        seqzoo.get_task("dna").train(strategy=tf.distribute.MultiWorkerMirroredStrategy())


@pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's strategies")
def test_a_model_of_other_devices_is_refused():
    model = small_model("dna")
    with pytest.raises(Refused, match="(?s)made in the scope.*strategy.scope"):
        seqzoo.get_task("dna").train(model=model, strategy=tf.distribute.OneDeviceStrategy("/CPU:0"))
