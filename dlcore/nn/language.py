"""A recurrent language model: an LSTM reads the text so far and predicts the next token."""

import torch
from torch.nn import Parameter

from dlcore.nn.embedding import embedding
from dlcore.nn.init import orthogonal, xavier_normal, zeros
from dlcore.nn.linear import linear
from dlcore.nn.losses import cross_entropy
from dlcore.nn.recurrent import lstm


class LSTMLanguageModel(torch.nn.Module):
    """`tokens` known words as rows of `width`, a state of `hidden` numbers and a memory."""

    def __init__(self, tokens: int, width: int, hidden: int, generator):
        super().__init__()
        self.hidden = hidden
        self.table = Parameter(xavier_normal((tokens, width), generator))
        self.w = Parameter(xavier_normal((4 * hidden, width), generator))
        self.u = Parameter(orthogonal((4 * hidden, hidden), generator))
        self.b = Parameter(zeros(4 * hidden))
        self.b.data[hidden : 2 * hidden] = 1  # the forget gate starts open, so the past is kept
        self.head = Parameter(xavier_normal((tokens, hidden), generator))
        self.bias = Parameter(zeros(tokens))

    def read(self, ids, h, c):
        """Every state and memory (n, t, hidden) on the way through ids, from h and c."""
        return lstm(embedding(self.table, ids), h, c, self.w, self.u, self.b)

    def forward(self, ids):
        """Scores (n, t, tokens) of the next token after each of ids (n, t)."""
        h = c = self.table.new_zeros(len(ids), self.hidden)
        return linear(self.read(ids, h, c)[0], self.head, self.bias)

    def loss(self, ids):
        """Mean surprisal of every token after the first, given those before it."""
        return cross_entropy(self(ids[:, :-1]), ids[:, 1:])

    @torch.no_grad()
    def generate(self, ids, steps: int, choose):
        """`steps` more tokens; `choose` maps scores (n, tokens) to tokens, e.g. `greedy`.

        State and memory hold all that was read, so each new token costs one step.
        """
        h = c = self.table.new_zeros(len(ids), self.hidden)
        new = ids
        for _ in range(steps):
            states, memories = self.read(new, h, c)
            h, c = states[:, -1], memories[:, -1]
            new = choose(linear(h, self.head, self.bias))[:, None]
            ids = torch.cat([ids, new], dim=1)
        return ids
