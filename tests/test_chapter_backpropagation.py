"""What the chapter on backpropagation says about costs, prices and its checks."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from dlcore.scratch.activations import sigmoid, sigmoid_vjp
from dlcore.scratch.mlp import MLP


@pytest.mark.parametrize("sizes", [(784, 256, 128, 10), (64,) * 11, (3, 1)], ids=str)
def test_backward_costs_twice_the_forward_products_less_the_first(sizes):
    chain = torch.nn.Sequential(*[torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
    with FlopCounterMode(display=False) as forward:
        y = chain(torch.zeros(1, sizes[0]))
    with FlopCounterMode(display=False) as backward:
        y.sum().backward()
    count = sum(a * b for a, b in zip(sizes, sizes[1:]))
    assert forward.get_total_flops() == 2 * count  # a product and a sum
    assert backward.get_total_flops() == 2 * (2 * count - sizes[0] * sizes[1])


def test_neurons_that_start_as_twins_stay_twins(rng):
    net = MLP((3, 2, 1), "tanh", rng, np.float64)
    net.params[0][1], net.params[2][0, 1] = net.params[0][0], net.params[2][0, 0]
    x = rng.normal(size=(8, 3))
    for _ in range(20):
        for p, g in zip(net.params, net.backward((net.forward(x) - x[:, :1]) / 8), strict=True):
            p -= 0.1 * g
    np.testing.assert_array_equal(net.params[0][0], net.params[0][1])


def test_zero_output_weights_hold_back_the_first_step_of_the_others_only(rng):
    net = MLP((3, 4, 2), "sigmoid", rng, np.float64)
    net.params[2][:] = 0
    x = rng.normal(size=(5, 3))
    first = net.backward(net.forward(x) - 1)
    assert not first[0].any() and first[2].any()
    for p, g in zip(net.params, first, strict=True):
        p -= 0.1 * g
    assert net.backward(net.forward(x) - 1)[0].any()


def test_an_input_of_zero_stops_its_own_weights_only(rng):
    net = MLP((2, 2, 1), "sigmoid", rng, np.float64)
    logits = net.forward(np.array([[0.0, 0.9]]))
    hidden = net.backward(sigmoid_vjp(sigmoid(logits) - 0.5, sigmoid(logits), logits))[0]
    assert not hidden[:, 0].any() and hidden[:, 1].all()
