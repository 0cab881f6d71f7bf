"""A linear layer, by pointers."""

from torch.nn import functional as F

from dlcore.kernels import linear as kernel
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
]
