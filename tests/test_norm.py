"""Batch, layer, root-mean-square and local response normalization."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlcore.nn import norm as nn
from dlcore.scratch import norm
from dlcore.scratch.norm import (
    batch_norm,
    batch_norm_fixed,
    batch_norm_vjp,
    layer_norm,
    layer_norm_vjp,
    local_response_norm,
    rms_norm,
    rms_norm_vjp,
)

ONE, ZERO = np.ones(3), np.zeros(3)


@pytest.fixture(params=[(6, 3), (4, 3, 5, 2)], ids=str)
def batch(request, rng):
    return [2 * rng.normal(size=request.param) + 1, rng.normal(size=3), rng.normal(size=3)]


def others(x):
    """Every axis but the one of the channels."""
    return (0, *range(2, x.ndim))


def test_each_channel_of_a_batch_gets_mean_0_and_variance_1(batch):
    y, mean, var = batch_norm(batch[0], ONE, ZERO, eps=0.0)
    np.testing.assert_allclose(y.mean(axis=others(y)), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(axis=others(y)), 1, rtol=1e-12)
    np.testing.assert_allclose(mean, batch[0].mean(axis=others(y)), rtol=1e-12)
    np.testing.assert_allclose(var, batch[0].var(axis=others(y)), rtol=1e-12)


def test_batch_norm_and_its_averages_equal_torchs_own(batch):
    x, scale, shift = batch
    y, mean, var = batch_norm(x, scale, shift)
    running, tensors = torch.zeros(2, 3, dtype=torch.float64), [*map(torch.tensor, batch)]
    own = F.batch_norm(tensors[0], *running, *tensors[1:], training=True, momentum=1.0)
    np.testing.assert_allclose(y, own, rtol=1e-10, atol=1e-12)
    n = x.size / 3  # torch's running variance divides by n - 1
    np.testing.assert_allclose([mean, var * n / (n - 1)], running, rtol=1e-12)
    own = F.batch_norm(tensors[0], *running, *tensors[1:])
    fixed = batch_norm_fixed(x, scale, shift, *running.numpy())
    np.testing.assert_allclose(fixed, own, rtol=1e-10, atol=1e-12)
    kept = nn.batch_norm(*tensors)
    np.testing.assert_allclose(kept[1:], [mean, var], rtol=1e-12)
    assert [tuple(k.shape) for k in kept] == [x.shape, (3,), (3,)]


def test_fixed_batch_norm_with_the_averages_of_the_batch_is_batch_norm(batch):
    y, mean, var = batch_norm(*batch)
    np.testing.assert_allclose(batch_norm_fixed(*batch, mean, var), y, rtol=1e-10, atol=1e-12)


def test_only_in_training_does_an_example_depend_on_its_batch(batch):
    x, scale, shift = batch
    mean, var = ZERO + 0.5, ONE * 2
    alone = batch_norm_fixed(x[:1], scale, shift, mean, var)
    np.testing.assert_array_equal(batch_norm_fixed(*batch, mean, var)[:1], alone)
    assert not np.allclose(batch_norm(*batch)[0][:2], batch_norm(x[:2], scale, shift)[0])


def test_layer_norm_equals_torchs_own_and_sees_one_row_only(rng):
    x, scale, shift = rng.normal(size=(2, 5, 3)), rng.normal(size=3), rng.normal(size=3)
    own = F.layer_norm(torch.tensor(x), (3,), torch.tensor(scale), torch.tensor(shift))
    y = layer_norm(x, scale, shift)
    np.testing.assert_allclose(y, own, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(layer_norm(x[:1, :1], scale, shift), y[:1, :1])


def test_rms_norm_equals_torchs_own_and_is_layer_norm_of_rows_with_mean_0(rng):
    x, scale = rng.normal(size=(2, 5, 3)), rng.normal(size=3)
    own = F.rms_norm(torch.tensor(x), (3,), torch.tensor(scale), 1e-6)
    np.testing.assert_allclose(rms_norm(x, scale), own, rtol=1e-10, atol=1e-12)
    x -= x.mean(axis=-1, keepdims=True)
    same = layer_norm(x, scale, ZERO, eps=1e-6)
    np.testing.assert_allclose(rms_norm(x, scale), same, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("factor", [1e-3, 7.0])
def test_a_factor_on_the_input_changes_nothing_as_eps_vanishes(factor, batch):
    x, scale, shift = batch
    for f in (
        lambda x: batch_norm(x, scale, shift, eps=1e-20)[0],
        lambda x: layer_norm(np.moveaxis(x, 1, -1), scale, shift, eps=1e-20),
        lambda x: rms_norm(np.moveaxis(x, 1, -1), scale, eps=1e-20),
    ):
        np.testing.assert_allclose(f(factor * x), f(x), rtol=1e-9, atol=1e-11)


def test_a_constant_on_the_input_changes_all_but_rms_norm_not_at_all(batch):
    x, scale, shift = batch
    np.testing.assert_allclose(
        batch_norm(x + 9, scale, shift)[0], batch_norm(*batch)[0], rtol=1e-9, atol=1e-11
    )
    rows = np.moveaxis(x, 1, -1)
    same = layer_norm(rows, scale, shift)
    np.testing.assert_allclose(layer_norm(rows + 9, scale, shift), same, rtol=1e-8, atol=1e-10)
    assert not np.allclose(rms_norm(rows + 9, scale), rms_norm(rows, scale))


def test_no_gradient_moves_the_mean_or_stretches_the_input(batch):
    # Mean and deviation taken for constants, these sums would not vanish.
    x, scale, shift = batch
    dy = np.random.default_rng(1).normal(size=x.shape)
    kept = batch_norm(*batch, eps=0.0)
    dx, _, _ = batch_norm_vjp(dy, kept, *batch, eps=0.0)
    np.testing.assert_allclose(dx.sum(axis=others(x)), 0, atol=1e-12)
    np.testing.assert_allclose((x * dx).sum(axis=others(x)), 0, atol=1e-12)
    rows, dy = np.moveaxis(x, 1, -1), np.moveaxis(dy, 1, -1)
    dx, _, _ = layer_norm_vjp(dy, None, rows, scale, shift, eps=0.0)
    np.testing.assert_allclose(dx.sum(axis=-1), 0, atol=1e-9)
    np.testing.assert_allclose((rows * dx).sum(axis=-1), 0, atol=1e-9)
    dx, _ = rms_norm_vjp(dy, None, rows, scale, eps=0.0)
    np.testing.assert_allclose((rows * dx).sum(axis=-1), 0, atol=1e-12)


@pytest.mark.parametrize(("c", "size"), [(7, 5), (6, 4), (2, 5), (1, 1)])
def test_local_response_norm_equals_torchs_own(c, size, rng):
    x = 3 * rng.normal(size=(2, c, 3, 4))
    own = F.local_response_norm(torch.tensor(x), size, 0.1, 0.6, 1.5)
    y = local_response_norm(x, size, 0.1, 0.6, 1.5)
    np.testing.assert_allclose(y, own, rtol=1e-10, atol=1e-12)
    own = F.local_response_norm(torch.tensor(x), 5, k=2.0)
    np.testing.assert_allclose(local_response_norm(x), own, rtol=1e-10, atol=1e-12)


def test_a_loud_channel_damps_its_neighbours_and_no_others():
    x = np.ones((1, 7, 1, 1))
    quiet = local_response_norm(x, size=3, alpha=1.0)
    x[0, 3] = 10
    damped = local_response_norm(x, size=3, alpha=1.0)[0, :, 0, 0] < 0.9 * quiet[0, :, 0, 0]
    assert damped.tolist() == [False, False, True, False, True, False, False]


X = np.zeros((4, 3))
BAD = [
    ("batch_norm", (X[:1], ONE, ZERO), r"x must have two values or more a channel, got \(1, 3\)"),
    ("batch_norm", (np.zeros((1, 3, 1, 1)), ONE, ZERO), r"a channel, got \(1, 3, 1, 1\)"),
    ("batch_norm", (ONE, ONE, ZERO), r"x must be a batch with two axes or more, got \(3,\)"),
    ("batch_norm", (X[:0], ONE, ZERO), r"x must be a batch .*, got \(0, 3\)"),
    ("batch_norm", (X, np.ones(4), ZERO), r"scale must be \(3,\), got \(4,\)"),
    ("batch_norm", (X, ONE, np.ones((1, 3))), r"shift must be \(3,\), got \(1, 3\)"),
    ("batch_norm_fixed", (X, ONE, ZERO[:2], ZERO, ONE), r"shift must be \(3,\), got \(2,\)"),
    ("batch_norm_fixed", (X, ONE, ZERO, ZERO[:2], ONE), r"mean must be \(3,\), got \(2,\)"),
    ("batch_norm_fixed", (X, ONE, ZERO, ZERO, ONE[:2]), r"var must be \(3,\), got \(2,\)"),
    ("layer_norm", (X, np.ones(4), ZERO), r"scale must be \(3,\), got \(4,\)"),
    ("layer_norm", (X, ONE, np.ones(4)), r"shift must be \(3,\), got \(4,\)"),
    ("rms_norm", (X, np.ones(4)), r"scale must be \(3,\), got \(4,\)"),
    ("local_response_norm", (X,), r"x must be \(n, c, i, j\), got \(4, 3\)"),
]


@pytest.mark.parametrize(("f", "args", "message"), BAD, ids=lambda v: str(v)[:30])
def test_bad_input_is_named_in_the_error_of_both_forms(f, args, message):
    with pytest.raises(ValueError, match=message):
        getattr(norm, f)(*args)
    with pytest.raises(ValueError, match=message):
        getattr(nn, f)(*map(torch.tensor, args))


def test_one_image_is_batch_enough_where_it_has_several_entries(rng):
    x = rng.normal(size=(1, 3, 2, 2))
    y, _, _ = batch_norm(x, ONE, ZERO)
    own = F.batch_norm(torch.tensor(x), None, None, training=True)
    np.testing.assert_allclose(y, own, rtol=1e-10, atol=1e-12)
