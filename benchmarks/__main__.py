"""Measure dlcore.scratch beside PyTorch: the same weights, batches and losses, in turns.

A time says little on a shared machine; the ratio of two times taken next to each other does. Each
workload first proves that both compute the same losses over 20 steps, then both run in short
bursts, one after the other, and the ratio of every pair of bursts is kept.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short pass, under a minute")
    parser.add_argument("--threads", type=int, default=1, help="BLAS and torch threads (1)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these workloads (mlp_sgd, …)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    return parser.parse_args()


def burst(step, steps):
    """Seconds for so many steps."""
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return time.perf_counter() - start


def apart(ours, theirs, steps=20):
    """The largest relative difference of the losses over the first steps."""
    pairs = [(ours(), theirs()) for _ in range(steps)]
    return max(abs(a - b) / max(abs(b), 1e-12) for a, b in pairs)


def measure(workload, rounds, seconds):
    """One row: how far the losses are apart, milliseconds of both, quartiles of the ratio."""
    ours, theirs = workload()
    difference = apart(ours, theirs)
    if not difference < 1e-4:
        raise SystemExit(
            f"{workload.__name__}: losses differ by {difference:.1e}, nothing is timed"
        )
    steps = max(1, round(seconds / max(burst(theirs, 3) / 3, 1e-6)))
    times = [(burst(ours, steps), burst(theirs, steps)) for _ in range(rounds)]
    ratios = sorted(a / b for a, b in times)
    quartiles = [ratios[len(ratios) * q // 4] for q in (1, 2, 3)]
    return {
        "workload": workload.__doc__,
        "losses_apart": difference,
        "scratch_ms": 1e3 * min(a for a, _ in times) / steps,
        "torch_ms": 1e3 * min(b for _, b in times) / steps,
        "ratio_quartiles": quartiles,
    }


def main():
    options = arguments()
    os.environ |= dict.fromkeys(THREADS, str(options.threads))
    import numpy as np
    import torch

    from benchmarks.workloads import WORKLOADS

    names = [workload.__name__ for workload in WORKLOADS]
    unknown = set(options.only or ()) - set(names)
    if unknown:
        raise SystemExit(f"--only takes {', '.join(names)}, got {', '.join(sorted(unknown))}")

    torch.set_num_threads(options.threads)
    rounds, seconds = (5, 0.1) if options.quick else (15, 0.4)
    machine = {"python": platform.python_version(), "numpy": np.__version__}
    machine |= {"torch": torch.__version__, "threads": options.threads}
    print(f"time per step over PyTorch eager, {options.threads} thread(s); lower is faster")
    rows = []
    for workload in WORKLOADS:
        if options.only and workload.__name__ not in options.only:
            continue
        row = measure(workload, rounds, seconds)
        low, middle, high = row["ratio_quartiles"]
        print(f"{middle:6.2f}  ({low:.2f} to {high:.2f})  {row['workload']}", flush=True)
        rows.append(row)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
