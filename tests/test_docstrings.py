"""The examples in the docstrings of every public module run and print what they say."""

import doctest
import importlib
import pkgutil

import matplotlib
import pytest

import seqzoo

matplotlib.use("Agg")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = ["seqzoo", *(m.name for m in pkgutil.walk_packages(seqzoo.__path__, "seqzoo."))]
for room in ("seqzoo.layers",):
    package = importlib.import_module(room)
    MODULES += [m.name for m in pkgutil.walk_packages(package.__path__, f"{room}.")]


@pytest.mark.parametrize("name", sorted(set(MODULES)))
def test_examples(name):
    failures, _ = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert failures == 0, f"{failures} examples in {name} do not print what they say"


@pytest.mark.parametrize(
    "name",
    [
        *(f"layers.{name}" for name in seqzoo.layers.__all__),
        *("create_model", "list_models", "many_to_one"),
        "one_to_many",
    ],
)
def test_public_names_have_an_example(name):
    thing = seqzoo
    for part in name.split("."):
        thing = getattr(thing, part)
    assert ">>> " in thing.__doc__
