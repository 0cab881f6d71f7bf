"""The transformer block: attention between positions, then a network on each, both added on."""

import torch
from torch.nn import Parameter

from dlcore.nn import attention as att
from dlcore.nn.activations import gelu
from dlcore.nn.linear import linear
from dlcore.nn.norm import layer_norm


def feed_forward(x, w1, b1, w2, b2):
    """Widen, bend and narrow each position: y = w2 gelu(w1 x + b1) + b2.

    x has shape (n, t, d), w1 (k, d), b1 (k), w2 (d, k), b2 (d).
    """
    return linear(gelu(linear(x, w1, b1)), w2, b2)


def normal(generator, out: int, into: int, spread=0.02):
    """A weight (out, in) to be learned, of mean 0 and deviation `spread`."""
    return Parameter(spread * torch.randn(out, into, generator=generator))


def constant(value: float, size: int):
    """A bias, shift or scale to be learned, the same everywhere at first."""
    return Parameter(torch.full((size,), float(value)))


class LayerNorm(torch.nn.Module):
    """`layer_norm` with its scale and shift."""

    def __init__(self, width: int):
        super().__init__()
        self.scale, self.shift = constant(1, width), constant(0, width)

    def forward(self, x):
        return layer_norm(x, self.scale, self.shift)


class Attention(torch.nn.Module):
    """`multi_head_attention` with its weights, each (width, width)."""

    def __init__(self, width: int, heads: int, generator, spread=0.02):
        super().__init__()
        if heads < 1 or width % heads:
            got = f"got width={width}, heads={heads}"
            raise ValueError(f"width must be a multiple of heads, {got}")
        self.heads = heads
        self.wq, self.wk, self.wv = (normal(generator, width, width) for _ in range(3))
        self.wo = normal(generator, width, width, spread)

    def forward(self, x, memory=None, mask=None, looks=None):
        """x (n, t, d) looks at memory (n, s, d), or at itself without one.

        The list `looks` gets the weights (n, heads, t, s), for a picture.
        """
        memory = x if memory is None else memory
        weights = self.wq, self.wk, self.wv, self.wo
        y, looked = att.multi_head_attention(x, memory, *weights, self.heads, mask)
        if looks is not None:
            looks.append(looked.detach())
        return y

    def step(self, x, cache: list):
        """New positions look back at each other and at what the cache kept."""
        weights = self.wq, self.wk, self.wv
        q, k, v = (att.split_heads(x @ w.T, self.heads) for w in weights)
        if cache:
            k, v = (torch.cat(pair, dim=2) for pair in zip(cache, (k, v)))
        cache[:] = k, v
        mask = att.causal_mask(q.shape[2], k.shape[2]).to(x.device)
        y, _ = att.attention(q, k, v, mask)
        return att.merge_heads(y) @ self.wo.T


class Block(torch.nn.Module):
    """Each part f (attention, then the network) is added to what it read.

    norm="pre":   x = x + f(layer_norm(x)), where nothing touches the sum;
    norm="post":  x = layer_norm(x + f(x)), as in the first transformer.
    With cross=True a part between the two looks at the encoder's output.
    """

    def __init__(self, width: int, heads: int, generator, spread=0.02, norm="pre", cross=False):
        super().__init__()
        if norm not in ("pre", "post"):
            raise ValueError(f"norm must be 'pre' or 'post', got {norm!r}")
        self.pre = norm == "pre"
        self.attention_norm = LayerNorm(width)
        self.attention = Attention(width, heads, generator, spread)
        self.cross_norm = LayerNorm(width) if cross else None
        self.cross = Attention(width, heads, generator, spread) if cross else None
        self.feed_norm = LayerNorm(width)
        self.w1, self.b1 = normal(generator, 4 * width, width), constant(0, 4 * width)
        self.w2, self.b2 = normal(generator, width, 4 * width, spread), constant(0, width)

    def add(self, x, norm, f, *rest):
        """What f finds in x, added to x."""
        return x + f(norm(x), *rest) if self.pre else norm(x + f(x, *rest))

    def feed(self, x):
        return feed_forward(x, self.w1, self.b1, self.w2, self.b2)

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
