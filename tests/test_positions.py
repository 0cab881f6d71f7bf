"""Sinusoidal and rotary positions."""

import numpy as np
import pytest
import torch

from dlcore.nn import positions as nn
from dlcore.scratch import positions


def test_sinusoids_are_those_of_the_formula_and_of_both_forms():
    waves = positions.sinusoidal(7, 6, np.float64)
    for p in range(7):
        for k in range(3):
            angle = p / 10000 ** (2 * k / 6)
            np.testing.assert_allclose(
                waves[p, 2 * k : 2 * k + 2], [np.sin(angle), np.cos(angle)], rtol=1e-12
            )
    np.testing.assert_allclose(nn.sinusoidal(7, 6, torch.float64), waves, rtol=1e-12)
    assert positions.sinusoidal(7, 6).dtype == np.float32
    assert nn.sinusoidal(7, 6).dtype == torch.float32
    np.testing.assert_allclose(nn.sinusoidal(7, 6), positions.sinusoidal(7, 6), rtol=1e-6)


@pytest.mark.parametrize("k", [1, 5])
def test_a_shifted_position_is_a_linear_function_of_the_position(k):
    waves = positions.sinusoidal(64, 8, np.float64)
    shift = np.linalg.lstsq(waves[:-k], waves[k:], rcond=None)[0]
    np.testing.assert_allclose(waves[:-k] @ shift, waves[k:], atol=1e-9)
    # One matrix fits all places; between sines of other speeds none does.
    other = positions.sinusoidal(64, 8, np.float64) ** 3
    assert (
        abs(waves[:-k] @ np.linalg.lstsq(waves[:-k], other[k:], rcond=None)[0] - other[k:]).max()
        > 0.1
    )


def test_no_two_places_look_alike():
    waves = positions.sinusoidal(500, 16, np.float64)
    gaps = np.linalg.norm(waves[:, None] - waves, axis=-1) + 9 * np.eye(500)
    assert gaps.min() > 0.1


@pytest.mark.parametrize("base", [10000.0, 100.0])
def test_a_dot_product_of_rotated_vectors_depends_only_on_their_distance(base, rng):
    q, k = rng.normal(size=(2, 8))
    rotated_q = positions.rotary(np.tile(q, (20, 1)), base)
    rotated_k = positions.rotary(np.tile(k, (20, 1)), base)
    scores = rotated_q @ rotated_k.T
    for distance in range(-5, 6):
        diagonal = np.diagonal(scores, distance)
        np.testing.assert_allclose(diagonal, diagonal[0], rtol=1e-9)
    np.testing.assert_allclose(scores[0, 0], q @ k, rtol=1e-12)
    assert np.ptp(scores[0]) > 0.1


def test_rotation_keeps_norms_and_leaves_the_first_place_alone(rng):
    x = rng.normal(size=(2, 9, 6))
    y = positions.rotary(x)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-12)
    np.testing.assert_array_equal(y[:, 0], x[:, 0])


def test_the_first_pair_turns_by_one_radian_a_place():
    y = positions.rotary(np.tile([1.0, 0, 1, 0], (3, 1)))
    np.testing.assert_allclose(y[2], [np.cos(2), np.sin(2), np.cos(0.02), np.sin(0.02)], rtol=1e-12)


def test_rotation_with_a_start_continues_where_a_cache_ended(rng):
    x = rng.normal(size=(2, 9, 6))
    whole, later = positions.rotary(x), positions.rotary(x[:, 5:], start=5)
    np.testing.assert_allclose(later, whole[:, 5:], rtol=1e-12)


def test_the_gradient_of_a_rotation_turns_back(rng):
    x = rng.normal(size=(9, 6))
    y = positions.rotary(x, start=4)
    np.testing.assert_allclose(positions.rotary_vjp(y, y, x, start=4), x, rtol=1e-12)


def test_rotation_in_float32_stays_exact_far_out(rng):
    x = rng.normal(size=(3, 6))
    far = positions.rotary(x, start=100_000)
    found = positions.rotary(x.astype(np.float32), start=100_000)
    np.testing.assert_allclose(found, far, atol=1e-6)
    tensor = nn.rotary(torch.tensor(x, dtype=torch.float32), start=100_000)
    np.testing.assert_allclose(tensor, far, atol=1e-6)


BAD = [
    ("sinusoidal", (4, 3), "d must be even, since features come in pairs, got 3"),
    ("rotary", (np.zeros((4, 3)),), "d must be even, since features come in pairs, got 3"),
    ("rotary", (np.zeros(4),), r"x must be floats \(..., t, d\), got .*float64 of shape \(4,\)"),
    ("rotary", (np.zeros((4, 2), int),), r"x must be floats \(..., t, d\), got .*int64 of shape"),
    ("rotary", (np.zeros((4, 2)), 10000.0, -1), "start must not be negative, got -1"),
]


@pytest.mark.parametrize(("f", "args", "message"), BAD, ids=lambda v: str(v)[:30])
def test_bad_positions_are_named_in_the_error_of_both_forms(f, args, message):
    with pytest.raises(ValueError, match=message):
        getattr(positions, f)(*args)
    with pytest.raises(ValueError, match=message):
        getattr(nn, f)(*(torch.tensor(a) if isinstance(a, np.ndarray) else a for a in args))
