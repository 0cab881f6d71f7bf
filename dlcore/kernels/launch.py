"""What every kernel module needs: Triton or a stand-in for its names, and launch parameters."""

from types import SimpleNamespace

import torch

from dlcore.kernels import HAVE_TRITON, interpreting

if HAVE_TRITON:
    import triton
    import triton.language as tl

    if interpreting():
        from dlcore.kernels.interpreter import widen_bfloat16

        widen_bfloat16()
else:  # modules import and their torch half runs; nothing here is ever launched
    triton = SimpleNamespace(jit=lambda f: f)
    tl = SimpleNamespace(constexpr=float)


def half(capability: int) -> str:
    """The half-precision type to train in on that GPU, by Triton's name."""
    return "bf16" if capability >= 80 else "fp16"


def rows(k: int) -> dict:
    """One program a row of k numbers, held in registers: at most 16 a thread if 16 warps do."""
    block = 1 << (k - 1).bit_length()
    return {"BLOCK": block, "num_warps": min(max(block // 512, 1), 16)}


def cores(x) -> int:
    """The multiprocessors of x's GPU; two in the interpreter, so that programs share work."""
    if x.device.type != "cuda":
        return 2
    return torch.cuda.get_device_properties(x.device).multi_processor_count


def programs(x, n: int, tile: int) -> int:
    """How many programs share n rows, `tile` at a time: four for each core of x's GPU, not more.

    The interpreter gets one for 128 rows, so that a test sees programs that share the work.
    """
    if x.device.type != "cuda":
        return triton.cdiv(n, 128)
    return min(triton.cdiv(n, tile), 4 * cores(x))
