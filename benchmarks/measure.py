"""One pass in one process: parity first, then bursts in turns; or the memory of one system.

`python -m benchmarks` starts this file with the number of threads already set, since the matrix
library reads it when it is imported.
"""

import argparse
import importlib
import json
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_info

PEERS = ["torch_tuned", "jax", "autograd", "tinygrad", "micrograd"]
TOLERANCE = 1e-4  # relative difference of the losses; float32 and other orders of summation
NOT_WRITTEN = "has no such workload here"
PATIENCE = 100  # seconds for a peer to compile and to show its losses


def workloads(only=None) -> dict:
    """The workloads by name, or some of them."""
    from benchmarks.workloads import WORKLOADS

    named = {workload.__name__: workload for workload in WORKLOADS}
    unknown = set(only or ()) - set(named)
    if unknown:
        raise SystemExit(f"--only takes {', '.join(named)}, got {', '.join(sorted(unknown))}")
    return {name: named[name] for name in only or named}


def burst(step, steps: int, clock) -> float:
    """Seconds a step, over so many steps."""
    start = clock()
    for _ in range(steps):
        step()
    return (clock() - start) / steps


def apart(found, wanted) -> float:
    """The largest relative difference of the losses over the first steps."""
    pairs = zip(found, wanted, strict=False)
    return max(abs(a - b) / max(abs(b), 1e-12) for a, b in pairs)


def first_losses(step, steps=20, seconds=5.0) -> list:
    """The losses of the first steps; of three at least where a step takes long."""
    losses, start = [], time.perf_counter()
    while len(losses) < steps and (len(losses) < 3 or time.perf_counter() - start < seconds):
        losses.append(step())
    return losses


@contextmanager
def at_most(seconds: int):
    """Raises TimeoutError in code that takes longer."""

    def stop(*_):
        raise TimeoutError(f"over {seconds} s until the first losses")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def prepared(peer: str, name: str, wanted):
    """A peer's step and its row so far; the step is None where there is nothing to time."""
    row = {"workload": name, "system": peer}
    try:
        module = importlib.import_module(f"benchmarks.peers.{peer}")
    except ImportError as reason:
        return None, row | {"untimed": f"not installed: {reason}"}
    if not hasattr(module, name):
        return None, row | {"untimed": NOT_WRITTEN}
    try:
        with at_most(PATIENCE):
            step = getattr(module, name)()
            losses = first_losses(step)
    except Exception as reason:  # whatever it is, it stands in the table
        return None, row | {"untimed": f"{type(reason).__name__}: {reason}"[:200]}
    return step, row | {"losses_apart": apart(losses, wanted), "losses_compared": len(losses)}


def quartiles(values) -> list:
    values = sorted(values)
    return [values[len(values) * q // 4] for q in (1, 2, 3)]


def in_turns(steps: dict, rounds: int, seconds: float, clock) -> dict:
    """Pairs of times a step by system: its own, and PyTorch's in the burst right before it.

    A burst takes about `seconds`; a system that is far slower gets three rounds.
    """
    once = {system: burst(step, 1, clock) for system, step in steps.items()}
    times = {system: [] for system in steps if system != "torch"}
    for turn in range(rounds):
        for system, pairs in times.items():
            if turn < 3 or once[system] < 2 * seconds:
                sizes = {s: max(1, round(seconds / once[s])) for s in ("torch", system)}
                torch_time = burst(steps["torch"], sizes["torch"], clock)
                pairs.append((burst(steps[system], sizes[system], clock), torch_time))
    return times


def measured(name: str, workload, peers, rounds: int, seconds: float, clock) -> list:
    """The rows of one workload: dlcore.scratch, then each peer, over PyTorch."""
    ours, theirs = workload()
    wanted = first_losses(theirs)
    difference = apart(first_losses(ours), wanted)
    if not difference < TOLERANCE:
        raise SystemExit(f"{name}: losses differ by {difference:.1e}, nothing is timed")
    steps = {"torch": theirs, "scratch": ours}
    rows = [{"workload": name, "system": "scratch", "losses_apart": difference}]
    rows[0]["losses_compared"] = len(wanted)
    for peer in peers:
        step, row = prepared(peer, name, wanted)
        rows.append(row)
        if step:
            steps[peer] = step
    times = in_turns(steps, rounds, seconds, clock)
    for row in rows:
        if row["system"] in times:
            own, torch_own = zip(*times[row["system"]])
            row["ms"], row["torch_ms"] = 1e3 * min(own), 1e3 * min(torch_own)
            row["ratio_quartiles"] = quartiles([a / b for a, b in times[row["system"]]])
            row["same_losses"] = row["losses_apart"] < TOLERANCE
    return rows


def line(row) -> str:
    """A row as it is printed; † stands where the losses are not those of PyTorch."""
    if "untimed" in row:
        return f"     –                   {row['system']}: {row['untimed']}"
    low, middle, high = row["ratio_quartiles"]
    mark = " " if row["same_losses"] else "†"
    text = f"{middle:7.2f}{mark} ({low:.2f} to {high:.2f})"
    return f"{text:26}{row['system']}, {row['ms']:.3g} ms, losses {row['losses_apart']:.0e} apart"


def resident(key: str) -> int:
    """KiB of this process that /proc gives as VmRSS (now) or VmHWM (at most)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{key}:")[1].split()[0])


def memory(name: str, system: str, steps=5) -> float:
    """MB by which the process grows at most over the first steps, above the model and its batch.

    The mark of the highest level is set back first; getrusage cannot do that, and would miss
    whatever stays below the peak of the imports.
    """
    step = workloads([name])[name]()[("scratch", "torch").index(system)]
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    for _ in range(steps):
        step()
    return (resident("VmHWM") - before) * 1024 / 1e6


def pin(threads: int):
    """Run on so many cores, since some peers count cores and not the thread variables."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def kernels() -> str:
    """Which matrix kernels NumPy's OpenBLAS has chosen for this machine, like "Haswell"."""
    libraries = (row for row in threadpool_info() if row["internal_api"] == "openblas")
    return next((row["architecture"] for row in libraries), "not OpenBLAS")


def options():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure", description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--peers", nargs="*", default=[])
    parser.add_argument("--memory", nargs=2, metavar=("WORKLOAD", "SYSTEM"))
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def main():
    chosen = options()
    pin(chosen.threads)
    import torch

    torch.set_num_threads(chosen.threads)
    if chosen.memory:
        chosen.out.write_text(json.dumps(memory(*chosen.memory)))
        return
    # On one core, CPU time leaves out what other programs take; on two, only the wall clock counts.
    clock = time.process_time if chosen.threads == 1 else time.perf_counter
    rows, (rounds, seconds) = [], (5, 0.1) if chosen.quick else (15, 0.2)
    for name, workload in workloads(chosen.only).items():
        print(f"\n{workload.__doc__}", flush=True)
        new = measured(name, workload, chosen.peers, rounds, seconds, clock)
        rows += [row | {"title": workload.__doc__, "threads": chosen.threads} for row in new]
        absent = [row["system"] for row in new if row.get("untimed") == NOT_WRITTEN]
        print(*(line(row) for row in new if row["system"] not in absent), sep="\n", flush=True)
        if absent:
            print(f"     –                   not written for: {', '.join(absent)}", flush=True)
    print(f"\nmatrix kernels of NumPy: {kernels()}", flush=True)
    chosen.out.write_text(json.dumps([row | {"openblas": kernels()} for row in rows]))


if __name__ == "__main__":
    main()
