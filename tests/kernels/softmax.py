"""Softmax."""

import torch

from dlcore.kernels import softmax as kernel
from kernels import Case, size_of, tensor

CASES = [
    Case(
        "softmax",
        lambda rng, dtype, *shape: [tensor(rng, shape, dtype, scale=3)],
        lambda x, backend: kernel.softmax(x, 0.7, backend=backend),
        lambda x: torch.softmax(x / 0.7, -1),
        sizes=((1, 1), (3, 33), (2, 2, 70), (32, 1000)),
        forward_bytes=lambda x: 2 * size_of(x),
        backward_bytes=lambda x: 3 * size_of(x),
        operator=lambda x: (kernel.softmax_op, (x, 1.3)),
    )
]
