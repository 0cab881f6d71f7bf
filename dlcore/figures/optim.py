"""Pictures of descent: paths over a surface, chords, losses on a log scale, and a race."""

from functools import partial

import numpy as np

from dlcore.figures import surfaces
from dlcore.figures.page import BLUE, COLOURS, ORANGE, Page, explorable, legend, new_axes
from dlcore.figures.surfaces import slope, walk
from dlcore.scratch.optim import SGD, Adam, Lion, RMSProp

RACERS = {"descent": SGD, "momentum": SGD, "RMSProp": RMSProp, "Adam": Adam, "Lion": Lion}


def race(first="ravine", kappa=50.0, momentum=0.8, steps=300, caption="") -> Page:
    """Five optimizers from one start in the page; surface, rates, batch and start to choose."""
    alt = "Paths of five optimizers from one start over the contour lines of a loss."
    racers = [{"name": name, "colour": c} for name, c in zip(RACERS, COLOURS, strict=False)]
    data = {"surfaces": surfaces.GROUNDS, "racers": racers, "first": first, "alt": alt}
    data |= {"kappa": kappa, "momentum": momentum, "steps": steps}
    data["bowls"] = [surfaces.WIDE, surfaces.NARROW]
    own, surface = surfaces.GROUNDS[first], getattr(surfaces, first)
    if "limit" not in own:
        surface = partial(surface, kappa=kappa)
    paths = {
        name: walk(own["start"], slope(surface), make(name, rate, momentum), steps)
        for name, rate in zip(RACERS, own["rates"], strict=True)
    }
    return explorable("race", data, descents(surface, paths, own["view"]), alt, caption)


def make(name, rate, momentum=0.8):
    """The optimizer of a racer, as a function of its parameters."""
    options = {"momentum": momentum} if name == "momentum" else {}
    return lambda params: RACERS[name](params, lr=rate, **options)


def descents(surface, paths: dict, view=surfaces.SQUARE, ax=None):
    """Paths (steps, 2) by name over the contour lines of a surface."""
    ax = ax or new_axes(3.6, 3.4)
    side_x, side_y = np.linspace(*view[:2], 201), np.linspace(*view[2:], 201)
    height = surface(np.meshgrid(side_x, side_y))[0]
    levels = np.geomspace(max(height.min(), 0.02), height.max(), 14)
    ax.contour(side_x, side_y, height, levels, colors="#888888", linewidths=0.7)
    for name, path in paths.items():
        ax.plot(*path.T, "o-", ms=2.5, lw=1.3, label=name)
    ax.set(xlim=view[:2], ylim=view[2:], xlabel="$\\theta_1$", ylabel="$\\theta_2$")
    return ax


def curves(lines: dict, ax=None, **axis):
    """Curves by name on a log scale; values are arrays, or pairs of places and values."""
    ax = ax or new_axes(6, 3)
    for (name, values), dashes in zip(lines.items(), ("-", "--", ":", "-.", "-"), strict=False):
        ax.semilogy(*values if isinstance(values, tuple) else (values,), dashes, label=name)
    ax.set(**{"xlabel": "step", "ylabel": "loss"} | axis)
    return legend(ax)


def chords(axes=None):
    """A convex function over its tangent and under its chord, and one that is neither."""
    axes = axes if axes is not None else new_axes(6.6, 2.7, columns=2)
    x, ends = np.linspace(-2, 2, 201), np.array([-1.6, 1.2])
    bowl, bent = (lambda t: 0.5 * t**2 + 0.3 * t), (lambda t: t**4 / 4 - t**2 + t / 4 + 1)
    for ax, f, title in zip(axes, (bowl, bent), ("convex", "not convex"), strict=True):
        ax.plot(x, f(x), color="black", lw=2)
        ax.plot(ends, f(ends), "o-", color=ORANGE, label="chord")
        rise = (f(0.7 + 1e-6) - f(0.7 - 1e-6)) / 2e-6
        ax.plot(x, f(0.7) + rise * (x - 0.7), "--", color=BLUE, lw=1.3, label="tangent")
        ax.set(title=title, xlabel="$\\theta$", ylim=(-0.9, 3))
    return legend(axes[0], loc="upper center")
