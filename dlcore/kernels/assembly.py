"""The machine code of a kernel for GPUs that are not here: registers, spills, instructions.

    python -m dlcore.kernels.assembly softmax norm --capability 75 90

compiles what `specimens` of these modules lists and prints a row for each. Triton brings the
assembler; no driver is needed. The interpreter must be off where it compiles, so other processes
do, one for each architecture. Rows are kept on disk until the source of a module changes.
In a notebook, `inspected` does the same for a kernel of yours.
"""

import argparse
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dlcore.kernels import missing
from dlcore.kernels.source import sources

CAPABILITIES = (75, 80, 90)  # T4, A100, H100 and H200
SHARED = {75: 64 << 10, 80: 163 << 10, 90: 227 << 10}  # bytes that a block may have
HERE = Path(__file__).parent
KINDS = {  # instructions of PTX, by what a reader looks for
    "fma": r"\bfma\.rn\.(?:ftz\.)?f32",
    "mma": r"\bmma\.sync",
    "wgmma": r"\bwgmma\.mma_async",
    "async": r"\bcp\.async\.c[ag]\.",
    "tma": r"\bcp\.async\.bulk\.tensor",
}
MOVES = r"\b(ld|st)\.global(?:\.(?!v\d|b\d|[usf]\d)[\w:]+)*(?:\.v(\d))?\.[busf](\d+)"


@dataclass
class Code:
    """One kernel on one architecture. `stack` is bytes a thread spills to memory, `shared` bytes
    a block; `instructions` counts fma, mma (Ampere's tensor cores), wgmma (Hopper's), async
    copies, tma, and global loads and stores by their bits, as in "ld 128"."""

    name: str
    capability: int
    kernel: str = ""
    types: str = ""
    warps: int = 0
    registers: int = 0
    stack: int = 0
    shared: int = 0
    instructions: dict = field(default_factory=dict)
    error: str = ""

    def widest(self, verb: str) -> int:
        """Bits of the widest global load ("ld") or store ("st")."""
        found = [int(k.split()[1]) for k in self.instructions if k.startswith(verb + " ")]
        return max(found, default=0)

    def __str__(self):
        if self.error:
            return f"sm_{self.capability}  {self.name:32} {self.error.splitlines()[-1][:60]}"
        line = f"sm_{self.capability}  {self.name:32}{self.warps:6}{self.registers:6}"
        line += f"{self.stack:7}{self.shared:9,}  "
        return line + ", ".join(f"{n} {kind}" for kind, n in self.instructions.items())


HEAD = f"{'':7}{'kernel':32}{'warps':>6}{'regs':>6}{'spill':>7}{'shared':>9}  instructions"


def instructions(ptx: str) -> dict:
    """How often each kind stands in the code (in a loop once, however often it runs)."""
    found = {kind: len(re.findall(pattern, ptx)) for kind, pattern in KINDS.items()}
    moves = Counter(f"{verb} {int(n or 1) * int(b)}" for verb, n, b in re.findall(MOVES, ptx))
    return {kind: n for kind, n in (found | dict(sorted(moves.items()))).items() if n}


def topics() -> list[str]:
    """The modules of this folder that list specimens."""
    files = sorted(HERE.glob("*.py"))
    return [f.stem for f in files if re.search(r"^def specimens\(", f.read_text(), re.M)]


def key(topic: str, capability: int) -> str:
    """A hash of all that decides about the code: the module's source, and that of what it uses."""
    names = [topic, "assembly"]
    for name in names:  # it grows
        text = (HERE / f"{name}.py").read_text()
        found = re.findall(r"^from dlcore\.kernels\.(\w+) import", text, re.M)
        names += [one for one in found if one not in names]
    sources = "\0".join((HERE / f"{name}.py").read_text() for name in sorted(names))
    try:
        triton = version("triton")
    except PackageNotFoundError:
        raise ImportError(missing()) from None
    return hashlib.sha256(f"{topic} {capability} {triton} {sources}".encode()).hexdigest()[:20]


def compiled(names: list[str], capabilities=CAPABILITIES, cache=None) -> list[Code]:
    """The code of every specimen of some modules ("softmax"), on each architecture."""
    unknown = {*names} - {*topics()}
    if unknown:
        raise ValueError(f"names must be among {', '.join(topics())}, got {sorted(unknown)}")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(cache or Path(home) / "dlcore" / "assembly")
    cache.mkdir(parents=True, exist_ok=True)
    files = {(n, c): cache / f"{key(n, c)}.json" for c in capabilities for n in names}
    todo = {c: [n for n in names if not files[n, c].exists()] for c in capabilities}
    todo = {c: {f"dlcore.kernels.{n}": files[n, c] for n in some} for c, some in todo.items()}
    finish([begin(c, some) for c, some in todo.items() if some])
    return written(files.values())


def inspected(kernel, types: str, config: dict, capabilities=CAPABILITIES) -> list[Code]:
    """The code of one kernel, which may stand in a cell of a notebook, on each architecture.

    `types` are those of its run-time arguments, as in "*fp16 *fp16 i32 fp32" (* is a pointer);
    `config` holds its constants, num_warps and num_stages. Pointers and integers are taken for
    multiples of 16.
    """
    name, given = kernel.fn.__name__, types.split()
    wanted = [one for one in kernel.arg_names if one not in config]
    if len(wanted) != len(given):
        raise ValueError(f"types must name one for each of {', '.join(wanted)}, got {types!r}")
    lines = ["import sys", "sys.modules['torch'] = None  # Triton would load it, for seconds"]
    lines += ["import triton, triton.language as tl", "from dlcore.kernels.source import specimen"]
    lines += [*sources(kernel), "def specimens(capability):"]
    lines += [f"    yield specimen({name!r}, {name}, {types!r}, {config!r})"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "inspected.py").write_text("\n".join(lines))
        files = {c: Path(folder, f"{c}.json") for c in capabilities}
        finish([begin(c, {"inspected": file}, folder) for c, file in files.items()])
        return written(files.values())


def written(files) -> list[Code]:
    return [Code(**row) for file in files for row in json.loads(file.read_text())]


def finish(jobs):
    for job in jobs:
        said = job.communicate()[0]
        if job.returncode:
            raise RuntimeError(f"compiling failed: {said[-2000:]}")


def begin(capability: int, files: dict, *folders):
    """A process without the interpreter that compiles modules and writes a file for each."""
    files = {name: str(file) for name, file in files.items()}
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    paths = [str(HERE.parents[1]), *folders, *filter(None, sys.path)]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    code = "import sys, json; from dlcore.kernels.assembly import work; "
    code += "work(int(sys.argv[1]), json.loads(sys.argv[2]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(capability), json.dumps(files)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def work(capability: int, files: dict):
    """In that process: compile, and write each file whole or not at all."""
    for name, file in files.items():
        module = importlib.import_module(name)
        rows = [asdict(code_of(one, capability)) for one in module.specimens(capability)]
        part = Path(f"{file}.{os.getpid()}")
        part.write_text(json.dumps(rows))
        part.replace(file)


def code_of(one, capability: int) -> Code:
    """The code of one specimen; `error` says why there is none."""
    import triton
    from triton.backends.compiler import GPUTarget

    names = list(one.types)
    aligned = [i for i, t in enumerate(one.types.values()) if t[0] == "*" or t in ("i32", "i64")]
    source = triton.compiler.ASTSource(
        one.kernel,
        one.types,
        {(names.index(name),): value for name, value in one.constexprs.items()},
        {(i,): [["tt.divisibility", 16]] for i in aligned},
    )
    kinds = " ".join(kind for kind in one.types.values() if kind != "constexpr")
    code = Code(one.name, capability, one.kernel.__name__, kinds)
    try:
        target = GPUTarget("cuda", capability, 32)
        built = triton.compile(source, target=target, options=one.options)
    except Exception as error:
        code.error = f"{type(error).__name__}: {error}"
        return code
    code.warps, code.shared = built.metadata.num_warps, built.metadata.shared
    code.registers, code.stack = usage(built.asm["cubin"])
    code.instructions = instructions(built.asm["ptx"])
    return code


def usage(cubin: bytes) -> tuple[int, int]:
    """Registers and bytes of stack, a thread."""
    import triton

    tool = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        said = subprocess.run([tool, "-res-usage", file.name], capture_output=True, text=True)
    found = re.search(r"REG:(\d+) STACK:(\d+)", said.stdout)
    if not found:
        raise RuntimeError(f"cuobjdump said no usage: {said.stdout}{said.stderr}")
    return int(found[1]), int(found[2])


def main():
    parser = argparse.ArgumentParser("python -m dlcore.kernels.assembly", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", help=f"all, or some of {', '.join(topics())}")
    add = parser.add_argument
    add("--capability", nargs="*", type=int, default=CAPABILITIES, help="75 (T4), 80 (A100), 90")
    given = parser.parse_args()
    try:
        codes = compiled(given.names or topics(), given.capability)
    except (ImportError, ValueError) as error:
        return str(error)
    print(HEAD, *codes, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
