"""A small GPT: reads tokens from left to right and predicts the next one."""

import torch

from dlcore.nn.attention import causal_mask
from dlcore.nn.embedding import embedding
from dlcore.nn.linear import linear
from dlcore.nn.losses import cross_entropy
from dlcore.nn.transformer import Block, LayerNorm, normal


class GPT(torch.nn.Module):
    """`tokens` known words, contexts of at most `length`; the output layer is the table again."""

    def __init__(self, tokens: int, length: int, width: int, heads: int, layers: int, generator):
        super().__init__()
        spread = 0.02 / (2 * layers) ** 0.5  # each block adds twice to the residual stream
        self.length = length
        self.table, self.places = normal(generator, tokens, width), normal(generator, length, width)
        blocks = [Block(width, heads, generator, spread) for _ in range(layers)]
        self.blocks = torch.nn.ModuleList(blocks)
        self.norm = LayerNorm(width)
        self.register_buffer("no_bias", torch.zeros(tokens), persistent=False)

    def forward(self, ids):
        """Scores (n, t, tokens) of the next token after each of ids (n, t)."""
        x = self.embed(ids)
        mask = causal_mask(ids.shape[1]).to(ids.device)
        for block in self.blocks:
            x = block(x, mask)
        return self.scores(x)

    def embed(self, ids, start=0):
        """Tokens and their places, counted from `start`, as one vector each."""
        end = start + ids.shape[1]
        if end > self.length:
            raise ValueError(f"ids must have at most length={self.length} tokens, got {end}")
        return embedding(self.table, ids) + self.places[start:end]

    def scores(self, x):
        return linear(self.norm(x), self.table, self.no_bias)

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
        caches, new = [[] for _ in self.blocks], ids
        for _ in range(steps):
            x = self.embed(new, start=ids.shape[1] - new.shape[1])
            for block, cache in zip(self.blocks, caches):
                x = block.step(x, cache)
            new = choose(self.scores(x[:, -1:])[:, 0])[:, None]
            ids = torch.cat([ids, new], dim=1)
        return ids
