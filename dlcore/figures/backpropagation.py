"""Pictures of backpropagation: a small network with its values, and how a check depends on h."""

import numpy as np

from dlcore.figures.page import BLUE, ORANGE, Page, explorable, legend, new_axes
from dlcore.scratch.activations import sigmoid

RED = "#D55E00"
PLACES = {"A": (0, 0), "B": (3, 0), "h1": (0, 2), "h2": (3, 2), "y": (1.5, 4)}
EDGES = [("h1", "y"), ("h2", "y"), ("A", "h1"), ("B", "h1"), ("A", "h2"), ("B", "h2")]


def network(x, hidden, out, ax=None):
    """Inputs (2) below, two hidden sigmoids over weights (2,2), one output over (1,2) on top."""
    ax = ax or new_axes(4.6, 4.6)
    h = sigmoid(hidden @ x)
    values = dict(zip(PLACES, [*x, *h, sigmoid(out @ h)[0]]))
    for number, (edge, w) in enumerate(zip(EDGES, [*out.flat, *hidden.flat]), 1):
        start, end = (np.array(PLACES[name]) for name in edge)
        ax.plot(*np.stack([start, end]).T, color=BLUE, lw=1.2, zorder=0)
        at = start + 0.3 * (end - start)
        ax.text(*at, f"$w_{number}$ {w:g}", ha="center", backgroundcolor="white", size=9)
    for name, (i, j) in PLACES.items():
        ax.scatter(i, j, s=2200, c="white", ec="black")
        ax.text(i, j, f"{name}\n{values[name]:.3f}", ha="center", va="center", size=10)
    ax.set(xlim=(-0.7, 3.7), ylim=(-0.6, 4.6))
    ax.set_axis_off()
    return ax


def passes(x, hidden, out, target, rate=1.0, caption="") -> Page:
    """A network of five neurons whose forward and backward pass the reader goes through by steps.

    Shapes: x (2), hidden (2,2), out (1,2); the reader changes every number and updates.
    """
    x, hidden, out = (np.asarray(a, float) for a in (x, hidden, out))
    if (x.shape, hidden.shape, out.shape) != ((2,), (2, 2), (1, 2)):
        rule = "x must be (2), hidden (2, 2) and out (1, 2)"
        raise ValueError(f"{rule}, got {x.shape}, {hidden.shape} and {out.shape}")
    weights = [*out.flat, *hidden.flat]  # w1 and w2 are those of the output
    return explorable(
        "backpropagation",
        {"x": x.tolist(), "w": weights, "target": target, "rate": rate},
        still=network(x, hidden, out),
        alt="A network of two inputs, two hidden neurons and one output, with buttons that go "
        "through its forward and backward pass, and fields for its numbers.",
        caption=caption,
    )


def check_errors(steps, errors: dict, ax=None):
    """The relative error of finite differences over their step, one curve a name."""
    ax = ax or new_axes(6, 3)
    for (name, values), style in zip(errors.items(), ("-", "--", ":")):
        ax.loglog(steps, np.maximum(values, 1e-16), style, label=name)
    ax.set(xlabel="step h", ylabel="relative error")
    return legend(ax)


def error_sizes(sizes: dict, ax=None):
    """The root mean square of the errors δ of each layer, one curve a name; log scale."""
    ax = ax or new_axes(6, 3)
    for (name, values), style in zip(sizes.items(), ("o-", "s--", "^:")):
        ax.semilogy(range(1, len(values) + 1), values, style, label=name, ms=4)
    ax.set(xlabel="layer, counted from the input", ylabel="size of its error δ")
    return legend(ax)


def work(names, counts: dict, ax=None):
    """Multiply-adds as bars stacked by part of the passes, one bar a network name."""
    ax = ax or new_axes(6, 2.4)
    left = np.zeros(len(names))
    for (part, values), colour in zip(counts.items(), (BLUE, ORANGE, RED)):
        ax.barh(names, values, left=left, label=part, color=colour)
        left += values
    ax.set(xlabel="multiply-adds, in forward passes")
    return legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(counts))
