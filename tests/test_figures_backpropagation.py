"""The backpropagation machine computes what dlcore does; its pictures are described Axes."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import backpropagation as pictures
from dlcore.figures.page import show
from dlcore.scratch.activations import sigmoid, sigmoid_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD

HIDDEN, OUT = np.array([[0.1, 0.8], [0.4, 0.6]]), np.array([[0.3, 0.9]])


@pytest.fixture
def machine(opened):  # noqa: F811
    return opened(pictures.passes([0.35, 0.9], HIDDEN, OUT, target=0.5))


def click(tab, name, times=1):
    for _ in range(times):
        tab.get_by_role("button", name=name, exact=True).click()
    return tab.evaluate(STATE)


class Net:
    """The network of the machine in dlcore, without biases."""

    def __init__(self, hidden, out):
        self.mlp = MLP((2, 2, 1), "sigmoid", np.random.default_rng(0), np.float64)
        self.mlp.params[0][:], self.mlp.params[2][:] = hidden, out

    def pass_both_ways(self, x, target):
        """y, E, δ of the output, and gradients in the order w1 … w6."""
        logits = self.mlp.forward(np.array([x]))
        y = sigmoid(logits)
        delta = sigmoid_vjp(y - target, y, logits)
        self.grads = self.mlp.backward(delta)[::2]
        hidden, out = self.grads
        return y.item(), ((y - target) ** 2 / 2).item(), delta.item(), [*out.flat, *hidden.flat]

    def update(self, rate):
        SGD(self.mlp.params[::2], lr=rate).step(self.grads)


def assert_same(state, net):
    y, error, delta, grads = net.pass_both_ways(state["x"], state["t"])
    close = {"rtol": 1e-12, "atol": 1e-16}
    np.testing.assert_allclose([state["y"], state["E"], state["delta"]], [y, error, delta], **close)
    np.testing.assert_allclose(state["z"], net.mlp.z[1][0], **close)
    np.testing.assert_allclose(state["h"], net.mlp.a[1][0], **close)
    np.testing.assert_allclose(state["out"], net.mlp.z[2].item(), **close)
    np.testing.assert_allclose(state["grads"], grads, **close)
    bias = net.mlp.backward(np.array([[delta]]))[1]  # the gradient of a bias is its δ
    np.testing.assert_allclose(state["deltas"], bias, **close)
    np.testing.assert_allclose(state["measured"], grads, rtol=1e-5, atol=1e-9)


def test_passes_and_updates_of_the_machine_are_those_of_dlcore(machine):
    net = Net(HIDDEN, OUT)
    state = machine.evaluate(STATE)
    for _ in range(4):
        assert_same(state, net)
        net.update(rate=1.0)
        state = click(machine, "update")
    assert len(state["errors"]) == 4 and sorted(state["errors"], reverse=True) == state["errors"]
    for _ in range(100):
        net.pass_both_ways(state["x"], state["t"])
        net.update(rate=1.0)
    assert_same(click(machine, "100 updates"), net)


def test_numbers_that_the_reader_types_are_computed_with(machine):
    typed = {"input A": "-1.5", "input B": "2", "target": "0.9", "rate": "3", "weight w₄": "-0.7"}
    for name, value in (typed | {"weight w₁": "2.5"}).items():
        machine.get_by_label(name, exact=True).fill(value)
    net = Net([[0.1, -0.7], [0.4, 0.6]], [[2.5, 0.9]])
    assert_same(machine.evaluate(STATE), net)
    net.update(rate=3.0)
    assert_same(click(machine, "update"), net)
    machine.get_by_label("target", exact=True).fill("")  # half-typed: the last number stays
    assert machine.evaluate(STATE)["t"] == 0.9
    assert click(machine, "start again")["w"] == [0.3, 0.9, 0.1, 0.8, 0.4, 0.6]


def test_the_steps_show_the_numbers_of_the_worked_example_one_by_one(machine):
    seen = []
    for stage in range(1, 11):
        assert click(machine, "step")["stage"] == stage
        seen.append(machine.locator(".readout").inner_text())
    shown = ["0.755", "0.664", "0.801", "0.690", "0.0181", "0.0407", "0.0277", "0.0122", "0.00265"]
    for text, number in zip(seen, shown):
        assert number in text, (text, number)
    assert "∂E/∂w₃ = δ₁A = 0.000929" in seen[-1]
    assert machine.get_by_role("button", name="step", exact=True).is_disabled()
    assert click(machine, "back")["stage"] == 9
    drawn = machine.locator("svg").text_content()
    assert "δ 0.00265" in drawn and "w₄ 0.800" in drawn


def test_the_common_mistake_gives_the_hidden_weights_of_the_wrong_order(machine):
    machine.get_by_label("a common mistake").check()
    state = click(machine, "update")
    np.testing.assert_allclose(
        state["w"][2:], [0.0991566, 0.7978313, 0.3972257, 0.5928662], atol=5e-8
    )
    np.testing.assert_allclose(state["w"][:2], [0.2723260, 0.8729984], atol=5e-8)


def test_every_picture_of_backpropagation_is_axes_and_small():
    steps = np.logspace(-8, 0, 5)
    shown = [
        pictures.network(np.array([0.35, 0.9]), HIDDEN, OUT),
        pictures.check_errors(steps, {"a": steps, "b": 1 / steps}),
        pictures.error_sizes({"a": [1.0, 0.5], "b": [0.1, 0.2]}),
        pictures.work(["a", "b"], {"forward": np.ones(2), "backward": np.ones(2)}),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    assert all(len(html(show(axes, "something"))) < 300_000 for axes in shown)
    assert len(html(pictures.passes([0.35, 0.9], HIDDEN, OUT, 0.5))) < 300_000


def test_weights_of_another_shape_are_named_in_the_error():
    with pytest.raises(ValueError, match=r"x must be \(2\), .* got \(3,\), \(2, 2\) and \(1, 2\)"):
        pictures.passes([1, 2, 3], HIDDEN, OUT, 0.5)
