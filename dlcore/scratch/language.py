"""A recurrent language model: an LSTM reads the text so far and predicts the next token."""

import numpy as np

from dlcore.scratch.autodiff import no_grad, primitive
from dlcore.scratch.gpt import EMBED, LINEAR, LOSS
from dlcore.scratch.init import orthogonal, xavier_normal, zeros
from dlcore.scratch.module import Module, parameter
from dlcore.scratch.recurrent import lstm, lstm_vjp

LSTM = primitive(lstm, lstm_vjp)


class LSTMLanguageModel(Module):
    """`tokens` known words as rows of `width`, a state of `hidden` numbers and a memory."""

    def __init__(self, tokens: int, width: int, hidden: int, rng):
        self.hidden = hidden
        self.table = parameter(xavier_normal((tokens, width), rng))
        self.w = parameter(xavier_normal((4 * hidden, width), rng))
        self.u = parameter(orthogonal((4 * hidden, hidden), rng))
        self.b = parameter(zeros(4 * hidden))
        self.b[hidden : 2 * hidden] = 1  # the forget gate starts open, so the past is kept
        self.head = parameter(xavier_normal((tokens, hidden), rng))
        self.bias = parameter(zeros(tokens))

    def forward(self, ids):
        """Scores (n, t, tokens) of the next token after each of ids (n, t)."""
        h = c = zeros((len(ids), self.hidden))
        states = LSTM(EMBED(self.table, ids), h, c, self.w, self.u, self.b)
        return LINEAR(states, self.head, self.bias)

    def loss(self, ids):
        """Mean surprisal of every token after the first, given those before it."""
        return LOSS(self(ids[:, :-1]), ids[:, 1:])

    @no_grad()
    def generate(self, ids, steps: int, choose):
        """`steps` more tokens; `choose` maps scores (n, tokens) to tokens, e.g. `greedy`.

        State and memory hold all that was read, so each new token costs one step.
        """
        ids = new = np.asarray(ids)
        h = c = zeros((len(ids), self.hidden))
        for _ in range(steps):
            x = EMBED(self.table, new).data
            states, memories, *_ = lstm(x, h, c, self.w.data, self.u.data, self.b.data)
            h, c = states[:, -1], memories[:, -1]
            new = choose(LINEAR(h, self.head, self.bias).data)[:, None]
            ids = np.concatenate([ids, new], axis=1)
        return ids
