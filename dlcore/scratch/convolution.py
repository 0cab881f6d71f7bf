"""Convolution as layers use it, its transpose, and the product of two whole signals.

Inside, a batch of images lies in memory as (i, c, j, n), rows first. Then the k rows that a window
looks at are neighbours: a row of windows is a view of them, not a copy, and one matrix product.
Other layers keep that order, as NumPy does for `maximum` and the like.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def output_size(size, kernel, stride=1, padding=0, dilation=1) -> int:
    """How many places a kernel has along an axis of `size` entries.

    size' = ⌊(size + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1
    """
    reach, room = dilation * (kernel - 1) + 1, size + 2 * padding
    if min(size, kernel) < 1 or reach > room:
        got = f"{reach} over {room} entries"
        raise ValueError(f"the kernel must fit the padded input, got {got}")
    return (room - reach) // stride + 1


def pair(value, name: str, least=1) -> tuple[int, int]:
    """One whole number for both axes of an image, or two, as a tuple of two."""
    both = tuple(value) if np.ndim(value) == 1 else (value, value)
    if len(both) != 2 or not all(isinstance(v, int | np.integer) and v >= least for v in both):
        raise ValueError(f"{name} must be a whole number ≥ {least}, or two, got {value!r}")
    return both


def margins(w, stride, padding, dilation) -> tuple[int, int]:
    """The entries to add on each side: as told, or what keeps the size of the image."""
    if padding not in ("same", "circular"):
        return (0, 0) if padding == "valid" else pair(padding, "padding", 0)
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, w.shape[2:]))
    if stride != (1, 1) or not all(r % 2 for r in reach):
        raise ValueError(
            f"padding {padding!r} needs stride 1 and an odd kernel (dilated), got {stride}, {reach}"
        )
    return tuple(r // 2 for r in reach)


def settings(x, w, b, stride, padding, dilation, groups):
    """Stride, margin, dilation and output size as pairs, after checking that all of it fits."""
    if x.ndim != 4 or w.ndim != 4 or b.shape != w.shape[:1]:
        got = f"{x.shape}, {w.shape}, {b.shape}"
        raise ValueError(f"x must be (n, c, i, j), w (out, c / groups, k, l), b (out), got {got}")
    if x.shape[1] != groups * w.shape[1] or len(w) % groups:
        got = f"c={x.shape[1]}, groups={groups}, w {w.shape}"
        raise ValueError(f"c must be groups · w.shape[1], and groups divide out, got {got}")
    stride, dilation = pair(stride, "stride"), pair(dilation, "dilation")
    margin = margins(w, stride, padding, dilation)
    axes = zip(x.shape[2:], w.shape[2:], stride, margin, dilation)
    return stride, margin, dilation, [output_size(*axis) for axis in axes]


def inside(x):
    """The images (n, c, i, j) as they lie in memory here, (i, c, j, n)."""
    return np.ascontiguousarray(x.transpose(2, 1, 3, 0))


def outside(x):
    """The transpose of `inside`, without a copy."""
    return x.transpose(3, 1, 0, 2)


def pad(x, margin, circular=False):
    """The images x (n, c, i, j) with a margin of zeros or of the far edge, as (i, c, j, n)."""
    if not any(margin):
        return inside(x)
    (p, q), (n, c, i, j) = margin, x.shape
    if circular:
        i, j = np.arange(-p, i + p) % i, np.arange(-q, j + q) % j
        return inside(x[:, :, i[:, None], j])
    image = np.zeros((i + 2 * p, c, j + 2 * q, n), x.dtype)
    outside(image)[:, :, p : p + i, q : q + j] = x
    return image


def unpad(dx, margin, circular=False):
    """The transpose of `pad`: drops the margin, or adds it to the edge it repeats."""
    (p, q), (i, c, j, n) = margin, dx.shape
    i, j = i - 2 * p, j - 2 * q
    if not circular:
        return outside(dx[p : p + i, :, q : q + j])
    inner = np.zeros((n, c, i, j), dx.dtype)
    rows, columns = np.arange(-p, i + p) % i, np.arange(-q, j + q) % j
    np.add.at(inner, (slice(None), slice(None), rows[:, None], columns), outside(dx))
    return inner


def columns(x, w, stride, dilation, groups=1):
    """Windows of (i, c, j, n) as columns (groups, i', k c / groups l, j' n)."""
    (s, t), (d, e) = stride, dilation
    reach = [d * (w.shape[2] - 1) + 1, e * (w.shape[3] - 1) + 1]
    across = sliding_window_view(x, reach[1], axis=2)[:, :, ::t, :, ::e]
    across = np.ascontiguousarray(across.transpose(0, 1, 4, 2, 3))
    windows = sliding_window_view(across, reach[0], axis=0)[::s, ..., ::d]
    i, c, l, j, n, k = windows.shape
    windows = np.moveaxis(windows, -1, 1).reshape(i, k, groups, -1, j * n)
    windows = windows.transpose(2, 0, 1, 3, 4)
    return windows.reshape(groups, i, -1, j * n)  # a view if d = groups = 1


def spread(dy, w, shape, stride, dilation, groups=1):
    """The transpose of a product with `columns`: adds wᵀ dy, a row at a time, to its place.

    dy has shape (groups, i', out / groups, j' n), the result `shape`: (i, c, j, n).
    """
    (s, t), (d, e), (k, l), (i, c, _, n) = stride, dilation, w.shape[2:], shape
    size, dtype = (k, c, l, dy.shape[-1] // n, n), np.result_type(dy, w)
    across = np.zeros((i, *size[1:]), dtype)
    weights, reach = kernels(w, groups).mT, d * (k - 1) + 1
    for row in range(dy.shape[1]):  # all rows at once would leave the cache
        share = (weights @ dy[:, row]).reshape(groups, k, -1).swapaxes(0, 1)
        across[s * row : s * row + reach : d] += share.reshape(size)
    x, reach = np.zeros(shape, dtype), t * (size[3] - 1) + 1
    for b in range(l):
        x[:, :, e * b : e * b + reach : t] += across[:, :, b]
    return x


def kernels(w, groups=1):
    """w (out, c / groups, k, l) as matrices (groups, out / groups, k c / groups l)."""
    return w.swapaxes(1, 2).reshape(groups, len(w) // groups, -1)


def plus(y, b):
    """y + b, in the memory of y where its dtype can hold the sum."""
    return np.add(y, b, out=y if np.result_type(y, b) == y.dtype else None)


def conv2d(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Each kernel w[o] slides over the image and reports how well it matches.

    y[n,o,i,j] = b[o] + Σ_ckl w[o,c,k,l] x[n, c, s i + d k, s j + d l], where s
    is the stride and d the dilation: cross-correlation, as a convolution would
    turn the kernel round first. x has shape (n, c, i, j), w (out, c / groups,
    k, l), b (out). `padding` is a number of zeros on each side, "valid" for
    none, "same" for as many as keep the size, or "circular" to keep it going
    round. Group g of the kernels sees group g of the channels only.
    """
    x, w, b = np.asarray(x), np.asarray(w), np.asarray(b)
    options = stride, padding, dilation, groups
    stride, margin, dilation, size = settings(x, w, b, *options)
    image = pad(x, margin, padding == "circular")
    windows = columns(image, w, stride, dilation, groups)
    y = kernels(w, groups)[:, None] @ windows
    y = y.swapaxes(0, 1).reshape(size[0], len(w), size[1], len(x))
    return outside(plus(y, b[:, None, None]))


def conv2d_vjp(dy, y, x, w, b, stride=1, padding=0, dilation=1, groups=1, needed=(True,)):
    """Each window gets its cotangent times the kernel, added where it lay.

    dx[n,c,·] = Σ_okl w[o,c,k,l] dy[n,o,i,j] where · = s i + d k, s j + d l,
    dw[o,c,k,l] = Σ_nij dy[n,o,i,j] x[n,c,·], and db[o] = Σ_nij dy[n,o,i,j].
    """
    options = stride, padding, dilation, groups
    circular = padding == "circular"
    stride, margin, dilation, size = settings(x, w, b, *options)
    image = pad(x, margin, circular).astype(dy.dtype, copy=False)
    windows = columns(image, w, stride, dilation, groups)
    dy = inside(dy).reshape(size[0], groups, len(w) // groups, -1)
    db, dy = dy.sum(axis=0).sum(axis=-1).reshape(-1), dy.swapaxes(0, 1)
    dw = (dy @ windows.mT).sum(axis=1)
    dw = dw.reshape(len(w), w.shape[2], w.shape[1], w.shape[3]).swapaxes(1, 2)
    if not needed[0]:  # the pixels of a picture are not learned
        return None, dw, db
    dx = spread(dy, w, image.shape, stride, dilation, groups)
    return unpad(dx, margin, circular), dw, db


def conv1d(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """A convolution of signals, which are images of one row.

    y[n,o,j] = b[o] + Σ_ck w[o,c,k] x[n, c, s j + d k], options as in `conv2d`.
    x has shape (n, c, j), w (out, c / groups, k), b (out).
    """
    if np.ndim(x) != 3 or np.ndim(w) != 3:
        got = f"got {np.shape(x)}, {np.shape(w)}"
        raise ValueError(f"x must be (n, c, j), w (out, c / groups, k), {got}")
    image, kernel = np.asarray(x)[:, :, None], np.asarray(w)[:, :, None]
    padding = padding if isinstance(padding, str) else (0, padding)
    options = (1, stride), padding, (1, dilation), groups
    return conv2d(image, kernel, b, *options)[:, :, 0]


def conv1d_vjp(dy, y, x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """As `conv2d_vjp` for one row: dx = Σ w dy, dw = Σ dy x, db = Σ dy."""
    image, kernel, dy = x[:, :, None], w[:, :, None], dy[:, :, None]
    padding = padding if isinstance(padding, str) else (0, padding)
    options = (1, stride), padding, (1, dilation), groups
    dx, dw, db = conv2d_vjp(dy, None, image, kernel, b, *options)
    return dx[:, :, 0], dw[:, :, 0], db


def transposed_settings(x, w, b, stride, padding, output_padding):
    """Stride, margin and the size before the margin is cut off, after checks."""
    if x.ndim != 4 or w.ndim != 4 or x.shape[1] != len(w) or b.shape != w.shape[1:2]:
        got = f"{x.shape}, {w.shape}, {b.shape}"
        raise ValueError(f"x must be (n, c, i, j), w (c, out, k, l), b (out), got {got}")
    stride, margin = pair(stride, "stride"), pair(padding, "padding", 0)
    extra = pair(output_padding, "output_padding", 0)
    if extra[0] >= stride[0] or extra[1] >= stride[1]:
        raise ValueError(f"output_padding must be below the stride {stride}, got {extra}")
    axes = zip(x.shape[2:], w.shape[2:], stride, extra)
    size = [(i - 1) * s + k + more for i, k, s, more in axes]
    if min(x.shape[2:]) < 1 or any(2 * p >= i for p, i in zip(margin, size)):
        raise ValueError(f"padding must leave something of the output {size}, got {margin}")
    return stride, margin, size


def conv_transpose2d(x, w, b, stride=1, padding=0, output_padding=0):
    """Each entry of x stamps the kernel, times itself, onto a larger image.

    y[n,o,a,b] = b[o] + Σ w[c,o,k,l] x[n,c,i,j] over s i + k = a, s j + l = b:
    what `conv2d` of stride s does to a cotangent. x has shape (n, c, i, j), w
    (c, out, k, l), b (out). `padding` is cut off each side, `output_padding`
    added at the end: it chooses among the sizes that conv2d would map to i, j.
    """
    x, w, b = np.asarray(x), np.asarray(w), np.asarray(b)
    options = stride, padding, output_padding
    stride, margin, size = transposed_settings(x, w, b, *options)
    x = inside(x)
    shape, rows = (size[0], len(b), size[1], x.shape[-1]), x.reshape(*x.shape[:2], -1)
    y = spread(rows[None], w, shape, stride, (1, 1))
    return unpad(plus(y, b[:, None, None]), margin)


def conv_transpose2d_vjp(dy, y, x, w, b, stride=1, padding=0, output_padding=0):
    """A convolution: dx[n,c,i,j] = Σ_okl w[c,o,k,l] dy[n,o,s i+k,s j+l]."""
    options = stride, padding, output_padding
    stride, margin, _ = transposed_settings(x, w, b, *options)
    (windows,) = columns(pad(dy, margin), w, stride, (1, 1))
    x = inside(x)
    dx = (kernels(w) @ windows).reshape(x.shape)
    dw = (x.reshape(*x.shape[:2], -1) @ windows.mT).sum(axis=0)
    dw = dw.reshape(len(w), w.shape[2], w.shape[1], w.shape[3]).swapaxes(1, 2)
    return outside(dx), dw, dy.sum(axis=(0, 2, 3))


def convolve1d(x, k):
    """Convolution in mathematics, y[t] = Σ_s x[s] k[t - s], of two vectors.

    Here k runs backwards, which makes the two exchangeable. y has the shape
    (len(x) + len(k) - 1).
    """
    x, k = np.asarray(x), np.asarray(k)
    if x.ndim != 1 or k.ndim != 1 or 0 in (len(x), len(k)):
        got = f"{x.shape}, {k.shape}"
        raise ValueError(f"x and k must be vectors with entries, got {got}")
    return sliding_window_view(np.pad(x, len(k) - 1), len(k)) @ k[::-1]
