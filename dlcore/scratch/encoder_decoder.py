"""An encoder-decoder transformer: reads a whole sentence, then writes another one."""

import numpy as np

from dlcore.scratch.attention import causal_mask
from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.gpt import EMBED, LINEAR, LOSS
from dlcore.scratch.module import Module
from dlcore.scratch.positions import sinusoidal
from dlcore.scratch.transformer import Block, LayerNorm, constant, normal

PAD, START, END = range(3)  # the first tokens of both languages


class EncoderDecoder(Module):
    """Sentences of at most `length` tokens in, sentences out; places are sinusoids.

    Tokens 0, 1 and 2 are padding, start and end. A source (n, s) is words, then
    padding; a target (n, t) is start, words, end, then padding.
    """

    def __init__(
        self,
        source_tokens: int,
        target_tokens: int,
        length: int,
        width: int,
        heads: int,
        layers: int,
        rng,
        norm="pre",
    ):
        spread = width**-0.5  # so that √width times a row is as large as the sinusoids
        self.source_table = normal(rng, source_tokens, width, spread)
        self.target_table = normal(rng, target_tokens, width, spread)
        size = width, heads, rng, 0.02, norm
        self.encoder = [Block(*size) for _ in range(layers)]
        self.decoder = [Block(*size, cross=True) for _ in range(layers)]
        self.encoder_norm, self.decoder_norm = LayerNorm(width), LayerNorm(width)
        self.places = sinusoidal(length, width)
        self.head, self.bias = normal(rng, target_tokens, width), constant(0, target_tokens)

    def embed(self, table, ids, start=0):
        """√d table[ids] + sinusoids, the places counted from `start`."""
        width = self.places.shape[1]
        places = self.places[start : start + np.shape(ids)[1]]
        return EMBED(table, ids) * width**0.5 + places

    def encode(self, source):
        """What the decoder looks at, (n, s, d), and where it may: not at padding."""
        source = self.sentences(source, "source")
        real = (source != PAD)[:, None]
        x = self.embed(self.source_table, source)
        for block in self.encoder:
            x = block(x, real)
        return self.encoder_norm(x), real

    def decode(self, target, memory, real, looks=None):
        """States (n, t, d) from which the token after each of target is told.

        Padding stands last, so the causal mask hides it from all that counts.
        """
        target = self.sentences(target, "target")
        x = self.embed(self.target_table, target)
        mask = causal_mask(target.shape[1])
        for block in self.decoder:
            x = block(x, mask, memory, real, looks)
        return self.decoder_norm(x)

    def sentences(self, ids, name: str):
        """The ids as an array (n, t) of sentences that fit, none of them empty."""
        ids, length = np.asarray(ids), len(self.places)
        if ids.ndim != 2 or not 1 <= ids.shape[1] <= length:
            raise ValueError(f"{name} must be (n, t) with t in 1..{length}, got {ids.shape}")
        empty = (ids == PAD).all(axis=1)
        if empty.any():
            raise ValueError(f"{name} must hold a word in each row, got none in {empty.argmax()}")
        return ids

    def scores(self, states):
        """Scores (…, target_tokens) of the next token from states (…, d)."""
        return LINEAR(states, self.head, self.bias)

    def forward(self, source, target):
        """Scores (n, t, target_tokens) of the token after each of target (n, t)."""
        return self.scores(self.decode(target, *self.encode(source)))

    def loss(self, source, target):
        """Mean surprisal of the real tokens after the first, given the true ones before."""
        target = np.asarray(target)
        states = self.decode(target[:, :-1], *self.encode(source))
        labels = target[:, 1:].reshape(-1)
        real = np.flatnonzero(labels != PAD)
        states = states.reshape(-1, self.places.shape[1])
        return LOSS(self.scores(EMBED(states, real)), labels[real])

    @no_grad()
    def translate(self, source, steps: int):
        """The likeliest next token, again and again: ids (n, at most steps), to END.

        Keys and values of earlier positions are kept, as in `GPT.generate`.
        """
        if not 1 <= steps <= len(self.places):
            raise ValueError(f"steps must lie in 1..{len(self.places)}, got {steps}")
        memory, real = self.encode(source)
        ids, caches = np.full((len(real), 1), START), [[] for _ in self.decoder]
        while ids.shape[1] <= steps and not (ids == END).any(axis=1).all():
            x = self.embed(self.target_table, ids[:, -1:], ids.shape[1] - 1)
            for block, cache in zip(self.decoder, caches):
                x = block.step(x, cache, memory, real)
            new = self.scores(self.decoder_norm(x)).data.argmax(axis=-1)
            new[(ids == END).any(axis=1)] = PAD
            ids = np.concatenate([ids, new], axis=1)
        return ids[:, 1:]

    @no_grad()
    def looks(self, source, target):
        """Where each token of target looks in source: a list of (n, heads, t, s), one a block."""
        looks = []
        self.decode(target, *self.encode(source), looks)
        return looks
