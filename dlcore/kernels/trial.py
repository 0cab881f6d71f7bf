"""One launch of a kernel that is given as source, under the meter; needs NumPy and no torch."""

import linecache
from dataclasses import asdict

import numpy as np

from dlcore.kernels import interpreting
from dlcore.kernels.meter import meter

ALIGNED = 256  # bytes: each tensor on a GPU begins at a multiple of it


class Memory:
    """A copy of a NumPy array where a GPU would put it, with a tensor's methods."""

    def __init__(self, array):
        room = np.empty(array.nbytes + ALIGNED, np.uint8)
        start = -room.ctypes.data % ALIGNED
        self.array = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
        self.array[...] = array
        self.dtype, self.shape = array.dtype, array.shape

    def data_ptr(self):
        return self.array.ctypes.data

    def numel(self):
        return self.array.size

    def element_size(self):
        return self.array.itemsize

    def size(self):
        return self.shape

    def stride(self):
        return tuple(step // self.array.itemsize for step in self.array.strides)

    def storage_offset(self):
        return 0

    def untyped_storage(self):
        return self

    def cpu(self):
        return self

    def new_empty(self, size, device):
        return self

    def set_(self, *parts):
        """The interpreter copies a GPU's memory this way; this one is here already."""

    def copy_(self, other):
        """As in `set_`."""


def trial(source: str, name: str, grid: tuple, arguments: list, constants: dict) -> dict:
    """What the kernel `name` of a module's `source` did; arrays among `arguments` are changed.

    The counts of a `Launch` and its `bytes`, `efficiency` and `intensity`; or, where the kernel
    failed or left its arrays, only `error`, a sentence.
    """
    if not interpreting():
        raise RuntimeError("a trial needs the interpreter: dlcore.kernels.interpret() comes first")
    file, space = f"<kernel {name}>", {"__name__": "kernel"}
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    given = [Memory(one) if isinstance(one, np.ndarray) else one for one in arguments]
    try:
        exec(compile(source, file, "exec", dont_inherit=True), space)
        with meter() as launches:
            space[name][grid](*given, **constants)
    except Exception as error:
        return {"error": str(error) if isinstance(error, IndexError) else f"it failed: {error}"}
    for old, new in zip(arguments, given, strict=True):
        if isinstance(new, Memory):
            old[...] = new.array
    one = launches.total
    return asdict(one) | {k: getattr(one, k) for k in ("bytes", "efficiency", "intensity")}
