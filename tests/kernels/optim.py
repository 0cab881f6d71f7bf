"""Optimizers: the third update, since the first would not see a wrong state."""

from dlcore.kernels import optim as kernel
from kernels import Case, size_of, tensor

ADAMW = (3, 0.1, (0.8, 0.95), 1e-3, 0.1)
LION = (0.1, (0.8, 0.95), 0.1)


def state(rng, dtype, *shape):
    p, g, m, v = (tensor(rng, shape, dtype) for _ in range(4))
    return [p, g, m, v.abs()]


def adamw(p, g, m, v, backend):
    p, m, v = (a.clone() for a in (p, m, v))
    kernel.adamw(p, g.contiguous(), m, v, *ADAMW, backend=backend)
    return p, m, v


def adamw_reference(p, g, m, v):
    """The equation, with its bias corrections."""
    step, lr, (beta, gamma), eps, decay = ADAMW
    m, v = beta * m + (1 - beta) * g, gamma * v + (1 - gamma) * g**2
    change = (m / (1 - beta**step)) / ((v / (1 - gamma**step)) ** 0.5 + eps)
    return p - lr * decay * p - lr * change, m, v


def lion(p, g, m, backend):
    p, m = p.clone(), m.clone()
    kernel.lion(p, g.contiguous(), m, *LION, backend=backend)
    return p, m


def lion_reference(p, g, m):
    lr, (beta, gamma), decay = LION
    way = (beta * m + (1 - beta) * g).sign()
    return p - lr * (way + decay * p), gamma * m + (1 - gamma) * g


SIZES = ((1,), (33,), (30, 70), (8192,))

CASES = [
    Case(
        "adamw",
        state,
        adamw,
        adamw_reference,
        SIZES,
        forward_bytes=lambda p, g, m, v: size_of(g) + 2 * size_of(p, m, v),
        backward_bytes=None,
        operator=lambda p, g, m, v: (kernel.adamw_op, (p, g, m, v, [0.1] * 8)),
    ),
    Case(
        "lion",
        lambda *a: state(*a)[:3],
        lion,
        lion_reference,
        SIZES,
        forward_bytes=lambda p, g, m: size_of(g) + 2 * size_of(p, m),
        backward_bytes=None,
        operator=lambda p, g, m: (kernel.lion_op, (p, g, m, [0.1] * 6)),
    ),
]
