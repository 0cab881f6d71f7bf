"""How every hand-written gradient is checked: in a random direction, and against torch."""

import numpy as np
import torch


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def output(y):
    """What a function of a pair computes; the rest of a tuple is kept for its gradient only."""
    return y[0] if isinstance(y, tuple) else y


def assert_vjp(f, f_vjp, inputs, rng, rest=(), options=None, step=1e-6):
    """f_vjp(dy, y, *inputs, *rest) against finite differences of dy · f, in float64.

    The cotangent dy is random: through a plain sum, softmax has gradient zero and a wrong
    gradient would pass. The direction is random too, so that one number checks every entry.
    """
    options = options or {}
    y = f(*inputs, *rest, **options)
    dy = rng.normal(size=np.shape(output(y)))
    found = as_tuple(f_vjp(dy, y, *inputs, *rest, **options))
    assert [np.shape(g) for g in found] == [a.shape for a in inputs]
    ways = [rng.normal(size=a.shape) for a in inputs]
    moved = [[a + s * d for a, d in zip(inputs, ways, strict=True)] for s in (step, -step)]
    ahead, behind = (output(f(*m, *rest, **options)) for m in moved)
    slope = (dy * (ahead - behind)).sum() / (2 * step)
    ours = sum((g * d).sum() for g, d in zip(found, ways, strict=True))
    np.testing.assert_allclose(ours, slope, rtol=1e-6, atol=1e-8)


def assert_twin(f, f_vjp, twin, inputs, rng, rest=(), options=None, rtol=1e-10):
    """Value and every gradient of f equal those of its torch twin under autograd."""
    options = options or {}
    y = f(*inputs, *rest, **options)
    tensors = [torch.tensor(a, requires_grad=True) for a in inputs]
    twin_rest = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in rest]
    twin_options = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()
    }
    value = output(twin(*tensors, *twin_rest, **twin_options))
    np.testing.assert_allclose(value.detach().numpy(), output(y), rtol=rtol, atol=rtol)
    dy = rng.normal(size=np.shape(output(y))).astype(output(y).dtype)
    wanted = torch.autograd.grad(value, tensors, torch.tensor(dy))
    found = as_tuple(f_vjp(dy, y, *inputs, *rest, **options))
    for g, w in zip(found, wanted, strict=True):
        scale = max(1.0, float(w.abs().max()))
        np.testing.assert_allclose(g, w.numpy(), rtol=rtol, atol=rtol * scale)
