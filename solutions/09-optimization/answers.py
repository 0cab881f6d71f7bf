"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import itertools
import math

import numpy as np


# %% updates | right | counts the batches
def updates(n, batch):
    sizes = []
    while n > 0:
        sizes.append(min(n, batch))
        n = n - batch
    return len(sizes), sizes[-1]


# %% updates | right | with the ceiling, as an array
def updates(n, batch):
    steps = math.ceil(n / batch)
    return np.array([steps, n - batch * (steps - 1)])


# %% updates | wrong | drops the last batch | make 469 steps, got 468
def updates(n, batch):
    return n // batch, batch


# %% updates | wrong | a step too many where it divides | make 10 steps, got 11
def updates(n, batch):
    return n // batch + 1, n % batch or batch


# %% updates | wrong | an empty last batch | has 10, got 0
def updates(n, batch):
    return math.ceil(n / batch), n % batch


# %% updates | wrong | fractions of a step | got 468.75
def updates(n, batch):
    return n / batch, n % batch or batch


# %% updates | wrong | the steps only | should be two things
def updates(n, batch):
    return math.ceil(n / batch)


# %% updates | hidden | rounds to even
def updates(n, batch):
    steps = round(n / batch + 0.5)
    return steps, n - batch * (steps - 1)


# %% bowls | right | loops
def local_minima(values):
    found = []
    for i in range(len(values)):
        left = i == 0 or values[i - 1] >= values[i]
        right = i == len(values) - 1 or values[i + 1] >= values[i]
        if left and right:
            found.append(i)
    return found


def is_convex(values):
    for i in range(1, len(values) - 1):
        if values[i] > (values[i - 1] + values[i + 1]) / 2 + 5e-10:
            return False
    return True


# %% bowls | right | by the rises between neighbours
def local_minima(values):
    rises = np.diff(values)
    down = np.append([True], rises <= 0)
    up = np.append(rises >= 0, [True])
    return np.flatnonzero(down & up)


def is_convex(values):
    return np.all(np.diff(np.diff(values)) > -1e-9)


# %% bowls | wrong | leaves out the ends | the ends count too
def local_minima(values):
    return [
        i
        for i in range(1, len(values) - 1)
        if values[i - 1] >= values[i] and values[i + 1] >= values[i]
    ]


def is_convex(values):
    return bool(np.all(np.diff(values, 2) >= -1e-9))


# %% bowls | wrong | only strictly lower places | of equal height
def local_minima(values):
    walled = [math.inf, *values, math.inf]
    return [
        i for i in range(len(values)) if walled[i] > walled[i + 1] and walled[i + 2] > walled[i + 1]
    ]


def is_convex(values):
    return bool(np.all(np.diff(values, 2) >= -1e-9))


# %% bowls | wrong | the global minima only | have the local minima [1, 3]
def local_minima(values):
    return np.flatnonzero(values == values.min()).tolist()


def is_convex(values):
    return bool(np.all(np.diff(values, 2) >= -1e-9))


# %% bowls | wrong | concave for convex | right way round
def local_minima(values):
    walled = np.concatenate([[np.inf], values, [np.inf]])
    return np.flatnonzero((walled[1:-1] <= walled[:-2]) & (walled[1:-1] <= walled[2:]))


def is_convex(values):
    return bool(np.all(np.diff(values, 2) <= 1e-9))


# %% bowls | wrong | asks for strict convexity | equality is allowed
def local_minima(values):
    walled = np.concatenate([[np.inf], values, [np.inf]])
    return np.flatnonzero((walled[1:-1] <= walled[:-2]) & (walled[1:-1] <= walled[2:]))


def is_convex(values):
    second = np.diff(values, 2)
    return bool(np.all(second >= 0) and np.any(second > 0))


# %% bowls | wrong | convex on average | one height above the middle
def local_minima(values):
    walled = np.concatenate([[np.inf], values, [np.inf]])
    return np.flatnonzero((walled[1:-1] <= walled[:-2]) & (walled[1:-1] <= walled[2:]))


def is_convex(values):
    if len({*local_minima(values).tolist()}) > 1 and values[1] != values[2]:
        return False
    return bool(np.mean(np.diff(values, 2)) >= -1e-9)


# %% bowls | hidden | no room for rounding
def local_minima(values):
    walled = np.concatenate([[np.inf], values, [np.inf]])
    return np.flatnonzero((walled[1:-1] <= walled[:-2]) & (walled[1:-1] <= walled[2:]))


def is_convex(values):
    return bool(np.all(np.diff(values, 2) >= 0))


# %% descend | right | from the last two places
def descend(H, start, rate, momentum, steps):
    path = [np.array(start, dtype=float)]
    for t in range(steps):
        step = -rate * np.dot(H, path[t])
        if t > 0:
            step = step + momentum * (path[t] - path[t - 1])
        path.append(path[t] + step)
    return np.array(path)


# %% descend | right | coordinate by coordinate
def descend(H, start, rate, momentum, steps):
    d = len(start)
    path, v = np.zeros((steps + 1, d)), [0.0] * d
    path[0] = start
    for t in range(steps):
        for i in range(d):
            v[i] = momentum * v[i] + sum(H[i, j] * path[t, j] for j in range(d))
        for i in range(d):
            path[t + 1, i] = path[t, i] - rate * v[i]
    return path


# %% descend | wrong | the same array in every row | are all rows one array
def descend(H, start, rate, momentum, steps):
    theta, v = np.array(start, dtype=float), 0.0
    path = [theta]
    for _ in range(steps):
        v = momentum * v + H @ theta
        theta -= rate * v
        path.append(theta)
    return np.array(path)


# %% descend | wrong | uphill | downhill, by the rate times the gradient
def descend(H, start, rate, momentum, steps):
    path, v = [start], 0.0
    for _ in range(steps):
        v = momentum * v + H @ path[-1]
        path.append(path[-1] + rate * v)
    return np.array(path)


# %% descend | wrong | forgets the momentum | With momentum 0.5
def descend(H, start, rate, momentum, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - rate * (H @ path[-1]))
    return np.array(path)


# %% descend | wrong | a running mean for a velocity | added in full
def descend(H, start, rate, momentum, steps):
    path, v = [start], 0.0
    for _ in range(steps):
        v = momentum * v + (1 - momentum) * (H @ path[-1])
        path.append(path[-1] - rate * v)
    return np.array(path)


# %% descend | wrong | multiplies by the diagonal only | matrix product
def descend(H, start, rate, momentum, steps):
    path, v = [start], 0.0
    for _ in range(steps):
        v = momentum * v + np.diag(H) * path[-1]
        path.append(path[-1] - rate * v)
    return np.array(path)


# %% descend | wrong | the end only | the shape (2,)
def descend(H, start, rate, momentum, steps):
    theta, v = start, 0.0
    for _ in range(steps):
        v = momentum * v + H @ theta
        theta = theta - rate * v
    return theta


# %% descend | hidden | two dimensions, and one only by luck
def descend(H, start, rate, momentum, steps):
    path, v = [start[:2]], 0.0
    for _ in range(steps):
        v = momentum * v + H[:2, :2] @ path[-1]
        path.append(path[-1] - rate * v)
    return np.array(path)


# %% descend | hidden | cuts its results to the type of the start
def descend(H, start, rate, momentum, steps):
    path, v = np.empty((steps + 1, len(start)), dtype=start.dtype), 0.0
    path[0] = start
    for t in range(steps):
        v = momentum * v + H @ path[t]
        path[t + 1] = path[t] - rate * v
    return path


# %% batches | right | by recursion
def all_batches(gradients, size):
    def sums(first, left):
        if left == 0:
            return [np.zeros(gradients.shape[1])]
        return [
            gradients[i] + rest
            for i in range(first, len(gradients) - left + 1)
            for rest in sums(i + 1, left - 1)
        ]

    return np.array(sums(0, size)) / size


def variance_share(n, size):
    return (1 - (size - 1) / (n - 1)) / size


# %% batches | right | by the bits of numbers
def all_batches(gradients, size):
    n = len(gradients)
    masks = np.array([[number >> i & 1 for i in range(n)] for number in range(2**n)])
    return masks[masks.sum(axis=1) == size] @ gradients / size


def variance_share(n, size):
    return 1 / size * (n - size) / (n - 1)


# %% batches | wrong | with replacement | batches of 2 different ones
def all_batches(gradients, size):
    rows = itertools.product(range(len(gradients)), repeat=size)
    return np.array([gradients[list(row)].mean(axis=0) for row in rows])


def variance_share(n, size):
    return 1 / size


# %% batches | wrong | counts every order | batches of 2 different ones
def all_batches(gradients, size):
    rows = itertools.permutations(range(len(gradients)), size)
    return np.array([gradients[list(row)].mean(axis=0) for row in rows])


def variance_share(n, size):
    return (n - size) / (size * (n - 1))


# %% batches | wrong | the sum of a batch | have the means 0.5
def all_batches(gradients, size):
    rows = itertools.combinations(range(len(gradients)), size)
    return np.array([gradients[list(row)].sum(axis=0) for row in rows])


def variance_share(n, size):
    return (n - size) / (size * (n - 1))


# %% batches | wrong | the batches of one epoch | batches of 2 different ones
def all_batches(gradients, size):
    return gradients.reshape(-1, size, gradients.shape[1]).mean(axis=1)


def variance_share(n, size):
    return (n - size) / (size * (n - 1))


# %% batches | wrong | the share for draws with replacement | without replacement
def all_batches(gradients, size):
    rows = itertools.combinations(range(len(gradients)), size)
    return np.array([gradients[list(row)].mean(axis=0) for row in rows])


def variance_share(n, size):
    return 1 / size


# %% batches | wrong | the share of the whole set | without replacement
def all_batches(gradients, size):
    rows = itertools.combinations(range(len(gradients)), size)
    return np.array([gradients[list(row)].mean(axis=0) for row in rows])


def variance_share(n, size):
    return (n - size) / (size * n)


# %% batches | hidden | divides by the size before it knows it
def all_batches(gradients, size):
    rows = itertools.combinations(range(len(gradients)), size)
    means = [gradients[list(row)].sum(axis=0) / min(size, 3) for row in rows]
    return np.array(means)


def variance_share(n, size):
    return (n - size) / (size * (n - 1))


# %% noise | right | mean square in one recursion
def expected_loss(curvature, rate, variance, start, steps):
    square, losses = start**2, []
    for _ in range(steps + 1):
        losses.append(curvature * square / 2)
        square = (1 - rate * curvature) ** 2 * square + rate**2 * variance
    return losses


# %% noise | right | the sum of all past noise
def expected_loss(curvature, rate, variance, start, steps):
    shares = (1 - rate * curvature) ** (2 * np.arange(steps + 1))
    noise = rate**2 * variance * np.concatenate([[0], np.cumsum(shares)[:-1]])
    return curvature / 2 * (start**2 * shares + noise)


# %% noise | wrong | forgets the half | At the start the loss
def expected_loss(curvature, rate, variance, start, steps):
    square, losses = start**2, []
    for _ in range(steps + 1):
        losses.append(curvature * square)
        square = (1 - rate * curvature) ** 2 * square + rate**2 * variance
    return np.array(losses)


# %% noise | wrong | forgets the noise | 0.64 + 0.03
def expected_loss(curvature, rate, variance, start, steps):
    return curvature / 2 * (start * (1 - rate * curvature) ** np.arange(steps + 1)) ** 2


# %% noise | wrong | noise before the first step | Before the first step
def expected_loss(curvature, rate, variance, start, steps):
    square, losses = start**2, []
    for t in range(steps + 1):
        losses.append(curvature * (square + rate**2 * variance) / 2)
        square = (1 - rate * curvature) ** 2 * square + rate**2 * variance * (t > 0)
    return np.array(losses)


# %% noise | wrong | the rate without its square | variance of rate times noise
def expected_loss(curvature, rate, variance, start, steps):
    square, losses = start**2, []
    for _ in range(steps + 1):
        losses.append(curvature * square / 2)
        square = (1 - rate * curvature) ** 2 * square + rate * variance
    return np.array(losses)


# %% noise | wrong | the factor without its square | square of the factor
def expected_loss(curvature, rate, variance, start, steps):
    factor, spread, losses = 1 - rate * curvature, 0.0, []
    for t in range(steps + 1):
        losses.append(curvature / 2 * ((factor**t * start) ** 2 + spread))
        spread = factor * spread + rate**2 * variance
    return np.array(losses)


# %% noise | wrong | adds up noise that never fades | square of the factor
def expected_loss(curvature, rate, variance, start, steps):
    t = np.arange(steps + 1)
    mean = start * (1 - rate * curvature) ** t
    return curvature / 2 * (mean**2 + t * rate**2 * variance)


# %% noise | hidden | a formula that divides by zero at the border
def expected_loss(curvature, rate, variance, start, steps):
    factor = (1 - rate * curvature) ** 2
    powers = factor ** np.arange(steps + 1)
    floor = rate**2 * variance / (1 - factor) if factor < 1 else 0.0
    return curvature / 2 * (start**2 * powers + floor * (1 - powers))


# %% noise | hidden | starts at one whatever it is told
def expected_loss(curvature, rate, variance, start, steps):
    square, losses = 1.0, []
    for _ in range(steps + 1):
        losses.append(curvature * square / 2)
        square = (1 - rate * curvature) ** 2 * square + rate**2 * variance
    return np.array(losses)


# %% adamw | right | coordinate by coordinate
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path = np.zeros((len(gradients) + 1, len(start)))
    path[0] = start
    for i in range(len(start)):
        m = v = 0.0
        for t in range(len(gradients)):
            g = gradients[t][i]
            m = m + (1 - beta1) * (g - m)
            v = v + (1 - beta2) * (g * g - v)
            step = m / (1 - beta1 ** (t + 1)) / (math.sqrt(v / (1 - beta2 ** (t + 1))) + eps)
            path[t + 1, i] = path[t, i] * (1 - rate * decay) - rate * step
    return path


# %% adamw | right | the correction moved into the rate
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start * 1.0], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        root = (1 - beta2**t) ** 0.5
        change = rate * root / (1 - beta1**t) * m / (v**0.5 + eps * root)
        path.append(path[-1] - rate * decay * path[-1] - change)
    return path


# %% adamw | wrong | no correction | 3.16 times too long
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for g in gradients:
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        path.append((1 - rate * decay) * path[-1] - rate * m / (np.sqrt(v) + eps))
    return np.array(path)


# %% adamw | wrong | the formula of some notes | should be (-0.001, -0.001)
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for g in gradients:
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        path.append((1 - rate * decay) * path[-1] - rate * m / (np.sqrt(v) + eps) * g)
    return np.array(path)


# %% adamw | wrong | corrects by the first weight for ever | counts the steps from 1
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for g in gradients:
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        step = m / (1 - beta1) / (np.sqrt(v / (1 - beta2)) + eps)
        path.append((1 - rate * decay) * path[-1] - rate * step)
    return np.array(path)


# %% adamw | wrong | one length for all coordinates | each coordinate by itself
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * (g @ g)
        step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        path.append((1 - rate * decay) * path[-1] - rate * step)
    return np.array(path)


# %% adamw | wrong | the decay goes through m and v | does not go through m and v
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        g = g + decay * path[-1]
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        path.append(path[-1] - rate * step)
    return np.array(path)


# %% adamw | wrong | the decay without the rate | is times the rate
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        path.append((1 - decay) * path[-1] - rate * step)
    return np.array(path)


# %% adamw | wrong | the two betas swapped | the share beta1
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m, v = beta2 * m + (1 - beta2) * g, beta1 * v + (1 - beta1) * g**2
        step = m / (1 - beta2**t) / (np.sqrt(v / (1 - beta1**t)) + eps)
        path.append((1 - rate * decay) * path[-1] - rate * step)
    return np.array(path)


# %% adamw | hidden | eps under the root
def adamw(gradients, start, rate, beta1, beta2, eps, decay):
    path, m, v = [start], 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        step = m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps**2)
        path.append((1 - rate * decay) * path[-1] - rate * step)
    return np.array(path)


# %% tune | right | a search with descend
def tune(curvatures):
    best, lowest = None, np.inf
    H, start = np.diag([np.min(curvatures), np.max(curvatures)]), np.ones(2)
    steps = int(6 * np.sqrt(H[1, 1] / H[0, 0]) + 10)
    for beta in np.linspace(0, 0.97, 60):
        for share in np.linspace(0.3, 0.97, 14):
            rate = share * 2 * (1 + beta) / H[1, 1]
            theta = path = start
            for _ in range(steps):
                path, theta = theta, theta - rate * H.diagonal() * theta + beta * (theta - path)
            if (far := np.linalg.norm(theta)) < lowest:
                best, lowest = (rate, beta), far
    return best


# %% tune | right | by the condition number
def tune(curvatures):
    ordered = sorted(curvatures)
    root = math.sqrt(ordered[-1] / ordered[0])
    beta = ((root - 1) / (root + 1)) ** 2
    return [(1 + math.sqrt(beta)) ** 2 / ordered[-1], beta]


# %% tune | wrong | plain descent at its best | not a thousandth
def tune(curvatures):
    return 2 / (np.min(curvatures) + np.max(curvatures)), 0.0


# %% tune | wrong | momentum 0.9 for every bowl | not a thousandth
def tune(curvatures):
    return (1 + 0.9**0.5) ** 2 / np.max(curvatures) * 0.99, 0.9


# %% tune | wrong | momentum first | Rate first
def tune(curvatures):
    low, high = np.sqrt(np.min(curvatures)), np.sqrt(np.max(curvatures))
    return ((high - low) / (high + low)) ** 2, 4 / (low + high) ** 2 + 1


# %% tune | wrong | a rate beyond the limit | diverge
def tune(curvatures):
    low, high = np.sqrt(np.min(curvatures)), np.sqrt(np.max(curvatures))
    return 4 / np.max(curvatures), ((high - low) / (high + low)) ** 2


# %% tune | wrong | forgets the square of the momentum | not a thousandth
def tune(curvatures):
    low, high = np.sqrt(np.min(curvatures)), np.sqrt(np.max(curvatures))
    return 4 / (low + high) ** 2, (high - low) / (high + low)


# %% tune | hidden | believes that the curvatures are in order
def tune(curvatures):
    low, high = np.sqrt(curvatures[0]), np.sqrt(curvatures[-1])
    return 4 / (low + high) ** 2, ((high - low) / (high + low)) ** 2
