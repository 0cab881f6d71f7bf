"""The pad sees, thinks and answers as dlcore does; the threshold shows the counts it was given."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore import data
from dlcore.figures import digits
from dlcore.figures.page import show
from dlcore.scratch.mlp import MLP
from dlcore.scratch.softmax import softmax


@pytest.fixture
def net():
    net = MLP([64, 32, 10], "relu", np.random.default_rng(0), float)
    for bias in net.params[1::2]:
        bias[:] = np.random.default_rng(1).normal(size=bias.shape)
    return net


@pytest.fixture
def small():
    return data.digits()


@pytest.fixture
def pad(opened, net, small):  # noqa: F811
    return opened(digits.laboratory(net, small.x_test, small.y_test))


def stroke(tab, *points):
    box = tab.locator("canvas").first.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    tab.mouse.move(*places[0])
    tab.mouse.down()
    for place in places[1:]:
        tab.mouse.move(*place, steps=3)
    tab.mouse.up()


def same_answer(state, net, image):
    rounded = digits.rounded(net)
    logits = rounded.forward(np.reshape(image, (1, 64)))
    np.testing.assert_allclose(state["hidden"], rounded.a[1][0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state["logits"], logits[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state["p"], softmax(logits)[0], rtol=1e-12, atol=1e-13)
    assert state["answer"] == logits.argmax()


def test_a_drawing_gets_the_pixels_and_the_answer_of_dlcore(pad, net):
    stroke(pad, (0.3, 0.2), (0.6, 0.15), (0.7, 0.4), (0.4, 0.5))
    stroke(pad, (0.4, 0.5), (0.75, 0.7), (0.5, 0.9), (0.25, 0.8))
    state = pad.evaluate(STATE)
    assert len(state["strokes"]) == 2 and len(state["strokes"][0]) == 10
    image = digits.drawn(state["strokes"])
    np.testing.assert_allclose(state["pixels"], image.ravel(), rtol=0, atol=1e-15)
    same_answer(state, net, image)


@pytest.mark.parametrize(
    "points", [[(0.5, 0.5)], [(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.1), (0.5, 0.9)]]
)
def test_a_dot_a_dash_and_a_bar_have_the_pixels_of_dlcore(pad, points):
    stroke(pad, *points)
    state = pad.evaluate(STATE)
    image = digits.drawn(state["strokes"])
    np.testing.assert_allclose(state["pixels"], image.ravel(), rtol=0, atol=1e-15)
    assert 1 < image.sum() < 30


def test_the_keyboard_draws_takes_back_and_clears(pad):
    pad.locator("canvas").first.focus()
    pad.keyboard.press("ArrowDown")
    assert pad.evaluate(STATE)["strokes"] == []
    pad.keyboard.press("Space")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        pad.keyboard.press(key)
    pad.keyboard.press("Space")
    pad.keyboard.press("ArrowLeft")
    state = pad.evaluate(STATE)
    np.testing.assert_allclose(
        state["strokes"], [[[0.5, 0.35], [0.55, 0.35], [0.6, 0.35], [0.6, 0.4]]], atol=1e-12
    )
    pad.keyboard.press("Backspace")
    assert pad.evaluate(STATE)["strokes"] == []


def test_the_buttons_show_test_digits_one_after_the_other(pad, net, small):
    sevens = small.x_test[small.y_test == 7]
    for image in sevens[:2]:
        pad.get_by_role("button", name="next 7 of the test set").click()
        state = pad.evaluate(STATE)
        assert state["sample"] == 7
        np.testing.assert_array_equal(state["pixels"], image.ravel())
        same_answer(state, net, image)
    assert "a 7 of the test set" in pad.locator(".readout[aria-live]").first.inner_text()
    stroke(pad, (0.5, 0.1), (0.5, 0.9))  # a stroke of one's own starts anew
    assert pad.evaluate(STATE)["sample"] is None
    pad.get_by_role("button", name="clear").click()
    state = pad.evaluate(STATE)
    assert state["strokes"] == [] and not any(state["pixels"])
    same_answer(state, net, np.zeros(64))


def test_a_drawing_fills_the_height_keeps_its_shape_and_does_not_depend_on_place_or_size():
    hook = np.array([[0.2, 0.2], [0.5, 0.2], [0.35, 0.8]])
    image = digits.drawn([hook])
    assert image.shape == (8, 8) and image[0].any() and image[7].any()
    np.testing.assert_array_equal(image, digits.drawn([0.5 * hook + 0.25]))
    columns = np.flatnonzero(image.any(axis=0))
    assert columns[0] + columns[-1] == 7 and len(columns) < 8
    wide = digits.drawn([hook * [3, 1]])
    assert not wide[:, 0].all() and wide[0].any() and wide[7].any()


def test_a_pixel_counts_the_black_cells_of_a_four_by_four_block():
    image = digits.drawn([np.array([[0.5, 0.0], [0.5, 1.0]])])
    assert np.array_equal(16 * image, (16 * image).round()) and image.max() <= 1
    np.testing.assert_allclose(image.sum() * 16, 6 * 32, rtol=0.05)  # the pen is six cells wide


def test_the_rounded_net_is_near_the_net(net, small):
    x = small.x_test.reshape(-1, 64).astype(float)
    apart = np.abs(digits.rounded(net).forward(x) - net.forward(x)).max()
    assert 0 < apart < 0.01


COUNTS = {
    "a line": [
        {"threshold": 0.0, "answered": 100, "wrong": 8},
        {"threshold": 0.9, "answered": 60, "wrong": 1},
        {"threshold": 0.999, "answered": 0, "wrong": 0},
    ],
    "a net": [
        {"threshold": 0.0, "answered": 100, "wrong": 4},
        {"threshold": 0.9, "answered": 80, "wrong": 1},
        {"threshold": 0.999, "answered": 5, "wrong": 0},
    ],
}


def test_the_threshold_shows_shares_of_the_counts_and_moves_by_keyboard(opened):  # noqa: F811
    tab = opened(digits.threshold(COUNTS, 100))
    assert tab.evaluate(STATE) == {"threshold": 0, "coverage": [1, 1], "error": [0.08, 0.04]}
    tab.get_by_label("threshold", exact=True).focus()
    tab.keyboard.press("ArrowRight")
    state = tab.evaluate(STATE)
    assert state["threshold"] == 0.9 and state["coverage"] == [0.6, 0.8]
    np.testing.assert_allclose(state["error"], [1 / 60, 1 / 80], rtol=1e-12)
    assert (
        "1 of 80 wrong (1.25 %), 20 left to a person" in tab.locator(".readout").nth(1).inner_text()
    )
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(STATE)["error"] == [0, 0]


def test_the_pictures_are_axes_and_small(net, small):
    for axes in (digits.kept_back(COUNTS, 100), digits.answer(net, small.x_test[0])):
        assert isinstance(axes, Axes) and len(html(show(axes, "something"))) < 300_000
    assert len(html(digits.laboratory(net, small.x_test, small.y_test))) < 100_000
    assert len(html(digits.threshold(COUNTS, 100))) < 100_000
