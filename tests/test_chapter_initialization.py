"""What the chapter on initialization states and no other test shows."""

import numpy as np
import pytest

from dlcore.figures.init import rms, signals, start
from dlcore.scratch import init
from dlcore.scratch.losses import cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD, Adam, AdamW, Lion, RMSProp, clip_by_norm


@pytest.mark.parametrize("optimizer", [SGD, RMSProp, Adam, AdamW, Lion])
def test_two_equal_units_among_others_stay_equal_under_every_optimizer(optimizer, rng):
    model = MLP((3, 8, 8, 4), "relu", rng, float)
    w, b, v = model.params[2:5]
    w[1], b[1], v[:, 1] = w[0], b[0], v[:, 0]
    steps, x, labels = optimizer(model.params, lr=0.01), rng.normal(size=(64, 3)), [0, 1, 2, 3] * 16
    for k in range(30):
        batch = slice(8 * (k % 8), 8 * (k % 8) + 8)
        slope = cross_entropy_vjp(1.0, None, model.forward(x[batch]), labels[batch])
        grads = model.backward(slope)
        clip_by_norm(grads, 0.5)
        steps.step(grads)
    assert max(np.abs(w[1] - w[0]).max(), np.abs(v[:, 1] - v[:, 0]).max()) < 1e-12
    assert abs(b[1] - b[0]) < 1e-12 < np.abs(w[2] - w[0]).min() and b.any()


@pytest.mark.parametrize("law", ["normal", "uniform", "signs"])
def test_he_keeps_the_mean_square_of_relu_on_average_at_any_widths_and_laws(law, rng):
    nets, widths = 20_000, (3, 7, 2, 5)
    a = np.broadcast_to(np.array([[0.5], [2.0], [-1.0]]), (nets, 3, 1))
    for inputs, outputs in zip(widths, widths[1:]):
        size = (nets, outputs, inputs)
        w = {
            "normal": lambda size: rng.normal(size=size),
            "uniform": lambda size: rng.uniform(-(3**0.5), 3**0.5, size),
            "signs": lambda size: rng.choice([-1.0, 1.0], size),
        }[law](size)
        a = np.maximum((2 / inputs) ** 0.5 * w @ a, 0)
    q = np.square(a).mean(axis=(1, 2))
    assert abs(q.mean() - 5.25 / 3) < 5 * q.std() / nets**0.5 < 0.2


def test_backward_factors_of_the_forward_rule_multiply_to_the_ratio_of_the_end_widths(rng):
    widths, found = (40, 90, 30, 160, 80), []
    for _ in range(200):
        weights = [
            rng.normal(size=(o, i)) / i**0.5 for i, o in zip(widths, widths[1:], strict=False)
        ]
        _, back = signals(rng.normal(size=(1, 40)), rng.normal(size=(1, 80)), weights, "identity")
        found.append(np.mean(back[0] ** 2))
    assert abs(np.mean(found) - 80 / 40) < 0.2


def test_orthogonal_weights_keep_every_direction_through_a_hundred_layers(rng):
    product = np.eye(12)
    for _ in range(100):
        product = init.orthogonal((12, 12), rng, 1.0, float) @ product
    np.testing.assert_allclose(np.linalg.svd(product, compute_uv=False), 1, rtol=1e-12)
    a, back = signals(*start(16, 50, 1.0, "orthogonal"), "identity")
    np.testing.assert_allclose(rms(a), rms(a)[0], rtol=1e-12)
    np.testing.assert_allclose(rms(back), rms(back)[0], rtol=1e-12)
