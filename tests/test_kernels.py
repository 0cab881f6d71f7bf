"""Every kernel of the table tests/kernels against its reference, and against torch's own rules."""

import importlib.util
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from kernels import all_cases

from dlcore import kernels

CASES = all_cases()
EACH = pytest.mark.parametrize("case", CASES, ids=str)
DTYPES = [torch.float32, torch.float16, torch.bfloat16]
# A quarter of a rounding to 16 bits, eight to float32: the numbers drawn are always the same.
FLOOR = {torch.float32: 5e-7, torch.float16: 1.2e-4, torch.bfloat16: 1e-3}


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def copies(inputs, dtype=None):
    """The same numbers in new tensors, those of a floating type as `dtype`."""
    new = [a.detach().clone() for a in inputs]
    new = [a.to(dtype) if dtype and a.is_floating_point() else a for a in new]
    return [a.requires_grad_(old.requires_grad) for a, old in zip(new, inputs, strict=True)]


def results(f, inputs, cotangents):
    """The outputs of f and the gradients by every input that wants one.

    `cotangents(ys)` gives one for each output.
    """
    ys = as_tuple(f(*inputs))
    leaves = [a for a in inputs if a.requires_grad]
    if leaves:
        ys += torch.autograd.grad(ys, leaves, cotangents(ys))
    return [a.detach().double() for a in ys]


def triples(case, inputs, rng, backend):
    """Ours, torch's and the exact value (the reference in float64) of each output and gradient."""
    drawn = []

    def draw(ys):
        drawn[:] = [torch.tensor(rng.normal(size=tuple(y.shape))).to(y.dtype) for y in ys]
        return drawn

    def again(ys):
        return [dy.to(y.dtype) for dy, y in zip(drawn, ys, strict=True)]

    ours = results(lambda *a: case.call(*a, backend=backend), inputs, draw)
    theirs = results(case.reference, copies(inputs), again)
    exact = results(case.reference, copies(inputs, torch.float64), again)
    return zip(ours, theirs, exact, strict=True)


def watched(backend):
    """A meter round Triton's kernels, in which an access out of bounds is an error."""
    if backend != "triton":
        return nullcontext()
    from dlcore.kernels.meter import meter

    return meter()


def assert_close(case, inputs, rng, backend, dtype):
    with watched(backend) as launches:
        found = list(triples(case, inputs, rng, backend))
    if launches is not None:
        assert launches and not launches.total.races, launches
    for ours, theirs, exact in found:
        mine, other = (ours - exact).norm().item(), (theirs - exact).norm().item()
        size = max(1.0, exact.norm().item())  # a gradient of 0 may come out as a rounding
        assert mine <= 2 * other + FLOOR[dtype] * size


@EACH
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("backend", ["triton", "torch"])
def test_a_kernel_errs_at_most_twice_as_much_as_torch_and_stays_in_bounds(
    required, rng, case, backend, dtype
):
    if backend == "triton":
        required("triton")
    for size in case.sizes[:-1]:
        assert_close(case, case.make(rng, dtype, size), rng, backend, dtype)


def spread(a):
    """The same numbers, no two of them next to each other in memory."""
    if a.ndim == 0:
        return a
    wide = a.detach().new_zeros(*a.shape[:-1], 2 * a.shape[-1])
    view = wide[..., ::2]
    view.copy_(a.detach())
    return view.requires_grad_(a.requires_grad)


@EACH
def test_a_kernel_takes_strided_tensors(required, rng, case):
    required("triton")
    inputs = case.make(rng, torch.float32, case.sizes[1])
    strided = [spread(a) for a in inputs]
    assert not all(a.is_contiguous() for a in strided)
    assert_close(case, strided, rng, "triton", torch.float32)


@EACH
@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning", "ignore:invalid value")
def test_nan_in_an_input_is_not_lost(required, rng, case):
    """It comes out where torch's does, or in fewer places (an ignored row stays clean)."""
    required("triton")
    for position, given in enumerate(case.make(rng, torch.float32, case.sizes[1])):
        if given.is_floating_point():
            inputs = case.make(rng, torch.float32, case.sizes[1])
            inputs[position].detach().flatten()[-1] = torch.nan
            for ours, theirs, _ in triples(case, inputs, rng, "triton"):
                assert (ours.isnan() <= theirs.isnan()).all()
                assert ours.isnan().any() == theirs.isnan().any()


@EACH
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # inside torch.compile
def test_an_operator_passes_torchs_own_checks_and_compiles_whole(required, rng, case):
    required("triton")
    inputs = case.make(rng, torch.float32, case.sizes[0])
    operator, arguments = case.operator(*inputs)
    checked = torch.library.opcheck(operator, arguments)
    assert len(checked) == 4 and set(checked.values()) == {"SUCCESS"}
    # The backend that traces forward and backward, and generates no code.
    call = lambda *a: case.call(*a, backend="triton")
    whole = torch.compile(call, fullgraph=True, backend="aot_eager")
    ones = lambda ys: [torch.ones_like(y) for y in ys]  # the same code runs: any will do
    found = results(whole, copies(inputs), ones), results(call, copies(inputs), ones)
    torch.testing.assert_close(*found)
    torch.compiler.reset()


def test_every_kernel_falls_back_on_a_machine_without_triton():
    tests = Path(__file__).parent
    code = f"""
import importlib.util, sys
sys.path[:0] = {[str(tests), str(tests.parent)]}
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "triton" else real(name, *a)
sys.modules["triton"] = None  # from now on importing it raises
import numpy as np, torch
from kernels import all_cases
from test_kernels import copies, results
from dlcore import kernels
rng = np.random.default_rng(0)
for case in all_cases():
    inputs = case.make(rng, torch.float32, case.sizes[1])
    draw = lambda ys: [torch.randn(y.shape, generator=torch.Generator().manual_seed(1)) for y in ys]
    found = results(lambda *a: case.call(*a, backend="auto"), inputs, draw)
    wanted = results(case.reference, copies(inputs), draw)
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)
    try:
        case.call(*inputs, backend="triton")
        raise AssertionError(str(case))
    except RuntimeError as e:
        assert "cannot run here; torch: triton is not installed" in str(e), e
print(len(all_cases()), kernels.explain(torch.zeros(2)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith(f"{len(CASES)} torch: triton is not installed"), done.stderr


def test_where_triton_is_missing_a_build_server_fails_and_a_laptop_skips(required, monkeypatch):
    real = importlib.util.find_spec
    hidden = lambda name, *a: None if name == "triton" else real(name, *a)
    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="triton is missing, and CI is set"):
        required("triton")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="triton is missing"):
        required("triton")
    for file in Path(__file__).parent.rglob("test_*.py"):  # what skips a whole file asks for CI too
        text, skip = file.read_text(), '\n    pytest.importorskip("triton")'
        guard = 'if not os.environ.get("CI"):  # there its absence is a failure'
        assert text.count(skip) == text.count(guard + skip)


def test_on_a_t4_only_matrix_products_go_to_torch(required, monkeypatch):
    required("triton")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    x = SimpleNamespace(dtype=torch.float16, device=torch.device("cuda"))
    assert kernels.explain(x).startswith("triton")
    assert kernels.explain(x, dots=True).startswith("torch: this GPU is sm_75")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    assert kernels.explain(x, dots=True).startswith("triton")


def test_the_default_dtype_is_one_the_gpu_has_and_does_not_emulate(monkeypatch):
    real = lambda including_emulation=True: including_emulation  # as on a T4
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", real)
    assert kernels.default_dtype("cuda") == torch.float16
    assert kernels.default_dtype("cpu") == torch.float32
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: True)
    assert kernels.default_dtype("cuda") == torch.bfloat16


def test_what_to_install_names_the_triton_that_pairs_with_this_torch(monkeypatch):
    monkeypatch.setattr(kernels, "HAVE_TRITON", False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(torch, "__version__", "2.11.0+cpu")  # Colab without a GPU
    assert "pip install triton==3.6.0, then restart" in kernels.explain(torch.zeros(2))
    monkeypatch.setattr(torch, "__version__", "2.99.0")
    assert "pip install triton, then restart" in kernels.explain(torch.zeros(2))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "not installed for this platform (darwin)" in kernels.explain(torch.zeros(2))


@EACH
def test_an_unknown_backend_is_named_in_the_error(rng, case):
    with pytest.raises(ValueError, match="backend must be"):
        case.call(*case.make(rng, torch.float32, case.sizes[0]), backend="cuda")
