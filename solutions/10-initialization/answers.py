"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np

ACTIVATIONS = {}  # the notebook's


# %% distinct_units | right | a set of tuples
def distinct_units(W, b, V):
    return len({(*W[i], b[i], *V[:, i]) for i in range(len(b))})


# %% distinct_units | right | compares each unit with those before it
def distinct_units(W, b, V):
    count = 0
    for i in range(len(b)):
        new = True
        for j in range(i):
            if (W[i] == W[j]).all() and b[i] == b[j] and (V[:, i] == V[:, j]).all():
                new = False
        count += new
    return count


# %% distinct_units | wrong | looks at the incoming weights only | Only the outgoing weights
def distinct_units(W, b, V):
    return len(np.unique(W, axis=0))


# %% distinct_units | wrong | forgets the biases | Only the biases are random
def distinct_units(W, b, V):
    return len(np.unique(np.hstack([W, V.T]), axis=0))


# %% distinct_units | wrong | counts the units | Everything zero
def distinct_units(W, b, V):
    return len(W)


# %% distinct_units | wrong | asks for a difference on all sides | Only the outgoing weights
def distinct_units(W, b, V):
    return min(len(np.unique(W, axis=0)), len(np.unique(b)), len(np.unique(V.T, axis=0)))


# %% distinct_units | hidden | rounds
def distinct_units(W, b, V):
    return len(np.unique(np.round(np.column_stack([W, b, V.T]), 6), axis=0))


# %% weight_std | right | with math
def weight_std(rule, shape):
    import math

    kernel = math.prod(shape[2:])
    if rule == "he":
        return math.sqrt(2 / (shape[1] * kernel))
    return math.sqrt(2 / ((shape[0] + shape[1]) * kernel))


# %% weight_std | right | from a template array
def weight_std(rule, shape):
    w = np.empty(shape)
    inputs, outputs = w[0].size, w[:, 0].size
    return np.sqrt({"he": 2 / inputs, "xavier": 2 / (inputs + outputs)}[rule])


# %% weight_std | wrong | gives the variance | root of 2 / (inputs + outputs)
def weight_std(rule, shape):
    inputs, outputs = np.prod(shape[1:]), shape[0] * np.prod(shape[2:])
    return 2 / (inputs + outputs) if rule == "xavier" else 2 / inputs


# %% weight_std | wrong | takes the outputs for the inputs | the second axis
def weight_std(rule, shape):
    kernel = np.prod(shape[2:])
    inputs, outputs = shape[0] * kernel, shape[1] * kernel
    return (2 / (inputs + outputs)) ** 0.5 if rule == "xavier" else (2 / inputs) ** 0.5


# %% weight_std | wrong | has no factor two for he | root of 2 / inputs
def weight_std(rule, shape):
    inputs, outputs = np.prod(shape[1:]), shape[0] * np.prod(shape[2:])
    return (2 / (inputs + outputs)) ** 0.5 if rule == "xavier" else inputs**-0.5


# %% weight_std | wrong | forgets the kernel | does the kernel count in the inputs
def weight_std(rule, shape):
    outputs, inputs = shape[:2]
    return (2 / (inputs + outputs)) ** 0.5 if rule == "xavier" else (2 / inputs) ** 0.5


# %% weight_std | hidden | counts the kernel in the inputs only
def weight_std(rule, shape):
    inputs, outputs = np.prod(shape[1:]), shape[0]
    return (2 / (inputs + outputs)) ** 0.5 if rule == "xavier" else (2 / inputs) ** 0.5


# %% signal | right | keeps the scores
def signal(x, dy, weights):
    a, z, g = [x], [], dy
    for w in weights:
        z.append(a[-1] @ w.T)
        a.append(z[-1] * (z[-1] > 0))
    down = [np.sqrt((g**2).mean())]
    for w, scores in zip(reversed(weights), reversed(z)):
        g = np.where(scores > 0, g, 0) @ w
        down.insert(0, np.sqrt((g**2).mean()))
    return [np.sqrt((v**2).mean()) for v in a], down


# %% signal | right | calls itself for the layers above
def signal(x, dy, weights):
    if len(weights) == 0:
        return [np.linalg.norm(x) / x.size**0.5], [np.linalg.norm(dy) / dy.size**0.5]

    def gradient(a, layers):
        if len(layers) == 0:
            return dy
        z = a @ layers[0].T
        return ((z > 0) * gradient(np.maximum(z, 0), layers[1:])) @ layers[0]

    up, down = signal(np.maximum(x @ weights[0].T, 0), dy, weights[1:])
    g = gradient(x, weights)
    size = np.linalg.norm
    return [size(x) / x.size**0.5, *up], [size(g) / g.size**0.5, *down]


# %% signal | wrong | leaves the ReLU out going down | unit 2 of layer 1 is off
def signal(x, dy, weights):
    a, g = [x], [dy]
    for w in weights:
        a.append(np.maximum(a[-1] @ w.T, 0))
    for w in weights[::-1]:
        g.insert(0, g[0] @ w)
    return [np.sqrt(np.mean(v**2)) for v in a], [np.sqrt(np.mean(v**2)) for v in g]


# %% signal | wrong | gives the gradients from the top down | got [2.
def signal(x, dy, weights):
    a, g = [x], [dy]
    for w in weights:
        a.append(np.maximum(a[-1] @ w.T, 0))
    for w, out in zip(weights[::-1], a[:0:-1]):
        g.append((g[-1] * (out > 0)) @ w)
    return tuple(np.array([np.sqrt(np.mean(v**2)) for v in arrays]) for arrays in (a, g))


# %% signal | wrong | gives standard deviations | the sizes are 1.581
def signal(x, dy, weights):
    a, g = [x], [dy]
    for w in weights:
        a.append(np.maximum(a[-1] @ w.T, 0))
    for w, out in zip(weights[::-1], a[:0:-1]):
        g.insert(0, (g[0] * (out > 0)) @ w)
    return [v.std() for v in a], [v.std() for v in g]


# %% signal | wrong | forgets the root | the sizes are 1.581
def signal(x, dy, weights):
    a, g = [x], [dy]
    for w in weights:
        a.append(np.maximum(a[-1] @ w.T, 0))
    for w, out in zip(weights[::-1], a[:0:-1]):
        g.insert(0, (g[0] * (out > 0)) @ w)
    return [np.mean(v**2) for v in a], [np.mean(v**2) for v in g]


# %% signal | wrong | no ReLU at all | a1 = (4, 0)
def signal(x, dy, weights):
    a, g = [x], [dy]
    for w in weights:
        a.append(a[-1] @ w.T)
        g.append(dy)
    return [np.sqrt(np.mean(v**2)) for v in a], [np.sqrt(np.mean(v**2)) for v in g]


# %% signal | hidden | takes the mask of the first example for all
def signal(x, dy, weights):
    a, g = [x], [dy]
    for w in weights:
        a.append(np.maximum(a[-1] @ w.T, 0))
    for w, out in zip(weights[::-1], a[:0:-1]):
        g.insert(0, (g[0] * (out[:1] > 0)) @ w)
    return [np.sqrt(np.mean(v**2)) for v in a], [np.sqrt(np.mean(v**2)) for v in g]


# %% growth | right | collects the lengths
def growth(matrices, x):
    lengths, v = [], x / np.linalg.norm(x)
    for w in matrices:
        v = w @ v
        lengths.append(np.linalg.norm(v))
        v = v / lengths[-1]
    return np.mean(np.log(lengths))


# %% growth | right | rescales by the largest entry
def growth(matrices, x):
    start, v, total = np.log(np.sqrt((x**2).sum())), x, 0.0
    for w in matrices:
        v = w @ v
        top = np.abs(v).max()
        v, total = v / top, total + np.log(top)
    return (total + np.log(np.sqrt((v**2).sum())) - start) / len(matrices)


# %% growth | wrong | multiplies everything | rescale the vector
def growth(matrices, x):
    v = x
    for w in matrices:
        v = w @ v
    return np.log(np.linalg.norm(v) / np.linalg.norm(x)) / len(matrices)


# %% growth | wrong | adds the logarithms of the eigenvalues | eigenvalues of the factors
def growth(matrices, x):
    return np.mean([np.log(np.abs(np.linalg.eigvals(w)).max()) for w in matrices])


# %% growth | wrong | forgets to divide by the length of x | by the length of x
def growth(matrices, x):
    v, total = x, 0.0
    for w in matrices:
        v = w @ v
        total += np.log(np.linalg.norm(v))
        v = v / np.linalg.norm(v)
    return total / len(matrices)


# %% growth | wrong | applies the last matrix first | applied first
def growth(matrices, x):
    v, total = x / np.linalg.norm(x), 0.0
    for w in matrices[::-1]:
        v = w @ v
        total += np.log(np.linalg.norm(v))
        v = v / np.linalg.norm(v)
    return total / len(matrices)


# %% growth | hidden | rescales only what is large
def growth(matrices, x):
    v, total = x / np.linalg.norm(x), 0.0
    for w in matrices:
        v = w @ v
        length = np.linalg.norm(v)
        if length > 1e100:
            v, total = v / length, total + np.log(length)
    return (total + np.log(np.linalg.norm(v))) / len(matrices)


# %% clip | right | one long vector
def clip(grads, limit):
    flat = np.concatenate([g.ravel() for g in grads])
    norm = np.hypot.reduce(flat)
    factor = limit / norm if norm > limit else 1.0
    return [factor * g for g in grads]


# %% clip | right | with math.hypot
def clip(grads, limit):
    import math

    norm = math.hypot(*(float(v) for g in grads for v in g.ravel()))
    if norm <= limit:
        return [g + 0 for g in grads]
    return [g * (limit / norm) for g in grads]


# %% clip | wrong | clips each number | one factor for all arrays
def clip(grads, limit):
    return [np.clip(g, -limit, limit) for g in grads]


# %% clip | wrong | clips each array by itself | one factor for all arrays
def clip(grads, limit):
    return [g * min(1.0, limit / max(np.linalg.norm(g), 1e-30)) for g in grads]


# %% clip | wrong | stretches short gradients | shorter than the limit
def clip(grads, limit):
    norm = max(np.sqrt(sum((g**2).sum() for g in grads)), 1e-300)
    return [g * limit / norm for g in grads]


# %% clip | wrong | divides zero by zero | stay zero
def clip(grads, limit):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    return [
        np.minimum(g * (limit / norm), np.inf) if not norm <= limit or norm == 0 else g
        for g in grads
    ]


# %% clip | wrong | changes its input | changed its input
def clip(grads, limit):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    for g in grads:
        if norm > limit:
            g *= limit / norm
    return grads


# %% clip | hidden | squares what is large
def clip(grads, limit):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    return [g * limit / norm if norm > limit else g.copy() for g in grads]


# %% gain | right | a million random numbers
def gain(name):
    u = np.random.default_rng(0).normal(size=1_000_000)
    return 1 / np.sqrt(np.mean(ACTIVATIONS[name](u) ** 2))


# %% gain | right | a sum over strips
def gain(name):
    total, width = 0.0, 0.001
    for left in np.arange(-8, 8, width):
        u = left + width / 2
        total += ACTIVATIONS[name](u) ** 2 * np.exp(-u * u / 2) / np.sqrt(2 * np.pi) * width
    return total**-0.5


# %% gain | wrong | takes the variance | not its variance
def gain(name):
    u = np.random.default_rng(0).normal(size=1_000_000)
    return 1 / ACTIVATIONS[name](u).std()


# %% gain | wrong | forgets the root | of relu should be
def gain(name):
    u = np.random.default_rng(0).normal(size=1_000_000)
    return 1 / np.mean(ACTIVATIONS[name](u) ** 2)


# %% gain | wrong | uniform numbers of variance one | is u a standard normal
def gain(name):
    u = np.random.default_rng(0).uniform(-(3**0.5), 3**0.5, 1_000_000)
    return 1 / np.sqrt(np.mean(ACTIVATIONS[name](u) ** 2))


# %% gain | wrong | the mean size instead of the mean square | one over the root
def gain(name):
    u = np.random.default_rng(0).normal(size=1_000_000)
    return 1 / np.mean(np.abs(ACTIVATIONS[name](u)))


# %% gain | hidden | knows three activations
def gain(name):
    return {"identity": 1.0, "relu": 2**0.5}.get(name, 1.593)
