"""Both machines of the chapter compute what dlcore and NumPy do; pictures are Axes."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import regularization as pictures
from dlcore.figures.page import show
from dlcore.scratch.regularize import lasso

SETS = pictures.readings()
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture
def learning(opened):  # noqa: F811
    return opened(pictures.learning(*SETS))


@pytest.fixture
def doubled(opened):  # noqa: F811
    return opened(pictures.double_descent())


@pytest.mark.parametrize(
    ("button", "kind", "level", "strength"),
    [
        ("nothing", "none", None, 0),
        ("weight decay", "l2", 4, 0.03),
        ("weight decay", "l2", 8, 1),
        ("L1", "l1", 3, 0.01),
        ("dropout", "dropout", 5, 0.5),
        ("dropout", "dropout", 0, 0.05),
        ("noise on the inputs", "noise", 5, 0.05),
    ],
)
def test_the_machine_of_regularisers_trains_as_dlcore_does(learning, button, kind, level, strength):
    learning.get_by_role("button", name=button, exact=True).click()
    if level is not None:
        learning.get_by_label("strength").fill(str(level))
    state = learning.evaluate(STATE)
    path, train, validation = pictures.trained(*SETS, kind, strength)
    assert (state["kind"], state["strength"], state["step"]) == (kind, strength, pictures.STEPS)
    np.testing.assert_allclose(state["train"], train, **ROUNDING)
    np.testing.assert_allclose(state["validation"], validation, **ROUNDING)
    np.testing.assert_allclose(state["w"], path[-1], **ROUNDING)
    lowest = validation.min() * (1 + 1e-12)  # a plateau has many lowest steps, up to rounding
    assert validation[state["best"]] <= lowest and state["zeros"] == (path[-1] == 0).sum()


def test_the_buttons_stop_early_and_go_on_to_the_end(learning):
    learning.get_by_role("button", name="stop at the lowest").click()
    state = learning.evaluate(STATE)
    assert state["step"] == state["best"] < pictures.STEPS
    assert state["validation"][state["best"]] == min(state["validation"])
    learning.get_by_role("button", name="train to the end").click()
    assert learning.evaluate(STATE)["step"] == pictures.STEPS


def test_the_keyboard_moves_the_step_and_the_strength(learning):
    learning.get_by_label("step", exact=True).focus()
    learning.keyboard.press("Home")
    assert learning.evaluate(STATE)["step"] == 0
    learning.keyboard.press("ArrowRight")
    assert learning.evaluate(STATE)["step"] == 1
    learning.get_by_role("button", name="weight decay").press("Enter")
    learning.get_by_label("strength").press("ArrowRight")
    assert learning.evaluate(STATE)["strength"] == 0.05


def test_a_penalty_by_small_steps_ends_at_the_lasso_and_at_ridge():
    train, validation = SETS
    x, n = pictures.cosines(train[:, 0], 30), len(train)
    w = pictures.trained(*SETS, "l1", 0.05, steps=20_000)[0][-1]
    np.testing.assert_allclose(w, lasso(x, train[:, 1], 0.05), atol=1e-8)
    ridge = np.linalg.solve(x.T @ x / n + 0.1 * np.eye(30), x.T @ train[:, 1] / n)
    np.testing.assert_allclose(pictures.trained(*SETS, "l2", 0.1)[0][-1], ridge, atol=1e-12)


def fill(tab, **sliders):
    for name, value in sliders.items():
        tab.get_by_label(name.replace("_", " "), exact=True).fill(str(value))
    return tab.evaluate(STATE)


@pytest.mark.parametrize(
    ("noise", "ridge", "p"),
    [(0.2, -7, 20), (0.5, -7, 8), (0.0, -7, 120), (0.2, -2, 20), (0.1, 1, 45)],
)
def test_the_machine_of_double_descent_computes_what_numpy_does(doubled, noise, ridge, p):
    state = fill(doubled, features_p=p, noise=noise, ridge=ridge)
    assert (state["p"], state["noise"]) == (p, noise)
    assert state["ridge"] == pytest.approx(0 if ridge == -7 else 10**ridge)
    found = [pictures.descent(k, noise=noise, ridge=state["ridge"]) for k in range(1, 121)]
    for part in "bias", "variance", "training":
        np.testing.assert_allclose(state[part], [f[part] for f in found], **ROUNDING, err_msg=part)
    for part in "curve", "length", "singular":
        np.testing.assert_allclose(state[part], found[p - 1][part], **ROUNDING, err_msg=part)


def test_buttons_choose_the_three_regimes_and_draw_other_points(doubled):
    for name, p in (("p = 8", 8), ("p = 120", 120), ("p = n = 20", 20)):
        doubled.get_by_role("button", name=name, exact=True).click()
        assert doubled.evaluate(STATE)["p"] == p
    doubled.get_by_role("button", name="other points").click()
    state = doubled.evaluate(STATE)
    assert state["seed"] == 1
    found = [pictures.descent(k, seed=1) for k in range(1, 121)]
    np.testing.assert_allclose(state["bias"], [f["bias"] for f in found], **ROUNDING)
    np.testing.assert_allclose(state["curve"], found[19]["curve"], **ROUNDING)


def test_the_keyboard_adds_a_feature(doubled):
    doubled.get_by_label("features p", exact=True).press("ArrowRight")
    assert doubled.evaluate(STATE)["p"] == 21


@pytest.mark.parametrize(("p", "ridge"), [(6, 0.0), (20, 0.0), (70, 0.0), (70, 0.03), (6, 0.03)])
def test_bias_variance_and_training_error_are_those_of_many_draws_of_noise(p, ridge, rng):
    found, u = pictures.descent(p, ridge=ridge), pictures.places(20)
    x, new = pictures.mixes(u, p), pictures.mixes(pictures.GRID, p)
    y = pictures.wave(u) + 0.2 * rng.normal(size=(40_000, 20))
    fit = np.linalg.solve(x.T @ x + ridge * np.eye(p), x.T) if ridge else np.linalg.pinv(x)
    curves, seen = y @ (new @ fit).T, y @ (x @ fit).T
    mean = new @ fit @ pictures.wave(u)
    assert np.mean((mean - pictures.wave(pictures.GRID)) ** 2) == pytest.approx(found["bias"])
    assert np.var(curves, axis=0).mean() == pytest.approx(found["variance"], rel=0.03)
    training = np.mean((y - seen) ** 2)
    assert training == pytest.approx(found["training"], rel=0.03, abs=1e-12)


def test_the_pictures_are_axes_and_small():
    errors = {"a": np.ones(5), "b": np.arange(1.0, 6)}
    shown = [
        pictures.balls(np.eye(2), np.array([1.5, 0.5]), {"L1": (1.0, 0.0), "L2": (0.9, 0.3)}),
        pictures.factors({"a": (np.ones(3), np.ones(3))}),
        pictures.errors_by(np.arange(5), errors, xlabel="p"),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    pages = [show(axes, "something") for axes in shown]
    pages += [pictures.learning(*SETS), pictures.double_descent()]
    assert all(len(html(page)) < 300_000 for page in pages)
