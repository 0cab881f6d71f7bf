"""RNN, LSTM and GRU: one step, one example, one unit, and padding on either side."""

import numpy as np

from operations import Case, normal

PADDED = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]], bool)
SIZES = [(4, 5, 3, 2), (1, 1, 1, 1), (1, 7, 2, 3), (3, 1, 2, 5)]


def shapes(name, n, t, d, h):
    if name == "rnn":
        return (n, t, d), (n, h), (h, d), (h, h), (h,)
    if name == "lstm":
        return (n, t, d), (n, h), (n, h), (4 * h, d), (4 * h, h), (4 * h,)
    return (n, t, d), (n, h), (3 * h, d), (3 * h, h), (3 * h,), (3 * h,)


CASES = [
    Case("recurrent", name, normal(*shapes(name, *size)), note=f"{size}")
    for name in ("rnn", "lstm", "gru")
    for size in SIZES
] + [
    Case("recurrent", name, normal(*shapes(name, *SIZES[0])), (PADDED,), note="padded")
    for name in ("rnn", "lstm", "gru")
]
