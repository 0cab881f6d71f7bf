"""Attention, dot-product, multi-head and additive, each with its gradient; masks."""

import re

import numpy as np

from dlcore.scratch.arithmetic import unbroadcast
from dlcore.scratch.linear import linear_vjp
from dlcore.scratch.softmax import softmax, softmax_in_place, softmax_vjp


def agree(rule: str, *arrays):
    """Stops if a letter of the rule, like "q (t,d), k (s,d)", has two sizes.

    The letters name the last axes of each array; axes of any shape may lead.
    """
    sizes = {}
    for core, a in zip(re.findall(r"\((.+?)\)", rule), arrays):
        letters = core.split(",")
        pairs = zip(letters, a.shape[-len(letters) :])
        if a.ndim < len(letters) or any(sizes.setdefault(c, n) != n for c, n in pairs):
            shapes = ", ".join(str(tuple(a.shape)) for a in arrays)
            raise ValueError(f"{rule}: each letter must have one size, got {shapes}")


def causal_mask(t: int, s=None):
    """No look ahead: mask[i, j] = (j <= i + s - t), of shape (t, s).

    If s > t, as with a cache of keys, the queries are the last t positions.
    """
    s = t if s is None else s
    if not 1 <= t <= s:
        raise ValueError(f"t must lie in 1..s, got t={t}, s={s}")
    return np.tri(t, s, s - t, dtype=bool)


def padding_mask(lengths, s: int):
    """Real keys only: mask[n, 0, j] = (j < lengths[n]), of shape (n, 1, s).

    The 1 stands for any query: `causal_mask(s) & padding_mask(lengths, s)`.
    """
    lengths = np.asarray(lengths)
    if lengths.dtype.kind not in "iu" or (lengths < 1).any() or (lengths > s).any():
        raise ValueError(f"lengths must be integers in 1..{s}, got {lengths}")
    return np.arange(s) < lengths[..., None, None]


def masked(scores, mask=None):
    """Scores with -inf where a query may not look: softmax makes it 0.

    Shapes: (t,s)->(t,s)
    """
    if mask is None:
        return scores
    mask = np.asarray(mask)
    pairs = zip(mask.shape[::-1], scores.shape[::-1])
    if mask.ndim > scores.ndim or not all(m in (1, n) for m, n in pairs):
        raise ValueError(f"mask must broadcast to the scores {scores.shape}, got {mask.shape}")
    if mask.dtype != bool:
        raise ValueError(f"mask must be boolean, True = may look, got dtype {mask.dtype}")
    seen = mask.any(axis=-1)
    if not seen.all():
        row = tuple(int(i) for i in np.argwhere(~seen)[0])
        raise ValueError(f"every row of mask must hold a True, got none in row {row}")
    return np.where(mask, scores, -np.inf)


def attention(q, k, v, mask=None):
    """Values averaged by how well their keys match, y = softmax(q kᵀ / √d) v.

    Shapes: (t,d),(s,d),(s,e)->(t,e),(t,s)

    `mask` (t,s) is True where a query may look; every row needs one True.
    The second result, the weights, is what pictures show.
    """
    q, k, v = np.asarray(q), np.asarray(k), np.asarray(v)
    agree("q (t,d), k (s,d), v (s,e)", q, k, v)
    scores = q / q.shape[-1] ** 0.5 @ k.mT
    weights = softmax_in_place(masked(scores, mask))
    return weights @ v, weights


def attention_vjp(dy, y, q, k, v, mask=None):
    """dv = aᵀ dy, ds = softmax_vjp(dy vᵀ) at temperature √d, dq = ds k, dk = dsᵀ q.

    dy has the shape of the first result; y is both, the second is a.
    The mask is not needed: where a is 0, softmax_vjp makes ds 0.
    """
    weights = y[1]
    ds = softmax_vjp(dy @ v.mT, weights, None, q.shape[-1] ** 0.5)
    dq, dk, dv = ds @ k, ds.mT @ q, weights.mT @ dy
    return unbroadcast(dq, q), unbroadcast(dk, k), unbroadcast(dv, v)


def split_heads(x, heads: int):
    """Cuts the features into heads: y[n, h, t, i] = x[n, t, h d/heads + i].

    x has shape (n, t, d), the result (n, heads, t, d/heads).
    """
    width = x.shape[-1]
    if heads < 1 or width % heads:
        raise ValueError(f"width must be a multiple of heads, got width={width}, heads={heads}")
    return x.reshape(*x.shape[:-1], heads, width // heads).swapaxes(-3, -2)


def split_heads_vjp(dy, y, x, heads: int):
    """Numbers only moved, so cotangents of this shape move back."""
    return merge_heads(dy)


def merge_heads(x):
    """Heads side by side again: y[n, t, h d/heads + i] = x[n, h, t, i].

    x has shape (n, heads, t, d/heads), the result (n, t, d).
    """
    x = x.swapaxes(-3, -2)
    return x.reshape(*x.shape[:-2], x.shape[-2] * x.shape[-1])


def merge_heads_vjp(dy, y, x):
    """Cotangents of shape (n, t, d) move back into x.shape[-3] heads."""
    return split_heads(dy, x.shape[-3])


def multi_head_attention(x, memory, wq, wk, wv, wo, heads: int, mask=None):
    """Attention in `heads` subspaces, y = merge(attention(q, k, v)) woᵀ.

    q = split(x wqᵀ), k = split(memory wkᵀ), v = split(memory wvᵀ). It is
    self-attention if memory is x. x has shape (n, t, d), memory (n, s, d),
    each weight (d, d); mask (t, s) or (n, t, s) holds for every head.
    Beside y it returns the weights (n, heads, t, s) and what its gradient needs.
    """
    rule = "x (t,d), memory (s,m), wq (a,d), wk (a,m), wv (b,m), wo (c,b)"
    agree(rule, x, memory, wq, wk, wv, wo)
    q = split_heads(x @ wq.T, heads)
    k, v = split_heads(memory @ wk.T, heads), split_heads(memory @ wv.T, heads)
    if mask is not None:
        mask = np.asarray(mask)
        mask = mask.reshape(*mask.shape[:-2], 1, *mask.shape[-2:])
    y, weights = attention(q, k, v, mask)
    merged = merge_heads(y)
    return merged @ wo.T, weights, q, k, v, merged


def multi_head_attention_vjp(dy, y, x, memory, wq, wk, wv, wo, heads: int, mask=None):
    """Back in reverse order; memory fed k and v, so dm = dmₖ + dmᵥ.

    dy has the shape of y[0], y is all that multi_head_attention returned.
    """
    _, weights, q, k, v, merged = y
    dmerged, dwo, _ = linear_vjp(dy, None, merged, wo, None)
    dheads = split_heads(dmerged, heads)
    dq, dk, dv = attention_vjp(dheads, (None, weights), q, k, v)
    dx, dwq, _ = linear_vjp(merge_heads(dq), None, x, wq, None)
    dmk, dwk, _ = linear_vjp(merge_heads(dk), None, memory, wk, None)
    dmv, dwv, _ = linear_vjp(merge_heads(dv), None, memory, wv, None)
    return dx, dmk + dmv, dwq, dwk, dwv, dwo


def additive_attention(q, k, v, wq, wk, u, mask=None):
    """A small network scores pairs: y = softmax(u · tanh(wq q + wk k)) v.

    q, k, v, wq, wk, u have shape (t,d), (s,m), (s,e), (a,d), (a,m), (a).
    Beside y it returns the weights (t, s) and what its gradient needs.
    """
    rule = "q (t,d), k (s,m), v (s,e), wq (a,d), wk (a,m), u (a)"
    agree(rule, q, k, v, wq, wk, u)
    aq, ak = q @ wq.T, k @ wk.T
    hidden = np.tanh(aq[..., :, None, :] + ak[..., None, :, :])
    weights = softmax(masked(hidden @ u, mask))
    return weights @ v, weights, hidden, aq, ak


def additive_attention_vjp(dy, y, q, k, v, wq, wk, u, mask=None):
    """da = ds u (1 - hidden²) for each pair, summed over keys for q, over queries for k.

    dy has the shape of y[0], y is all that additive_attention returned.
    """
    _, weights, hidden, aq, ak = y
    ds = unbroadcast(softmax_vjp(dy @ v.mT, weights, None), hidden[..., 0])
    du = ds.reshape(-1) @ hidden.reshape(-1, len(u))
    da = ds[..., None] * u * (1 - hidden * hidden)
    daq, dak = unbroadcast(da.sum(axis=-2), aq), unbroadcast(da.sum(axis=-3), ak)
    dq, dwq, _ = linear_vjp(daq, None, q, wq, None)
    dk, dwk, _ = linear_vjp(dak, None, k, wk, None)
    return dq, dk, unbroadcast(weights.mT @ dy, v), dwq, dwk, du
