"""Times the kernels against their peers on a GPU: python -m dlcore.kernels.bench --budget 420

Each operation is verified before it is timed. The ceilings are measured first: the bandwidth of a
copy, and the rate of cuBLAS at 8192 cubed. A time is the median of `triton.testing.do_bench`, which
flushes the L2 cache before each call. Ratios are to peers and ceilings of the same run.
"""

import argparse
import datetime
import json
import platform
import subprocess
import sys
import time
from pathlib import Path

import torch

from dlcore.kernels import HAVE_TRITON, default_dtype, explain, missing
from dlcore.kernels.workloads import Like, Workload, workloads

FLOOR = {torch.float32: 1e-6, torch.float16: 5e-4, torch.bfloat16: 4e-3}  # one rounding of a half
ROW = 20.0  # seconds that a row may take, until one took longer


def median(f) -> float:
    """Milliseconds on the GPU, the L2 cache flushed before each call."""
    from triton.testing import do_bench

    return do_bench(f, warmup=25, rep=100, return_mode="median")


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def results(f, inputs, dys=None) -> list:
    """What f gives, and its gradients by the inputs that want one (for cotangents of ones)."""
    ys = as_tuple(f(*inputs))
    leaves = [a for a in inputs if a.requires_grad]
    dys = dys or [torch.ones_like(y) for y in ys]
    return [*ys, *(torch.autograd.grad(ys, leaves, dys) if leaves else [])]


def copies(inputs, double=False) -> list:
    """The same numbers in new tensors: an optimizer changes those that it gets."""
    new = [a.detach().clone() for a in inputs]
    new = [a.double() if double and a.is_floating_point() else a for a in new]
    return [a.requires_grad_(old.requires_grad) for a, old in zip(new, inputs, strict=True)]


def mistake(one: Workload, dtype, device) -> dict:
    """The largest relative error of a result or gradient, ours and torch's, against float64."""
    inputs, like = one.make(one.tiny, Like(dtype, device)), Like(dtype, device)
    dys = [like.normal(*y.shape).detach() for y in as_tuple(one.eager(*copies(inputs)))]
    exact = results(one.eager, copies(inputs, double=True), [dy.double() for dy in dys])
    found = {"floor": FLOOR[inputs[0].dtype]}
    for name, f in {"ours": one.ours, "torch": one.eager}.items():
        types = [y.dtype for y in as_tuple(f(*copies(inputs)))]
        given = [dy.to(t) for dy, t in zip(dys, types, strict=True)]
        pairs = zip(results(f, copies(inputs), given), exact, strict=True)
        errors = [((a.double() - b).norm() / b.norm().clamp(min=1e-30)).item() for a, b in pairs]
        # JSON has no infinity.
        found[name] = max(errors) if all(e == e for e in errors) else 1e30
    return found | {"right": found["ours"] <= 2 * found["torch"] + found["floor"]}


def timed(f, inputs, mode: str):
    """What is timed: a function without arguments."""
    if mode == "forward":
        return torch.no_grad()(lambda: f(*inputs))
    if mode == "both":
        return lambda: results(f, inputs)
    ys = as_tuple(f(*inputs))
    leaves, dys = [a for a in inputs if a.requires_grad], [torch.randn_like(y) for y in ys]
    return lambda: torch.autograd.grad(ys, leaves, dys, retain_graph=True)


def peak(call) -> int | None:
    """Bytes that a call allocates beside what is there, at its worst; None without a GPU."""
    if not torch.cuda.is_available():
        return None
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    call()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def providers(one: Workload, compiled: bool) -> dict:
    """{name: function}: ours, torch's own, the same compiled, and the peers that are installed."""
    found = {"ours": one.ours, "eager": one.eager}
    if compiled and one.compiles:
        found["compile"] = torch.compile(one.eager)
    return found | one.peers()


def measure(one: Workload, shape, dtype, device, timer, ceilings, compiled=True) -> dict:
    """The row of one workload: verified, timed, and compared."""
    row = {"name": one.name, "op": one.op, "mode": one.mode, "shape": list(shape)}
    row["error"] = mistake(one, dtype, device)
    if not row["error"]["right"]:
        return row
    inputs = one.make(shape, Like(dtype, device))
    row["dtype"] = str(inputs[0].dtype).removeprefix("torch.")
    row |= {"route": explain(inputs[0], one.ceiling == "product"), "work": one.work(*inputs)}
    row |= {"ms": {}, "memory": {}, "failed": {}}
    for name, f in providers(one, compiled).items():
        try:
            call = timed(f, inputs, one.mode)
            row["ms"][name], row["memory"][name] = timer(call), peak(call)
            if name == "ours":
                again = timer(call)
        except Exception as error:  # a peer that does not run here costs its own column
            row["failed"][name] = f"{type(error).__name__}: {error}"[:300]
    if "ours" not in row["ms"]:
        return row
    first = row["ms"]["ours"]
    row["ms"]["ours"], row["spread"] = min(first, again), abs(first - again) / min(first, again)
    return row | compared(row, one, ceilings)


def compared(row: dict, one: Workload, ceilings: dict) -> dict:
    """Ratios, and for each goal what was wanted, what was found, and whether that is enough."""
    ms, memory = row["ms"], row["memory"]
    ratios = {name: t / ms["ours"] for name, t in ms.items() if name != "ours"}
    ratios["ceiling"] = row["work"] / (1e-3 * ms["ours"]) / ceilings[one.ceiling]
    if memory.get("ours") is not None and memory.get("eager"):
        ratios["memory"] = memory["ours"] / memory["eager"]
    goals = {}
    for name, wanted in one.goals.items():
        found = ratios.get(name)
        enough = None if found is None else found <= wanted if name == "memory" else found >= wanted
        goals[name] = {"wanted": wanted, "found": found, "met": enough}
    return {"ratios": ratios, "goals": goals}


def measure_ceilings(dtype, device, timer, numbers, side) -> dict:
    """Bytes a second that a copy reads and writes, operations a second of a square product."""
    like = Like(dtype, device)
    x = torch.empty(2, numbers, dtype=torch.float32, device=device)
    copy = timer(lambda: x[1].copy_(x[0]))
    a, b = like.normal(side, side).detach(), like.normal(side, side).detach()
    product = timer(lambda: a @ b)
    return {"copy": 8 * numbers / (1e-3 * copy), "product": 2 * side**3 / (1e-3 * product)}


def run(plan, dtype, device, timer, budget, save, tiny=False, clock=time.monotonic) -> dict:
    """All rows that fit into `budget` seconds; `save` gets the report after each."""
    end, longest = clock() + budget, ROW
    sizes = (1 << 12, 16) if tiny else (1 << 29, 8192)
    report = about(device) | {"budget": budget, "rows": []}
    report["ceilings"] = measure_ceilings(dtype, device, timer, *sizes)
    for one in plan:
        began = clock()
        if began + longest > end:
            report["rows"].append({"name": one.name, "skipped": f"{budget:g} s were used up"})
            continue
        shape = one.tiny if tiny else one.shape
        row = measure(one, shape, dtype, device, timer, report["ceilings"], not tiny)
        report["rows"].append(row)
        longest = max(longest, clock() - began)
        save(report)
        print(line(row), flush=True)
    report["seconds"] = budget - (end - clock())
    save(report)
    return report


def about(device) -> dict:
    """Where and when: a figure without these means nothing."""
    gpu = torch.device(device).type == "cuda"
    told = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(told, capture_output=True, text=True).stdout.strip()
    triton = sys.modules["triton"].__version__ if "triton" in sys.modules else None
    return {
        "device": torch.cuda.get_device_name() if gpu else platform.machine(),
        "capability": list(torch.cuda.get_device_capability()) if gpu else None,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "triton": triton,
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
        "commit": commit,
    }


def line(row: dict) -> str:
    """A row for people."""
    if "skipped" in row:
        return f"{row['name']:40} skipped: {row['skipped']}"
    if not row["error"]["right"]:
        return f"{row['name']:40} WRONG: error {row['error']['ours']:.1e}"
    if "ours" not in row["ms"]:
        return f"{row['name']:40} failed: {row['failed']['ours']}"
    said = "  ".join(f"{name} {ratio:.2f}" for name, ratio in row["ratios"].items())
    marks = {True: "met", False: "MISSED", None: "not measured"}
    goals = ", ".join(f"{name} {marks[goal['met']]}" for name, goal in row["goals"].items())
    return f"{row['name']:40}{row['ms']['ours']:9.3f} ms  {said}  [{goals}]"


def lacking() -> str:
    """What this machine lacks to run the benchmark; empty where it runs."""
    if not HAVE_TRITON:
        return missing()
    if torch.version.cuda is None:
        return f"torch {torch.__version__} was built without CUDA"
    return "" if torch.cuda.is_available() else "no CUDA device is here"


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser("python -m dlcore.kernels.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--budget", type=float, default=420, help="seconds (420)")
    parser.add_argument("--json", type=Path, help="where the report goes")
    given = parser.parse_args(arguments)
    if why := lacking():
        print(f"The benchmark needs a GPU and Triton: {why}.", file=sys.stderr)
        return 2
    torch.backends.cuda.matmul.allow_tf32 = False

    def save(report):
        if given.json:
            given.json.write_text(json.dumps(report, indent=1) + "\n")

    plan = workloads()
    report = run(plan, default_dtype("cuda"), "cuda", median, given.budget, save)
    wrong = [row["name"] for row in report["rows"] if row.get("error", {}).get("right") is False]
    failed = [row["name"] for row in report["rows"] if "ours" in row.get("failed", {})]
    return 1 if wrong or failed else 0


if __name__ == "__main__":
    sys.exit(main())
