"""Normalizations over the batch, the row and neighbouring channels, with and without eps."""

import numpy as np

from operations import Case, normal

MEAN, VAR = np.array([0.5, -1.0, 2.0]), np.array([0.3, 1.0, 4.0])
BATCHES = [(5, 3), (2, 3), (2, 3, 4, 5), (1, 3, 3, 1)]

CASES = (
    [
        Case("norm", name, normal(shape, (3,), (3,)), rest, note=str(shape))
        for name, rest in {"batch_norm": (), "batch_norm_fixed": (MEAN, VAR)}.items()
        for shape in BATCHES
    ]
    + [
        Case("norm", "layer_norm", normal(shape, shape[-1:], shape[-1:]), note=str(shape))
        for shape in ((5, 7), (2, 3, 4), (1, 3))
    ]
    + [
        Case("norm", "rms_norm", normal(shape, shape[-1:]), note=str(shape))
        for shape in ((5, 7), (2, 3, 4), (1, 1))
    ]
    + [
        Case(
            "norm", "local_response_norm", normal((2, c, 3, 2)), (), options, note=f"{c} {options}"
        )
        for c, options in (
            (7, ()),
            (6, (("size", 4), ("alpha", 0.9))),
            (2, (("size", 3), ("alpha", 0.5), ("beta", 0.6), ("k", 1.0))),
            (1, (("size", 1), ("alpha", 2.0))),
        )
    ]
    + [
        Case("norm", "standardize", normal((4, 3, 5)), (axis,), note=f"axis {axis}")
        for axis in (-1, (0, 1))
    ]
    + [
        Case("norm", name, normal((4, 3), *[(3,)] * vectors), options=(("eps", 0.5),), note="eps")
        for name, vectors in (("batch_norm", 2), ("layer_norm", 2), ("rms_norm", 1))
    ]
    + [Case("norm", "batch_norm_fixed", normal((4, 3), (3,), (3,)), (MEAN, VAR, 0.5), note="eps")]
)
