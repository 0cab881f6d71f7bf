"""What the text on multilayer perceptrons proves, on other nets than the text shows."""

import numpy as np
import pytest

from dlcore.figures.mlp import examples
from dlcore.scratch import activations as act
from dlcore.scratch.losses import binary_cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD

MONOTONE = ["step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus"]


def one_hidden_layer(name, x, w, b, v, c):
    return getattr(act, name)(x @ w.T + b) @ v + c


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("name", MONOTONE)
def test_d_monotone_units_leave_a_ray_on_which_the_answer_never_falls(name, d, rng):
    for _ in range(20):
        w, b, v = rng.normal(size=(d, d)), rng.normal(size=d), rng.normal(size=d)
        start = rng.normal(size=d)
        u = np.linalg.solve(w, np.where(v >= 0, 1.0, -1.0))
        walk = start + np.linspace(0, 30, 61)[:, None] * u
        assert (np.diff(one_hidden_layer(name, walk, w, b, v, 0.3)) >= -1e-9).all()


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_one_relu_more_than_dimensions_fences_in_a_bounded_region(d, rng):
    w = np.vstack([np.eye(d), -np.ones(d)])  # they span, and sum to zero
    directions = rng.normal(size=(4000, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    far = 100.0 * directions
    net = -np.ones(d + 1), 1.0
    assert one_hidden_layer("relu", np.zeros((1, d)), w, 0, *net)[0] == 1
    assert (one_hidden_layer("relu", far, w, 0, *net) <= 0).all()


def test_two_gelus_fence_in_a_region_of_the_plane_because_gelu_is_not_monotone():
    line = np.linspace(-20, 20, 801)
    places = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    inside = one_hidden_layer("gelu", places, np.eye(2), 0, -np.ones(2), -0.25) > 0
    assert inside.any() and np.abs(places[inside]).max() < 2


@pytest.mark.parametrize("sizes", [(3, 2), (2, 8, 1), (4, 1, 5, 2), (5, 3, 3, 3, 1)])
def test_a_net_without_bends_is_one_affine_map(sizes, rng):
    net = MLP(sizes, "identity", rng, float)
    for p in net.params[1::2]:
        p += rng.normal(size=p.shape)
    d = sizes[0]
    b = net.forward(np.zeros((1, d)))[0]
    w = (net.forward(np.eye(d)) - b).T
    x = rng.normal(size=(20, d))
    np.testing.assert_allclose(net.forward(x), x @ w.T + b, rtol=1e-10, atol=1e-10)
    assert np.linalg.matrix_rank(w, tol=1e-10) <= min(sizes)


def descend(net, x, labels, steps, lr):
    optimizer = SGD(net.params, lr=lr)
    for _ in range(steps):
        logits = net.forward(x)[:, 0]
        optimizer.step(net.backward(binary_cross_entropy_vjp(1.0, None, logits, labels)[:, None]))


def test_a_dead_unit_does_not_move_while_the_others_learn(rng):
    x, labels = examples("moons")
    net = MLP((2, 5, 1), "relu", rng, float)
    net.params[1][2] = -40.0  # the border of unit 2 lies beyond all points
    before = [p.copy() for p in net.params]
    descend(net, x, labels, steps=200, lr=0.5)
    w, b, v, c = (p - old for p, old in zip(net.params, before))
    assert not w[2].any() and b[2] == 0 and v[0, 2] == 0
    assert abs(w[[0, 1, 3, 4]]).max() > 0.1 and c[0] != 0


def test_equal_hidden_units_stay_equal(rng):
    x, labels = examples("rings")
    net = MLP((2, 4, 1), "tanh", rng, float)
    for p in net.params:
        p[:] = p[..., :1] if p.ndim == 1 else p[:1, :1]
    descend(net, x, labels, steps=50, lr=0.3)
    assert np.ptp(net.params[0], axis=0).max() == 0 and np.ptp(net.params[2]) == 0


def test_a_tanh_net_is_a_sigmoid_net_with_other_weights(rng):
    net, other = (MLP((3, 4, 2), name, rng, float) for name in ("tanh", "sigmoid"))
    w1, b1, w2, b2 = net.params
    other.params = [2 * w1, 2 * b1, 2 * w2, b2 - w2.sum(axis=1)]
    x = rng.normal(size=(9, 3))
    np.testing.assert_allclose(other.forward(x), net.forward(x), rtol=1e-10, atol=1e-12)
