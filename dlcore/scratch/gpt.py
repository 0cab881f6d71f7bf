"""A small GPT on the engine: reads tokens from left to right and predicts the next one."""

import numpy as np

from dlcore.scratch import attention as att
from dlcore.scratch.autodiff import primitive
from dlcore.scratch.embedding import embedding, embedding_vjp
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.module import Module, parameter
from dlcore.scratch.norm import layer_norm, layer_norm_vjp
from dlcore.scratch.transformer import feed_forward, feed_forward_vjp

EMBED = primitive(embedding, embedding_vjp)
NORM = primitive(layer_norm, layer_norm_vjp)
ATTEND = primitive(att.multi_head_attention, att.multi_head_attention_vjp)
FEED = primitive(feed_forward, feed_forward_vjp)
LINEAR = primitive(linear, linear_vjp)
LOSS = primitive(cross_entropy, cross_entropy_vjp)


class Block(Module):
    """x = x + attention(norm(x)), then x = x + feed_forward(norm(x)): pre-norm."""

    def __init__(self, width: int, heads: int, rng, spread, dtype=np.float32):
        def weights(out, into, deviation=0.02):
            return parameter((deviation * rng.normal(size=(out, into))).astype(dtype))

        def constant(value, size):
            return parameter(np.full(size, value, dtype))

        self.heads = heads
        self.scale1, self.shift1 = constant(1, width), constant(0, width)
        self.wq, self.wk, self.wv = (weights(width, width) for _ in range(3))
        self.wo = weights(width, width, spread)
        self.scale2, self.shift2 = constant(1, width), constant(0, width)
        self.w1, self.b1 = weights(4 * width, width), constant(0, 4 * width)
        self.w2, self.b2 = weights(width, 4 * width, spread), constant(0, width)

    def forward(self, x, mask):
        a = NORM(x, self.scale1, self.shift1)
        x = x + ATTEND(a, a, self.wq, self.wk, self.wv, self.wo, heads=self.heads, mask=mask)
        return x + FEED(NORM(x, self.scale2, self.shift2), self.w1, self.b1, self.w2, self.b2)

    def step(self, x, cache):
        """The block on new positions x (n, t, d) as arrays, with earlier keys and values."""
        a = layer_norm(x, self.scale1.data, self.shift1.data)
        q, k, v = (att.split_heads(a @ w.data.T, self.heads) for w in (self.wq, self.wk, self.wv))
        if cache:
            k, v = (np.concatenate(pair, axis=2) for pair in zip(cache, (k, v)))
        y, _ = att.attention(q, k, v, att.causal_mask(x.shape[1], k.shape[2]))
        x = x + att.merge_heads(y) @ self.wo.data.T
        a = layer_norm(x, self.scale2.data, self.shift2.data)
        ff = (p.data for p in (self.w1, self.b1, self.w2, self.b2))
        return x + feed_forward(a, *ff)[0], (k, v)


class GPT(Module):
    """`tokens` known words, contexts of at most `length`; the output layer is the table again."""

    def __init__(self, tokens: int, length: int, width: int, heads: int, layers: int, rng):
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got width={width}, heads={heads}")
        spread = 0.02 / (2 * layers) ** 0.5  # each block adds twice to the residual stream
        self.length = length
        self.table = parameter((0.02 * rng.normal(size=(tokens, width))).astype(np.float32))
        self.places = parameter((0.02 * rng.normal(size=(length, width))).astype(np.float32))
        self.blocks = [Block(width, heads, rng, spread) for _ in range(layers)]
        self.scale = parameter(np.ones(width, np.float32))
        self.shift = parameter(np.zeros(width, np.float32))
        self.no_bias = np.zeros(tokens, np.float32)

    def forward(self, ids):
        """Scores (n, t, tokens) of the next token after each of ids (n, t)."""
        t = np.shape(ids)[1]
        if t > self.length:
            raise ValueError(f"ids must have at most length={self.length} tokens, got {t}")
        x = EMBED(self.table, ids) + self.places[:t]
        for block in self.blocks:
            x = block(x, att.causal_mask(t))
        return LINEAR(NORM(x, self.scale, self.shift), self.table, self.no_bias)

    def loss(self, ids):
        """Mean surprisal of every token after the first, given those before it."""
        return LOSS(self(ids[:, :-1]), ids[:, 1:])

    def generate(self, ids, steps: int, choose):
        """`steps` more tokens; `choose` maps scores (n, tokens) to tokens, e.g. `greedy`.

        Keys and values of earlier positions are kept, so that each new token costs one position.
        """
        ids = np.asarray(ids)
        if ids.shape[1] + steps > self.length:
            total = ids.shape[1] + steps
            raise ValueError(f"ids and steps must fit in length={self.length}, got {total}")
        caches, new = [None] * len(self.blocks), ids
        for _ in range(steps):
            start = ids.shape[1] - new.shape[1]
            x = self.table.data[new] + self.places.data[start : ids.shape[1]]
            for i, block in enumerate(self.blocks):
                x, caches[i] = block.step(x, caches[i])
            x = layer_norm(x[:, -1:], self.scale.data, self.shift.data)
            new = choose((x @ self.table.data.T)[:, 0])[:, None]
            ids = np.concatenate([ids, new], axis=1)
        return ids
