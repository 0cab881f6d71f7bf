"""The part of a transformer block that looks at each position alone."""

from dlcore.scratch.activations import gelu, gelu_vjp
from dlcore.scratch.linear import linear, linear_vjp


def feed_forward(x, w1, b1, w2, b2):
    """Widen, bend and narrow each position: y = w2 gelu(w1 x + b1) + b2.

    x has shape (n, t, d), w1 (k, d), b1 (k), w2 (d, k), b2 (d).
    Returned beside y: a = w1 x + b1 and gelu(a).
    """
    a = linear(x, w1, b1)
    hidden = gelu(a)
    return linear(hidden, w2, b2), a, hidden


def feed_forward_vjp(dy, y, x, w1, b1, w2, b2):
    """Back through both layers: dh = w2ᵀ dy, da = gelu_vjp(dh), dx = w1ᵀ da.

    dy has the shape of x, y is all that feed_forward returned.
    """
    out, a, hidden = y
    dhidden, dw2, db2 = linear_vjp(dy, out, hidden, w2, b2)
    dx, dw1, db1 = linear_vjp(gelu_vjp(dhidden, hidden, a), a, x, w1, b1)
    return dx, dw1, db1, dw2, db2
