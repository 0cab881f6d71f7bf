"""Values across the border between a student's code and the tests: plain data, never pickle.

A packed value is JSON and the raw bytes that it refers to. In the JSON None, booleans, integers,
floats and strings stand for themselves, all else is a list `[tag, …]`. Both sides check what they
read: a frame comes from whoever holds the other end of the channel.
"""

import builtins
import collections
import json
import math
import sys
from decimal import Decimal
from fractions import Fraction
from importlib import import_module  # torch only where a value needs it; also numpy

LIMIT = 64 << 20  # bytes in a frame
TEXT = 32 << 20  # of these in JSON, which takes many times its length in memory
SEQUENCES = {kind.__name__: kind for kind in (list, tuple, set, frozenset, collections.deque)}
MAPPINGS = {k.__name__: k for k in (dict, collections.OrderedDict, collections.Counter)}
TEXTS = {kind.__name__: kind for kind in (complex, Decimal, Fraction)}
TYPES = """int float complex str bytes bool list tuple dict set frozenset object range"""
TYPES = TYPES.split()
KINDS = "biufcSUmM"  # of numpy's dtypes, those without objects
BASES = (int, float, complex, str, bytes)  # a student's subclass of one crosses as this


class Refused(ValueError):
    """The value, or the frame, cannot cross."""


class Wire:
    """Packs and unpacks. `export` and `adopt` treat what is no plain value, and refuse it here."""

    def export(self, value, blobs):
        raise Refused(f"a value of the type {type(value).__name__} cannot be handed over")

    def adopt(self, tag, *parts):
        raise Refused(f"a value of the unknown kind {tag!r}")

    def pack(self, value) -> bytes:
        blobs = Blobs()
        try:
            text = json.dumps(self.tree(value, blobs)).encode()
        except RecursionError:
            raise Refused("a value that is nested too deeply, or holds itself") from None
        if len(text) > TEXT or len(text) + blobs.size > LIMIT:
            raise Refused(f"a value of more than {LIMIT >> 20} MB cannot be handed over")
        return b"".join([len(text).to_bytes(8, "big"), text, *blobs.parts])

    def unpack(self, data: bytes):
        end = 8 + int.from_bytes(data[:8], "big")
        if end > TEXT:
            raise Refused("a value with too many parts")
        try:
            return self.value(json.loads(data[8:end]), memoryview(data)[end:])
        except Exception as error:  # whatever a forged frame may cause
            raise Refused(f"a value that cannot be read ({error})") from None

    def tree(self, value, blobs):
        """The JSON of a value; its raw bytes are added to `blobs`."""
        kind = type(value)
        if value is None or kind in (bool, float, str):
            return value
        if kind is int:
            return value if -(2**63) < value < 2**63 else ["int", hex(value)]
        name = kind.__name__
        if SEQUENCES.get(name) is kind:
            return [name, [self.tree(item, blobs) for item in value]]
        if MAPPINGS.get(name) is kind:
            pairs = value.items()
            return [name, [[self.tree(k, blobs), self.tree(v, blobs)] for k, v in pairs]]
        if kind in (bytes, bytearray):
            return [name, *blobs.add(value)]
        if TEXTS.get(name) is kind:
            return [name, str(value)]
        if kind in (range, slice):
            parts = (value.start, value.stop, value.step)
            return [name, [self.tree(part, blobs) for part in parts]]
        return array_tree(value, blobs) or self.other_tree(value, blobs)

    def other_tree(self, value, blobs):
        if value is Ellipsis:
            return ["Ellipsis"]
        name = getattr(value, "__name__", None)
        if name in TYPES and getattr(builtins, name) is value:
            return ["type", name]
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            items = [self.tree(item, blobs) for item in tuple(value)]
            return ["named", type(value).__name__, list(value._fields), items]
        for base in BASES:
            if isinstance(value, base):
                return self.tree(base.__new__(base, value), blobs)
        return self.export(value, blobs)

    def value(self, tree, data):
        """The value of a piece of JSON; raw bytes are cut from `data`."""
        if not isinstance(tree, list):
            return tree
        tag, *parts = tree
        if tag in SEQUENCES:
            return SEQUENCES[tag]([self.value(item, data) for item in parts[0]])
        if tag in MAPPINGS:
            return MAPPINGS[tag]({self.value(k, data): self.value(v, data) for k, v in parts[0]})
        if tag in ("bytes", "bytearray"):
            return (bytes if tag == "bytes" else bytearray)(cut(data, *parts))
        if tag in TEXTS:
            return TEXTS[tag](parts[0])
        if tag in ("range", "slice"):
            return (range if tag == "range" else slice)(*(self.value(p, data) for p in parts[0]))
        if tag in ("int", "Ellipsis"):
            return int(parts[0], 16) if parts else Ellipsis
        if tag == "type" and parts[0] in TYPES:
            return getattr(builtins, parts[0])
        if tag == "named":
            kind = collections.namedtuple(str(parts[0]), parts[1])
            return kind(*(self.value(item, data) for item in parts[2]))
        if tag in ARRAYS:
            return ARRAYS[tag](data, *parts)
        return self.adopt(tag, *(self.lazy(part, data) for part in parts))

    def lazy(self, part, data):
        """A part for `adopt`: nested values are read, everything else is passed on."""
        return self.value(part, data) if isinstance(part, list) else part


class Blobs:
    """The raw bytes beside the JSON, by place and length."""

    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, data: bytes):
        place = self.size
        self.size += len(data)
        if self.size > LIMIT:
            raise Refused(f"a value of more than {LIMIT >> 20} MB cannot be handed over")
        self.parts.append(data)
        return place, len(data)


def cut(data, place: int, length: int):
    if not 0 <= place <= place + length <= len(data):
        raise Refused("a value that reaches past its frame")
    return data[place : place + length]


def array_tree(value, blobs):
    """The JSON of what belongs to numpy or torch, None for anything else."""
    np, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    return (np and numpy_tree(np, value, blobs)) or (torch and torch_tree(torch, value, blobs))


def numpy_tree(np, value, blobs):
    if isinstance(value, np.ndarray | np.generic):
        tag = "array" if isinstance(value, np.ndarray) else "scalar"
        value = np.asarray(value)
        if value.dtype.kind not in KINDS:
            raise Refused(f"an array of the dtype {value.dtype} cannot be handed over")
        return [tag, value.dtype.str, *value.shape, *blobs.add(value.tobytes())]
    if isinstance(value, np.dtype) and value.kind in KINDS:
        return ["dtype", value.str]
    if isinstance(value, type) and issubclass(value, np.generic):
        return ["scalartype", value.__name__]
    if isinstance(value, np.random.Generator):
        state = json.dumps(value.bit_generator.state, default=np.ndarray.tolist)
        return ["generator", state]
    return None


def torch_tree(torch, value, blobs):
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
        raw = blobs.add(flat.view(torch.uint8).numpy().tobytes())
        dtype = str(value.dtype).removeprefix("torch.")
        return ["tensor", dtype, value.requires_grad, *value.shape, *raw]
    if isinstance(value, torch.dtype):
        return ["tensordtype", str(value).removeprefix("torch.")]
    if isinstance(value, torch.Size):
        return ["size", *value]
    return None


def array(data, dtype, *rest):
    np = import_module("numpy")
    *shape, place, length = rest
    dtype = np.dtype(dtype)
    if dtype.kind not in KINDS or math.prod(shape) * dtype.itemsize != length:
        raise Refused("an array whose size does not fit its shape")
    return np.frombuffer(bytearray(cut(data, place, length)), dtype).reshape(shape)


def tensor(data, dtype, requires_grad, *rest):
    torch = import_module("torch")
    *shape, place, length = rest
    dtype = tensor_dtype(data, dtype)
    if math.prod(shape) * dtype.itemsize != length:
        raise Refused("a tensor whose size does not fit its shape")
    if not length:
        return torch.empty(shape, dtype=dtype, requires_grad=bool(requires_grad))
    flat = torch.frombuffer(bytearray(cut(data, place, length)), dtype=dtype)
    return flat.reshape(shape).requires_grad_(bool(requires_grad))


def tensor_dtype(data, name):
    torch = import_module("torch")
    found = getattr(torch, name)
    if not isinstance(found, torch.dtype):
        raise Refused(f"no dtype of torch: {name!r}")
    return found


def scalar_type(data, name):
    np = import_module("numpy")
    found = getattr(np, name)
    if not (isinstance(found, type) and issubclass(found, np.generic)):
        raise Refused(f"no type of numpy: {name!r}")
    return found


def generator(data, text):
    np = import_module("numpy")
    state = json.loads(text)
    source = {"PCG64": np.random.PCG64, "MT19937": np.random.MT19937}[state["bit_generator"]]()
    source.state = state
    return np.random.Generator(source)


def size(data, *shape):
    return import_module("torch").Size(shape)


def dtype(data, text):
    np = import_module("numpy")
    found = np.dtype(text)
    if found.kind not in KINDS:
        raise Refused(f"no plain dtype: {text!r}")
    return found


ARRAYS = {
    "array": array,
    "scalar": lambda data, *parts: array(data, *parts)[()],
    "tensor": tensor,
    "dtype": dtype,
    "scalartype": scalar_type,
    "tensordtype": tensor_dtype,
    "generator": generator,
    "size": size,
}
