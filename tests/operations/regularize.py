"""Dropout with a given mask, and weight penalties away from the kink of |w|."""

import numpy as np

from operations import Case, normal


def mask(shape):
    return np.random.default_rng(2).random(shape) < 0.6


def away_from_zero(shape):
    return lambda rng: [rng.choice([-1, 1], shape) * rng.uniform(0.5, 2.0, size=shape)]


SHAPES = [(1,), (1, 1), (3, 5), (2, 3, 4)]

CASES = [
    Case("regularize", "dropout", normal(shape), (mask(shape), keep), note=f"{shape} {keep}")
    for shape in SHAPES
    for keep in (0.6, 1.0)
]
CASES += [
    Case("regularize", name, away_from_zero(shape), rest, note=f"{shape} {rest}")
    for name in ("l2_penalty", "l1_penalty")
    for shape in SHAPES
    for rest in ((), (0.3,))
]
