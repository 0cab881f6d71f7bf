"""The machines of linear regression compute what dlcore does; its pictures are described Axes."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore import data
from dlcore.figures import polynomial, regression
from dlcore.figures.page import show
from dlcore.scratch.optim import SGD
from dlcore.scratch.regression import LinearRegression, mse

X = np.array([-3.0, -2.0, -1.5, 0.0, 0.5, 1.0, 2.0, 3.5])
Y = np.array([-2.0, -0.5, -1.5, 0.5, -0.5, 1.5, 0.5, 2.5])


@pytest.fixture
def machine(opened):  # noqa: F811
    orders = [np.random.default_rng(seed).permutation(8) for seed in range(5)]
    return opened(regression.least_squares(X, Y, orders, start=(-1, 2), lr=0.1))


def line(x, y):
    model = LinearRegression(1)
    model.fit_exactly(x[:, None], y)
    return [model.w[0, 0], model.b[0]]


def click(tab, name, times=1):
    for _ in range(times):
        tab.get_by_role("button", name=name, exact=True).click()
    return tab.evaluate(STATE)


def test_the_line_machine_knows_the_loss_and_the_best_line(machine):
    state = click(machine, "show the best line")
    np.testing.assert_allclose(state["best"], line(X, Y), rtol=1e-12)
    assert state["loss"] == pytest.approx(mse(Y, 2 - X) / 2, rel=1e-12)
    w, b = state["best"]
    assert state["least"] == pytest.approx(mse(Y, w * X + b) / 2, rel=1e-12)
    ones = np.c_[X, np.ones(8)]
    assert state["limit"] == pytest.approx(2 / np.linalg.eigvalsh(ones.T @ ones / 8)[-1], rel=1e-12)


def test_minibatch_steps_of_the_machine_are_those_of_dlcore(opened):  # noqa: F811
    order = [np.random.default_rng(1).permutation(8)]
    tab = opened(regression.least_squares(X, Y, order, start=(-1, 2), lr=0.1))
    tab.get_by_label("examples a step").fill("3")
    state = click(tab, "one step", times=7)  # more than two epochs of 3, 3 and 2 examples
    model = LinearRegression(1)
    model.w[:], model.b[:] = -1, 2
    chunks = list(data.minibatches(8, 3, 1, np.random.default_rng(1)))
    assert [len(rows) for rows in chunks] == [3, 3, 2]
    model.fit(X[:, None], Y, (chunks * 3)[:7], SGD([model.w, model.b], lr=0.1))
    np.testing.assert_allclose([state["w"], state["b"]], [model.w[0, 0], model.b[0]], rtol=1e-12)
    assert state["steps"] == 7 and len(state["path"]) == 8


def test_points_above_one_x_have_no_best_line_and_the_shortest_is_named(machine):
    state = click(machine, "all points above one x")
    assert not state["unique"]
    np.testing.assert_allclose(state["best"], line(np.ones(8), Y), rtol=1e-12)
    assert "a whole line of (w, b)" in machine.locator(".readout").inner_text()
    assert click(machine, "start again")["unique"]


def test_the_keyboard_moves_a_point_and_the_line(machine):
    machine.locator("svg").first.focus()
    for key in ["n", "n", "ArrowUp", "ArrowRight"]:
        machine.keyboard.press(key)
    assert machine.evaluate(STATE)["points"][1] == pytest.approx([-1.9, -0.4])
    machine.locator("svg").nth(1).focus()
    machine.keyboard.press("ArrowDown")
    assert machine.evaluate(STATE)["b"] == pytest.approx(1.95)
    machine.get_by_label("slope w").fill("0.5")
    assert machine.evaluate(STATE)["w"] == 0.5


def test_a_dragged_point_changes_the_best_line_and_begins_a_new_path(machine):
    assert click(machine, "one step", times=2)["steps"] == 2
    box = machine.locator("svg").first.bounding_box()

    def place(x, y):
        return box["x"] + (x / 4 + 1) / 2 * box["width"], box["y"] + (1 - y / 4) / 2 * box["height"]

    machine.mouse.move(*place(3.5, 2.5))
    machine.mouse.down()
    machine.mouse.move(*place(3.5, -3.0))
    machine.mouse.up()
    state = machine.evaluate(STATE)
    assert state["points"][-1] == pytest.approx([3.5, -3.0], abs=0.05)
    assert state["steps"] == 0 and len(state["path"]) == 1  # the old path led over another loss
    moved = np.array(state["points"])
    np.testing.assert_allclose(state["best"], line(*moved.T), rtol=1e-12)


def test_too_large_a_rate_diverges_and_play_stops_by_itself(machine):
    machine.get_by_label("learning rate").fill("0.3")
    machine.get_by_role("button", name="play").click()
    machine.wait_for_function(f"Math.hypot({STATE}.w, {STATE}.b) > 1e6")
    assert "stable below rate 0.49" in machine.locator(".readout").inner_text()
    assert click(machine, "start again")["w"] == -1


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 260).round(3)
    pairs = np.c_[x, (np.sin(3 * x) + 0.3 * rng.normal(size=260)).round(3)]
    return pairs[:60], pairs[60:100], pairs[100:]


@pytest.mark.parametrize(("power", "ridge"), [("-7", 0.0), ("-2", 1e-2), ("1", 10.0)])
def test_the_degree_machine_has_the_errors_of_dlcore(opened, sample, power, ridge):  # noqa: F811
    tab = opened(polynomial.degree(*sample, sizes=(15, 30, 60)))
    tab.get_by_label("ridge").fill(power)
    tab.get_by_label("training examples").fill("1")
    tab.get_by_label("degree", exact=True).fill("5")
    state = tab.evaluate(STATE)
    assert (state["n"], state["degree"], state["ridge"]) == (30, 5, pytest.approx(ridge))
    x, y = sample[0][:30].T
    for d in range(1, 13):
        model = polynomial.fitted(polynomial.powers(x, d), y, ridge)
        errors = [
            mse(t, model.predict(polynomial.powers(s, d))) ** 0.5
            for s, t in ((x, y), sample[1].T, sample[2].T)
        ]
        # Powers up to 12 without ridge have condition 1e6: that many digits of 1e-16 are lost.
        tolerance = 1e-12 if d <= 5 or ridge else 1e-8
        np.testing.assert_allclose(state["errors"][d - 1], errors[:2], rtol=tolerance)
        if d == 5:
            np.testing.assert_allclose(state["c"], [*model.b, *model.w[0]], rtol=1e-11)
            assert click(tab, "open the test set")["test"] == pytest.approx(errors[2], rel=1e-12)


def test_a_test_set_opened_twice_is_called_a_validation_set(opened, sample):  # noqa: F811
    tab = opened(polynomial.degree(*sample, sizes=(15, 60)))
    click(tab, "open the test set", times=2)
    assert "second validation set" in tab.locator(".readout").inner_text()
    tab.get_by_label("degree", exact=True).press("ArrowRight")
    assert tab.evaluate(STATE)["test"] is None and tab.evaluate(STATE)["degree"] == 2


def test_every_picture_of_regression_is_axes(sample):
    shown = [
        regression.squares(X, Y, 0.5, 0),
        regression.projection(),
        polynomial.curves(*sample[0].T, (1, 3, 9)),
        regression.lines(X, Y, {"a": (1, 0), "b": (0, 1)}),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    assert all(len(show(axes, "something").body) < 300_000 for axes in shown)
    assert len(html(polynomial.degree(*sample, sizes=(15,)))) < 300_000


def test_mistakes_in_the_machines_data_are_named(sample):
    with pytest.raises(ValueError, match=r"orders \(epochs, n\), got \(8,\), \(8,\) and \(8,\)"):
        regression.least_squares(X, Y, np.arange(8))
    with pytest.raises(ValueError, match=r"sizes must lie in 13..8, got \(9,\)"):
        polynomial.degree(np.c_[X, Y], np.c_[X, Y], np.c_[X, Y], sizes=(9,))
    with pytest.raises(ValueError, match=r"sizes must lie in 13..60, got \(12, 60\)"):
        polynomial.degree(*sample, sizes=(12, 60))
