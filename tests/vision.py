"""Small tasks that a vision model learns in seconds, and how it is taught and counted."""

import numpy as np
import torch

from dlcore import data


def count(model) -> int:
    return sum(p.numel() for p in model.parameters())


def stripes(rng, n, side):
    """Waves with crests that lie (0) or stand (1), of any length and phase, in noise."""
    labels = rng.integers(0, 2, n)
    length, phase = rng.uniform(5, 10, (n, 1, 1)), rng.uniform(0, 2 * np.pi, (n, 1, 1))
    wave = np.sin(2 * np.pi * np.arange(side)[:, None] / length + phase)
    wave = np.where(labels[:, None, None] == 1, wave.mT, wave)
    x = wave + 0.5 * rng.normal(size=(n, side, side))
    return torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(labels)


def large_digits(factor=4):
    """The small handwritten digits, each pixel drawn `factor` times as wide and high."""
    digits = data.digits()

    def tensors(x, y):
        return torch.tensor(x.repeat(factor, 1).repeat(factor, 2)[:, None]), torch.tensor(y)

    return tensors(digits.x_train, digits.y_train), tensors(digits.x_test, digits.y_test)


def teach(model, draw, steps: int, lr: float, loss=torch.nn.functional.cross_entropy):
    """Steps of Adam on batches that `draw()` returns; the losses of all steps."""
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=lr), []
    model.train()
    with torch.random.fork_rng():
        torch.manual_seed(0)  # dropout takes no generator
        for _ in range(steps):
            x, y = draw()
            value = loss(model(x), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            losses.append(value.item())
    return losses


@torch.no_grad()
def accuracy(model, x, y) -> float:
    """The share of labels (n) or (n, i, j) that the model gives back, and gives twice."""
    model.eval()
    scores = model(x)
    torch.testing.assert_close(model(x), scores, rtol=0, atol=0)
    return (scores.argmax(dim=1) == y).double().mean().item()


def discs_and_rings(rng, n, side):
    """A disc (1) and, at times over it, a ring (2) at any place; all else is noise (0)."""
    i, j = np.mgrid[:side, :side]
    (a, b), (c, d) = rng.integers(5, side - 5, (2, 2, n, 1, 1))
    disc, ring = np.hypot(i - a, j - b) <= 5, abs(np.hypot(i - c, j - d) - 5) <= 1
    labels = np.where(ring, 2, np.where(disc, 1, 0))
    x = (labels > 0) + 0.3 * rng.normal(size=labels.shape)
    return torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(labels)
