"""Softmax in one pass over memory: each row is read once and written once."""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import half, rows, tl, triton
from dlcore.kernels.source import specimen

MAX_CLASSES = 32768  # a row must fit in the registers of one program


@triton.jit
def softmax_kernel(x_ptr, y_ptr, k, scale, BLOCK: tl.constexpr):
    """Row i of y = softmax(scale x); x and y are (n, k), one program a row."""
    row = tl.program_id(0).to(tl.int64) * k
    column = tl.arange(0, BLOCK)
    inside = column < k
    x = tl.load(x_ptr + row + column, mask=inside, other=float("-inf"))
    x = x.to(tl.float32) * scale
    e = tl.exp(x - tl.max(x, axis=0))
    y = e / tl.sum(e, axis=0)
    tl.store(y_ptr + row + column, y.to(y_ptr.dtype.element_ty), mask=inside)


@triton.jit
def softmax_vjp_kernel(dy_ptr, y_ptr, dx_ptr, k, scale, BLOCK: tl.constexpr):
    """Row i of dx = scale * y * (dy - sum(y * dy)); all (n, k), one program a row."""
    row = tl.program_id(0).to(tl.int64) * k
    column = tl.arange(0, BLOCK)
    inside = column < k
    dy = tl.load(dy_ptr + row + column, mask=inside, other=0.0).to(tl.float32)
    y = tl.load(y_ptr + row + column, mask=inside, other=0.0).to(tl.float32)
    dx = scale * y * (dy - tl.sum(y * dy, axis=0))
    tl.store(dx_ptr + row + column, dx.to(dx_ptr.dtype.element_ty), mask=inside)


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    for k, t in ((4096, half(capability)), (MAX_CLASSES, half(capability)), (MAX_CLASSES, "fp32")):
        yield specimen(f"softmax {k} {t}", softmax_kernel, f"*{t} *{t} i32 fp32", rows(k))
        types = f"*{t} *{t} *{t} i32 fp32"  # two rows of the longest do not quite fit
        yield specimen(f"softmax backward {k} {t}", softmax_vjp_kernel, types, rows(k))


@torch.library.custom_op("dlcore::softmax", mutates_args=())
def softmax_op(x: torch.Tensor, scale: float) -> torch.Tensor:
    x, k = x.contiguous(), x.shape[-1]
    y = torch.empty_like(x)
    softmax_kernel[(x.numel() // k,)](x, y, k, scale, **rows(k))
    return y


@torch.library.custom_op("dlcore::softmax_vjp", mutates_args=())
def softmax_vjp_op(dy: torch.Tensor, y: torch.Tensor, scale: float) -> torch.Tensor:
    dy, y, k = dy.contiguous(), y.contiguous(), y.shape[-1]
    dx = torch.empty_like(y)
    softmax_vjp_kernel[(y.numel() // k,)](dy, y, dx, k, scale, **rows(k))
    return dx


@softmax_op.register_fake
def _(x, scale):
    return torch.empty_like(x, memory_format=torch.contiguous_format)


@softmax_vjp_op.register_fake
def _(dy, y, scale):
    return torch.empty_like(y, memory_format=torch.contiguous_format)


def save_output(ctx, inputs, output):
    ctx.scale = inputs[1]
    ctx.save_for_backward(output)


def backward(ctx, dy):
    return softmax_vjp_op(dy, *ctx.saved_tensors, ctx.scale), None


softmax_op.register_autograd(backward, setup_context=save_output)


def softmax(x, temperature=1.0, backend="auto"):
    """Scores to probabilities over the last axis, :eq:`eq-softmax`, in x's own dtype.

    Shapes: (k)->(k)

    `backend` is "auto", "triton" or "torch"; `dlcore.kernels.explain(x)` says what auto takes.
    Rows of more than MAX_CLASSES scores go to torch. Values are not checked: a row without a
    finite score gives NaN, as in torch. The kernel has no second derivative.
    """
    if not 1e-30 < temperature < float("inf"):  # 1 / temperature must fit in float32
        raise ValueError(f"temperature must be positive and finite, got {temperature}")
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"x must hold at least one score in each row, got shape {tuple(x.shape)}")
    if backend == "triton" and x.shape[-1] > MAX_CLASSES:
        raise ValueError(f"a row must hold at most {MAX_CLASSES} scores, got {x.shape[-1]}")
    if use_triton(x, backend) and x.shape[-1] <= MAX_CLASSES:
        return softmax_op(x, 1 / temperature)
    # In float32 as in the kernel: a half would overflow at x / temperature.
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    return torch.softmax(wide / temperature, dim=-1).to(x.dtype)
