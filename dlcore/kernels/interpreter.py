"""Makes Triton's interpreter round float32 to bfloat16 as a GPU does; it truncates otherwise."""

import numpy as np
import triton.language as tl
from triton.runtime.interpreter import InterpreterBuilder, TensorHandle


def to_bfloat16(x):
    """The upper 16 bits of float32, rounded to nearest even; NaN stays NaN.

    Shapes: ()->()
    """
    x = np.ascontiguousarray(x, np.float32)
    bits = x.view(np.uint32)
    rounded = (bits + (0x7FFF + ((bits >> 16) & 1))) >> 16
    return np.where(np.isnan(x), 0x7FC0, rounded).astype(np.uint16)


def round_bfloat16():
    """Patch the cast once; everything else in the interpreter stays as it is."""
    cast = InterpreterBuilder.cast_impl
    if getattr(cast, "rounds_bfloat16", False):
        return

    def rounding_cast(self, src, dst_type):
        if (src.dtype.scalar, dst_type.scalar) == (tl.float32, tl.bfloat16):
            return TensorHandle(to_bfloat16(src.data), tl.bfloat16)
        return cast(self, src, dst_type)

    rounding_cast.rounds_bfloat16 = True
    InterpreterBuilder.cast_impl = rounding_cast
    # These names were bound to the old function when the class was made.
    for name in "create_fp_ext", "create_fp_trunc":
        setattr(InterpreterBuilder, name, lambda self, src, dst: self.cast_impl(src, dst))
