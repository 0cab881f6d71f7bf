"""What the compiler makes of the kernels for GPUs that are not here."""

import json
import os
import re
import subprocess
import sys

import pytest

if not os.environ.get("CI"):  # there its absence is a failure
    pytest.importorskip("triton")

import triton
import triton.language as tl

from dlcore.kernels import assembly
from dlcore.kernels.assembly import SHARED, Code, compiled, inspected, instructions, topics

FACTOR = tl.constexpr(3.0)


@triton.jit
def times(x):
    return FACTOR * x


@triton.jit
def scaled_kernel(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + at, times(tl.load(x_ptr + at, mask=at < n)), mask=at < n)


# Where a spill is accepted: the beginning of a name, on these architectures, bytes, and why.
SPILLS = [
    ("softmax backward 32768", (75, 80, 90), 64, "dy and y in float32 are the whole register file"),
]


@pytest.fixture(scope="session")
def codes():
    return compiled(topics())


@pytest.mark.timeout(600)  # on a machine that does other work; the rows stay on disk
def test_every_specimen_compiles_for_every_architecture(codes):
    assert {code.capability for code in codes} == {75, 80, 90}
    assert not [str(code) for code in codes if code.error]
    assert len({(code.name, code.capability) for code in codes}) == len(codes)


def test_every_kernel_of_the_package_is_among_the_specimens(codes):
    text = "".join(file.read_text() for file in assembly.HERE.glob("*.py"))
    kernels = set(re.findall(r"^def (\w+_kernel)\(", text, re.M))
    assert len(kernels) > 10
    for capability in 75, 80, 90:
        absent = {"persistent_product_kernel"} if capability < 90 else set()  # Hopper's descriptors
        assert {c.kernel for c in codes if c.capability == capability} == kernels - absent


def test_no_kernel_spills_registers_in_its_default_configuration(codes):
    def most(c):
        found = [n for name, at, n, _ in SPILLS if c.name.startswith(name) and c.capability in at]
        return max(found, default=0)

    assert not [str(c) for c in codes if c.stack > most(c)]


def test_every_block_fits_in_shared_memory(codes):
    assert not [str(c) for c in codes if c.shared > SHARED[c.capability]]


DOTS = {"product_kernel", "persistent_product_kernel", "attention_kernel"}
DOTS |= {"query_vjp_kernel", "key_vjp_kernel"}


def test_hopper_runs_wgmma_in_every_kernel_with_a_16_bit_product(codes):
    assert {c.kernel for c in codes if c.instructions.keys() & {"mma", "wgmma"}} == DOTS
    half = [c for c in codes if c.capability == 90 and c.kernel in DOTS and "16" in c.types]
    assert {c.kernel for c in half} == DOTS
    assert not [str(c) for c in half if not c.instructions.get("wgmma")]


def test_every_kernel_moves_data_in_vectors(codes):
    for c in codes:
        wide = c.widest("ld") >= 64 or {"async", "tma"} & c.instructions.keys()
        assert wide, str(c)


def test_instructions_are_told_apart():
    ptx = """
    @%p1 ld.global.v4.b32 { %r1, %r2, %r3, %r4 }, [ %rd1 + 0 ];
    ld.global.L1::evict_last.L2::cache_hint.v2.b32 { %r1, %r2 }, [ %rd1 + 0 ], %rd2;
    ld.global.b16 { %rs1 }, [ %rd1 + 0 ];
    st.global.v4.b32 [ %rd1 + 0 ], { %r1, %r2, %r3, %r4 };
    ld.shared.v4.b32 {%r1, %r2, %r3, %r4}, [%r5];
    fma.rn.f32 %f1, %f2, %f3, %f4;
    mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1}, {%r1}, {%r2}, {%f1};
    wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {%f1}, %rd1, %rd2;
    cp.async.cg.shared.global [ %r1 + 0 ], [ %rd1 + 0 ], 0x10, %r2;
    cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier [%r1], [%rd1, {%r2, %r3}], [%r4];
    """
    kinds = {"fma": 1, "mma": 1, "wgmma": 1, "async": 1, "tma": 1}
    assert instructions(ptx) == kinds | {"ld 16": 1, "ld 64": 1, "ld 128": 1, "st 128": 1}
    assert Code("x", 90, instructions=instructions(ptx)).widest("ld") == 128


def test_rows_are_kept_until_a_source_changes(tmp_path, monkeypatch):
    row = {"name": "kept", "capability": 90}
    (tmp_path / f"{assembly.key('softmax', 90)}.json").write_text(json.dumps([row]))
    assert compiled(["softmax"], [90], tmp_path) == [Code("kept", 90)]
    (tmp_path / "code").mkdir()
    for name in "assembly", "launch", "softmax", "source":
        text = (assembly.HERE / f"{name}.py").read_text()
        (tmp_path / "code" / f"{name}.py").write_text(text)
    before = assembly.key("softmax", 90)
    monkeypatch.setattr(assembly, "HERE", tmp_path / "code")
    assert assembly.key("softmax", 90) == before != assembly.key("softmax", 80)
    (tmp_path / "code" / "launch.py").write_text(text + "\n")
    assert assembly.key("softmax", 90) != before


def test_an_unknown_module_is_named_in_the_error():
    with pytest.raises(ValueError, match="names must be among .*softmax.*, got \\['bench'\\]"):
        compiled(["bench"])


def test_a_readers_kernel_with_what_it_calls_is_compiled_from_where_it_stands():
    config = {"BLOCK": 1024, "num_warps": 4}
    (code,) = inspected(scaled_kernel, "*fp32 *fp32 i32", config, (90,))
    assert (code.name, code.capability, code.warps) == ("scaled_kernel", 90, 4)
    assert code.registers > 8 and code.stack == 0 and code.error == ""
    assert code.instructions["ld 128"] == code.instructions["st 128"] == 2  # 8 numbers a thread
    (code,) = inspected(scaled_kernel, "*fp32 *fp32 i32", {"BLOCK": 1000}, (90,))
    assert "power of 2" in code.error
    with pytest.raises(ValueError, match="one for each of x_ptr, y_ptr, n, got '\\*fp32'"):
        inspected(scaled_kernel, "*fp32", config)


def test_the_command_prints_a_row_for_each_specimen(codes):
    command = [sys.executable, "-m", "dlcore.kernels.assembly", "softmax", "--capability", "90"]
    head, *rows = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    mine = [c for c in codes if c.capability == 90 and c.name.startswith("softmax")]
    assert head.split()[0] == "kernel" and rows == [str(c) for c in mine]
