"""Threshold units and the perceptron: what one neuron learns, and what it cannot."""

import numpy as np
import pytest

from dlcore.scratch.perceptron import Perceptron, margin, mistake_bound, threshold_unit

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]


def test_threshold_units_compute_and_or_and_not():
    assert threshold_unit(X, [1, 1], 2).tolist() == AND
    assert threshold_unit(X, [1, 1], 1).tolist() == OR
    assert threshold_unit([[0], [1]], [-1], 0).tolist() == [1, 0]


def test_threshold_units_in_two_layers_compute_xor():
    hidden = np.stack([threshold_unit(X, [1, 1], 1), threshold_unit(X, [1, 1], 2)], axis=1)
    assert threshold_unit(hidden, [1, -1], 1).tolist() == XOR


@pytest.mark.parametrize(
    ("labels", "mistakes"), [(AND, [1, 3, 3, 2, 1, 0]), (OR, [1, 2, 1, 0])], ids=["AND", "OR"]
)
def test_the_perceptron_learns_and_in_six_epochs_and_or_in_four(labels, mistakes):
    neuron = Perceptron(2)
    assert neuron.fit(X, labels, epochs=100) == mistakes
    assert neuron.predict(X).tolist() == labels
    assert neuron.predict(X[3]) == 1


def test_xor_is_never_learned_because_the_weights_cycle():
    neuron, seen = Perceptron(2), []
    while (state := (*neuron.w, neuron.b)) not in seen:
        seen.append(state)
        neuron.fit(X, XOR, epochs=1)
        assert (neuron.predict(X) != XOR).mean() >= 1 / 4
    assert len(seen) < 10
    assert neuron.fit(X, XOR, epochs=50) == [4] * 50


def test_no_line_gets_more_than_three_of_the_four_points_of_xor(rng):
    for _ in range(2000):
        neuron = Perceptron(2)
        neuron.w, neuron.b = rng.normal(size=2), rng.normal()
        assert (neuron.predict(X) != XOR).mean() >= 1 / 4


def separable(rng, features=3, gap=0.1):
    """Random examples on both sides of a random plane, none within `gap` of it."""
    w, b = rng.normal(size=features), 0.5 * rng.normal()
    x = 2 * rng.normal(size=(60, features))
    score = (x @ w + b) / np.hypot(np.linalg.norm(w), b)
    return x[abs(score) > gap], (score[abs(score) > gap] > 0).astype(int), w, b


@pytest.mark.parametrize("features", [1, 2, 5])
def test_mistakes_never_exceed_the_bound_on_separable_data(features):
    for seed in range(20):
        x, labels, w, b = separable(np.random.default_rng(seed), features)
        neuron = Perceptron(features)
        mistakes = neuron.fit(x, labels, epochs=2000)
        assert mistakes[-1] == 0 and (neuron.predict(x) == labels).all()
        assert sum(mistakes) <= mistake_bound(x, labels, w, b)
        if margin(x, labels, neuron.w, neuron.b) > 0:  # 0 where a 0 sits on the line itself
            assert sum(mistakes) <= mistake_bound(x, labels, neuron.w, neuron.b)


def test_margin_and_bound_of_and_as_computed_by_hand():
    # w = (1, 1), b = -3/2: scores ±1/2, length √(17/4), R² = 1 + 1 + 1.
    np.testing.assert_allclose(margin(X, AND, np.ones(2), -1.5), 1 / 17**0.5, rtol=1e-12)
    np.testing.assert_allclose(mistake_bound(X, AND, np.ones(2), -1.5), 51, rtol=1e-12)
    assert mistake_bound(X, AND, 10 * np.ones(2), -15.0) == mistake_bound(X, AND, [1, 1], -1.5)


def test_the_bound_is_reached_by_one_example():
    x, labels = [[0.0, 0.0]], [1]
    assert sum(Perceptron(2).fit(x, labels, 5)) == mistake_bound(x, labels, np.zeros(2), 1.0) == 1


def test_weights_that_do_not_separate_have_a_negative_margin_and_give_no_bound():
    assert margin(X, XOR, np.ones(2), -0.5) < 0
    assert mistake_bound(X, XOR, np.ones(2), -0.5) == np.inf
    assert mistake_bound(X, OR, np.ones(2), 0.0) == np.inf  # an example on the line: margin 0


def test_a_learning_rate_would_change_no_decision(rng):
    x, labels, *_ = separable(rng)
    neuron = Perceptron(3)
    mistakes = neuron.fit(x, labels, 2000)
    scaled = Perceptron(3)  # inputs and bias coordinate times 1/2 are a rate of 1/4
    w, b, wrong = scaled.w, scaled.b, 0
    for _ in mistakes:
        for example, y in zip(x, labels, strict=True):
            error = 0.5 * (y - (example @ w + b > 0))
            w, b, wrong = w + error * example, b + error, wrong + (error != 0)
    assert wrong == sum(mistakes)
    np.testing.assert_allclose(w, 0.5 * neuron.w, rtol=1e-12)


@pytest.mark.parametrize("kind", [bool, np.uint8, float])
def test_labels_of_any_type_train_alike_and_inputs_stay(kind):
    x, labels = X.copy(), np.array(AND).astype(kind)
    assert Perceptron(2).fit(x, labels, 100) == Perceptron(2).fit(X, AND, 100)
    assert margin(x, labels, np.ones(2), -1.5) == margin(X, AND, np.ones(2), -1.5)
    assert (x == X).all() and labels.dtype == kind


def test_pixels_of_one_byte_do_not_overflow_the_bound():
    x = 200 * X.astype(np.uint8)
    bound = mistake_bound(x, AND, np.ones(2), -300.0)
    np.testing.assert_allclose(bound, 80_001 * 90_002 / 100**2, rtol=1e-12)


def test_training_stops_at_the_epochs_asked_for():
    neuron = Perceptron(2)
    assert neuron.fit(X, AND, epochs=0) == [] and neuron.fit(X, AND, epochs=2) == [1, 3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Perceptron(2).fit(X, [-1, 1, 1, 1], 1), "labels must be 0 or 1, got -1"),
        (lambda: Perceptron(2).fit(X, [0, 1], 1), r"\(n, 2\), \(n\), got \(4, 2\), \(2,\)"),
        (lambda: Perceptron(3).fit(X, AND, 1), r"x, labels must be \(n, 3\), \(n\), got \(4, 2\)"),
        (lambda: margin(X[0], AND, np.ones(2), 0.0), r"x, labels must be \(n, 2\)"),
        (lambda: margin(X, [0, 0, 0, 0.5], np.ones(2), 0.0), "labels must be 0 or 1, got 0.5"),
        (lambda: margin(X, AND, np.zeros(2), 0.0), "w and b must not all be zero"),
        (lambda: mistake_bound(X, AND, np.ones(3), 0.0), r"x, labels must be \(n, 3\)"),
    ],
)
def test_bad_input_is_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
