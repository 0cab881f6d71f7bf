"""Whole models, trained 20 steps from the same weights, keep the losses of PyTorch."""

import numpy as np
import pytest
import torch

from dlcore.scratch.activations import relu, relu_vjp
from dlcore.scratch.autodiff import primitive
from dlcore.scratch.convolution import conv2d, conv2d_vjp
from dlcore.scratch.embedding import embedding, embedding_vjp
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.module import parameter
from dlcore.scratch.optim import SGD, Adam
from dlcore.scratch.pooling import max_pool2d, max_pool2d_vjp
from dlcore.scratch.recurrent import lstm, lstm_vjp

CONV, RELU = primitive(conv2d, conv2d_vjp), primitive(relu, relu_vjp)
POOL, LINEAR = primitive(max_pool2d, max_pool2d_vjp), primitive(linear, linear_vjp)
EMBED, LSTM = primitive(embedding, embedding_vjp), primitive(lstm, lstm_vjp)
LOSS = primitive(cross_entropy, cross_entropy_vjp)


def torch_losses(loss, batches, optimizer):
    losses = []
    for batch in batches:
        value = loss(*map(torch.tensor, batch))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def our_losses(params, loss, batches, optimizer):
    losses = []
    for batch in batches:
        value = loss(*batch)
        value.backward()
        optimizer.step([p.grad for p in params])
        for p in params:
            p.grad = None
        losses.append(value.item())
    return losses


def draw(parameters, rng):
    """Initial weights from our own generator, in torch and as our parameters."""
    for p in parameters:
        p.data = torch.tensor(0.2 * rng.normal(size=p.shape), dtype=torch.float32)
    return [parameter(p.detach().numpy().copy()) for p in parameters]


def images(rng):
    return [
        (rng.normal(size=(8, 1, 12, 12)).astype(np.float32), rng.integers(0, 10, 8))
        for _ in range(20)
    ]


def test_a_convolutional_network_keeps_the_losses_of_torch(rng):
    twin = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(4, 6, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(150, 10),
    )
    params = draw(list(twin.parameters()), rng)

    def ours(x, y):
        w1, b1, w2, b2, w3, b3 = params
        h = RELU(CONV(POOL(RELU(CONV(x, w1, b1)), size=2), w2, b2, padding=1))
        return LOSS(LINEAR(h.reshape(8, 150), w3, b3), y)

    def theirs(x, y):
        return torch.nn.functional.cross_entropy(twin(x), y)

    batches = images(rng)
    found = our_losses(params, ours, batches, SGD([p.data for p in params], lr=0.05))
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.05)
    wanted = torch_losses(theirs, batches, optimizer)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert len(set(found)) == 20


def test_an_lstm_language_model_keeps_the_losses_and_gradients_of_torch(rng):
    table, body = torch.nn.Embedding(9, 6), torch.nn.LSTM(6, 7, batch_first=True)
    head = torch.nn.Linear(7, 9)
    body.bias_hh_l0.data.zero_()  # torch has two biases that add up; ours is one
    body.bias_hh_l0.requires_grad = False
    weights = [table.weight, body.weight_ih_l0, body.weight_hh_l0, body.bias_ih_l0]
    weights += [head.weight, head.bias]
    params = draw(weights, rng)
    zero = np.zeros((4, 7), np.float32)

    def ours(ids):
        e, w, u, b, v, c = params
        h = LSTM(EMBED(e, ids[:, :-1]), zero, zero, w, u, b)
        return LOSS(LINEAR(h, v, c), ids[:, 1:])

    def theirs(ids):
        logits = head(body(table(ids[:, :-1]))[0])
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())

    batches = [(rng.integers(0, 9, (4, 12)),) for _ in range(20)]
    ours(*batches[0]).backward()
    wanted = torch.autograd.grad(theirs(torch.tensor(batches[0][0])), weights)
    for p, g in zip(params, wanted, strict=True):  # a loss does not show a lost repeated token
        np.testing.assert_allclose(p.grad, g, rtol=1e-4, atol=1e-7)
        p.grad = None
    found = our_losses(params, ours, batches, Adam([p.data for p in params], lr=1e-2))
    optimizer = torch.optim.Adam(weights, lr=1e-2)
    np.testing.assert_allclose(found, torch_losses(theirs, batches, optimizer), rtol=1e-6)


@pytest.mark.parametrize("kinds", [(SGD, torch.optim.SGD), (Adam, torch.optim.Adam)])
def test_the_explicit_mlp_keeps_the_losses_of_torch(rng, kinds):
    model, layers = MLP((20, 16, 8, 5), "relu", rng), []
    for w, b in zip(model.params[::2], model.params[1::2], strict=True):
        layer = torch.nn.Linear(w.shape[1], w.shape[0])
        layer.load_state_dict({"weight": torch.tensor(w), "bias": torch.tensor(b)})
        layers += [layer, torch.nn.ReLU()]
    twin = torch.nn.Sequential(*layers[:-1])
    batches = [
        (rng.normal(size=(16, 20)).astype(np.float32), rng.integers(0, 5, 16)) for _ in range(20)
    ]
    optimizer, found = kinds[0](model.params, lr=0.01), []
    for x, y in batches:
        logits = model.forward(x)
        found.append(cross_entropy(logits, y))
        optimizer.step(model.backward(cross_entropy_vjp(1.0, None, logits, y)))
    wanted = torch_losses(
        lambda x, y: torch.nn.functional.cross_entropy(twin(x), y),
        batches,
        kinds[1](twin.parameters(), lr=0.01),
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
