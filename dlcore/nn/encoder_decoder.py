"""An encoder-decoder transformer: reads a whole sentence, then writes another one."""

import torch

from dlcore.nn.attention import causal_mask
from dlcore.nn.embedding import embedding
from dlcore.nn.linear import linear
from dlcore.nn.losses import cross_entropy
from dlcore.nn.positions import sinusoidal
from dlcore.nn.softmax import may_look_at
from dlcore.nn.transformer import Block, LayerNorm, constant, normal

PAD, START, END = range(3)  # the first tokens of both languages


class EncoderDecoder(torch.nn.Module):
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
        generator,
        norm="pre",
    ):
        super().__init__()
        spread = width**-0.5  # so that √width times a row is as large as the sinusoids
        self.source_table = normal(generator, source_tokens, width, spread)
        self.target_table = normal(generator, target_tokens, width, spread)
        size = width, heads, generator, 0.02, norm
        self.encoder = torch.nn.ModuleList(Block(*size) for _ in range(layers))
        self.decoder = torch.nn.ModuleList(Block(*size, cross=True) for _ in range(layers))
        self.encoder_norm, self.decoder_norm = LayerNorm(width), LayerNorm(width)
        self.register_buffer("places", sinusoidal(length, width), persistent=False)
        self.head, self.bias = normal(generator, target_tokens, width), constant(0, target_tokens)

    def embed(self, table, ids, start=0):
        """√d table[ids] + sinusoids, the places counted from `start`."""
        width = self.places.shape[1]
        places = self.places[start : start + ids.shape[1]]
        return embedding(table, ids) * width**0.5 + places

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
        mask = causal_mask(target.shape[1]).to(target.device)
        for block in self.decoder:
            x = block(x, mask, memory, real, looks)
        return self.decoder_norm(x)

    def sentences(self, ids, name: str):
        """The ids (n, t), which must be sentences that fit, none of them empty."""
        length = len(self.places)
        if ids.ndim != 2 or not 1 <= ids.shape[1] <= length:
            got = f"got {tuple(ids.shape)}"
            raise ValueError(f"{name} must be (n, t) with t in 1..{length}, {got}")
        empty = (ids == PAD).all(dim=1)
        if may_look_at(ids) and empty.any():
            row = empty.int().argmax()
            raise ValueError(f"{name} must hold a word in each row, got none in {row}")
        return ids

    def scores(self, states):
        """Scores (…, target_tokens) of the next token from states (…, d)."""
        return linear(states, self.head, self.bias)

    def forward(self, source, target):
        """Scores (n, t, target_tokens) of the token after each of target (n, t)."""
        return self.scores(self.decode(target, *self.encode(source)))

    def loss(self, source, target):
        """Mean surprisal of the real tokens after the first, given the true ones before."""
        states = self.decode(target[:, :-1], *self.encode(source))
        labels = target[:, 1:]
        real = labels != PAD
        return cross_entropy(self.scores(states[real]), labels[real])

    @torch.no_grad()
    def translate(self, source, steps: int):
        """The likeliest next token, again and again: ids (n, at most steps), to END.

        Keys and values of earlier positions are kept, as in `GPT.generate`.
        """
        if not 1 <= steps <= len(self.places):
            raise ValueError(f"steps must lie in 1..{len(self.places)}, got {steps}")
        memory, real = self.encode(source)
        ids, caches = source.new_full((len(real), 1), START), [[] for _ in self.decoder]
        while ids.shape[1] <= steps and not (ids == END).any(dim=1).all():
            x = self.embed(self.target_table, ids[:, -1:], ids.shape[1] - 1)
            for block, cache in zip(self.decoder, caches):
                x = block.step(x, cache, memory, real)
            new = self.scores(self.decoder_norm(x)).argmax(dim=-1)
            new[(ids == END).any(dim=1)] = PAD
            ids = torch.cat([ids, new], dim=1)
        return ids[:, 1:]

    @torch.no_grad()
    def looks(self, source, target):
        """Where each token of target looks in source: a list of (n, heads, t, s), one a block."""
        looks = []
        self.decode(target, *self.encode(source), looks)
        return looks
