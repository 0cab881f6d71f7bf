"""The kernels of attention: keys pass by in blocks, the softmax runs along, no score is written.

Forward keeps the logsumexp of each query's scores, from which backward makes the weights again
(Dao et al. 2022, FlashAttention; Dao 2023, FlashAttention-2). t, s, d: queries, keys, features.
"""

from dlcore.kernels.launch import tl, triton

LOG2E = tl.constexpr(1.4426950408889634)  # exp(x) = exp2(x log2(e)), and a GPU has exp2
LOWEST = tl.constexpr(-1.0e30)  # finite: -inf minus -inf would be NaN


@triton.jit
def get_rows(ptr, first, count, d, BLOCK: tl.constexpr, D: tl.constexpr):
    """BLOCK rows of a (count, d) matrix from `first` on; 0 outside."""
    row, column = first + tl.arange(0, BLOCK), tl.arange(0, D)
    at = row.to(tl.int64)[:, None] * d + column[None, :]
    inside = (row[:, None] < count) & (column[None, :] < d)
    return tl.load(ptr + at, mask=inside, other=0.0)


@triton.jit
def put_rows(ptr, x, first, count, d, BLOCK: tl.constexpr, D: tl.constexpr):
    """The reverse: write BLOCK rows."""
    row, column = first + tl.arange(0, BLOCK), tl.arange(0, D)
    at = row.to(tl.int64)[:, None] * d + column[None, :]
    inside = (row[:, None] < count) & (column[None, :] < d)
    tl.store(ptr + at, x.to(ptr.dtype.element_ty), mask=inside)


@triton.jit
def may_look(i, j, t, s, CAUSAL: tl.constexpr):
    """Whether query i may look at key j; the queries are the last t positions."""
    seen = (i < t) & (j < s)
    if CAUSAL:
        seen = seen & (j <= i + s - t)
    return seen


@triton.jit
def key_range(first, t, s, CAUSAL: tl.constexpr, BT: tl.constexpr, BS: tl.constexpr):
    """Blocks of keys that all BT queries from `first` on see in full end at the
    first number, those that any of them sees at the second."""
    full, last = s, s
    if CAUSAL:
        full = tl.minimum(tl.maximum(first + 1 + s - t, 0), s)
        last = tl.minimum(tl.maximum(first + BT + s - t, 0), s)
    return full // BS * BS, last


@triton.jit
def attend(
    y, total, best, q, i, k_ptr, v_ptr, start, stop, t, s, d, scale,
    MASKED: tl.constexpr, CAUSAL: tl.constexpr, PRECISION: tl.constexpr,
    D: tl.constexpr, BS: tl.constexpr,
):  # fmt: skip
    """Softmax so far, continued over the keys start..stop of one head.

    When the maximum rises, what was summed so far shrinks by 2^(old - new).
    """
    for first in range(start, stop, BS):
        k = get_rows(k_ptr, first, s, d, BS, D)
        v = get_rows(v_ptr, first, s, d, BS, D)
        scores = tl.dot(q, k.T, input_precision=PRECISION) * (scale * LOG2E)
        if MASKED:
            j = first + tl.arange(0, BS)
            seen = may_look(i[:, None], j[None, :], t, s, CAUSAL)
            scores = tl.where(seen, scores, LOWEST)
        higher = tl.maximum(best, tl.max(scores, axis=1))
        w = tl.exp2(scores - higher[:, None])
        if MASKED:
            w = tl.where(seen, w, 0.0)
        shrink = tl.exp2(best - higher)
        y = y * shrink[:, None]
        y = tl.dot(w.to(v.dtype), v, y, input_precision=PRECISION)
        total = total * shrink + tl.sum(w, axis=1)
        best = higher
    return y, total, best


@triton.jit
def attention_kernel(
    q_ptr, k_ptr, v_ptr, y_ptr, lse_ptr, t, s, d, scale,
    CAUSAL: tl.constexpr, PRECISION: tl.constexpr,
    D: tl.constexpr, BT: tl.constexpr, BS: tl.constexpr,
):  # fmt: skip
    """y = softmax(scale q kᵀ) v for BT queries of one head; lse in powers of 2.

    q and y are (heads, t, d), k and v (heads, s, d), lse (heads, t).
    """
    first = tl.program_id(0) * BT
    head = tl.program_id(1).to(tl.int64)
    k_ptr, v_ptr = k_ptr + head * s * d, v_ptr + head * s * d
    q = get_rows(q_ptr + head * t * d, first, t, d, BT, D)
    i = first + tl.arange(0, BT)
    y = tl.zeros((BT, D), tl.float32)
    total = tl.zeros((BT,), tl.float32)
    best = tl.full((BT,), LOWEST, tl.float32)
    full, last = key_range(first, t, s, CAUSAL, BT, BS)
    y, total, best = attend(
        y, total, best, q, i, k_ptr, v_ptr, 0, full, t, s, d, scale,
        False, CAUSAL, PRECISION, D, BS,
    )  # fmt: skip
    y, total, best = attend(
        y, total, best, q, i, k_ptr, v_ptr, full, last, t, s, d, scale,
        True, CAUSAL, PRECISION, D, BS,
    )  # fmt: skip
    blind = total == 0  # no key to look at: y = 0, and backward finds weights of 0
    total = tl.where(blind, 1.0, total)
    lse = tl.where(blind, 1.0e30, best + tl.log2(total))
    put_rows(y_ptr + head * t * d, y / total[:, None], first, t, d, BT, D)
    tl.store(lse_ptr + head * t + i, lse, mask=i < t)


@triton.jit
def back_to_queries(
    dq, q, dy, lse, delta, i, k_ptr, v_ptr, start, stop, t, s, d, scale,
    MASKED: tl.constexpr, CAUSAL: tl.constexpr, PRECISION: tl.constexpr,
    D: tl.constexpr, BS: tl.constexpr,
):  # fmt: skip
    """dq += w (dy vᵀ - delta) k over the keys start..stop, w the weights."""
    for first in range(start, stop, BS):
        k = get_rows(k_ptr, first, s, d, BS, D)
        v = get_rows(v_ptr, first, s, d, BS, D)
        scores = tl.dot(q, k.T, input_precision=PRECISION) * (scale * LOG2E)
        w = tl.exp2(scores - lse[:, None])
        if MASKED:
            j = first + tl.arange(0, BS)
            w = tl.where(may_look(i[:, None], j[None, :], t, s, CAUSAL), w, 0.0)
        dw = tl.dot(dy, v.T, input_precision=PRECISION)
        dscores = (w * (dw - delta[:, None])).to(k.dtype)
        dq = tl.dot(dscores, k, dq, input_precision=PRECISION)
    return dq


@triton.jit
def query_vjp_kernel(
    dy_ptr, q_ptr, k_ptr, v_ptr, y_ptr, lse_ptr, delta_ptr, dq_ptr, t, s, d, scale,
    CAUSAL: tl.constexpr, PRECISION: tl.constexpr,
    D: tl.constexpr, BT: tl.constexpr, BS: tl.constexpr,
):  # fmt: skip
    """dq for BT queries of one head, and delta = sum(dy * y), for the keys' kernel."""
    first = tl.program_id(0) * BT
    head = tl.program_id(1).to(tl.int64)
    k_ptr, v_ptr = k_ptr + head * s * d, v_ptr + head * s * d
    q = get_rows(q_ptr + head * t * d, first, t, d, BT, D)
    dy = get_rows(dy_ptr + head * t * d, first, t, d, BT, D)
    y = get_rows(y_ptr + head * t * d, first, t, d, BT, D)
    i = first + tl.arange(0, BT)
    lse = tl.load(lse_ptr + head * t + i, mask=i < t, other=0.0)
    delta = tl.sum(dy.to(tl.float32) * y.to(tl.float32), axis=1)
    tl.store(delta_ptr + head * t + i, delta, mask=i < t)
    dq = tl.zeros((BT, D), tl.float32)
    full, last = key_range(first, t, s, CAUSAL, BT, BS)
    dq = back_to_queries(
        dq, q, dy, lse, delta, i, k_ptr, v_ptr, 0, full, t, s, d, scale,
        False, CAUSAL, PRECISION, D, BS,
    )  # fmt: skip
    dq = back_to_queries(
        dq, q, dy, lse, delta, i, k_ptr, v_ptr, full, last, t, s, d, scale,
        True, CAUSAL, PRECISION, D, BS,
    )  # fmt: skip
    put_rows(dq_ptr + head * t * d, dq * scale, first, t, d, BT, D)


@triton.jit
def back_to_keys(
    dk, dv, k, v, j, q_ptr, dy_ptr, lse_ptr, delta_ptr, start, stop, t, s, d, scale,
    MASKED: tl.constexpr, CAUSAL: tl.constexpr, PRECISION: tl.constexpr,
    D: tl.constexpr, BT: tl.constexpr,
):  # fmt: skip
    """The same for keys and values: dv += wᵀ dy, over the queries start..stop."""
    for first in range(start, stop, BT):
        q = get_rows(q_ptr, first, t, d, BT, D)
        dy = get_rows(dy_ptr, first, t, d, BT, D)
        i = first + tl.arange(0, BT)
        lse = tl.load(lse_ptr + i, mask=i < t, other=0.0)
        delta = tl.load(delta_ptr + i, mask=i < t, other=0.0)
        scores = tl.dot(k, q.T, input_precision=PRECISION) * (scale * LOG2E)
        w = tl.exp2(scores - lse[None, :])
        if MASKED:
            w = tl.where(may_look(i[None, :], j[:, None], t, s, CAUSAL), w, 0.0)
        dv = tl.dot(w.to(dy.dtype), dy, dv, input_precision=PRECISION)
        dw = tl.dot(v, dy.T, input_precision=PRECISION)
        dscores = (w * (dw - delta[None, :])).to(q.dtype)
        dk = tl.dot(dscores, q, dk, input_precision=PRECISION)
    return dk, dv


@triton.jit
def key_vjp_kernel(
    dy_ptr, q_ptr, k_ptr, v_ptr, lse_ptr, delta_ptr, dk_ptr, dv_ptr, t, s, d, scale,
    CAUSAL: tl.constexpr, PRECISION: tl.constexpr,
    D: tl.constexpr, BT: tl.constexpr, BS: tl.constexpr,
):  # fmt: skip
    """dk and dv for BS keys of one head."""
    first = tl.program_id(0) * BS
    head = tl.program_id(1).to(tl.int64)
    q_ptr, dy_ptr = q_ptr + head * t * d, dy_ptr + head * t * d
    lse_ptr, delta_ptr = lse_ptr + head * t, delta_ptr + head * t
    k = get_rows(k_ptr + head * s * d, first, s, d, BS, D)
    v = get_rows(v_ptr + head * s * d, first, s, d, BS, D)
    j = first + tl.arange(0, BS)
    dk, dv = tl.zeros((BS, D), tl.float32), tl.zeros((BS, D), tl.float32)
    begin, full = 0, 0  # from `full` on, every query sees all BS keys
    if CAUSAL:
        begin = tl.maximum(first - s + t, 0) // BT * BT
        full = tl.minimum(tl.maximum(first + BS - 1 - s + t, 0), t)
    full = tl.where(first + BS > s, t, full)
    full = tl.minimum(tl.cdiv(full, BT) * BT, t)
    dk, dv = back_to_keys(
        dk, dv, k, v, j, q_ptr, dy_ptr, lse_ptr, delta_ptr, begin, full, t, s, d, scale,
        True, CAUSAL, PRECISION, D, BT,
    )  # fmt: skip
    dk, dv = back_to_keys(
        dk, dv, k, v, j, q_ptr, dy_ptr, lse_ptr, delta_ptr, full, t, t, s, d, scale,
        False, CAUSAL, PRECISION, D, BT,
    )  # fmt: skip
    put_rows(dk_ptr + head * s * d, dk * scale, first, s, d, BS, D)
    put_rows(dv_ptr + head * s * d, dv, first, s, d, BS, D)
