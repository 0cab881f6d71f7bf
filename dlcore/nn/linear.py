"""The linear layer."""


def linear(x, w, b):
    """One score for each row of w, :eq:`eq-linear`.

    Shapes: (n,d),(k,d),(k)->(n,k)
    """
    if w.ndim != 2 or b.shape != w.shape[:1]:
        raise ValueError(f"w must be (k, d), b (k), got {tuple(w.shape)}, {tuple(b.shape)}")
    if x.shape[-1:] != w.shape[1:]:
        raise ValueError(f"x must be (n, {w.shape[1]}), got {tuple(x.shape)}")
    return x @ w.T + b
