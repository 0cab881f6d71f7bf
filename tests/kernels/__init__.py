"""The table of kernels: tests/test_kernels.py runs every row through every check.

Each file here is one topic and holds CASES. A row makes inputs, calls the kernel and its
reference in plain torch, and counts by hand the bytes that must move, so that adding a kernel
adds all its checks.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Case:
    """One kernel with its options.

    `inputs(rng, dtype, *size)` gives the tensors in the order of the arguments; those of a
    floating type are differentiated by. `call(*inputs, backend=...)` and `reference(*inputs)`
    compute the same. The bytes are those that must cross between the GPU's memory and its cores,
    each input read once and each result written once, by `call` and by its backward pass.
    """

    name: str
    inputs: Callable
    call: Callable
    reference: Callable
    sizes: tuple  # from awkward to the one to meter
    forward_bytes: Callable  # (*inputs) -> int, of the call with inputs that need a gradient
    backward_bytes: Callable | None  # (*inputs) -> int; None where there is no gradient
    operator: Callable | None = None  # (*inputs) -> operator, its arguments, for opcheck

    def __str__(self):
        return self.name

    def make(self, rng, dtype, size):
        """Inputs that need a gradient where they can have one."""
        inputs = [a.detach() for a in self.inputs(rng, dtype, *size)]
        return [
            a.requires_grad_(self.backward_bytes is not None and a.is_floating_point())
            for a in inputs
        ]


def tensor(rng, shape, dtype, scale=1.0):
    """Normal numbers, drawn in float64 so that every dtype gets the same ones, rounded."""
    return torch.tensor(scale * rng.normal(size=shape)).to(dtype)


def size_of(*tensors) -> int:
    """Their bytes."""
    return sum(a.numel() * a.element_size() for a in tensors)


def all_cases() -> list[Case]:
    found = []
    for info in pkgutil.iter_modules(__path__):
        if not info.name.startswith("test_"):
            found += importlib.import_module(f"{__name__}.{info.name}").CASES
    return found
