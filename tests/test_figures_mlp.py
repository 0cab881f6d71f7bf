"""The playground and the explorer of activations compute what dlcore does; pictures are Axes."""

import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import activations, mlp
from dlcore.figures.page import show
from dlcore.scratch import activations as act
from dlcore.scratch.losses import binary_cross_entropy, binary_cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD

SETS = {name: mlp.examples(name) for name in ("rings", "xor", "moons", "spiral")}


@pytest.fixture
def machine(opened):  # noqa: F811
    return opened(mlp.playground(SETS))


def press(tab, name, times=1):
    for _ in range(times):
        tab.get_by_role("button", name=name, exact=True).click()
    return tab.evaluate(STATE)


def trained(name, width, depth, activation, steps, rate=0.3, seed=0):
    x, labels = SETS[name]
    model = MLP((2, *[width] * depth, 1), activation, np.random.default_rng(seed), float)
    optimizer, losses = SGD(model.params, lr=rate), []
    for _ in range(steps):
        logits = model.forward(x)[:, 0]
        losses.append(binary_cross_entropy(logits, labels))
        slope = binary_cross_entropy_vjp(1.0, losses[-1], logits, labels)
        optimizer.step(model.backward(slope[:, None]))
    return model, losses


def same_net(state, model):
    assert state["sizes"] == [2, *[len(b) for b in model.params[1::2]]]
    for found, p in zip(state["params"], model.params, strict=True):
        np.testing.assert_allclose(np.reshape(found, p.shape), p, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "width", "depth", "activation"),
    [("rings", 3, 1, "tanh"), ("xor", 4, 2, "relu"), ("spiral", 8, 3, "tanh")]
    + [("moons", 5, 1, "sigmoid"), ("xor", 2, 3, "identity"), ("moons", 8, 1, "relu")],
)
def test_the_playground_trains_as_dlcore_does(machine, name, width, depth, activation):
    press(machine, name)
    press(machine, activation)
    machine.get_by_label("width").fill(str(width))
    machine.get_by_label("depth").fill(str(depth))
    same_net(machine.evaluate(STATE), trained(name, width, depth, activation, 0)[0])
    model, losses = trained(name, width, depth, activation, 201)
    press(machine, "100 steps", 2)
    state = press(machine, "1 step")
    same_net(state, model)
    np.testing.assert_allclose(state["losses"], losses, rtol=1e-12)
    logits, labels = model.forward(SETS[name][0])[:, 0], SETS[name][1]
    assert state["step"] == 201 and state["wrong"] == ((logits > 0) != labels).sum()
    assert state["loss"] == pytest.approx(binary_cross_entropy(logits, labels), rel=1e-12)


def test_another_rate_goes_on_and_other_weights_begin_again(machine):
    state = press(machine, "100 steps")
    machine.get_by_label("rate").fill("5")
    assert machine.evaluate(STATE)["params"] == state["params"]
    assert press(machine, "1 step")["step"] == 101
    state = press(machine, "other weights")
    assert (state["seed"], state["step"]) == (1, 0)
    same_net(state, trained("rings", 3, 1, "tanh", 0, seed=1)[0])


def test_a_hidden_unit_is_shown_as_its_value_over_the_plane(machine):
    press(machine, "100 steps")
    tile = machine.get_by_role("button", name="hidden layer 1, unit 2")
    tile.focus()
    machine.keyboard.press("Enter")
    assert machine.evaluate(STATE)["chosen"] == [1, 1]
    assert "unit 2: its value over the plane" in machine.locator(".dl-machine").inner_text()
    model, _ = trained("rings", 3, 1, "tanh", 100)
    cells = machine.evaluate(
        "[...document.querySelectorAll('button canvas')[1].getContext('2d')"
        ".getImageData(0, 0, 56, 56).data]"
    )
    line = (np.arange(56) + 0.5) / 28 * 3 - 3
    places = np.stack(np.meshgrid(line, -line), axis=-1).reshape(-1, 2)
    model.forward(places)
    t = model.a[1][:, 1:2]
    colours = 255 - 0.8 * abs(t) * (255 - np.where(t > 0, [230, 159, 0], [0, 114, 178]))
    found = np.array(cells).reshape(-1, 4)[:, :3]
    around = np.lib.stride_tricks.sliding_window_view(np.pad(t.reshape(56, 56), 2, "edge"), (5, 5))
    border = ((around.min((2, 3)) < 0) & (around.max((2, 3)) > 0)).ravel()  # a line is drawn there
    assert border.mean() < 0.15 and np.abs(found - colours)[~border].max() <= 0.51
    assert (found[border].max(axis=1) < 60).sum() > 30


def test_units_that_no_example_wakes_are_marked_dead(machine):
    press(machine, "relu")
    machine.get_by_label("width").fill("8")
    machine.get_by_label("rate").fill("5")
    press(machine, "other weights", 3)
    state = press(machine, "100 steps")
    model, _ = trained("rings", 8, 1, "relu", 100, rate=3, seed=3)
    model.forward(SETS["rings"][0])
    dead = np.flatnonzero((model.z[1] <= 0).all(axis=0))
    assert state["dead"] == [[1, j] for j in dead] and len(dead) >= 1
    assert machine.get_by_role("button", name=re.compile("dead")).count() == len(dead)


def test_play_trains_and_pauses_and_the_loss_falls(machine):
    first = machine.evaluate(STATE)["loss"]
    press(machine, "play")
    machine.wait_for_function(f"{STATE}.step > 30")
    state = press(machine, "pause")
    assert state["loss"] < first


def test_a_rate_that_is_too_large_is_said_and_stops_the_training(machine):
    press(machine, "identity")
    machine.get_by_label("depth").fill("3")
    machine.get_by_label("width").fill("8")
    machine.get_by_label("rate").fill("5")
    press(machine, "other weights", 2)
    press(machine, "play")
    machine.get_by_text("the loss is no longer finite").wait_for()
    assert machine.get_by_role("button", name="play", exact=True).is_visible()  # not "pause"


@pytest.mark.parametrize("name", activations.NAMES)
def test_the_explorer_computes_values_and_slopes_of_dlcore(opened, name):  # noqa: F811
    tab = opened(activations.explorer())
    press(tab, name.replace("_", " "))
    for z in (-6.0, -1.25, 0.0, 0.75, 2.0, 6.0):
        tab.get_by_label("z", exact=True).fill(str(z))
        state, at = tab.evaluate(STATE), np.array([z])
        assert state["value"] == pytest.approx(getattr(act, name)(at)[0], rel=1e-12, abs=1e-14)
        slope = activations.slope(name, at)[0]
        assert state["slope"] == pytest.approx(slope, rel=1e-10, abs=1e-15)
        assert state["through"] == pytest.approx(slope**10, rel=1e-9, abs=1e-300)
        assert state["flat"] == (abs(slope) < activations.FLAT)


def test_the_pictures_are_axes_and_small():
    x, labels = SETS["moons"]
    model, _ = trained("moons", 3, 1, "tanh", 20)
    shown = [mlp.answer(model, x, labels), *activations.curves(["relu", "tanh"])]
    assert all(isinstance(axes, Axes) for axes in shown)
    assert all(len(html(show(axes, "something"))) < 300_000 for axes in shown)
    assert len(html(mlp.playground(SETS))) < 300_000


def test_a_picture_of_values_is_blue_below_zero_and_orange_above():
    at = mlp.surface(
        mlp.grid(41)[:, 0], mlp.answer(trained("xor", 2, 1, "tanh", 0)[0], *SETS["xor"])
    )
    left, right = at.images[-1].get_array()[20, [1, 39]]
    assert left[2] > left[0] and right[0] > right[2]


def test_an_unknown_data_set_is_named_in_the_error():
    with pytest.raises(ValueError, match="name must be rings, xor, moons or spiral, got 'discs'"):
        mlp.examples("discs")
