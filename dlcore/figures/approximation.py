"""Pictures of networks that are built by hand: sums of hinges, folded lines, errors by size."""

import numpy as np

from dlcore.figures.page import BLUE, GREEN, ORANGE, Page, explorable, legend, new_axes
from dlcore.scratch.approximation import relu_network, sawtooth, weights_from_knots

PLACES = 960  # the machine's grid has one more point; many numbers of units divide it


def grid(low, high):
    """The points at which the machine knows its target."""
    return low + (high - low) * np.arange(PLACES + 1) / PLACES


def units(x, network, ax=None):
    """What each unit of a network (w, b, v, c) adds at points x (n), and the sum of all."""
    ax = ax or new_axes(6, 3.2)
    w, b, v, c = network
    for parts in zip(w, b, v, strict=True):
        ax.plot(x, relu_network(x, *np.transpose([parts]), 0.0), color=GREEN, lw=1)
    ax.plot(x, relu_network(x, w, b, v, c), color=BLUE, label="sum of the units", lw=2.4)
    ax.set(xlabel="x")
    return ax


def errors(sizes, curves: dict, ax=None, xlabel="units m"):
    """Largest errors by the size of a network, on logarithmic axes; one curve a name."""
    ax = ax or new_axes(6, 3)
    for (name, values), style in zip(curves.items(), ("o-", "s--", "^:", "--"), strict=False):
        ax.loglog(sizes, values, style, ms=4, label=name)
    ax.set_xticks(sizes, labels=sizes)
    ax.set_xticks([], minor=True)
    ax.set(xlabel=xlabel, ylabel="largest error")
    return legend(ax)


def folds(layers=(1, 2, 4), axes=None):
    """The tent composed with itself, a panel for each number of layers."""
    axes = axes if axes is not None else new_axes(7, 2, columns=len(layers))
    for ax, k in zip(axes, layers, strict=True):
        x = np.arange(2**k + 1) / 2**k
        ax.plot(x, sawtooth(x, k), color=BLUE)
        ax.set(title=f"{k} layers, {2 * k} units, {2**k} pieces", xticks=[0, 1], yticks=[0, 1])
        ax.title.set_fontsize(9)
    return axes


def features(x, network, labels, ax=None):
    """Points (n,2) as two hidden ReLUs W x + b see them; the line v · a + c = 0 between them."""
    ax = ax or new_axes(3.2, 3)
    w, b, v, c = network
    a = np.maximum(x @ w.T + b, 0)
    for label, (colour, marker) in enumerate([(BLUE, "o"), (ORANGE, "s")]):
        ax.scatter(*a[labels == label].T, s=60, c=colour, marker=marker, zorder=3)
    side = np.array([-0.15, 0.65])
    ax.plot(side, -(v[0] * side + c) / v[1], "--", color="black")
    ax.set(xlim=side, ylim=side, xlabel="$a_1$", ylabel="$a_2$", aspect="equal")
    return ax


def building(targets: dict, start=6, caption="") -> Page:
    """A target, its knots and the hinges that add up to it, in the page.

    `targets` maps a name to (low, high, values at `grid(low, high)`); `start` units to begin with.
    """
    for name, (_, _, values) in targets.items():
        if np.shape(values) != (PLACES + 1,):
            rule = f"values of {name} must be ({PLACES + 1},)"
            raise ValueError(f"{rule}, got {np.shape(values)}")
    low, high, values = next(iter(targets.values()))
    x = grid(low, high)
    knots = np.linspace(low, high, start + 1)
    still = units(x, weights_from_knots(knots, np.interp(knots, x, values)))
    still.plot(x, values, "--", color=ORANGE, label="target")
    data = {name: [*ends, np.asarray(y).tolist()] for name, (*ends, y) in targets.items()}
    alt = "A curve, and the broken line of a network of ReLUs that follows it from knot to knot."
    return explorable("hinges", {"targets": data, "start": start}, legend(still), alt, caption)


def folding(layers=3, caption="") -> Page:
    """Tents composed in the page: layers, crease and height to choose, pieces counted."""
    alt = "The graph of a tent composed with itself: a line folded once a layer."
    return explorable("folds", {"layers": layers}, folds((1, layers))[1], alt, caption)
