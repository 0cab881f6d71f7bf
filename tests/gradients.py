"""How every hand-written gradient is checked: in a random direction, and against torch."""

import numpy as np
import torch


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def assert_vjp(f, f_vjp, inputs, rng, rest=(), step=1e-6):
    """f_vjp(dy, y, *inputs, *rest) against finite differences of dy · f, in float64.

    The cotangent dy is random: through a plain sum, softmax has gradient zero and a wrong
    gradient would pass. The direction is random too, so that one number checks every entry.
    """
    y = f(*inputs, *rest)
    dy = rng.normal(size=np.shape(y))
    found = as_tuple(f_vjp(dy, y, *inputs, *rest))
    assert [g.shape for g in found] == [a.shape for a in inputs]
    ways = [rng.normal(size=a.shape) for a in inputs]
    ahead = f(*(a + step * d for a, d in zip(inputs, ways, strict=True)), *rest)
    behind = f(*(a - step * d for a, d in zip(inputs, ways, strict=True)), *rest)
    slope = (dy * (ahead - behind)).sum() / (2 * step)
    ours = sum((g * d).sum() for g, d in zip(found, ways, strict=True))
    np.testing.assert_allclose(ours, slope, rtol=1e-6, atol=1e-9)


def assert_twin(f, f_vjp, twin, inputs, rng, rest=(), rtol=1e-10):
    """Value and every gradient of f equal those of its torch twin under autograd."""
    y = f(*inputs, *rest)
    tensors = [torch.tensor(a, requires_grad=True) for a in inputs]
    twin_rest = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in rest]
    value = twin(*tensors, *twin_rest)
    np.testing.assert_allclose(value.detach().numpy(), y, rtol=rtol, atol=rtol)
    dy = rng.normal(size=np.shape(y)).astype(y.dtype)
    wanted = torch.autograd.grad(value, tensors, torch.tensor(dy))
    found = as_tuple(f_vjp(dy, y, *inputs, *rest))
    for g, w in zip(found, wanted, strict=True):
        assert g.dtype == inputs[0].dtype
        np.testing.assert_allclose(g, w.numpy(), rtol=rtol, atol=rtol)
