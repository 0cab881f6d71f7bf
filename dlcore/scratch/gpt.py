"""A small GPT on the engine: reads tokens from left to right and predicts the next one."""

import numpy as np

from dlcore.scratch.attention import causal_mask
from dlcore.scratch.autodiff import no_grad, primitive
from dlcore.scratch.embedding import embedding, embedding_vjp
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.module import Module
from dlcore.scratch.transformer import Block, LayerNorm, normal

EMBED = primitive(embedding, embedding_vjp)
LINEAR = primitive(linear, linear_vjp)
LOSS = primitive(cross_entropy, cross_entropy_vjp)


class GPT(Module):
    """`tokens` known words, contexts of at most `length`; the output layer is the table again."""

    def __init__(self, tokens: int, length: int, width: int, heads: int, layers: int, rng):
        spread = 0.02 / (2 * layers) ** 0.5  # each block adds twice to the residual stream
        self.length = length
        self.table, self.places = normal(rng, tokens, width), normal(rng, length, width)
        self.blocks = [Block(width, heads, rng, spread) for _ in range(layers)]
        self.norm = LayerNorm(width)
        self.no_bias = np.zeros(tokens, np.float32)

    def forward(self, ids):
        """Scores (n, t, tokens) of the next token after each of ids (n, t)."""
        x = self.embed(ids)
        mask = causal_mask(np.shape(ids)[1])
        for block in self.blocks:
            x = block(x, mask)
        return self.scores(x)

    def embed(self, ids, start=0):
        """Tokens and their places, counted from `start`, as one vector each."""
        end = start + np.shape(ids)[1]
        if end > self.length:
            raise ValueError(f"ids must have at most length={self.length} tokens, got {end}")
        return EMBED(self.table, ids) + self.places[start:end]

    def scores(self, x):
        return LINEAR(self.norm(x), self.table, self.no_bias)

    def loss(self, ids):
        """Mean surprisal of every token after the first, given those before it."""
        return LOSS(self(ids[:, :-1]), ids[:, 1:])

    @no_grad()
    def generate(self, ids, steps: int, choose):
        """`steps` more tokens; `choose` maps scores (n, tokens) to tokens, e.g. `greedy`.

        Keys and values of earlier positions are kept, so that each new token costs one position.
        """
        ids = np.asarray(ids)
        if ids.shape[1] + steps > self.length:
            total = ids.shape[1] + steps
            raise ValueError(f"ids and steps must fit in length={self.length}, got {total}")
        caches, new = [[] for _ in self.blocks], ids
        for _ in range(steps):
            x = self.embed(new, start=ids.shape[1] - new.shape[1])
            for block, cache in zip(self.blocks, caches):
                x = block.step(x, cache)
            new = choose(self.scores(x[:, -1:]).data[:, 0])[:, None]
            ids = np.concatenate([ids, new], axis=1)
        return ids
