"""The workloads: each returns two functions that make one training step and return its loss."""

import numpy as np
import torch

from dlcore.nn.classification import SoftmaxRegression as Twin
from dlcore.nn.gpt import GPT as TorchGPT
from dlcore.scratch.autodiff import acyclic, primitive
from dlcore.scratch.classification import SoftmaxRegression
from dlcore.scratch.gpt import EMBED, GPT, LINEAR, LOSS
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.module import parameter
from dlcore.scratch.optim import SGD, Adam
from dlcore.scratch.pooling import conv_relu_pool2d, conv_relu_pool2d_vjp
from dlcore.scratch.recurrent import lstm as lstm_layer
from dlcore.scratch.recurrent import lstm_vjp

BATCH = 128
CONV, RECUR = primitive(conv_relu_pool2d, conv_relu_pool2d_vjp), primitive(lstm_layer, lstm_vjp)


def batch(features, classes):
    """Random inputs and labels in both forms."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, features)).astype(np.float32)
    y = rng.integers(0, classes, BATCH)
    return (x, y), (torch.tensor(x), torch.tensor(y))


def softmax_regression():
    """softmax regression 784-10, batch 128, SGD"""
    (x, y), (tx, ty) = batch(784, 10)
    model, twin = SoftmaxRegression(784, 10), Twin(784, 10)
    optimizer = SGD([model.w, model.b], lr=0.1)
    torch_optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)

    def ours():
        loss, grads = model.loss_and_grads(x, y)
        optimizer.step(grads)
        return float(loss)

    def theirs():
        loss = torch.nn.functional.cross_entropy(twin.logits(tx), ty)
        torch_optimizer.zero_grad()
        loss.backward()
        torch_optimizer.step()
        return loss.item()

    return ours, theirs


def mlp(make, make_torch):
    """The MLP 784-256-128-10 in both forms, from the same weights."""
    (x, y), (tx, ty) = batch(784, 10)
    model = MLP((784, 256, 128, 10), "relu", np.random.default_rng(1))
    layers = []
    for w, b in zip(model.params[::2], model.params[1::2], strict=True):
        layer = torch.nn.Linear(w.shape[1], w.shape[0])
        layer.load_state_dict({"weight": torch.tensor(w), "bias": torch.tensor(b)})
        layers += [layer, torch.nn.ReLU()]
    twin = torch.nn.Sequential(*layers[:-1])
    optimizer, torch_optimizer = make(model.params), make_torch(twin.parameters())

    def ours():
        logits = model.forward(x)
        loss = cross_entropy(logits, y)
        optimizer.step(model.backward(cross_entropy_vjp(1.0, loss, logits, y)))
        return float(loss)

    def theirs():
        loss = torch.nn.functional.cross_entropy(twin(tx), ty)
        torch_optimizer.zero_grad()
        loss.backward()
        torch_optimizer.step()
        return loss.item()

    return ours, theirs


def mlp_sgd():
    """MLP 784-256-128-10, batch 128, SGD"""
    return mlp(lambda p: SGD(p, lr=0.01), lambda p: torch.optim.SGD(p, lr=0.01))


def mlp_adam():
    """MLP 784-256-128-10, batch 128, Adam"""
    return mlp(lambda p: Adam(p, lr=1e-4), lambda p: torch.optim.Adam(p, lr=1e-4))


def gpt():
    """GPT width 128, 4 heads, length 128, batch 16, 2 layers, vocabulary 96, Adam"""
    size = {"tokens": 96, "length": 128, "width": 128, "heads": 4, "layers": 2}
    model = GPT(**size, rng=np.random.default_rng(1))
    twin = TorchGPT(**size, generator=torch.Generator())
    twin.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    ids = np.random.default_rng(0).integers(0, 96, (16, 129))
    tensor, optimizer = torch.tensor(ids), Adam(model.arrays(), lr=1e-4)
    torch_optimizer = torch.optim.Adam(twin.parameters(), lr=1e-4)

    def ours():
        loss = LOSS(model(ids[:, :-1]), ids[:, 1:])
        loss.backward()
        optimizer.step(model.take_grads())
        return loss.item()

    def theirs():
        logits = twin(tensor[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tensor[:, 1:].flatten())
        torch_optimizer.zero_grad()
        loss.backward()
        torch_optimizer.step()
        return loss.item()

    return ours, theirs


def cnn():
    """CNN conv3x3(32)-relu-pool2-conv3x3(64)-relu-pool2-fc10, batch 64 of 28x28, SGD"""
    rng = np.random.default_rng(1)
    twin = torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(3136, 10),
    )
    for p in twin.parameters():
        p.data = torch.tensor(0.05 * rng.normal(size=p.shape), dtype=torch.float32)
    params = [parameter(p.detach().numpy().copy()) for p in twin.parameters()]
    x, y = rng.normal(size=(64, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, 64)
    tx, ty = torch.tensor(x), torch.tensor(y)
    optimizer = SGD([p.data for p in params], lr=0.01)
    torch_optimizer = torch.optim.SGD(twin.parameters(), lr=0.01)

    def ours():
        w1, b1, w2, b2, w3, b3 = params
        h = CONV(CONV(x, w1, b1, size=2, padding=1), w2, b2, size=2, padding=1)
        loss = LOSS(LINEAR(h.reshape(64, 3136), w3, b3), y)
        loss.backward()
        optimizer.step([p.grad for p in params])
        for p in params:
            p.grad = None
        return loss.item()

    def theirs():
        loss = torch.nn.functional.cross_entropy(twin(tx), ty)
        torch_optimizer.zero_grad()
        loss.backward()
        torch_optimizer.step()
        return loss.item()

    return ours, theirs


def lstm():
    """LSTM embedding 64, hidden 128, length 64, batch 32, vocabulary 96, Adam"""
    rng = np.random.default_rng(1)
    table, body = torch.nn.Embedding(96, 64), torch.nn.LSTM(64, 128, batch_first=True)
    head = torch.nn.Linear(128, 96)
    body.bias_hh_l0.data.zero_()  # torch has two biases that add up; ours is one
    body.bias_hh_l0.requires_grad = False
    weights = [table.weight, body.weight_ih_l0, body.weight_hh_l0, body.bias_ih_l0]
    weights += [head.weight, head.bias]
    for p in weights:
        p.data = torch.tensor(0.1 * rng.normal(size=p.shape), dtype=torch.float32)
    params = [parameter(p.detach().numpy().copy()) for p in weights]
    ids, zero = rng.integers(0, 96, (32, 65)), np.zeros((32, 128), np.float32)
    tensor, optimizer = torch.tensor(ids), Adam([p.data for p in params], lr=1e-4)
    torch_optimizer = torch.optim.Adam(weights, lr=1e-4)

    def ours():
        e, w, u, b, v, c = params
        h = RECUR(EMBED(e, ids[:, :-1]), zero, zero, w, u, b)
        loss = LOSS(LINEAR(h, v, c), ids[:, 1:])
        loss.backward()
        optimizer.step([p.grad for p in params])
        for p in params:
            p.grad = None
        return loss.item()

    def theirs():
        logits = head(body(table(tensor[:, :-1]))[0])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tensor[:, 1:].flatten())
        torch_optimizer.zero_grad()
        loss.backward()
        torch_optimizer.step()
        return loss.item()

    return ours, theirs


def scalars():
    """1e5 scalar nodes: 50,000 times y = 0.9999 y + 0.0001 (ours inside `acyclic`)"""

    def chain(y):
        for _ in range(50_000):
            y = y * 0.9999 + 0.0001
        return y

    def ours():
        x = parameter(np.array(1.0))
        with acyclic():
            chain(x).backward()
        return float(x.grad)

    def theirs():
        x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        chain(x).backward()
        return x.grad.item()

    return ours, theirs


WORKLOADS = [softmax_regression, mlp_sgd, mlp_adam, cnn, lstm, gpt, scalars]
