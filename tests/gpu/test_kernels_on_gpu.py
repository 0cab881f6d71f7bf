"""Every kernel of the table on a GPU: TRITON_INTERPRET=0 python -m pytest tests/gpu"""

import pytest
import torch
from kernels import all_cases

from dlcore.kernels import HAVE_TRITON, interpreting, missing
from dlcore.kernels.bench import FLOOR


@pytest.fixture(scope="module", autouse=True)
def gpu():
    """Where there is none, all is skipped: no machine of ours that tests has one."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device is here")
    if not HAVE_TRITON or interpreting():
        pytest.skip("the interpreter is on: set TRITON_INTERPRET=0" if HAVE_TRITON else missing())
    torch.backends.cuda.matmul.allow_tf32 = False


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def on_gpu(inputs, dtype=None):
    new = [a.detach().clone().cuda() for a in inputs]
    new = [a.to(dtype) if dtype and a.is_floating_point() else a for a in new]
    return [a.requires_grad_(old.requires_grad) for a, old in zip(new, inputs, strict=True)]


def results(f, inputs, dys):
    """Outputs, and gradients for the cotangents `dys` by every input that wants one."""
    ys = as_tuple(f(*inputs))
    leaves = [a for a in inputs if a.requires_grad]
    if leaves:
        dys = [dy.to(y.device, y.dtype) for dy, y in zip(dys, ys, strict=True)]
        ys += torch.autograd.grad(ys, leaves, dys)
    return [a.detach().double() for a in ys]


@pytest.mark.parametrize("dtype", FLOOR, ids=str)
@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_a_kernel_on_the_gpu_errs_at_most_twice_as_much_as_torch(rng, case, dtype):
    for size in case.sizes:
        inputs = case.make(rng, dtype, size)
        shapes = [tuple(y.shape) for y in as_tuple(case.reference(*on_gpu(inputs)))]
        dys = [torch.tensor(rng.normal(size=shape)).to(dtype) for shape in shapes]
        try:
            ours = results(lambda *a: case.call(*a, backend="triton"), on_gpu(inputs), dys)
        except RuntimeError as error:
            if "cannot run here" in str(error):  # matrices on a T4, bfloat16 on an old GPU
                pytest.skip(str(error))
            raise
        theirs = results(case.reference, on_gpu(inputs), dys)
        exact = results(case.reference, on_gpu(inputs, torch.float64), dys)
        for mine, other, right in zip(ours, theirs, exact, strict=True):
            allowed = 2 * (other - right).norm() + FLOOR[dtype] * right.norm()
            assert (mine - right).norm() <= allowed, size
