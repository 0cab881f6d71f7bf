"""Optimizers: they hold the parameters and change them in place from their gradients."""

import math

import numpy as np


class Optimizer:
    """Keeps `params`, a list of float arrays, and the learning rate `lr`.

    A step is θ = θ - change(slot, g). Weight decay adds weight_decay · θ to g,
    or, `decoupled`, first scales θ itself by 1 - lr · weight_decay.
    """

    decoupled = False

    def __init__(self, params, lr, weight_decay=0.0):
        self.params, self.lr, self.weight_decay = list(params), lr, weight_decay
        if not self.params:
            raise ValueError("params must hold at least one array, got none")
        if not lr > 0:
            raise ValueError(f"lr must be positive, got {lr}")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay must not be negative, got {weight_decay}")
        for p in self.params:
            if not (isinstance(p, np.ndarray) and np.issubdtype(p.dtype, np.floating)):
                raise ValueError(f"params must be float arrays, got {getattr(p, 'dtype', type(p))}")
        self.steps = 0
        self.spare = self.zeros()  # room for the change: a step allocates nothing

    def zeros(self):
        return [np.zeros_like(p) for p in self.params]

    def step(self, grads):
        """Move every parameter once; `grads` has one array of its shape for each."""
        grads = list(grads)
        shapes = [np.shape(g) for g in grads]
        if shapes != [p.shape for p in self.params]:
            raise ValueError(f"grads must have the shapes of params, got {shapes}")
        self.steps += 1
        for slot, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            if self.weight_decay and self.decoupled:
                p *= 1 - self.lr * self.weight_decay
            elif self.weight_decay:
                g = g + self.weight_decay * p
            p -= self.change(slot, g)

    def follow(self, mean, value, share, spare):
        """Take a running mean a share of the way to the value, in place."""
        np.subtract(value, mean, out=spare)
        spare *= share
        mean += spare

    def below_one(self, name, *values):
        if not all(0 <= value < 1 for value in values):
            raise ValueError(f"{name} must lie in [0, 1), got {', '.join(map(str, values))}")


class SGD(Optimizer):
    """Stochastic descent, :eq:`eq-sgd`, with momentum, :eq:`eq-momentum`.

    With v = momentum · v + g the change is lr · v, or, a look ahead called
    `nesterov`, lr · (g + momentum · v).
    """

    def __init__(
        self,
        params,
        lr=0.1,
        momentum=0.0,
        nesterov=False,
        weight_decay=0.0,
    ):
        super().__init__(params, lr, weight_decay)
        self.below_one("momentum", momentum)
        if nesterov and not momentum:
            rule = "nesterov must come with momentum > 0"
            raise ValueError(f"{rule}, got momentum=0")
        self.momentum, self.nesterov = momentum, nesterov
        self.velocity = self.zeros() if momentum else None

    def change(self, slot, g):
        if self.momentum:
            v = self.velocity[slot]
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        return np.multiply(g, self.lr, out=self.spare[slot])


class RMSProp(Optimizer):
    """A rate for each parameter, :eq:`eq-rmsprop`.

    The change is lr · g / (√v + eps), v = alpha · v + (1 - alpha) · g².
    """

    def __init__(
        self,
        params,
        lr=0.01,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0.0,
    ):
        super().__init__(params, lr, weight_decay)
        self.below_one("alpha", alpha)
        self.alpha, self.eps, self.squares = alpha, eps, self.zeros()

    def change(self, slot, g):
        v, spare = self.squares[slot], self.spare[slot]
        self.follow(v, np.multiply(g, g, out=spare), 1 - self.alpha, spare)
        np.sqrt(v, out=spare)
        spare += self.eps
        np.divide(g, spare, out=spare)
        spare *= self.lr
        return spare


class Adam(Optimizer):
    """Steps scaled by running means of g and of g², :eq:`eq-adam`.

    The change is lr · m̂ / (√v̂ + eps), where m = b1 · m + (1 - b1) · g and
    v = b2 · v + (1 - b2) · g², over the weight that each has got so far.
    """

    def __init__(
        self,
        params,
        lr=0.001,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
    ):
        super().__init__(params, lr, weight_decay)
        self.below_one("betas", *betas)
        self.betas, self.eps = betas, eps
        self.means, self.squares = self.zeros(), self.zeros()

    def change(self, slot, g):
        b1, b2 = self.betas
        m, v, spare = self.means[slot], self.squares[slot], self.spare[slot]
        self.follow(m, g, 1 - b1, spare)
        self.follow(v, np.multiply(g, g, out=spare), 1 - b2, spare)
        # Both start at 0. m̂ = m / weight, √v̂ = √v / root remove that bias.
        weight, root = 1 - b1**self.steps, math.sqrt(1 - b2**self.steps)
        np.sqrt(v, out=spare)
        spare += self.eps * root
        np.divide(m, spare, out=spare)
        spare *= self.lr * root / weight
        return spare


class AdamW(Adam):
    """Adam with decoupled decay, :eq:`eq-adamw`."""

    decoupled = True

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)


class Lion(Optimizer):
    """Only the sign counts, :eq:`eq-lion`.

    The change is lr · sign(b1 · m + (1 - b1) · g). Then m = b2 · m +
    (1 - b2) · g. Each weight moves by lr; decay is decoupled.
    """

    decoupled = True

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        self.below_one("betas", *betas)
        self.betas, self.means = betas, self.zeros()

    def change(self, slot, g):
        (b1, b2), m = self.betas, self.means[slot]
        change = self.lr * np.sign(b1 * m + (1 - b1) * g)
        self.follow(m, g, 1 - b2, self.spare[slot])
        return change


def clip_by_norm(grads, limit):
    """Shrink all gradients together, in place: g = g · min(1, limit / ‖g‖).

    Returns the norm before.
    """
    if not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}")
    # In float64, since the square of a float32 gradient above 1e19 overflows.
    norms = [float(np.linalg.norm(np.asarray(g, float))) for g in grads]
    for slot, norm in enumerate(norms):
        if not math.isfinite(norm):
            found = f"norm {norm} of array {slot}"
            raise ValueError(f"grads must be finite, got {found}")
    norm = math.hypot(*norms)
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm
