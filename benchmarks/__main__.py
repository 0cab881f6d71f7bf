"""Measure dlcore.scratch beside PyTorch and other libraries: same weights, batches and losses.

A time says little on a shared machine; the ratio of two times taken next to each other does. Each
workload first proves that a system computes the losses of PyTorch, then all run in short bursts in
turns, with a burst of PyTorch before every other one, and the ratio of each pair is kept.

The peers are optional (benchmarks/requirements.txt); one that is missing is reported as such.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import PEERS, workloads

ROOT = Path(__file__).parent.parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
PACKAGES = ["numpy", "torch", "jax", "autograd", "tinygrad", "micrograd"]


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short bursts, no peers: a minute")
    parser.add_argument(
        "--threads", type=int, nargs="+", metavar="N", help="passes (1 and 2; quick: 1)"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these workloads (mlp_sgd, …)")
    parser.add_argument("--peers", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--memory", action="store_true", help="peak memory also when quick")
    parser.add_argument(
        "--openblas",
        metavar="KERNELS",
        help="a second pass of one thread in which NumPy's OpenBLAS uses these matrix kernels, "
        "where its own choice misses AVX-512 (SkylakeX)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    unknown = set(options.peers or ()) - set(PEERS)
    if unknown:
        parser.error(f"--peers takes {', '.join(PEERS)}, got {', '.join(sorted(unknown))}")
    if options.peers is None:
        options.peers = [] if options.quick else PEERS
    options.threads = options.threads or ([1] if options.quick else [1, 2])
    return options


def measure(threads: int, *more, **environment):
    """What benchmarks.measure writes, in a process that has the threads set from its start."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [sys.executable, "-m", "benchmarks.measure", "--threads", str(threads), *more]
        environment = os.environ | dict.fromkeys(THREADS, str(threads)) | environment
        done = subprocess.run([*command, "--out", out], cwd=ROOT, env=environment)
        if done.returncode:
            raise SystemExit(done.returncode)
        return json.loads(out.read_text())


def peaks(names) -> list:
    """Rows of the peak memory of both halves; each is alone in a fresh process."""
    print("\npeak memory of a training step above the model and its batch (MB): scratch, torch")
    rows = []
    for name in names:
        row = {"workload": name}
        for system in "scratch", "torch":
            row[f"{system}_mb"] = measure(1, "--memory", name, system)
        print(f"{row['scratch_mb']:7.1f} {row['torch_mb']:7.1f}  {name}", flush=True)
        rows.append(row)
    return rows


def version(package: str):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def machine() -> dict:
    """Where and on what the figures were measured."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [text.split(":", 1)[1].strip() for text in lines if text.startswith("model name")]
    commit = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    found = subprocess.run(commit, capture_output=True, text=True)
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": found.stdout.strip() or None,
    }


def main():
    options = arguments()
    result = {"machine": machine(), "rows": []}
    only = ["--only", *options.only] if options.only else []
    quick = ["--quick"] if options.quick else []
    for threads in options.threads:
        print(f"\ntime per step over PyTorch eager, {threads} thread(s); lower is faster")
        peers = ["--peers", *options.peers] if options.peers else []
        result["rows"] += measure(threads, *quick, *peers, *only)
    if options.openblas:
        print(f"\nthe same with OPENBLAS_CORETYPE={options.openblas}, 1 thread")
        kernels = {"OPENBLAS_CORETYPE": options.openblas}
        result["openblas"] = measure(1, *quick, *only, **kernels)
    if options.memory or not options.quick:
        result["memory"] = peaks(options.only or workloads())
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
