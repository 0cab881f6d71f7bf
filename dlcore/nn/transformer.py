"""The part of a transformer block that looks at each position alone."""

from dlcore.nn.activations import gelu
from dlcore.nn.linear import linear


def feed_forward(x, w1, b1, w2, b2):
    """Widen, bend and narrow each position: y = w2 gelu(w1 x + b1) + b2.

    x has shape (n, t, d), w1 (k, d), b1 (k), w2 (d, k), b2 (d).
    """
    return linear(gelu(linear(x, w1, b1)), w2, b2)
