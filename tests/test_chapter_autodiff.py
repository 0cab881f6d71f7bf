"""What the chapter on automatic differentiation states and no other test shows."""

import numpy as np
import pytest

from dlcore.scratch.autodiff import Tensor, grad, hessian_vector_product

EPS = 2.0**-53
FUNCTIONS = {  # f, and at x: bounds on |f|, |f''|, |f'''| within 0.1, and f'
    "exp": (np.exp, 1.0, (3.01, 3.01, 3.01), np.exp(1.0)),
    "sin": (np.sin, 0.7, (0.72, 0.72, 0.83), np.cos(0.7)),
    "cube": (lambda x: x * x * x, -2.0, (9.3, 12.7, 6.0), 12.0),
}


def program(rng, steps):
    """A random graph: its inputs, and its result made of sums and products of earlier values."""
    made = [Tensor(rng.uniform(0.5, 1.5, size=()), requires_grad=True) for _ in range(3)]
    inputs = made[:]
    for _ in range(steps):
        a, b = (made[i] for i in rng.integers(max(0, len(made) - 4), len(made), size=2))
        made.append(a * b if rng.random() < 0.4 else a + b)
    return inputs, made[-1]


def over_paths(node, product, found):
    """Adds the product of the local slopes on every path to the variable where it ends."""
    if node.f_vjp is None:
        found[node] = found.get(node, 0.0) + product
        return
    values = [x.data for x in node.inputs]
    for x, slope in zip(node.inputs, node.f_vjp(np.ones(()), node.data, *values), strict=True):
        over_paths(x, product * slope, found)


@pytest.mark.parametrize("seed", range(6))
def test_the_gradient_is_the_sum_over_all_paths(seed):
    inputs, y = program(np.random.default_rng(seed), steps=10)
    found = {}
    over_paths(y, 1.0, found)
    y.backward(keep=True)
    for x in inputs:
        wanted = 0.0 if x.grad is None else x.grad
        np.testing.assert_allclose(found.get(x, 0.0), wanted, rtol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_differences_stay_within_the_bounds_of_the_theorem(name):
    f, x, (size, bend, twist), slope = FUNCTIONS[name]
    h = 2.0 ** -np.arange(4, 45)  # powers of two: x + h and the division are exact
    forward = abs((f(x + h) - f(x)) / h - slope)
    central = abs((f(x + h) - f(x - h)) / (2 * h) - slope)
    eps = 2 * EPS  # exp and sin round a little more than once
    exact = abs((x + h) - x - h) == 0
    assert exact.sum() > 30
    assert (forward <= bend / 2 * h + 2 * eps * size / h)[exact].all()
    assert (central <= twist / 6 * h**2 + eps * size / h)[exact].all()


def test_a_random_cotangent_misses_a_mistake_no_more_often_than_the_theorem_says(rng):
    error, v = rng.normal(size=(5, 7)), rng.normal(size=7)
    seen = abs(rng.normal(size=(200_000, 5)) @ error @ v) / np.linalg.norm(error @ v)
    for delta in (0.3, 0.1, 0.01):
        share = (seen <= delta).mean()
        assert 0.7 * delta < share < 0.83 * delta


def test_hessian_vector_products_give_a_symmetric_matrix(rng):
    def f(x):
        return ((x * x).exp() * x[::-1]).sum() + (x[:2] * x[2:]).sum() ** 3

    x = rng.normal(size=4) * 0.5
    hessian = np.stack([hessian_vector_product(f, x, e) for e in np.eye(4)])
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12, atol=1e-13)
    for i, e in enumerate(1e-5 * np.eye(4)):
        column = (grad(f)(x + e)[0] - grad(f)(x - e)[0]) / 2e-5
        np.testing.assert_allclose(hessian[i], column, rtol=1e-6, atol=1e-8)
