"""What the chapter on optimization states about the optimizers, on bowls and on real losses."""

from functools import partial

import numpy as np
import pytest

from dlcore.figures.surfaces import slope, valleys, walk
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.optim import SGD, Adam


@pytest.mark.parametrize("kappa", [4.0, 100.0, 900.0])
def test_momentum_shrinks_every_curvature_by_the_root_of_beta(kappa):
    root = (kappa**0.5 - 1) / (kappa**0.5 + 1)
    curvatures = np.geomspace(1, kappa, 7)
    rate = 4 / (kappa**0.5 + 1) ** 2
    steps = int(12 / (1 - root))
    rule = partial(SGD, lr=rate, momentum=root**2)
    path = walk(np.ones(7), lambda t: curvatures * t, rule, steps)
    bound = (2 * kappa**0.5 + 2) * np.arange(1, steps + 2) * root ** np.arange(steps + 1)
    assert np.all(abs(path) <= bound[:, None])
    assert np.linalg.norm(path[-1]) > 1e-3 * root**steps  # and no faster


@pytest.mark.parametrize(("rate", "curvature"), [(0.05, 1.0), (0.3, 2.0), (0.9, 2.0)])
def test_noise_keeps_sgd_at_the_floor_of_the_formula(rng, rate, curvature):
    runs = np.zeros(50_000)
    rule = SGD([runs], lr=rate)
    for _ in range(150):
        rule.step([curvature * runs + 0.5 * rng.normal(size=runs.size)])
    floor = rate * 0.25 / (2 * (2 - rate * curvature))
    assert np.mean(curvature * runs**2 / 2) == pytest.approx(floor, rel=0.03)


def test_cross_entropy_lies_above_its_tangents_and_below_its_smoothness_bound(rng):
    x, labels = rng.normal(size=(30, 4)), rng.integers(3, size=30)
    smooth = np.linalg.eigvalsh(x.T @ x / 30)[-1] / 2
    for _ in range(50):
        a, b = rng.normal(size=(2, 3, 4)) * 3
        rise = cross_entropy(x @ b.T, labels) - cross_entropy(x @ a.T, labels)
        g = cross_entropy_vjp(1.0, None, x @ a.T, labels).T @ x
        above = rise - np.sum(g * (b - a))
        assert 0 <= above <= smooth / 2 * np.sum((b - a) ** 2)


def test_descent_comes_to_rest_only_where_the_curvature_allows_it(rng):
    rate = 0.3  # 2 / rate = 6.7, and the narrow valley has 40
    paths = [
        walk(start, slope(valleys), partial(SGD, lr=rate), 300)
        for start in rng.uniform(-2.5, 2.5, size=(30, 2))
    ]
    ends = [path[-1] for path in paths if np.linalg.norm(path[-1] - path[-2]) < 1e-9]
    assert len(ends) > 20
    np.testing.assert_allclose(ends, np.tile([-1.2, 0], (len(ends), 1)), atol=1e-6)


def test_adam_takes_the_same_walk_on_a_loss_times_a_thousand():
    def walked(scale):
        gradient = lambda t: scale * np.array([1, 9]) * t
        return walk([1.0, -2.0], gradient, partial(Adam, lr=0.1, eps=0), 50)

    np.testing.assert_allclose(walked(1.0), walked(1000.0), rtol=1e-9)
