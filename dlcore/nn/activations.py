"""Activation functions, for autograd to differentiate."""

import torch


def step(x):
    """A neuron that fires or not, Heaviside's step: y = 1 if x > 0, else 0.

    Shapes: ()->()
    """
    return torch.relu(torch.sign(x))  # x > 0 has no gradient, not even 0


def sigmoid(x):
    """The softmax of two classes with scores x and 0, :eq:`eq-sigmoid`.

    Shapes: ()->()
    """
    return 0.5 * (1 + torch.tanh(0.5 * x))


def tanh(x):
    """A sigmoid stretched to (-1, 1) and centred: y = 2 σ(2x) - 1.

    Shapes: ()->()
    """
    return torch.tanh(x)


def relu(x):
    """The rectified linear unit passes what is positive: y = max(x, 0).

    Shapes: ()->()
    """
    return torch.relu(x)


def leaky_relu(x, slope=0.01):
    """A ReLU that cannot die, as negative x leak: y = max(x, slope · x).

    Shapes: ()->()
    """
    if not 0 <= slope <= 1:
        raise ValueError(f"slope must lie in [0, 1], got {slope}")
    # torch.maximum would share out the gradient of the tie at 0.
    return torch.where(x > 0, x, slope * x)


def elu(x, alpha=1.0):
    """A ReLU that falls to -alpha: y = x if x > 0, else alpha (eˣ - 1).

    Shapes: ()->()
    """
    return torch.relu(x) + alpha * torch.expm1(x.clamp(max=0))


def softplus(x):
    """A smooth ReLU, always positive: y = log(1 + eˣ), without overflow.

    Shapes: ()->()
    """
    return torch.logaddexp(x, torch.zeros_like(x))


def gelu(x):
    """A smooth gate: y = x/2 (1 + tanh u), u = √(2/π) (x + 0.044715 x³).

    Shapes: ()->()
    """
    u = (2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(u))


def swish(x):
    """x with itself as gate: y = x σ(x), smooth and dipping below 0.

    Shapes: ()->()
    """
    return x * sigmoid(x)


def mish(x):
    """Close to swish, with another gate: y = x tanh(softplus(x)).

    Shapes: ()->()
    """
    return x * torch.tanh(softplus(x))
