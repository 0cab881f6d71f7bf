"""GELU, dropout, and bias, GELU and dropout in one pass; no mask is ever stored."""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import half, tl, triton
from dlcore.kernels.source import specimen

CONFIG = {"ROWS": 64, "BLOCK": 64, "num_warps": 8}  # a tile reads each bias once for 64 rows
FORMS = {"identity": 0, "none": 1, "tanh": 2}  # torch calls the exact GELU "none"


@triton.jit
def keep(seed, at, threshold):
    """Whether an entry survives: its Philox number, of 31 bits, is no less."""
    low, high = at.to(tl.uint32), (at >> 32).to(tl.uint32)
    bits, _, _, _ = tl.philox(seed, low, high, low * 0, low * 0)
    return (bits >> 1).to(tl.int32) >= threshold


@triton.jit
def gelu_and_slope(x, FORM: tl.constexpr):
    """y = x P(Z < x) for a normal Z, exactly (1) or nearly (2), and dy/dx; or x (0)."""
    if FORM == 0:
        return x, x
    elif FORM == 1:
        p = 0.5 * (1 + tl.erf(x * 0.7071067811865476))
        return x * p, p + x * 0.3989422804014327 * tl.exp(-0.5 * x * x)
    else:  # (1 + tanh(u)) / 2 = sigmoid(2u)
        u = 1.5957691216057308 * x * (1 + 0.044715 * x * x)
        p = 1 / (1 + tl.exp(-u))
        du = 1.5957691216057308 * (1 + 0.134145 * x * x)
        return x * p, p + x * p * (1 - p) * du


@triton.jit
def act_kernel(
    x_ptr, bias_ptr, dy_ptr, y_ptr, partial_ptr, n, k, seed, threshold, scale,
    FORM: tl.constexpr, BIAS: tl.constexpr, DROP: tl.constexpr,
    VJP: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """y = scale * mask * gelu(x + bias); x and y are (n, k), a program a tile.

    With VJP, y holds dx instead, and partial (tiles, k) its sums over rows. The
    mask comes from the seed and the entry's index alone, so it is the same again.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)[:, None]
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)[None, :]
    inside = (row < n) & (column < k)
    at = row.to(tl.int64) * k + column
    if FORM > 0 or VJP == 0:  # without GELU, dx needs no x
        x = tl.load(x_ptr + at, mask=inside, other=0.0).to(tl.float32)
        if BIAS:
            x += tl.load(bias_ptr + column, mask=column < k).to(tl.float32)
        y, slope = gelu_and_slope(x, FORM)
    if VJP:
        dy = tl.load(dy_ptr + at, mask=inside, other=0.0).to(tl.float32)
        y = dy * slope if FORM > 0 else dy
    if DROP:
        y *= scale * keep(seed, at, threshold).to(tl.float32)
    tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), mask=inside)
    if VJP and BIAS:
        total = tl.sum(tl.where(inside, y, 0.0), axis=0, keep_dims=True)
        to = partial_ptr + tl.program_id(0) * k + column
        tl.store(to, total, mask=column < k)


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    t = half(capability)
    types = f"*{t} *{t} *{t} *{t} *fp32 i32 i32 i32 i32 fp32"
    for name, form in FORMS.items():
        for vjp in (0, 1):
            flags = {"FORM": form, "BIAS": int(form > 0), "DROP": 1, "VJP": vjp}
            label = f"bias, GELU {name}, dropout{' backward' * vjp}"
            yield specimen(label, act_kernel, types, {**flags, **CONFIG})


def launch(x, bias, dy, form, p, seed):
    """y, or dx and the gradient by the bias where dy is given."""
    k = x.shape[-1]
    n = x.numel() // k
    y = torch.empty_like(x, memory_format=torch.contiguous_format)
    grid = triton.cdiv(n, CONFIG["ROWS"]), triton.cdiv(k, CONFIG["BLOCK"])
    vjp = dy is not None
    partial = x.new_empty(grid[0], k, dtype=torch.float32) if vjp and bias is not None else None
    tensors = [x if a is None else a.contiguous() for a in (x, bias, dy)]
    flags = {"FORM": form, "BIAS": int(bias is not None), "DROP": int(p > 0), "VJP": int(vjp)}
    chance = int(p * 2**31), 1 / (1 - p)
    act_kernel[grid](
        *tensors, y, y if partial is None else partial, n, k, seed, *chance, **flags, **CONFIG
    )
    return y, partial


@torch.library.custom_op("dlcore::act", mutates_args=())
def act_op(
    x: torch.Tensor, bias: torch.Tensor | None, form: int, p: float, seed: int
) -> torch.Tensor:
    return launch(x, bias, None, form, p, seed)[0]


@torch.library.custom_op("dlcore::act_vjp", mutates_args=())
def act_vjp_op(
    dy: torch.Tensor, x: torch.Tensor, bias: torch.Tensor | None, form: int, p: float, seed: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """dx, and in float32 the gradient by the bias, empty without one."""
    dx, partial = launch(x, bias, dy, form, p, seed)
    return dx, x.new_empty(0, dtype=torch.float32) if partial is None else partial.sum(0)


@act_op.register_fake
def _(x, bias, form, p, seed):
    return torch.empty_like(x, memory_format=torch.contiguous_format)


@act_vjp_op.register_fake
def _(dy, x, bias, form, p, seed):
    dx = torch.empty_like(x, memory_format=torch.contiguous_format)
    return dx, x.new_empty(0 if bias is None else x.shape[-1], dtype=torch.float32)


def save(ctx, inputs, output):
    x, bias, *ctx.rest = inputs
    ctx.save_for_backward(x, bias)


def backward(ctx, dy):
    x, bias = ctx.saved_tensors
    dx, dbias = act_vjp_op(dy, x, bias, *ctx.rest)
    return dx, None if bias is None else dbias.to(bias.dtype), None, None, None


act_op.register_autograd(backward, setup_context=save)


def philox(seed: int, at):
    """The first 32 bits of Philox 4x32-10 for the key `seed` and each counter `at` (int64).

    Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3". 64 bits that overflow
    wrap round, and the halves of a product are still right.
    """
    low32 = 0xFFFFFFFF
    c = [at & low32, (at >> 32) & low32, torch.zeros_like(at), torch.zeros_like(at)]
    key = [seed & low32, (seed >> 32) & low32]
    for _ in range(10):
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [
            ((b >> 32) & low32) ^ c[1] ^ key[0],
            b & low32,
            ((a >> 32) & low32) ^ c[3] ^ key[1],
            a & low32,
        ]
        key = [(key[0] + 0x9E3779B9) & low32, (key[1] + 0xBB67AE85) & low32]
    return c[0]


def dropout_mask(shape, p: float, seed: int, device=None):
    """True where dropout keeps an entry: the mask of the kernel, in torch."""
    at = torch.arange(torch.Size(shape).numel(), device=device)
    return ((philox(seed, at) >> 1) >= int(p * 2**31)).reshape(shape)


def activate(x, bias, form, p, seed, backend):
    """The kernel, or the same in torch with the same mask."""
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"x must hold at least one row, got shape {tuple(x.shape)}")
    if bias is not None and bias.shape != x.shape[-1:]:
        raise ValueError(f"bias must be ({x.shape[-1]},), got {tuple(bias.shape)}")
    if not 0 <= p < 1:
        raise ValueError(f"p must lie in [0, 1), got {p}")
    if form not in FORMS:
        raise ValueError(f'approximate must be "none" or "tanh", got {form!r}')
    if use_triton(x, backend):
        return act_op(x, bias, FORMS[form], p, seed)
    y = x if bias is None else x + bias
    y = y if form == "identity" else torch.nn.functional.gelu(y, approximate=form)
    return y * dropout_mask(x.shape, p, seed, x.device) / (1 - p) if p else y


def gelu(x, approximate="none", backend="auto"):
    """A smooth gate, y = x P(Z < x) for a normal Z; "tanh" is the form of :eq:`eq-gelu`.

    Shapes: ()->()
    """
    form = "wrong" if approximate == "identity" else approximate
    return activate(x, None, form, 0.0, 0, backend)


def dropout(x, p=0.5, seed=0, backend="auto"):
    """Each entry is 0 with chance p, or x / (1 - p); the same seed silences the same ones.

    Shapes: ()->()
    """
    return activate(x, None, "identity", p, seed, backend)


def bias_gelu_dropout(x, bias, p=0.0, seed=0, approximate="none", backend="auto"):
    """y = dropout(gelu(x + bias), p), read and written once.

    Shapes: (n,k),(k)->(n,k)

    The mask depends on `seed` and the place of an entry alone: both backends give the same.
    """
    return activate(x, bias, approximate, p, seed, backend)
