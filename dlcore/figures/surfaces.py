"""Losses of two parameters to look at: f(θ) gives the height and its gradient.

`race` in dlcore.figures.optim draws them and computes the same numbers in the page.
"""

import numpy as np


def ravine(at, kappa=50.0):
    """f = (x² + κ y²) / 2: curvature 1 along the valley and κ across it."""
    x, y = at
    return 0.5 * (x * x + kappa * y * y), np.array([x, kappa * y])


def tilted(at, kappa=50.0):
    """The ravine turned by 45°, so that no coordinate runs along it."""
    x, y = at
    u, w = (x + y) * np.sqrt(0.5), (y - x) * np.sqrt(0.5)
    height, (du, dw) = ravine((u, w), kappa)
    return height, np.array([du - dw, du + dw]) * np.sqrt(0.5)


def saddle(at):
    """f = x²/2 - y²/2 + y⁴/4 + 1/4: a saddle at 0 between two minima, y = ±1."""
    x, y = at
    height = 0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y + 0.25
    return height, np.array([x, y * y * y - y])


def rosenbrock(at):
    """f = (1 - x)² + 100 (y - x²)²: a bent ravine with its minimum at (1, 1)."""
    x, y = at
    off = y - x * x
    slope = np.array([-2 * (1 - x) - 400 * x * off, 200 * off])
    return (1 - x) * (1 - x) + 100 * off * off, slope


WIDE, NARROW = (-1.2, 1.0), (1.2, 40.0)  # where on the axis, and how curved


def valleys(at):
    """f = -log(e^-a + e^-b), the soft minimum of a wide bowl a and a narrow one b."""
    x, y = at
    (p, c), (q, d) = WIDE, NARROW
    a = 0.5 * c * ((x - p) * (x - p) + y * y)
    b = 0.5 * d * ((x - q) * (x - q) + y * y)
    least = np.minimum(a, b)
    total = np.exp(least - a) + np.exp(least - b)
    wide, narrow = np.exp(least - a) / total * c, np.exp(least - b) / total * d
    slope = np.array([wide * (x - p) + narrow * (x - q), (wide + narrow) * y])
    return least - np.log(total), slope


def slope(surface):
    """The gradient of a surface alone."""
    return lambda at: surface(at)[1]


def walk(start, gradient, optimizer, steps, noise=None, schedule=None):
    """The places (steps + 1, …) of a descent from `start`; `optimizer` takes [θ].

    `noise` (steps, …) is added to the gradients; `schedule(step)` scales the rate.
    """
    theta = np.array(start, dtype=float)
    rule, path = optimizer([theta]), [theta.copy()]
    rate = rule.lr
    for step in range(steps):
        g = gradient(theta)
        if schedule is not None:
            rule.lr = rate * schedule(step)
        rule.step([g if noise is None else g + noise[step]])
        path.append(theta.copy())
    return np.array(path)


SQUARE = (-3.0, 3.0, -3.0, 3.0)


def ground(title, start, rates, noise, view=SQUARE, lowest=0.0, limit=None) -> dict:
    """A surface of `race`: a common start, a rate a racer, the noise of one example."""
    own = {"title": title, "start": start, "rates": rates, "noise": noise}
    own |= {"view": view, "lowest": lowest}
    return own if limit is None else own | {"limit": limit}


GROUNDS = {
    "ravine": ground("ravine", [-2.6, 1.2], [0.035, 0.035, 0.03, 0.1, 0.03], 8.0),
    "tilted": ground("tilted ravine", [-2.7, -1.0], [0.035, 0.035, 0.03, 0.1, 0.03], 8.0),
    "saddle": ground("saddle", [1.6, 0.001], [0.05, 0.05, 0.01, 0.03, 0.01], 0.5,
        view=(-2.0, 2.0, -2.0, 2.0),
        limit="Around the minima L = 2: rates below 2/L = 1 can rest there."),
    "rosenbrock": ground("Rosenbrock", [-1.2, 1.0], [0.001, 0.001, 0.01, 0.1, 0.01], 8.0,
        view=(-2.0, 2.0, -1.0, 3.0),
        limit="At the minimum L = 1002: plain descent can rest there below 2/L = 0.002."),
    "valleys": ground("two valleys", [1.4, 0.25], [0.04, 0.04, 0.03, 0.1, 0.03], 3.0,
        view=(-2.6, 2.6, -2.6, 2.6), lowest=-0.0548320631714800,
        limit="The narrow valley on the right has L = 40: no rest there above 2/L = 0.05."),
}  # fmt: skip
