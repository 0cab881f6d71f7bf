"""The machines of the perceptron compute what dlcore does; its pictures are described Axes."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy.optimize import minimize
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import perceptron as pictures
from dlcore.figures.page import show
from dlcore.scratch.activations import sigmoid
from dlcore.scratch.perceptron import Perceptron, margin, mistake_bound

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def cloud(gap, seed):
    """Examples on both sides of a random line, none nearer than `gap`, as the machine gets them."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.5, 2.5, size=(18, 2))
    score = (x - 0.5) @ [0.6, 0.8] + 0.1
    x[:] += np.outer(np.sign(score) * gap, [0.6, 0.8])
    return pictures.examples("cloud", x, (score > 0).astype(int))


@pytest.fixture
def machine(opened):  # noqa: F811
    sets = [pictures.examples(name, X, labels) for name, labels in GATES.items()]
    return opened(pictures.learning([*sets, cloud(0.2, 1)]))


def click(tab, name, times=1):
    for _ in range(times):
        tab.get_by_role("button", name=name, exact=True).click()
    return tab.evaluate(STATE)


@pytest.mark.parametrize("name", ["AND", "OR", "cloud"])
def test_the_machine_learns_in_the_steps_of_dlcore(machine, name):
    state = click(machine, name)
    x, labels, neuron = np.array(state["points"]), state["labels"], Perceptron(2)
    mistakes = []
    while not state["done"]:
        mistakes += neuron.fit(x, labels, epochs=1)
        state = click(machine, "one epoch")
        np.testing.assert_allclose(state["v"], [*neuron.w, neuron.b], rtol=1e-12, atol=1e-12)
        assert state["mistakes"] == mistakes
        np.testing.assert_allclose(state["lengths"][-1], np.hypot.reduce([*neuron.w, neuron.b]))
    assert mistakes[-1] == 0 and sum(mistakes) <= state["bound"]
    assert "it has learned them all" in machine.locator(".readout").last.inner_text()


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_of_the_machine_is_that_of_the_widest_margin(opened, seed):  # noqa: F811
    data = cloud(0.1 + 0.1 * seed, seed)
    x, labels = np.array(data["points"]), np.array(data["labels"])
    state = opened(pictures.learning([data])).evaluate(STATE)
    *w, b = state["widest"]
    np.testing.assert_allclose(state["gamma"], margin(x, labels, np.array(w), b), rtol=1e-12)
    np.testing.assert_allclose(state["bound"], mistake_bound(x, labels, np.array(w), b), rtol=1e-12)
    signed = np.where(labels == 1, 1, -1)[:, None] * np.c_[x, np.ones(len(x))]
    rule = {"type": "ineq", "fun": lambda v: signed @ v - 1, "jac": lambda v: signed}
    start = np.array([*w, b]) * 1.5 / state["gamma"]
    best = minimize(lambda v: v @ v / 2, start, jac=lambda v: v, constraints=rule, method="SLSQP")
    np.testing.assert_allclose(state["gamma"], 1 / np.linalg.norm(best.x), rtol=1e-6)


def test_the_bounds_of_and_and_or_are_51_and_27(machine):
    np.testing.assert_allclose(click(machine, "AND")["bound"], 51, rtol=1e-12)
    np.testing.assert_allclose(click(machine, "OR")["bound"], 27, rtol=1e-12)


def test_on_xor_the_machine_knows_no_bound_and_sees_the_weights_return(machine):
    state = click(machine, "XOR")
    assert state["bound"] is None and state["gamma"] == 0
    state = click(machine, "one epoch", times=6)
    assert state["mistakes"] == Perceptron(2).fit(X, GATES["XOR"], 6) and not state["done"]
    assert state["cycle"] == [3, 2] and "goes round for ever" in machine.content()


def test_one_look_adds_the_point_that_was_missed(machine):
    assert click(machine, "AND")["v"] == [0, 0, 0]
    assert click(machine, "one look", times=3)["v"] == [0, 0, 0]
    state = click(machine, "one look")
    assert state["v"] == [1, 1, 1] and state["looks"] == 4 and state["wrong"] == 3
    assert "add (1, 1, 1)" in machine.locator(".readout").last.inner_text()


def test_flipping_a_point_by_keyboard_turns_and_into_nothing_a_line_can_do(machine):
    machine.locator("canvas").first.focus()
    for key in ["n", "f"]:
        machine.keyboard.press(key)
    state = machine.evaluate(STATE)
    assert state["labels"] == [1, 0, 0, 1] and state["bound"] is None  # XNOR
    for key in 4 * ["ArrowRight"] + 12 * ["ArrowUp"]:
        machine.keyboard.press(key)
    state = machine.evaluate(STATE)
    assert state["points"][0] == [0.5, 1.5] and state["bound"] > 0
    state = click(machine, "put the points back")
    assert state["labels"] == GATES["AND"] and state["points"] == X.tolist()
    assert machine.get_by_role("button", name="flip the chosen point").is_disabled()


def test_a_point_is_dragged_to_the_nearest_sixteenth_and_learning_starts_again(machine):
    click(machine, "one epoch")
    box = machine.locator("canvas").first.bounding_box()

    def place(x, y):
        across, down = (x + 1.5) / 4, 1 - (y + 1.5) / 4
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    machine.mouse.move(*place(1, 1))
    machine.mouse.down()
    machine.mouse.move(*place(1.71, 1.49))
    machine.mouse.up()
    state = machine.evaluate(STATE)
    assert state["points"][3] == [1.6875, 1.5] and state["looks"] == 0 and state["chosen"] == 3
    state = click(machine, "flip the chosen point")
    assert state["labels"] == [0, 0, 0, 0] and state["bound"] > 0


def test_a_shuffle_keeps_the_pairs_and_run_comes_to_an_end(machine):
    before = click(machine, "OR")
    state = click(machine, "shuffle the order")
    pairs = [sorted(zip(map(tuple, s["points"]), s["labels"])) for s in (before, state)]
    assert pairs[0] == pairs[1]
    click(machine, "run")
    machine.wait_for_function(f"{STATE}.done")
    assert machine.get_by_role("button", name="run", exact=True).is_visible()


def test_the_step_in_space_fires_where_dlcore_does(opened):  # noqa: F811
    tab = opened(pictures.neuron([1.0, 2.0], -0.5))
    tab.get_by_label("weight 1").fill("-1.5")
    tab.get_by_label("bias").fill("0.625")
    state, neuron = tab.evaluate(STATE), Perceptron(2)
    neuron.w, neuron.b = np.array([-1.5, 2.0]), 0.625
    side = np.linspace(-1, 1, 120)
    grid = np.stack(np.meshgrid(side, side, indexing="xy"), axis=-1).reshape(-1, 2)
    assert grid.shape == (14400, 2) and state["fires"] == neuron.predict(grid).sum()
    np.testing.assert_allclose(state["distance"], 0.25, rtol=1e-12)
    state = click(tab, "soften the step")
    soft = sigmoid(grid @ neuron.w + neuron.b).mean()
    np.testing.assert_allclose(state["mean"], soft, rtol=1e-12)
    for name, value in [("weight 1", "0"), ("weight 2", "0")]:
        tab.get_by_label(name).fill(value)
    assert tab.evaluate(STATE)["distance"] is None and "no line" in tab.content()


def test_the_step_is_turned_by_keyboard_and_seen_from_above(opened):  # noqa: F811
    tab = opened(pictures.neuron([1.0, 1.0], 0.0))
    before = tab.evaluate(STATE)
    tab.locator("canvas").focus()
    for key in ["ArrowRight", "ArrowUp"]:
        tab.keyboard.press(key)
    state = tab.evaluate(STATE)
    assert state["turn"] > before["turn"] and state["tilt"] > before["tilt"]
    assert click(tab, "from above")["tilt"] == pytest.approx(np.pi / 2)


def test_every_picture_of_the_perceptron_is_axes_and_small(rng):
    x, labels = rng.normal(size=(9, 2)), rng.integers(0, 2, 9)
    shown = [pictures.plane(x, labels, np.array([1.0, 2.0]), 0.5)]
    shown += [pictures.plane(x, labels, np.zeros(2), 0.0), pictures.growth([0, 1, 1.2], 0.5, 1.5)]
    assert all(isinstance(axes, Axes) for axes in shown)
    for axes in shown:
        assert len(html(show(axes, "something"))) < 300_000


def test_points_for_the_machine_are_sixteenths_inside_the_view():
    found = pictures.examples("a", [[0.03, -0.02], [9.0, -9.0]], [0, 1])
    assert found["points"] == [[0.0, 0.0], [2.5, -1.5]] and found["labels"] == [0, 1]
    with pytest.raises(
        ValueError, match=r"x must be \(n, 2\) with n labels, .* got \(1, 3\) and 1"
    ):
        pictures.examples("a", [[1.0, 2.0, 3.0]], [0])
