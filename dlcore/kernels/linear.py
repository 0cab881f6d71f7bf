"""A linear layer: tiled matrix product with bias and GELU added before the result is written.

Two kernels for one product: plain pointers, for any strides and any GPU, and descriptors for the
tensor memory accelerator (TMA) of Hopper, which copies whole tiles while the cores multiply.
"""

import torch

from dlcore.kernels import HAVE_TRITON, capability, use_triton
from dlcore.kernels.activations import act_op, gelu_and_slope
from dlcore.kernels.launch import cores, half, tl, triton
from dlcore.kernels.source import specimen

if HAVE_TRITON:
    from triton.tools.tensor_descriptor import TensorDescriptor

FORMS = {"identity": 0, "gelu": 1, "gelu_tanh": 2}


@triton.jit
def tile_of(t, m, n, BM: tl.constexpr, BN: tl.constexpr, GROUP: tl.constexpr):
    """Row and column of tile t: column by column within GROUP rows of tiles.

    Tiles in flight at one time then share rows of a and columns of b in cache.
    """
    rows, columns = tl.cdiv(m, BM), tl.cdiv(n, BN)
    first = t // (GROUP * columns) * GROUP
    height = tl.minimum(rows - first, GROUP)
    place = t % (GROUP * columns)
    return (first + place % height) * BM, place // height * BN


@triton.jit
def finish(y, bias_ptr, column, n, FORM: tl.constexpr, BIAS: tl.constexpr):
    """gelu(y + bias) of a tile in registers, or as much of it as is asked for."""
    if BIAS:
        b = tl.load(bias_ptr + column, mask=column < n, other=0.0)
        y += b.to(tl.float32)[None, :]
    y, _ = gelu_and_slope(y, FORM)
    return y


@triton.jit
def product_kernel(
    a_ptr, b_ptr, bias_ptr, y_ptr, m, n, k, am, ak, bk, bn,
    FORM: tl.constexpr, BIAS: tl.constexpr, PRECISION: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """A tile of y = gelu(a b + bias), a (m, k), b (k, n); strides am to bn."""
    i, j = tile_of(tl.program_id(0), m, n, BM, BN, GROUP)
    row, column = i + tl.arange(0, BM), j + tl.arange(0, BN)
    inner = tl.arange(0, BK)
    a_row = a_ptr + row.to(tl.int64)[:, None] * am
    b_column = b_ptr + column.to(tl.int64)[None, :] * bn
    y = tl.zeros((BM, BN), tl.float32)
    for first in range(0, k, BK):
        at = (first + inner).to(tl.int64)
        a_mask = (row[:, None] < m) & (at[None, :] < k)
        b_mask = (at[:, None] < k) & (column[None, :] < n)
        a = tl.load(a_row + at[None, :] * ak, mask=a_mask, other=0.0)
        b = tl.load(b_column + at[:, None] * bk, mask=b_mask, other=0.0)
        y = tl.dot(a, b, y, input_precision=PRECISION)
    y = finish(y, bias_ptr, column, n, FORM, BIAS)
    at = row.to(tl.int64)[:, None] * n + column[None, :]
    inside = (row[:, None] < m) & (column[None, :] < n)
    tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), mask=inside)


@triton.jit
def persistent_product_kernel(
    a_desc, b_desc, bias_ptr, y_desc, m, n, k,
    FORM: tl.constexpr, BIAS: tl.constexpr, TA: tl.constexpr, TB: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """The same by one program a core, which takes tile after tile.

    A descriptor knows its matrix: what lies outside reads as 0 and is not written.
    With TA or TB, the descriptor holds a or b transposed.
    """
    tiles = tl.cdiv(m, BM) * tl.cdiv(n, BN)
    for t in tl.range(tl.program_id(0), tiles, tl.num_programs(0), flatten=True):
        i, j = tile_of(t, m, n, BM, BN, GROUP)
        y = tl.zeros((BM, BN), tl.float32)
        for first in range(0, k, BK):
            if TA:
                a = a_desc.load([first, i]).T
            else:
                a = a_desc.load([i, first])
            if TB:
                b = b_desc.load([j, first]).T
            else:
                b = b_desc.load([first, j])
            y = tl.dot(a, b, y)
        y = finish(y, bias_ptr, j + tl.arange(0, BN), n, FORM, BIAS)
        y_desc.store([i, j], y.to(y_desc.dtype))


def config(capability: int, size: int) -> dict:
    """Tiles that fit in registers and shared memory for numbers of `size` bytes."""
    if capability < 80:  # no tensor cores: small tiles, and slow
        return {"BM": 64, "BN": 64, "BK": 16, "GROUP": 8, "num_warps": 8, "num_stages": 2}
    if size == 4:
        return {"BM": 64, "BN": 64, "BK": 32, "GROUP": 8, "num_warps": 4, "num_stages": 3}
    wide = 256 if capability >= 90 else 128  # an A100 would spill
    return {"BM": 128, "BN": wide, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 3}


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    for t, size in ((half(capability), 2), ("fp32", 4)):
        tile = config(capability, size)
        flags = {"FORM": 2, "BIAS": 1, "PRECISION": "ieee", "ak": 1, "bk": 1, **tile}
        types = f"*{t} *{t} *{t} *{t} i32 i32 i32 i32 i32"
        yield specimen(f"linear {t}", product_kernel, types, flags)
    if capability >= 90:
        for name, ta, tb in (("", 0, 1), (" backward by x", 0, 0), (" backward by w", 1, 0)):
            flags = {"FORM": 2 * tb, "BIAS": tb, "TA": ta, "TB": tb, **config(capability, 2)}
            a, b, y = (str(block).replace(" ", "") for block in blocks(flags))
            types = f"tensordesc<bf16{a}> tensordesc<bf16{b}> *bf16 tensordesc<bf16{y}> i32 i32 i32"
            yield specimen(f"linear TMA{name}", persistent_product_kernel, types, flags)


def blocks(c: dict):
    """Shapes of the tiles of a, b and y as their descriptors hold them."""
    a = [c["BK"], c["BM"]] if c["TA"] else [c["BM"], c["BK"]]
    b = [c["BN"], c["BK"]] if c["TB"] else [c["BK"], c["BN"]]
    return a, b, [c["BM"], c["BN"]]


def fits_tma(*matrices) -> bool:
    """Whether descriptors can hold these: half precision, rows or columns of whole 16 bytes."""
    return all(
        a.element_size() == 2
        and 1 in a.stride()
        and max(a.stride()) % 8 == 0
        and a.data_ptr() % 16 == 0
        for a in matrices
    )


@torch.library.custom_op("dlcore::product", mutates_args=())
def product_op(
    a: torch.Tensor, b: torch.Tensor, bias: torch.Tensor | None, form: int, tma: bool
) -> torch.Tensor:
    """gelu(a b + bias) of a (m, k) and b (k, n), which may be transposed views."""
    (m, k), n = a.shape, b.shape[1]
    y = a.new_empty(m, n)
    c = config(capability(a), a.element_size())
    c |= {"FORM": form, "BIAS": int(bias is not None)}
    bias = y if bias is None else bias.contiguous()
    if tma and fits_tma(a, b, y):
        return persistent(a, b, bias, y, c)
    exact = a.dtype != torch.float32 or not torch.backends.cuda.matmul.allow_tf32
    c["PRECISION"] = "ieee" if exact else "tf32"
    grid = (triton.cdiv(m, c["BM"]) * triton.cdiv(n, c["BN"]),)
    product_kernel[grid](a, b, bias, y, m, n, k, *a.stride(), *b.stride(), **c)
    return y


def persistent(a, b, bias, y, c):
    """Launch the TMA kernel on matrices that fit it."""
    (m, k), n = a.shape, b.shape[1]
    c |= {"TA": int(a.stride(1) != 1), "TB": int(b.stride(1) != 1)}
    matrices = a.T if c["TA"] else a, b.T if c["TB"] else b, y
    x, w, out = map(TensorDescriptor.from_tensor, matrices, blocks(c))
    tiles = triton.cdiv(m, c["BM"]) * triton.cdiv(n, c["BN"])
    persistent_product_kernel[(min(tiles, cores(a)),)](x, w, bias, out, m, n, k, **c)
    return y


@product_op.register_fake
def _(a, b, bias, form, tma):
    return a.new_empty(a.shape[0], b.shape[1])


def save(ctx, inputs, output):
    a, b, bias, form, ctx.tma = inputs
    if form:
        raise ValueError("a product with an activation in its epilogue keeps nothing to go back by")
    ctx.save_for_backward(a, b)
    ctx.bias = None if bias is None else bias.dtype


def backward(ctx, dy):
    a, b = ctx.saved_tensors
    dy = dy.contiguous()
    da, db = product_op(dy, b.T, None, 0, ctx.tma), product_op(a.T, dy, None, 0, ctx.tma)
    dbias = None if ctx.bias is None else dy.sum(0, dtype=torch.float32).to(ctx.bias)
    return da, db, dbias, None, None


product_op.register_autograd(backward, setup_context=save)


def linear(x, w, b=None, activation="identity", backend="auto"):
    """y = x wᵀ + b, :eq:`eq-linear`, then "identity", "gelu" or "gelu_tanh".

    Shapes: (n,d),(k,d),(k)->(n,k)

    float32 is multiplied exactly unless torch.backends.cuda.matmul.allow_tf32 says otherwise.
    Where a gradient is wanted, the activation is a kernel of its own, which reads x wᵀ once more.
    """
    if w.ndim != 2 or (b is not None and b.shape != w.shape[:1]):
        got = None if b is None else tuple(b.shape)
        raise ValueError(f"w must be (k, d), b (k), got {tuple(w.shape)}, {got}")
    if x.shape[-1:] != w.shape[1:] or x.numel() == 0:
        raise ValueError(f"x must be (n, {w.shape[1]}) with n > 0, got {tuple(x.shape)}")
    if activation not in FORMS:
        raise ValueError(f"activation must be one of {list(FORMS)}, got {activation!r}")
    form, given = FORMS[activation], [a for a in (x, w, b) if a is not None]
    if use_triton(x, backend, dots=True) and len({a.dtype for a in given}) == 1:
        rows, tma = x.reshape(-1, x.shape[-1]), capability(x) >= 90
        if form and torch.is_grad_enabled() and any(a.requires_grad for a in given):
            y = act_op(product_op(rows, w.T, None, 0, tma), b, form, 0.0, 0)
        else:
            y = product_op(rows, w.T, b, form, tma)
        return y.reshape(*x.shape[:-1], len(w))
    y = torch.nn.functional.linear(x, w, b)
    return torch.nn.functional.gelu(y, approximate=("none", "tanh")[form - 1]) if form else y
