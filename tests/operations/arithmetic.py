"""Sums, products and shapes, with broadcasting; torch has them all itself."""

import operator

import numpy as np
import torch

from operations import Case, normal

BROADCAST = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 2)), ((), (2, 3)), ((1,), (1, 1))]
BINARY = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}
MATRICES = [((3, 4), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 1)), ((1, 1), (1, 1))]
INDEX = (slice(None, None, 2), np.array([0, 2, 0]))  # a slice, and an entry taken twice


def positive(*shape):
    return lambda rng: [rng.uniform(0.5, 2.0, size=shape)]


def away_from_zero(*shapes):
    return lambda rng: [rng.choice([-1, 1], s) * rng.uniform(0.5, 2.0, size=s) for s in shapes]


CASES = [
    Case("arithmetic", name, away_from_zero(*shapes), note=f"{shapes}", twin=twin)
    for name, twin in BINARY.items()
    for shapes in BROADCAST
]
CASES += [
    Case("arithmetic", "matmul", normal(*shapes), note=f"{shapes}", twin=torch.matmul)
    for shapes in MATRICES
]
CASES += [
    Case("arithmetic", name, normal((3, 4, 2)), (axis, keep), note=f"{axis} {keep}", twin=twin)
    for name, twin in (("total", torch.sum), ("mean", torch.mean))
    for axis, keep in ((0, False), (-1, True), ((0, 2), False), ((0, 1, 2), False))
]
CASES += [
    Case("arithmetic", "total", normal((3, 4)), note="all", twin=torch.sum),
    Case("arithmetic", "mean", normal((3, 4)), note="all", twin=torch.mean),
    Case("arithmetic", "shift", normal((3, 4)), (2.5,), twin=torch.add),
    Case("arithmetic", "scale", normal((3, 4)), (2.5,), twin=torch.mul),
    Case("arithmetic", "power", positive(3, 4), (2.5,), twin=torch.pow),
    Case("arithmetic", "exp", normal((3, 4)), twin=torch.exp),
    Case("arithmetic", "log", positive(3, 4), twin=torch.log),
    Case("arithmetic", "reshape", normal((3, 4)), ((2, 6),), twin=torch.reshape),
    Case("arithmetic", "transpose", normal((3, 4, 2)), ((2, 0, 1),), twin=torch.permute),
    Case("arithmetic", "take", normal((5, 4)), (INDEX,), twin=lambda x, i: x[i]),
]
