"""Attention in memory that grows with the length and not with its square."""

import torch
from torch.nn import functional as F

from dlcore.kernels import capability, use_triton
from dlcore.kernels.attention_kernels import attention_kernel, key_vjp_kernel, query_vjp_kernel
from dlcore.kernels.launch import half, triton
from dlcore.kernels.source import specimen

MAX_WIDTH = 128  # features of a head that fit in the registers


def config(d: int, capability: int, size: int, backward: bool) -> dict:
    """Blocks of BT queries and BS keys that fit, for heads of d numbers of `size` bytes."""
    width = max(16, 1 << (d - 1).bit_length())
    small = width <= 64
    if capability < 80 or size == 4:  # without tensor cores a tile takes many registers
        bt, bs, warps, stages = 16 if backward else 32, 16, 4 if small else 8, 1
    elif capability < 90:
        bt, bs, warps, stages = (32, 64, 8, 2) if backward else (64, 64, 4, 2)
    elif backward:
        bt, bs, warps, stages = 64, 64, 4 if small else 8, 2
    else:
        bt, bs, warps, stages = 128, 128 if small else 64, 8, 2
    blocks = {"BT": bt, "BS": bs, "num_warps": warps, "num_stages": stages}
    return {"D": width, **blocks}


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    t = half(capability)
    kinds = [(64, t, 2, 1), (128, t, 2, 1), (128, "fp32", 4, 1)]
    if capability >= 90:  # what differs little, for the GPU that the goals are about
        kinds += [(64, t, 2, 0), (128, t, 2, 0), (64, "fp32", 4, 1)]
    for d, t, size, causal in kinds:
        flags = {"CAUSAL": causal, "PRECISION": "ieee"}
        name = f"{d}{' causal' * causal}{' fp32' * (size == 4)}"
        c = {**flags, **config(d, capability, size, False)}
        types = f"*{t} *{t} *{t} *{t} *fp32 i32 i32 i32 fp32"
        yield specimen(f"attention {name}", attention_kernel, types, c)
        c = {**flags, **config(d, capability, size, True)}
        types = f"*{t} *{t} *{t} *{t} *{t} *fp32 *fp32 *{t} i32 i32 i32 fp32"
        yield specimen(f"attention backward by q {name}", query_vjp_kernel, types, c)
        types = f"*{t} *{t} *{t} *{t} *fp32 *fp32 *{t} *{t} i32 i32 i32 fp32"
        yield specimen(f"attention backward by k, v {name}", key_vjp_kernel, types, c)


def launch(q, k, causal, backward):
    """Sizes and constants of a launch: heads, (t, s, d), and the kernels' options."""
    (t, d), s = q.shape[-2:], k.shape[-2]
    exact = q.dtype != torch.float32 or not torch.backends.cuda.matmul.allow_tf32
    flags = {"CAUSAL": int(causal), "PRECISION": "ieee" if exact else "tf32"}
    options = flags | config(d, capability(q), q.element_size(), backward)
    return q.numel() // (t * d), (t, s, d), options


@torch.library.custom_op("dlcore::attention", mutates_args=())
def attention_op(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool, scale: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """y, and the logsumexp of the scores of each query, in float32 and powers of 2."""
    q, k, v = q.contiguous(), k.contiguous(), v.contiguous()
    heads, (t, s, d), options = launch(q, k, causal, backward=False)
    y, lse = torch.empty_like(q), q.new_empty(q.shape[:-1], dtype=torch.float32)
    grid = triton.cdiv(t, options["BT"]), heads
    attention_kernel[grid](q, k, v, y, lse, t, s, d, scale, **options)
    return y, lse


@torch.library.custom_op("dlcore::attention_vjp", mutates_args=())
def attention_vjp_op(
    dy: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor,
    y: torch.Tensor, lse: torch.Tensor, causal: bool, scale: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
    """dq, dk and dv: one kernel over blocks of queries, then one over blocks of keys."""
    dy, q, k, v = dy.contiguous(), q.contiguous(), k.contiguous(), v.contiguous()
    heads, (t, s, d), options = launch(q, k, causal, backward=True)
    dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
    delta, rest = torch.empty_like(lse), (t, s, d, scale)
    queries, keys = triton.cdiv(t, options["BT"]), triton.cdiv(s, options["BS"])
    query_vjp_kernel[queries, heads](dy, q, k, v, y, lse, delta, dq, *rest, **options)
    key_vjp_kernel[keys, heads](dy, q, k, v, lse, delta, dk, dv, *rest, **options)
    return dq, dk, dv


@attention_op.register_fake
def _(q, k, v, causal, scale):
    y = torch.empty_like(q, memory_format=torch.contiguous_format)
    return y, q.new_empty(q.shape[:-1], dtype=torch.float32)


@attention_vjp_op.register_fake
def _(dy, q, k, v, y, lse, causal, scale):
    return tuple(torch.empty_like(a, memory_format=torch.contiguous_format) for a in (q, k, v))


def save(ctx, inputs, output):
    *tensors, ctx.causal, ctx.scale = inputs
    ctx.mark_non_differentiable(output[1])
    ctx.save_for_backward(*tensors, *output)


def backward(ctx, dy, _):
    return *attention_vjp_op(dy, *ctx.saved_tensors, ctx.causal, ctx.scale), None, None


attention_op.register_autograd(backward, setup_context=save)


def with_torch(q, k, v, causal, scale):
    """torch's own attention, with the queries as the last positions and nothing seen as 0."""
    (t, s), mask = (q.shape[-2], k.shape[-2]), None
    if causal and t > s:  # the first t - s queries come before every key
        y = with_torch(q[..., t - s :, :], k, v, causal, scale)
        return F.pad(y, (0, 0, t - s, 0))
    if causal and t < s:
        mask = torch.ones(t, s, dtype=torch.bool, device=q.device).tril(s - t)
    square = causal and t == s
    return F.scaled_dot_product_attention(q, k, v, mask, is_causal=square, scale=scale)


def attention(q, k, v, causal=False, scale=None, backend="auto"):
    """Values averaged by how well their keys match, y = softmax(scale q kᵀ) v.

    Shapes: (t,d),(s,d),(s,d)->(t,d)

    `scale` is 1 / √d by default. With `causal`, the queries are the last t positions: query i
    looks at the keys j <= i + s - t, as `causal_mask` of dlcore.nn says, and where that leaves
    none, y is 0. (The is_causal of torch aligns the first positions; for t = s they agree.)
    Heads of more than MAX_WIDTH features go to torch, and all of them where a GPU has no tensor
    cores that Triton can use: `dlcore.kernels.explain(q, dots=True)`.
    """
    same = q.shape[:-2] == k.shape[:-2] == v.shape[:-2] and q.dtype == k.dtype == v.dtype
    if q.ndim < 2 or not same or k.shape != v.shape or q.shape[-1] != k.shape[-1]:
        got = ", ".join(f"{a.dtype} {tuple(a.shape)}" for a in (q, k, v))
        raise ValueError(f"q must be (..., t, d), k and v (..., s, d), of one dtype, got {got}")
    if q.numel() == 0 or k.numel() == 0:
        raise ValueError(f"t, s and d must be at least 1, got {tuple(q.shape)}, {tuple(k.shape)}")
    scale = q.shape[-1] ** -0.5 if scale is None else float(scale)
    if not 0 < abs(scale) < float("inf"):
        raise ValueError(f"scale must be finite and not 0, got {scale}")
    if backend == "triton" and q.shape[-1] > MAX_WIDTH:
        raise ValueError(f"d must be at most {MAX_WIDTH} for the kernel, got {q.shape[-1]}")
    if use_triton(q, backend, dots=True) and q.shape[-1] <= MAX_WIDTH:
        return attention_op(q, k, v, causal, scale)[0]
    return with_torch(q, k, v, causal, scale)
