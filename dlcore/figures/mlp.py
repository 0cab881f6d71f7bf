"""Pictures of multilayer perceptrons: what they answer, what each hidden unit sees, training."""

import numpy as np

from dlcore.figures.page import BLUE, ORANGE, Page, explorable, new_axes
from dlcore.scratch.mlp import MLP

REACH = 3.0
SEEDS, DRAWS = 8, 2 * 8 + 8 * 8 + 8 * 8 + 8  # weights of the widest and deepest net of the page


def examples(name: str, n=120, rng=None):
    """Points (n,2), labels 0 and 1 by turns; `name` is rings, xor, moons or spiral."""
    rng = rng or np.random.default_rng(0)
    labels, t = np.arange(n) % 2, rng.uniform(size=n)
    turn, noise = np.pi * labels, rng.normal(size=(n, 2))
    if name == "rings":
        r, angle = np.where(labels, 1.1 * t**0.5, 1.7 + 0.7 * t), 2 * np.pi * rng.uniform(size=n)
        x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
    elif name == "xor":
        sides = np.where(rng.uniform(size=n) < 0.5, -1, 1)
        x = (0.25 + 2.2 * rng.uniform(size=(n, 2))) * np.stack([sides, sides * (1 - 2 * labels)], 1)
    elif name == "moons":
        x = 1.5 * np.stack([np.cos(np.pi * t + turn), np.sin(np.pi * t + turn)], axis=1)
        x += np.stack([1.5 * labels - 0.75, 0.75 * labels - 0.375], axis=1) + 0.15 * noise
    elif name == "spiral":
        r, angle = 0.3 + 2.2 * t, 2.5 * np.pi * t + turn
        x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1) + 0.05 * noise
    else:
        raise ValueError(f"name must be rings, xor, moons or spiral, got {name!r}")
    return np.clip(x.round(3), -2.7, 2.7), labels


def grid(side=121):
    """The places (side², 2) of a square picture, row by row from below."""
    line = np.linspace(-REACH, REACH, side)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


def surface(values, ax, limit=None, border=None):
    """A function on `grid` as colour, blue below 0 and orange above, with its border at 0."""
    side, limit = round(len(values) ** 0.5), limit or max(np.abs(values).max(), 1e-12)
    shown = np.clip(values / limit, -1, 1).reshape(side, side, 1)
    colours = [[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in (ORANGE, BLUE)]
    mixed = 1 - 0.8 * abs(shown) * (1 - np.where(shown > 0, *np.array(colours)))
    # Not resampled: the page scales the few pixels, which are fewer bytes.
    ax.imshow(mixed, origin="lower", extent=(-REACH, REACH, -REACH, REACH), interpolation="none")
    edge = (values if border is None else border).reshape(side, side)
    if edge.min() < 0 < edge.max():
        near = np.linspace(-REACH, REACH, side)
        ax.contour(near, near, edge, [0], colors="#333333", linewidths=1.2)
    ax.set(xticks=[], yticks=[])
    return ax


def dots(x, labels, ax, size=16):
    """Points (n,2): discs of class 0, squares of class 1."""
    for label, (colour, marker) in enumerate([(BLUE, "o"), ("#a86f00", "s")]):
        ax.scatter(*x[labels == label].T, s=size, c=colour, marker=marker, ec="white", lw=0.6)
    return ax


def answer(model, x, labels, ax=None):
    """The probabilities of a model with one logit, over the plane, and the points."""
    ax = ax or new_axes(3.2, 3.2)
    logits = model.forward(grid())[:, 0]
    return dots(x, labels, surface(np.tanh(logits / 2), ax, limit=1, border=logits))


def playground(sets: dict, caption="", width=3, depth=1, activation="tanh", seed=0) -> Page:
    """A net that trains in the page on one of the data sets, {name: (x, labels)}; rate 0.3.

    Its weights are those of MLP(sizes, activation, np.random.default_rng(seed), float).
    """
    normals = [np.random.default_rng(s).normal(size=DRAWS).tolist() for s in range(SEEDS)]
    found = [{"name": k, "points": x.tolist(), "labels": y.tolist()} for k, (x, y) in sets.items()]
    start = {"set": 0, "width": width, "depth": depth, "activation": activation, "seed": seed}
    alt = (
        f"A net that learns in the page, with the plane coloured by its answer: {', '.join(sets)}."
    )
    data = {"sets": found, "normals": normals, "reach": REACH, "start": start | {"rate": 3}}
    untrained = MLP((2, *[width] * depth, 1), activation, np.random.default_rng(seed), float)
    still = answer(untrained, *next(iter(sets.values())))
    return explorable("playground", data | {"alt": alt}, still, alt, caption)
