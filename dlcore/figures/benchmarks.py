"""Pictures and tables of benchmarks/results: speed beside other libraries, and what was learned."""

import json

import numpy as np

from dlcore.figures.page import COLOURS, legend, new_axes

NAMES = {
    "scratch": "dlcore, NumPy",
    "torch_tuned": "PyTorch, tuned",
    "jax": "JAX",
    "autograd": "autograd",
    "tinygrad": "tinygrad",
    "micrograd": "micrograd",
}
WORKLOADS = {
    "softmax_regression": "softmax regression",
    "mlp_sgd": "MLP, SGD",
    "mlp_adam": "MLP, Adam",
    "cnn": "CNN",
    "lstm": "LSTM",
    "gpt": "GPT",
    "scalars": "100,000 scalars",
}
MARKERS = dict(zip(NAMES, "os^Dv*"))
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
ASKED = {  # what a run is, what was asked of it, and how its result reads
    "mlp_ridge": ("MNIST, MLP with ridge", "at most 2.3 % wrong", "{test_error:.2%}"),
    "mlp_dropout": ("MNIST, MLP with dropout", "at most 1.95 % wrong", "{test_error:.2%}"),
    "cnn": ("MNIST, small CNN", "at most 1 % wrong", "{test_error:.2%}"),
    "gpt": ("Shakespeare, GPT", "at most 1.85 nats a character", "{held_out_nats:.3f} nats"),
    "translation": ("English to French, toy", "at least 95 % exactly right", "{exact:.1%}"),
}
NO_GPU = (
    "**No time is quoted here, because none is measured yet**: no machine that built this course "
    "had a GPU. On one that has, `python -m dlcore.kernels.bench --json "
    "benchmarks/results/kernels.json` writes the file from which the next build makes a table."
)


def timed_rows(rows, threads) -> list:
    return [row for row in rows if row["threads"] == threads and "ratio_quartiles" in row]


def speed(rows, threads=1, ax=None):
    """Time per step over PyTorch's, one line a workload; a bar spans the middle half.

    `rows` are those of speed.json. A hollow marker: its losses are not PyTorch's.
    """
    timed = timed_rows(rows, threads)
    lines = [name for name in WORKLOADS if name in {row["workload"] for row in timed}]
    ax = ax or new_axes(4.6, 1.1 + 0.5 * len(lines))
    ax.axvline(1, color="#888888", lw=1)
    for place, (system, name) in enumerate(NAMES.items()):
        own = [row for row in timed if row["system"] == system]
        if own:
            low, middle, high = np.transpose([row["ratio_quartiles"] for row in own])
            y = [lines.index(row["workload"]) + 0.12 * (place - 2.5) for row in own]
            fill = [COLOURS[place] if row["same_losses"] else "none" for row in own]
            ax.hlines(y, low, high, color=COLOURS[place])
            look = {"marker": MARKERS[system], "ec": COLOURS[place], "label": name}
            ax.scatter(middle, y, 30, fill, **look)
    ax.set(xscale="log", xlabel="time per step, PyTorch = 1")
    ticks = [t for t in TICKS if ax.get_xlim()[0] < t < ax.get_xlim()[1]]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.set_xticks([], minor=True)
    ax.set_yticks(range(len(lines)), [WORKLOADS[name] for name in lines])
    ax.invert_yaxis()
    return legend(ax, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=3, fontsize=9)


def in_words(rows, threads=1) -> str:
    """The medians of `speed`, a sentence a library: its text alternative."""
    timed, sentences = timed_rows(rows, threads), []
    for system, name in NAMES.items():
        own = [row for row in timed if row["system"] == system]
        ratios = (f"{WORKLOADS[r['workload']]} {r['ratio_quartiles'][1]:.3g}" for r in own)
        sentences.append(f"{name}: {'; '.join(ratios)}.")
    return " ".join(sentences)


def steps(result) -> str:
    """A Markdown table of speed.json: time and memory of a step in both halves, one thread."""
    head = ["model", "NumPy", "PyTorch", "ratio", "memory, NumPy", "memory, PyTorch"]
    table, memory = [head, ["---"] * len(head)], {m["workload"]: m for m in result["memory"]}
    for row in timed_rows(result["rows"], 1):
        if row["system"] == "scratch":
            took = [f"{float(f'{row[key]:.3g}'):,g} ms" for key in ("ms", "torch_ms")]
            peak = [f"{memory[row['workload']][key]:.0f} MB" for key in ("scratch_mb", "torch_mb")]
            table.append([row["title"], *took, f"{row['ratio_quartiles'][1]:.2f}", *peak])
    return markdown(table)


def untimed(rows, threads=1) -> str:
    """Which library could not run a workload that is written for it, and why."""
    found = [row for row in rows if row["threads"] == threads and "untimed" in row]
    return " ".join(
        f"{NAMES[row['system']]} has no mark at {WORKLOADS[row['workload']]}: {row['untimed']}."
        for row in found
        if "no such workload" not in row["untimed"]
    )


def markdown(table) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


def curves(run, ax=None):
    """The GPT's loss over its first steps in both halves; `run` is that of learning.json."""
    ax = ax or new_axes(5.2, 2.8)
    for half, style, width in ("torch", "-", 3.0), ("scratch", "--", 1.5):
        losses = run[half]["losses"]
        every = run["scratch"]["steps"] / len(run["scratch"]["losses"])
        name = "PyTorch" if half == "torch" else "NumPy, the first steps"
        steps = every * np.arange(1, len(losses) + 1)
        ax.plot(steps, losses, style, lw=width, label=name)
    ax.set(xlabel="step", ylabel="nats a character")
    return legend(ax)


def learned(runs) -> str:
    """A Markdown table of learning.json: what was asked, what came out, in what CPU time."""
    rows = [["run", "parameters", "asked", "NumPy", "PyTorch"], ["---"] * 5]
    for name, run in runs.items():
        title, asked, shown = ASKED[name]
        cells = [title, f"{run['parameters']:,}", asked]
        for half in "scratch", "torch":
            text = follows(run) if "apart" in run[half] else shown.format(**run[half])
            cells.append(f"{text}, {run[half]['cpu_seconds']:.0f} s")
        rows.append(cells)
    return markdown(rows)


def follows(run) -> str:
    """How far NumPy's losses are from PyTorch's over the first steps."""
    steps, difference = max(run["scratch"]["apart"].items(), key=lambda pair: int(pair[0]))
    return f"{steps} steps, within {difference:.0e}"


def provenance(machine) -> str:
    """One sentence: when, where and with what the figures were measured."""
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items() if v)
    where = f"{machine['cpu']} with {machine['cores']} cores"
    return f"Measured {machine['date'][:10]} at commit {machine['commit']} on {where}: {versions}."


def kernels(file) -> str:
    """Markdown of a report of `dlcore.kernels.bench`, or that there is none."""
    if not file.exists():
        return NO_GPU
    report = json.loads(file.read_text())
    copy, product = report["ceilings"]["copy"], report["ceilings"]["product"]
    head = ["kernel", "ms", "of the ceiling", "times faster than", "goals"]
    rows = [head, ["---"] * len(head), *map(kernel, report["rows"])]
    return (
        f"Measured {report['date']} at commit {report['commit']} on {report['device']}: PyTorch "
        f"{report['torch']}, CUDA {report['cuda']}, Triton {report['triton']}. The ceilings there: "
        f"a copy moves {copy / 1e12:.2f} TB/s, a product of 8192 cubed does {product / 1e12:.0f} "
        f"TFLOP/s.\n\n{markdown(rows)}"
    )


def kernel(row) -> list[str]:
    """The cells of one row; why there are none where nothing was timed."""
    if "ours" not in row.get("ms", {}):
        why = row.get("skipped") or row.get("failed", {}).get("ours", "its result was wrong")
        return [row["name"], "", "", why, ""]
    ratios = dict(row["ratios"])
    ceiling, _ = ratios.pop("ceiling"), ratios.pop("memory", None)
    faster = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    return [row["name"], f"{row['ms']['ours']:.3f}", f"{ceiling:.2f}", faster, goals(row["goals"])]


def goals(found) -> str:
    """Each goal: met, or by how much it was missed."""
    words = []
    for name, goal in found.items():
        if goal["found"] is None:
            words.append(f"{name} not measured")
        else:
            sign, missed = ("≤" if name == "memory" else "≥"), "" if goal["met"] else ", **missed**"
            words.append(f"{name} {goal['found']:.2f}, wanted {sign} {goal['wanted']:g}{missed}")
    return "; ".join(words)
