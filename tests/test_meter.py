"""The meter: counts against arithmetic, and each kind of mistake seen as what it is."""

import os
import subprocess
import sys

import pytest

if not os.environ.get("CI"):  # there its absence is a failure
    pytest.importorskip("triton")

import torch
import triton
import triton.language as tl
from kernels import all_cases
from triton.runtime.interpreter import GridExecutor, InterpreterBuilder

from dlcore.kernels.meter import main, meter
from dlcore.kernels.softmax import softmax

CASES = all_cases()
DTYPES = [torch.float32, torch.float16]
EXTRA = {}  # (case, "forward" or "backward") -> factor over the counted minimum, and why


@triton.jit
def strided_copy(x_ptr, y_ptr, n, stride, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + i, tl.load(x_ptr + i * stride, mask=i < n), mask=i < n)


@triton.jit
def copy_without_mask(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + i, tl.load(x_ptr + i), mask=i < n)


@triton.jit
def store_at(y_ptr, at):
    tl.store(y_ptr + at, 1.0)


@triton.jit
def call_store_at(y_ptr, at):
    store_at(y_ptr, at)


@triton.jit
def count_by(y_ptr, step, PLAIN: tl.constexpr, ATOMIC: tl.constexpr):
    at = y_ptr + tl.program_id(0) // step + tl.arange(0, 8)
    if PLAIN:
        tl.store(at, 1.0)
    if ATOMIC:
        tl.atomic_add(at, 1.0)


@triton.jit
def product(a_ptr, b_ptr, c_ptr, N: tl.constexpr, T: tl.constexpr):
    row = tl.program_id(0) * T + tl.arange(0, T)[:, None]
    column = tl.program_id(1) * T + tl.arange(0, T)[None, :]
    total = tl.zeros((T, T), tl.float32)
    for k in range(0, N, T):
        a = tl.load(a_ptr + row * N + k + tl.arange(0, T)[None, :])
        b = tl.load(b_ptr + (k + tl.arange(0, T)[:, None]) * N + column)
        total = tl.dot(a, b, total, input_precision="ieee")
    tl.store(c_ptr + row * N + column, total)


@triton.jit
def swap(x_ptr, y_ptr):
    tl.atomic_cas(x_ptr, 0, 1)
    tl.store(y_ptr + tl.program_id(0), 1)


def test_fused_softmax_reads_and_writes_each_element_once():
    x = torch.randn(16, 1000, requires_grad=True)
    with meter() as launches:
        torch.autograd.grad(softmax(x, backend="triton"), x, torch.randn(16, 1000))
    forward, backward = launches
    assert forward.kernel == "softmax_kernel" and forward.grid == (16, 1, 1)
    assert (forward.loaded, forward.stored) == (64_000, 64_000)
    assert (backward.loaded, backward.stored) == (128_000, 64_000)
    assert launches.total.bytes == 5 * 64_000 and launches.total.races == 0


def total(launches):
    """Their sum, after what every launch has to keep."""
    for one in launches:
        assert one.races == 0, one
    assert launches, "no kernel ran"
    return launches.total


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_kernel_moves_no_more_bytes_than_it_must_and_its_programs_do_not_race(rng, case, dtype):
    inputs = case.make(rng, dtype, case.sizes[-1])
    with meter() as launches:  # out of bounds is an IndexError
        y = case.call(*inputs, backend="triton")
    allowed = 1.02 * EXTRA.get((case.name, "forward"), (1, ""))[0]
    assert total(launches).bytes <= allowed * case.forward_bytes(*inputs), launches
    if case.backward_bytes is None:
        return
    ys = y if isinstance(y, tuple) else (y,)
    dys = [torch.tensor(rng.normal(size=tuple(y.shape))).to(y.dtype) for y in ys]
    leaves = [a for a in inputs if a.requires_grad]
    with meter() as launches:
        torch.autograd.grad(ys, leaves, dys)
    allowed = 1.02 * EXTRA.get((case.name, "backward"), (1, ""))[0]
    assert total(launches).bytes <= allowed * case.backward_bytes(*inputs), launches


def test_every_factor_over_the_minimum_has_a_case_and_a_reason():
    assert {name for name, _ in EXTRA} <= {case.name for case in CASES}
    assert all(factor > 1 and reason for factor, reason in EXTRA.values())


@pytest.mark.parametrize(("stride", "efficiency"), [(1, 1.0), (2, 2 / 3), (8, 2 / 9), (16, 2 / 9)])
def test_a_stride_wastes_the_sectors_that_it_touches(stride, efficiency):
    x, y = torch.randn(512 * stride), torch.zeros(512)
    with meter() as (launches):
        strided_copy[(2,)](x, y, 512, stride, BLOCK=256)
    assert launches[0].bytes == 2 * 4 * 512
    assert launches[0].efficiency == pytest.approx(efficiency)
    assert torch.equal(y, x[::stride])


def test_a_missing_mask_is_an_index_error_that_names_program_and_addresses():
    x, y = torch.randn(100), torch.zeros(100)
    words = r"load out of bounds in copy_without_mask, program \(1, 0, 0\): 28 of 64 addresses"
    with pytest.raises(IndexError, match=words), meter():
        copy_without_mask[(2,)](x, y, 100, BLOCK=64)


@pytest.mark.parametrize("kernel", [store_at, call_store_at])
@pytest.mark.parametrize("at", [-1, 5, 2**40])
def test_a_store_beside_the_tensor_is_an_index_error_also_inside_its_storage(kernel, at):
    whole = torch.zeros(20)
    with pytest.raises(IndexError, match=r"store out of bounds .* 1 of 1 addresses"), meter():
        kernel[(1,)](whole[5:10], at)
    assert not whole.any()


def test_a_masked_lane_may_point_anywhere():
    x, y = torch.randn(3), torch.zeros(3)
    with meter() as launches:
        strided_copy[(1,)](x, y, 3, 1, BLOCK=64)
    assert (launches[0].loaded, launches[0].stored) == (12, 12)


def test_stores_of_two_programs_to_one_address_are_races_and_those_of_one_are_not():
    def races(*args):
        with meter() as launches:
            count_by[(4,)](torch.zeros(16), *args)
        return launches[0].races

    assert races(1, True, False) == 9  # addresses 1 to 9 have two writers or more
    assert races(4, True, False) == 8  # all programs in one place
    assert races(1, False, True) == 0  # atomic operations take turns
    assert races(1, True, True) == 9
    with meter() as launches:
        count_by[(1,)](torch.zeros(16), 1, True, True)
    assert launches[0].races == 0


def test_a_plain_store_races_with_the_atomic_operation_of_another_program():
    @triton.jit
    def one_stores(y_ptr):
        if tl.program_id(0) == 0:
            tl.store(y_ptr, 1.0)
        else:
            tl.atomic_add(y_ptr, 1.0)

    with meter() as launches:
        one_stores[(3,)](torch.zeros(1))
    assert launches[0].races == 1


def test_a_tiled_product_loads_two_n_cubed_over_t_elements():
    a, b = torch.randn(64, 64), torch.randn(64, 64)
    for tile in 16, 32:
        c = torch.zeros(64, 64)
        with meter() as launches:
            product[(64 // tile, 64 // tile)](a, b, c, N=64, T=tile)
        one = launches[0]
        assert one.loaded == 4 * 2 * 64**3 // tile and one.stored == 4 * 64**2
        assert one.flops == 2 * 64**3 and one.intensity >= one.flops / one.bytes
        torch.testing.assert_close(c, a @ b, rtol=1e-5, atol=1e-4)


def test_compare_and_swap_counts_as_atomic():
    x, y = torch.zeros(1, dtype=torch.int32), torch.zeros(3, dtype=torch.int32)
    with meter() as launches:
        swap[(3,)](x, y)
    assert (launches[0].atomic, launches[0].stored, launches[0].races) == (12, 12, 0)


def test_the_interpreter_is_as_before_when_the_meter_is_off_also_after_an_error():
    before = GridExecutor.__call__, InterpreterBuilder.create_masked_load
    with pytest.raises(IndexError), meter():
        store_at[(1,)](torch.zeros(1), 1)
    assert (GridExecutor.__call__, InterpreterBuilder.create_masked_load) == before


def test_a_meter_in_a_meter_counts_the_same():
    x = torch.randn(4, 8)
    with meter() as outer:
        softmax(x, backend="triton")
        with meter() as inner:
            softmax(x, backend="triton")
    assert [one.bytes for one in outer] == 2 * [256] and [one.bytes for one in inner] == [256]


def test_a_kernels_other_mistakes_stay_what_they_are():
    @triton.jit
    def wrong(x_ptr):
        tl.store(x_ptr + tl.arange(0, 3), 1.0)

    with pytest.raises(Exception, match="power of 2"), meter():
        wrong[(1,)](torch.zeros(3))


def test_launches_print_as_a_table():
    with meter() as launches:
        softmax(torch.randn(4, 8), backend="triton")
        softmax(torch.randn(4, 8), backend="triton")
    head, first, _, last = str(launches).splitlines()
    assert first.split()[:4] == ["softmax_kernel", "4x1x1", "128", "128"]
    assert len(head) == len(first) == len(last) and last.split()[0] == "all"


def test_the_command_meters_an_operation_and_gives_the_least_times():
    command = [sys.executable, "-m", "dlcore.kernels.meter", "softmax", "4", "8"]
    quiet = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    said = subprocess.run(command, capture_output=True, text=True, env=quiet)
    _, forward, backward, total, _, _, t4, *rest = said.stdout.splitlines()
    assert forward.split()[:4] == ["softmax_kernel", "4x1x1", "128", "128"]
    assert backward.split()[2:4] == ["256", "128"] and total.split()[0] == "all"
    assert t4.split() == ["T4", f"{1e6 * 5 * 128 / 320e9:.3g}", "memory"]
    assert [line.split()[0] for line in rest] == ["A100", "H100", "H200", "H200,"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["softmux"], "operation must be among softmax, "),
        (["softmax", "4"], "shape must have 2 sizes, as in (33, 70), got (4,)"),
        (["softmax", "--dtype", "int8"], "invalid choice: 'int8'"),
    ],
)
def test_the_command_names_what_it_does_not_know(capsys, arguments, words):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert words in capsys.readouterr().err


def test_the_command_lists_its_operations(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    said = capsys.readouterr().out
    assert "meter softmax 64 1000" in said and "causal-attention" in said
