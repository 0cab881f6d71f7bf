"""One head over a sentence of the reader's: the page computes what attention does."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import attention as pictures
from dlcore.figures.page import show
from dlcore.scratch.attention import attention

WORDS = ["the", "cat", "dogs", "near", "saw"]
SENTENCES = ["the cat near the dogs saw the cat", "the dogs saw the cat"]


@pytest.fixture
def tables(rng):
    shapes = {"tokens": (5, 6), "positions": (9, 6), "wq": (4, 6), "wk": (4, 6), "wv": (1, 6)}
    return {name: 2 * rng.normal(size=shape) for name, shape in shapes.items()}


def laboratory(tables, sentences=SENTENCES):
    answers = ("singular", "plural")
    return pictures.laboratory(WORDS, tables, sentences, answers, ["saw"], ["near"])


@pytest.fixture
def machine(opened, tables):  # noqa: F811
    tab = opened(laboratory(tables))
    tab.set_default_timeout(4000)
    return tab


def agrees(state, tables):
    x = tables["tokens"][[WORDS.index(word) for word in state["words"]]]
    x = x + tables["positions"][: len(x)]
    q, k, v = (x @ tables[name].T for name in ("wq", "wk", "wv"))
    y, weights = attention(q, k, v)
    np.testing.assert_allclose(state["weights"], weights, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state["values"], v[:, 0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(state["scores"], y[:, 0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "sentence", [*SENTENCES, "cat", "dogs dogs dogs", "the cat near the cat near the cat saw"]
)
def test_the_weights_of_a_typed_sentence_are_those_of_attention(machine, tables, sentence):
    machine.get_by_label("sentence", exact=True).fill(sentence)
    state = machine.evaluate(STATE)
    assert state["words"] == sentence.split()
    agrees(state, tables)


def test_a_picked_sentence_and_capital_letters_are_read(machine, tables):
    machine.get_by_label("sentence to pick").select_option(SENTENCES[1])
    agrees(machine.evaluate(STATE), tables)
    machine.get_by_label("sentence", exact=True).fill("The cat, near the Dogs, saw the cat.")
    state = machine.evaluate(STATE)
    assert state["words"] == SENTENCES[0].split()
    agrees(state, tables)


def test_the_word_to_ask_is_shown_first_and_another_can_be_chosen(machine):
    assert machine.evaluate(STATE)["query"] == 5
    word = machine.get_by_role("button", name="dogs").first
    word.focus()
    machine.keyboard.press("Enter")
    assert machine.evaluate(STATE)["query"] == 4
    assert machine.evaluate("document.activeElement.textContent") == "dogs"
    bars = machine.locator(".bar").evaluate_all("bars => bars.map(b => parseFloat(b.style.width))")
    weights = machine.evaluate(STATE)["weights"][4]
    np.testing.assert_allclose(bars, 100 * np.array(weights), atol=1e-3)


def test_the_answer_is_the_sign_of_the_score(machine):
    state = machine.evaluate(STATE)
    side = "plural" if state["scores"][5] > 0 else "singular"
    assert f"“saw”: {side}, with probability" in machine.locator(".dl-machine").inner_text()


def test_a_word_never_asked_in_training_says_so(machine):
    machine.get_by_role("button", name="near").first.click()
    assert "was never asked in training" in machine.locator(".dl-machine").inner_text()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("the zebra saw", "It has never seen: zebra."),
        ("", "Type a sentence"),
        ("the " * 10, "It knows 9 places, and this has 10."),
    ],
)
def test_what_it_cannot_read_is_said_and_the_last_sentence_stays(machine, typed, said):
    before = machine.evaluate(STATE)
    machine.get_by_label("sentence", exact=True).fill(typed)
    assert said in machine.locator(".dl-machine").inner_text()
    assert machine.evaluate(STATE) == before


def test_known_words_are_buttons_that_make_a_sentence(machine, tables):
    machine.get_by_text("words it knows").click()
    machine.get_by_role("button", name="clear the sentence").click()
    for word in ("the", "dogs", "saw"):
        machine.locator("details").get_by_role("button", name=word, exact=True).click()
    state = machine.evaluate(STATE)
    assert state["words"] == ["the", "dogs", "saw"]
    agrees(state, tables)


def test_the_still_is_axes_and_a_laboratory_is_small(tables):
    axes = pictures.weights(np.eye(2), ["a", "b"], ["c", "d"])
    assert isinstance(axes, Axes) and len(html(show(axes, "weights"))) < 300_000
    assert len(html(laboratory(tables))) < 300_000


def test_tables_that_do_not_fit_are_named_in_the_error(tables):
    with pytest.raises(ValueError, match=r"one row a word and one width, got tokens \(5, 5\)"):
        laboratory(tables | {"tokens": np.zeros((5, 5))})
    with pytest.raises(ValueError, match="one row a word"):
        laboratory(tables | {"tokens": np.zeros((4, 6))})
    with pytest.raises(ValueError, match=r"sentences must be made of the words, got \['cow'\]"):
        laboratory(tables, ["the cow saw"])
