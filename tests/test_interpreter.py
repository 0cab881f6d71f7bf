"""bfloat16 in Triton's interpreter: every operation rounds as torch does, bit for bit."""

import numpy as np
import pytest
import torch

from dlcore.kernels.launch import tl, triton

OPS = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    # A NaN loses, in Triton as in NumPy's fmax; torch's lets some through (2.13, on a CPU).
    "maximum": lambda a, b: torch.tensor(np.fmax(*np.stack((a.float(), b.float())))).bfloat16(),
    "less": lambda a, b: (a < b).to(a.dtype),
    "equal": lambda a, b: (a == b).to(a.dtype),
    "scaled": lambda a, b: a * 1.5,
}


@triton.jit
def binary_kernel(a_ptr, b_ptr, y_ptr, n, OP: tl.constexpr, BLOCK: tl.constexpr):
    """y = a OP b, in the dtype of a and b."""
    i = tl.arange(0, BLOCK)
    a = tl.load(a_ptr + i, mask=i < n)
    b = tl.load(b_ptr + i, mask=i < n)
    if OP == "add":
        y = a + b
    elif OP == "sub":
        y = a - b
    elif OP == "mul":
        y = a * b
    elif OP == "div":
        y = a / b
    elif OP == "maximum":
        y = tl.maximum(a, b)
    elif OP == "less":
        y = (a < b).to(tl.float32)
    elif OP == "equal":
        y = tl.where(a == b, tl.full((BLOCK,), 1.0, tl.bfloat16), tl.zeros((BLOCK,), tl.bfloat16))
    else:
        y = a * 1.5
    tl.store(y_ptr + i, y.to(tl.bfloat16), mask=i < n)


@triton.jit
def cast_kernel(x_ptr, y_ptr, BLOCK: tl.constexpr):
    """y = x, as the dtype of y."""
    i = tl.arange(0, BLOCK)
    tl.store(y_ptr + i, tl.load(x_ptr + i).to(y_ptr.dtype.element_ty))


@triton.jit
def dot_kernel(a_ptr, b_ptr, y_ptr, N: tl.constexpr):
    """y = a b; all (N, N)."""
    i = tl.arange(0, N)[:, None] * N + tl.arange(0, N)[None, :]
    tl.store(y_ptr + i, tl.dot(tl.load(a_ptr + i), tl.load(b_ptr + i)))


@triton.jit
def sum_kernel(x_ptr, y_ptr, BLOCK: tl.constexpr):
    """y_0 = sum(x), y_1 = max(x), and after these the running sum."""
    i = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + i)
    tl.store(y_ptr, tl.sum(x, axis=0))
    tl.store(y_ptr + 1, tl.max(x, axis=0).to(tl.bfloat16))
    tl.store(y_ptr + 2 + i, tl.cumsum(x, axis=0))


@pytest.fixture(autouse=True)
def needs_triton(required):
    required("triton")


def every_bfloat16():
    """All 65,536 of them."""
    return torch.arange(-(2**15), 2**15, dtype=torch.int16).view(torch.bfloat16)


def same(a, b):
    """Equal bit for bit, where a NaN equals any NaN."""
    nan = a.isnan() & b.isnan()
    bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[a.element_size()]
    return bool((nan | (a.view(bits) == b.view(bits))).all())


@pytest.mark.parametrize("op", OPS)
def test_operations_on_pairs_of_bfloat16_round_as_torch_does(rng, op):
    a = every_bfloat16()
    b = a[torch.tensor(rng.permutation(len(a)))]  # each value once on either side
    with np.errstate(all="ignore"):
        y = torch.empty_like(a)
        binary_kernel[(1,)](a, b, y, len(a), OP=op, BLOCK=len(a))
    wanted = OPS[op](a, b)
    if op == "maximum":  # the sign of the larger of 0 and -0 is free
        y, wanted = y + 0.0, wanted + 0.0
    assert same(y, wanted)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.float64, torch.bfloat16])
def test_casts_from_every_bfloat16_agree_with_torch(dtype):
    x = every_bfloat16()
    y = torch.empty(len(x), dtype=dtype)
    with np.errstate(all="ignore"):
        cast_kernel[(1,)](x, y, BLOCK=len(x))
    assert same(y, x.to(dtype))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int32])
def test_casts_to_bfloat16_round_to_nearest_even(rng, dtype):
    x = rng.normal(size=4090) * 10.0 ** rng.integers(-40, 38, 4090)
    x = torch.tensor([*x, 1.9999, 1.00390625, 1.01171875, 1e-40, np.inf, np.nan]).float()
    x = torch.arange(-2048, 2048) * 257 if dtype == torch.int32 else x
    x = x.to(dtype)
    y = torch.empty(len(x), dtype=torch.bfloat16)
    cast_kernel[(1,)](x, y, BLOCK=len(x))
    assert same(y, x.to(torch.bfloat16))


def test_a_product_of_bfloat16_matrices_accumulates_in_float32(rng):
    a, b = (torch.tensor(rng.normal(size=(32, 32))).bfloat16() for _ in "ab")
    y = torch.empty(32, 32)
    dot_kernel[(1,)](a, b, y, N=32)
    torch.testing.assert_close(y, a.float() @ b.float(), rtol=1e-5, atol=1e-5)


def test_sums_of_bfloat16_are_rounded_once(rng):
    x = torch.tensor(rng.normal(size=256)).bfloat16()
    y = torch.empty(258, dtype=torch.bfloat16)
    sum_kernel[(1,)](x, y, BLOCK=256)
    assert y[0] == x.float().sum().bfloat16() and y[1] == x.max()
    assert same(y[2:], x.float().cumsum(0).bfloat16())
