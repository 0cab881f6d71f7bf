"""The linear layer and its gradient."""

import numpy as np


def linear(x, w, b):
    """One score for each row of w, :eq:`eq-linear`.

    Shapes: (n,d),(k,d),(k)->(n,k)
    """
    x, w, b = np.asarray(x), np.asarray(w), np.asarray(b)
    if w.ndim != 2 or b.shape != w.shape[:1]:
        raise ValueError(f"w must be (k, d), b (k), got {w.shape}, {b.shape}")
    if x.shape[-1:] != w.shape[1:]:
        raise ValueError(f"x must be (n, {w.shape[1]}), got {x.shape}")
    return x @ w.T + b


def linear_vjp(dy, y, x, w, b):
    """Cotangents of x, w and b, the last two summed, :eq:`eq-linear-vjp`.

    Shapes: (n,k),(n,k),(n,d),(k,d),(k)->(n,d),(k,d),(k)
    """
    rows = dy.reshape(-1, dy.shape[-1])
    return dy @ w, rows.T @ x.reshape(-1, x.shape[-1]), rows.sum(axis=0)
