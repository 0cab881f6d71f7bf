"""Runs every `Shapes:` line of dlcore.scratch and dlcore.nn: docstrings tell what happens."""

import importlib
import inspect
import pkgutil
import re

import numpy as np
import pytest
import torch

import dlcore.nn
import dlcore.scratch

SIZES = {"n": 4, "d": 3, "k": 2, "t": 5, "s": 6, "e": 7, "1": 1}
OTHER = {  # what a name stands for, where random numbers will not do
    "labels": lambda shape, rng: np.resize([0, 1], shape),  # every class of 0..k-1
    "p": lambda shape, rng: rng.dirichlet(np.ones(shape[-1]), shape[:-1]),
    "q": lambda shape, rng: rng.dirichlet(np.ones(shape[-1]), shape[:-1]),
    "weights": lambda shape, rng: rng.uniform(size=shape),
    "classes": lambda shape, rng: SIZES["k"],
    "name": lambda shape, rng: "p",
}


def documented():
    """(module, function, signature) of each function with a Shapes line."""
    for package in dlcore.scratch, dlcore.nn:
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            for name, f in inspect.getmembers(module, inspect.isfunction):
                line = re.search(r"^\s*Shapes: (\S+)$", f.__doc__ or "", re.MULTILINE)
                if f.__module__ == module.__name__ and line:
                    yield pytest.param(f, line[1], id=f"{module.__name__[7:]}.{name}")


def axes(side: str) -> list[list[str]]:
    return [[a for a in group.split(",") if a] for group in re.findall(r"\(([^)]*)\)", side)]


def call(f, signature, lead, rng):
    """The shapes that f returns for random inputs of the documented shapes."""
    arguments, names = axes(signature.split("->")[0]), list(inspect.signature(f).parameters)
    given = []
    for name, core in zip(names, arguments, strict=False):
        shape = (*lead, *(SIZES[a] for a in core))
        given.append(OTHER.get(name, lambda s, r: r.normal(size=s))(shape, rng))
    for name in names[len(arguments) :]:
        if name in OTHER:  # an argument that is no array and has no default
            given.append(OTHER[name]((), rng))
    if f.__module__.startswith("dlcore.nn"):
        given = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in given]
    result = f(*given)
    return [tuple(np.shape(r)) for r in (result if isinstance(result, tuple) else (result,))]


DOCUMENTED = list(documented())
# n stands for examples, which a loss averages and a layer treats alike: its own tests say how.
EACH_ROW = [param for param in DOCUMENTED if "n" not in param.values[1]]


@pytest.mark.parametrize(("f", "signature"), DOCUMENTED)
def test_a_function_returns_the_shapes_that_it_documents(f, signature, rng):
    wanted = [tuple(SIZES[a] for a in core) for core in axes(signature.split("->")[1])]
    assert call(f, signature, (), rng) == wanted


@pytest.mark.parametrize(("f", "signature"), EACH_ROW)
def test_leading_axes_of_a_function_of_rows_broadcast(f, signature, rng):
    wanted = [(2, *(SIZES[a] for a in core)) for core in axes(signature.split("->")[1])]
    assert call(f, signature, (2,), rng) == wanted


def test_every_pair_says_what_shapes_it_takes():
    """By a Shapes line, or in words where no random input of a shape will do."""
    silent = []
    for package in dlcore.scratch, dlcore.nn:
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            for name, f in inspect.getmembers(module, inspect.isfunction):
                told = re.search("shape|broadcast", (f.__doc__ or "").lower())
                if f.__module__ == module.__name__ and hasattr(module, f"{name}_vjp") and not told:
                    silent.append(f"{module.__name__}.{name}")
    assert not silent
