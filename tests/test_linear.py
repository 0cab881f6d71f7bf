"""The linear layer."""

import numpy as np
import pytest
import torch

from dlcore.nn import linear as nn
from dlcore.scratch.linear import linear


def inputs(rng, lead=(5,), d=3, k=4, dtype=np.float64):
    shapes = (*lead, d), (k, d), (k,)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def test_one_example_gives_one_score_for_each_row_of_w(rng):
    x, w, b = inputs(rng)
    np.testing.assert_allclose(linear(x, w, b)[2], w @ x[2] + b, rtol=1e-12)


def test_it_equals_torchs_own_linear(rng):
    x, w, b = inputs(rng, lead=(2, 5))
    own = torch.nn.functional.linear(*map(torch.tensor, (x, w, b)))
    np.testing.assert_allclose(linear(x, w, b), own, rtol=1e-12)


@pytest.mark.parametrize("form", ["scratch", "nn"])
def test_wrong_shapes_are_named_in_the_error(form):
    def call(*shapes):
        arrays = [np.zeros(shape) for shape in shapes]
        return linear(*arrays) if form == "scratch" else nn.linear(*map(torch.tensor, arrays))

    with pytest.raises(ValueError, match=r"x must be \(n, 3\), got \(5, 2\)"):
        call((5, 2), (4, 3), (4,))
    with pytest.raises(ValueError, match=r"w must be \(k, d\), b \(k\), got \(4, 3\), \(3,\)"):
        call((5, 3), (4, 3), (3,))
    with pytest.raises(ValueError, match=r"x must be \(n, 3\), got \(\)"):
        call((), (4, 3), (4,))
