"""Optimizers: they hold the parameters and change them in place from their gradients."""

import numpy as np


class Optimizer:
    """Keeps `params`, a list of float arrays, and the learning rate `lr`."""

    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
        if not self.params:
            raise ValueError("params must hold at least one array, got none")
        if not lr > 0:
            raise ValueError(f"lr must be positive, got {lr}")
        for p in self.params:
            if not (isinstance(p, np.ndarray) and np.issubdtype(p.dtype, np.floating)):
                raise ValueError(f"params must be float arrays, got {getattr(p, 'dtype', type(p))}")

    def step(self, grads):
        """Move every parameter once; `grads` has one array of its shape for each."""
        shapes = [np.shape(g) for g in grads]
        if shapes != [p.shape for p in self.params]:
            raise ValueError(f"grads must have the shapes of params, got {shapes}")
        for slot, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            p -= self.lr * self.direction(slot, g)


class SGD(Optimizer):
    """Stochastic gradient descent, :eq:`eq-sgd`."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, lr)

    def direction(self, slot, g):
        return g


class Adam(Optimizer):
    """Steps scaled by running means of gradient and squared gradient {cite}`kingma2015adam`."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must lie in [0, 1), got {betas}")
        self.betas, self.eps, self.steps = betas, eps, 0
        self.means = [np.zeros_like(p) for p in self.params]
        self.squares = [np.zeros_like(p) for p in self.params]

    def step(self, grads):
        """Move every parameter once; `grads` has one array of its shape for each."""
        self.steps += 1
        super().step(grads)

    def direction(self, slot, g):
        b1, b2 = self.betas
        m, v = self.means[slot], self.squares[slot]
        m += (1 - b1) * (g - m)
        v += (1 - b2) * (g * g - v)
        # Both start at zero; dividing by the weight they have so far removes that bias.
        return (m / (1 - b1**self.steps)) / (np.sqrt(v / (1 - b2**self.steps)) + self.eps)
