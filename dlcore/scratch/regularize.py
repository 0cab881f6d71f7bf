"""Against overfitting: dropout, penalties, lasso, early stopping, altered images."""

import numpy as np


def dropout_mask(shape, keep, rng):
    """Which units stay: True with probability `keep`, each for itself."""
    if not 0 < keep <= 1:
        raise ValueError(f"keep must lie in (0, 1], got {keep}")
    return rng.random(shape, dtype=np.float32) < keep


def dropout(x, mask, keep):
    """Silences units and scales up the rest: y = x · mask / keep.

    The boolean mask has the shape of x and is True where a unit stays;
    divided by the share that stays, the mean is the same as without.
    """
    x, mask = np.asarray(x), np.asarray(mask)
    if mask.dtype != bool or mask.shape != x.shape:
        got = f"{mask.dtype} {mask.shape}"
        raise ValueError(f"mask must be bool {x.shape}, got {got}")
    if not 0 < keep <= 1:
        raise ValueError(f"keep must lie in (0, 1], got {keep}")
    return x * mask / float(keep)


def dropout_vjp(dy, y, x, mask, keep):
    """Silent units get no gradient: dx = dy · mask / keep, of the shape of x."""
    return dy * mask / float(keep)


def l2_penalty(w, strength=1.0):
    """The price of large weights, J = strength / 2 · Σ w²: a Gaussian prior.

    Shapes: (n,d)->()
    """
    return 0.5 * float(strength) * np.square(w).sum()


def l2_penalty_vjp(dy, y, w, strength=1.0):
    """The pull to zero grows with the weight: ∂J/∂w = strength · w.

    Shapes: (),(),(n,d)->(n,d)
    """
    return dy * float(strength) * w


def l1_penalty(w, strength=1.0):
    """The price of any weight, J = strength · Σ |w|: many become zero.

    Shapes: (n,d)->()
    """
    return float(strength) * np.abs(w).sum()


def l1_penalty_vjp(dy, y, w, strength=1.0):
    """One pull for all: ∂J/∂w = strength · sign w, and 0 at w = 0.

    Shapes: (),(),(n,d)->(n,d)
    """
    return dy * float(strength) * np.sign(w)


def soft_threshold(z, strength=1.0):
    """Nearer to zero by `strength`, or zero: sign z · max(|z| - strength, 0).

    Shapes: (n)->(n)
    """
    if not strength >= 0:
        raise ValueError(f"strength must not be negative, got {strength}")
    return np.sign(z) * np.maximum(np.abs(z) - strength, 0)


def lasso(x, y, strength, tol=1e-9, most=10_000):
    """The least (1/2n) ‖y - x w‖² + strength · ‖w‖₁, a weight at a time.

    :eq:`eq-coordinate`, for x (n, d) without columns of zeros and y (n),
    until a sweep over all d moves no weight by more than `tol`.
    """
    n, d = x.shape
    size = np.square(x).mean(axis=0)
    if not size.all():
        zeros = np.sum(size == 0)
        raise ValueError(f"x must have no column of zeros, got {zeros}")
    w, residual = np.zeros(d), np.array(y, float)
    for _ in range(most):
        before = w.copy()
        for j in range(d):
            fit = x[:, j] @ residual / n + size[j] * w[j]
            new = soft_threshold(fit, strength) / size[j]
            residual += x[:, j] * (w[j] - new)
            w[j] = new
        if np.abs(w - before).max() <= tol:
            return w
    raise ValueError(f"most must suffice for tol={tol}, got most={most}")


class EarlyStopping:
    """Stops after `patience` losses in a row without a new best.

    `best` keeps the parameters of the lowest loss so far.
    """

    def __init__(self, patience: int):
        if patience < 1:
            raise ValueError(f"patience must be at least 1, got {patience}")
        self.patience, self.waited = patience, 0
        self.loss, self.best = np.inf, None

    def update(self, loss, params) -> bool:
        """Whether to stop, after one more validation loss."""
        if loss < self.loss:
            self.waited, self.loss = 0, loss
            self.best = [np.copy(p) for p in params]
        else:
            self.waited += 1
        return self.waited >= self.patience


def folds(n: int, k: int, rng):
    """The numbers 0 … n-1, shuffled and cut into k equal arrays, or nearly."""
    if not 2 <= k <= n:
        raise ValueError(f"k must lie in 2..n, got k={k}, n={n}")
    return np.array_split(rng.permutation(n), k)


def images(x):
    """Images as they must come: a float array of shape (n, i, j)."""
    if x.ndim != 3 or not np.issubdtype(x.dtype, np.floating):
        got = f"{x.dtype} {x.shape}"
        raise ValueError(f"x must be float images (n, i, j), got {got}")
    return x


def noise(x, sigma, rng):
    """Gaussian noise on every number of x, of any shape: x + sigma · ε."""
    return x + float(sigma) * rng.standard_normal(x.shape, dtype=x.dtype)


def flip(x, rng):
    """Mirrors each image of x, shape (n, i, j), with probability 1/2."""
    mirrored = rng.random(len(images(x))) < 0.5
    return np.where(mirrored[:, None, None], x[:, :, ::-1], x)


def crop(x, size, rng):
    """A random window of `size` from each image of x, shape (n, i, j)."""
    n, i, j = images(x).shape
    if not (1 <= size[0] <= i and 1 <= size[1] <= j):
        raise ValueError(f"size must fit into the images {(i, j)}, got {size}")
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    top, left = (rng.integers(places, size=n) for places in windows.shape[1:3])
    return windows[np.arange(n), top, left]


def shift(x, most: int, rng):
    """Moves each image of x, shape (n, i, j), by up to `most` pixels; zeros come in."""
    if most < 0:
        raise ValueError(f"most must not be negative, got {most}")
    edge = (most, most)
    return crop(np.pad(images(x), ((0, 0), edge, edge)), x.shape[1:], rng)


def rotate(x, degrees, rng):
    """Turns each image of x, shape (n, i, j), about its centre by up to `degrees`."""
    n, i, j = images(x).shape
    angle = np.radians(rng.uniform(-degrees, degrees, (n, 1, 1)))
    # Look back from each pixel of the result to where it came from.
    row, column = np.ogrid[:i, :j]
    row, column = row - (i - 1) / 2, column - (j - 1) / 2
    rows = np.cos(angle) * row + np.sin(angle) * column + (i - 1) / 2
    columns = np.cos(angle) * column - np.sin(angle) * row + (j - 1) / 2
    return bilinear(x, rows, columns)


def bilinear(x, rows, columns):
    """Images between their pixels: the four around, weighted by nearness.

    x has shape (n, i, j), rows and columns that of the result; outside all is 0.
    """
    n, i, j = images(x).shape
    x = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    rows, columns = np.clip(rows + 1, 0, i + 1), np.clip(columns + 1, 0, j + 1)
    r, c = np.minimum(rows.astype(int), i), np.minimum(columns.astype(int), j)
    u, v = (rows - r).astype(x.dtype), (columns - c).astype(x.dtype)
    image = np.arange(n)[:, None, None]
    above = (1 - v) * x[image, r, c] + v * x[image, r, c + 1]
    below = (1 - v) * x[image, r + 1, c] + v * x[image, r + 1, c + 1]
    return (1 - u) * above + u * below
