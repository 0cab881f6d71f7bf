"""Activations, one number at a time; those with a kink at 0 are kept away from it."""

import numpy as np

from operations import Case, normal

SMOOTH = "sigmoid", "tanh", "softplus", "gelu", "swish", "mish"
KINKED = "step", "relu", "leaky_relu", "elu"


def away_from_zero(shape):
    """Random numbers of at least 0.1 either side, since a kink has two slopes."""

    def inputs(rng):
        x = 2 * rng.normal(size=shape)
        return [x + np.copysign(0.1, x)]

    return inputs


CASES = [
    Case("activations", name, inputs(shape), note=str(shape))
    for names, inputs in ((SMOOTH, lambda s: normal(s, scale=2.0)), (KINKED, away_from_zero))
    for name in names
    for shape in ((), (1,), (3, 5))
] + [
    Case("activations", "leaky_relu", away_from_zero((3, 5)), rest=(0.3,), note="slope"),
    Case("activations", "leaky_relu", away_from_zero((7,)), rest=(0,), note="no slope"),
    Case("activations", "elu", away_from_zero((3, 5)), rest=(0.5,), note="alpha"),
]
