"""Convolution as layers use it, its transpose, and the product of two whole signals.

Inside, a batch of images lies in memory as (c, i, j, n), so that each step of copying a window
moves one run of n neighbours, and every product is one matrix product.
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


def pad(x, margin, circular=False):
    """The images x (n, c, i, j) with a margin of zeros or of the far edge, as (c, i, j, n)."""
    x, (p, q) = np.ascontiguousarray(np.moveaxis(x, 0, -1)), margin
    if circular:
        i, j = (np.arange(-m, s + m) % s for m, s in zip(margin, x.shape[1:3]))
        return x[:, i[:, None], j]
    return np.pad(x, ((0, 0), (p, p), (q, q), (0, 0))) if p or q else x


def unpad(dx, margin, circular=False):
    """The transpose of `pad`: drops the margin, or adds it to the edge it repeats."""
    (p, q), (c, i, j, n) = margin, dx.shape
    if not circular:
        return np.moveaxis(dx[:, p : i - p, q : j - q], -1, 0)
    inner = np.zeros((c, i - 2 * p, j - 2 * q, n), dx.dtype)
    i, j = (np.arange(-m, s + m) % s for m, s in zip(margin, inner.shape[1:3]))
    np.add.at(inner, (slice(None), i[:, None], j), dx)
    return np.moveaxis(inner, -1, 0)


def columns(x, w, stride, dilation, groups=1):
    """Windows of (c, i, j, n) as columns (groups, c / groups k l, i' j' n)."""
    (s, t), (d, e) = stride, dilation
    reach = [d * (w.shape[2] - 1) + 1, e * (w.shape[3] - 1) + 1]
    windows = sliding_window_view(x, reach, axis=(1, 2))
    windows = windows[:, ::s, ::t, :, ::d, ::e]
    c, i, j, n, k, l = windows.shape
    windows = windows.transpose(0, 4, 5, 1, 2, 3)
    return windows.reshape(groups, w[0].size, i * j * n)


def spread(columns, w, shape, stride, dilation):
    """The transpose of `columns`: adds each window to its place."""
    (s, t), (d, e), (k, l) = stride, dilation, w.shape[2:]
    i, j = output_size(shape[1], k, s, 0, d), output_size(shape[2], l, t, 0, e)
    columns = columns.reshape(shape[0], k, l, i, j, shape[3])
    x = np.zeros(shape, columns.dtype)
    for a in range(k):
        for b in range(l):
            rows = slice(d * a, d * a + s * (i - 1) + 1, s)
            x[:, rows, e * b : e * b + t * (j - 1) + 1 : t] += columns[:, a, b]
    return x


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
    y = w.reshape(groups, -1, w[0].size) @ windows
    y = y.reshape(len(w), *size, len(x)) + b[:, None, None, None]
    return np.moveaxis(y, -1, 0)


def conv2d_vjp(dy, y, x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Each window gets its cotangent times the kernel, added where it lay.

    dx[n,c,·] = Σ_okl w[o,c,k,l] dy[n,o,i,j] where · = s i + d k, s j + d l,
    dw[o,c,k,l] = Σ_nij dy[n,o,i,j] x[n,c,·], and db[o] = Σ_nij dy[n,o,i,j].
    """
    options = stride, padding, dilation, groups
    circular = padding == "circular"
    stride, margin, dilation, _ = settings(x, w, b, *options)
    image = pad(x, margin, circular).astype(dy.dtype, copy=False)
    windows = columns(image, w, stride, dilation, groups)
    dy = np.moveaxis(dy, 0, -1).reshape(groups, len(w) // groups, -1)
    dw = (dy @ windows.mT).reshape(w.shape)
    # New memory is slow: reuse the windows, unless (1 × 1) they are x itself.
    room = windows if windows.flags.writeable else None
    shares = np.matmul(w.reshape(groups, -1, w[0].size).mT, dy, out=room)
    dx = spread(shares, w, image.shape, stride, dilation)
    return unpad(dx, margin, circular), dw, dy.sum(axis=-1).reshape(-1)


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
    x = np.moveaxis(x, 0, -1)
    stamps = w.reshape(len(w), -1).T @ x.reshape(len(w), -1)
    y = spread(stamps, w, (len(b), *size, x.shape[-1]), stride, (1, 1))
    return unpad(y + b[:, None, None, None], margin)


def conv_transpose2d_vjp(dy, y, x, w, b, stride=1, padding=0, output_padding=0):
    """A convolution: dx[n,c,i,j] = Σ_okl w[c,o,k,l] dy[n,o,s i+k,s j+l]."""
    options = stride, padding, output_padding
    stride, margin, _ = transposed_settings(x, w, b, *options)
    (windows,) = columns(pad(dy, margin), w, stride, (1, 1))
    x = np.moveaxis(x, 0, -1)
    dx = (w.reshape(len(w), -1) @ windows).reshape(x.shape)
    dw = (x.reshape(len(w), -1) @ windows.T).reshape(w.shape)
    return np.moveaxis(dx, -1, 0), dw, dy.sum(axis=(0, 2, 3))


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
