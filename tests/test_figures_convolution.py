"""The reader's kernel over a picture: the page computes what conv2d does."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy.signal import correlate2d
from test_figures import STATE, html, opened  # noqa: F401

from dlcore import data
from dlcore.figures import convolution
from dlcore.figures.page import show
from dlcore.scratch.convolution import conv2d

DIGITS = data.digits()
PICTURES = {"digit": DIGITS.x_train[0], "blank": np.zeros((9, 12))}


@pytest.fixture
def machine(opened):  # noqa: F811
    tab = opened(convolution.laboratory(PICTURES))
    tab.set_default_timeout(4000)
    return tab


def same_map(state):
    x, w = np.array(state["picture"]), np.array(state["kernel"])
    expected = conv2d(x[None, None], w[None, None], np.zeros(1), padding="same")[0, 0]
    np.testing.assert_allclose(state["map"], expected, rtol=1e-12, atol=1e-12)
    return np.array(state["map"])


def test_the_map_is_a_correlation_with_zeros_round_the_picture(rng):
    x, w = rng.normal(size=(5, 7)), rng.normal(size=(3, 3))
    found = convolution.feature_map(x, w)
    np.testing.assert_allclose(found, correlate2d(x, w, mode="same"), rtol=1e-12)


@pytest.mark.parametrize("name", convolution.KERNELS)
def test_every_preset_computes_what_conv2d_does(machine, name):
    machine.get_by_label("kernel", exact=True).select_option(name)
    state = machine.evaluate(STATE)
    np.testing.assert_allclose(state["kernel"], convolution.KERNELS[name], rtol=1e-15)
    assert np.abs(same_map(state)).max() > 0


def test_nine_numbers_of_the_reader_make_the_map(machine, rng):
    w = rng.normal(size=(3, 3)).round(3)
    for i, j in np.ndindex(3, 3):
        machine.get_by_label(f"kernel, row {i + 1}, column {j + 1}").fill(str(w[i, j]))
    state = machine.evaluate(STATE)
    np.testing.assert_array_equal(state["kernel"], w)
    same_map(state)
    assert machine.get_by_label("kernel", exact=True).input_value() == "your own"


def test_a_kernel_without_a_number_keeps_its_last_one(machine):
    before = machine.evaluate(STATE)["kernel"]
    machine.get_by_label("kernel, row 2, column 2").fill("")
    assert machine.evaluate(STATE)["kernel"] == before
    assert "Type a number" in machine.locator(".dl-machine").inner_text()


def test_turning_the_kernel_four_times_brings_it_back(machine):
    before = np.array(machine.evaluate(STATE)["kernel"])
    turn = machine.get_by_role("button", name="turn by 90°")
    turn.click()
    once = np.array(machine.evaluate(STATE)["kernel"])
    np.testing.assert_array_equal(once, np.rot90(before, -1))
    for _ in range(3):
        turn.click()
    np.testing.assert_array_equal(machine.evaluate(STATE)["kernel"], before)


def test_a_drawing_of_the_reader_is_convolved(machine):
    machine.get_by_label("picture", exact=True).select_option("blank")
    assert not same_map(machine.evaluate(STATE)).any()
    machine.get_by_role("button", name="draw", exact=True).click()
    box = machine.get_by_role("application").bounding_box()
    machine.mouse.move(box["x"] + 20, box["y"] + 20)
    machine.mouse.down()
    machine.mouse.move(box["x"] + 90, box["y"] + 90, steps=8)
    machine.mouse.up()
    state = machine.evaluate(STATE)
    assert np.sum(np.array(state["picture"]) == 1) > 3
    assert np.shape(state["picture"]) == (9, 12) and np.abs(same_map(state)).max() > 0


def test_the_keyboard_moves_the_window_and_inks_a_place(machine):
    machine.get_by_role("application").focus()
    before = machine.evaluate(STATE)
    machine.keyboard.press("ArrowLeft")
    machine.keyboard.press("ArrowDown")
    state = machine.evaluate(STATE)
    assert (state["row"], state["column"]) == (before["row"] + 1, before["column"] - 1)
    ink = state["picture"][state["row"]][state["column"]]
    machine.keyboard.press("Space")
    state = machine.evaluate(STATE)
    assert state["picture"][state["row"]][state["column"]] == (0 if ink > 0.5 else 1)
    same_map(state)


def test_reset_brings_back_the_first_picture_and_kernel(machine):
    before = machine.evaluate(STATE)
    machine.get_by_role("button", name="clear the picture").click()
    machine.get_by_label("kernel", exact=True).select_option("blur")
    machine.get_by_role("button", name="reset").click()
    assert machine.evaluate(STATE) == before


def test_the_panels_are_axes_and_a_laboratory_is_small():
    axes = convolution.panels(PICTURES["digit"], convolution.KERNELS["outline"])
    assert all(isinstance(ax, Axes) for ax in axes)
    assert len(html(show(axes[0], "three panels"))) < 300_000
    assert len(html(convolution.laboratory(PICTURES))) < 300_000


def test_signed_colours_are_blue_below_zero_and_orange_above():
    left, right = convolution.signed(np.array([[-1.0, 1.0]])).images[0].get_array()[0]
    assert left[2] > left[0] and right[0] > right[2]


def test_a_picture_that_is_no_picture_is_named_in_the_error():
    with pytest.raises(ValueError, match=r"pictures must be \(i, j\) in \[0, 1\], got \(3,\)"):
        convolution.laboratory({"line": np.zeros(3)})
    with pytest.raises(ValueError, match=r"in \[0, 1\], got \(2, 2\) for 'dark'"):
        convolution.laboratory({"dark": np.full((2, 2), 16)})
    with pytest.raises(ValueError, match="kernel must be one of .*, got 'sobel'"):
        convolution.laboratory(PICTURES, kernel="sobel")
    with pytest.raises(ValueError, match=r"kernel \(3, 3\), got \(4, 4\) and \(2, 2\)"):
        convolution.feature_map(np.zeros((4, 4)), np.zeros((2, 2)))
