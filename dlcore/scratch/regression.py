"""Linear regression, and what its squared error assumes."""

import math

import numpy as np

from dlcore.scratch.linear import linear, linear_vjp


class LinearRegression:
    """One number from d features: y = w x + b, with w (1, d) and b (1)."""

    def __init__(self, features: int, dtype=np.float64):
        if features < 1:
            raise ValueError(f"features must be at least 1, got {features}")
        self.w, self.b = np.zeros((1, features), dtype), np.zeros(1, dtype)

    def predict(self, x):
        return linear(x, self.w, self.b)[..., 0]

    def loss_and_grads(self, x, y):
        """Half the mean squared error and its gradients, by hand."""
        error = residual(y, self.predict(x))
        dy = -error[..., None] / error.size
        _, dw, db = linear_vjp(dy, None, x, self.w, self.b)
        return 0.5 * np.square(error).mean(), [dw, db]

    def fit(self, x, y, batches, optimizer):
        """One step an index array in `batches`; the loss before each."""
        losses = []
        for rows in batches:
            loss, grads = self.loss_and_grads(x[rows], y[rows])
            optimizer.step(grads)
            losses.append(loss)
        return np.array(losses)

    def fit_exactly(self, x, y, ridge=0.0):
        """The least Σ (y - w x - b)² + ridge · ‖w‖²; of many, the shortest.

        The penalty is d more examples, √ridge · w = 0: nothing is inverted.
        """
        if not ridge >= 0:
            raise ValueError(f"ridge must not be negative, got {ridge}")
        residual(y, self.predict(x))
        d = x.shape[1]
        with_ones = np.column_stack([x, np.ones(len(x))])
        rows = np.concatenate([with_ones, ridge**0.5 * np.eye(d, d + 1)])
        wb = np.linalg.lstsq(rows, np.append(y, np.zeros(d)))[0]
        self.w[:], self.b[:] = wb[:d], wb[d]


def residual(y, prediction):
    """The mistakes y - prediction; (n) beside (n, 1) would broadcast.

    Shapes: (n),(n)->(n)
    """
    if np.shape(y) != np.shape(prediction):
        shapes = f"{np.shape(y)} and {np.shape(prediction)}"
        raise ValueError(f"y and prediction must have one shape, got {shapes}")
    return np.asarray(y) - prediction


def mse(y, prediction):
    """Mean squared error, (1/n) Σ (y - prediction)².

    Shapes: (n),(n)->()
    """
    return np.square(residual(y, prediction)).mean()


def mae(y, prediction):
    """Mean absolute error, (1/n) Σ |y - prediction|.

    Shapes: (n),(n)->()
    """
    return np.abs(residual(y, prediction)).mean()


def gaussian_nll(y, mean, sigma=1.0):
    """Mean surprisal of y under N(mean, sigma²).

    It is the mean of ½ ((y - mean) / sigma)² + log sigma + ½ log 2π.

    Shapes: (n),(n)->()

    `sigma` is one number or one for each example.
    """
    if not np.all(np.asarray(sigma) > 0):
        raise ValueError(f"sigma must be positive, got {np.min(sigma)}")
    error = residual(y, mean)
    sigma = np.asarray(sigma, np.result_type(error, 1.0))
    z = error / sigma
    return (0.5 * z * z + np.log(sigma)).mean() + 0.5 * math.log(2 * math.pi)
