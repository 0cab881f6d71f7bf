"""Starting weights of shape (out, in, *kernel), drawn from a generator."""

import math

import numpy as np


def fans(shape):
    """How many inputs feed an output, and how many outputs an input feeds."""
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(f"shape must be (out, in, ...) >= 1, got {shape}")
    return math.prod(shape[1:]), shape[0] * math.prod(shape[2:])


def zeros(shape, rng=None, dtype=np.float32):
    """All alike: right for biases, but hidden units would stay equal."""
    return np.zeros(shape, dtype)


def xavier_normal(shape, rng, dtype=np.float32):
    """Glorot: variance = 2 / (in + out), for both passes through tanh."""
    variance = 2 / sum(fans(shape))
    return (variance**0.5 * rng.normal(size=shape)).astype(dtype)


def xavier_uniform(shape, rng, dtype=np.float32):
    """The same variance a²/3 from U(-a, a): a² = 6 / (in + out)."""
    a = (6 / sum(fans(shape))) ** 0.5
    return rng.uniform(-a, a, shape).astype(dtype)


def he_normal(shape, rng, dtype=np.float32):
    """He: variance = 2 / in, for ReLU, which drops half the signal."""
    variance = 2 / fans(shape)[0]
    return (variance**0.5 * rng.normal(size=shape)).astype(dtype)


def he_uniform(shape, rng, dtype=np.float32):
    """The same variance a²/3 from U(-a, a): a² = 6 / in."""
    a = (6 / fans(shape)[0]) ** 0.5
    return rng.uniform(-a, a, shape).astype(dtype)


def orthogonal(shape, rng, gain=1.0, dtype=np.float32):
    """Rows at right angles, w wᵀ = gain² 1, or columns if fewer.

    As a matrix w is (out, in · kernel); its singular values are `gain`.
    """
    columns, rows = fans(shape)[0], shape[0]
    size = max(rows, columns), min(rows, columns)
    q, r = np.linalg.qr(rng.normal(size=size))
    q = q * np.sign(np.diag(r))  # makes all of them equally likely
    w = q if rows >= columns else q.T
    return (gain * w).reshape(shape).astype(dtype)
