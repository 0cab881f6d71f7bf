"""A small GPT: reads tokens from left to right and predicts the next one."""

import torch
from torch.nn import Parameter

from dlcore.nn import attention as att
from dlcore.nn.linear import linear
from dlcore.nn.losses import cross_entropy
from dlcore.nn.norm import layer_norm
from dlcore.nn.transformer import feed_forward


class Block(torch.nn.Module):
    """x = x + attention(norm(x)), then x = x + feed_forward(norm(x)): pre-norm."""

    def __init__(self, width: int, heads: int, generator, spread):
        super().__init__()

        def weights(out, into, deviation=0.02):
            return Parameter(deviation * torch.randn(out, into, generator=generator))

        self.heads = heads
        self.scale1, self.shift1 = Parameter(torch.ones(width)), Parameter(torch.zeros(width))
        self.wq, self.wk, self.wv = (weights(width, width) for _ in range(3))
        self.wo = weights(width, width, spread)
        self.scale2, self.shift2 = Parameter(torch.ones(width)), Parameter(torch.zeros(width))
        self.w1, self.b1 = weights(4 * width, width), Parameter(torch.zeros(4 * width))
        self.w2, self.b2 = weights(width, 4 * width, spread), Parameter(torch.zeros(width))

    def forward(self, x, cache=None):
        """The block on positions x (n, t, d), after those in the cache; also the new cache."""
        a = layer_norm(x, self.scale1, self.shift1)
        q, k, v = (att.split_heads(a @ w.T, self.heads) for w in (self.wq, self.wk, self.wv))
        if cache is not None:
            k, v = (torch.cat(pair, dim=2) for pair in zip(cache, (k, v)))
        mask = att.causal_mask(x.shape[1], k.shape[2]).to(x.device)
        y, _ = att.attention(q, k, v, mask)
        x = x + att.merge_heads(y) @ self.wo.T
        a = layer_norm(x, self.scale2, self.shift2)
        return x + feed_forward(a, self.w1, self.b1, self.w2, self.b2), (k, v)


class GPT(torch.nn.Module):
    """`tokens` known words, contexts of at most `length`; the output layer is the table again."""

    def __init__(self, tokens: int, length: int, width: int, heads: int, layers: int, generator):
        super().__init__()
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got width={width}, heads={heads}")
        spread = 0.02 / (2 * layers) ** 0.5  # each block adds twice to the residual stream
        self.length = length
        self.table = Parameter(0.02 * torch.randn(tokens, width, generator=generator))
        self.places = Parameter(0.02 * torch.randn(length, width, generator=generator))
        blocks = [Block(width, heads, generator, spread) for _ in range(layers)]
        self.blocks = torch.nn.ModuleList(blocks)
        self.scale, self.shift = Parameter(torch.ones(width)), Parameter(torch.zeros(width))
        self.register_buffer("no_bias", torch.zeros(tokens), persistent=False)

    def forward(self, ids, caches=None):
        """Scores (n, t, tokens) of the next token after each of ids (n, t).

        `caches`, a list of one entry a block (None at first), is filled and used again.
        """
        caches = [None] * len(self.blocks) if caches is None else caches
        start = 0 if caches[0] is None else caches[0][0].shape[2]
        end = start + ids.shape[1]
        if end > self.length:
            raise ValueError(f"ids must have at most length={self.length} tokens, got {end}")
        x = self.table[ids] + self.places[start:end]
        for i, block in enumerate(self.blocks):
            x, caches[i] = block(x, caches[i])
        return linear(layer_norm(x, self.scale, self.shift), self.table, self.no_bias)

    def loss(self, ids):
        """Mean surprisal of every token after the first, given those before it."""
        return cross_entropy(self(ids[:, :-1]), ids[:, 1:])

    @torch.no_grad()
    def generate(self, ids, steps: int, choose):
        """`steps` more tokens; `choose` maps scores (n, tokens) to tokens, e.g. `greedy`.

        Keys and values of earlier positions are kept, so that each new token costs one position.
        """
        if ids.shape[1] + steps > self.length:
            total = ids.shape[1] + steps
            raise ValueError(f"ids and steps must fit in length={self.length}, got {total}")
        caches, new = [None] * len(self.blocks), ids
        for _ in range(steps):
            new = choose(self(new, caches)[:, -1])[:, None]
            ids = torch.cat([ids, new], dim=1)
        return ids
