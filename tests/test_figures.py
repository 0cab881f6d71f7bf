"""Figures: described, the same bytes every time, and machines that compute what dlcore does."""

import base64
import json

import numpy as np
import pytest
from matplotlib.axes import Axes

from dlcore import data
from dlcore.figures import classification, page, softmax
from dlcore.scratch.classification import SoftmaxRegression
from dlcore.scratch.losses import cross_entropy, entropy
from dlcore.scratch.optim import SGD
from dlcore.scratch.softmax import logsumexp
from dlcore.scratch.softmax import softmax as probabilities


def html(shown: page.Page) -> str:
    return shown._repr_mimebundle_()["text/html"]


def test_a_figure_is_an_image_with_a_description_and_follows_the_text_colour():
    shown = page.show(softmax.bounds(), alt="a < b", caption="x & y")
    assert 'role="img" aria-label="a &lt; b"' in html(shown)
    assert "<figcaption>x &amp; y</figcaption>" in html(shown)
    assert "#000000" not in html(shown) and "currentColor" in html(shown)
    assert base64.b64decode(shown._repr_mimebundle_()["image/png"])[:4] == b"\x89PNG"
    assert shown._repr_mimebundle_()["text/plain"] == "a < b"


def test_a_figure_has_the_same_bytes_every_time_and_ids_of_its_own():
    first, again = (html(page.show(softmax.bounds(), "alt")) for _ in range(2))
    assert first == again
    other = html(page.show(softmax.bounds(), "another alt"))
    assert set(ids(first)).isdisjoint(ids(other)) and ids(first)


def ids(text: str) -> list[str]:
    return [piece.split('"')[0] for piece in text.split(' id="')[1:]]


def test_a_figure_without_a_description_is_refused():
    with pytest.raises(ValueError, match="alt must describe the figure"):
        page.show(softmax.bounds(), alt=" ")


def test_every_picture_returns_axes(rng):
    x, y = data.clouds(3, 10, rng=rng)
    shown = [
        softmax.bounds(),
        softmax.surprisal(),
        softmax.divergence(),
        softmax.surrogate_losses(),
        classification.regions(x, y, lambda at: at @ np.ones((2, 3))),
        classification.losses({"a": np.ones(3), "b": np.zeros(3)}),
        classification.weights(rng.normal(size=(3, 6)), (2, 3))[0, 0],
        classification.confusion(np.eye(3, dtype=int)),
        classification.images(rng.uniform(size=(2, 4, 4)), ["a", "b"])[0],
        classification.uncertainty(rng.uniform(size=9), rng.uniform(size=5)),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    for axes in shown:
        assert len(html(page.show(axes, "something"))) < 300_000


def test_regions_colour_every_place_by_its_probabilities():
    at = classification.regions(np.zeros((1, 2)), np.zeros(1, int), lambda a: a @ [[9, -9], [0, 0]])
    left, right = at.images[0].get_array()[100, [5, 195]]
    assert left[0] > left[2] and right[2] > right[0]  # orange on the left, blue on the right


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a figure in a page of its own and fails on any error there."""
    tab, errors = browser.new_page(), []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)

    def open_page(shown):
        (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{html(shown)}")
        tab.goto((tmp_path / "page.html").as_uri())
        return tab

    yield open_page
    tab.close()
    assert errors == []


STATE = "document.querySelector('.dl-machine').state"


def test_the_temperature_machine_computes_what_dlcore_does(opened):
    scores = np.array([2.0, 1.0, 0.1])
    tab = opened(softmax.temperature(scores, ["dog", "cat", "chicken"]))
    tab.get_by_label("temperature", exact=True).fill("0.5")
    tab.get_by_role("button", name="add 1").click()
    state = tab.evaluate(STATE)
    heat = 10**0.5
    assert abs(state["temperature"] - heat) < 1e-12
    np.testing.assert_allclose(state["p"], probabilities(scores + 1, heat), rtol=1e-12)
    np.testing.assert_allclose(state["entropy"], entropy(state["p"]), rtol=1e-12)
    np.testing.assert_allclose(state["logsumexp"], logsumexp((scores + 1) / heat), rtol=1e-12)
    tab.get_by_role("button", name="reset").click()
    assert tab.evaluate(STATE)["p"][0] == pytest.approx(0.6590011388859679, rel=1e-12)


def test_the_keyboard_moves_a_score_and_its_bar(opened):
    tab = opened(softmax.temperature([0.0, 0.0], ["a", "b"]))
    before = tab.evaluate(STATE)["p"][1]
    tab.get_by_label("score of b").focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(STATE)["p"][1] > before


def test_the_training_machine_trains_as_dlcore_does(opened, rng):
    x, y = data.clouds(3, 10, rng=rng)
    tab = opened(classification.training(x, y, lr=0.5, steps=30))
    state = tab.evaluate(STATE)
    model = SoftmaxRegression(2, 3, float)
    model.fit(x, y, [np.arange(30)] * 30, SGD([model.w, model.b], 0.5))
    np.testing.assert_allclose(state["w"], np.c_[model.w, model.b], rtol=1e-12, atol=1e-13)
    assert state["loss"] == pytest.approx(cross_entropy(model.logits(x), y), rel=1e-12)
    assert state["wrong"] == (model.predict(x) != y).sum()
    tab.get_by_label("step").fill("0")
    assert tab.evaluate(STATE)["loss"] == pytest.approx(np.log(3), rel=1e-12)


def test_a_dragged_point_trains_again_and_can_be_put_back(opened):
    x, y = data.clouds(2, 8, rng=np.random.default_rng(3))
    tab = opened(classification.training(x, y, steps=20))
    before = tab.evaluate(STATE)["loss"]
    box = tab.locator("canvas").bounding_box()

    def place(point):
        return (
            box["x"] + (point[0] / 4 + 1) / 2 * box["width"],
            box["y"] + (1 - point[1] / 4) / 2 * box["height"],
        )

    tab.mouse.move(*place(x[0]))
    tab.mouse.down()
    tab.mouse.move(*place([0.0, -3.0]))
    tab.mouse.up()
    assert tab.evaluate(STATE)["loss"] > before + 0.1
    tab.get_by_role("button", name="put the points back").click()
    assert tab.evaluate(STATE)["loss"] == before


def test_the_keyboard_chooses_and_moves_a_point(opened):
    x, y = data.clouds(2, 8, rng=np.random.default_rng(3))
    tab = opened(classification.training(x, y, steps=20))
    before = tab.evaluate(STATE)["loss"]
    tab.locator("canvas").focus()
    for key in ["n"] + 9 * ["ArrowDown"]:
        tab.keyboard.press(key)
    assert tab.evaluate(STATE)["loss"] > before + 0.01


def test_a_cancelled_touch_lets_the_point_go(opened):
    x, y = data.clouds(2, 8, rng=np.random.default_rng(3))
    tab = opened(classification.training(x, y, steps=20))
    before = tab.evaluate(STATE)["loss"]
    tab.evaluate(
        """([x, y]) => {
        const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect();
        const at = (a, b) => ({clientX: box.left + (a / 4 + 1) / 2 * box.width,
                               clientY: box.top + (1 - b / 4) / 2 * box.height, pointerId: 1});
        canvas.setPointerCapture = () => {};
        canvas.dispatchEvent(new PointerEvent('pointerdown', at(x, y)));
        canvas.dispatchEvent(new PointerEvent('pointercancel', at(x, y)));
        canvas.dispatchEvent(new PointerEvent('pointermove', at(3, -3)));
    }""",
        x[0].tolist(),
    )
    assert tab.evaluate(STATE)["loss"] == before


def test_play_runs_from_the_first_step_to_the_last(opened):
    x, y = data.clouds(2, 5)
    tab = opened(classification.training(x, y, steps=5))
    tab.get_by_role("button", name="play").click()
    tab.wait_for_function(f"{STATE}.step < 5")
    tab.wait_for_function(f"{STATE}.step === 5")
    assert tab.get_by_role("button", name="play").is_visible()


def test_data_cannot_close_the_script(opened):
    tab = opened(softmax.temperature([0.0, 1.0], ["</script><b>", "b"]))
    assert "</script><b>" in tab.locator(".row").first.inner_text()
    assert json.dumps(tab.evaluate(STATE)["scores"]) == "[0, 1]"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: softmax.temperature([1.0], ["a", "b"]), "scores must be one a name"),
        (
            lambda: classification.training(np.zeros((2, 3)), np.array([0, 1])),
            r"x must be \(n, 2\) with 2 or 3 classes, got \(2, 3\) and 2",
        ),
        (
            lambda: classification.training(np.zeros((2, 2)), np.array([0, 3])),
            "with 2 or 3 classes",
        ),
    ],
)
def test_mistakes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
