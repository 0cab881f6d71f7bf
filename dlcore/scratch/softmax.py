"""Log-sum-exp, softmax and log-softmax over the last axis, each with its gradient."""

import numpy as np


def row_max(x):
    """The largest score of each row; a row without a finite one is named in the error.

    Shapes: (k)->(1)

    A NaN, +inf or a row of -inf would spread silently, so it stops here.
    """
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"x must hold at least one score in each row, got shape {x.shape}")
    top = x.max(axis=-1, keepdims=True)
    if not np.isfinite(top).all():
        row = tuple(int(i) for i in np.argwhere(~np.isfinite(top))[0][:-1])
        raise ValueError(
            f"the largest score of a row must be finite, got {top[(*row, 0)]} in row {row}"
        )
    return top


def scaled(x, temperature):
    """The scores over the temperature, which must be positive and finite."""
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature must be positive and finite, got {temperature}")
    return np.asarray(x) / float(temperature)


def logsumexp(x):
    """A smooth maximum, log of the sum of exponentials, :eq:`eq-logsumexp`.

    Shapes: (k)->()
    """
    x = np.asarray(x) * 1.0  # 1 - 200 wraps round in the bytes of an image
    top = row_max(x)
    return top[..., 0] + np.log(np.exp(x - top).sum(axis=-1))


def logsumexp_vjp(dy, y, x):
    """Its gradient is the softmax, :eq:`eq-logsumexp-gradient`.

    Shapes: (),(),(k)->(k)
    """
    return np.asarray(dy)[..., None] * np.exp(x - np.asarray(y)[..., None])


def softmax(x, temperature=1.0):
    """Scores to probabilities, :eq:`eq-softmax`; -inf gets probability 0.

    Shapes: (k)->(k)
    """
    x = scaled(x, temperature)
    e = np.exp(x - row_max(x))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_in_place(x):
    """`softmax` that overwrites x, an array of floats, in two thirds of the time.

    Shapes: (k)->(k)
    """
    x -= row_max(x)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x


def softmax_vjp(dy, y, x, temperature=1.0):
    """Probability times cotangent above average, :eq:`eq-softmax-vjp`.

    Shapes: (k),(k),(k)->(k)
    """
    return y * (dy - (y * dy).sum(axis=-1, keepdims=True)) / float(temperature)


def log_softmax(x, temperature=1.0):
    """Log-probabilities that never underflow, :eq:`eq-log-softmax`.

    Shapes: (k)->(k)
    """
    x = scaled(x, temperature)
    return x - logsumexp(x)[..., None]


def log_softmax_vjp(dy, y, x, temperature=1.0):
    """The cotangent less its sum, shared out by the softmax, :eq:`eq-log-softmax-vjp`.

    Shapes: (k),(k),(k)->(k)
    """
    return (dy - np.exp(y) * dy.sum(axis=-1, keepdims=True)) / float(temperature)
