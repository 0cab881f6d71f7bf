"""Layer and RMS normalization: x is read once forward, x and dy once backward."""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import half, programs, rows, tl, triton
from dlcore.kernels.source import specimen

MAX_WIDTH = 8192  # a row and its gradients must fit in the registers of one program


@triton.jit
def norm_kernel(
    x_ptr, scale_ptr, shift_ptr, y_ptr, stats_ptr, n, k, eps,
    CENTRE: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """y = scale * z + shift, z = (x - mean) * r, r = 1 / sqrt(var + eps).

    x and y are (n, k), stats (2, n) keeps mean and r; a program takes ROWS rows
    at a time. RMS norm has no mean and no shift.
    """
    column = tl.arange(0, BLOCK)[None, :]
    scale = tl.load(scale_ptr + column, mask=column < k).to(tl.float32)
    shift = 0.0
    if CENTRE:
        shift = tl.load(shift_ptr + column, mask=column < k).to(tl.float32)
    step = tl.num_programs(0) * ROWS
    for first in range(tl.program_id(0) * ROWS, n, step):
        row = first + tl.arange(0, ROWS)[:, None]
        inside = (row < n) & (column < k)
        at = row.to(tl.int64) * k + column
        x = tl.load(x_ptr + at, mask=inside, other=0.0).to(tl.float32)
        mean = tl.sum(x, axis=1, keep_dims=True) / k * CENTRE
        x = tl.where(inside, x - mean, 0.0)
        var = tl.sum(x * x, axis=1, keep_dims=True) / k
        r = 1 / tl.sqrt(var + eps)
        y = scale * (x * r) + shift
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), mask=inside)
        tl.store(stats_ptr + row, mean, mask=row < n)
        tl.store(stats_ptr + n + row, r, mask=row < n)


@triton.jit
def norm_vjp_kernel(
    dy_ptr, x_ptr, scale_ptr, stats_ptr, dx_ptr, partial_ptr, n, k,
    CENTRE: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """dx = r * (g - mean(g) - z * mean(g * z)) with g = scale * dy.

    Each program adds up dy * z and dy over its rows: partial (2, programs, k).
    """
    column = tl.arange(0, BLOCK)[None, :]
    scale = tl.load(scale_ptr + column, mask=column < k, other=0.0)
    dscale = tl.zeros((1, BLOCK), tl.float32)
    dshift = tl.zeros((1, BLOCK), tl.float32)
    step = tl.num_programs(0) * ROWS
    for first in range(tl.program_id(0) * ROWS, n, step):
        row = first + tl.arange(0, ROWS)[:, None]
        inside = (row < n) & (column < k)
        at = row.to(tl.int64) * k + column
        dy = tl.load(dy_ptr + at, mask=inside, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=inside, other=0.0).to(tl.float32)
        mean = tl.load(stats_ptr + row, mask=row < n, other=0.0)
        r = tl.load(stats_ptr + n + row, mask=row < n, other=0.0)
        z = tl.where(inside, (x - mean) * r, 0.0)
        g = scale.to(tl.float32) * dy
        along = tl.sum(g * z, axis=1, keep_dims=True) / k
        shared = tl.sum(g, axis=1, keep_dims=True) / k * CENTRE
        dx = r * (g - shared - z * along)
        tl.store(dx_ptr + at, dx.to(dx_ptr.dtype.element_ty), mask=inside)
        dscale += tl.sum(dy * z, axis=0, keep_dims=True)
        dshift += tl.sum(dy, axis=0, keep_dims=True)
    at = partial_ptr + tl.program_id(0) * k + column
    tl.store(at, dscale, mask=column < k)
    if CENTRE:
        tl.store(at + tl.num_programs(0) * k, dshift, mask=column < k)


def config(k: int, centre: bool) -> dict:
    """Tiles of whole rows, of 1,024 numbers or one row."""
    one = rows(k)
    return {"CENTRE": int(centre), "ROWS": max(1, 1024 // one["BLOCK"]), **one}


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    for centre, name in ((1, "layer norm"), (0, "RMS norm")):
        for k, t in ((1024, half(capability)), (MAX_WIDTH, half(capability)), (MAX_WIDTH, "fp32")):
            c = config(k, centre)
            types = f"*{t} *{t} *{t} *{t} *fp32 i32 i32 fp32"
            yield specimen(f"{name} {k} {t}", norm_kernel, types, c)
            types = f"*{t} *{t} *{t} *fp32 *{t} *fp32 i32 i32"
            yield specimen(f"{name} backward {k} {t}", norm_vjp_kernel, types, c)


@torch.library.custom_op("dlcore::norm", mutates_args=())
def norm_op(
    x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor | None, eps: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """y and the (2, n) mean and 1 / deviation of each row; without a shift, RMS norm."""
    x, scale, k = x.contiguous(), scale.contiguous(), x.shape[-1]
    n, centre = x.numel() // k, shift is not None
    shift = shift.contiguous() if centre else scale
    y, stats = torch.empty_like(x), x.new_empty(2, n, dtype=torch.float32)
    options = config(k, centre)
    p = programs(x, n, options["ROWS"])
    norm_kernel[(p,)](x, scale, shift, y, stats, n, k, eps, **options)
    return y, stats


@torch.library.custom_op("dlcore::norm_vjp", mutates_args=())
def norm_vjp_op(
    dy: torch.Tensor, x: torch.Tensor, scale: torch.Tensor, stats: torch.Tensor, centre: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """dx and, as (2, k) in float32, the gradients by scale and shift."""
    dy, x, scale, k = dy.contiguous(), x.contiguous(), scale.contiguous(), x.shape[-1]
    n = x.numel() // k
    options = config(k, centre)
    p = programs(x, n, options["ROWS"])
    dx, partial = torch.empty_like(x), x.new_empty(1 + centre, p, k, dtype=torch.float32)
    norm_vjp_kernel[(p,)](dy, x, scale, stats, dx, partial, n, k, **options)
    return dx, partial.sum(1)  # in a fixed order, where atomics would differ from run to run


@norm_op.register_fake
def _(x, scale, shift, eps):
    y = torch.empty_like(x, memory_format=torch.contiguous_format)
    return y, x.new_empty(2, x.numel() // x.shape[-1], dtype=torch.float32)


@norm_vjp_op.register_fake
def _(dy, x, scale, stats, centre):
    dx = torch.empty_like(x, memory_format=torch.contiguous_format)
    return dx, x.new_empty(1 + centre, x.shape[-1], dtype=torch.float32)


def save(ctx, inputs, output):
    x, scale, shift, _ = inputs
    ctx.save_for_backward(x, scale, output[1])
    ctx.mark_non_differentiable(output[1])
    ctx.shift = None if shift is None else shift.dtype


def backward(ctx, dy, _):
    x, scale, stats = ctx.saved_tensors
    dx, sums = norm_vjp_op(dy, x, scale, stats, ctx.shift is not None)
    return dx, sums[0].to(scale.dtype), None if ctx.shift is None else sums[1].to(ctx.shift), None


norm_op.register_autograd(backward, setup_context=save)


def check(x, eps, backend, **vectors):
    """Rows of the width of each vector, within what a program can hold."""
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"x must hold at least one row, got shape {tuple(x.shape)}")
    for name, v in vectors.items():
        if v.shape != x.shape[-1:]:
            raise ValueError(f"{name} must be ({x.shape[-1]},), got {tuple(v.shape)}")
    if not 0 <= eps < float("inf"):
        raise ValueError(f"eps must be finite and not negative, got {eps}")
    if backend == "triton" and x.shape[-1] > MAX_WIDTH:
        raise ValueError(f"a row must hold at most {MAX_WIDTH} numbers, got {x.shape[-1]}")
    return use_triton(x, backend) and x.shape[-1] <= MAX_WIDTH


def layer_norm(x, scale, shift, eps=1e-5, backend="auto"):
    """Each row at mean 0 and variance 1, y = scale (x - mean) / sqrt(var + eps) + shift.

    Shapes: (d),(d),(d)->(d)

    `backend` is "auto", "triton" or "torch". Rows of more than MAX_WIDTH go to torch.
    """
    if check(x, eps, backend, scale=scale, shift=shift):
        return norm_op(x, scale, shift, eps)[0]
    return torch.nn.functional.layer_norm(x, scale.shape, scale, shift, eps)


def rms_norm(x, scale, eps=1e-6, backend="auto"):
    """Each row at mean square 1, y = scale x / sqrt(mean(x²) + eps); no mean is taken off.

    Shapes: (d),(d)->(d)

    `backend` is "auto", "triton" or "torch". Rows of more than MAX_WIDTH go to torch.
    """
    if check(x, eps, backend, scale=scale):
        return norm_op(x, scale, None, eps)[0]
    return torch.nn.functional.rms_norm(x, scale.shape, scale, eps)
