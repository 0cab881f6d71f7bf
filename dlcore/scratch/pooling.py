"""Pooling: a window of an image becomes one number, its largest or its mean."""

from functools import reduce

import numpy as np

from dlcore.scratch.convolution import output_size, pair


def parts(x, size, stride=None):
    """Entry (k, l) of all windows, each k, l in turn, as views of x."""
    if x.ndim != 4:
        raise ValueError(f"x must be (n, c, i, j), got {x.shape}")
    k, l = pair(size, "size")
    s, t = (k, l) if stride is None else pair(stride, "stride")
    i = s * (output_size(x.shape[2], k, s) - 1) + 1
    j = t * (output_size(x.shape[3], l, t) - 1) + 1
    for a in range(k):
        for b in range(l):
            yield x[:, :, a : a + i : s, b : b + j : t]


def max_pool2d(x, size, stride=None):
    """The largest in a window, y[n,c,i,j] = max_kl x[n, c, s i + k, s j + l].

    x has shape (n, c, i, j); `size` is one number or (rows, columns). The
    stride s is the size where none is given, and windows tile; below it they
    overlap. A rest at the end of a row or column is not looked at.
    """
    return reduce(np.maximum, parts(np.asarray(x), size, stride))


def max_pool2d_vjp(dy, y, x, size, stride=None):
    """The winner, first of equals, takes dx = Σ dy over the windows it won."""
    dx, undecided = np.zeros_like(x), np.ones_like(y, dtype=bool)
    for part, dpart in zip(parts(x, size, stride), parts(dx, size, stride)):
        won = part == y
        won &= undecided
        undecided ^= won
        dpart += dy * won
    return dx


def avg_pool2d(x, size, stride=None):
    """The mean of a window, y[n,c,i,j] = Σ_kl x[n,c,s i + k,s j + l] / (k l).

    x has shape (n, c, i, j); `size` and `stride` are those of `max_pool2d`.
    """
    k, l = pair(size, "size")
    return sum(parts(np.asarray(x), size, stride)) / (k * l)


def avg_pool2d_vjp(dy, y, x, size, stride=None):
    """Each entry has a share in the windows it lies in, dx = Σ dy / (k l)."""
    (k, l), dx = pair(size, "size"), np.zeros_like(x)
    for dpart in parts(dx, size, stride):
        dpart += dy / (k * l)
    return dx


def global_avg_pool2d(x):
    """One number a channel, its mean over the image, y = Σ_ij x[n,c] / (i j).

    x has shape (n, c, i, j), y (n, c).
    """
    x = np.asarray(x)
    if x.ndim != 4 or x.size == 0:
        raise ValueError(f"x must be (n, c, i, j) with entries, got {x.shape}")
    return x.mean(axis=(2, 3))


def global_avg_pool2d_vjp(dy, y, x):
    """Every entry takes an equal share, dx[n,c,i,j] = dy[n,c] / (i j)."""
    return np.full_like(x, dy[:, :, None, None] / (x.shape[2] * x.shape[3]))
