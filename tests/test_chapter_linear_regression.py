"""What the text on linear regression proves, on other numbers than the text shows."""

import itertools

import numpy as np
import pytest

from dlcore.scratch.regression import LinearRegression, mae, mse


@pytest.fixture
def points(rng):
    return rng.normal(size=(9, 3)) + 2, rng.normal(size=9)


def exactly(x, y, ridge=0.0):
    model = LinearRegression(x.shape[1])
    model.fit_exactly(x, y, ridge)
    return model


def gradient(model, x, y):
    return np.concatenate([g.ravel() for g in model.loss_and_grads(x, y)[1]])


@pytest.mark.parametrize("size", [1, 4, 9])
def test_the_mean_over_all_minibatches_of_a_size_is_the_full_gradient(points, size):
    x, y = points
    model = LinearRegression(3)
    model.w[:], model.b[:] = [[1, -2, 0.5]], 3
    batches = [list(rows) for rows in itertools.combinations(range(9), size)]
    mean = np.mean([gradient(model, x[rows], y[rows]) for rows in batches], axis=0)
    np.testing.assert_allclose(mean, gradient(model, x, y), rtol=1e-12)


def test_full_batch_descent_contracts_below_the_limit_and_diverges_above(points):
    x, y = points
    best, ones = exactly(x, y), np.c_[x, np.ones(9)]
    limit = 2 / np.linalg.eigvalsh(ones.T @ ones / 9)[-1]
    far = {}
    for factor in 0.99, 1.01:
        w, b = best.w[0] + 1, best.b[0] + 1
        for _ in range(200):
            r = y - x @ w - b
            w, b = w + factor * limit * x.T @ r / 9, b + factor * limit * r.mean()
        far[factor] = np.linalg.norm(w - best.w[0])
    assert far[0.99] < np.sqrt(3) < 5 < far[1.01]


def test_the_noise_adds_to_the_two_errors_as_the_theorem_on_optimism_says(points):
    """Exactly, without drawing: E |M e|² is the sum of the squared entries of M."""
    x, mean = points
    A, sigma, n, p = np.c_[x, np.ones(9)], 0.7, 9, 4
    P = A @ np.linalg.pinv(A)
    beta = mse(mean, exactly(x, mean).predict(x))
    training = beta + sigma**2 * np.sum((np.eye(n) - P) ** 2) / n
    fresh = beta + sigma**2 * (n + np.sum(P**2)) / n
    assert training == pytest.approx(beta + sigma**2 * (1 - p / n), rel=1e-12)
    assert fresh == pytest.approx(beta + sigma**2 * (1 + p / n), rel=1e-12)


def test_leaving_one_out_needs_one_fit(points):
    x, y = points
    A = np.c_[x, np.ones(9)]
    P = A @ np.linalg.pinv(A)
    short = (y - P @ y) / (1 - np.diag(P))
    for i in range(9):
        rest = np.arange(9) != i
        left_out = y[i] - exactly(x[rest], y[rest]).predict(x[[i]])[0]
        assert short[i] == pytest.approx(left_out, rel=1e-9)


def test_ridge_adds_to_the_diagonal_of_every_weight_but_not_of_the_bias(points):
    x, y = points
    A, penalty = np.c_[x, np.ones(9)], np.diag([2.5, 2.5, 2.5, 0.0])
    model = exactly(x, y, 2.5)
    wanted = np.linalg.solve(A.T @ A + penalty, A.T @ y)
    np.testing.assert_allclose(np.append(model.w, model.b), wanted, rtol=1e-10)


def test_the_best_scale_of_laplace_noise_is_the_mean_absolute_error(points):
    y = points[1]
    scales = np.linspace(0.1, 3, 29001)
    surprise = 9 * np.log(2 * scales) + np.abs(y).sum() / scales
    assert scales[surprise.argmin()] == pytest.approx(mae(y, 0 * y), abs=1e-4)


def test_the_squared_error_of_any_guess_is_noise_plus_distance_to_the_conditional_mean(rng):
    probability = rng.dirichlet(np.ones(5), size=4) / 4  # of (x, y) in a 4 by 5 table
    values, guess = rng.normal(size=5), rng.normal(size=4)
    mean = probability @ values / probability.sum(axis=1)

    def expected(error):
        return (probability * error**2).sum()

    total = expected(values - guess[:, None])
    parts = expected(values - mean[:, None]), expected((mean - guess)[:, None] + 0 * values)
    assert total == pytest.approx(sum(parts), rel=1e-12) and min(parts) > 0.01
