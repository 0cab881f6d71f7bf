"""Convolution as layers use it, and its transpose."""

import torch
from torch.nn import functional as F


def output_size(size, kernel, stride=1, padding=0, dilation=1) -> int:
    """How many places a kernel has along an axis of `size` entries."""
    reach, room = dilation * (kernel - 1) + 1, size + 2 * padding
    if min(size, kernel) < 1 or reach > room:
        raise ValueError(f"the kernel must fit the padded input, got {reach} over {room} entries")
    return (room - reach) // stride + 1


def pair(value, name: str, least=1) -> tuple[int, int]:
    """One whole number for both axes of an image, or two, as a tuple of two."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(v, int) and v >= least for v in both):
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
    """Stride, margin and dilation as pairs, after checking that all of it fits together."""
    if x.ndim != 4 or w.ndim != 4 or b.shape != w.shape[:1]:
        got = f"{tuple(x.shape)}, {tuple(w.shape)}, {tuple(b.shape)}"
        raise ValueError(f"x must be (n, c, i, j), w (out, c / groups, k, l), b (out), got {got}")
    if x.shape[1] != groups * w.shape[1] or len(w) % groups:
        got = f"c={x.shape[1]}, groups={groups}, w {tuple(w.shape)}"
        raise ValueError(f"c must be groups · w.shape[1], and groups divide out, got {got}")
    stride, dilation = pair(stride, "stride"), pair(dilation, "dilation")
    margin = margins(w, stride, padding, dilation)
    for axis in zip(x.shape[2:], w.shape[2:], stride, margin, dilation):
        output_size(*axis)
    return stride, margin, dilation


def conv2d(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Each kernel w[o] slides over the image and reports how well it matches there.

    y[n,o,i,j] = b[o] + Σ_ckl w[o,c,k,l] x[n, c, stride i + dilation k, stride j + dilation l]
    for x of shape (n, c, i, j), w (out, c / groups, k, l), b (out); `padding` is a number of
    zeros on each side, "valid", "same" or "circular".
    """
    stride, margin, dilation = settings(x, w, b, stride, padding, dilation, groups)
    if padding == "circular":
        axes = zip(margin, x.shape[2:])
        i, j = (torch.arange(-m, s + m, device=x.device) % s for m, s in axes)
        x, margin = x[:, :, i[:, None], j], (0, 0)
    return F.conv2d(x, w, b, stride, margin, dilation, groups)


def conv1d(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """A convolution of signals, which are images of one row.

    y[n,o,j] = b[o] + Σ_ck w[o,c,k] x[n, c, stride j + dilation k]
    for x of shape (n, c, j), w (out, c / groups, k), b (out); options as in `conv2d`.
    """
    if x.ndim != 3 or w.ndim != 3:
        got = f"{tuple(x.shape)}, {tuple(w.shape)}"
        raise ValueError(f"x must be (n, c, j), w (out, c / groups, k), got {got}")
    image, kernel = x[:, :, None], w[:, :, None]
    padding = padding if isinstance(padding, str) else (0, padding)
    return conv2d(image, kernel, b, (1, stride), padding, (1, dilation), groups)[:, :, 0]


def conv_transpose2d(x, w, b, stride=1, padding=0, output_padding=0):
    """Each entry of x stamps its multiple of the kernel onto a larger image; stamps add up.

    y[n, o, stride i + k, stride j + l] = b[o] + Σ_c w[c,o,k,l] x[n,c,i,j]
    for x of shape (n, c, i, j), w (c, out, k, l), b (out).
    """
    if x.ndim != 4 or w.ndim != 4 or x.shape[1] != len(w) or b.shape != w.shape[1:2]:
        got = f"{tuple(x.shape)}, {tuple(w.shape)}, {tuple(b.shape)}"
        raise ValueError(f"x must be (n, c, i, j), w (c, out, k, l), b (out), got {got}")
    stride, margin = pair(stride, "stride"), pair(padding, "padding", 0)
    extra = pair(output_padding, "output_padding", 0)
    if extra[0] >= stride[0] or extra[1] >= stride[1]:
        raise ValueError(f"output_padding must be below the stride {stride}, got {extra}")
    axes = zip(x.shape[2:], w.shape[2:], stride, extra)
    size = [(i - 1) * s + k + more for i, k, s, more in axes]
    if min(x.shape[2:]) < 1 or any(2 * p >= i for p, i in zip(margin, size)):
        raise ValueError(f"padding must leave something of the output {size}, got {margin}")
    return F.conv_transpose2d(x, w, b, stride, margin, extra)
