"""Starting weights of shape (out, in, *kernel), drawn by a torch.Generator."""

import math

import torch


def fans(shape):
    """How many inputs feed an output, and how many outputs an input feeds."""
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(f"shape must be (out, in, ...) >= 1, got {shape}")
    return math.prod(shape[1:]), shape[0] * math.prod(shape[2:])


def zeros(shape, rng=None, dtype=torch.float32):
    """All alike: right for biases, but hidden units would stay equal."""
    return torch.zeros(shape, dtype=dtype)


def xavier_normal(shape, rng, dtype=torch.float32):
    """Glorot: variance = 2 / (in + out), for both passes through tanh."""
    variance = 2 / sum(fans(shape))
    return variance**0.5 * torch.randn(shape, generator=rng, dtype=dtype)


def xavier_uniform(shape, rng, dtype=torch.float32):
    """The same variance a²/3 from U(-a, a): a² = 6 / (in + out)."""
    a = (6 / sum(fans(shape))) ** 0.5
    return torch.empty(shape, dtype=dtype).uniform_(-a, a, generator=rng)


def he_normal(shape, rng, dtype=torch.float32):
    """He: variance = 2 / in, for ReLU, which drops half the signal."""
    variance = 2 / fans(shape)[0]
    return variance**0.5 * torch.randn(shape, generator=rng, dtype=dtype)


def he_uniform(shape, rng, dtype=torch.float32):
    """The same variance a²/3 from U(-a, a): a² = 6 / in."""
    a = (6 / fans(shape)[0]) ** 0.5
    return torch.empty(shape, dtype=dtype).uniform_(-a, a, generator=rng)


def orthogonal(shape, rng, gain=1.0, dtype=torch.float32):
    """Rows at right angles, w wᵀ = gain² 1, or columns if fewer."""
    columns, rows = fans(shape)[0], shape[0]
    size = max(rows, columns), min(rows, columns)
    q, r = torch.linalg.qr(torch.randn(size, generator=rng, dtype=dtype))
    q = q * r.diag().sign()  # makes all of them equally likely
    w = q if rows >= columns else q.T
    return (gain * w).reshape(shape)
