"""The race in the page takes the steps of dlcore.scratch.optim; pictures of descent are Axes."""

from functools import partial

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import optim as pictures
from dlcore.figures import surfaces
from dlcore.figures.page import show
from dlcore.figures.surfaces import slope, walk
from dlcore.scratch.optim import SGD
from dlcore.scratch.schedules import cosine

TITLES = {name: ground["title"] for name, ground in surfaces.GROUNDS.items()}


def surface_of(state):
    surface = getattr(surfaces, state["surface"])
    curved = state["surface"] in ("ravine", "tilted")
    return partial(surface, kappa=state["kappa"]) if curved else surface


def same_as_dlcore(state, tolerance=1e-12):
    """Every path and loss of the page, computed again from what the page says it used."""
    surface, lowest = surface_of(state), surfaces.GROUNDS[state["surface"]]["lowest"]
    for racer, rate, path, losses in zip(
        pictures.RACERS, state["rates"], state["paths"], state["losses"], strict=True
    ):
        steps, noise = len(path) - 1, state["draws"]
        schedule = (lambda step: cosine(step, 300)) if state["falls"] else None
        make = pictures.make(racer, rate, state["beta"])
        ours = walk(state["start"], slope(surface), make, steps, noise, schedule)
        np.testing.assert_allclose(path, ours, rtol=tolerance, atol=tolerance, err_msg=racer)
        heights = [surface(at)[0] - lowest for at in ours]
        np.testing.assert_allclose(losses, heights, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", TITLES)
def test_without_noise_every_racer_takes_the_steps_of_dlcore(opened, name):  # noqa: F811
    tab = opened(pictures.race())
    tab.get_by_role("button", name=TITLES[name], exact=True).click()
    state = tab.evaluate(STATE)
    assert state["surface"] == name and {len(path) for path in state["paths"]} == {301}
    same_as_dlcore(state)


def test_noise_momentum_falling_rates_and_condition_number_are_those_of_dlcore(opened):  # noqa: F811
    tab = opened(pictures.race())
    tab.get_by_label("batch size", exact=True).fill("3")
    tab.get_by_label("momentum β", exact=True).fill("0.5")
    tab.get_by_label("condition number κ", exact=True).fill("1.3")
    tab.get_by_role("button", name="let the rates fall").click()
    state = tab.evaluate(STATE)
    assert (state["batch"], state["beta"], state["kappa"], state["falls"]) == (16, 0.5, 20, True)
    same_as_dlcore(state)
    tab.get_by_role("button", name="other batches").click()
    other = tab.evaluate(STATE)
    assert other["draws"][0] != state["draws"][0]
    same_as_dlcore(other)


def test_the_noise_of_a_batch_has_the_stated_size(opened):  # noqa: F811
    tab = opened(pictures.race(steps=4000))
    tab.get_by_label("batch size", exact=True).fill("3")
    draws = np.array(tab.evaluate(STATE)["draws"])
    assert draws.shape == (4000, 2)
    np.testing.assert_allclose(draws.std(axis=0), 8 / np.sqrt(16), rtol=0.04)
    assert np.all(np.abs(draws.mean(axis=0)) < 4 * 2 / np.sqrt(4000))
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.06
    assert abs(np.corrcoef(draws[1:, 0], draws[:-1, 0])[0, 1]) < 0.06


def test_a_rate_above_two_over_the_curvature_leaves_the_picture(opened):  # noqa: F811
    tab = opened(pictures.race(kappa=50.0))
    rate = tab.get_by_label("rate of descent")
    rate.fill("-1.4")  # 10^-1.4 = 0.0398…, shown and used as 0.04
    state = tab.evaluate(STATE)
    assert state["rates"][0] == 0.04 and abs(state["paths"][0][-1][1]) == pytest.approx(1.2)
    rate.fill("-1.35")
    state = tab.evaluate(STATE)
    assert state["rates"][0] == 0.045 and len(state["paths"][0]) < 301
    assert "away" in tab.locator(".number").all_inner_texts()
    same_as_dlcore(state)


def test_clicks_and_arrow_keys_move_the_start(opened):  # noqa: F811
    tab = opened(pictures.race())
    canvas = tab.locator("canvas")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    state = tab.evaluate(STATE)
    np.testing.assert_allclose(state["start"], [1.5, 1.5], atol=0.02)
    same_as_dlcore(state)
    canvas.focus()
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowDown")
    moved = tab.evaluate(STATE)["start"]
    np.testing.assert_allclose(np.subtract(moved, state["start"]), [-0.15, -0.15], atol=1e-9)


def test_the_race_plays_and_a_racer_can_be_left_out(opened):  # noqa: F811
    tab = opened(pictures.race(steps=8))
    tab.get_by_role("button", name="play").click()
    tab.wait_for_function(f"{STATE}.step < 8")
    tab.wait_for_function(f"{STATE}.step === 8")
    tab.get_by_role("button", name="Lion", exact=True).click()
    assert tab.locator(".number").nth(12).inner_text() == "–"


def test_every_picture_of_descent_is_described_axes():
    path = walk([1, 1], slope(surfaces.ravine), partial(SGD, lr=0.01), 5)
    shown = [
        pictures.descents(surfaces.ravine, {"a": path}),
        pictures.curves({"a": np.ones(3), "b": ([1, 2], [3, 4])}),
        pictures.chords(),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    assert all(len(html(show(axes, "a picture"))) < 300_000 for axes in shown)


@pytest.mark.parametrize(
    "surface",
    [surfaces.ravine, surfaces.tilted, surfaces.saddle, surfaces.rosenbrock, surfaces.valleys],
)
def test_the_gradient_of_a_surface_is_its_slope_in_every_direction(rng, surface):
    for at, way in rng.normal(size=(5, 2, 2)):
        up, down = surface(at + 1e-6 * way)[0], surface(at - 1e-6 * way)[0]
        assert (up - down) / 2e-6 == pytest.approx(surface(at)[1] @ way, rel=1e-6, abs=1e-7)
