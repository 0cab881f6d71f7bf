"""Linear regression: exactly, by descent, with ridge, and as maximum likelihood."""

import numpy as np
import pytest
import torch
from gradients import assert_vjp
from sklearn.linear_model import Ridge

from dlcore.scratch.optim import SGD
from dlcore.scratch.regression import LinearRegression, gaussian_nll, mae, mse


@pytest.fixture
def data(rng):
    x = rng.normal(size=(50, 4)) * [1, 2, 3, 4] + 5
    return x, x @ [1.0, -1.0, 0.5, 0.0] + 3 + rng.normal(size=50)


def exactly(x, y, ridge=0.0):
    model = LinearRegression(x.shape[1])
    model.fit_exactly(x, y, ridge)
    return model


def descend(model, x, y, steps):
    """Gradient descent on all the data with a rate below 2 / curvature."""
    ones = np.column_stack([x, np.ones(len(x))])
    rate = len(x) / np.linalg.norm(ones, 2) ** 2
    all_rows = [np.arange(len(x))] * steps
    return model.fit(x, y, all_rows, SGD([model.w, model.b], lr=rate))


def with_ones(model):
    return np.append(model.w[0], model.b)


def test_the_exact_fit_agrees_with_lstsq_and_its_mistakes_are_orthogonal_to_the_data(data):
    x, y = data
    model, ones = exactly(x, y), np.column_stack([x, np.ones(50)])
    np.testing.assert_allclose(with_ones(model), np.linalg.lstsq(ones, y)[0], rtol=1e-10)
    np.testing.assert_allclose(ones.T @ (y - model.predict(x)), 0, atol=1e-9)


@pytest.mark.parametrize("strength", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("rows", [50, 3, 1])
def test_ridge_agrees_with_scikit_learns_and_leaves_the_bias_free(data, strength, rows):
    x, y = data[0][:rows], data[1][:rows]
    model, own = exactly(x, y, strength), Ridge(alpha=strength).fit(x, y)
    np.testing.assert_allclose(model.w[0], own.coef_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.b, own.intercept_, rtol=1e-7)


def test_ridge_is_the_minimum_of_the_penalised_sum(data, rng):
    x, y = data

    def cost(m):
        return 50 * mse(y, m.predict(x)) + 7.0 * (m.w**2).sum()

    model = exactly(x, y, 7.0)
    least = cost(model)
    for _ in range(20):
        other = exactly(x, y, 7.0)
        other.w += 0.01 * rng.normal(size=4)
        other.b += 0.01 * rng.normal()
        assert cost(other) > least


def test_a_nearly_collinear_design_is_solved_where_normal_equations_lose_all_digits(rng):
    a = rng.normal(size=30)
    x = np.stack([a, a + 1e-8 * rng.normal(size=30)], axis=1)
    model = exactly(x, x @ [1.0, 2.0])
    np.testing.assert_allclose(model.w[0], [1, 2], rtol=1e-5)


def test_collinear_columns_share_the_weight_as_the_shortest_solution_does(rng):
    a = rng.normal(size=30)
    x, y = np.stack([a, a, 2 * a], axis=1), 6 * a
    np.testing.assert_allclose(exactly(x, y).w[0], [1, 1, 2], rtol=1e-10)  # 6 a / |(1,1,2)|²
    model = LinearRegression(3)
    descend(model, x, y, 500)
    np.testing.assert_allclose(model.w[0], [1, 1, 2], rtol=1e-8)


def test_descent_from_zero_finds_the_shortest_of_all_perfect_fits(rng):
    x, y = rng.normal(size=(5, 12)), rng.normal(size=5)
    model = LinearRegression(12)
    losses = descend(model, x, y, 3000)
    ones = np.column_stack([x, np.ones(5)])
    shortest = ones.T @ np.linalg.solve(ones @ ones.T, y)
    assert losses[-1] < 1e-24
    np.testing.assert_allclose(with_ones(model), shortest, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(with_ones(exactly(x, y)), shortest, rtol=1e-9, atol=1e-12)


def test_descent_from_elsewhere_keeps_the_part_that_the_data_do_not_see(rng):
    x, y = rng.normal(size=(5, 12)), rng.normal(size=5)
    model, start = LinearRegression(12), rng.normal(size=13)
    model.w[:], model.b[:] = start[:12], start[12]
    descend(model, x, y, 3000)
    ones = np.column_stack([x, np.ones(5)])
    unseen = start - np.linalg.pinv(ones) @ ones @ start
    wanted = with_ones(exactly(x, y)) + unseen
    np.testing.assert_allclose(with_ones(model), wanted, rtol=1e-9, atol=1e-11)


def test_minibatches_come_near_the_exact_fit_and_the_loss_falls(data, rng):
    x, y = (data[0] - 5) / [1, 2, 3, 4], data[1]
    model = LinearRegression(4)
    batches = [rng.integers(0, 50, 10) for _ in range(2000)]
    losses = model.fit(x, y, batches, SGD([model.w, model.b], lr=0.02))
    assert losses.shape == (2000,) and losses[-100:].mean() < 0.1 * losses[:10].mean()
    np.testing.assert_allclose(with_ones(model), with_ones(exactly(x, y)), atol=0.15)


def test_a_step_sees_only_the_rows_of_its_batch(data):
    x, y = data
    one, other = LinearRegression(4), LinearRegression(4)
    first = one.fit(x, y, [np.array([3]), np.array([7, 7])], SGD([one.w, one.b], lr=0.01))
    rows = np.array([3]), np.array([7, 7])
    optimizer = SGD([other.w, other.b], lr=0.01)
    second = [other.fit(x[r], y[r], [np.arange(len(r))], optimizer)[0] for r in rows]
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(with_ones(one), with_ones(other))


def test_the_gradient_by_hand_matches_finite_differences(data, rng):
    x, y = data
    model = LinearRegression(4)

    def loss(w, b):
        model.w, model.b = w, b
        return model.loss_and_grads(x, y)[0]

    def vjp(dy, _, w, b):
        model.w, model.b = w, b
        return tuple(dy * g for g in model.loss_and_grads(x, y)[1])

    assert_vjp(loss, vjp, [rng.normal(size=(1, 4)), rng.normal(size=1)], rng)


def test_least_squares_is_the_most_likely_mean_under_gaussian_noise(data):
    x, y = data
    model = exactly(x, y)
    ones = torch.tensor(np.column_stack([x, np.ones(50)]))
    wb = torch.tensor(with_ones(model), requires_grad=True)
    torch.nn.functional.gaussian_nll_loss(
        ones @ wb, torch.tensor(y), torch.full((50,), 4.0).double()
    ).backward()
    np.testing.assert_allclose(wb.grad, 0, atol=1e-9)
    best = gaussian_nll(y, model.predict(x), 2.0)
    for slot in range(5):  # a step either way in each weight is less likely
        for move in 1e-3, -1e-3:
            other = with_ones(model)
            other[slot] += move
            assert gaussian_nll(y, x @ other[:4] + other[4], 2.0) > best


def test_gaussian_nll_is_squared_error_up_to_scale_and_a_constant(data, rng):
    y, means, sigma = data[1], rng.normal(size=(2, 50)), 1.7
    gap = gaussian_nll(y, means[0], sigma) - gaussian_nll(y, means[1], sigma)
    errors = mse(y, means[0]) - mse(y, means[1])
    np.testing.assert_allclose(gap, errors / (2 * sigma**2), rtol=1e-10)


def test_gaussian_nll_agrees_with_torchs_own_and_is_least_at_the_true_deviation(rng):
    y, mean, sigma = rng.normal(size=9), rng.normal(size=9), rng.uniform(0.5, 2, size=9)
    own = torch.nn.functional.gaussian_nll_loss(
        *(torch.tensor(a) for a in (mean, y, sigma**2)), full=True
    )
    np.testing.assert_allclose(gaussian_nll(y, mean, sigma), own, rtol=1e-12)
    rms = mse(y, mean) ** 0.5
    best = gaussian_nll(y, mean, rms)
    assert best < gaussian_nll(y, mean, 0.99 * rms) and best < gaussian_nll(y, mean, 1.01 * rms)


def test_the_mean_is_best_in_squared_error_and_the_median_in_absolute_error():
    y, guesses = np.array([0.0, 1.0, 2.0, 3.0, 44.0]), np.linspace(0, 44, 441)
    squared = [mse(y, np.full(5, g)) for g in guesses]
    absolute = [mae(y, np.full(5, g)) for g in guesses]
    assert round(guesses[np.argmin(squared)], 9) == y.mean() == 10
    assert round(guesses[np.argmin(absolute)], 9) == np.median(y) == 2
    assert mse(y, 0 * y) == (1 + 4 + 9 + 44**2) / 5 and mae(y, 0 * y) == 10


def test_float32_weights_stay_float32_and_change_in_place(data):
    x, y = (a.astype(np.float32) for a in data)
    model = LinearRegression(4, np.float32)
    w = model.w
    descend(model, x, y, 2)
    model.fit_exactly(x, y)
    assert model.w is w and {a.dtype for a in (w, model.b, model.predict(x))} == {w.dtype}
    assert w.dtype == np.float32 and mse(y, model.predict(x)).dtype == np.float32
    assert gaussian_nll(y, model.predict(x)).dtype == np.float32


BAD = [
    (lambda m: LinearRegression(0), "features must be at least 1, got 0"),
    (lambda m: m.predict(np.ones((3, 4))), r"x must be \(n, 2\), got \(3, 4\)"),
    (lambda m: m.fit_exactly(np.ones((3, 2)), np.ones((3, 1))), r"y and prediction .*\(3, 1\) and"),
    (lambda m: m.fit_exactly(np.ones((3, 2)), np.ones(3), -1), "ridge must not be negative, got"),
    (lambda m: m.loss_and_grads(np.ones((3, 2)), np.ones(2)), r"y and prediction .*\(2,\) and \(3"),
    (lambda m: mse(np.ones(3), np.ones((3, 1))), r"must have one shape, got \(3,\) and \(3, 1\)"),
    (lambda m: mae(np.ones(3), np.ones(1)), "y and prediction must have one shape"),
    (lambda m: gaussian_nll(np.ones(3), np.ones(2)), "y and prediction must have one shape"),
    (lambda m: gaussian_nll(np.ones(3), np.ones(3), 0.0), "sigma must be positive, got 0.0"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_mistakes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call(LinearRegression(2))
