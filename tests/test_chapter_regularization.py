"""What the chapter on regularisation states and no other test shows."""

import numpy as np
import pytest

from dlcore.figures import regularization as pictures
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD, Adam, AdamW
from dlcore.scratch.regularize import dropout, dropout_mask, l2_penalty, l2_penalty_vjp, noise


@pytest.fixture(params=[(12, 5), (6, 15)], ids=["tall", "wide"])
def problem(request, rng):
    x = rng.normal(size=request.param) * rng.uniform(0.3, 2, request.param[1])
    return x, rng.normal(size=len(x))


def test_ridge_is_the_peak_of_the_posterior_with_a_gaussian_prior(problem, rng):
    (x, y), sigma, tau = problem, 0.7, 1.3
    n, d = x.shape
    alpha = sigma**2 / (n * tau**2)
    w = np.linalg.solve(x.T @ x / n + alpha * np.eye(d), x.T @ y / n)

    def surprisal(v):
        return ((y - x @ v) ** 2).sum() / (2 * sigma**2) + (v**2).sum() / (2 * tau**2)

    for _ in range(20):
        assert surprisal(w) < surprisal(w + 0.01 * rng.normal(size=d))
    # For unit noise the prior's variance is 1 / (alpha n).
    mean_loss = np.linalg.solve(x.T @ x / n + alpha * np.eye(d), x.T @ y / n)
    prior = np.linalg.solve(x.T @ x + np.eye(d) * (alpha * n), x.T @ y)
    np.testing.assert_allclose(mean_loss, prior, rtol=1e-9)


def test_descent_keeps_the_share_of_the_theorem_and_ridge_its_own(problem):
    x, y = problem
    n, d = x.shape
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    lam, w = s**2 / n, np.zeros(d)
    rate = 0.1 / lam[0]
    optimizer = SGD([w], lr=rate)
    for t in range(1, 51):
        optimizer.step([x.T @ (x @ w - y) / n])
        share = 1 - (1 - rate * lam) ** t
        np.testing.assert_allclose(w, vt.T @ (share * (u.T @ y) / s), atol=1e-10)
        ridge = lam / (lam + 1 / (rate * t))
        assert (share >= ridge - 1e-12).all() and (share <= 1.4 * ridge).all()


def test_a_little_ridge_lowers_the_expected_error_whatever_the_truth(rng):
    x = rng.normal(size=(20, 4)) * [2, 1, 0.5, 0.1]
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    lam, n = s**2 / 20, 20
    for size in (0.01, 1, 100):
        b = size * rng.normal(size=4)

        def risk(alpha, b=b):
            share = lam / (lam + alpha)
            return (((1 - share) * b) ** 2 + share**2 * 0.25 / (n * lam)).sum()

        small = 1e-6 / (1 + size**2)
        assert risk(small) < risk(0.0)


def test_weight_decay_is_the_l2_penalty_for_sgd_and_not_for_adam(rng):
    def after(optimizer, decay, penalty, steps=5):
        w = np.array([1.0, 100.0])
        kind = optimizer([w], lr=0.1, weight_decay=decay)
        for _ in range(steps):
            g = np.array([0.3, -2.0]) * w
            kind.step([g + l2_penalty_vjp(1.0, None, w, penalty)])
        return w

    np.testing.assert_allclose(after(SGD, 0.2, 0.0), after(SGD, 0.0, 0.2), rtol=1e-12)
    np.testing.assert_allclose(after(Adam, 0.2, 0.0), after(Adam, 0.0, 0.2), rtol=1e-12)
    assert np.abs(after(AdamW, 0.2, 0.0) - after(Adam, 0.0, 0.2)).max() > 1


def test_the_l2_penalty_of_a_matrix_is_half_its_squared_frobenius_norm(rng):
    w = rng.normal(size=(3, 5))
    assert l2_penalty(w, 0.4) == pytest.approx(0.2 * np.linalg.norm(w, "fro") ** 2, rel=1e-12)


@pytest.mark.parametrize("start", ["zero", "row space", "anywhere"])
def test_descent_ends_at_the_shortest_solution_plus_the_null_part_of_the_start(start, rng):
    a, b = rng.normal(size=(4, 9)), rng.normal(size=4)
    start = {
        "zero": np.zeros(9),
        "row space": a.T @ rng.normal(size=4),
        "anywhere": rng.normal(size=9),
    }[start]
    x = start.copy()
    optimizer = SGD([x], lr=1 / np.linalg.norm(a, 2) ** 2)
    for _ in range(4000):
        optimizer.step([a.T @ (a @ x - b)])
    pinv = np.linalg.pinv(a)
    np.testing.assert_allclose(x, pinv @ b + start - pinv @ (a @ start), atol=1e-9)


def test_the_shortest_solution_depends_on_the_units_of_the_features(rng):
    a, b = rng.normal(size=(4, 9)), rng.normal(size=4)
    scale = np.r_[10, np.ones(8)]
    other = scale * (np.linalg.pinv(a * scale) @ b)
    np.testing.assert_allclose(a @ other, b, atol=1e-12)
    assert np.abs(other - np.linalg.pinv(a) @ b).max() > 0.05


def test_the_shortest_solution_knows_a_share_n_over_p_of_the_truth(rng):
    w = np.ones(60) / 60**0.5
    kept = [
        np.linalg.norm(np.linalg.pinv(x) @ (x @ w)) ** 2 for x in rng.normal(size=(500, 20, 60))
    ]
    assert np.mean(kept) == pytest.approx(20 / 60, abs=0.01)


@pytest.mark.parametrize(("n", "p"), [(20, 5), (20, 15), (20, 30), (8, 40)])
def test_the_noise_of_gaussian_least_squares_has_the_mean_of_the_theorem(n, p, rng):
    s = np.linalg.svd(rng.normal(size=(6000, n, p)), compute_uv=False)
    wanted = min(n, p) / (abs(n - p) - 1)
    assert (s**-2.0).sum(axis=1).mean() == pytest.approx(wanted, rel=0.05)


def test_the_peak_is_where_the_smallest_singular_value_is_and_ridge_removes_it():
    for seed in range(4):
        found = [pictures.descent(p, seed=seed) for p in range(1, 121)]
        error = np.array([f["bias"] + f["variance"] for f in found])
        smallest = np.argmin([f["singular"][-1] for f in found])
        assert abs(error.argmax() - smallest) <= 1 and 18 <= error.argmax() <= 21
        assert error[119] < error[:15].min() < error.max() / 5
        tamed = [pictures.descent(p, seed=seed, ridge=0.1) for p in (19, 20, 21)]
        assert max(f["bias"] + f["variance"] for f in tamed) < error.max() / 4


def test_dropout_ends_at_the_ridge_of_equalised_features(rng):
    n, d, q = 30, 4, 0.7
    x, y = rng.normal(size=(n, d)) * [3, 1, 0.3, 1], rng.normal(size=n)
    tall, many = np.tile(x, (4000, 1)), np.tile(y, 4000)
    noisy = dropout(tall, dropout_mask(tall.shape, q, rng), q)
    fitted = np.linalg.lstsq(noisy, many)[0]
    moment = np.mean(x**2, axis=0)
    equal = x / np.sqrt(moment)
    beta = np.linalg.solve(equal.T @ equal / n + (1 - q) / q * np.eye(d), equal.T @ y / n)
    np.testing.assert_allclose(fitted * np.sqrt(moment), beta, atol=0.01)


def test_small_noise_on_the_inputs_of_a_net_adds_two_terms_of_second_order(rng):
    net, x, y = MLP((3, 6, 1), "tanh", rng, float), rng.normal(size=3), 0.4

    def f(at):
        return net.forward(at.reshape(-1, 3))[:, 0]

    h, eye = 1e-4, np.eye(3)
    slope = (f(x + h * eye) - f(x - h * eye)) / (2 * h)
    bend = ((f(x + h * eye) - 2 * f(x) + f(x - h * eye)) / h**2).sum()
    residual, gaps = y - f(x)[0], []
    for sigma in (0.2, 0.1):
        e = rng.normal(size=(200_000, 3))
        e = np.concatenate([e, -e])  # odd orders cancel
        measured = np.mean((y - f(noise(np.zeros_like(e), 0.0, rng) + x + sigma * e)) ** 2)
        first = residual**2 + sigma**2 * (slope @ slope)
        gaps.append((abs(measured - first + sigma**2 * residual * bend), abs(measured - first)))
    assert gaps[1][0] < 0.1 * sigma**2 and gaps[1][0] < gaps[1][1] / 3


def test_leaving_one_out_of_ridge_needs_one_fit(problem):
    x, y = problem
    n, d = x.shape
    strength = 0.8 * np.eye(d)
    hat = x @ np.linalg.solve(x.T @ x + strength, x.T)
    quick = (y - hat @ y) / (1 - np.diag(hat))
    share = np.linalg.svd(x, compute_uv=False) ** 2
    assert np.trace(hat) == pytest.approx((share / (share + 0.8)).sum(), rel=1e-9)
    for i in range(n):
        a, b = np.delete(x, i, axis=0), np.delete(y, i)
        w = np.linalg.solve(a.T @ a + strength, a.T @ b)
        assert quick[i] == pytest.approx(y[i] - x[i] @ w, rel=1e-9)
