"""Claims of the source texts about training: backpropagation, starting weights, steps, batches."""

from decimal import Decimal

import numpy as np
import pytest
import torch

from dlcore.data import minibatches
from dlcore.scratch import arithmetic  # noqa: F401 - it gives tensors their operators
from dlcore.scratch.activations import sigmoid, sigmoid_vjp
from dlcore.scratch.autodiff import grad
from dlcore.scratch.init import xavier_normal, xavier_uniform
from dlcore.scratch.losses import zero_one_loss
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD, Adam
from dlcore.scratch.regression import LinearRegression, mse


class Example:
    """The network of the backpropagation example: inputs 0.35 and 0.9, target 0.5, no biases."""

    x, target = np.array([[0.35, 0.9]]), 0.5

    def __init__(self):
        self.net = MLP([2, 2, 1], "sigmoid", np.random.default_rng(0), dtype=float)
        hidden, out = self.weights = self.net.params[::2]
        hidden[...], out[...] = [[0.1, 0.8], [0.4, 0.6]], [[0.3, 0.9]]

    def forward(self):
        """The output y and the error E = (y - t)² / 2."""
        self.y = sigmoid(self.net.forward(self.x))
        return self.y.item(), ((self.y - self.target) ** 2 / 2).item()

    def grads(self):
        """Those of the two weight matrices, hidden and out."""
        return self.net.backward(sigmoid_vjp(self.y - self.target, self.y, self.net.z[-1]))[::2]


@pytest.fixture
def example():
    example = Example()
    example.before = example.forward()
    return example


@pytest.mark.parametrize(
    ("layer", "unit", "z", "rounded", "wanted"),
    [
        pytest.param(1, 0, 0.755, 0.68, 0.6802671966986485, id="C003-20"),
        pytest.param(1, 1, 0.68, 0.6637, 0.6637386974043528, id="C003-21"),
        pytest.param(2, 0, 0.801444986673512, 0.69, 0.6902834929076443, id="C003-22"),
    ],
)
def test_the_forward_pass_of_the_worked_example(example, layer, unit, z, rounded, wanted):
    found = example.net.z[layer][0, unit]
    np.testing.assert_allclose([found, sigmoid(found)], [z, wanted], rtol=1e-14)
    digits = len(str(rounded)) - 2
    assert round(float(sigmoid(found)), digits) == rounded


def test_the_printed_input_of_the_last_neuron_comes_from_rounded_outputs(example):
    """C003-22: 0.3 · 0.68 + 0.9 · 0.6637 = 0.80133."""
    h = np.array([round(float(h), n) for h, n in zip(example.net.a[1][0], (2, 4))])
    np.testing.assert_allclose(h @ example.weights[1][0], 0.80133, rtol=1e-12)


@pytest.mark.parametrize(
    ("unit", "old", "h", "wanted", "product", "printed"),
    [
        pytest.param(0, 0.3, 0.68, 0.27232596506128215, 0.27236412, 0.272392, id="C003-23"),
        pytest.param(1, 0.9, 0.6637, 0.8729983630089926, 0.873027, 0.87305, id="C003-24"),
    ],
)
def test_the_new_output_weights_of_the_example(example, unit, old, h, wanted, product, printed):
    SGD(example.weights, lr=1.0).step(example.grads())
    new = example.weights[1][0, unit]
    np.testing.assert_allclose(new, wanted, rtol=1e-14)
    assert abs(new - printed) > 5e-5  # a misprint: it is neither this
    assert old - (0.69 - 0.5) * 0.69 * (1 - 0.69) * h == pytest.approx(product, abs=5e-7)
    assert abs(product - printed) > 2e-5  # nor the printed product
    delta = round((0.69 - 0.5) * 0.69 * (1 - 0.69), 4)
    assert old - delta * h == pytest.approx(printed, abs=5e-6)  # but one with δ = 0.0406


HIDDEN = [[0.09907092883919034, 0.7976109598722038], [0.39713992422755456, 0.592645519442283]]


def test_the_new_hidden_weights_of_the_example(example):
    """C003-25: w3, w4, w5, w6, with the old output weights, as automatic differentiation does."""
    x, w1, w2 = (torch.tensor(a) for a in (example.x, *example.weights))
    own = w1.clone().requires_grad_()
    y = torch.sigmoid(torch.sigmoid(x @ own.T) @ w2.T)
    ((y - example.target) ** 2 / 2).sum().backward()
    SGD(example.weights, lr=1.0).step(example.grads())
    np.testing.assert_allclose(example.weights[0], HIDDEN, rtol=1e-14)
    np.testing.assert_allclose(w1 - own.grad, HIDDEN, rtol=1e-14)


def test_taking_the_new_output_weights_first_gives_other_hidden_weights(example):
    """C003-25: what many solutions do is not the gradient."""
    SGD(example.weights[1:], lr=1.0).step(example.grads()[1:])
    SGD(example.weights[:1], lr=1.0).step(example.grads()[:1])
    other = [[0.0991566, 0.7978313], [0.3972257, 0.5928662]]
    np.testing.assert_allclose(example.weights[0], other, atol=5e-8)
    assert abs(example.weights[0] - HIDDEN).min() > 8e-5


def test_one_step_lowers_the_error_of_the_example(example):
    """C003-26: the further forward pass."""
    SGD(example.weights, lr=1.0).step(example.grads())
    after = example.forward()
    np.testing.assert_allclose(example.before[1], 0.01810390383656677, rtol=1e-13)
    np.testing.assert_allclose(after, [0.6820185832642942, 0.016565382326770402], rtol=1e-13)


@pytest.mark.parametrize(
    ("f", "point", "wanted"),
    [
        pytest.param(lambda x: x**2 + 3, [5.0], [10], id="C003-14"),
        pytest.param(lambda x, y: x**2 * y, [0.5, 0.5], [0.5, 0.25], id="C003-15"),
    ],
)
def test_the_derivative_of_the_text_is_the_one_of_the_engine(f, point, wanted):
    np.testing.assert_allclose(grad(f)(*np.array(point)), wanted, rtol=1e-14)


@pytest.mark.parametrize(
    ("init", "largest"),
    [
        pytest.param(xavier_normal, np.inf, id="C001-37"),
        pytest.param(xavier_uniform, (6 / 400) ** 0.5, id="C001-38"),
    ],
)
def test_xavier_weights_from_300_to_100_have_variance_five_thousandths(init, largest, rng):
    w = np.stack([init((100, 300), rng, float) for _ in range(10)])
    assert w.var() == pytest.approx(0.005, rel=0.015)
    assert w.mean() == pytest.approx(0, abs=5e-4)
    assert 0.99 * min(largest, 0.3) < abs(w).max() <= largest


def test_factors_without_eigenvalues_can_have_a_product_with_a_large_one():
    """C001-39: eigenvalues of the factors do not tell whether a product vanishes."""
    a, b = np.array([[0, 2.0], [0, 0]]), np.array([[0, 0], [2.0, 0]])
    assert np.linalg.eigvals(a).tolist() == np.linalg.eigvals(b).tolist() == [0, 0]
    assert abs(np.linalg.eigvals(a @ b)).max() == 4
    assert np.linalg.norm(a, 2) == np.linalg.norm(b, 2) == 2  # the singular values knew


def test_an_epoch_of_60000_in_batches_of_128_has_469_steps(rng):
    """C001-42, C002-30: the last batch holds 96; with a fifth held out there are 375."""
    sizes = [len(rows) for rows in minibatches(60000, 128, 1, rng)]
    assert len(sizes) == 469 and sizes[-1] == 96
    assert set(sizes[:-1]) == {128}
    assert len(list(minibatches(60000 - 60000 // 5, 128, 1, rng))) == 375


def forward_differences(f, theta, step=1e-6):
    """The gradient of f, one nudged parameter after the other, from f(θ) and f(θ + step eᵢ)."""
    start = f(theta)
    return np.array([f(theta + nudge) - start for nudge in step * np.eye(len(theta))]) / step


def test_forward_differences_need_a_loss_a_parameter_and_one_more(rng):
    """C001-51: 235,147 evaluations for the MLP on MNIST."""
    theta, calls = rng.normal(size=7), []

    def loss(theta):
        calls.append(1)
        return theta @ theta / 2

    np.testing.assert_allclose(forward_differences(loss, theta), theta, atol=1e-5)
    extra = len(calls) - theta.size
    mnist = sum(p.size for p in MLP([784, 256, 128, 10], "relu", rng).params)
    assert mnist + extra == 235147


def test_a_million_independent_upward_directions_are_as_good_as_impossible():
    """C001-60: 0.9^(10^6) is 10^-45757.5, but with p = 1, "any non-zero p", it is 1."""
    found = Decimal("0.9") ** 10**6
    assert float(found.log10()) == pytest.approx(-45757.49056, abs=5e-6)
    assert Decimal(1) ** 10**6 == 1


def test_the_first_step_of_adam_is_alpha_whatever_the_gradient():
    """C001-63: the printed update, with ∇L a second time and uncorrected, takes other steps."""
    g, alpha = np.array([10, 0.01]), 1e-3
    theta, own = np.zeros(2), torch.zeros(2, dtype=torch.float64)
    Adam([theta], lr=alpha).step([g])
    own.grad = torch.tensor(g)
    torch.optim.Adam([own], lr=alpha).step()
    np.testing.assert_allclose(-theta, [0.001, 0.001], rtol=2e-6)
    np.testing.assert_allclose(own, theta, rtol=1e-12)
    v, s = (1 - 0.9) * g, (1 - 0.999) * g * g
    printed = alpha * v / (np.sqrt(s) + 1e-8) * g
    np.testing.assert_allclose(printed, [3.16e-2, 3.16e-5], rtol=2e-3)


def test_the_test_error_peaks_where_parameters_meet_data():
    """C001-65: least squares of least norm on 40 examples, with p parameters, one the bias."""
    counts, errors = [5, 20, 40, 100, 200], []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        x, theta = rng.normal(size=(540, 199)), rng.normal(size=199) / 199**0.5
        y = x @ theta + 0.3 * rng.normal(size=540)
        errors.append([])
        for p in counts:
            model = LinearRegression(p - 1)
            model.fit_exactly(x[:40, : p - 1], y[:40])
            assert model.w.size + model.b.size == p
            errors[-1].append(mse(y[40:], model.predict(x[40:, : p - 1])))
    median = np.median(errors, axis=0)
    assert counts[median.argmax()] == 40
    assert median[2] > 5 * median[[0, 1, 3, 4]].max()


def test_gradients_explode_through_a_hundred_identity_skips():
    """C001-78: blocks x + F(x) with F' = 0.1 multiply a gradient by 1.1^100; F' = 0 keeps it."""

    def blocks(slope):
        def chain(x):
            for _ in range(100):
                x = x + slope * x
            return x

        return grad(chain)(np.array(1.0))[0]

    np.testing.assert_allclose(blocks(0.1), 13780.6123, rtol=5e-9)
    assert blocks(0.0) == 1


def descend(eta):
    x = np.array([1.0])
    for _ in range(50):
        SGD([x], lr=eta).step([x.copy()])
    return x.item()


def test_a_lipschitz_gradient_is_not_enough_for_descent():
    """C002-07: on x²/2, η must stay below 2; on -x no η helps, as it has no lowest value."""
    np.testing.assert_allclose(descend(2.1), 117.39085288, rtol=1e-10)
    assert abs(descend(1.9)) < 0.01
    x = np.array([0.0])
    for _ in range(1000):
        SGD([x], lr=0.1).step([-np.ones(1)])
    assert x.item() == pytest.approx(100)  # and the gradient is -1 still


def test_twenty_mistakes_in_ten_thousand_are_a_fifth_of_a_percent(rng):
    """C002-36: the arithmetic of the human error on MNIST."""
    labels = rng.integers(0, 10, 10000)
    logits = np.eye(10)[labels]
    wrong = rng.permutation(10000)[:20]
    logits[wrong] = np.roll(logits[wrong], 1, axis=1)
    assert zero_one_loss(logits, labels) == pytest.approx(0.002, rel=1e-12)
    assert (logits.argmax(axis=1) != labels).sum() == 20
