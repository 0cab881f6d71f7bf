"""Reverse-mode automatic differentiation over pairs f, f_vjp. It knows no operation itself.

multiply = primitive(f, f_vjp)      # works on tensors and remembers what it did
loss = multiply(w, x)
loss.backward()                     # calls f_vjp of every step, last step first
w.grad
"""

import contextlib
import gc
import inspect
import itertools
from heapq import heappop, heappush

import numpy as np

ARRAYS = np.ndarray, np.generic
SERIAL = itertools.count(0, -1)  # of steps and changes; a heap hands out the smallest first
NO_GRADIENT = "has no gradient for one of its inputs"
IN_PLACE = "tensor changed in place after it had been used"
recording = True  # switched off by no_grad


class Tensor:
    """An array that remembers the pair and the inputs it was computed from.

    `data` is the array, `grad` its gradient after backward. Change data through `x[...] = value`:
    a change that backward would stumble over is then an error. Writing into `x.data` is not seen.
    """

    __slots__ = ("data", "grad", "requires_grad", "changed", "serial")
    __slots__ += ("f_vjp", "inputs", "known", "options")  # the step that computed it
    __array_ufunc__ = None  # array + tensor is the tensor's business

    def __init__(self, data, requires_grad=False):
        self.data = data if isinstance(data, ARRAYS) else np.asarray(data)
        if requires_grad and not np.issubdtype(self.data.dtype, np.inexact):
            raise ValueError(f"only floats have gradients, got dtype {self.data.dtype}")
        self.grad, self.requires_grad, self.changed = None, requires_grad, 0
        self.f_vjp = None

    def __setitem__(self, index, value):
        if self.f_vjp is not None:
            raise ValueError("a computed tensor must not be changed in place: compute a new one")
        self.data[index] = value.data if isinstance(value, Tensor) else value
        self.changed = next(SERIAL)

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
        waiting, cotangents = [(self.serial, self)], {self: dy}
        while waiting:  # who uses a result is made after it: the last made has its whole cotangent
            _, node = heappop(waiting)
            pull(node, cotangents.pop(node), waiting, cotangents, keep)


def pull(node, dy, waiting, cotangents, keep):
    """Pass the node's cotangent dy on to its inputs, and forget the step.

    With `keep`, remember the step, and dy in node.grad.
    """
    found = node.f_vjp(dy, *node.known, **node.options)
    found = found if type(found) is tuple else (found,)
    for i, x in enumerate(node.inputs):
        if type(x) is Tensor:
            if x.changed < node.serial:
                raise ValueError(IN_PLACE)
            if x.requires_grad:
                g = found[i] if i < len(found) else None
                if g is None:  # labels and the like
                    raise ValueError(f"{node.f_vjp.__name__} {NO_GRADIENT}")
                arrive(g, x, waiting, cotangents)
    if keep:
        node.grad = dy
    else:
        node.f_vjp, node.inputs, node.known = freed, (), ()


def arrive(g, x, waiting, cotangents):
    """Add g to what x has; with its first cotangent a step gets in line."""
    if x.f_vjp is None:
        x.grad = g if x.grad is None else x.grad + g
    elif x in cotangents:
        cotangents[x] = cotangents[x] + g
    else:
        cotangents[x] = g
        heappush(waiting, (x.serial, x))


def freed(*_, **__):
    """Stands where a step was before backward used it up."""
    raise ValueError("backward was called before, and freed this: use keep=True there")


def primitive(f, f_vjp):
    """The pair as one function of tensors: f(*inputs, **options).

    The inputs to differentiate come first. Where f returns a tuple, its
    first entry is the result, and all of it goes to f_vjp. An f_vjp with an
    argument `needed` is told of each input whether its cotangent is used.
    """
    told = "needed" in inspect.signature(f_vjp).parameters

    def apply(*inputs, **options):
        arrays, needed = [], []
        for x in inputs:
            tensor = type(x) is Tensor
            arrays.append(x.data if tensor else x)
            needed.append(tensor and x.requires_grad)
        y = f(*arrays, **options)
        if told:
            options["needed"] = needed
        return record(y, True in needed, f_vjp, inputs, (y, *arrays), options)

    apply.__name__, apply.__doc__ = f.__name__, f.__doc__
    return apply


def record(y, needed, f_vjp, inputs, known, options):
    """y as a tensor and, if needed for a gradient, the step that made it.

    f_vjp will get dy and what is known: all that f returned, its inputs.
    """
    y = Tensor(y[0] if type(y) is tuple else y)
    if needed and recording:
        y.requires_grad, y.serial = True, next(SERIAL)
        y.f_vjp, y.inputs, y.known, y.options = f_vjp, inputs, known, options
    return y


@contextlib.contextmanager
def no_grad():
    """Inside, nothing is remembered: for evaluation, at half the memory."""
    global recording
    before, recording = recording, False
    try:
        yield
    finally:
        recording = before


@contextlib.contextmanager
def acyclic():
    """Inside, Python does not look for reference cycles: for graphs of very many steps.

    A graph has none, but the search walks all of it again and again, and all else that lives.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


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
    """f and its derivative along `directions`, in one forward pass.

    f(x + i h v) = f(x) + i h f'(x) v + O(h²): the imaginary part carries the
    derivative along, exactly. See :eq:`eq-complex-step`.
    """
    pairs = zip(arrays, directions, strict=True)
    y = f(*(Tensor(a + NUDGE * 1j * v) for a, v in pairs))
    return y.data.real, y.data.imag / NUDGE


def hessian_vector_product(f, x, v):
    """H v, :eq:`eq-hvp`: the backward pass, differentiated forwards."""
    (g,) = grad(f)(x + NUDGE * 1j * v)
    return g.imag / NUDGE


import dlcore.scratch.arithmetic  # noqa: E402, F401 (gives Tensor its + - * / @)
