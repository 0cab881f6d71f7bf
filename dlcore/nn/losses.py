"""Losses for classification and the information measures behind them, in nats."""

import torch

from dlcore.nn.softmax import log_softmax, may_look_at, row_max


def one_hot(labels, classes: int):
    """Integer labels as rows with a single 1, :eq:`eq-one-hot`.

    Shapes: (n)->(n,k)
    """
    if labels.is_floating_point() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be integers, got dtype {labels.dtype}")
    if may_look_at(labels):
        wrong = (labels < 0) | (labels >= classes)
        if wrong.any():
            raise ValueError(f"labels must lie in 0..{classes - 1}, got {labels[wrong][0]}")
    return torch.nn.functional.one_hot(labels.long(), classes)


def targets(logits, labels, smoothing=0.0):
    """Labels as one distribution an example, mixed with the uniform one by `smoothing`.

    Shapes: (n,k),(n)->(n,k)

    `labels` holds integers (n) or distributions (n,k); the dtype is that of `logits`.
    """
    classes = logits.shape[-1]
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1), got {smoothing}")
    if labels.shape not in (logits.shape, logits.shape[:-1]):
        raise ValueError(
            f"labels must give one class for each of the rows of logits {tuple(logits.shape)}, "
            f"got shape {tuple(labels.shape)}"
        )
    soft = labels.ndim == logits.ndim
    y = distribution(labels, "labels") if soft else one_hot(labels, classes)
    return (1 - smoothing) * y.to(logits.dtype) + smoothing / classes


def cross_entropy(logits, labels, smoothing=0.0):
    """Mean surprisal of the true classes, :eq:`eq-cross-entropy`.

    Shapes: (n,k),(n)->()

    `labels` holds integers (n) or distributions (n,k).
    """
    logits = scores(logits)
    y = targets(logits, labels, smoothing)
    log_p = log_softmax(logits)
    return (0 - (y * torch.where(y > 0, log_p, 0)).sum(dim=-1)).mean()  # 0 · (-inf) counts as 0


def binary_cross_entropy(logits, labels):
    """Cross-entropy of one score an example, :eq:`eq-binary-cross-entropy`.

    Shapes: (n),(n)->()

    `logits` are scores; `labels` are 0, 1 or a probability between.
    """
    z, y = binary_pair(logits, labels)
    return (torch.logaddexp(torch.zeros_like(z), z) - y * z).mean()


def zero_one_loss(logits, labels):
    """The share of examples whose largest score is not at the label, :eq:`eq-zero-one`.

    Shapes: (n,k),(n)->()
    """
    logits = scores(logits)
    row_max(logits)  # a NaN would win every argmax
    y = targets(logits, labels)
    return (logits.argmax(dim=-1) != y.argmax(dim=-1)).to(logits.dtype).mean()


def entropy(p):
    """Expected surprisal in nats, :eq:`eq-entropy`; 0 log 0 counts as 0.

    Shapes: (k)->()
    """
    p = distribution(p, "p")
    return 0 - torch.xlogy(p, p).sum(dim=-1)


def kl_divergence(p, q):
    """Extra surprise for believing q where p is true, :eq:`eq-kl`; inf where q misses p.

    Shapes: (k),(k)->()
    """
    p, q = distribution(p, "p"), distribution(q, "q")
    if p.shape[-1] != q.shape[-1]:
        shapes = f"{tuple(p.shape)} and {tuple(q.shape)}"
        raise ValueError(f"p and q must have as many classes, got {shapes}")
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=-1)


def scores(logits):
    """The logits, which must hold at least one example and one class.

    Shapes: (n,k)->(n,k)
    """
    if logits.ndim < 2 or logits.numel() == 0:
        raise ValueError(f"logits must be (n, k) with n, k > 0, got shape {tuple(logits.shape)}")
    return logits


def binary_pair(logits, labels):
    """Scores and labels of two classes, checked against each other.

    Shapes: (n),(n)->(n),(n)
    """
    if logits.numel() == 0 or logits.shape != labels.shape:
        raise ValueError(
            f"logits and labels must have one shape and at least one entry, "
            f"got {tuple(logits.shape)} and {tuple(labels.shape)}"
        )
    logits = logits * 1.0
    y = labels.to(logits.dtype)
    if may_look_at(logits):
        if not logits.isfinite().all():
            raise ValueError(f"logits must be finite, got {logits[~logits.isfinite()][0]}")
        if not ((y >= 0) & (y <= 1)).all():
            raise ValueError(f"labels must lie in [0, 1], got {y.min()} to {y.max()}")
    return logits, y


def distribution(p, name: str):
    """Probabilities over the last axis: none negative, sum 1; otherwise named in the error.

    Shapes: (k)->(k)
    """
    if p.ndim == 0 or p.numel() == 0:
        raise ValueError(f"{name} must hold probabilities, got shape {tuple(p.shape)}")
    if may_look_at(p):
        if not (p >= 0).all():
            raise ValueError(f"{name} must not be negative or NaN, got {p[~(p >= 0)][0]}")
        total = p.sum(dim=-1)
        wrong = (total - 1).abs() > 1e-4
        if wrong.any():
            raise ValueError(f"{name} must sum to 1 over its last axis, got {total[wrong][0]:.6g}")
    return p
