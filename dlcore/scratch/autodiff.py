"""Reverse-mode automatic differentiation over pairs f, f_vjp. It knows no operation itself.

multiply = primitive(f, f_vjp)      # works on tensors and remembers what it did
loss = multiply(w, x)
loss.backward()                     # calls f_vjp of every step, last step first
w.grad
"""

import contextlib
import itertools
import operator

import numpy as np

ARRAYS = np.ndarray, np.generic
SERIAL, SERIAL_OF = itertools.count(), operator.attrgetter("serial")
recording = True  # switched off by no_grad


class Tensor:
    """An array that remembers the pair and the inputs it was computed from.

    `data` is the array, `grad` its gradient after backward. Change data through `x[...] = value`:
    a change that backward would stumble over is then an error. Writing into `x.data` is not seen.
    """

    __slots__ = ("data", "grad", "requires_grad", "version", "serial")
    __slots__ += ("f_vjp", "inputs", "options", "result", "seen")  # the step that computed it
    __array_ufunc__ = None  # array + tensor is the tensor's business

    def __init__(self, data, requires_grad=False):
        self.data = data if isinstance(data, ARRAYS) else np.asarray(data)
        if requires_grad and not np.issubdtype(self.data.dtype, np.inexact):
            raise ValueError(f"only floats have gradients, got dtype {self.data.dtype}")
        self.grad, self.requires_grad, self.version = None, requires_grad, 0
        self.f_vjp = None

    def __setitem__(self, index, value):
        if self.f_vjp is not None:
            raise ValueError("a computed tensor must not be changed in place: compute a new one")
        self.data[index] = value.data if isinstance(value, Tensor) else value
        self.version += 1

    def __repr__(self):
        return f"Tensor({self.data}{', requires_grad=True' if self.requires_grad else ''})"

    def __len__(self):
        return len(self.data)

    @property
    def shape(self):
        return self.data.shape

    def item(self) -> float:
        return self.data.item()

    def backward(self, dy=None, keep=False):
        """Add dy · d self / d x to x.grad for every x that requires it; dy is 1 for a number.

        The steps are freed on the way, unless `keep`; then backward can be called again.
        """
        if self.f_vjp is None:
            raise ValueError("backward needs a result computed from tensors that require gradients")
        if dy is None and self.data.size != 1:
            raise ValueError(f"dy must be given for a result of shape {self.shape}")
        dy = np.ones_like(self.data) if dy is None else np.asarray(dy, self.data.dtype)
        if dy.shape != self.shape:
            raise ValueError(f"dy must have the shape of the result {self.shape}, got {dy.shape}")
        order = sorted(reached(self), key=SERIAL_OF)
        self.grad = dy
        while order:  # a result is made after its inputs, so the largest serial comes first
            pull(order.pop(), keep)


def pull(node, keep):
    """Pass the node's cotangent on to its inputs, and forget the step unless `keep`."""
    if node.f_vjp is freed:
        freed()
    if versions(node.inputs) != node.seen:
        raise ValueError("a tensor was changed in place after it had been used")
    arrays = [x.data if type(x) is Tensor else x for x in node.inputs]
    cotangents = node.f_vjp(node.grad, node.result, *arrays, **node.options)
    if type(cotangents) is not tuple:
        cotangents = (cotangents,)
    for x, g in zip(node.inputs, cotangents, strict=False):
        if type(x) is Tensor and x.requires_grad:
            x.grad = g if x.grad is None else x.grad + g
    for x in node.inputs[len(cotangents) :]:  # labels and the like: no gradient by this pair
        if type(x) is Tensor and x.requires_grad:
            raise ValueError(f"{node.f_vjp.__name__} has no gradient for one of its inputs")
    node.grad = None
    if not keep:
        node.f_vjp, node.inputs, node.result = freed, (), None


def versions(inputs) -> int:
    """How often the inputs have been changed in place, all together."""
    return sum([x.version for x in inputs if type(x) is Tensor])


def freed(*_):
    """Stands where a step was before backward used it up."""
    raise ValueError("backward was called before, and freed this: use keep=True there")


def reached(y) -> set:
    """Every computed tensor that y was computed from, and y; without recursion."""
    found, todo = {y}, [y]
    while todo:
        node = todo.pop()
        for x in node.inputs:
            if type(x) is Tensor and x.f_vjp is not None and x not in found:
                found.add(x)
                todo.append(x)
    return found


def primitive(f, f_vjp):
    """The pair as one function of tensors: f(*inputs, **options), inputs to differentiate first.

    Where f returns a tuple, its first entry is the result and all of it goes to f_vjp.
    """

    def apply(*inputs, **options):
        arrays = [x.data if type(x) is Tensor else x for x in inputs]
        result = f(*arrays, **options)
        y = Tensor(result[0] if type(result) is tuple else result)
        if recording and any(type(x) is Tensor and x.requires_grad for x in inputs):
            y.requires_grad, y.serial, y.seen = True, next(SERIAL), versions(inputs)
            y.f_vjp, y.inputs, y.options, y.result = f_vjp, inputs, options, result
        return y

    apply.__name__, apply.__doc__ = f.__name__, f.__doc__
    return apply


@contextlib.contextmanager
def no_grad():
    """Inside, nothing is remembered: for evaluation, at half the memory."""
    global recording
    before, recording = recording, False
    try:
        yield
    finally:
        recording = before


def vjp(f, *arrays):
    """f(*arrays) and the function that takes dy to the gradients of dy · f, one an array."""
    tensors = [Tensor(a, requires_grad=True) for a in arrays]
    y = f(*tensors)

    def pull(dy):
        for x in tensors:
            x.grad = None
        y.backward(dy, keep=True)
        return [np.zeros_like(x.data) if x.grad is None else x.grad for x in tensors]

    return y.data, pull


def grad(f):
    """The function that returns the gradients of the number f(*arrays), one an array."""

    def gradients(*arrays):
        y, pull = vjp(f, *arrays)
        return pull(np.ones_like(y))

    return gradients


NUDGE = 1e-20  # so small that its square vanishes beside any number: a dual number's epsilon


def jvp(f, arrays, directions):
    """f and its derivative along `directions`, in one forward pass through complex numbers.

    f(x + i h v) = f(x) + i h f'(x) v + O(h²): the imaginary part carries the derivative, exactly.
    """
    y = f(*(Tensor(a + NUDGE * 1j * v) for a, v in zip(arrays, directions, strict=True)))
    return y.data.real, y.data.imag / NUDGE


def hessian_vector_product(f, x, v):
    """The Hessian of the number f(x) times v: a forward derivative of the backward pass."""
    (g,) = grad(f)(x + NUDGE * 1j * v)
    return g.imag / NUDGE


import dlcore.scratch.arithmetic  # noqa: E402, F401 (gives Tensor its + - * / @)
