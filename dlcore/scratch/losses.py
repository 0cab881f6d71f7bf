"""Losses for classification and the information measures behind them, in nats."""

import numpy as np

from dlcore.scratch.activations import sigmoid
from dlcore.scratch.softmax import log_softmax, row_max, softmax


def one_hot(labels, classes: int):
    """Integer labels as rows with a single 1, :eq:`eq-one-hot`.

    Shapes: (n)->(n,k)
    """
    labels = np.asarray(labels)
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers, got dtype {labels.dtype}")
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        found = labels[wrong][0]
        raise ValueError(f"labels must lie in 0..{classes - 1}, got {found}")
    return (labels[..., None] == np.arange(classes)).astype(float)


def targets(logits, labels, smoothing=0.0):
    """Labels as one distribution an example, mixed with the uniform one by `smoothing`.

    Shapes: (n,k),(n)->(n,k)

    `labels` holds integers (n) or distributions (n,k); the dtype is that of `logits`.
    """
    classes = logits.shape[-1]
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1), got {smoothing}")
    y = np.asarray(labels)
    if y.shape not in (logits.shape, logits.shape[:-1]):
        raise ValueError(
            f"labels must give one class for each of the rows of logits {logits.shape}, "
            f"got shape {y.shape}"
        )
    y = distribution(y, "labels") if y.ndim == logits.ndim else one_hot(y, classes)
    if smoothing:
        y = (1 - smoothing) * y + smoothing / classes
    return y.astype(logits.dtype, copy=False)


def cross_entropy(logits, labels, smoothing=0.0):
    """Mean surprisal of the true classes, :eq:`eq-cross-entropy`.

    Shapes: (n,k),(n)->()

    `labels` holds integers (n) or distributions (n,k).
    """
    logits = scores(logits)
    y = targets(logits, labels, smoothing)
    return (0 - product(y, log_softmax(logits)).sum(axis=-1)).mean()


def cross_entropy_vjp(dy, loss, logits, labels, smoothing=0.0):
    """Prediction minus target, over n, :eq:`eq-cross-entropy-gradient`.

    Shapes: (),(),(n,k),(n)->(n,k)
    """
    logits = scores(logits)
    y = targets(logits, labels, smoothing)
    return dy * (softmax(logits) - y) / y[..., 0].size


def binary_cross_entropy(logits, labels):
    """Cross-entropy of one score an example, :eq:`eq-binary-cross-entropy`.

    Shapes: (n),(n)->()

    `logits` are scores; `labels` are 0, 1 or a probability between.
    """
    z, y = binary_pair(logits, labels)
    return (np.logaddexp(0, z) - y * z).mean()


def binary_cross_entropy_vjp(dy, loss, logits, labels):
    """Prediction minus target again, :eq:`eq-binary-cross-entropy-gradient`.

    Shapes: (),(),(n),(n)->(n)
    """
    z, y = binary_pair(logits, labels)
    return dy * (sigmoid(z) - y) / z.size


def zero_one_loss(logits, labels):
    """The share of examples whose largest score is not at the label, :eq:`eq-zero-one`.

    Shapes: (n,k),(n)->()
    """
    logits = scores(logits)
    row_max(logits)  # a NaN would win every argmax
    y = targets(logits, labels)
    return (logits.argmax(axis=-1) != y.argmax(axis=-1)).mean()


def entropy(p):
    """Expected surprisal in nats, :eq:`eq-entropy`; 0 log 0 counts as 0.

    Shapes: (k)->()
    """
    p = distribution(p, "p")
    return 0 - product(p, safe_log(p)).sum(axis=-1)


def entropy_vjp(dy, y, p):
    """Surprisal minus one, :eq:`eq-entropy-gradient`, for p > 0.

    Shapes: (),(),(k)->(k)
    """
    return -np.asarray(dy)[..., None] * (np.log(p) + 1)


def kl_divergence(p, q):
    """Extra surprise for believing q where p is true, :eq:`eq-kl`.

    Shapes: (k),(k)->()
    """
    p, q = distribution(p, "p"), distribution(q, "q")
    if p.shape[-1] != q.shape[-1]:
        shapes = f"{p.shape} and {q.shape}"
        raise ValueError(f"p and q must have as many classes, got {shapes}")
    return (product(p, safe_log(p)) - product(p, safe_log(q))).sum(axis=-1)


def kl_divergence_vjp(dy, y, p, q):
    """Gradients for p and for q, :eq:`eq-kl-gradient`, for p, q > 0.

    Shapes: (),(),(k),(k)->(k),(k)
    """
    dy = np.asarray(dy)[..., None]
    return dy * (np.log(p / q) + 1), -dy * p / q


def product(weights, values):
    """Weights times values, where weight 0 makes even an infinite value 0.

    Shapes: (k),(k)->(k)
    """
    shape = np.broadcast_shapes(weights.shape, values.shape)
    zeros = np.zeros(shape, np.result_type(weights, values))
    return np.multiply(weights, values, where=weights > 0, out=zeros)


def safe_log(p):
    """The logarithm with log 0 = -inf and no warning, since `product` weighs it.

    Shapes: (k)->(k)
    """
    with np.errstate(divide="ignore"):
        return np.log(p)


def scores(logits):
    """The logits as a float array of at least one example and one class.

    Shapes: (n,k)->(n,k)
    """
    logits = np.asarray(logits)
    if logits.ndim < 2 or logits.size == 0:
        raise ValueError(f"logits must be (n, k) with n, k > 0, got shape {logits.shape}")
    return logits if np.issubdtype(logits.dtype, np.inexact) else logits.astype(float)


def binary_pair(logits, labels):
    """Scores and labels of two classes, checked against each other.

    Shapes: (n),(n)->(n),(n)
    """
    z = np.asarray(logits) * 1.0
    y = np.asarray(labels).astype(z.dtype)
    if z.size == 0 or z.shape != y.shape:
        raise ValueError(
            f"logits and labels must have one shape and at least one entry, "
            f"got {z.shape} and {y.shape}"
        )
    if not np.isfinite(z).all():
        raise ValueError(f"logits must be finite, got {z[~np.isfinite(z)][0]}")
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError(f"labels must lie in [0, 1], got {y.min()} to {y.max()}")
    return z, y


def distribution(p, name: str):
    """Probabilities over the last axis: none negative, sum 1; otherwise named in the error.

    Shapes: (k)->(k)
    """
    p = np.asarray(p) * 1.0
    if p.ndim == 0 or p.size == 0:
        raise ValueError(f"{name} must hold probabilities, got shape {p.shape}")
    if not (p >= 0).all():
        raise ValueError(f"{name} must not be negative or NaN, got {p[~(p >= 0)][0]}")
    total = p.sum(axis=-1)
    wrong = abs(total - 1) > 1e-4
    if wrong.any():
        raise ValueError(f"{name} must sum to 1 over its last axis, got {total[wrong][0]:.6g}")
    return p
