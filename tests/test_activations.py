"""Activation functions: their shapes, slopes and faults."""

import math

import numpy as np
import pytest
import torch

from dlcore.nn import activations as nn
from dlcore.scratch import activations as act
from dlcore.scratch.linear import linear, linear_vjp

F = torch.nn.functional
OWN = {  # torch's own, under our names
    "step": lambda x: torch.heaviside(x, torch.zeros((), dtype=x.dtype)),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": F.softplus,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "swish": F.silu,
    "mish": F.mish,
}
X = np.linspace(-8, 8, 1601)  # holds 0


def slope(name, x, *rest):
    """The derivative by hand."""
    f, f_vjp = getattr(act, name), getattr(act, f"{name}_vjp")
    return f_vjp(np.ones_like(x), f(x, *rest), x, *rest)


def test_the_sigmoids_slope_is_at_most_a_quarter():
    assert slope("sigmoid", X).max() == slope("sigmoid", np.zeros(1))[0] == 0.25
    assert slope("sigmoid", np.array([-10.0, 10.0])).max() < 5e-5


def test_tanh_is_a_centred_sigmoid_with_slope_one_at_zero():
    np.testing.assert_allclose(act.tanh(X), 2 * act.sigmoid(2 * X) - 1, rtol=1e-12, atol=1e-15)
    assert slope("tanh", X).max() == slope("tanh", np.zeros(1))[0] == 1
    assert slope("tanh", np.array([-10.0, 10.0])).max() < 1e-8


def test_a_sigmoid_is_not_zero_centred_so_the_weights_it_feeds_move_together(rng):
    z = rng.normal(size=(1, 50))
    a, centred = act.sigmoid(z), act.tanh(z)
    assert abs(act.sigmoid(X).mean() - 0.5) < 1e-12 and abs(act.tanh(X).mean()) < 1e-12
    w, b = rng.normal(size=(1, 50)), np.zeros(1)
    for inputs, signs in ((a, 1), (centred, 2)):
        _, dw, _ = linear_vjp(np.ones((1, 1)), linear(inputs, w, b), inputs, w, b)
        assert len(set(np.sign(dw).ravel())) == signs


def test_a_dead_relu_gets_no_gradient_and_a_leaky_one_does(rng):
    x, w, b = rng.normal(size=(100, 3)), rng.normal(size=(1, 3)), np.array([-20.0])
    z = linear(x, w, b)
    for name, alive in (("relu", False), ("leaky_relu", True), ("step", False)):
        _, dw, db = linear_vjp(slope(name, z), z, x, w, b)
        assert dw.any() == db.any() == alive


def test_a_step_teaches_nothing_even_where_it_is_one():
    assert act.step(np.array([-2.0, 0.0, 1e-9, 3.0])).tolist() == [0, 0, 1, 1]
    assert not slope("step", X).any()


@pytest.mark.parametrize(("name", "jump"), [("relu", 1), ("leaky_relu", 0.99), ("elu", 0)])
def test_slopes_jump_at_a_kink(name, jump):
    below, above = slope(name, np.array([-1e-9, 1e-9]))
    np.testing.assert_allclose(above - below, jump, atol=1e-8)


@pytest.mark.parametrize("name", ["softplus", "gelu", "swish", "mish", "tanh", "elu"])
def test_smooth_activations_bend_without_a_corner(name):
    below, at, above = slope(name, np.array([-1e-5, 0.0, 1e-5]))
    corner = ((above - at) - (at - below)) / 1e-5  # how much the curvature jumps
    # ELU has no kink, but its curvature jumps from 1 to 0.
    np.testing.assert_allclose(corner, -1 if name == "elu" else 0, atol=1e-4)


def test_swish_mish_and_gelu_dip_below_zero_and_end_as_the_identity():
    for name, lowest in (("swish", -0.278465), ("mish", -0.308843), ("gelu", -0.170041)):
        f = getattr(act, name)
        np.testing.assert_allclose(f(X).min(), lowest, atol=2e-5)
        np.testing.assert_allclose(f(np.array([40.0, -40.0])), [40, 0], atol=1e-12)


def test_mish_has_slope_point_six_at_the_origin_not_one():
    np.testing.assert_allclose(slope("mish", np.zeros(1)), math.tanh(math.log(2)), rtol=1e-12)
    np.testing.assert_allclose(slope("mish", np.zeros(1)), 0.6, rtol=1e-12)
    np.testing.assert_allclose(act.mish(np.array(0.1)), 0.0632, atol=5e-5)


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (2, 5), (4, 5)])
def test_in_slices_a_function_of_numbers_is_the_same(shape, rng):
    dy, x = rng.normal(size=(2, *shape))
    wanted = act.gelu_vjp(dy, act.gelu(x), x)
    found = act.in_slices(act.gelu_vjp, dy, act.gelu(x), x, size=7)
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    single, turned = x.T.astype(np.float32), dy.T
    found = act.in_slices(act.gelu, single, size=10)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, act.gelu(single), rtol=1e-6)
    np.testing.assert_array_equal(act.in_slices(np.add, turned, x.T, size=3), (dy + x).T)


def test_gelu_is_within_five_ten_thousandths_of_the_exact_form():
    exact = np.array([x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in X])
    gap = np.abs(act.gelu(X) - exact).max()
    np.testing.assert_allclose(gap, 0.000473, atol=1e-6)


def test_softplus_of_x_minus_softplus_of_minus_x_is_x():
    np.testing.assert_allclose(act.softplus(X) - act.softplus(-X), X, atol=1e-14)
    assert (act.softplus(X) > act.relu(X)).all()


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_numbers_do_not_overflow(name, dtype):
    x = np.array([-1e4, 1e4], dtype)  # a warning is an error here
    y, s = getattr(act, name)(x), slope(name, x)
    assert y.dtype == s.dtype == dtype and np.isfinite(y).all() and np.isfinite(s).all()


@pytest.mark.parametrize("name", OWN)
def test_values_and_slopes_equal_torchs_own_also_at_zero(name):
    x = torch.tensor(X, requires_grad=True)
    own = OWN[name](torch.tensor(X) if name == "step" else x)
    np.testing.assert_allclose(getattr(act, name)(X), own.detach(), rtol=1e-9, atol=1e-12)
    if name != "step":  # torch refuses to differentiate its own
        (wanted,) = torch.autograd.grad(own.sum(), x)
        np.testing.assert_allclose(slope(name, X), wanted, rtol=1e-9, atol=1e-12)
    (found,) = torch.autograd.grad(getattr(nn, name)(x).sum(), x)
    np.testing.assert_allclose(slope(name, X), found, rtol=1e-9, atol=1e-12)


def test_slope_and_alpha_mean_what_torch_means():
    for name, own, value in (("leaky_relu", F.leaky_relu, 0.3), ("elu", F.elu, 0.5)):
        wanted = own(torch.tensor(X), value)
        np.testing.assert_allclose(getattr(act, name)(X, value), wanted, rtol=1e-12)
        x = torch.tensor(X, requires_grad=True)
        (wanted,) = torch.autograd.grad(own(x, value).sum(), x)
        np.testing.assert_allclose(slope(name, X, value), wanted, rtol=1e-12)


@pytest.mark.parametrize("slope", [-0.1, 1.5])
@pytest.mark.parametrize("form", [act, nn])
def test_a_slope_that_turns_the_maximum_over_is_named_in_the_error(form, slope):
    x = np.ones(2) if form is act else torch.ones(2)
    with pytest.raises(ValueError, match=rf"slope must lie in \[0, 1\], got {slope}"):
        form.leaky_relu(x, slope)
