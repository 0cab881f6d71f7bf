"""Rows of a table by token; its gradient is summed in a fixed order, without atomic operations."""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import half, tl, triton
from dlcore.kernels.source import specimen


@triton.jit
def embedding_kernel(
    table_ptr, token_ptr, y_ptr, n, v, d,
    ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """y[i] = table[token[i]] for ROWS tokens; a bad token, out of 0..v-1, gives NaN."""
    i = tl.program_id(0) * ROWS + tl.arange(0, ROWS)[:, None]
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)[None, :]
    token = tl.load(token_ptr + i, mask=i < n, other=0).to(tl.int64)
    inside = (i < n) & (column < d)
    valid = inside & (token >= 0) & (token < v)
    y = tl.load(table_ptr + token * d + column, mask=valid, other=float("nan"))
    tl.store(y_ptr + i.to(tl.int64) * d + column, y, mask=inside)


@triton.jit
def embedding_vjp_kernel(
    dy_ptr, order_ptr, bound_ptr, dtable_ptr, d,
    ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Row r of dtable, the sum of dy[order[i]] for bound[r] <= i < bound[r + 1].

    `order` sorts the tokens, so these are the places where token r stands.
    """
    r = tl.program_id(0)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)[None, :]
    start, stop = tl.load(bound_ptr + r), tl.load(bound_ptr + r + 1)
    total = tl.zeros((1, BLOCK), tl.float32)
    for first in range(start, stop, ROWS):
        i = first + tl.arange(0, ROWS)[:, None]
        place = tl.load(order_ptr + i, mask=i < stop, other=0).to(tl.int64)
        inside = (i < stop) & (column < d)
        dy = tl.load(dy_ptr + place * d + column, mask=inside, other=0.0)
        total += tl.sum(dy.to(tl.float32), axis=0, keep_dims=True)
    at = dtable_ptr + r.to(tl.int64) * d + column
    tl.store(at, total.to(dtable_ptr.dtype.element_ty), mask=column < d)


def config(d: int, rows: int) -> dict:
    """Tiles of `rows` tokens and at most 512 features."""
    block = min(1 << (d - 1).bit_length(), 512)
    return {"ROWS": rows, "BLOCK": block, "num_warps": 4}


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    t = half(capability)
    types = f"*{t} *i64 *{t} i32 i32 i32"
    yield specimen("embedding", embedding_kernel, types, config(1024, 8))
    types = f"*{t} *i64 *i64 *{t} i32"
    yield specimen("embedding backward", embedding_vjp_kernel, types, config(1024, 4))


@torch.library.custom_op("dlcore::embedding", mutates_args=())
def embedding_op(table: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    table, tokens, (v, d) = table.contiguous(), tokens.contiguous(), table.shape
    y, c = table.new_empty(*tokens.shape, d), config(d, 8)
    grid = triton.cdiv(tokens.numel(), c["ROWS"]), triton.cdiv(d, c["BLOCK"])
    embedding_kernel[grid](table, tokens, y, tokens.numel(), v, d, **c)
    return y


@torch.library.custom_op("dlcore::embedding_vjp", mutates_args=())
def embedding_vjp_op(dy: torch.Tensor, tokens: torch.Tensor, v: int) -> torch.Tensor:
    dy, d = dy.contiguous(), dy.shape[-1]
    dtable, c = dy.new_empty(v, d), config(d, 4)
    found, order = tokens.flatten().sort(stable=True)
    bounds = torch.searchsorted(found, torch.arange(v + 1, device=dy.device, dtype=found.dtype))
    grid = v, triton.cdiv(d, c["BLOCK"])
    embedding_vjp_kernel[grid](dy, order, bounds, dtable, d, **c)
    return dtable


@embedding_op.register_fake
def _(table, tokens):
    return table.new_empty(*tokens.shape, table.shape[1])


@embedding_vjp_op.register_fake
def _(dy, tokens, v):
    return dy.new_empty(v, dy.shape[-1])


def save(ctx, inputs, output):
    ctx.v = len(inputs[0])
    ctx.save_for_backward(inputs[1])


def backward(ctx, dy):
    return embedding_vjp_op(dy, *ctx.saved_tensors, ctx.v), None


embedding_op.register_autograd(backward, setup_context=save)


def embedding(table, tokens, backend="auto"):
    """The row of each token, y = table[token].

    table has shape (v, d), tokens are integers of any shape (n, t), y has shape (n, t, d).
    On a GPU no token is checked: one outside 0..v-1 gives NaN.
    """
    if table.ndim != 2 or table.numel() == 0 or tokens.numel() == 0:
        got = f"{tuple(table.shape)}, {tuple(tokens.shape)}"
        raise ValueError(f"table must be (v, d), tokens at least one, got {got}")
    if tokens.is_floating_point() or tokens.dtype == torch.bool:
        raise ValueError(f"tokens must be integers, got dtype {tokens.dtype}")
    if tokens.device.type == "cpu" and not torch.compiler.is_compiling():
        wrong = tokens[(tokens < 0) | (tokens >= len(table))]
        if len(wrong):
            raise ValueError(f"tokens must lie in 0..{len(table) - 1}, got {wrong[0]}")
    if use_triton(table, backend):
        return embedding_op(table, tokens)
    return torch.nn.functional.embedding(tokens.long(), table)
