"""Derivatives looked at: their errors, their prices, and a graph whose slopes flow in the page."""

import numpy as np

from dlcore.figures.autodiff import draw_graph
from dlcore.figures.page import COLOURS, Page, explorable, legend, new_axes
from dlcore.scratch.autodiff import Tensor

EXAMPLES = {  # programs for `machine`, each with the values of its variables
    "a neuron": ("h = w*x + b; y = sigmoid(h); L = (y - t)^2", [0.8, 1.5, -0.5, 1.0]),
    "one value used twice": ("h = x*w; y = h*h + 3*h", [1.5, -2.0]),
    "paths that double": ("a = x*x; b = a*a; c = b*b; d = c*c", [1.1]),
    "two hidden units": (
        "h = tanh(u*x); k = tanh(v*x); y = h*p + k*q; L = (y - t)^2",
        [0.7, 1.0, -1.2, 1.5, 0.5, 0.3],
    ),
    "a kink": ("r = relu(x - y); f = r*r + relu(y - x)", [1.0, 2.0]),
    "a logarithm of a sum": ("s = 1 + exp(x); f = log(s) - x", [2.0]),
}


def errors(h, curves: dict, best: dict | None = None, ax=None):
    """The error of each approximate derivative over the step h; `best` marks predicted steps."""
    ax = ax or new_axes(6.2, 3.6)
    for i, (name, error) in enumerate(curves.items()):
        ax.loglog(h, np.maximum(error, 1e-17), label=name, color=COLOURS[i], zorder=9 - i)
        if name in (best or {}):
            ax.axvline(best[name], color=COLOURS[i], ls=":", lw=1.2)
    ax.set(xlabel="step h", ylabel="error of the derivative", xlim=(min(h), max(h)))
    return legend(ax, loc="lower right")


def prices(sizes, counts: dict, ax=None):
    """Operations for a gradient, divided by those for the value, over the number of inputs."""
    ax = ax or new_axes(5.6, 3.2)
    for i, (name, count) in enumerate(counts.items()):
        ax.loglog(sizes, count, "o-", label=name, color=COLOURS[i])
    ax.set(xlabel="number of inputs n", ylabel="gradient / value")
    return legend(ax, loc="upper left")


def names_in(program: str) -> list[str]:
    """The variables of a program in the order in which it uses them first."""
    known = {"exp", "log", "tanh", "sigmoid", "relu"}
    names = {}
    for statement in program.split(";"):
        name, _, expression = statement.rpartition("=")
        words = "".join(c if c.isalnum() else " " for c in expression).split()
        names |= dict.fromkeys(w for w in words if w[0].isalpha() and w not in known)
        known |= {name.strip()}
    return list(names)


def machine(examples=EXAMPLES, caption="") -> Page:
    """A program as a graph: values flow down, then slopes, step by step in either direction.

    `examples` maps a title to a program, "h = x*w; y = h*h + 3*h", and the values of its variables.
    """
    sets = [
        {"name": name, "text": text, "values": dict(zip(names_in(text), values, strict=True))}
        for name, (text, values) in examples.items()
    ]
    alt = "A program drawn as a graph, with its values and, step by step, its slopes."
    w, x, b = (Tensor(np.array(v), requires_grad=True) for v in (0.8, 1.5, -0.5))
    y = (w * x + b) ** 2
    y.backward(keep=True)
    still = draw_graph(y, {"w": w, "x": x, "b": b})
    return explorable("graph", {"examples": sets}, still, alt, caption)
