"""Pooling: a window of an image becomes one number, its largest or its mean."""

from functools import reduce

import numpy as np

from dlcore.scratch import convolution as conv
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
    dx, left = np.zeros_like(x), np.empty_like(y)
    left[...] = dy  # in the order in which y lies in memory
    for part, dpart in zip(parts(x, size, stride), parts(dx, size, stride)):
        won = left * (part == y)
        left -= won
        dpart += won
    return dx


def conv_relu_pool2d(x, w, b, size, padding=0):
    """`max_pool2d(relu(conv2d(x, w, b)), size)`: y = max(0, b + max_kl z).

    z is the convolution without b. Bias and ReLU keep the order of numbers, so
    they wait until few are left, and z is made a row of tiles at a time, which
    stays in the cache. Shapes and options are those of the three. Also returns
    which entry of each tile won, the first of equals, or p q where y = 0.
    """
    (p, q), settings = pair(size, "size"), (1, padding, 1, 1)
    stride, margin, dilation, (i, j) = conv.settings(x, w, b, *settings)
    (windows,) = conv.columns(conv.pad(x, margin), w, stride, dilation)
    (matrix,) = conv.kernels(w)
    shape = output_size(i, p, p), len(w), output_size(j, q, q), len(x)
    y = np.empty(shape, np.result_type(x, w, b))
    winner = np.empty(shape, np.min_scalar_type(p * q))
    for row in range(len(y)):
        z = matrix @ windows[p * row : p * (row + 1)]
        z = z.reshape(p, len(w), j, len(x))
        y[row], winner[row] = tournament(tiles(z, p, q), winner.dtype.type)
    y += b[:, None, None]
    np.maximum(y, 0, out=y)
    np.maximum(winner, winner.dtype.type(p * q) * (y == 0), out=winner)
    return conv.outside(y), winner


def conv_relu_pool2d_vjp(dy, y, x, w, b, size, padding=0, needed=(True,)):
    """The winner takes dy, the others 0; then as `conv2d_vjp`."""
    (p, q), dy, winner = pair(size, "size"), conv.inside(dy), y[1]
    i, j = conv.settings(x, w, b, 1, padding, 1, 1)[-1]
    dz = np.zeros((i, len(w), j, len(x)), dy.dtype)
    for number, part in enumerate(tiles(dz, p, q)):
        np.multiply(dy, winner == number, out=part)
    dz = conv.outside(dz)
    return conv.conv2d_vjp(dz, None, x, w, b, padding=padding, needed=needed)


def tiles(z, p, q):
    """Entry (k, l) of all p × q tiles of z (i, c, j, n), as views."""
    i, j = len(z) // p * p, z.shape[2] // q * q
    for k in range(p):
        for l in range(q):
            yield z[k:i:p, :, l:j:q]


def tournament(players, number):
    """The largest entry at each place, and the `number` of the first who has it."""
    best = next(players)
    winner = np.zeros(best.shape, number)
    for challenger, player in enumerate(players, 1):
        won = number(challenger) * (player > best)
        np.maximum(winner, won, out=winner)
        best = np.maximum(best, player)
    return best, winner


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
