"""Pooling: a window of an image becomes one number, its largest or its mean."""

from torch.nn import functional as F

from dlcore.nn.convolution import output_size, pair


def settings(x, size, stride):
    """Size and stride as pairs, after checking that a window fits."""
    if x.ndim != 4:
        raise ValueError(f"x must be (n, c, i, j), got {tuple(x.shape)}")
    size = pair(size, "size")
    stride = size if stride is None else pair(stride, "stride")
    for axis in zip(x.shape[2:], size, stride):
        output_size(*axis)
    return size, stride


def max_pool2d(x, size, stride=None):
    """The largest entry of each window, y[n,c,i,j] = max_kl x[n, c, stride i + k, stride j + l].

    x has shape (n, c, i, j); `stride` is the size where none is given; below it windows overlap.
    """
    return F.max_pool2d(x, *settings(x, size, stride))


def avg_pool2d(x, size, stride=None):
    """The mean of each window, y[n,c,i,j] = Σ_kl x[n, c, stride i + k, stride j + l] / (k l).

    x has shape (n, c, i, j); `size` and `stride` are those of `max_pool2d`.
    """
    return F.avg_pool2d(x, *settings(x, size, stride))


def global_avg_pool2d(x):
    """One number a channel, its mean over the image: y[n,c] = Σ_ij x[n,c,i,j] / (i j).

    x has shape (n, c, i, j), y (n, c).
    """
    if x.ndim != 4 or x.numel() == 0:
        raise ValueError(f"x must be (n, c, i, j) with entries, got {tuple(x.shape)}")
    return x.mean(dim=(2, 3))
