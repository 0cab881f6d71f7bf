"""The machine of signals through depth draws and computes what dlcore does; pictures are Axes."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import init
from dlcore.figures.page import show
from dlcore.scratch.mlp import MLP


@pytest.fixture
def machine(opened):  # noqa: F811
    return opened(init.signal(depth=6, width=16))


def set_to(tab, activation="relu", weights="independent", **sliders):
    for name in (activation, weights):
        tab.get_by_role("button", name=name, exact=True).click()
    for name, value in sliders.items():
        tab.get_by_label(name, exact=True).and_(tab.get_by_role("slider")).fill(str(value))
    return tab.evaluate(STATE)


def same_signals(state, rtol):
    found = init.start(
        state["width"], state["depth"], state["gain"], state["weights"], state["seed"]
    )
    a, back = init.signals(*found, state["activation"])
    np.testing.assert_allclose(state["forward"], init.rms(a), rtol=rtol)
    np.testing.assert_allclose(state["backward"], init.rms(back), rtol=rtol)
    top = a[-1][:2] / np.linalg.norm(a[-1][:2], axis=1, keepdims=True)
    assert state["cosine"] == pytest.approx(top[0] @ top[1], abs=max(rtol, 1e-12))


@pytest.mark.parametrize("weights", ["independent", "orthogonal"])
@pytest.mark.parametrize(
    ("activation", "gain", "depth", "width"),
    [("relu", 1.41, 50, 3), ("identity", 1.0, 40, 3), ("tanh", 1.0, 50, 2)]
    + [("sigmoid", 1.0, 20, 3), ("relu", 2.5, 30, 1), ("tanh", 0.5, 9, 0)],
)
def test_the_machine_computes_what_dlcore_does(machine, weights, activation, gain, depth, width):
    state = set_to(machine, activation, weights, gain=gain, depth=depth, width=width)
    assert (state["activation"], state["weights"], state["gain"]) == (activation, weights, gain)
    assert (state["depth"], state["width"]) == (depth, 8 * 2**width)
    same_signals(state, 1e-12)


def test_a_chaotic_net_multiplies_the_rounding_of_two_tanhs_and_still_agrees_to_1e_6(machine):
    same_signals(set_to(machine, "tanh", gain=2.5, depth=30, width=3), 1e-6)


def test_the_histograms_count_every_activation_once(machine):
    state = set_to(machine, "tanh", gain=1.0, depth=20, width=2)
    a, _ = init.signals(*init.start(32, 20, 1.0), "tanh")
    assert state["layers"] == [0, 5, 10, 15, 20]
    for layer, counts in zip(state["layers"], state["counts"], strict=True):
        wanted, _ = np.histogram(np.clip(a[layer], -3, 2.999), 25, (-3, 3))
        assert counts == wanted.tolist() and sum(counts) == 32 * 32


def test_buttons_set_the_two_gains_and_draw_other_weights(machine):
    machine.get_by_role("button", name="gain √2").click()
    first = machine.evaluate(STATE)
    assert first["gain"] == 2**0.5 and machine.get_by_label("gain", exact=True).count()
    machine.get_by_role("button", name="other weights").click()
    second = machine.evaluate(STATE)
    assert second["seed"] == 1 and second["forward"] != first["forward"]
    same_signals(second, 1e-12)


def test_the_keyboard_makes_the_net_deeper(machine):
    machine.get_by_label("depth").focus()
    machine.keyboard.press("ArrowRight")
    assert len(machine.evaluate(STATE)["forward"]) == 8


def test_a_net_that_overflows_or_dies_is_still_drawn(machine):
    state = set_to(machine, "relu", gain=0.3, depth=50, width=0)
    assert state["forward"][-1] < 1e-20
    assert set_to(machine, "identity", gain=3, depth=50, width=3)["forward"][-1] > 1e20


def test_the_signals_are_those_of_the_multilayer_perceptron():
    x, dy, weights = init.start(16, 5, 1.3, seed=2)
    a, back = init.signals(x, dy, weights, "tanh")
    model = MLP([16] * 7, "tanh", np.random.default_rng(0), float)
    model.params[:12:2] = [*weights, np.eye(16)]
    model.forward(x)
    grads = model.backward(dy)
    for l in range(1, 6):
        np.testing.assert_allclose(model.a[l], a[l], rtol=1e-12)
        delta = back[l] * (1 - a[l] ** 2)
        np.testing.assert_allclose(grads[2 * l - 2], delta.T @ a[l - 1], rtol=1e-9, atol=1e-12)


def test_the_draws_have_mean_zero_variance_one_and_no_order():
    u = init.draws(3, 0, (200_000,))
    assert abs(u.mean()) < 0.01 and abs(u.var() - 1) < 0.01 and np.abs(u).max() <= 3**0.5
    assert abs(np.mean(u[1:] * u[:-1])) < 0.01
    np.testing.assert_array_equal(init.draws(3, 500, (7,)), u[500:507])
    assert abs(np.mean(u[:1000] * init.draws(4, 0, (1000,)))) < 0.1


def test_the_pictures_are_axes_and_small(rng):
    shown = [
        init.by_layer({"a": np.ones(5), "b": np.arange(1.0, 6)}),
        init.spectra({"a": {1: np.ones(4)}, "b": {1: np.ones(4), 2: np.ones(4)}}),
        init.twins(np.zeros((5, 3)), rng.normal(size=(5, 3))),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    assert all(len(html(show(axes, "something"))) < 300_000 for axes in shown)
    assert len(html(init.signal())) < 300_000
