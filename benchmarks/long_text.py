"""A character model of one long text, trained window by window with carried states.

    python benchmarks/long_text.py [TEXT_FILE]

The last tenth of the text is for validation. Without a file the text is the docstrings of Python's standard
library: English about programs, under the PSF licence, which every machine has. A paragraph that stands
in several places is taken once, so that validation holds none of training's.
"""

import argparse
import ast
import sysconfig
import time
from pathlib import Path

import keras
import numpy as np

import seqzoo
from seqzoo.decoding import Sampling, generate

LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages", "pydoc_data", "encodings"}
KINDS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings() -> str:
    """The paragraphs of all docstrings of the standard library, each once, in the order of its files."""
    root = Path(sysconfig.get_path("stdlib"))
    files = (file for file in sorted(root.rglob("*.py")) if not LEFT_OUT & set(file.relative_to(root).parts))
    paragraphs: dict[str, None] = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_bytes())):
            text = isinstance(node, KINDS) and ast.get_docstring(node)
            paragraphs.update(dict.fromkeys(text.split("\n\n") if text else ()))
    return "\n\n".join(paragraphs)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("text", nargs="?", help="a file of text in UTF-8")
    for name, default in dict(epochs=3, units=256, batch_size=32, steps=64, seed=0).items():
        arguments.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    arguments.add_argument("--cell", default="gru")
    arguments.add_argument("--learning-rate", type=float, default=4e-3)
    arguments.add_argument("--dropout", type=float, default=0.0)
    asked = arguments.parse_args()
    keras.utils.set_random_seed(asked.seed)
    text = Path(asked.text).read_text("utf-8") if asked.text else docstrings()
    train = text[: len(text) * 9 // 10]
    characters = sorted(set(train))
    places = {character: place for place, character in enumerate(characters, 2)}  # 0 is the start, 1 unknown
    ids = np.array([places.get(character, 1) for character in text], "int32")
    print(f"{len(text)} characters, {len(characters)} different ones, {len(train)} for training")
    model = seqzoo.one_to_many((1,), len(characters) + 2, asked.cell, asked.units, dropout=asked.dropout, embedding=64)
    each = len(train) // (asked.batch_size * asked.steps)
    rate = keras.optimizers.schedules.CosineDecay(asked.learning_rate, asked.epochs * each)
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=1.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    begin = time.perf_counter()
    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: print(
            f"epoch {epoch + 1}: {logs['loss']:.3f} nats, validation {logs['val_loss']:.3f} nats a character, "
            f"{time.perf_counter() - begin:.0f} s",
            flush=True,
        )
    )
    seqzoo.fit_long(
        model, ids[: len(train)], validation=ids[len(train) :], batch_size=asked.batch_size, steps=asked.steps,
        epochs=asked.epochs, callbacks=[report], verbose=0,
    )  # fmt: skip
    written, _ = generate(model.step, model.start(np.zeros((1, 1))), 0, -1, 400, Sampling(0.7, seed=asked.seed))
    print("".join(["", "�", *characters][id] for id in np.array(written)[0]))


if __name__ == "__main__":
    main()
