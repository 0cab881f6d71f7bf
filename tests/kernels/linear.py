"""A linear layer: by pointers, by Hopper's descriptors, with GELU before the result is written."""

from torch.nn import functional as F

from dlcore.kernels import linear as kernel
from dlcore.kernels import use_triton
from kernels import Case, tensor


def layer(rng, dtype, n, d, k):
    shapes = (n, d), (k, d), (k,)
    return [tensor(rng, s, dtype, scale=d**-0.25) for s in shapes]


def product(a, b, extra=0):
    """Bytes of y = a b in tiles: a again for each column of tiles, b for each row of them."""
    size, c = a.element_size(), kernel.config(80, a.element_size())
    (m, k), n = a.shape, b.shape[1]
    columns, rows = -(-n // c["BN"]), -(-m // c["BM"])
    return size * (m * k * columns + k * n * rows + m * n + extra)


def forward(x, w, b):
    (n, _), k = x.shape, len(w)
    tiles = -(-n // kernel.config(80, x.element_size())["BM"])
    return product(x, w.T, extra=k * tiles)


def backward(x, w, b):
    dy = x.new_empty(len(x), len(w))
    return product(dy, w) + product(x.T, dy)


SIZES = ((1, 1, 1), (3, 70, 33), (150, 33, 300), (128, 64, 256))

CASES = [
    Case(
        "linear",
        layer,
        lambda x, w, b, backend: kernel.linear(x, w, b, backend=backend),
        F.linear,
        SIZES,
        forward,
        backward,
        operator=lambda x, w, b: (
            kernel.product_op,
            (x, w.detach().T.requires_grad_(), b, 0, False),
        ),
    ),
    Case(
        "linear GELU",
        layer,
        lambda x, w, b, backend: kernel.linear(x, w, b, "gelu", backend=backend),
        lambda x, w, b: F.gelu(F.linear(x, w, b)),
        SIZES,
        forward,
        None,  # behind a gradient GELU is a kernel of its own
        operator=lambda x, w, b: (kernel.product_op, (x, w.T, b, 1, False)),
    ),
    Case(
        "linear by descriptors",  # in 16 bits
        layer,
        lambda x, w, b, backend: (
            kernel.product_op(x, w.T, b, 0, True) if use_triton(x, backend) else F.linear(x, w, b)
        ),
        F.linear,
        ((8, 8, 8), (40, 72, 136), (296, 72, 136), (128, 64, 256)),
        forward,
        backward,
        operator=lambda x, w, b: (
            kernel.product_op,
            (x, w.detach().T.requires_grad_(), b, 0, True),
        ),
    ),
]
