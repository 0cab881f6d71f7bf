"""Where a token stands: sinusoids added to it, or a rotation of queries and keys.

Learned positions need nothing new: they are `embedding(table, np.arange(t))`.
"""

import numpy as np


def sinusoidal(t: int, d: int, dtype=np.float32):
    """Waves that number the places, PE[p, 2k] = sin(p / 10000^(2k/d)), PE[p, 2k+1] = cos.

    The result has shape (t, d): d/2 clocks, of which the first turns fastest.
    """
    angle = angles(t, d)
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return waves.reshape(t, d).astype(dtype)


def rotary(x, base=10000.0, start=0):
    """Turns features 2k, 2k+1 at place p by the angle θ = p / base^(2k/d).

    y[2k] = x[2k] cos θ - x[2k+1] sin θ and y[2k+1] = x[2k] sin θ + x[2k+1] cos θ. x has shape
    (..., t, d). `start` is the place of the first token, for a cache of earlier keys.
    """
    x = np.asarray(x)
    if x.ndim < 2 or not np.issubdtype(x.dtype, np.inexact):
        raise ValueError(f"x must be floats (..., t, d), got {x.dtype} of shape {x.shape}")
    return turn(x, angles(*x.shape[-2:], base, start))


def rotary_vjp(dy, y, x, base=10000.0, start=0):
    """A rotation is undone by its transpose: turn the cotangent back by -θ."""
    return turn(dy, -angles(*dy.shape[-2:], base, start))


def turn(x, angle):
    """Pairs of features of x, shape (..., t, d), turned by angles of shape (t, d/2)."""
    cos, sin = np.cos(angle).astype(x.dtype), np.sin(angle).astype(x.dtype)
    y = np.empty_like(x)
    y[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
    y[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
    return y


def angles(t: int, d: int, base=10000.0, start=0):
    """p / base^(2k/d) for places p from `start` and pairs k, shape (t, d/2), in float64."""
    if d % 2:
        raise ValueError(f"d must be even, since features come in pairs, got {d}")
    if start < 0:
        raise ValueError(f"start must not be negative, got {start}")
    return np.arange(start, start + t)[:, None] / float(base) ** (np.arange(0, d, 2) / d)
