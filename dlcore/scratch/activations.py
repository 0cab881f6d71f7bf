"""Activation functions, one number at a time, and their derivatives."""

import numpy as np


def step(x):
    """A neuron that fires or not, Heaviside's step: y = 1 if x > 0, else 0.

    Shapes: ()->()
    """
    return np.heaviside(x, 0.0)


def step_vjp(dy, y, x):
    """Zero: no small change of x changes y, so by gradients it never learns.

    Shapes: (),(),()->()
    """
    return 0.0 * dy


def sigmoid(x):
    """The softmax of two classes with scores x and 0, :eq:`eq-sigmoid`.

    Shapes: ()->()

    Right to rounding at 1, not relative to a tiny value: below x = -38 it is 0.
    """
    # By tanh, which never overflows, as exp(-x) does.
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))


def sigmoid_vjp(dy, y, x):
    """The derivative y (1 - y), largest at x = 0, where it is a quarter.

    Shapes: (),(),()->()
    """
    return dy * y * (1 - y)


def tanh(x):
    """A sigmoid stretched to (-1, 1) and centred: y = 2 σ(2x) - 1.

    Shapes: ()->()
    """
    return np.tanh(x)


def tanh_vjp(dy, y, x):
    """The derivative 1 - y², at most 1 and near 0 where |x| is large.

    Shapes: (),(),()->()
    """
    return dy * (1 - y * y)


def relu(x):
    """The rectified linear unit passes what is positive: y = max(x, 0).

    Shapes: ()->()
    """
    return np.maximum(x, 0)


def relu_vjp(dy, y, x):
    """The derivative is 1 for x > 0, else 0, by choice also at the kink 0.

    Shapes: (),(),()->()
    """
    return dy * (x > 0)  # many times faster than np.where


def leaky_relu(x, slope=0.01):
    """A ReLU that cannot die, as negative x leak: y = max(x, slope · x).

    Shapes: ()->()
    """
    if not 0 <= slope <= 1:
        raise ValueError(f"slope must lie in [0, 1], got {slope}")
    return np.maximum(x, float(slope) * np.asarray(x))


def leaky_relu_vjp(dy, y, x, slope=0.01):
    """The derivative is 1 for x > 0, else `slope`, also at the kink x = 0.

    Shapes: (),(),()->()
    """
    return dy * (x > 0) + float(slope) * dy * (x <= 0)


def elu(x, alpha=1.0):
    """A ReLU that falls to -alpha: y = x if x > 0, else alpha (eˣ - 1).

    Shapes: ()->()
    """
    return np.maximum(x, 0) + float(alpha) * np.expm1(np.minimum(x, 0))


def elu_vjp(dy, y, x, alpha=1.0):
    """The derivative is 1 for x > 0, else alpha eˣ = y + alpha, also at 0.

    Shapes: (),(),()->()
    """
    return dy * (x > 0) + dy * (y + float(alpha)) * (x <= 0)


def softplus(x):
    """A smooth ReLU, always positive: y = log(1 + eˣ), without overflow.

    Shapes: ()->()
    """
    return np.logaddexp(x, 0)


def softplus_vjp(dy, y, x):
    """The derivative is the sigmoid, σ(x).

    Shapes: (),(),()->()
    """
    return dy * sigmoid(x)


def gelu(x):
    """A smooth gate: y = x/2 (1 + tanh u), u = √(2/π) (x + 0.044715 x³).

    Shapes: ()->()

    This stands for x Φ(x), Φ the normal distribution function, and is
    within 0.0005 of it; NumPy has no Φ.
    """
    x = np.asarray(x)
    c = (2 / np.pi) ** 0.5
    return 0.5 * x * (1 + np.tanh(x * (c + 0.044715 * c * (x * x))))


def gelu_vjp(dy, y, x):
    """The product rule: for y = x s it is s + 2 y (1 - s) u', as s = (1 + tanh u)/2.

    Shapes: (),(),()->()

    s comes from y, without a second tanh; where x is 0, it is ½.
    """
    c, square = (2 / np.pi) ** 0.5, x * x
    s = np.divide(y, x, out=np.full_like(y, 0.5), where=square > 0)
    return dy * (s + 2 * y * (1 - s) * (c + 3 * 0.044715 * c * square))


def in_slices(f, *arrays, size=1 << 14):
    """f(*arrays) for an f of single numbers, a slice of all arrays at a time.

    The float arrays have one shape. What f makes on its way is then small
    enough for the cache, and on large arrays that takes half the time.
    """
    flat = [a.reshape(-1) for a in arrays]
    y = np.empty(flat[0].shape, np.result_type(*flat))
    for start in range(0, len(y), size):
        part = slice(start, start + size)
        y[part] = f(*(a[part] for a in flat))
    return y.reshape(arrays[0].shape)


def swish(x):
    """x with itself as gate: y = x σ(x), smooth and dipping below 0.

    Shapes: ()->()
    """
    return x * sigmoid(x)


def swish_vjp(dy, y, x):
    """The product rule, σ + x σ (1 - σ) = y + σ (1 - y).

    Shapes: (),(),()->()
    """
    return dy * (y + sigmoid(x) * (1 - y))


def mish(x):
    """Close to swish, with another gate: y = x tanh(softplus(x)).

    Shapes: ()->()
    """
    return x * np.tanh(softplus(x))


def mish_vjp(dy, y, x):
    """The product rule, t + x (1 - t²) σ(x), t = tanh(softplus(x)).

    Shapes: (),(),()->()
    """
    t = np.tanh(softplus(x))
    return dy * (t + x * (1 - t * t) * sigmoid(x))
