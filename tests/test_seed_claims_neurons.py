"""Claims of the source texts about neurons: perceptrons, activations, approximation, softmax."""

import numpy as np
import pytest
import torch

from dlcore.scratch import activations as act
from dlcore.scratch.classification import SoftmaxRegression
from dlcore.scratch.losses import cross_entropy, entropy
from dlcore.scratch.mlp import MLP
from dlcore.scratch.perceptron import Perceptron
from dlcore.scratch.softmax import logsumexp, softmax

SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def signed_perceptron(gate, eta):
    """Rosenblatt's rule with labels ±1, ŷ = +1 where w · x + b ≥ 0: epochs, and (w, b) of each."""
    theta, history = np.zeros(3), []
    for _ in range(100):
        mistakes = 0
        for x, y in zip(np.c_[SQUARE, np.ones(4)], 2 * np.array(GATES[gate]) - 1):
            guess = 1 if theta @ x >= 0 else -1
            theta = theta + eta * (y - guess) * x
            mistakes += guess != y
        history.append(tuple(theta))
        if mistakes == 0:
            return len(history), history
    return None, history


@pytest.mark.parametrize(("gate", "epochs"), [("AND", 6), ("OR", 4), ("XOR", None)])
def test_the_perceptron_learns_and_in_6_epochs_or_in_4_and_xor_never(gate, epochs):
    """C001-31, C003-04: the rule w += η (y - ŷ) x, b += η (y - ŷ), with labels 0, 1 and with ±1."""
    mistakes = Perceptron(2).fit(SQUARE, GATES[gate], epochs=100)
    assert (len(mistakes) if mistakes[-1] == 0 else None) == epochs
    assert signed_perceptron(gate, eta=0.5)[0] == epochs
    assert signed_perceptron(gate, eta=0.25)[0] == epochs


def test_on_xor_the_perceptron_runs_in_a_cycle():
    """C001-31: it never ends because the weights come back, epoch after epoch."""
    _, history = signed_perceptron("XOR", eta=0.5)
    assert len(history) == 100 and len(set(history)) < 10
    assert history[-1] in history[:-1]


@pytest.mark.parametrize(
    ("steps", "sizes", "shape"),
    [
        pytest.param(120, [2, 1], (14400, 2), id="C001-28"),
        pytest.param(200, [2, 400, 1], (40000, 400), id="C001-32"),
    ],
)
def test_a_grid_of_points_meets_the_last_weights_in_this_shape(steps, sizes, shape, rng):
    side = np.linspace(-1, 1, steps, dtype=np.float32)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    net = MLP(sizes, "relu", rng)
    net.forward(points)
    assert net.a[-1].shape == shape


def test_two_relus_make_xor_separable():
    """C002-42: a = ReLU(x1 + x2 - 1.5), ReLU(-x1 - x2 + 0.5), then v = (-2, -2) and c = 1."""
    net = MLP([2, 2, 1], "relu", np.random.default_rng(0), dtype=float)
    values = [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]
    for p, value in zip(net.params, values):
        p[...] = value
    assert net.forward(SQUARE).ravel().tolist() == [0, 1, 1, 0]
    assert net.a[1].tolist() == [[0, 0.5], [0, 0], [0, 0], [0.5, 0]]


def test_a_network_of_two_two_and_one_neurons_has_9_parameters(rng):
    """C003-08: θ0 to θ8."""
    assert sum(p.size for p in MLP([2, 2, 1], "sigmoid", rng).params) == 9


def six_relus(x):
    """Z = -n1 - n2 - n3 + n4 + n5 + n6, a hidden layer of six ReLUs."""
    w, b = [-5, -1.2, 1.2, 1.2, 2, 5], [-7.7, -1.3, 1, -0.2, -1.1, -5]
    return act.relu(np.multiply.outer(x, w) + b) @ [-1, -1, -1, 1, 1, 1]


def test_six_relus_follow_a_cubic_to_within_a_third():
    """C003-13: the target x³ + x² - x - 1 fits between -1.75 and 1.5; x³ - x does not."""
    np.testing.assert_allclose(six_relus(np.array([-1, 0, 1, 1.5])), [0, -1, -0.3, 3.2], atol=1e-12)

    def gap(low, high, target):
        x = np.linspace(low, high, 100001)
        return abs(six_relus(x) - target(x)).max()

    cubic = lambda x: x**3 + x**2 - x - 1
    np.testing.assert_allclose(gap(-1.75, 1.5, cubic), 0.303125, rtol=1e-9)
    assert gap(-1.5, 1.5, cubic) == pytest.approx(0.3, abs=0.005)
    assert gap(-2, 2, cubic) == pytest.approx(2.3, abs=0.05)
    assert gap(-1.75, 1.5, lambda x: x**3 - x) > 1.7


def test_a_taylor_series_can_miss_its_function_altogether():
    """C000-04: all derivatives of exp(-1/x²) vanish at 0, so the series is 0 and errs by 0.3679."""
    f = lambda x: np.exp(-1 / x**2)
    # With u = 1/x the n-th derivative is P(u) exp(-u²), and P becomes 2 u³ P - u² P'.
    p, near = np.polynomial.Polynomial([1.0]), 1 / 20
    u = np.polynomial.Polynomial([0, 1])
    for n in range(12):
        taylor = p(1 / near) * f(near) / np.prod(np.arange(1, n + 1, dtype=float))
        assert abs(taylor) < 1e-120
        p = 2 * u**3 * p - u**2 * p.deriv()
    assert p.degree() == 36
    np.testing.assert_allclose(f(1.0) - 0, 0.36787944117144233, rtol=1e-15)


def test_other_polynomials_come_as_close_to_it_as_one_likes():
    """C000-04, corrected: Weierstrass promises polynomials, though not the Taylor series."""
    x = np.linspace(-1, 1, 2000)  # an even number, so that 0 is not among them
    wanted = np.exp(-1 / x**2)

    def f(x):
        return np.exp(-1 / np.maximum(x * x, 1e-9))

    gaps = [abs(np.polynomial.Chebyshev.interpolate(f, n)(x) - wanted).max() for n in (10, 30, 90)]
    assert gaps[0] > 10 * gaps[1] > 100 * gaps[2] and gaps[2] < 1e-5


def test_the_slope_of_the_sigmoid_is_at_most_a_quarter():
    """C004-21: the largest derivative is 0.25, at 0."""
    x = np.linspace(-8, 8, 16001)
    slope = act.sigmoid_vjp(1.0, act.sigmoid(x), x)
    assert slope.max() == 0.25 and abs(x[slope.argmax()]) < 1e-12
    assert act.sigmoid(x).min() > 0  # so outputs are not centred on zero


def test_the_tanh_form_of_gelu_is_off_by_half_a_thousandth():
    """C004-24: the largest gap to x Φ(x)."""
    x = np.linspace(-6, 6, 600001)
    gap = abs(act.gelu(x) - torch.nn.functional.gelu(torch.tensor(x)).numpy())
    np.testing.assert_allclose(gap.max(), 0.000473235519323335, rtol=1e-8)


def test_mish_has_slope_three_fifths_at_the_origin_and_one_far_out():
    """C004-26: "approximates identity near the origin" is wrong."""
    at = lambda x: act.mish_vjp(1.0, act.mish(x), x)
    np.testing.assert_allclose(at(0.0), 0.6, rtol=1e-15)
    np.testing.assert_allclose(act.mish(0.1), 0.0632, atol=5e-5)
    assert abs(act.mish(0.1) - 0.1) > 0.03
    np.testing.assert_allclose(act.mish(30.0), 30, rtol=1e-12)


def test_softmax_regression_of_4_features_and_3_classes_has_15_parameters():
    """C004-09: W in R^{3×4} and b in R³."""
    model = SoftmaxRegression(4, 3)
    assert model.w.shape == (3, 4) and model.b.shape == (3,)
    assert model.w.size + model.b.size == 15


@pytest.mark.parametrize(
    ("temperature", "wanted"),
    [
        pytest.param(0.1, 0.00049949, id="C004-10: cold"),
        pytest.param(1.0, 0.84673818, id="C004-10: warm"),
        pytest.param(10.0, 1.09559798, id="C004-10: hot"),
    ],
)
def test_a_higher_temperature_flattens_the_softmax_towards_log_3(temperature, wanted):
    found = entropy(softmax(np.array([2, 1, 0.1]), temperature))
    np.testing.assert_allclose(found, wanted, atol=5e-9)
    assert found < np.log(3) == pytest.approx(1.0986, abs=5e-5)


def test_cross_entropy_is_log_sum_exp_minus_the_score_not_the_log_of_its_inverse(rng):
    """C004-14: the printed log(1/Σ exp(o)) - Σ y o is wrong by twice the log-sum-exp."""
    o = rng.normal(size=4)
    y = np.eye(4)[o.argmax()]
    loss = cross_entropy(o[None], y[None])
    np.testing.assert_allclose(np.log(np.exp(o).sum()) - y @ o, loss, rtol=1e-12)
    own = torch.nn.functional.cross_entropy(torch.tensor(o), torch.tensor(y))
    np.testing.assert_allclose(loss, own, rtol=1e-12)
    printed = np.log(1 / np.exp(o).sum()) - y @ o
    np.testing.assert_allclose(loss - printed, 2 * logsumexp(o), rtol=1e-12)
    assert printed < 0 < loss


def test_log_sum_exp_lies_above_the_maximum_by_log_q_at_most(rng):
    """C004-16: max(o) < LSE(o) ≤ max(o) + log q, with equality when all are equal."""
    o = 3 * rng.normal(size=(1000, 10))
    excess = logsumexp(o) - o.max(axis=1)
    assert (excess > 0).all() and (excess < np.log(10)).all()
    np.testing.assert_allclose(logsumexp(np.full(10, 7.0)) - 7, 2.302585092994046, rtol=1e-14)
