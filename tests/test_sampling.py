"""Choosing tokens: the right frequencies, and filters that keep what they should."""

import numpy as np
import pytest
import torch

from dlcore.nn import sampling as nn
from dlcore.scratch import sampling as scratch
from dlcore.scratch.softmax import softmax

BOTH = pytest.mark.parametrize("half", [scratch, nn], ids=["scratch", "nn"])
LOGITS = np.array([1.0, -1.0, 2.0, 0.0, 1.5])
DRAWS = 20_000


def given(half, array):
    return array if half is scratch else torch.tensor(array)


def generator(half, seed=0):
    return np.random.default_rng(seed) if half is scratch else torch.Generator().manual_seed(seed)


def counts(half, logits, **options):
    """How often each token comes in DRAWS rows of the same logits."""
    rows = given(half, np.tile(logits, (DRAWS, 1)))
    tokens = np.asarray(half.sample(rows, generator(half), **options))
    assert tokens.shape == (DRAWS,) and np.issubdtype(tokens.dtype, np.integer)
    return np.bincount(tokens, minlength=len(logits))


def assert_drawn_from(p, counted):
    """Chi-square of the counts; 25 is passed by chance less than once in 10,000 seeds."""
    possible = p > 0
    assert not counted[~possible].any()
    wanted = DRAWS * p[possible]
    assert ((counted[possible] - wanted) ** 2 / wanted).sum() < 25


@BOTH
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_tokens_come_as_often_as_the_softmax_says(half, temperature):
    counted = counts(half, LOGITS, temperature=temperature)
    assert_drawn_from(softmax(LOGITS, temperature), counted)


@BOTH
def test_top_k_shares_the_probability_among_the_k_likeliest(half):
    p = softmax(LOGITS) * (LOGITS >= 1)
    assert_drawn_from(p / p.sum(), counts(half, LOGITS, top_k=3))


@BOTH
def test_top_p_keeps_the_fewest_tokens_that_reach_it(half):
    logits = np.log([0.3, 0.05, 0.4, 0.2, 0.05])
    for top_p, kept in (0.39, [2]), (0.41, [0, 2]), (0.69, [0, 2]), (0.71, [0, 2, 3]):
        found = np.asarray(half.filter_top_p(given(half, logits), top_p))
        assert np.flatnonzero(np.isfinite(found)).tolist() == kept
        np.testing.assert_array_equal(found[kept], logits[kept])
    assert_drawn_from(np.array([3, 0, 4, 0, 0]) / 7, counts(half, logits, top_p=0.6))


@BOTH
def test_the_mass_that_exactly_reaches_top_p_is_enough(half):
    logits = given(half, np.array([[0.0, 0.0], [5.0, 5.0]]))
    found = np.asarray(half.filter_top_p(logits, 0.5))
    assert np.isfinite(found).tolist() == [[True, False], [True, False]]


@BOTH
def test_temperature_acts_before_top_p_and_top_p_after_top_k(half):
    logits = np.log([0.5, 0.3, 0.2])
    assert np.flatnonzero(counts(half, logits, top_p=0.45)).tolist() == [0]
    hot = counts(half, logits, temperature=100.0, top_p=0.45)
    assert np.flatnonzero(hot).tolist() == [0, 1]
    assert np.flatnonzero(counts(half, logits, top_p=0.6)).tolist() == [0, 1]
    both = counts(half, logits, top_k=2, top_p=0.6)  # 0.5 / 0.8 reaches 0.6 alone
    assert np.flatnonzero(both).tolist() == [0]


@BOTH
@pytest.mark.parametrize("options", [{"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-4}])
def test_the_narrowest_choice_is_the_greedy_one(half, options, rng):
    logits = given(half, rng.normal(size=(200, 33)))
    tokens = half.sample(logits, generator(half), **options)
    np.testing.assert_array_equal(tokens, np.asarray(logits).argmax(axis=-1))
    np.testing.assert_array_equal(half.greedy(logits), tokens)


@BOTH
@pytest.mark.parametrize("options", [{}, {"top_k": 33}, {"top_k": 99}, {"top_p": 1.0}])
def test_a_filter_that_keeps_all_changes_nothing(half, options, rng):
    logits = given(half, rng.normal(size=(20, 33)))
    wanted = half.sample(logits, generator(half))
    np.testing.assert_array_equal(half.sample(logits, generator(half), **options), wanted)


@BOTH
def test_the_first_of_equal_tokens_stays(half):
    equal = given(half, np.zeros((2, 40)))
    assert half.greedy(equal).tolist() == [0, 0]
    for filtered in half.filter_top_k(equal, 3), half.filter_top_p(equal, 2.5 / 40):
        kept = np.asarray(filtered)
        assert np.isfinite(kept).sum(axis=-1).tolist() == [3, 3]
        assert np.isfinite(kept[:, :3]).all()


@BOTH
def test_a_filter_leaves_its_input_and_its_dtype_alone(half, rng):
    logits = rng.normal(size=(3, 5)).astype(np.float32)
    before = logits.copy()
    for kept in (
        half.filter_top_k(given(half, logits), 2),
        half.filter_top_p(given(half, logits), 0.3),
    ):
        assert np.asarray(kept).dtype == np.float32
    np.testing.assert_array_equal(logits, before)


def test_both_halves_filter_alike(rng):
    logits = np.round(rng.normal(size=(50, 12)), 1)  # with ties
    for name, limit in ("filter_top_k", 4), ("filter_top_p", 0.7):
        ours = getattr(scratch, name)(logits, limit)
        np.testing.assert_array_equal(ours, getattr(nn, name)(torch.tensor(logits), limit))


@BOTH
def test_one_row_without_others_gives_one_token(half):
    token = half.sample(given(half, np.array([0.0, -np.inf])), generator(half))
    assert token.shape == () and int(token) == 0


@BOTH
def test_the_same_generator_seed_gives_the_same_tokens(half, rng):
    logits = given(half, rng.normal(size=(50, 12)))
    first = half.sample(logits, generator(half, 1))
    np.testing.assert_array_equal(first, half.sample(logits, generator(half, 1)))
    assert (np.asarray(first) != np.asarray(half.sample(logits, generator(half, 2)))).any()


@BOTH
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0}, r"temperature must be positive, got 0: use greedy\(logits\)"),
        ({"temperature": -1.0}, "temperature must be positive and finite, got -1.0"),
        ({"top_k": 0}, "top_k must be at least 1, got 0"),
        ({"top_p": 0.0}, r"top_p must lie in \(0, 1\], got 0.0"),
        ({"top_p": 1.5}, r"top_p must lie in \(0, 1\], got 1.5"),
    ],
)
def test_an_option_that_cannot_be_is_named(half, options, message):
    with pytest.raises(ValueError, match=message):
        half.sample(given(half, LOGITS[None]), generator(half), **options)


@BOTH
@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_a_row_without_a_possible_token_is_named(half, bad):
    logits = given(half, np.array([[0.0, 1.0], [bad, bad]]))
    for choose in half.greedy, lambda x: half.sample(x, generator(half)):
        with pytest.raises(ValueError, match=r"finite, got .* in row \(1,\)"):
            choose(logits)
