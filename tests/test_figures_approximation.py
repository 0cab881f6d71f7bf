"""The machines of hinges and folds compute what dlcore does; the pictures are described Axes."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import approximation as pictures
from dlcore.figures.page import show
from dlcore.scratch.approximation import (
    folded,
    knots_by_bend,
    modulus,
    relu_network,
    tent,
    weights_from_knots,
)

GRID = pictures.grid(0, 1)
TARGETS = {
    "root": (0, 1, np.sqrt(GRID)),
    "cubic": (-1.75, 1.5, pictures.grid(-1.75, 1.5) ** 3),
    "corner": (0, 1, abs(GRID - 0.4)),
}


@pytest.fixture
def hinges(opened):  # noqa: F811
    return opened(pictures.building(TARGETS, start=6))


@pytest.fixture
def folds(opened):  # noqa: F811
    return opened(pictures.folding(3))


def agrees(state):
    """What the machine of hinges shows, computed again by dlcore."""
    x, y = pictures.grid(state["low"], state["high"]), np.array(state["target"])
    places = np.array(state["knots"])
    _, b, v, c = weights_from_knots(x[places], y[places])
    np.testing.assert_allclose(state["b"], b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state["v"], v, rtol=1e-12, atol=1e-12)
    assert state["c"] == c
    g = relu_network(x, np.ones_like(v), b, v, c)
    np.testing.assert_allclose(state["all"], g, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state["error"], abs(g - y).max(), rtol=1e-12, atol=1e-12)
    assert state["omega"] == modulus(y, np.diff(places).max())
    h = (state["high"] - state["low"]) / 960
    bend = abs(np.diff(y, 2)).max() / h**2
    curvature = (np.diff(places).max() * h) ** 2 / 8 * bend
    np.testing.assert_allclose(state["curvature"], curvature, rtol=1e-9)  # y - 2 y' + y'' cancels
    assert state["error"] <= min(state["omega"], state["curvature"]) + 1e-12
    on = state["on"]
    part = relu_network(x[-1], np.ones(on), b[:on], v[:on], c)
    np.testing.assert_allclose(state["partial"], part, rtol=1e-12, atol=1e-12)


def press(tab, name):
    tab.get_by_role("button", name=name, exact=True).click()
    return tab.evaluate(STATE)


@pytest.mark.parametrize("name", TARGETS)
def test_the_hinges_on_the_page_are_those_of_dlcore(hinges, name):
    hinges.get_by_role("combobox").select_option(name)
    for size in (0, 5, 12, 18):
        hinges.get_by_role("slider", name="units").fill(str(size))
        agrees(state := hinges.evaluate(STATE))
        assert state["name"] == name and state["on"] == len(state["v"])
        state = press(hinges, "spread by bend")
        agrees(state)
        assert state["knots"] == knots_by_bend(state["target"], len(state["v"])).tolist()
    hinges.get_by_role("slider", name="switched on").fill("11")
    agrees(hinges.evaluate(STATE))
    assert "now 53 are off" in hinges.content()


def test_a_knot_is_moved_by_keys_and_by_dragging_along_the_target(hinges):
    curve = hinges.locator("svg").first
    curve.focus()
    for key in ["n", "n", "ArrowLeft", "ArrowLeft"]:
        hinges.keyboard.press(key)
    state = hinges.evaluate(STATE)
    assert state["knots"] == [0, 160, 304, 480, 640, 800, 960]
    agrees(state)
    box = curve.bounding_box()

    def at(place, y):
        return (
            box["x"] + (12 + place / 960 * 396) / 420 * box["width"],
            box["y"] + (216 - y * 192) / 240 * box["height"],
        )

    hinges.mouse.move(*at(480, np.sqrt(0.5)))
    hinges.mouse.down()
    hinges.mouse.move(*at(600, 0.2))
    hinges.mouse.up()
    state = hinges.evaluate(STATE)
    assert abs(state["knots"][3] - 600) <= 1
    agrees(state)
    assert press(hinges, "spread evenly")["knots"] == list(range(0, 961, 160))


def test_a_target_is_drawn_and_reset_brings_the_first_back(hinges):
    press(hinges, "draw a target")
    box = hinges.locator("svg").first.bounding_box()
    hinges.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    hinges.mouse.down()
    hinges.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.9 * box["height"], steps=5)
    hinges.mouse.up()
    state = hinges.evaluate(STATE)
    assert "your own target" in hinges.content()
    changed = np.flatnonzero(np.array(state["target"]) != np.sqrt(GRID))
    assert 350 < len(changed) < 450
    agrees(state)
    assert press(hinges, "reset")["target"] == np.sqrt(GRID).tolist()


@pytest.mark.parametrize(("crease", "height"), [(0.5, 1), (0.3, 1), (0.5, 0.5), (0.65, 0.8)])
def test_the_folds_on_the_page_are_those_of_dlcore(folds, crease, height):
    for label, value in [("crease", crease), ("height", height), ("input x", 0.37)]:
        folds.get_by_role("slider", name=label).fill(str(value))
    for layers in range(9):
        folds.get_by_role("slider", name="layers").fill(str(layers))
        state = folds.evaluate(STATE)
        f, trail, pieces = (np.array([0.0, 1.0]), np.array([0.0, 1.0])), [0.37], [1]
        for _ in range(layers):
            f = folded(*f, crease, height)
            trail.append(tent(trail[-1], crease, height))
            pieces.append(len(f[0]) - 1)
        np.testing.assert_allclose(state["knots"], f[0], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(state["values"], f[1], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(state["trail"], trail, rtol=1e-12, atol=1e-12)
        assert state["pieces"] == pieces


def test_every_picture_of_approximation_is_axes_and_small():
    network = weights_from_knots([0, 1, 2], [0, 1, 0])
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    seen = np.array([[1, 1], [-1, -1]]), np.array([-1.5, 0.5]), np.array([-2, -2]), 0.5
    shown = [
        pictures.units(np.linspace(0, 2, 20), network),
        pictures.errors([1, 2], {"a": [1, 0.1], "b": [1, 0.5]}),
        pictures.folds((1, 2))[0],
        pictures.features(corners, seen, np.array([0, 1, 1, 0])),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    for axes in shown:
        assert len(html(show(axes, "something"))) < 300_000
    assert len(html(pictures.building(TARGETS))) < 300_000


def test_a_target_that_does_not_fit_the_grid_is_refused():
    with pytest.raises(ValueError, match=r"values of a must be \(961,\), got \(5,\)"):
        pictures.building({"a": (0, 1, np.ones(5))})
