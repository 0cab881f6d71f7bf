"""SGD and Adam."""

import numpy as np
import pytest
import torch

from dlcore.scratch.optim import SGD, Adam


def run(optimizer, params, grads):
    for g in grads:
        optimizer.step(g)
    return params


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (SGD, torch.optim.SGD, {"lr": 0.3}),
        (Adam, torch.optim.Adam, {}),
        (Adam, torch.optim.Adam, {"lr": 0.1, "betas": (0.5, 0.8), "eps": 1e-3}),
    ],
)
def test_twenty_steps_equal_torchs(rng, ours, theirs, options):
    start = [rng.normal(size=(3, 4)), rng.normal(size=5)]
    grads = [[rng.normal(size=p.shape) for p in start] for _ in range(20)]
    params = [p.copy() for p in start]
    run(ours(params, **options), params, grads)
    tensors = [torch.tensor(p, requires_grad=True) for p in start]
    optimizer = theirs(tensors, **options)
    for step in grads:
        for t, g in zip(tensors, step, strict=True):
            t.grad = torch.tensor(g)
        optimizer.step()
    for p, t in zip(params, tensors, strict=True):
        np.testing.assert_allclose(p, t.detach(), rtol=1e-12)


def test_adams_first_step_has_the_size_of_the_rate_whatever_the_gradient():
    p = np.zeros(3)
    Adam([p], lr=0.01).step([np.array([1e-3, -5.0, 1e4])])
    np.testing.assert_allclose(p, [-0.01, 0.01, -0.01], rtol=1e-4)


def test_parameters_change_in_place_and_keep_float32():
    p = np.ones(2, np.float32)
    same = p
    for kind in SGD, Adam:
        kind([p]).step([np.ones(2, np.float32)])
    assert same is p and p.dtype == np.float32 and (p < 1).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SGD([np.zeros(2)], lr=0), "lr must be positive, got 0"),
        (lambda: SGD([]), "params must hold at least one array"),
        (lambda: SGD([np.zeros(2, int)]), "params must be float arrays, got int64"),
        (lambda: Adam([np.zeros(2)], betas=(0.9, 1)), r"betas must lie in \[0, 1\)"),
        (lambda: SGD([np.zeros(2)]).step([np.zeros(3)]), "grads must have the shapes of params"),
        (lambda: Adam([np.zeros(2)]).step([]), "grads must have the shapes of params"),
    ],
)
def test_mistakes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
