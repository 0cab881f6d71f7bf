"""Starting weights: their variances, and what they keep alive through many layers."""

import numpy as np
import pytest
import torch

from dlcore.nn import init as nn
from dlcore.scratch import activations as act
from dlcore.scratch import init
from dlcore.scratch.losses import binary_cross_entropy_vjp
from dlcore.scratch.mlp import MLP

FORMS = pytest.mark.parametrize("form", ["scratch", "nn"])
FILTERS = (64, 32, 3, 5)


def draw(form, name, shape, seed=0, **options):
    if form == "scratch":
        return getattr(init, name)(shape, np.random.default_rng(seed), **options)
    return getattr(nn, name)(shape, torch.Generator().manual_seed(seed), **options).numpy()


@FORMS
@pytest.mark.parametrize(
    ("name", "shape", "variance"),
    [
        ("xavier", (100, 300), 0.005),
        ("xavier", (300, 100), 0.005),
        ("xavier", FILTERS, 2 / ((32 + 64) * 15)),
        ("he", (100, 300), 2 / 300),
        ("he", FILTERS, 2 / (32 * 15)),
    ],
)
def test_variances_are_those_of_glorot_and_of_he(form, name, shape, variance):
    normal, uniform = (draw(form, f"{name}_{law}", shape) for law in ("normal", "uniform"))
    for w in normal, uniform:
        assert w.shape == shape and w.dtype == np.float32
        np.testing.assert_allclose(w.var(), variance, rtol=0.04)
        assert abs(w.mean()) < 4 * (variance / w.size) ** 0.5
    bound = (3 * variance) ** 0.5
    assert 0.99 * bound < np.abs(uniform).max() <= bound < 0.6 * np.abs(normal).max()


@FORMS
@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 3, 2, 2), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_orthogonal_rows_stand_at_right_angles(form, shape, gain):
    w = draw(form, "orthogonal", shape, gain=gain)
    assert w.shape == shape and w.dtype == np.float32
    w = w.reshape(shape[0], -1)
    small = w @ w.T if len(w) <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, gain**2 * np.eye(len(small)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.svd(w, compute_uv=False), gain, rtol=1e-6)


@FORMS
def test_an_orthogonal_matrix_keeps_lengths_because_its_spectral_radius_is_one(form, rng):
    w = draw(form, "orthogonal", (50, 50)).astype(float)
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(w)), 1, rtol=1e-5)
    x = rng.normal(size=50)
    y = np.linalg.matrix_power(w, 100) @ x
    np.testing.assert_allclose(np.linalg.norm(y), np.linalg.norm(x), rtol=1e-4)


@FORMS
def test_every_orthogonal_matrix_is_equally_likely(form):
    corners = [draw(form, "orthogonal", (2, 2), seed)[0, 0] for seed in range(300)]
    assert 120 < sum(corner > 0 for corner in corners) < 180


def mean_squares(name, activation, rng, layers=20, width=256, gain=1.0):
    """The mean square of the activations after each layer, from inputs of variance 1."""
    a = rng.normal(size=(128, width))
    squares = []
    for _ in range(layers):
        a = activation(a @ (gain * getattr(init, name)((width, width), rng)).T)
        squares.append(np.square(a).mean())
    return squares


def test_he_keeps_the_scale_of_relu_through_twenty_layers_and_xavier_halves_it(rng):
    for name in "he_normal", "he_uniform":
        squares = mean_squares(name, act.relu, rng)
        assert min(squares) > 0.4 and max(squares) < 2.5
    shrunk = mean_squares("xavier_normal", act.relu, rng)[-1]
    assert 0.2 < shrunk * 2**20 < 5


def test_xavier_keeps_the_scale_of_tanh_through_twenty_layers(rng):
    for name in "xavier_normal", "xavier_uniform":
        squares = mean_squares(name, act.tanh, rng)
        assert squares[-1] > 0.02 and squares[-1] > 0.4 * squares[9]
    assert mean_squares("xavier_normal", act.tanh, rng, gain=0.5)[-1] < 1e-10  # vanishes
    assert mean_squares("xavier_normal", act.tanh, rng, gain=5.0)[-1] > 0.7  # saturates


def test_orthogonal_weights_keep_the_scale_of_a_linear_net_exactly(rng):
    squares = mean_squares("orthogonal", lambda z: z, rng)
    np.testing.assert_allclose(squares, squares[0], rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_equal_weights_leave_hidden_units_equal_after_training(value, rng):
    x = rng.normal(size=(20, 3))
    labels = (x[:, :1] * x[:, 1:2] > 0).astype(float)

    def hidden_weights(model):
        for _ in range(30):
            dlogits = binary_cross_entropy_vjp(1.0, None, model.forward(x), labels)
            for p, g in zip(model.params, model.backward(dlogits), strict=True):
                p -= 0.5 * g
        return model.params[0]

    model = MLP((3, 4, 1), "sigmoid", rng, np.float64)
    start = [p.copy() for p in model.params]
    for p in model.params:
        p[:] = value
    w = hidden_weights(model)
    assert np.ptp(w, axis=0).max() == 0 and (w != value).all()  # they moved, in step
    for p, s in zip(model.params, start, strict=True):
        p[:] = s
    assert np.ptp(hidden_weights(model), axis=0).min() > 0.1


@pytest.mark.parametrize(
    ("name", "own", "shape"),
    [
        ("xavier_normal", "xavier_normal_", FILTERS),
        ("xavier_uniform", "xavier_uniform_", FILTERS),
        ("he_normal", "kaiming_normal_", FILTERS),
        ("he_uniform", "kaiming_uniform_", FILTERS),
        ("orthogonal", "orthogonal_", (7, 3)),
    ],
)
def test_the_twin_draws_what_torchs_own_init_draws(name, own, shape):
    options = {"nonlinearity": "relu"} if "kaiming" in own else {}
    generator = torch.Generator().manual_seed(0)
    wanted = getattr(torch.nn.init, own)(torch.empty(shape), generator=generator, **options)
    np.testing.assert_allclose(draw("nn", name, shape), wanted, rtol=1e-5, atol=1e-7)


@FORMS
def test_one_seed_gives_one_start_in_the_dtype_asked_for(form):
    double = np.float64 if form == "scratch" else torch.float64
    for name in "xavier_normal", "xavier_uniform", "he_normal", "he_uniform", "orthogonal":
        w = draw(form, name, (4, 3), dtype=double)
        assert w.dtype == np.float64
        assert (w == draw(form, name, (4, 3), dtype=double)).all()
        assert (w != draw(form, name, (4, 3), seed=1, dtype=double)).any()
    assert not draw(form, "zeros", (4,)).any() and draw(form, "zeros", (4,)).dtype == np.float32
    assert draw(form, "zeros", (2, 3), dtype=double).dtype == np.float64


@FORMS
@pytest.mark.parametrize("shape", [(3,), (0, 3), (3, 0), ()])
def test_a_shape_without_inputs_or_outputs_is_named_in_the_error(form, shape):
    for name in "xavier_normal", "xavier_uniform", "he_normal", "he_uniform", "orthogonal":
        with pytest.raises(ValueError, match=r"shape must be \(out, in, ...\) >= 1, got"):
            draw(form, name, shape)
