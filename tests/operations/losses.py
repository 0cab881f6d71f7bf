"""Losses of scores, with every kind of label."""

import numpy as np

from operations import Case, normal

LABELS = {
    "integers": np.array([0, 3, 1, 2, 2, 0]),
    "one-hot": np.eye(4)[[0, 3, 1, 2, 2, 0]],
    "soft": np.random.default_rng(0).dirichlet(np.ones(4), 6),
}

CASES = [
    Case("losses", "cross_entropy", normal((6, 4)), (labels, smoothing), note=f"{kind} {smoothing}")
    for kind, labels in LABELS.items()
    for smoothing in (0.0, 0.1)
] + [
    Case("losses", "cross_entropy", normal((1, 1)), (np.array([0]),), note="one class"),
    Case("losses", "binary_cross_entropy", normal((6,), scale=3.0), (np.linspace(0, 1, 6),)),
    Case("losses", "binary_cross_entropy", normal((1,)), (np.array([1.0]),), note="one example"),
]
