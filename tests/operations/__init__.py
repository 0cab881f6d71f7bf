"""The table of operations: tests/test_parity.py runs every row through every check.

Each file here is one topic and holds CASES. A row names a pair f, f_vjp of dlcore.scratch and
its twin in dlcore.nn, and makes random inputs, so that adding an operation adds all its checks.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One operation at one size.

    `inputs(rng)` gives the float64 arrays to differentiate by, in the order of the arguments;
    `rest` are the arguments after them, `options` those given by name.
    """

    module: str
    name: str
    inputs: Callable
    rest: tuple = ()
    options: tuple = ()
    note: str = ""
    twin: Callable | None = None  # where torch has the operation itself, and nn need not

    def __str__(self):
        return f"{self.module}.{self.name}{f' ({self.note})' if self.note else ''}"

    def functions(self):
        """f, f_vjp and the twin."""
        scratch = importlib.import_module(f"dlcore.scratch.{self.module}")
        f, f_vjp = getattr(scratch, self.name), getattr(scratch, f"{self.name}_vjp")
        twin = self.twin or getattr(importlib.import_module(f"dlcore.nn.{self.module}"), self.name)
        return f, f_vjp, twin


def normal(*shapes, scale=1.0):
    """Inputs of these shapes from the normal distribution."""
    return lambda rng: [scale * rng.normal(size=shape) for shape in shapes]


def all_cases() -> list[Case]:
    found = []
    for info in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{info.name}").CASES
    return found
