"""Where a token stands: sinusoids added to it, or a rotation of queries and keys.

Learned positions need nothing new: they are `embedding(table, torch.arange(t))`.
"""

import torch


def sinusoidal(t: int, d: int, dtype=torch.float32, device=None):
    """Waves that number the places, PE[p, 2k] = sin(p / 10000^(2k/d)), PE[p, 2k+1] = cos.

    The result has shape (t, d): d/2 clocks, of which the first turns fastest.
    """
    angle = angles(t, d, device=device)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).reshape(t, d).to(dtype)


def rotary(x, base=10000.0, start=0):
    """Turns features 2k, 2k+1 at place p by the angle θ = p / base^(2k/d).

    y[2k] = x[2k] cos θ - x[2k+1] sin θ and y[2k+1] = x[2k] sin θ + x[2k+1] cos θ. x has shape
    (..., t, d). `start` is the place of the first token, for a cache of earlier keys.
    """
    if x.ndim < 2 or not x.is_floating_point():
        raise ValueError(f"x must be floats (..., t, d), got {x.dtype} of shape {tuple(x.shape)}")
    angle = angles(*x.shape[-2:], base, start, x.device)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).reshape(x.shape)


def angles(t: int, d: int, base=10000.0, start=0, device=None):
    """p / base^(2k/d) for places p from `start` and pairs k, shape (t, d/2), in float64."""
    if d % 2:
        raise ValueError(f"d must be even, since features come in pairs, got {d}")
    if start < 0:
        raise ValueError(f"start must not be negative, got {start}")
    place = torch.arange(start, start + t, dtype=torch.float64, device=device)
    power = torch.arange(0, d, 2, dtype=torch.float64, device=device) / d
    return place[:, None] / float(base) ** power
