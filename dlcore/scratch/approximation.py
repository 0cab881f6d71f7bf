"""ReLU networks whose weights are written down, not learned: width in a row, depth by folding."""

import numpy as np

from dlcore.scratch.activations import relu


def relu_network(x, w, b, v, c):
    """One hidden layer of m ReLUs on a number, :eq:`eq-relu-network`.

    x has any shape, and so has the result; w, b, v are (m), c is a number.
    """
    return (v * relu(w * np.asarray(x)[..., None] + b)).sum(axis=-1) + c


def weights_from_knots(knots, values):
    """w, b, v, c of the network that joins the dots, :eq:`eq-knot-weights`.

    m + 1 knots make m pieces, and each piece costs one unit.
    """
    knots, values = np.asarray(knots, float), np.asarray(values, float)
    if knots.ndim != 1 or len(knots) < 2 or knots.shape != values.shape:
        got = f"got {knots.shape} and {values.shape}"
        raise ValueError(f"knots, values must be (m+1), (m+1), m ≥ 1, {got}")
    if not (gaps := np.diff(knots) > 0).all():
        first = knots[gaps.argmin() + 1]
        raise ValueError(f"knots must increase, got {first} out of order")
    slopes = np.diff(values) / np.diff(knots)
    bends = np.diff(slopes, prepend=0.0)
    return np.ones_like(slopes), -knots[:-1], bends, values[0]


def narrow_network(x, knots, values):
    """The same on [t_0, t_m] by m + 1 layers of two units, :eq:`eq-narrow`."""
    knots, values = np.asarray(knots, float), np.asarray(values, float)
    _, _, bends, c = weights_from_knots(knots, values)
    ends = values[:-1] + np.cumsum(bends) * (knots[-1] - knots[:-1])
    low = min(values.min(), ends.min())  # no partial sum is below it
    hinge, total = relu(x - knots[0]), c - low
    for bend, gap in zip(bends, np.diff(knots)):
        hinge, total = relu(hinge - gap), relu(total + bend * hinge)
    return total + low


def modulus(values, steps: int):
    """ω(h) on a grid: the most that values change in `steps`, :eq:`eq-modulus`."""
    values = np.asarray(values)
    changes = [abs(values[k:] - values[:-k]) for k in range(1, steps + 1)]
    return max(change.max() for change in changes)


def knots_by_bend(values, units: int):
    """Places 0..n-1 of units + 1 knots, dense where the curve bends.

    Each gap gets the same share of √|second difference|; the floor keeps some
    knots where the curve is straight.
    """
    bend = np.sqrt(np.abs(np.diff(values, 2)))
    floor = bend.max() / 1000 + 1e-9
    amount = np.concatenate([[0.0], np.cumsum(bend + floor), [0.0]])
    amount[-1] = amount[-2]
    levels = np.arange(units + 1) * (amount[-1] / units)
    order = np.arange(units + 1)
    places = np.maximum.accumulate(np.searchsorted(amount, levels) - order)
    places = np.minimum(places, len(amount) - 1 - units) + order  # apart
    places[-1] = len(amount) - 1
    return places


def tent(x, crease=0.5, height=1.0):
    """Folds [0, 1] at the crease, by two ReLUs, :eq:`eq-tent`.

    Shapes: ()->()
    """
    bend = 1 / crease + 1 / (1 - crease)
    return height * (relu(x) / crease - relu(x - crease) * bend)


def sawtooth(x, layers: int):
    """The tent applied `layers` times: 2^layers pieces, :eq:`eq-sawtooth`."""
    for _ in range(layers):
        x = tent(x)
    return x


def folded(knots, values, crease=0.5, height=1.0):
    """Knots and values of tent(f), exactly, from those of f.

    A piece of f that crosses the crease becomes two; no other does.
    """
    below, above = values[:-1] - crease, values[1:] - crease
    cut = below * above < 0
    share = below[cut] / (below[cut] - above[cut])
    new = knots[:-1][cut] + share * np.diff(knots)[cut]
    place = np.flatnonzero(cut) + 1
    after = tent(values, crease, height)
    return np.insert(knots, place, new), np.insert(after, place, height)


def square(x, layers: int):
    """x² on [0, 1] by layers of three ReLUs, :eq:`eq-square`."""
    wave = total = relu(np.asarray(x, float))
    for j in range(1, layers + 1):
        wave = tent(wave)
        total = relu(total - wave / 4**j)
    return total
