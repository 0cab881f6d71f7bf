"""Counts what a kernel does to memory, in the interpreter, so on any laptop and exactly.

    with meter() as launches:
        softmax(x, backend="triton")
    print(launches)

An access out of bounds, which would end Python or read a stranger's memory, is an IndexError that
names the kernel and the program. In a terminal,

    python -m dlcore.kernels.meter softmax 64 1000 --dtype float16

prints the same for an operation of `workloads.py`, forward and backward, and its place under roofs.
"""

import argparse
import contextlib
import sys
from dataclasses import dataclass, field

import numpy as np

from dlcore.kernels import HAVE_TRITON, interpret, missing

if __name__ == "__main__":  # before Triton is imported, which asks once
    interpret() if HAVE_TRITON else sys.exit(missing())

from triton.runtime.errors import InterpreterError
from triton.runtime.interpreter import (
    GridExecutor,
    InterpreterBuilder,
    ReduceOps,
    interpreter_builder,
)
from triton.tools.tensor_descriptor import TensorDescriptor

SECTOR = 32  # bytes: what a GPU fetches from memory at least


@dataclass
class Launch:
    """What the programs of one launch did together.

    `loaded`, `stored` and `atomic` are bytes; an address counts once in each access (one `tl.load`
    of one program). `sectors` are the pieces of 32 bytes that the accesses touched. `flops` counts
    dot products, `other_flops` the remaining operations on floats, masked lanes among them.
    `races` are addresses that several programs store to (atomic operations may share them).
    """

    kernel: str
    grid: tuple = ()
    loaded: int = 0
    stored: int = 0
    atomic: int = 0
    sectors: int = 0
    flops: int = 0
    other_flops: int = 0
    races: int = 0

    @property
    def bytes(self) -> int:
        return self.loaded + self.stored + self.atomic

    @property
    def efficiency(self) -> float:
        """Bytes used of the bytes that the sectors hold: 1 where neighbours read neighbours."""
        return self.bytes / (SECTOR * self.sectors) if self.sectors else 1.0

    @property
    def intensity(self) -> float:
        """Floating-point operations per byte."""
        return (self.flops + self.other_flops) / self.bytes if self.bytes else 0.0


class Launches(list):
    """The launches that a meter saw, in order; prints as a table."""

    @property
    def total(self) -> Launch:
        """The sum of all."""
        whole = Launch("all")
        for name in ["loaded", "stored", "atomic", "sectors", "flops", "other_flops", "races"]:
            setattr(whole, name, sum(getattr(launch, name) for launch in self))
        return whole

    def __str__(self):
        lines = [f"{'kernel':24}{'grid':>12}{'loaded':>12}{'stored':>12}{'atomic':>9}"]
        lines[0] += f"{'dot flops':>12}{'flops/B':>9}{'sectors':>9}{'races':>7}"
        for one in [*self, *([self.total] if len(self) > 1 else [])]:
            line = f"{one.kernel:24}{'x'.join(map(str, one.grid)):>12}{one.loaded:12,}"
            line += f"{one.stored:12,}{one.atomic:9,}{one.flops:12,}{one.intensity:9.2f}"
            lines.append(f"{line}{one.efficiency:9.2f}{one.races:7,}")
        return "\n".join(lines)


@dataclass
class Memory:
    """Where one launch may go, and who stored where."""

    starts: np.ndarray
    ends: np.ndarray
    stores: dict = field(default_factory=dict)  # program -> arrays of addresses
    atomics: dict = field(default_factory=dict)

    @classmethod
    def of(cls, arguments):
        """The extents of the tensors among a kernel's arguments, those that overlap merged."""
        starts, ends = [], []
        for start, end in sorted(extents(arguments)):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        return cls(np.array(starts, np.uint64), np.array(ends, np.uint64))

    def inside(self, addresses, size: int):
        """Whether each address, with the `size` bytes from it on, lies in a tensor."""
        if not len(self.starts):
            return np.zeros(addresses.shape, bool)
        which = np.searchsorted(self.starts, addresses, side="right")
        return (which > 0) & (addresses + np.uint64(size) <= self.ends[which - 1])

    def races(self) -> int:
        """How many addresses are stored to by one program and written by another."""
        stored = [np.unique(np.concatenate(parts)) for parts in self.stores.values()]
        if not stored:
            return 0
        addresses, programs = np.unique(np.concatenate(stored), return_counts=True)
        shared = addresses[programs > 1]
        for program, parts in self.atomics.items():
            mine = np.concatenate(self.stores.get(program, [addresses[:0]]))
            others = addresses[(programs > 1) | ~np.isin(addresses, mine)]
            shared = np.union1d(shared, np.intersect1d(np.concatenate(parts), others))
        return len(shared)


def extents(arguments):
    """(first byte, byte after the last) of each tensor: what its shape and strides can reach."""
    for one in arguments:
        if isinstance(one, tuple):
            yield from extents(one)
        elif isinstance(one, TensorDescriptor):
            yield from extents([one.base])
        elif hasattr(one, "data_ptr") and one.numel():
            last = sum((n - 1) * step for n, step in zip(one.shape, one.stride(), strict=True))
            yield one.data_ptr(), one.data_ptr() + (last + 1) * one.element_size()


class Meter:
    """The interpreter's own functions, each wrapped in one that counts."""

    def __init__(self):
        self.launches, self.memory, self.launch = Launches(), None, None

    def access(self, pointers, mask, verb: str):
        """Count one access, or raise an IndexError before it happens."""
        where = np.unique(pointers.data[np.broadcast_to(mask, pointers.data.shape) != 0])
        size = max(1, pointers.get_element_ty().primitive_bitwidth // 8)
        program = interpreter_builder.grid_idx
        outside = np.count_nonzero(~self.memory.inside(where, size))
        if outside:
            raise IndexError(
                f"{verb} out of bounds in {self.launch.kernel}, program {program}: "
                f"{outside} of {len(where)} addresses are in none of its tensors"
            )
        name = {"load": "loaded", "store": "stored", "atomic": "atomic"}[verb]
        setattr(self.launch, name, getattr(self.launch, name) + size * len(where))
        sectors = np.diff(where // np.uint64(SECTOR))
        self.launch.sectors += int(np.count_nonzero(sectors)) + (len(where) > 0)
        if verb != "load" and len(where):
            kept = self.memory.stores if verb == "store" else self.memory.atomics
            kept.setdefault(program, []).append(where)

    def call(self, wrapped, executor, *args, **kwargs):
        """A launch: its programs one after the other, then the races among them."""
        before, self.launch = self.launch, Launch(executor.fn.__name__)
        self.launches.append(self.launch)
        try:
            wrapped(executor, *args, **kwargs)
            self.launch.grid = tuple(interpreter_builder.grid_dim)
            self.launch.races = self.memory.races()
        except InterpreterError as error:
            raise index_error(error) or error from None
        finally:
            self.launch, self.memory = before, None

    def arguments(self, wrapped, executor, args, kwargs):
        hosts = wrapped(executor, args, kwargs)
        self.memory = Memory.of([*hosts[0], *hosts[1].values()])
        return hosts

    def load(self, wrapped, builder, pointers, mask, *rest, **options):
        self.access(pointers, mask.data, "load")
        return wrapped(builder, pointers, mask, *rest, **options)

    def store(self, wrapped, builder, pointers, value, mask, *rest, **options):
        self.access(pointers, mask.data, "store")
        return wrapped(builder, pointers, value, mask, *rest, **options)

    def atomic(self, wrapped, builder, kind, pointers, value, mask, *rest, **options):
        self.access(pointers, mask.data, "atomic")
        return wrapped(builder, kind, pointers, value, mask, *rest, **options)

    def exchange(self, wrapped, builder, pointers, *rest):
        self.access(pointers, True, "atomic")
        return wrapped(builder, pointers, *rest)

    def dot(self, wrapped, builder, a, b, *rest, **options):
        result = wrapped(builder, a, b, *rest, **options)
        self.launch.flops += 2 * result.data.size * a.data.shape[-1]
        return result

    def elementwise(self, wrapped, builder, operand, *rest, **options):
        result = wrapped(builder, operand, *rest, **options)
        if self.launch and operand.dtype.scalar.is_floating():
            self.launch.other_flops += result.data.size
        return result

    def reduce(self, wrapped, reduction, values):
        if values[0].dtype.is_floating():
            self.launch.other_flops += values[0].handle.data.size
        return wrapped(reduction, values)


WRAPPED = {
    (GridExecutor, "__call__"): "call",
    (GridExecutor, "_init_args_hst"): "arguments",
    (InterpreterBuilder, "create_masked_load"): "load",
    (InterpreterBuilder, "create_masked_store"): "store",
    (InterpreterBuilder, "create_atomic_rmw"): "atomic",
    (InterpreterBuilder, "create_atomic_cas"): "exchange",
    (InterpreterBuilder, "create_dot"): "dot",
    (InterpreterBuilder, "binary_op"): "elementwise",
    (InterpreterBuilder, "unary_op"): "elementwise",
    (InterpreterBuilder, "create_fma"): "elementwise",
    (ReduceOps, "apply_impl"): "reduce",
}


@contextlib.contextmanager
def meter():
    """Count every launch inside the `with`; outside it the interpreter is as it was."""
    counting = Meter()
    before = {key: vars(key[0])[key[1]] for key in WRAPPED}
    try:
        for (owner, name), method in WRAPPED.items():
            setattr(owner, name, around(before[owner, name], getattr(counting, method)))
        yield counting.launches
    finally:
        for (owner, name), function in before.items():
            setattr(owner, name, function)


def around(wrapped, method):
    return lambda self, *args, **kwargs: method(wrapped, self, *args, **kwargs)


def index_error(error) -> IndexError | None:
    """The IndexError of an access that the interpreter wrapped into its own, once or more."""
    while error is not None and not isinstance(error, IndexError):
        error = error.__cause__
    return error


def main(arguments=None):
    from dlcore.kernels.workloads import operations

    parser = argparse.ArgumentParser("python -m dlcore.kernels.meter", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("operation", help=f"one of {', '.join(operations())}")
    parser.add_argument("shape", nargs="*", type=int, help="small: the interpreter is slow")
    parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], default="float32")
    given = parser.parse_args(arguments)
    try:
        print(metered(given.operation, given.shape, given.dtype))
    except ValueError as error:
        parser.error(str(error))


def metered(operation: str, shape: list, dtype: str) -> str:
    """The table of one operation's launches, and where they stand under the roof of each GPU."""
    import torch

    from dlcore.kernels.bench import results
    from dlcore.kernels.roofline import table
    from dlcore.kernels.workloads import Like, operations

    if operation not in (known := operations()):
        raise ValueError(f"operation must be among {', '.join(known)}, got {operation!r}")
    one, shape = known[operation], tuple(shape) or known[operation].tiny
    if len(shape) != len(one.tiny):
        raise ValueError(f"shape must have {len(one.tiny)} sizes, as in {one.tiny}, got {shape}")
    inputs = one.make(shape, Like(getattr(torch, dtype), "cpu"))
    with meter() as launches:
        results(lambda *given: one.ours(*given, backend="triton"), inputs)
    return f"{launches}\n\n{table(launches)}"


if __name__ == "__main__":
    main()
