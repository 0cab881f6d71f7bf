"""Pictures of the introduction: fields inside fields, a nerve cell, and its model."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from dlcore.figures.page import BLUE, COLOURS, GREEN, ORANGE, legend, new_axes

# Hodgkin and Huxley's membrane: conductances in mS/cm², potentials in mV, capacitance in µF/cm².
CONDUCTANCE = {"sodium": (120.0, 50.0), "potassium": (36.0, -77.0), "leak": (0.3, -54.387)}
REST, STEP = -65.0, 0.01  # mV; ms


def rates(v):
    """Opening and closing rates of the gates n, m, h at the potential v, (3,2), per ms."""
    u = v - REST
    bend = [(x / np.expm1(x) if abs(x) > 1e-7 else 1.0) for x in ((10 - u) / 10, (25 - u) / 10)]
    opening = 0.1 * bend[0], bend[1], 0.07 * np.exp(-u / 20)
    closing = 0.125 * np.exp(-u / 80), 4 * np.exp(-u / 18), 1 / (np.exp((30 - u) / 10) + 1)
    return np.array([opening, closing]).T


def action_potential(current: float, duration=1.0, length=20.0):
    """The potential in mV over time (t) after a pulse of `current` µA/cm² from 2 ms on.

    dv/dt = I - Σ g (v - E) with g = 36 n⁴, 120 m³ h and 0.3 mS/cm² (capacitance 1); each gate
    goes to open/(open + close) {cite}`hodgkin1952quantitative`. Euler steps of 0.01 ms.
    """
    if not (duration > 0 and length > 0):
        raise ValueError(f"duration and length must be positive, got {duration} and {length}")
    time, v = np.arange(0, length, STEP), REST
    gates = (r := rates(v))[:, 0] / r.sum(axis=1)
    trace = np.empty_like(time)
    for i, t in enumerate(time):
        trace[i] = v
        n, m, h = gates
        open_share = {"sodium": m**3 * h, "potassium": n**4, "leak": 1.0}
        flow = sum(g * open_share[ion] * (v - e) for ion, (g, e) in CONDUCTANCE.items())
        opening, closing = rates(v).T
        gates = gates + STEP * (opening * (1 - gates) - closing * gates)
        v += STEP * (current * (2 <= t < 2 + duration) - flow)
    return time, trace


def spikes(currents, ax=None):
    """The potential after pulses of each strength: all or nothing."""
    ax = ax or new_axes(6, 2.8)
    for current, colour, style in zip(currents, COLOURS, ("-", "--", "-.", ":")):
        ax.plot(*action_potential(current), style, color=colour, label=f"{current:g} µA/cm²")
    ax.set(xlabel="time (ms)", ylabel="membrane potential (mV)")
    return legend(ax, title="pulse of 1 ms")


def frame(ax, corner, size, colour, title, examples):
    """A rounded field with its name and, under it, examples."""
    style = {"boxstyle": "round,pad=0,rounding_size=0.35", "lw": 1.8}
    ax.add_patch(FancyBboxPatch(corner, *size, ec=colour, fc="none", **style))
    x, y = corner[0] + 0.25, corner[1] + size[1]
    ax.text(x, y - 0.2, title, va="top", weight="bold")
    ax.text(x, y - 0.62, examples, va="top", size=9)


def fields(ax=None):
    """Artificial intelligence, machine learning, deep learning and reinforcement learning."""
    ax = ax or new_axes(5, 4)
    frame(
        ax,
        (0, 0),
        (10, 6.4),
        "#777777",
        "artificial intelligence",
        "expert systems, Deep Blue",
    )
    frame(ax, (0.4, 0.3), (9.2, 4.9), BLUE, "machine learning", "nearest mean, random forests, SVM")
    frame(
        ax, (0.8, 0.6), (5.6, 3.4), ORANGE, "deep learning", "image classifiers,\nlanguage models"
    )
    frame(ax, (4.1, 0.9), (5.1, 2.3), GREEN, "", "")
    ax.text(4.3, 2.9, "deep RL", va="top", weight="bold")
    ax.text(4.3, 2.48, "DQN, AlphaGo", va="top", size=9)
    ax.text(6.65, 2.9, "reinforcement\nlearning (RL)", va="top", weight="bold")
    ax.text(6.65, 1.95, "tables of values", va="top", size=9)
    ax.set(xlim=(-0.1, 10.1), ylim=(-0.1, 6.5))
    ax.axis("off")
    return ax


def arrow(ax, start, end, colour="black"):
    ax.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, lw=1.6, color=colour)
    )


def unit(ax=None):
    """A threshold unit, part by part, with the part of a nerve cell that each stands for."""
    ax = ax or new_axes(5, 2.6)
    for j, (y, colour) in enumerate(((2.6, BLUE), (1.5, BLUE), (0.4, ORANGE))):
        ax.text(0.2, y, f"$x_{j + 1}$", ha="center", va="center")
        arrow(ax, (0.5, y), (3.2, 1.5 + (y - 1.5) * 0.25), colour)
        ax.text(1.7, 1.5 + (y - 1.5) * 0.68 + 0.14, f"$w_{j + 1}$", ha="center", va="bottom")
    for x, text in ((3.7, "Σ"), (5.9, "≥ T ?")):
        ax.text(x, 1.5, text, ha="center", va="center", size=15,
                bbox={"boxstyle": "circle,pad=0.4", "fc": "none", "ec": "black"})  # fmt: skip
    arrow(ax, (4.25, 1.5), (5.1, 1.5))
    arrow(ax, (6.75, 1.5), (8.3, 1.5))
    ax.text(8.6, 1.5, "y", ha="center", va="center", style="italic")
    parts = ((0.2, "other cells"), (1.75, "synapses"), (3.7, "cell body"), (5.9, "axon hillock"))
    for x, name in (*parts, (8.0, "axon")):
        ax.text(x, -0.55, name, ha="center", size=9)
    ax.text(1.75, 3.05, "blue excites, orange inhibits", ha="center", size=9)
    ax.set(xlim=(-0.7, 9.2), ylim=(-0.8, 3.3))
    ax.axis("off")
    return ax
