"""Normalization: numbers brought to mean 0 and deviation 1, then scaled and shifted."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def standardize(x, axis, eps=1e-5):
    """z = (x - mean) / sqrt(var + eps) over `axis` of any shape; and mean, var."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    var = (centred * centred).mean(axis=axis, keepdims=True)
    return centred / (var + float(eps)) ** 0.5, mean, var


def standardize_vjp(dz, kept, x, axis, eps=1e-5):
    """dx = (dz - mean(dz) - z mean(z dz)) / sqrt(var + eps)."""
    z, _, var = kept
    level, stretch = (v.mean(axis=axis, keepdims=True) for v in (dz, z * dz))
    return (dz - level - z * stretch) / (var + float(eps)) ** 0.5


def check(x, scale, axis, **others):
    """One scale (and shift, mean, var) for each entry of the axis."""
    if x.ndim < 2 or x.size == 0:
        raise ValueError(f"x must be a batch with two axes or more, got {x.shape}")
    for name, v in {"scale": scale, **others}.items():
        if v.shape != (x.shape[axis],):
            raise ValueError(f"{name} must be ({x.shape[axis]},), got {v.shape}")


def batch_norm(x, scale, shift, eps=1e-5):
    """Each channel at mean 0, variance 1 over the batch, y = scale z + shift.

    x has shape (n, c) or (n, c, i, j), scale and shift (c). For training;
    returns y and, without gradient, the batch's mean and variance (over n).
    """
    x, scale, shift = np.asarray(x), np.asarray(scale), np.asarray(shift)
    check(x, scale, 1, shift=shift)
    if x.size == x.shape[1]:
        got = f"got {x.shape}"
        raise ValueError(f"x must have two values or more a channel, {got}")
    axes = tuple(range(x.ndim - 1))
    z, mean, var = standardize(np.moveaxis(x, 1, -1), axes, eps)
    y = np.moveaxis(scale * z + shift, -1, 1)
    return y, mean.reshape(-1), var.reshape(-1)


def batch_norm_vjp(dy, kept, x, scale, shift, eps=1e-5):
    """`standardize_vjp` over the batch, dz = scale dy; Σ z dy and Σ dy."""
    x, dy = np.moveaxis(x, 1, -1), np.moveaxis(dy, 1, -1)
    axes = tuple(range(x.ndim - 1))
    z = (x - kept[1]) / (kept[2] + float(eps)) ** 0.5
    dx = standardize_vjp(scale * dy, (z, *kept[1:]), x, axes, eps)
    return np.moveaxis(dx, -1, 1), (z * dy).sum(axis=axes), dy.sum(axis=axes)


def batch_norm_fixed(x, scale, shift, mean, var, eps=1e-5):
    """By running averages, y = scale (x - mean) / sqrt(var + eps) + shift.

    For evaluation: an example no longer depends on the others of its batch. x
    has shape (n, c) or (n, c, i, j), the others (c).
    """
    x, scale, shift = np.asarray(x), np.asarray(scale), np.asarray(shift)
    mean, var = np.asarray(mean, scale.dtype), np.asarray(var, scale.dtype)
    check(x, scale, 1, shift=shift, mean=mean, var=var)
    z = (np.moveaxis(x, 1, -1) - mean) / (var + float(eps)) ** 0.5
    return np.moveaxis(scale * z + shift, -1, 1)


def batch_norm_fixed_vjp(dy, y, x, scale, shift, mean, var, eps=1e-5):
    """For constant averages dx = scale dy / deviation; Σ z dy and Σ dy."""
    x, dy = np.moveaxis(x, 1, -1), np.moveaxis(dy, 1, -1)
    axes = tuple(range(x.ndim - 1))
    deviation = (np.asarray(var, scale.dtype) + float(eps)) ** 0.5
    z = (x - np.asarray(mean, scale.dtype)) / deviation
    dx = np.moveaxis(scale * dy / deviation, -1, 1)
    return dx, (z * dy).sum(axis=axes), dy.sum(axis=axes)


def layer_norm(x, scale, shift, eps=1e-5):
    """Row by row, y = scale (x - mean) / sqrt(var + eps) + shift.

    Shapes: (n,d),(d),(d)->(n,d)
    """
    x, scale, shift = np.asarray(x), np.asarray(scale), np.asarray(shift)
    check(x, scale, -1, shift=shift)
    z, _, _ = standardize(x, -1, eps)
    return scale * z + shift


def layer_norm_vjp(dy, y, x, scale, shift, eps=1e-5):
    """`standardize_vjp` over the row for dz = scale dy; then Σ z dy and Σ dy.

    Shapes: (n,d),(n,d),(n,d),(d),(d)->(n,d),(d),(d)
    """
    kept, axes = standardize(x, -1, eps), tuple(range(x.ndim - 1))
    dx = standardize_vjp(scale * dy, kept, x, -1, eps)
    return dx, (kept[0] * dy).sum(axis=axes), dy.sum(axis=axes)


def rms_norm(x, scale, eps=1e-6):
    """Row by row without a mean, y = scale x / sqrt(mean(x²) + eps).

    Shapes: (n,d),(d)->(n,d)
    """
    x, scale = np.asarray(x), np.asarray(scale)
    check(x, scale, -1)
    square = (x * x).mean(axis=-1, keepdims=True)
    return scale * (x / (square + float(eps)) ** 0.5)


def rms_norm_vjp(dy, y, x, scale, eps=1e-6):
    """dx = (dz - z mean(z dz)) / rms for dz = scale dy, z = x / rms; Σ z dy.

    Shapes: (n,d),(n,d),(n,d),(d)->(n,d),(d)
    """
    rms = ((x * x).mean(axis=-1, keepdims=True) + float(eps)) ** 0.5
    z, dz = x / rms, scale * dy
    dx = (dz - z * (z * dz).mean(axis=-1, keepdims=True)) / rms
    return dx, (z * dy).sum(axis=tuple(range(x.ndim - 1)))


def neighbours(x, before, after):
    """Sums of neighbouring channels, y[n,c] = Σ x[n, c - before … c + after]."""
    x = np.pad(x, ((0, 0), (before, after), (0, 0), (0, 0)))
    return sliding_window_view(x, before + after + 1, axis=1).sum(axis=-1)


def local_response_norm(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    """Large neighbours damp a channel, y = x / (k + alpha mean(x²))^beta.

    The mean is over the `size` channels around each, with zeros beyond the
    first and the last. x has shape (n, c, i, j).
    """
    x = np.asarray(x)
    if x.ndim != 4:
        raise ValueError(f"x must be (n, c, i, j), got {x.shape}")
    total = neighbours(x * x, size // 2, (size - 1) // 2)
    return x / (float(k) + float(alpha) / size * total) ** float(beta)


def local_response_norm_vjp(dy, y, x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    """dx = dy / r^beta - 2 alpha beta / size x Σ dy y / r, y = x / r^beta."""
    alpha, beta = float(alpha) / size, float(beta)
    r = float(k) + alpha * neighbours(x * x, size // 2, (size - 1) // 2)
    taken = neighbours(dy * y / r, (size - 1) // 2, size // 2)  # backwards
    return dy / r**beta - 2 * alpha * beta * x * taken
