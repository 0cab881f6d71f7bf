"""What the chapter on the perceptron states and no other test shows."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from dlcore.scratch.perceptron import Perceptron, margin, mistake_bound, threshold_unit


def cube(d):
    return np.array(list(itertools.product([0, 1], repeat=d)))


def separable(x, labels):
    """Whether some weights have all scores on their side, by linear programming."""
    signed = (2 * np.asarray(labels) - 1)[:, None] * np.c_[x, np.ones(len(x))]
    free = np.zeros(signed.shape[1])
    return linprog(free, -signed, -np.ones(len(x)), bounds=(None, None)).success


@pytest.mark.parametrize("d", [1, 2, 3])
def test_one_unit_computes_4_14_and_104_of_the_functions_of_bits(d):
    tables = itertools.product([0, 1], repeat=2**d)
    assert sum(separable(cube(d), table) for table in tables) == [4, 14, 104][d - 1]


@pytest.mark.parametrize("n", [2, 4, 8, 16])
def test_orthogonal_examples_reach_the_bound_on_mistakes(n):
    square = np.array([[1.0]])
    while len(square) < n:
        square = np.block([[square, square], [square, -square]])
    x, labels = square[:, 1:], np.ones(n, int)
    assert sum(Perceptron(n - 1).fit(x, labels, 9)) == n
    assert mistake_bound(x, labels, np.zeros(n - 1), 1.0) == n


def test_the_length_of_the_weights_stays_between_the_two_lines_of_the_proof(rng):
    for _ in range(20):
        x = rng.normal(size=(40, 3))
        w, b = rng.normal(size=3), rng.normal()
        labels = (x @ w + b > 0).astype(int)
        gamma, radius = margin(x, labels, w, b), np.sqrt((x**2).sum(axis=1).max() + 1)
        neuron, k = Perceptron(3), 0
        for i in [*range(40)] * 50:
            k += sum(neuron.fit(x[i : i + 1], labels[i : i + 1], epochs=1))
            length = np.hypot(np.linalg.norm(neuron.w), neuron.b)
            assert gamma * k <= length * (1 + 1e-12) <= radius * np.sqrt(k) * (1 + 1e-9)


def test_data_of_whole_numbers_is_learned_or_the_weights_come_back():
    ends = set()
    for seed in range(100):
        rng = np.random.default_rng(seed)
        n = rng.integers(3, 7)
        x, labels, neuron = rng.integers(-3, 4, size=(n, 2)), rng.integers(0, 2, n), Perceptron(2)
        seen = set()
        while (state := (*neuron.w, neuron.b)) not in seen:
            seen.add(state)
            if neuron.fit(x, labels, epochs=1) == [0]:
                break
        learned = (neuron.predict(x) == labels).all()
        assert learned or not separable(x, labels)
        ends.add(bool(learned))
    assert ends == {True, False}


@pytest.mark.parametrize("d", [1, 3, 5])
def test_two_layers_of_threshold_units_compute_any_table(d, rng):
    for _ in range(20):
        table = rng.integers(0, 2, size=2**d)
        table[0] = 1  # else there may be no hidden unit
        hidden = [threshold_unit(cube(d), 2 * a - 1, a.sum()) for a in cube(d)[table == 1]]
        answers = threshold_unit(np.array(hidden).T, np.ones(len(hidden)), 1)
        assert (answers == table).all()


def test_units_and_scales_cost_mistakes():
    x, labels = cube(2), [0, 0, 0, 1]
    changed = [x, x * [10, 1], x + 10]
    assert [sum(Perceptron(2).fit(c, labels, 10**5)) for c in changed] == [10, 498, 3140]
