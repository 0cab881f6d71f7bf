"""The arithmetic of tensors: pairs for + - * / ** @, sums, shapes, and their operators.

This file gives `Tensor` its operators; the engine loads it.
"""

import numpy as np

from dlcore.scratch.autodiff import Tensor, primitive, record


def unbroadcast(dy, x):
    """Sums a cotangent over the axes along which broadcasting stretched x.

    A stretched axis used one number several times, and uses add up.
    """
    shape = getattr(x, "shape", ())
    if dy.shape == shape:
        return dy
    dy = dy.sum(axis=tuple(range(dy.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n != dy.shape[i])
    return dy.sum(axis=stretched, keepdims=True) if stretched else dy


def add(a, b):
    """The sum y = a + b, with broadcasting."""
    return a + b


def add_vjp(dy, y, a, b):
    return unbroadcast(dy, a), unbroadcast(dy, b)


def subtract(a, b):
    """The difference y = a - b, with broadcasting."""
    return a - b


def subtract_vjp(dy, y, a, b):
    return unbroadcast(dy, a), unbroadcast(-dy, b)


def multiply(a, b):
    """The product y = a b of entries, with broadcasting."""
    return a * b


def multiply_vjp(dy, y, a, b):
    return unbroadcast(dy * b, a), unbroadcast(dy * a, b)


def shift(x, number):
    """The sum y = x + c of any shape, for a number c."""
    return x + number


def shift_vjp(dy, y, x, number):
    return dy


def scale(x, number):
    """The product y = c x of any shape, for a number c."""
    return x * number


def scale_vjp(dy, y, x, number):
    return dy * number


def divide(a, b):
    """The quotient y = a / b, with broadcasting."""
    return a / b


def divide_vjp(dy, y, a, b):
    return unbroadcast(dy / b, a), unbroadcast(-dy * y / b, b)


def power(a, exponent):
    """The power y = a ** exponent of any shape, for a number `exponent`."""
    return a**exponent


def power_vjp(dy, y, a, exponent):
    return dy * exponent * a ** (exponent - 1)


def exp(x):
    """The exponential y = e ** x of any shape."""
    return np.exp(x)


def exp_vjp(dy, y, x):
    return dy * y


def log(x):
    """The natural logarithm y = log x of positive numbers of any shape."""
    return np.log(x)


def log_vjp(dy, y, x):
    return dy / x


def matmul(a, b):
    """The matrix product y = a b over the last two axes, leading axes broadcast."""
    if np.ndim(a) < 2 or np.ndim(b) < 2 or a.shape[-1] != b.shape[-2]:
        raise ValueError(f"a must be (…, n, d) and b (…, d, k), got {np.shape(a)}, {np.shape(b)}")
    return a @ b


def matmul_vjp(dy, y, a, b):
    return unbroadcast(dy @ b.mT, a), unbroadcast(a.mT @ dy, b)


def total(x, axis=None, keepdims=False):
    """The sum y = Σ x over `axis` (a number, several, or all) of any shape."""
    return np.sum(x, axis=axis, keepdims=keepdims)


def total_vjp(dy, y, x, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    return np.broadcast_to(dy, x.shape).astype(x.dtype)


def mean(x, axis=None, keepdims=False):
    """The mean y = Σ x / n over `axis` (a number, several, or all) of any shape."""
    return np.mean(x, axis=axis, keepdims=keepdims)


def mean_vjp(dy, y, x, axis=None, keepdims=False):
    return total_vjp(dy, y, x, axis, keepdims) * (y.size / x.size)


def reshape(x, shape):
    """The same numbers in another shape, y = x.reshape(shape)."""
    return x.reshape(shape)


def reshape_vjp(dy, y, x, shape):
    return dy.reshape(x.shape)


def transpose(x, axes):
    """The axes of any shape in another order, y[i, j] = x[j, i] for axes (1, 0)."""
    return x.transpose(axes)


def transpose_vjp(dy, y, x, axes):
    return dy.transpose(np.argsort(axes))


def take(x, index):
    """A part y = x[index] of any shape: slices, numbers, or integer arrays."""
    return x[index]


def take_vjp(dy, y, x, index):
    dx = np.zeros_like(x)
    np.add.at(dx, index, dy)  # an entry taken twice gets both cotangents
    return dx


def concatenate(parts, axis=-1):
    """Tensors one behind the other along `axis`."""
    ends = np.cumsum([0, *(part.shape[axis] for part in parts)])

    def join(*arrays):
        return np.concatenate(arrays, axis=axis)

    def split(dy, y, *arrays):
        return tuple(np.split(dy, ends[1:-1], axis=axis))

    return primitive(join, split)(*parts)


def operator(f, f_vjp, swapped=False):
    """A method of Tensor for the pair; `swapped` when the tensor stands on the right."""
    apply = primitive(f, f_vjp)
    return (lambda self, other: apply(other, self)) if swapped else apply


def with_number(f, f_vjp, method):
    """The method, but with the pair f, f_vjp where the other side is a plain number.

    As `primitive`, but without its loops: in programs of scalars they take most of the time.
    """

    none = {}

    def apply(x, number):
        if type(number) is not float and type(number) is not int:
            return method(x, number)
        y = f(x.data, number)
        return record(y, x.requires_grad, f_vjp, (x,), (y, x.data, number), none)

    return apply


for sign, pair in {
    "add": (add, add_vjp),
    "sub": (subtract, subtract_vjp),
    "mul": (multiply, multiply_vjp),
    "truediv": (divide, divide_vjp),
    "matmul": (matmul, matmul_vjp),
}.items():
    setattr(Tensor, f"__{sign}__", operator(*pair))
    setattr(Tensor, f"__r{sign}__", operator(*pair, swapped=True))

Tensor.__add__ = with_number(shift, shift_vjp, Tensor.__add__)
Tensor.__radd__ = with_number(shift, shift_vjp, Tensor.__radd__)
Tensor.__mul__ = with_number(scale, scale_vjp, Tensor.__mul__)
Tensor.__rmul__ = with_number(scale, scale_vjp, Tensor.__rmul__)
Tensor.__pow__ = operator(power, power_vjp)
Tensor.__neg__ = lambda self: self * -1.0
Tensor.__getitem__ = operator(take, take_vjp)
Tensor.sum = operator(total, total_vjp)
Tensor.mean = operator(mean, mean_vjp)
Tensor.exp = operator(exp, exp_vjp)
Tensor.log = operator(log, log_vjp)
RESHAPE, TRANSPOSE = operator(reshape, reshape_vjp), operator(transpose, transpose_vjp)
Tensor.reshape = lambda self, *shape: RESHAPE(self, shape)
Tensor.transpose = lambda self, *axes: TRANSPOSE(self, axes)
