"""Times the layers on Keras's torch and JAX backends, on a CPU or a GPU: ours, keras.layers and torch.nn.

In turn, with the same weights and data; on JAX each step is compiled. Rows of a masked batch
count half of their steps or more.

    KERAS_BACKEND=torch python benchmarks/other_backends.py
    KERAS_BACKEND=jax python benchmarks/other_backends.py --dtype mixed_bfloat16 --out results/jax_bfloat16
"""

import itertools
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import click
import keras
import numpy as np
from grid import KERAS, SHAPES, mean_and_least, quartiles, report, what
from keras import ops
from measure import ROUNDS, measure

from seqzoo.layers import from_keras, to_torch

BACKEND = keras.backend.backend()
if BACKEND == "torch":  # all contestants multiply in single precision
    import torch

    torch.backends.cudnn.allow_tf32 = False


def device():
    """The name of what the backend runs on."""
    if BACKEND == "jax":
        import jax

        device = jax.devices()[0]
        return "CPU" if device.platform == "cpu" else device.device_kind
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def torch_call(layer, x, parameters, training, **masked):
    import torch

    def outputs():
        outputs = layer(x, **masked)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    def run():
        if training:
            torch.autograd.grad((outputs() ** 2).mean(), parameters)
        else:
            with torch.no_grad():
                outputs()
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    return run


def jax_call(layer, x, training, mask):
    import jax

    fixed = [w.value for w in layer.non_trainable_variables]

    def outputs(weights):
        return layer.stateless_call(weights, fixed, x, mask=mask)[0]

    def loss(weights):
        return ops.mean(outputs(weights) ** 2)

    compiled = jax.jit(jax.grad(loss) if training else outputs)
    weights = [w.value for w in layer.trainable_variables]
    return lambda: jax.block_until_ready(compiled(weights))


def contestants(cell, shape, dtype, masked, training):
    """Named functions that all compute the same."""
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    theirs = KERAS[cell](units, return_sequences=True, dtype=dtype)
    theirs.build((batch, length, features))
    ours = from_keras(theirs)
    x = keras.random.normal((batch, length, features), dtype=theirs.compute_dtype)
    lengths = np.random.default_rng(0).integers(length // 2, length + 1, (batch, 1))
    mask = ops.convert_to_tensor(np.arange(length) < lengths) if masked else None
    pair = {"ours": ours, "keras": theirs}
    if BACKEND == "jax":
        calls = {name: jax_call(layer, x, training, mask) for name, layer in pair.items()}
    else:
        calls = {
            name: torch_call(layer, x, [w.value for w in layer.trainable_weights], training, mask=mask)
            for name, layer in pair.items()
        }
        if cell != "gru" and not masked:
            module = to_torch(ours).to(x)
            calls["torch.nn"] = torch_call(module, x, list(module.parameters()), training)
    found, expected = (ops.convert_to_numpy(ops.cast(layer(x, mask=mask), "float32")) for layer in (ours, theirs))
    np.testing.assert_allclose(found, expected, atol=1e-3 if theirs.compute_dtype == "float32" else 0.1)
    return calls


def markdown(rows):
    others = ["keras", "torch.nn"] if BACKEND == "torch" else ["keras"]
    head = ["cell", "batch, time, features, units", "what", "ours", *others, *(f"{name} / ours" for name in others)]
    lines = [f"{BACKEND} on {rows[0]['device']}, {rows[0]['dtype']}. Milliseconds, median; ratios with quartiles.", ""]
    lines += ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for r in rows:
        ms = [str(r["milliseconds"].get(name, "")) for name in ("ours", *others)]
        ratios = [r.get(f"{name}_over_ours") for name in others]
        ratios = ["{:.2f} ({:.2f}–{:.2f})".format(*ratio) if ratio else "" for ratio in ratios]
        lines.append("| " + " | ".join([r["cell"], r["shape"], what(r), *ms, *ratios]) + " |")
    lines += ["", "Geometric means of theirs / ours:", ""]
    for name, cell, kind in itertools.product(others, KERAS, dict.fromkeys(map(what, rows))):
        ratios = [
            r[f"{name}_over_ours"][0] for r in rows if f"{name}_over_ours" in r and (r["cell"], what(r)) == (cell, kind)
        ]
        if ratios:
            lines.append(f"- {name}, {cell}, {kind}: {mean_and_least(ratios)}")
    return "\n".join(lines) + "\n"


def row(cell, shape, dtype, masked, training, rounds):
    calls = contestants(cell, [int(n) for n in shape.split(",")], dtype, masked, training)
    _, seconds = measure(calls, rounds=rounds)
    return {
        "device": device(),
        "dtype": dtype,
        "cell": cell,
        "shape": shape,
        "masked": masked,
        "training": training,
        "milliseconds": {name: round(1e3 * float(np.median(s)), 2) for name, s in seconds.items()},
        **{f"{name}_over_ours": quartiles(seconds[name] / seconds["ours"]) for name in seconds if name != "ours"},
    }


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
@click.option("--dtype", default="float32", show_default=True, help="A dtype policy of Keras's.")
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--shapes", default=SHAPES, multiple=True, show_default=True)
@click.option("--rounds", default=ROUNDS, show_default=True)
def main(out, dtype, cells, shapes, rounds):
    kinds = itertools.product(cells.split(","), shapes, (True, False), (False, True))
    rows = (row(cell, shape, dtype, masked, training, rounds) for cell, shape, training, masked in kinds)
    report(rows, markdown, out)


if __name__ == "__main__":
    main()
