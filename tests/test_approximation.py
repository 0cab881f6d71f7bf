"""Networks with weights written down: what the chapter on approximation proves about them."""

import numpy as np
import pytest

from dlcore.scratch.approximation import (
    folded,
    knots_by_bend,
    modulus,
    narrow_network,
    relu_network,
    sawtooth,
    square,
    tent,
    weights_from_knots,
)

GRID = np.arange(961) / 960
TARGETS = {"root": np.sqrt, "corner": lambda x: abs(x - 0.4), "chirp": lambda x: np.sin(18 * x**2)}


def dots(rng, m):
    return np.cumsum(rng.uniform(0.1, 1, m + 1)) - 2, 5 * rng.normal(size=m + 1)


@pytest.mark.parametrize("m", [1, 2, 7, 50])
def test_the_weights_draw_the_broken_line_through_the_dots(rng, m):
    knots, values = dots(rng, m)
    x = np.linspace(knots[0], knots[-1], 301)
    network = weights_from_knots(knots, values)
    assert [len(a) for a in network[:3]] == [m, m, m]
    line = np.interp(x, knots, values)
    np.testing.assert_allclose(relu_network(x, *network), line, atol=1e-11)
    np.testing.assert_allclose(narrow_network(x, knots, values), line, atol=1e-11)
    reshaped = relu_network(x[:300].reshape(15, 20), *network)
    np.testing.assert_array_equal(reshaped, relu_network(x[:300], *network).reshape(15, 20))


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("m", [1, 6, 32])
def test_the_error_stays_below_the_modulus_of_continuity(name, m, rng):
    values = TARGETS[name](GRID)
    for places in np.arange(m + 1) * (960 // m), [0, *np.sort(rng.choice(959, m) + 1), 960]:
        places = np.unique(places)
        network = weights_from_knots(GRID[places], values[places])
        error = abs(relu_network(GRID, *network) - values).max()
        assert error <= modulus(values, np.diff(places).max()) + 1e-12


def test_the_modulus_looks_at_all_steps_up_to_its_own():
    wave = [0.0, 2.0, 0.0, 3.0, 1.0]
    assert [modulus(wave, k) for k in (1, 2, 3, 4)] == [3, 3, 3, 3]
    assert modulus(np.arange(5.0), 3) == 3 and modulus([0, 1, 0], 2) == 1


@pytest.mark.parametrize("m", [1, 4, 16])
def test_no_network_of_m_units_gets_closer_to_a_parabola(rng, m):
    x = np.linspace(0, 1, 4001)
    least = 2 / 16 / (m + 1) ** 2
    knots = np.arange(m + 1) / m
    best = weights_from_knots(knots, knots**2 - 1 / (8 * m * m))
    for _ in range(50):
        shaken = [a + 0.01 * rng.normal(size=np.shape(a)) for a in best]
        assert abs(relu_network(x, *shaken) - x**2).max() >= least
    assert least <= abs(relu_network(x, *best) - x**2).max() <= 1 / (8 * m * m) + 1e-12


@pytest.mark.parametrize("name", ["root", "chirp"])
def test_knots_by_bend_beat_equal_gaps(name):
    values = TARGETS[name](GRID)
    bent, even = knots_by_bend(values, 16), np.arange(17) * 60
    errors = [abs(np.interp(GRID, GRID[k], values[k]) - values).max() for k in (bent, even)]
    assert errors[0] < 0.4 * errors[1]


@pytest.mark.parametrize("values", [GRID, GRID**2, 0 * GRID, abs(GRID - 0.4), 1.0 * (GRID > 0.7)])
@pytest.mark.parametrize("m", [1, 7, 64])
def test_knots_by_bend_are_apart_and_reach_both_ends(values, m):
    places = knots_by_bend(values, m)
    assert len(places) == m + 1 and (places[0], places[-1]) == (0, 960)
    assert (np.diff(places) > 0).all()


@pytest.mark.parametrize("values", [GRID**2, 0 * GRID], ids=["parabola", "flat"])
def test_knots_by_bend_are_even_where_the_bend_is(values):
    assert abs(knots_by_bend(values, 8) - np.arange(9) * 120).max() <= 1


@pytest.mark.parametrize("k", range(8))
def test_folding_k_times_gives_2_to_the_k_pieces_that_alternate(k):
    f = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    for _ in range(k):
        f = folded(*f)
    np.testing.assert_array_equal(f[0], np.arange(2**k + 1) / 2**k)
    np.testing.assert_array_equal(f[1], np.arange(2**k + 1) % 2)
    np.testing.assert_array_equal(sawtooth(f[0], k), f[1])


@pytest.mark.parametrize("crease", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("height", [0.4, 0.5, 0.85, 1.0])
def test_folded_knots_draw_the_composition_of_tents(crease, height):
    x, f = np.linspace(0, 1, 997), (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    y, pieces = x, [1]
    for _ in range(5):
        f, y = folded(*f, crease, height), tent(y, crease, height)
        np.testing.assert_allclose(np.interp(x, *f), y, atol=1e-12)
        pieces.append(len(f[0]) - 1)
    assert pieces[1] == 2 and (height < 1 or pieces[-1] == 32)
    assert (pieces[-1] == 2) == (height <= crease)


def test_a_network_close_to_the_sawtooth_needs_a_unit_for_nearly_every_tooth():
    """Both claims of the theorem on depth, at the widths where they begin to bite."""
    x = np.linspace(0, 1, 2**14 + 1)
    for m in (3, 7, 15):
        for shift in (0, 0.25, 0.5):
            knots = np.linspace(0, 1, m + 1)
            g = relu_network(x, *weights_from_knots(knots, (np.arange(m + 1) + shift) % 2))
            away = abs(g - sawtooth(x, 5))
            assert away.max() >= 0.5 and away.mean() >= 1 / 16


@pytest.mark.parametrize("k", [0, 1, 4, 9])
def test_squares_by_folding_are_exact_at_the_knots_and_as_close_as_promised(k):
    x, knots = np.linspace(0, 1, 2**12 + 1), np.arange(2**k + 1) / 2**k
    np.testing.assert_allclose(square(knots, k), knots**2, atol=1e-15)
    error = square(x, k) - x**2
    assert error.min() >= -1e-15 and abs(error.max() - 4.0 ** -(k + 1)) < 1e-15


def test_dots_that_no_line_can_join_are_named_in_the_error():
    with pytest.raises(ValueError, match=r"knots must increase, got 1.0 out of order"):
        weights_from_knots([0, 2, 1], [0, 0, 0])
    with pytest.raises(ValueError, match=r"\(m\+1\), \(m\+1\), m ≥ 1, got \(2,\) and \(3,\)"):
        weights_from_knots([0, 1], [0, 1, 2])
