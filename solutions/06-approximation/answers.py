"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% network | right | loops over inputs and units
def network(x, w, b, v, c):
    out = []
    for value in x:
        total = c
        for i in range(len(w)):
            z = w[i] * value + b[i]
            if z > 0:
                total += v[i] * z
        out.append(total)
    return out


# %% network | right | where and a sum over an axis
def network(x, w, b, v, c):
    z = x[:, None] * w + b
    return c + np.sum(v * np.where(z > 0, z, 0.0), axis=1)


# %% network | wrong | no ReLU | where is the ReLU
def network(x, w, b, v, c):
    return (np.outer(x, w) + b) @ v + c


# %% network | wrong | no output bias | c is missing
def network(x, w, b, v, c):
    return np.maximum(np.outer(x, w) + b, 0) @ v


# %% network | wrong | ReLU around the sum | outside of the ReLU
def network(x, w, b, v, c):
    return np.maximum((np.outer(x, w) + b) @ v + c, 0)


# %% network | wrong | ReLU of the input | The six units
def network(x, w, b, v, c):
    return (np.outer(np.maximum(x, 0), w) + np.where(x > 0, 1, 0)[:, None] * b) @ v + c


# %% network | wrong | one sum for all inputs | shape
def network(x, w, b, v, c):
    return np.sum(v * np.maximum(np.outer(x, w) + b, 0)) + c


# %% network | hidden | knows six units at most
def network(x, w, b, v, c):
    w, b, v = w[:6], b[:6], v[:6]
    return np.maximum(np.outer(x, w) + b, 0) @ v + c


# %% weights | right | a loop that remembers the slope
def from_knots(t, y):
    v, before = [], 0.0
    for i in range(len(t) - 1):
        slope = (y[i + 1] - y[i]) / (t[i + 1] - t[i])
        v.append(slope - before)
        before = slope
    return v, y[0]


# %% weights | right | a triangular system
def from_knots(t, y):
    hinges = np.maximum(t[1:, None] - t[:-1], 0)
    return np.linalg.solve(hinges, y[1:] - y[0]).round(12), float(y[0])


# %% weights | wrong | the slopes | a change of slope
def from_knots(t, y):
    return np.diff(y) / np.diff(t), y[0]


# %% weights | wrong | forgets the gaps | divided by the gap
def from_knots(t, y):
    return np.diff(np.diff(y), prepend=0.0), y[0]


# %% weights | wrong | c is zero | c is the first value
def from_knots(t, y):
    return np.diff(np.diff(y) / np.diff(t), prepend=0.0), 0.0


# %% weights | wrong | a unit for the last knot too | shape
def from_knots(t, y):
    slopes = np.diff(y) / np.diff(t)
    return np.diff(slopes, prepend=0.0, append=0.0), y[0]


# %% weights | wrong | the wrong sign of the change | v should be
def from_knots(t, y):
    slopes = np.diff(y) / np.diff(t)
    return np.concatenate([slopes[:1], slopes[:-1] - slopes[1:]]), y[0]


# %% weights | hidden | equal gaps only
def from_knots(t, y):
    return np.diff(np.diff(y) / (t[1] - t[0]), prepend=0.0), y[0]


# %% width | right | counts up
def units_for(curvature, length, eps):
    m = 1
    while curvature * (length / m) ** 2 / 8 > eps:
        m += 1
    return m


# %% width | right | the gap first
def units_for(curvature, length, eps):
    if curvature == 0:
        return 1
    gap = (8 * eps / curvature) ** 0.5
    return int(max(1, -(-length // gap)))


# %% width | wrong | rounds down | round up
def units_for(curvature, length, eps):
    return max(1, int(length * np.sqrt(curvature / (8 * eps))))


# %% width | wrong | no square root | square root
def units_for(curvature, length, eps):
    return max(1, int(np.ceil(length**2 * curvature / (8 * eps))))


# %% width | wrong | forgets the eight | the 8 of the bound
def units_for(curvature, length, eps):
    return max(1, int(np.ceil(length * np.sqrt(curvature / eps))))


# %% width | wrong | rounds to the nearest | Rounding to the nearest
def units_for(curvature, length, eps):
    m = length * np.sqrt(curvature / (8 * eps))
    return max(1, int(m + 0.5))


# %% width | wrong | not a whole number | should be whole
def units_for(curvature, length, eps):
    return length * np.sqrt(curvature / (8 * eps))


# %% width | hidden | none for a straight line
def units_for(curvature, length, eps):
    return int(np.ceil(length * np.sqrt(curvature / (8 * eps)) - 1e-12))


# %% xor | right | the proof by sums, and loops
def missed(w, b):
    scores = [b, w[1] + b, w[0] + b, w[0] + w[1] + b]
    for k, label in enumerate([0, 1, 1, 0]):
        if (scores[k] > 0) != (label == 1):
            return k


def features(x):
    return [[max(p + q - 1.5, 0), max(0.5 - p - q, 0)] for p, q in x]


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]


# %% xor | right | by cases, and the network for the features
def missed(w, b):
    if b > 0:
        return 0
    if w[0] + b <= 0:
        return 2
    return 1 if w[1] + b <= 0 else 3


def xor_network():
    w1 = np.outer([1.0, -1.0], np.ones(2))
    return w1, np.array([-1.5, 0.5]), -2 * np.ones((1, 2)), np.ones(1)


def features(x):
    w1, b1, _, _ = xor_network()
    return np.clip(x @ w1.T + b1, 0, None)


# %% xor | wrong | a corner that is right | it is another that is missed
def missed(w, b):
    return int(np.argmax((np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ w + b > 0) == [0, 1, 1, 0]))


def features(x):
    s = x.sum(axis=1)
    return np.maximum(np.stack([s - 1.5, 0.5 - s], axis=1), 0)


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]


# %% xor | wrong | always the last corner | it is another that is missed
def missed(w, b):
    return 3


def features(x):
    s = x.sum(axis=1)
    return np.maximum(np.stack([s - 1.5, 0.5 - s], axis=1), 0)


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]


# %% xor | wrong | features without ReLU | cannot be negative
def missed(w, b):
    answers = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ w + b > 0
    return int(np.flatnonzero(answers != [0, 1, 1, 0])[0])


def features(x):
    s = x.sum(axis=1)
    return np.stack([s - 1.5, 0.5 - s], axis=1)


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]


# %% xor | wrong | the sign of the output | should answer 0, 1, 1, 0
def missed(w, b):
    answers = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ w + b > 0
    return int(np.flatnonzero(answers != [0, 1, 1, 0])[0])


def features(x):
    s = x.sum(axis=1)
    return np.maximum(np.stack([s - 1.5, 0.5 - s], axis=1), 0)


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[2, 2]], [0]


# %% xor | wrong | thresholds for biases | is not that of (b)
def missed(w, b):
    answers = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ w + b > 0
    return int(np.flatnonzero(answers != [0, 1, 1, 0])[0])


def features(x):
    s = x.sum(axis=1)
    return np.maximum(np.stack([s - 1.5, 0.5 - s], axis=1), 0)


def xor_network():
    return [[1, 1], [-1, -1]], [1.5, -0.5], [[-2, -2]], [1]


# %% xor | wrong | W2 as a column | shape
def missed(w, b):
    answers = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ w + b > 0
    return int(np.flatnonzero(answers != [0, 1, 1, 0])[0])


def features(x):
    s = x.sum(axis=1)
    return np.maximum(np.stack([s - 1.5, 0.5 - s], axis=1), 0)


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2], [-2]], [1]


# %% xor | hidden | counts a score of zero as class 1
def missed(w, b):
    answers = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ w + b >= 0
    return int(np.flatnonzero(answers != [0, 1, 1, 0])[0])


def features(x):
    s = x.sum(axis=1)
    return np.maximum(np.stack([s - 1.5, 0.5 - s], axis=1), 0)


def xor_network():
    return [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]


# %% fold | right | recursion and a product
def sawtooth(x, k):
    if k == 0:
        return x
    return sawtooth(np.where(x < 0.5, 2 * x, 2 - 2 * x), k - 1)


def most_pieces(widths):
    return np.prod([m + 1 for m in widths])


# %% fold | right | by distance from the middle
def sawtooth(x, k):
    for _ in range(k):
        x = 1 - abs(2 * x - 1)
    return x


def most_pieces(widths):
    return 1 if len(widths) == 0 else (widths[0] + 1) * most_pieces(widths[1:])


# %% fold | wrong | k times the tent | not two times T
def sawtooth(x, k):
    return k * (1 - abs(2 * x - 1))


def most_pieces(widths):
    return np.prod([m + 1 for m in widths])


# %% fold | wrong | a power of the tent | not T times T
def sawtooth(x, k):
    return (1 - abs(2 * x - 1)) ** k


def most_pieces(widths):
    return np.prod([m + 1 for m in widths])


# %% fold | wrong | one fold too many | T at 0, 1/4
def sawtooth(x, k):
    for _ in range(k + 1):
        x = 1 - abs(2 * x - 1)
    return x


def most_pieces(widths):
    return np.prod([m + 1 for m in widths])


# %% fold | wrong | adds the layers | Layers multiply
def sawtooth(x, k):
    for _ in range(k):
        x = 1 - abs(2 * x - 1)
    return x


def most_pieces(widths):
    return sum(widths) + 1


# %% fold | wrong | m pieces a layer | not m
def sawtooth(x, k):
    for _ in range(k):
        x = 1 - abs(2 * x - 1)
    return x


def most_pieces(widths):
    return np.prod(widths)


# %% fold | hidden | at least one fold
def sawtooth(x, k):
    x = 1 - abs(2 * x - 1)
    for _ in range(k - 1):
        x = 1 - abs(2 * x - 1)
    return x


def most_pieces(widths):
    return np.prod([m + 1 for m in widths])


# %% square | right | a sum over the folds
def square(x, k):
    return x - sum(sawtooth(x, j) / 4**j for j in range(1, k + 1))


def product(x, y, k):
    return 2 * square(0.5 * (x + y), k) - 0.5 * (square(x, k) + square(y, k))


# %% square | right | interpolation, which is the same function
def square(x, k):
    knots = np.linspace(0, 1, 2**k + 1)
    return np.interp(x, knots, knots**2)


def product(x, y, k):
    mean, first, second = square((x + y) / 2, k), square(x, k), square(y, k)
    return 2 * mean - first / 2 - second / 2


# %% square | wrong | divides by powers of two | 4 to the power j
def square(x, k):
    return x - sum(sawtooth(x, j) / (2 * 2**j) for j in range(1, k + 1))


def product(x, y, k):
    return 2 * square((x + y) / 2, k) - square(x, k) / 2 - square(y, k) / 2


# %% square | wrong | adds the sum | x² lies below x
def square(x, k):
    return x + sum(sawtooth(x, j) / 4**j for j in range(1, k + 1))


def product(x, y, k):
    return 2 * square((x + y) / 2, k) - square(x, k) / 2 - square(y, k) / 2


# %% square | wrong | stops one fold early | is T¹ in the sum
def square(x, k):
    return x - sum(sawtooth(x, j) / 4**j for j in range(1, k))


def product(x, y, k):
    return 2 * square((x + y) / 2, k) - square(x, k) / 2 - square(y, k) / 2


# %% square | wrong | multiplies in the product | Use square
def square(x, k):
    return x - sum(sawtooth(x, j) / 4**j for j in range(1, k + 1))


def product(x, y, k):
    return x * y


# %% square | wrong | forgets to halve in the product | The products should be
def square(x, k):
    return x - sum(sawtooth(x, j) / 4**j for j in range(1, k + 1))


def product(x, y, k):
    return 2 * square((x + y) / 2, k) - square(x, k) - square(y, k)


# %% square | hidden | four folds at most
def square(x, k):
    return x - sum(sawtooth(x, j) / 4**j for j in range(1, min(k, 4) + 1))


def product(x, y, k):
    return 2 * square((x + y) / 2, k) - square(x, k) / 2 - square(y, k) / 2


# %% place | right | cuts the worst piece in two
def place(f, m):
    t = [0.0, 1.0]
    while len(t) < m + 1:
        errors = []
        for a, b in zip(t, t[1:]):
            x = np.linspace(a, b, 101)
            errors.append(abs(f(x) - np.interp(x, [a, b], f(np.array([a, b])))).max())
        i = int(np.argmax(errors))
        t.insert(i + 1, (t[i] + t[i + 1]) / 2)
    return np.array(t)


# %% place | right | the bend, on unequal points, by interpolation
def place(f, m):
    u = np.arange(4001) / 4000
    x = 0.5 - 0.5 * np.cos(np.pi * u)  # dense at both ends
    slope = np.diff(f(x)) / np.diff(x)
    bend = np.sqrt(abs(np.diff(slope)) * (x[2:] - x[:-2]))
    share = np.cumsum(bend + 1e-4 * bend.max())
    middle = np.interp(np.arange(1, m) / m * share[-1], share, x[1:-1])
    return np.r_[0, middle, 1]


# %% place | wrong | equal gaps | with equal gaps
def place(f, m):
    return np.arange(m + 1) / m


# %% place | wrong | always towards zero | The cliff: your error
def place(f, m):
    return (np.arange(m + 1) / m) ** 4


# %% place | wrong | random knots | of 0.0625 with equal gaps
def place(f, m):
    rng = np.random.default_rng(0)
    return np.r_[0, np.sort(rng.uniform(size=m - 1)), 1]


# %% place | wrong | one knot too few | shape
def place(f, m):
    return (np.arange(m) / (m - 1)) ** 4


# %% place | wrong | by the slope, without an end | should begin at 0 and end at 1
def place(f, m):
    x = np.arange(4001) / 4000
    share = np.cumsum(abs(np.diff(f(x))) + 1e-9)
    return np.interp((np.arange(m + 1) + 0.5) / (m + 1), share / share[-1], x[1:])


# %% place | hidden | tries a few layouts that fit the known functions
def place(f, m):
    u = np.arange(m + 1) / m
    s = np.linspace(-1, 1, m + 1)
    middle = 0.5 + np.sign(s) * (0.08 * abs(s) + 0.42 * abs(s) ** 6)
    x = np.arange(20001) / 20000
    tries = [u**4, 1 - u[::-1] ** 4, middle]
    return min(tries, key=lambda t: abs(np.interp(x, t, f(t)) - f(x)).max())
