"""Pooling with windows that tile, overlap, leave gaps and leave a rest."""

import numpy as np
from torch.nn import functional as F

from operations import Case, normal

WINDOWS = [
    ((2, 3, 6, 4), 2, None),
    ((2, 3, 7, 5), 3, 2),
    ((1, 2, 5, 5), 2, 3),
    ((2, 1, 5, 6), (2, 3), (1, 2)),
    ((1, 1, 1, 1), 1, None),
]


def apart(shape):
    """Numbers that differ by 0.1 or more, so that a small step changes no winner."""
    return lambda rng: [0.1 * rng.permutation(np.prod(shape)).reshape(shape)]


CASES = [
    Case("pooling", name, make(shape), (size, stride), note=f"{shape} {size} {stride}")
    for name, make in {"max_pool2d": apart, "avg_pool2d": normal}.items()
    for shape, size, stride in WINDOWS
] + [
    Case("pooling", "global_avg_pool2d", normal(shape), note=str(shape))
    for shape in ((2, 3, 4, 5), (1, 1, 1, 1))
]


def conv_relu_pool(x, w, b, size, padding=0):
    return F.max_pool2d(F.relu(F.conv2d(x, w, b, padding=padding)), size)


CASES += [
    Case("pooling", "conv_relu_pool2d", normal(*shapes), rest, note=f"{rest}", twin=conv_relu_pool)
    for shapes, rest in [
        (((2, 3, 6, 8), (4, 3, 3, 3), (4,)), (2, 1)),
        (((3, 2, 7, 9), (5, 2, 2, 3), (5,)), ((3, 2),)),
        (((1, 1, 1, 1), (1, 1, 1, 1), (1,)), (1,)),
    ]
]
