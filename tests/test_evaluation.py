"""Intervals, paired tests and calibration: against their definitions and against chance."""

import numpy as np
import pytest
from scipy.stats import binomtest

from dlcore.scratch.evaluation import calibration, mcnemar, wilson_interval


@pytest.mark.parametrize(("wrong", "n"), [(0, 20), (3, 20), (190, 10_000), (20, 20)])
def test_the_ends_of_the_interval_are_the_rates_just_z_deviations_away(wrong, n):
    for end in wilson_interval(wrong, n):
        gap, variance = wrong / n - end, end * (1 - end) / n
        assert gap**2 == pytest.approx(1.96**2 * variance, rel=1e-9, abs=1e-15)
    low, high = wilson_interval(wrong, n)
    assert -1e-15 < low < high < 1 + 1e-15 and low - 1e-15 < wrong / n < high + 1e-15


@pytest.mark.parametrize("rate", [0.019, 0.1, 0.5])
def test_the_interval_covers_the_true_rate_in_95_of_100_test_sets(rate, rng):
    counts = rng.binomial(1000, rate, 20_000)
    ends = {c: wilson_interval(int(c), 1000) for c in np.unique(counts)}
    covered = np.mean([ends[c][0] <= rate <= ends[c][1] for c in counts])
    assert abs(covered - 0.95) < 0.012


def test_mcnemar_counts_the_sequences_of_a_coin():
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1
    assert mcnemar(1, 4) == mcnemar(4, 1) == 2 * (5 + 1) / 32
    assert mcnemar(0, 10) == 2 / 1024
    assert mcnemar(900, 1100) == pytest.approx(
        binomtest(900, 2000).pvalue, rel=1e-9
    )  # 2.0**n would overflow


def test_mcnemar_alarms_at_most_as_often_as_it_says(rng):
    counts = rng.binomial(50, 0.5, 4000)
    rare = [mcnemar(k, 50 - k) <= 0.05 for k in range(51)]
    alarms = np.take(rare, counts).mean()
    assert 0.02 < alarms <= 0.055


def test_calibration_of_true_probabilities_is_a_diagonal(rng):
    first = rng.uniform(size=50_000)
    p = np.stack([first, 1 - first], axis=1)
    labels = (rng.uniform(size=50_000) > first).astype(int)
    count, confidence, right = calibration(p, labels)
    assert count.sum() == 50_000 and len(count) == 5  # two classes: never below one half
    np.testing.assert_allclose(right, confidence, atol=0.02)
    assert confidence[0] == pytest.approx(0.55, abs=0.01)


def test_calibration_by_hand_and_a_certain_answer_is_in_the_last_bin():
    count, confidence, right = calibration([[1.0, 0.0], [0.95, 0.05], [0.4, 0.6]], [0, 1, 1])
    assert count.tolist() == [1, 2] and right.tolist() == [1, 0.5]
    np.testing.assert_allclose(confidence, [0.6, 0.975])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wilson_interval(5, 4), "wrong must lie between 0 and n"),
        (lambda: wilson_interval(0, 0), "wrong must lie between 0 and n"),
        (lambda: mcnemar(-1, 2), "counts must not be negative"),
        (lambda: calibration(np.ones(3), np.ones(3)), r"p must be \(n, k\)"),
    ],
)
def test_a_mistake_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
