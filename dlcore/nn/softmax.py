"""Log-sum-exp, softmax and log-softmax over the last axis, for autograd to differentiate."""

import torch


def may_look_at(x):
    """Whether a check may read values: not on a GPU, which it would stall, nor in a compiler."""
    return x.device.type == "cpu" and not torch.compiler.is_compiling()


def row_max(x):
    """The largest score of each row; a row without a finite one is named in the error.

    Shapes: (k)->(1)
    """
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"x must hold at least one score in each row, got shape {tuple(x.shape)}")
    top = x.detach().amax(dim=-1, keepdim=True)
    if may_look_at(x) and not top.isfinite().all():
        row = tuple((~top.isfinite()).nonzero()[0][:-1].tolist())
        raise ValueError(
            f"the largest score of a row must be finite, got {top[(*row, 0)]} in row {row}"
        )
    return top


def scaled(x, temperature):
    """The scores over the temperature, which must be positive and finite."""
    if not 0 < temperature < float("inf"):
        raise ValueError(f"temperature must be positive and finite, got {temperature}")
    return x / temperature


def logsumexp(x):
    """A smooth maximum, log of the sum of exponentials, :eq:`eq-logsumexp`.

    Shapes: (k)->()
    """
    top = row_max(x)
    return top[..., 0] + (x - top).exp().sum(dim=-1).log()


def softmax(x, temperature=1.0):
    """Scores to probabilities, :eq:`eq-softmax`; -inf gets probability 0.

    Shapes: (k)->(k)
    """
    x = scaled(x, temperature)
    e = (x - row_max(x)).exp()
    return e / e.sum(dim=-1, keepdim=True)


def log_softmax(x, temperature=1.0):
    """Log-probabilities that never underflow, :eq:`eq-log-softmax`.

    Shapes: (k)->(k)
    """
    x = scaled(x, temperature)
    return x - logsumexp(x)[..., None]
