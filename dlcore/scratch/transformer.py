"""The transformer block: attention between positions, then a network on each, both added on."""

import numpy as np

from dlcore.scratch import attention as att
from dlcore.scratch.activations import gelu, gelu_vjp, in_slices
from dlcore.scratch.autodiff import primitive
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.module import Module, parameter
from dlcore.scratch.norm import layer_norm, layer_norm_vjp


def feed_forward(x, w1, b1, w2, b2):
    """Widen, bend and narrow each position: y = w2 gelu(w1 x + b1) + b2.

    x has shape (n, t, d), w1 (k, d), b1 (k), w2 (d, k), b2 (d).
    Returned beside y: a = w1 x + b1 and gelu(a).
    """
    a = linear(x, w1, b1)
    hidden = in_slices(gelu, a)
    return linear(hidden, w2, b2), a, hidden


def feed_forward_vjp(dy, y, x, w1, b1, w2, b2):
    """Back through both layers: dh = w2ᵀ dy, da = gelu_vjp(dh), dx = w1ᵀ da.

    dy has the shape of x, y is all that feed_forward returned.
    """
    out, a, hidden = y
    dhidden, dw2, db2 = linear_vjp(dy, out, hidden, w2, b2)
    da = in_slices(gelu_vjp, dhidden, hidden, a)
    dx, dw1, db1 = linear_vjp(da, a, x, w1, b1)
    return dx, dw1, db1, dw2, db2


NORM = primitive(layer_norm, layer_norm_vjp)
ATTEND = primitive(att.multi_head_attention, att.multi_head_attention_vjp)
FEED = primitive(feed_forward, feed_forward_vjp)


def normal(rng, out: int, into: int, spread=0.02):
    """A weight (out, in) to be learned, of mean 0 and deviation `spread`."""
    return parameter((spread * rng.normal(size=(out, into))).astype(np.float32))


def constant(value: float, size: int):
    """A bias, shift or scale to be learned, the same everywhere at first."""
    return parameter(np.full(size, value, np.float32))


class LayerNorm(Module):
    """`layer_norm` with its scale and shift."""

    def __init__(self, width: int):
        self.scale, self.shift = constant(1, width), constant(0, width)

    def forward(self, x):
        return NORM(x, self.scale, self.shift)


class Attention(Module):
    """`multi_head_attention` with its weights, each (width, width)."""

    def __init__(self, width: int, heads: int, rng, spread=0.02):
        if heads < 1 or width % heads:
            got = f"got width={width}, heads={heads}"
            raise ValueError(f"width must be a multiple of heads, {got}")
        self.heads = heads
        self.wq, self.wk, self.wv = (normal(rng, width, width) for _ in range(3))
        self.wo = normal(rng, width, width, spread)

    def forward(self, x, memory=None, mask=None, looks=None):
        """x (n, t, d) looks at memory (n, s, d), or at itself without one.

        The list `looks` gets the weights (n, heads, t, s), for a picture.
        """
        memory = x if memory is None else memory
        inputs = x, memory, self.wq, self.wk, self.wv, self.wo
        if looks is not None:
            arrays = [a.data for a in inputs]
            looks.append(att.multi_head_attention(*arrays, self.heads, mask)[1])
        return ATTEND(*inputs, heads=self.heads, mask=mask)

    def step(self, x, cache: list):
        """New positions look back at each other and at what the cache kept."""
        weights = self.wq, self.wk, self.wv
        q, k, v = (att.split_heads(x.data @ w.data.T, self.heads) for w in weights)
        if cache:
            k, v = (np.concatenate(pair, axis=2) for pair in zip(cache, (k, v)))
        cache[:] = k, v
        y, _ = att.attention(q, k, v, att.causal_mask(q.shape[2], k.shape[2]))
        return att.merge_heads(y) @ self.wo.data.T


class Block(Module):
    """Each part f (attention, then the network) is added to what it read.

    norm="pre":   x = x + f(layer_norm(x)), where nothing touches the sum;
    norm="post":  x = layer_norm(x + f(x)), as in the first transformer.
    With cross=True a part between the two looks at the encoder's output.
    """

    def __init__(self, width: int, heads: int, rng, spread=0.02, norm="pre", cross=False):
        if norm not in ("pre", "post"):
            raise ValueError(f"norm must be 'pre' or 'post', got {norm!r}")
        self.pre = norm == "pre"
        self.attention_norm = LayerNorm(width)
        self.attention = Attention(width, heads, rng, spread)
        self.cross_norm = LayerNorm(width) if cross else None
        self.cross = Attention(width, heads, rng, spread) if cross else None
        self.feed_norm = LayerNorm(width)
        self.w1, self.b1 = normal(rng, 4 * width, width), constant(0, 4 * width)
        self.w2, self.b2 = normal(rng, width, 4 * width, spread), constant(0, width)

    def add(self, x, norm, f, *rest):
        """What f finds in x, added to x."""
        return x + f(norm(x), *rest) if self.pre else norm(x + f(x, *rest))

    def feed(self, x):
        return FEED(x, self.w1, self.b1, self.w2, self.b2)

    def forward(self, x, mask=None, memory=None, memory_mask=None, looks=None):
        """From x (n, t, d) to (n, t, d); x has its mask, memory (n, s, d) another."""
        x = self.add(x, self.attention_norm, self.attention, None, mask)
        return self.finish(x, memory, memory_mask, looks)

    def step(self, x, cache: list, memory=None, memory_mask=None):
        """The block on new positions alone, after those in the cache."""
        x = self.add(x, self.attention_norm, self.attention.step, cache)
        return self.finish(x, memory, memory_mask)

    def finish(self, x, memory, memory_mask, looks=None):
        """What comes after self-attention."""
        if (memory is None) != (self.cross is None):
            rule = "memory must be given to a block with cross=True and to no other"
            raise ValueError(f"{rule}, got {'none' if memory is None else 'one'}")
        if memory is not None:
            rest = memory, memory_mask, looks
            x = self.add(x, self.cross_norm, self.cross, *rest)
        return self.add(x, self.feed_norm, self.feed)
