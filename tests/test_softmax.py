"""Softmax, log-softmax and log-sum-exp: NumPy, PyTorch and the kernel."""

import numpy as np
import pytest
import torch

from dlcore import kernels
from dlcore.kernels import softmax as kernel
from dlcore.nn import softmax as nn
from dlcore.scratch import softmax as scratch

PAIRS = ["logsumexp", "softmax", "log_softmax"]
SHAPES = [(1,), (1, 1), (7,), (4, 33), (2, 3, 5)]


def pair(name):
    return getattr(scratch, name), getattr(scratch, f"{name}_vjp"), getattr(nn, name)


def scores(rng, shape, dtype=np.float64):
    return (3 * rng.normal(size=shape)).astype(dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_is_a_distribution_in_the_order_of_the_scores(rng, shape):
    x = scores(rng, shape)
    p = scratch.softmax(x)
    assert (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_array_equal(p.argsort(axis=-1), x.argsort(axis=-1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_in_place_is_softmax_in_the_array_that_it_got(rng, shape, dtype):
    x = scores(rng, shape, dtype)
    if x.shape[-1] > 1:
        x[..., 0] = -np.inf
    wanted, p = scratch.softmax(x), scratch.softmax_in_place(x)
    assert p is x and p.dtype == dtype
    np.testing.assert_allclose(p, wanted, rtol=1e-6 if dtype == np.float32 else 1e-14)
    with pytest.raises(ValueError, match="largest score of a row must be finite"):
        scratch.softmax_in_place(np.array([[0.0, np.nan]]))


def test_a_shift_of_all_scores_changes_nothing_and_a_bias_does(rng):
    x = scores(rng, (6, 4))
    np.testing.assert_allclose(scratch.softmax(x + 7), scratch.softmax(x), rtol=1e-12)
    assert np.abs(scratch.softmax(x + [0, 1, 2, 3]) - scratch.softmax(x)).max() > 0.1


def test_temperature_sharpens_below_one_and_flattens_above(rng):
    x = scores(rng, 5)
    cold, hot = scratch.softmax(x, 1e-3), scratch.softmax(x, 1e6)
    np.testing.assert_allclose(cold, np.eye(5)[x.argmax()], atol=1e-12)
    np.testing.assert_allclose(hot, 0.2, atol=1e-5)
    np.testing.assert_allclose(scratch.softmax(x, 0.5), scratch.softmax(2 * x), rtol=1e-12)


def test_logsumexp_lies_between_the_maximum_and_log_k_above_it(rng):
    x = 5 * scores(rng, (1000, 10))
    gap = scratch.logsumexp(x) - x.max(axis=-1)
    assert (gap >= 0).all() and (gap <= np.log(10)).all()
    np.testing.assert_allclose(scratch.logsumexp(np.full(10, -3.0)), np.log(10) - 3, rtol=1e-15)


@pytest.mark.parametrize("module", [scratch, nn])
@pytest.mark.parametrize("lead", [1e4, -1e4])
def test_leads_of_ten_thousand_stay_finite_and_exact(module, lead):
    x = np.array([lead, 0.0]) if module is scratch else torch.tensor([lead, 0.0]).double()
    assert module.softmax(x).tolist() == ([1, 0] if lead > 0 else [0, 1])
    assert module.log_softmax(x).tolist() == ([0, -lead] if lead > 0 else [lead, 0])
    assert module.logsumexp(x) == max(lead, 0)


@pytest.mark.parametrize("module", [scratch, nn])
def test_a_score_of_minus_infinity_gets_probability_zero_and_no_gradient(module, rng):
    x = scores(rng, (3, 4))
    x[1, 2] = -np.inf
    if module is nn:
        tensor = torch.tensor(x, requires_grad=True)
        p = module.softmax(tensor)
        gradient = torch.autograd.grad(p, tensor, torch.tensor(rng.normal(size=(3, 4))))[0].numpy()
    else:
        p = module.softmax(x)
        gradient = module.softmax_vjp(rng.normal(size=x.shape), p, x)
    assert p[1, 2] == 0 and gradient[1, 2] == 0 and np.isfinite(gradient).all()
    np.testing.assert_allclose(p.sum(axis=-1).tolist(), 1, rtol=1e-12)


@pytest.mark.parametrize("name", PAIRS)
def test_twin_agrees_with_torchs_own_function(rng, name):
    x = torch.tensor(scores(rng, (4, 33)))
    np.testing.assert_allclose(getattr(nn, name)(x), getattr(torch, name)(x, dim=-1), rtol=1e-12)


def test_kernel_masks_scores_and_takes_strided_rows(required, rng):
    required("triton")
    x = torch.tensor(scores(rng, (6, 8), np.float32))
    x[2, 3] = -torch.inf
    y = kernel.softmax(x.T, backend="triton")
    np.testing.assert_allclose(y, torch.softmax(x.T, -1), rtol=1e-5, atol=1e-7)
    assert y[3, 2] == 0


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # inside torch.compile
def test_kernel_compiles_whole_with_torchs_code_generator(required, rng):
    required("triton")  # tests/test_kernels.py traces every kernel; one is compiled in full
    x = torch.tensor(scores(rng, (3, 5), np.float32), requires_grad=True)
    compiled = torch.compile(lambda x: 2 * kernel.softmax(x), fullgraph=True)
    np.testing.assert_allclose(compiled(x).detach(), 2 * torch.softmax(x, -1).detach(), rtol=1e-5)


def test_auto_leaves_float64_to_torch_and_names_the_reason():
    x = torch.zeros(2, 3, dtype=torch.float64)
    assert "float64" in kernels.explain(x) or not kernels.HAVE_TRITON
    assert kernel.softmax(x).dtype == torch.float64


@pytest.mark.parametrize("module", [scratch, nn, kernel])
@pytest.mark.parametrize("temperature", [0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_not_positive_is_named_in_the_error(module, temperature):
    x = np.zeros(3) if module is scratch else torch.zeros(3)
    with pytest.raises(ValueError, match="temperature must be positive and finite, got"):
        module.softmax(x, temperature)


def test_the_bytes_of_an_image_do_not_wrap_round():
    pixels = np.array([1, 200], np.uint8)
    np.testing.assert_allclose(scratch.logsumexp(pixels), 200)
    assert scratch.softmax(pixels).tolist() == scratch.softmax([1.0, 200.0]).tolist()


@pytest.mark.parametrize("backend", ["triton", "torch"])
def test_half_precision_does_not_overflow_at_low_temperatures(required, backend):
    if backend == "triton":
        required("triton")
    x = torch.tensor([60000.0, 0.0], dtype=torch.float16)
    assert kernel.softmax(x, 0.5, backend=backend).tolist() == [1, 0]


@pytest.mark.parametrize("module", [scratch, nn])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_without_a_finite_largest_score_is_named_in_the_error(module, bad):
    x = np.zeros((3, 2))
    x[1] = bad
    x = x if module is scratch else torch.tensor(x)
    with pytest.raises(ValueError, match=rf"must be finite, got {bad} in row \(1,\)"):
        module.softmax(x)


@pytest.mark.parametrize("module", [scratch, nn, kernel])
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3), ()])
def test_an_empty_row_or_batch_is_named_in_the_error(module, shape):
    x = np.zeros(shape) if module is scratch else torch.zeros(shape)
    with pytest.raises(ValueError, match="at least one score in each row, got shape"):
        module.softmax(x)
