"""Pictures of regularisation: descent under a penalty, double descent, corners of a penalty."""

import numpy as np

from dlcore.figures.init import draws
from dlcore.figures.page import BLUE, COLOURS, GREEN, ORANGE, Page, explorable, legend, new_axes
from dlcore.scratch.optim import SGD
from dlcore.scratch.regularize import dropout, l2_penalty_vjp, soft_threshold

GRID = np.linspace(0, 1, 101)
RATE, STEPS = 0.5, 1000
NOISE, UNDERLYING = 5_000_000, 48  # where the noise begins among the draws; cosines in a mix


def wave(u):
    """What the examples would be without noise, for u (n) in [0, 1]."""
    return np.sin(7 * u) * (1.2 - u)


def cosines(u, count: int, power=1.0):
    """The features 1 and √2 cos(πku) / k^power, k = 1 … count - 1: (n) -> (n, count)."""
    k = np.arange(count)
    features = 2**0.5 * np.cos(np.pi * np.asarray(u)[..., None] * k) / np.maximum(k, 1) ** power
    features[..., 0] = 1
    return features


def readings(n=15, validation=40, sd=0.3, seed=3):
    """Noisy values of the wave: places (n, 2) to fit, u and y, and others to validate."""
    rng = np.random.default_rng(seed)
    u = np.concatenate([(np.arange(n) + rng.uniform(size=n)) / n, rng.uniform(size=validation)])
    y = wave(u) + sd * rng.normal(size=n + validation)
    pairs = np.stack([u, y], axis=1).round(4)
    return pairs[:n], pairs[n:]


def gradient(w, u, y, kind: str, strength, step: int):
    """Of half the mean square at w, by one of the regularisers; chance as in the page."""
    d, n = len(w), len(u)
    features = cosines(u, d)
    if kind == "dropout":
        mask = draws(1, step * n * d, (n, d)) < 3**0.5 * (1 - 2 * strength)
        features = dropout(features, mask, 1 - strength)
    elif kind == "noise":
        features = cosines(u + strength * draws(2, step * n, (n,)), d)
    g = features.T @ (features @ w - y) / n
    return g + l2_penalty_vjp(1.0, None, w, strength) if kind == "l2" else g


def trained(train, validation, kind="none", strength=0.0, d=30, steps=STEPS):
    """Descent from zero: the weights (steps + 1, d), and mean squared errors of both sets.

    `kind` is none, l2, l1, dropout or noise.
    """
    w = np.zeros(d)
    optimizer, path = SGD([w], lr=RATE), [w.copy()]
    for step in range(steps):
        optimizer.step([gradient(w, *train.T, kind, strength, step)])
        if kind == "l1":
            w[:] = soft_threshold(w, RATE * strength)
        path.append(w.copy())
    path = np.array(path)
    errors = [
        np.mean((path @ cosines(s[:, 0], d).T - s[:, 1]) ** 2, axis=1) for s in (train, validation)
    ]
    return path, *errors


def learning(train, validation, d=30, caption="") -> Page:
    """Descent under a regulariser of the reader's choice: the curve and both errors by step."""
    still = new_axes(6, 3.2)
    for errors, colour, name in zip(
        trained(train, validation, d=d)[1:], (BLUE, ORANGE), ("training", "validation")
    ):
        still.semilogx(np.arange(1, STEPS + 2), errors, color=colour, label=name)
    still.set(xlabel="step", ylabel="mean squared error")
    data = {"train": train.tolist(), "validation": validation.tolist(), "d": d}
    data |= {"rate": RATE, "steps": STEPS}
    alt = "A curve fitted to points by descent, and its training and validation error by step."
    return explorable("regularizers", data, legend(still), alt, caption)


def mixes(u, p: int, seed=0, most=120):
    """p random features, each a random mix of cosines, scaled by 1/√p: (n) -> (n, p)."""
    g = draws(seed, 1000, (most, UNDERLYING))[:p]
    return cosines(u, UNDERLYING, 0.5) @ g.T / p**0.5


def places(n: int, seed=0):
    """n places in [0, 1], one near the middle of each n-th part."""
    return (np.arange(n) + 0.5 + 0.29 * draws(seed, 0, (n,))) / n


def descent(p: int, n=20, noise=0.2, ridge=0.0, seed=0) -> dict:
    """Ridge (or, at 0, the shortest least squares) on p random features of n noisy readings.

    Bias, variance and training error are means over all noise of that size; the curve on
    GRID has met one draw of it.
    """
    u = places(n, seed)
    left, s, right = np.linalg.svd(mixes(u, p, seed), full_matrices=False)
    shrink = s / (s * s + ridge)
    through = mixes(GRID, p, seed) @ right.T * shrink  # (grid, rank): from coordinates to curves
    clean, own = left.T @ wave(u), s * shrink
    rest = wave(u) - left @ clean
    trained = ((1 - own) * clean) @ ((1 - own) * clean) + rest @ rest
    y = wave(u) + noise * draws(seed, NOISE, (n,))
    return {
        "singular": s,
        "bias": np.mean((through @ clean - wave(GRID)) ** 2),
        "variance": noise**2 * np.mean(np.square(through).sum(axis=1)),
        "training": (trained + noise**2 * (((1 - own) ** 2).sum() + n - len(s))) / n,
        "curve": through @ (left.T @ y),
        "length": np.linalg.norm(shrink * (left.T @ y)),
    }


def double_descent(n=20, most=120, noise=0.2, p=20, seed=0, caption="") -> Page:
    """The number of features, the noise and the ridge in the reader's hand."""
    found = [descent(k, n, noise, 0.0, seed) for k in range(1, most + 1)]
    still = new_axes(6, 3.2)
    still.semilogy(range(1, most + 1), [f["bias"] + f["variance"] for f in found], color=ORANGE)
    still.set(xlabel="features p", ylabel="error on new points")
    data = {"n": n, "most": most, "noise": noise, "p": p, "seed": seed, "underlying": UNDERLYING}
    alt = f"A curve through {n} points from p random features, and its errors for each p."
    return explorable("doubledescent", data | {"first": NOISE}, still, alt, caption)


def balls(hessian, target, solutions: dict, axes=None):
    """The loss around `target` (2) as ellipses, and where they meet a diamond and a disc.

    `solutions` has the points (2) of "L1" and "L2"; each lies on the edge of its own ball.
    """
    axes = axes if axes is not None else new_axes(6.4, 3.2, columns=2)
    turn, side = np.linspace(0, 2 * np.pi, 201), np.linspace(-2.2, 2.6, 201)
    circle = np.stack([np.cos(turn), np.sin(turn)])

    def loss(gap):
        return np.sum((gap @ hessian) * gap, axis=-1) / 2

    surface = loss(np.stack(np.meshgrid(side, side), axis=-1) - target)
    for ax, (name, at), order in zip(axes, solutions.items(), (1, 2), strict=True):
        ball = circle / np.linalg.norm(circle, ord=order, axis=0) * np.linalg.norm(at, ord=order)
        levels = loss(np.asarray(at) - target) * np.array([0.3, 1, 2.2])
        ax.contour(side, side, surface, levels, colors=[BLUE], linewidths=1.2)
        ax.fill(*ball, color=ORANGE, alpha=0.35, lw=0)
        ax.plot(*target, "+", color=BLUE, ms=10, mew=2)
        ax.plot(*at, "o", color="black", ms=7)
        for line in ax.axhline, ax.axvline:
            line(0, color="#808080", lw=0.8)
        ax.set(title=name, aspect="equal", xlabel="$w_1$", ylabel="$w_2$")
    return axes[0]


def factors(curves: dict, ax=None):
    """Shrinkage of each singular direction: {name: (λ, factor)} on a logarithmic axis."""
    ax = ax or new_axes(6, 2.9)
    for (name, (x, y)), colour, style in zip(curves.items(), COLOURS, ("-", "--", ":")):
        ax.semilogx(x, y, style, label=name, color=colour, lw=2)
    ax.set(xlabel="eigenvalue λ of XᵀX / n", ylabel="share that is kept", ylim=(0, 1.03))
    return legend(ax, loc="upper left")


def errors_by(x, curves: dict, ax=None, **names):
    """Positive curves over x, {label: values}, on a logarithmic axis."""
    ax = ax or new_axes(6, 3)
    for (name, values), colour, style in zip(
        curves.items(), (BLUE, ORANGE, GREEN), ("-", "--", ":")
    ):
        ax.semilogy(x, values, style, label=name, color=colour, lw=1.8)
    ax.set(**names)
    return legend(ax)
