"""Dropout, weight penalties, early stopping and altered images."""

import itertools

import numpy as np
import pytest
import torch

from dlcore.nn import regularize as nn
from dlcore.scratch import regularize
from dlcore.scratch.regression import LinearRegression
from dlcore.scratch.regularize import EarlyStopping, dropout, dropout_mask


def every_mask(d, keep):
    """Each mask of d units with its probability."""
    for bits in itertools.product([False, True], repeat=d):
        mask = np.array(bits)
        yield mask, keep ** mask.sum() * (1 - keep) ** (~mask).sum()


# Dropout.


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_dropout_leaves_the_mean_as_it_is(keep, rng):
    h, draws = np.array([-2.0, 0.5, 3.0]), 20_000
    mean = np.mean([dropout(h, dropout_mask(3, keep, rng), keep) for _ in range(draws)], axis=0)
    error = np.abs(h) * np.sqrt((1 - keep) / keep / draws)
    assert (np.abs(mean - h) < 4 * error).all()
    exact = sum(p * dropout(h, mask, keep) for mask, p in every_mask(3, keep))
    np.testing.assert_allclose(exact, h, rtol=1e-12)


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.8])
def test_dropout_before_a_linear_layer_is_a_penalty_that_adapts_to_the_activations(keep, rng):
    h, w, y = rng.normal(size=6), rng.normal(size=6), 0.7
    masks = every_mask(6, keep)
    expected = sum(p * (w @ dropout(h, mask, keep) - y) ** 2 for mask, p in masks)
    penalty = (1 - keep) / keep * (w**2 * h**2).sum()
    np.testing.assert_allclose(expected, (w @ h - y) ** 2 + penalty, rtol=1e-12)


def test_a_mask_keeps_each_unit_with_the_given_probability(rng):
    mask = dropout_mask((100, 200), 0.3, rng)
    assert mask.shape == (100, 200) and mask.dtype == bool
    assert abs(mask.mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / mask.size)
    assert abs(np.corrcoef(mask[:, 0], mask[:, 1])[0, 1]) < 0.4
    assert dropout_mask(1000, 1.0, rng).all()


def test_dropout_agrees_with_torchs_own_on_the_mask_that_torch_drew(rng):
    x = torch.tensor(rng.normal(size=(30, 40)))
    own = torch.nn.functional.dropout(x, p=0.25)  # drops a quarter: keeps 0.75
    np.testing.assert_allclose(dropout(x.numpy(), (own != 0).numpy(), 0.75), own, rtol=1e-12)


# Penalties.


def test_a_step_on_the_l2_penalty_shrinks_every_weight_by_the_same_factor(rng):
    w = rng.normal(size=(3, 4))
    step = w - 0.1 * regularize.l2_penalty_vjp(1.0, None, w, 0.5)
    np.testing.assert_allclose(step, (1 - 0.1 * 0.5) * w, rtol=1e-12)


def test_penalties_of_weights_by_hand():
    w = np.array([3.0, -4.0, 0.0])
    assert regularize.l2_penalty(w) == 12.5 and regularize.l2_penalty(w, 0.2) == 2.5
    assert regularize.l1_penalty(w) == 7.0 and regularize.l1_penalty(w, 0.5) == 3.5


def test_the_l1_penalty_rests_at_zero_in_both_forms():
    w = np.array([[0.0, -0.0, 2.0]])
    ours = regularize.l1_penalty_vjp(1.0, None, w, 0.5)
    tensor = torch.tensor(w, requires_grad=True)
    nn.l1_penalty(tensor, 0.5).backward()
    np.testing.assert_array_equal(ours, [[0.0, 0.0, 0.5]])
    np.testing.assert_array_equal(tensor.grad, ours)


# Lasso.


def test_soft_thresholding_is_the_minimum_of_its_own_problem(rng):
    grid = np.linspace(-4, 4, 8001)
    for z, t in [(1.7, 0.5), (-2.0, 0.3), (0.4, 0.5), (-0.2, 0.2), (1.0, 0.0)]:
        best = grid[np.argmin(0.5 * (grid - z) ** 2 + t * np.abs(grid))]
        assert abs(regularize.soft_threshold(z, t) - best) < 1e-3


@pytest.mark.parametrize("shape", [(30, 8), (10, 25), (5, 1)])
@pytest.mark.parametrize("strength", [0.1, 0.5])
def test_the_lasso_is_that_of_scikit_learn_and_satisfies_its_conditions(shape, strength, rng):
    from sklearn.linear_model import Lasso

    x = rng.normal(size=shape) * rng.uniform(0.5, 2, shape[1])
    y = x @ np.where(np.arange(shape[1]) % 3, 0.0, 1.0) + rng.normal(size=shape[0])
    w = regularize.lasso(x, y, strength)
    own = Lasso(strength, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(x, y)
    np.testing.assert_allclose(w, own.coef_, atol=1e-5)
    slope = x.T @ (y - x @ w) / len(y)
    on = w != 0
    np.testing.assert_allclose(slope[on], strength * np.sign(w[on]), atol=1e-7)
    assert (np.abs(slope[~on]) <= strength + 1e-7).all()


# Early stopping.


def test_early_stopping_waits_with_patience_and_keeps_the_best_parameters():
    stopper, w = EarlyStopping(patience=2), np.zeros(1)
    stops = []
    for loss in 3.0, 2.0, 2.5, 1.0, 1.0, 4.0, 0.5:
        w += 1
        stops.append(stopper.update(loss, [w]))
        if stops[-1]:
            break
    assert stops == [False, False, False, False, False, True]
    assert stopper.loss == 1.0 and stopper.best[0] == [4.0]  # copied, though w went on to 6


def test_early_stopping_counts_a_loss_that_is_not_a_number_as_no_progress():
    stopper = EarlyStopping(patience=2)
    assert [stopper.update(loss, []) for loss in (1.0, np.nan, np.nan)] == [False, False, True]
    assert stopper.loss == 1.0


# Cross-validation.


def test_folds_hold_each_example_once_and_are_as_equal_as_can_be(rng):
    for n, k in [(10, 3), (7, 7), (360, 5)]:
        parts = regularize.folds(n, k, rng)
        assert sorted(np.concatenate(parts)) == list(range(n)) and len(parts) == k
        sizes = [len(part) for part in parts]
        assert max(sizes) - min(sizes) <= 1
    with pytest.raises(ValueError, match="k must lie in 2..n, got k=8, n=7"):
        regularize.folds(7, 8, rng)


# Images.


class Fixed:
    """Stands in for a generator whose draw is known."""

    def __init__(self, value):
        self.value = value

    def uniform(self, low, high, size):
        return np.full(size, self.value, float)


@pytest.fixture(params=[(4, 7, 7), (1, 5, 8), (3, 1, 1)], ids=str)
def pictures(request, rng):
    return rng.uniform(0.1, 1.0, size=request.param)


def test_a_flipped_image_is_itself_or_its_mirror_about_equally_often(rng):
    x = rng.normal(size=(400, 3, 4))
    y = regularize.flip(x, rng)
    mirrored = (y == x[:, :, ::-1]).all(axis=(1, 2))
    assert (mirrored | (y == x).all(axis=(1, 2))).all()
    assert abs(mirrored.mean() - 0.5) < 4 * 0.5 / 20


def test_a_crop_is_a_window_of_its_image_and_every_window_comes(rng):
    x = np.broadcast_to(np.arange(20.0).reshape(4, 5), (500, 4, 5))
    y = regularize.crop(x, (3, 2), rng)
    assert y.shape == (500, 3, 2)
    np.testing.assert_array_equal(y - y[:, :1, :1], np.tile(x[0, :3, :2], (500, 1, 1)))
    assert set(y[:, 0, 0]) == {5.0 * i + j for i in range(2) for j in range(4)}


def test_each_image_is_cropped_from_itself(pictures, rng):
    x = pictures * 0 + np.arange(len(pictures))[:, None, None]
    np.testing.assert_array_equal(regularize.crop(x, (1, 1), rng), x[:, :1, :1])
    np.testing.assert_array_equal(regularize.crop(pictures, pictures.shape[1:], rng), pictures)


def test_a_shifted_image_moves_at_most_so_far_and_zeros_come_in(rng):
    x = np.zeros((600, 7, 6))
    x[:, 3, 2] = 1
    places = np.argwhere(regularize.shift(x, 2, rng))
    assert len(places) == 600 and (places[:, 0] == np.arange(600)).all()
    moves = {(i - 3, j - 2) for _, i, j in places.tolist()}
    assert moves == set(itertools.product(range(-2, 3), repeat=2))
    full = regularize.shift(np.ones((50, 4, 4)), 3, rng)
    assert set(full.ravel()) == {0.0, 1.0}


def test_a_rotation_by_nothing_changes_nothing_and_by_a_quarter_is_rot90(rng):
    x = rng.normal(size=(3, 5, 5))
    np.testing.assert_allclose(regularize.rotate(x, 0, rng), x, atol=1e-12)
    for turns in 1, 2, -1:
        turned = regularize.rotate(x, 90, Fixed(90 * turns))
        np.testing.assert_allclose(turned, np.rot90(x, turns, axes=(1, 2)), atol=1e-12)
    half = regularize.rotate(x[:, :3], 180, Fixed(180))  # not square
    np.testing.assert_allclose(half, x[:, 2::-1, ::-1], atol=1e-12)


def test_rotations_differ_between_images_and_stay_within_the_degrees(rng):
    x = np.zeros((300, 41, 41))
    x[:, 20, 30:] = 1  # a ray to the right of the centre
    i, j = np.mgrid[:41, :41] - 20
    y = regularize.rotate(x, 30, rng)
    angles = np.degrees(np.arctan2((y * -i).sum(axis=(1, 2)), (y * j).sum(axis=(1, 2))))
    assert np.abs(angles).max() < 31 and angles.min() < -27 and angles.max() > 27


def test_bilinear_sampling_agrees_with_torchs_own(pictures, rng):
    n, i, j = pictures.shape
    rows, columns = rng.uniform(-2, i + 1, size=(n, 6, 3)), rng.uniform(-2, j + 1, size=(n, 6, 3))
    # torch measures from -1 to 1 over the pixels' outer edges, columns first.
    grid = np.stack([(2 * columns + 1) / j - 1, (2 * rows + 1) / i - 1], axis=-1)
    own = torch.nn.functional.grid_sample(
        torch.tensor(pictures)[:, None], torch.tensor(grid), align_corners=False
    )
    found = regularize.bilinear(pictures, rows, columns)
    np.testing.assert_allclose(found, own[:, 0], rtol=1e-10, atol=1e-12)


def test_noise_has_the_given_deviation(rng):
    e = regularize.noise(np.full((200, 100), 5.0), 0.3, rng) - 5
    assert abs(e.mean()) < 4 * 0.3 / np.sqrt(e.size)
    assert abs(e.std() / 0.3 - 1) < 4 / np.sqrt(2 * e.size)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_altered_images_keep_their_type_and_leave_the_data_alone(pictures, dtype, rng):
    x = np.asfortranarray(pictures.astype(dtype))
    kept = x.copy()
    for call in (
        lambda rng: regularize.flip(x, rng),
        lambda rng: regularize.shift(x, 1, rng),
        lambda rng: regularize.rotate(x, 20, rng),
        lambda rng: regularize.noise(x, np.float64(0.1), rng),
        lambda rng: regularize.crop(x, x.shape[1:], rng),
    ):
        y = call(np.random.default_rng(3))
        assert y.dtype == dtype and y.shape == x.shape
        np.testing.assert_array_equal(y, call(np.random.default_rng(3)))  # the seed decides
        y[...] = 7
        np.testing.assert_array_equal(x, kept)


def test_noise_on_the_inputs_of_least_squares_is_ridge_with_lambda_n_sigma_squared(rng):
    n, d, sigma, copies = 40, 4, 0.5, 10_000
    x = rng.normal(size=(n, d))
    y = x @ rng.normal(size=d) + 1 + rng.normal(size=n)
    ridge, plain, noisy = (LinearRegression(d) for _ in range(3))
    ridge.fit_exactly(x, y, ridge=n * sigma**2)
    plain.fit_exactly(x, y)
    noisy.fit_exactly(regularize.noise(np.tile(x, (copies, 1)), sigma, rng), np.tile(y, copies))
    gap = np.abs(ridge.w - plain.w).max()
    assert np.abs(noisy.w - ridge.w).max() < 0.02 * gap
    assert np.abs(noisy.b - ridge.b).max() < 0.01
    # In expectation it is exact: E[(x + e)ᵀ(x + e)] = xᵀx + n σ² I.
    centred = x - x.mean(axis=0)
    exact = np.linalg.solve(centred.T @ centred + n * sigma**2 * np.eye(d), centred.T @ y)
    np.testing.assert_allclose(ridge.w[0], exact, rtol=1e-10)


# Mistakes.


def pictures_of(*shape):
    return np.ones(shape)


BAD = [
    (lambda r: dropout_mask(3, 0.0, r), r"keep must lie in \(0, 1\], got 0.0"),
    (lambda r: regularize.soft_threshold(np.ones(2), -1.0), "strength must not be .*got -1.0"),
    (lambda r: regularize.lasso(np.eye(3)[:, [0, 1, 1]] * 0, np.ones(3), 1.0), "no column.*got 3"),
    (
        lambda r: regularize.lasso(np.ones((2, 2)), np.ones(2), 0.1, most=1),
        "most must .*got most=1",
    ),
    (lambda r: EarlyStopping(0), "patience must be at least 1, got 0"),
    (lambda r: regularize.flip(pictures_of(2, 3), r), r"float images \(n, i, j\), got float64 \(2"),
    (lambda r: regularize.rotate(pictures_of(1, 2, 2).astype(np.uint8), 9, r), "images.*got uint8"),
    (lambda r: regularize.crop(pictures_of(1, 4, 5), (4, 6), r), r"size must fit .*4, 5.*\(4, 6\)"),
    (lambda r: regularize.crop(pictures_of(1, 4, 5), (0, 1), r), "size must fit into the images"),
    (lambda r: regularize.shift(pictures_of(1, 4, 5), -1, r), "most must not be negative, got -1"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_mistakes_are_named_in_the_error(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(rng)


@pytest.mark.parametrize(
    ("mask", "keep", "message"),
    [
        (np.ones(3), 0.5, r"mask must be bool \(3,\), got (torch.)?float64 \(3,\)"),
        (np.ones(2, bool), 0.5, r"mask must be bool \(3,\), got (torch.)?bool \(2,\)"),
        (np.ones(3, bool), 0.0, r"keep must lie in \(0, 1\], got 0.0"),
        (np.ones(3, bool), 1.5, r"keep must lie in \(0, 1\], got 1.5"),
    ],
)
def test_bad_masks_are_named_in_the_error_of_both_forms(mask, keep, message):
    with pytest.raises(ValueError, match=message):
        dropout(np.ones(3), mask, keep)
    with pytest.raises(ValueError, match=message):
        nn.dropout(torch.ones(3), torch.tensor(mask), keep)
