"""Normalization: numbers brought to mean 0 and deviation 1, then scaled and shifted."""

import torch
from torch.nn import functional as F


def standardize(x, axis, eps=1e-5):
    """Mean 0 and variance 1 over `axis`, z = (x - mean) / sqrt(var + eps); also mean and var."""
    var, mean = torch.var_mean(x, dim=axis, correction=0, keepdim=True)
    return (x - mean) / (var + eps) ** 0.5, mean, var


def check(x, scale, axis, **others):
    """One scale (and shift, mean, var) for each entry of the axis."""
    if x.ndim < 2 or x.numel() == 0:
        raise ValueError(f"x must be a batch with two axes or more, got {tuple(x.shape)}")
    for name, v in {"scale": scale, **others}.items():
        if v.shape != (x.shape[axis],):
            raise ValueError(f"{name} must be ({x.shape[axis]},), got {tuple(v.shape)}")


def batch_norm(x, scale, shift, eps=1e-5):
    """Each channel at mean 0 and variance 1 over the batch, y = scale z + shift, for training.

    x has shape (n, c) or (n, c, i, j), scale and shift (c). Returns y and, without gradient,
    the mean and variance (c) of the batch; the variance divides by the number of entries.
    """
    check(x, scale, 1, shift=shift)
    if x.numel() == x.shape[1]:
        raise ValueError(f"x must have two values or more a channel, got {tuple(x.shape)}")
    axes = (0, *range(2, x.ndim))
    var, mean = torch.var_mean(x.detach(), dim=axes, correction=0)
    y = F.batch_norm(x, None, None, scale, shift, training=True, eps=eps)
    return y, mean, var


def batch_norm_fixed(x, scale, shift, mean, var, eps=1e-5):
    """Batch normalization with running averages, y = scale (x - mean) / sqrt(var + eps) + shift.

    x has shape (n, c) or (n, c, i, j), the others (c).
    """
    check(x, scale, 1, shift=shift, mean=mean, var=var)
    return F.batch_norm(x, mean.to(x.dtype), var.to(x.dtype), scale, shift, eps=eps)


def layer_norm(x, scale, shift, eps=1e-5):
    """Each row at mean 0 and variance 1, y = scale (x - mean) / sqrt(var + eps) + shift.

    Shapes: (n,d),(d),(d)->(n,d)
    """
    check(x, scale, -1, shift=shift)
    return F.layer_norm(x, scale.shape, scale, shift, eps)


def rms_norm(x, scale, eps=1e-6):
    """Each row at mean square 1, y = scale x / sqrt(mean(x²) + eps); no mean is taken off.

    Shapes: (n,d),(d)->(n,d)
    """
    check(x, scale, -1)
    return F.rms_norm(x, scale.shape, scale, eps)


def local_response_norm(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    """A channel is damped where its neighbours are large, y = x / (k + alpha mean(x²))^beta.

    The mean is over the `size` channels around each. x has shape (n, c, i, j).
    """
    if x.ndim != 4:
        raise ValueError(f"x must be (n, c, i, j), got {tuple(x.shape)}")
    return F.local_response_norm(x, size, alpha, beta, k)
