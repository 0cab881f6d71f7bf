"""Makes Triton's interpreter compute with bfloat16 as a GPU does; its own results are wrong.

It keeps a bfloat16 as an integer of 16 bits: sums and products of those are garbage, and float32
is cut off instead of rounded. Here each operation widens its operands to float32 and rounds the
result to nearest even. Atomics on bfloat16 are the one thing left: the interpreter refuses them.
A maximum or minimum of two passes by a NaN, as on a GPU; the interpreter would pass it on.
"""

import numpy as np
import triton.language as tl
from triton.runtime.interpreter import (
    InterpretedFunction,
    InterpreterBuilder,
    ReduceOps,
    ScanOps,
    TensorHandle,
    _get_np_dtype,
)


def to_bfloat16(x):
    """The upper 16 bits of float32, rounded to nearest even; NaN stays NaN.

    Shapes: ()->()
    """
    x = np.array(x, np.float32, order="C")
    bits = x.view(np.uint32)
    rounded = (bits + (0x7FFF + ((bits >> 16) & 1))) >> 16
    return np.where(np.isnan(x), 0x7FC0, rounded).astype(np.uint16)


def to_float32(bits):
    """The float32 whose upper 16 bits these are.

    Shapes: ()->()
    """
    return (np.array(bits, np.uint32, order="C") << 16).view(np.float32)


def wide(operand):
    """A bfloat16 operand as float32, any other as it is."""
    if not isinstance(operand, TensorHandle) or operand.dtype.scalar != tl.bfloat16:
        return operand
    return TensorHandle(to_float32(operand.data), tl.float32)


def narrow(handle):
    """A float32 result as bfloat16; the answer of a comparison stays boolean."""
    if handle.data.dtype == bool:
        return TensorHandle(handle.data, tl.int1)
    return TensorHandle(to_bfloat16(handle.data), tl.bfloat16)


def cast(self, src, dst_type):
    """Any type to any other, by way of float32 where one of them is bfloat16."""
    src, to = wide(src), dst_type.scalar
    if to == tl.bfloat16:
        return TensorHandle(to_bfloat16(src.data), tl.bfloat16)
    return TensorHandle(src.data.astype(_get_np_dtype(to)), to)


def through_float32(operation):
    """The operation on widened operands; rounded again if the last, its result's type, was not."""

    def widened(self, *operands):
        types = [a.dtype.scalar for a in operands if isinstance(a, TensorHandle)]
        if tl.bfloat16 not in types:
            return operation(self, *operands)
        y = operation(self, *map(wide, operands))
        return narrow(y) if types[-1] == tl.bfloat16 else y

    return widened


def reduced_in_float32(reduce):
    """The same sum over float32, its result rounded once."""

    def widened(self, x):
        if x.dtype != tl.bfloat16:
            return reduce(self, x)
        y = reduce(self, x.to(tl.float32))
        return [a.to(tl.bfloat16) for a in y] if isinstance(y, list) else y.to(tl.bfloat16)

    return widened


def quietly(run):
    """Without NumPy's warnings of overflow and NaN: a GPU gives none either."""

    def quiet(self, *args, **options):
        with np.errstate(all="ignore"):
            return run(self, *args, **options)

    return quiet


def widen_bfloat16():
    """Patch the interpreter, once."""
    builder = InterpreterBuilder
    if builder.cast_impl is cast:
        return
    builder.cast_impl = cast
    # These names were bound to the old function when the class was made.
    for name in "create_fp_ext", "create_fp_trunc":
        setattr(builder, name, lambda self, src, dst: self.cast_impl(src, dst))
    for name in "binary_op", "ternary_op", "create_fma", "create_dot":
        setattr(builder, name, through_float32(getattr(builder, name)))
    builder.get_bf16 = lambda self, value: TensorHandle(to_bfloat16([value]), tl.bfloat16)
    InterpretedFunction.run = quietly(InterpretedFunction.run)
    builder.create_maxnumf = lambda self, a, b: self.binary_op(a, b, np.fmax)
    builder.create_minnumf = lambda self, a, b: self.binary_op(a, b, np.fmin)
    for reduction, name in (ReduceOps, "sum"), (ScanOps, "cumsum"), (ScanOps, "cumprod"):
        setattr(reduction, name, reduced_in_float32(getattr(reduction, name)))
