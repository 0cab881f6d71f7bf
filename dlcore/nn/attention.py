"""Attention and its masks: scaled dot-product, multi-head and additive."""

import re

import torch

from dlcore.nn.softmax import may_look_at, softmax


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
    return torch.ones(t, s, dtype=torch.bool).tril(s - t)


def padding_mask(lengths, s: int):
    """Real keys only: mask[n, 0, j] = (j < lengths[n]), of shape (n, 1, s).

    The 1 stands for any query: `causal_mask(s) & padding_mask(lengths, s)`.
    """
    integer = not lengths.is_floating_point() and lengths.dtype != torch.bool
    if not integer or may_look_at(lengths) and ((lengths < 1) | (lengths > s)).any():
        raise ValueError(f"lengths must be integers in 1..{s}, got {lengths.tolist()}")
    return torch.arange(s, device=lengths.device) < lengths[..., None, None]


def masked(scores, mask=None):
    """Scores with -inf where a query may not look: softmax makes it 0.

    Shapes: (t,s)->(t,s)
    """
    if mask is None:
        return scores
    pairs = zip(mask.shape[::-1], scores.shape[::-1])
    if mask.ndim > scores.ndim or not all(m in (1, n) for m, n in pairs):
        shapes = f"{tuple(scores.shape)}, got {tuple(mask.shape)}"
        raise ValueError(f"mask must broadcast to the scores {shapes}")
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be boolean, True = may look, got dtype {mask.dtype}")
    if may_look_at(mask) and not (seen := mask.any(dim=-1)).all():
        row = tuple((~seen).nonzero()[0].tolist())
        raise ValueError(f"every row of mask must hold a True, got none in row {row}")
    return scores.masked_fill(~mask, -torch.inf)


def attention(q, k, v, mask=None):
    """Values averaged by how well their keys match, y = softmax(q kᵀ / √d) v.

    Shapes: (t,d),(s,d),(s,e)->(t,e),(t,s)

    `mask` (t,s) is True where a query may look; every row needs one True.
    The second result, the weights, is what pictures show.
    """
    agree("q (t,d), k (s,d), v (s,e)", q, k, v)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    weights = softmax(masked(scores, mask))
    return weights @ v, weights


def split_heads(x, heads: int):
    """Cuts the features into heads: y[n, h, t, i] = x[n, t, h d/heads + i]."""
    width = x.shape[-1]
    if heads < 1 or width % heads:
        raise ValueError(f"width must be a multiple of heads, got width={width}, heads={heads}")
    return x.reshape(*x.shape[:-1], heads, width // heads).swapaxes(-3, -2)


def merge_heads(x):
    """Heads side by side again: y[n, t, h d/heads + i] = x[n, h, t, i]."""
    return x.swapaxes(-3, -2).flatten(-2)


def multi_head_attention(x, memory, wq, wk, wv, wo, heads: int, mask=None):
    """Attention in `heads` subspaces, y = merge(attention(q, k, v)) woᵀ.

    q = split(x wqᵀ), k = split(memory wkᵀ), v = split(memory wvᵀ).
    x has shape (n, t, d), memory (n, s, d), each weight (d, d);
    mask (t, s) or (n, t, s). Beside y it returns the weights (n, heads, t, s).
    """
    rule = "x (t,d), memory (s,m), wq (a,d), wk (a,m), wv (b,m), wo (c,b)"
    agree(rule, x, memory, wq, wk, wv, wo)
    q = split_heads(x @ wq.T, heads)
    k, v = split_heads(memory @ wk.T, heads), split_heads(memory @ wv.T, heads)
    if mask is not None:
        mask = mask.reshape(*mask.shape[:-2], 1, *mask.shape[-2:])
    y, weights = attention(q, k, v, mask)
    return merge_heads(y) @ wo.T, weights


def additive_attention(q, k, v, wq, wk, u, mask=None):
    """A small network scores pairs: y = softmax(u · tanh(wq q + wk k)) v.

    q, k, v, wq, wk, u have shape (t,d), (s,m), (s,e), (a,d), (a,m), (a).
    Beside y it returns the weights (t, s).
    """
    rule = "q (t,d), k (s,m), v (s,e), wq (a,d), wk (a,m), u (a)"
    agree(rule, q, k, v, wq, wk, u)
    aq, ak = q @ wq.T, k @ wk.T
    hidden = torch.tanh(aq[..., :, None, :] + ak[..., None, :, :])
    weights = softmax(masked(hidden @ u, mask))
    return weights @ v, weights
