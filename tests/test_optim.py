"""SGD, RMSProp, Adam, AdamW and Lion, and gradients clipped by their norm."""

import numpy as np
import pytest
import torch

from dlcore.scratch.optim import SGD, Adam, AdamW, Lion, RMSProp, clip_by_norm


class ReferenceLion(torch.optim.Optimizer):
    """Lion in its published two lines, in the frame of torch's optimizers."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        o = self.param_groups[0]
        b1, b2 = o["betas"]
        for p in o["params"]:
            m = self.state[p].get("m", torch.zeros_like(p))
            update = (b1 * m + (1 - b1) * p.grad).sign() + o["weight_decay"] * p
            self.state[p]["m"] = b2 * m + (1 - b2) * p.grad
            p.sub_(o["lr"] * update)


TWINS = [
    (SGD, torch.optim.SGD, {"lr": 0.3}),
    (SGD, torch.optim.SGD, {"lr": 0.3, "weight_decay": 0.2}),
    (SGD, torch.optim.SGD, {"lr": 0.3, "momentum": 0.8}),
    (SGD, torch.optim.SGD, {"lr": 0.3, "momentum": 0.8, "nesterov": True, "weight_decay": 0.2}),
    (RMSProp, torch.optim.RMSprop, {}),
    (RMSProp, torch.optim.RMSprop, {"lr": 0.1, "alpha": 0.7, "eps": 1e-2, "weight_decay": 0.2}),
    (Adam, torch.optim.Adam, {}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "betas": (0.5, 0.8), "eps": 1e-3}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.2}),
    (AdamW, torch.optim.AdamW, {}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "betas": (0.5, 0.8), "eps": 1e-3, "weight_decay": 0.2}),
    (Lion, ReferenceLion, {}),
    (Lion, ReferenceLion, {"lr": 0.1, "betas": (0.5, 0.8), "weight_decay": 0.2}),
]
KINDS = [SGD, RMSProp, Adam, AdamW, Lion]


@pytest.mark.parametrize(("ours", "theirs", "options"), TWINS)
def test_twenty_steps_equal_torchs(rng, ours, theirs, options):
    start = [rng.normal(size=(3, 4)), rng.normal(size=5)]
    grads = [[rng.normal(size=p.shape) for p in start] for _ in range(20)]
    params = [p.copy() for p in start]
    optimizer = ours(params, **options)
    for g in grads:
        optimizer.step(g)
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


def test_every_step_of_lion_has_the_size_of_the_rate(rng):
    p = np.zeros(4)
    optimizer = Lion([p], lr=0.01)
    for _ in range(5):
        before = p.copy()
        optimizer.step([rng.normal(size=4) * [1e-6, 1, 1e3, 1e6]])
        np.testing.assert_allclose(np.abs(p - before), 0.01, rtol=1e-12)


def test_momentum_multiplies_a_steady_slope_by_one_over_one_minus_momentum():
    p = np.zeros(1)
    optimizer = SGD([p], lr=0.1, momentum=0.9)
    for _ in range(300):
        before = p.copy()
        optimizer.step([np.ones(1)])
    np.testing.assert_allclose(before - p, 0.1 / (1 - 0.9), rtol=1e-10)


def test_weight_decay_scales_the_weights_and_adam_hides_its_size_unless_decoupled():
    weights = {}
    for kind in SGD, Adam, AdamW:
        p = np.array([1.0, 100.0])
        kind([p], lr=0.1, weight_decay=0.5).step([np.zeros(2)])
        weights[kind] = p
    np.testing.assert_allclose(weights[SGD], [0.95, 95.0], rtol=1e-12)  # (1 - lr λ) θ
    np.testing.assert_allclose(weights[AdamW], [0.95, 95.0], rtol=1e-12)
    np.testing.assert_allclose(weights[Adam], [0.9, 99.9], rtol=1e-6)  # lr, whatever θ is


def test_a_schedule_may_change_the_rate_between_steps():
    p = np.zeros(1)
    optimizer = SGD([p], lr=1.0)
    for rate in 1.0, 0.5, 0.0:
        optimizer.lr = rate
        optimizer.step([np.ones(1)])
    assert p == -1.5


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_change_in_place_and_keep_float32(kind, rng):
    p, scalar = np.ones((2, 3), np.float32), np.ones((), np.float32)
    same, view = p, p.T
    for dtype in np.float32, np.float64:
        grads = [np.ones((3, 2), dtype), np.ones((), dtype)]
        kept = [g.copy() for g in grads]
        optimizer = kind([view, scalar], weight_decay=0.1)
        for _ in range(2):
            optimizer.step(iter(grads))
        for g, k in zip(grads, kept, strict=True):
            np.testing.assert_array_equal(g, k)
    assert same is p and p.dtype == scalar.dtype == np.float32
    assert (p < 1).all() and scalar < 1 and np.ptp(p) == 0
    states = [s for v in vars(optimizer).values() if isinstance(v, list) for s in v]
    assert {s.dtype for s in states} == {np.dtype(np.float32)}


@pytest.mark.parametrize("limit", [0.5, 3.0, 100.0])
def test_clipping_agrees_with_torchs_own_and_returns_the_norm_before(limit, rng):
    grads = [rng.normal(size=(3, 4)), np.array(2.0), rng.normal(size=5)]
    tensors = [torch.nn.Parameter(torch.tensor(g)) for g in grads]
    for t in tensors:
        t.grad = t.detach().clone()
    wanted = torch.nn.utils.clip_grad_norm_(tensors, limit)
    before = np.sqrt(sum((g * g).sum() for g in grads))
    norm = clip_by_norm(grads, limit)
    np.testing.assert_allclose([norm, norm], [before, wanted.item()], rtol=1e-12)
    for g, t in zip(grads, tensors, strict=True):
        np.testing.assert_allclose(g, t.grad.numpy(), rtol=2e-6)
    np.testing.assert_allclose(np.sqrt(sum((g * g).sum() for g in grads)), min(limit, before))


def test_clipping_survives_squares_that_overflow_float32():
    g = np.full(4, 1e25, np.float32)
    np.testing.assert_allclose(clip_by_norm([g], 1.0), 2e25, rtol=1e-6)
    np.testing.assert_allclose(g, 0.5, rtol=1e-6)
    assert g.dtype == np.float32


BAD = [
    (lambda: SGD([np.zeros(2)], lr=0), "lr must be positive, got 0"),
    (lambda: SGD([np.zeros(2)], lr=np.nan), "lr must be positive, got nan"),
    (lambda: SGD([]), "params must hold at least one array"),
    (lambda: SGD([np.zeros(2, int)]), "params must be float arrays, got int64"),
    (lambda: SGD([[0.0]]), "params must be float arrays, got <class 'list'>"),
    (lambda: SGD([np.zeros(2)], momentum=1), r"momentum must lie in \[0, 1\), got 1"),
    (lambda: SGD([np.zeros(2)], nesterov=True), "nesterov must come with momentum > 0"),
    (lambda: SGD([np.zeros(2)], weight_decay=-1), "weight_decay must not be negative, got -1"),
    (lambda: RMSProp([np.zeros(2)], alpha=-0.1), r"alpha must lie in \[0, 1\), got -0.1"),
    (lambda: Adam([np.zeros(2)], betas=(0.9, 1)), r"betas must lie in \[0, 1\), got 0.9, 1"),
    (lambda: Lion([np.zeros(2)], betas=(2, 0.9)), r"betas must lie in \[0, 1\), got 2, 0.9"),
    (lambda: SGD([np.zeros(2)]).step([np.zeros(3)]), "grads must have the shapes of params"),
    (lambda: Adam([np.zeros(2)]).step([]), "grads must have the shapes of params"),
    (lambda: clip_by_norm([np.ones(2)], 0), "limit must be positive, got 0"),
    (lambda: clip_by_norm([np.ones(2), np.array([1, np.nan])], 1), "norm nan of array 1"),
    (lambda: clip_by_norm([np.array([-np.inf])], 1), "grads must be finite, got norm inf of a"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_mistakes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_gradients_that_are_not_finite_stay_as_they_were_when_clipping_refuses():
    grads = [np.full(3, 9.0), np.array([np.nan])]
    with pytest.raises(ValueError, match="grads must be finite"):
        clip_by_norm(grads, 1.0)
    np.testing.assert_array_equal(grads[0], 9.0)
