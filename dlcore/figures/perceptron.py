"""Pictures of one neuron: its line and its step in the plane, its learning, Novikoff's proof."""

import numpy as np

from dlcore.figures.page import BLUE, COLOURS, GREEN, ORANGE, Page, explorable, legend, new_axes

VIEW = (-1.5, 2.5)


def plane(x, labels, w, b, view=VIEW, ax=None):
    """Points (n,2) of two classes over the half-plane w · x + b > 0, its border and w."""
    ax = ax or new_axes(3.2, 3.2)
    side = np.linspace(*view, 201)
    score = w[0] * side + w[1] * side[:, None] + b
    ax.contourf(side, side, score > 0, [-0.5, 0.5, 1.5], colors=[BLUE, ORANGE], alpha=0.15)
    if np.any(w):
        ax.contour(side, side, score, [0], colors="black", linewidths=1.8)
        unit = np.asarray(w) / np.linalg.norm(w)
        middle = np.full(2, np.mean(view))
        foot = middle - (middle @ unit + b / np.linalg.norm(w)) * unit
        tip = foot + min(1, np.linalg.norm(w) / 2) * unit
        ax.annotate("", tip, foot, arrowprops={"arrowstyle": "-|>", "lw": 1.8, "color": "black"})
    for label, (colour, marker) in enumerate([(BLUE, "o"), (ORANGE, "s")]):
        own = np.asarray(x)[np.asarray(labels) == label]
        ax.scatter(*own.T, s=48, c=colour, marker=marker, ec="white", lw=0.8, zorder=3)
    ax.set(xlim=view, ylim=view, aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    return ax


def growth(lengths, gamma, radius, ax=None):
    """The length of (w, b) after k mistakes, between kγ below and R√k above."""
    ax = ax or new_axes(6, 3)
    k = np.linspace(0, 1.05 * max((radius / gamma) ** 2, len(lengths) - 1), 401)
    ax.plot(k, radius * np.sqrt(k), "--", color=ORANGE, label="R √k, from above")
    ax.plot(k, gamma * k, ":", color=GREEN, label="γ k, from below")
    ax.plot(lengths, color=BLUE, lw=2.4, label="length of (w, b)")
    ax.plot((radius / gamma) ** 2, radius**2 / gamma, "o", color="black", zorder=3)
    ax.set(xlabel="mistakes k", ylabel="length", xlim=(0, None), ylim=(0, None))
    return legend(ax, loc="upper left")


def examples(name, x, labels) -> dict:
    """A data set for `learning`: points (n,2), moved to multiples of 1/16: sums are exact."""
    x = np.asarray(x, float)
    if x.ndim != 2 or x.shape[1] != 2 or len(x) != len(labels) or len(x) > 40:
        got = f"got {x.shape} and {len(labels)}"
        raise ValueError(f"x must be (n, 2) with n labels, n at most 40, {got}")
    x = np.clip(np.round(16 * x) / 16, *VIEW) + 0.0  # no -0.0
    return {"name": name, "points": x.tolist(), "labels": np.asarray(labels).tolist()}


def learning(sets, caption="") -> Page:
    """Rosenblatt's rule in the page, one look at a time, on points to drag and flip."""
    alt = (
        "Points of two classes, discs for 0 and squares for 1, and the perceptron's line, with its "
        f"weight vector. Data: {', '.join(s['name'] for s in sets)}."
    )
    data = {"sets": sets, "view": VIEW, "colours": COLOURS, "alt": alt}
    still = plane(sets[0]["points"], sets[0]["labels"], np.zeros(2), 0.0)
    return explorable("perceptron", data, still, alt, caption)


def neuron(w, b, side=120, caption="") -> Page:
    """One neuron over [-1, 1]² as a step in space, to turn, with sliders for w (2) and b."""
    alt = "The answer of one neuron as a surface over the square from −1 to 1: a cliff on a line."
    data = {"v": [*np.asarray(w, float).tolist(), float(b)], "side": side, "alt": alt}
    still = plane(np.zeros((0, 2)), np.zeros(0), w, b, view=(-1, 1))
    return explorable("cliff", data, still, alt, caption)
