"""Pooling by the largest entry, by the mean, and over the whole image."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlcore.nn import pooling as nn
from dlcore.scratch import pooling
from dlcore.scratch.activations import relu, relu_vjp
from dlcore.scratch.convolution import conv2d, conv2d_vjp
from dlcore.scratch.pooling import (
    avg_pool2d,
    conv_relu_pool2d,
    conv_relu_pool2d_vjp,
    global_avg_pool2d,
    max_pool2d,
    max_pool2d_vjp,
)

WINDOWS = [(2, None), (3, 2), ((2, 3), (3, 1)), (1, 2), (5, None)]


def test_tiles_of_four_give_their_largest_and_their_mean():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert max_pool2d(x, 2).tolist() == [[[[5, 7], [13, 15]]]]
    assert avg_pool2d(x, 2).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]
    assert global_avg_pool2d(x).tolist() == [[7.5]]


@pytest.mark.parametrize(("size", "stride"), WINDOWS)
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pooling_equals_torchs_own(name, size, stride, rng):
    x = rng.normal(size=(2, 3, 7, 6))
    y = getattr(pooling, name)(x, size, stride)
    own = getattr(F, name)(torch.tensor(x), size, stride)
    np.testing.assert_allclose(y, own, rtol=1e-12)


@pytest.mark.parametrize(("size", "stride"), WINDOWS)
def test_of_equal_entries_the_first_gets_the_gradient_as_in_torch(size, stride, rng):
    x = rng.integers(0, 2, (2, 3, 7, 6)).astype(float)  # equals in nearly every window
    y = max_pool2d(x, size, stride)
    dy = rng.normal(size=y.shape)
    tensor = torch.tensor(x, requires_grad=True)
    F.max_pool2d(tensor, size, stride).backward(torch.tensor(dy))
    np.testing.assert_allclose(max_pool2d_vjp(dy, y, x, size, stride), tensor.grad, rtol=1e-12)


def test_the_gradient_of_a_flat_image_goes_to_one_corner_of_each_window():
    x, dy = np.zeros((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    dx = max_pool2d_vjp(dy, max_pool2d(x, 2), x, 2)
    assert dx[0, 0].tolist() == [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("size", [2, (3, 2), 1])
def test_convolution_relu_and_pooling_at_once_equal_the_three(size, rng):
    x, w, b = (rng.integers(-2, 3, s) * 1.0 for s in ((2, 3, 7, 6), (4, 3, 3, 3), (4,)))
    z = conv2d(x, w, b, padding=1)  # whole numbers: equals in many windows
    r = relu(z)
    y = max_pool2d(r, size)
    fused = conv_relu_pool2d(x, w, b, size, padding=1)
    np.testing.assert_allclose(fused[0], y, rtol=1e-12)
    dy = rng.normal(size=y.shape)
    dz = relu_vjp(max_pool2d_vjp(dy, y, r, size), r, z)
    wanted = conv2d_vjp(dz, z, x, w, b, padding=1)
    found = conv_relu_pool2d_vjp(dy, fused, x, w, b, size, padding=1)
    for ours, own in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, own, rtol=1e-10, atol=1e-12)


def test_a_small_shift_changes_few_maxima_of_large_windows(rng):
    x = rng.normal(size=(1, 1, 64, 64))
    same = max_pool2d(x, 16) == max_pool2d(np.roll(x, 1, axis=3), 16)
    assert same.mean() > 0.7
    assert (x == np.roll(x, 1, axis=3)).mean() == 0


def test_a_global_mean_does_not_see_where_things_are(rng):
    x = rng.normal(size=(2, 3, 4, 5))
    mixed = rng.permutation(x.reshape(2, 3, 20), axis=2).reshape(x.shape)
    np.testing.assert_allclose(global_avg_pool2d(mixed), global_avg_pool2d(x), rtol=1e-12)
    own = F.adaptive_avg_pool2d(torch.tensor(x), 1)[:, :, 0, 0]
    np.testing.assert_allclose(global_avg_pool2d(x), own, rtol=1e-12)


X = np.zeros((2, 3, 4, 5))
BAD = [
    ("max_pool2d", (X[0], 2), r"x must be \(n, c, i, j\), got \(3, 4, 5\)"),
    ("avg_pool2d", (X[0], 2), r"x must be \(n, c, i, j\), got \(3, 4, 5\)"),
    ("max_pool2d", (X, 5), "the kernel must fit the padded input, got 5 over 4 entries"),
    ("avg_pool2d", (X, (2, 6)), "the kernel must fit the padded input, got 6 over 5 entries"),
    ("max_pool2d", (X, 0), "size must be a whole number ≥ 1, or two, got 0"),
    ("avg_pool2d", (X, (2, 2, 2)), "size must be a whole number ≥ 1, or two, got "),
    ("max_pool2d", (X, 2, 0), "stride must be a whole number ≥ 1, or two, got 0"),
    ("global_avg_pool2d", (X[0],), r"x must be \(n, c, i, j\) with entries, got \(3, 4, 5\)"),
    ("global_avg_pool2d", (X[:, :, :0],), r"with entries, got \(2, 3, 0, 5\)"),
]


@pytest.mark.parametrize(("f", "args", "message"), BAD, ids=lambda v: str(v)[:30])
def test_bad_input_is_named_in_the_error_of_both_forms(f, args, message):
    with pytest.raises(ValueError, match=message):
        getattr(pooling, f)(*args)
    with pytest.raises(ValueError, match=message):
        getattr(nn, f)(torch.tensor(args[0]), *args[1:])
