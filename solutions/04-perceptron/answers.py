"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% neuron | right | a loop over the points and gates by if
def predict(x, w, b):
    answers = []
    for point in x:
        z = b
        for weight, value in zip(w, point):
            z += weight * value
        answers.append(1 if z > 0 else 0)
    return answers


def gate(name):
    if name == "AND":
        return [2, 2], -3
    if name == "OR":
        return [2, 2], -1
    return [-2, -2], 3


# %% neuron | right | heaviside and a sum over products
def predict(x, w, b):
    return np.heaviside((x * w).sum(axis=1) + b, 0)


def gate(name):
    return {
        "AND": (np.array([5, 5]), -7.5),
        "OR": (np.array([5, 5]), -2.5),
        "NAND": (np.array([-5, -5]), 7.5),
    }[name]


# %% neuron | wrong | fires at zero | A score of exactly 0
def predict(x, w, b):
    return (x @ w + b >= 0).astype(int)


def gate(name):
    return {"AND": ([1, 1], -1.5), "OR": ([1, 1], -0.5), "NAND": ([-1, -1], 1.5)}[name]


# %% neuron | wrong | answers the score | where is the step
def predict(x, w, b):
    return x @ w + b


def gate(name):
    return {"AND": ([1, 1], -1.5), "OR": ([1, 1], -0.5), "NAND": ([-1, -1], 1.5)}[name]


# %% neuron | wrong | subtracts the bias | is the bias added
def predict(x, w, b):
    return (x @ w - b > 0).astype(int)


def gate(name):
    return {"AND": ([1, 1], -1.5), "OR": ([1, 1], -0.5), "NAND": ([-1, -1], 1.5)}[name]


# %% neuron | wrong | answers with signs | where is the step
def predict(x, w, b):
    return np.where(x @ w + b > 0, 1, -1)


def gate(name):
    return {"AND": ([1, 1], -1.5), "OR": ([1, 1], -0.5), "NAND": ([-1, -1], 1.5)}[name]


# %% neuron | wrong | gives the threshold for the bias | Your AND gives the wrong answer
def predict(x, w, b):
    return (x @ w + b > 0).astype(int)


def gate(name):
    return {"AND": ([1, 1], 1.5), "OR": ([1, 1], 0.5), "NAND": ([-1, -1], -1.5)}[name]


# %% neuron | hidden | the weights that the rule finds, with a corner on the line
def predict(x, w, b):
    return (x @ w + b > 0).astype(int)


def gate(name):
    return {"AND": ([2, 1], -2), "OR": ([1, 1], 0), "NAND": ([-2, -1], 3)}[name]


# %% fit | right | one vector for weights and bias
def fit(x, labels, epochs):
    z, v, mistakes = np.c_[x, np.ones(len(x))], np.zeros(x.shape[1] + 1), []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1] > 0):
        mistakes.append(0)
        for point, t in zip(z, 2 * labels - 1):
            if t != (1 if v @ point > 0 else -1):
                v += t * point
                mistakes[-1] += 1
    return v[:-1], v[-1], mistakes


# %% fit | right | three cases, loops over features
def fit(x, labels, epochs):
    n, d = x.shape
    w, b, mistakes = [0.0] * d, 0.0, []
    for _ in range(epochs):
        count = 0
        for i in range(n):
            z = b + sum(w[j] * x[i, j] for j in range(d))
            if z > 0 and labels[i] == 0:
                w, b, count = [w[j] - x[i, j] for j in range(d)], b - 1, count + 1
            elif z <= 0 and labels[i] == 1:
                w, b, count = [w[j] + x[i, j] for j in range(d)], b + 1, count + 1
        mistakes.append(count)
        if count == 0:
            return w, b, mistakes
    return w, b, mistakes


# %% fit | wrong | the sign | look at the sign
def fit(x, labels, epochs):
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        errors = 0
        for point, y in zip(x, labels):
            error = (point @ w + b > 0) - y
            w, b, errors = w + error * point, b + error, errors + abs(error)
        mistakes.append(errors)
        if errors == 0:
            break
    return w, b, mistakes


# %% fit | wrong | forgets the bias | the bias should be 1
def fit(x, labels, epochs):
    w, mistakes = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        errors = 0
        for point, y in zip(x, labels):
            error = y - (point @ w > 0)
            w, errors = w + error * point, errors + abs(error)
        mistakes.append(errors)
        if errors == 0:
            break
    return w, 0.0, mistakes


# %% fit | wrong | never stops early | goes on after a pass
def fit(x, labels, epochs):
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes.append(0)
        for point, y in zip(x, labels):
            error = y - (point @ w + b > 0)
            w, b = w + error * point, b + error
            mistakes[-1] += abs(error)
    return w, b, mistakes


# %% fit | wrong | leaves out the last zero | its 0 belongs
def fit(x, labels, epochs):
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        errors = 0
        for point, y in zip(x, labels):
            error = y - (point @ w + b > 0)
            w, b, errors = w + error * point, b + error, errors + abs(error)
        if errors == 0:
            break
        mistakes.append(errors)
    return w, b, mistakes


# %% fit | wrong | corrects after the pass | weights after the last correction
def fit(x, labels, epochs):
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        errors = labels - (x @ w + b > 0)
        w, b = w + errors @ x, b + errors.sum()
        mistakes.append(np.abs(errors).sum())
        if mistakes[-1] == 0:
            break
    return w, b, mistakes


# %% fit | wrong | fires at zero | w should have moved
def fit(x, labels, epochs):
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes.append(0)
        for point, y in zip(x, labels):
            error = y - (point @ w + b >= 0)
            w, b = w + error * point, b + error
            mistakes[-1] += abs(error)
        if mistakes[-1] == 0:
            break
    return w, b, mistakes


# %% fit | wrong | a rate of a half | should be (2, 3)
def fit(x, labels, epochs):
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes.append(0)
        for point, y in zip(x, labels):
            error = y - (point @ w + b > 0)
            w, b = w + 0.5 * error * point, b + 0.5 * error
            mistakes[-1] += abs(error)
        if mistakes[-1] == 0:
            break
    return w, b, mistakes


# %% fit | hidden | knows two features only
def fit(x, labels, epochs):
    w1 = w2 = b = 0.0
    mistakes = []
    for _ in range(epochs):
        mistakes.append(0)
        for point, y in zip(x, labels):
            error = y - int(w1 * point[0] + w2 * point[-1] + b > 0)
            w1, w2, b = w1 + error * point[0], w2 + error * point[-1], b + error
            mistakes[-1] += abs(error)
        if mistakes[-1] == 0:
            break
    w = np.zeros(x.shape[1])
    w[0], w[-1] = w1, w2
    return w, b, mistakes


# %% bound | right | a loop over the examples
def bound(x, labels, w, b):
    length = sum(weight * weight for weight in [*w, b]) ** 0.5
    gamma, radius = float("inf"), 0.0
    for point, y in zip(x, labels):
        z = sum(point * w) + b
        gamma = min(gamma, z / length if y == 1 else -z / length)
        radius = max(radius, (sum(point * point) + 1.0) ** 0.5)
    return (radius / gamma) ** 2 if gamma > 0 else float("inf")


# %% bound | right | one matrix of signed examples
def bound(x, labels, w, b):
    z = np.where(labels == 1, 1, -1)[:, None] * np.c_[x, np.ones(len(x))]
    v = np.append(w, b) / np.linalg.norm(np.append(w, b))
    gamma = np.min(z @ v)
    return np.max(np.linalg.norm(z, axis=1)) ** 2 / gamma**2 if gamma > 0 else np.inf


# %% bound | wrong | the radius without the one | has the 1 in it
def bound(x, labels, w, b):
    gamma = ((2 * labels - 1) * (x @ w + b)).min() / np.sqrt(w @ w + b * b)
    return (x**2).sum(axis=1).max() / gamma**2 if gamma > 0 else np.inf


# %% bound | wrong | the length without the bias | has the bias in it
def bound(x, labels, w, b):
    gamma = ((2 * labels - 1) * (x @ w + b)).min() / np.sqrt(w @ w)
    return ((x**2).sum(axis=1) + 1).max() / gamma**2 if gamma > 0 else np.inf


# %% bound | wrong | forgets to square | is the square
def bound(x, labels, w, b):
    gamma = ((2 * labels - 1) * (x @ w + b)).min() / np.sqrt(w @ w + b * b)
    return (((x**2).sum(axis=1) + 1).max() ** 0.5) / gamma if gamma > 0 else np.inf


# %% bound | wrong | does not divide by the length | should be 51
def bound(x, labels, w, b):
    gamma = ((2 * labels - 1) * (x @ w + b)).min()
    return ((x**2).sum(axis=1) + 1).max() / gamma**2 if gamma > 0 else np.inf


# %% bound | wrong | a bound where nothing separates | wrong at one point of XOR
def bound(x, labels, w, b):
    gamma = ((2 * labels - 1) * (x @ w + b)).min() / np.sqrt(w @ w + b * b)
    return ((x**2).sum(axis=1) + 1).max() / gamma**2


# %% bound | wrong | distances without a sign | wrong at one point of XOR
def bound(x, labels, w, b):
    gamma = np.abs(x @ w + b).min() / np.sqrt(w @ w + b * b)
    return ((x**2).sum(axis=1) + 1).max() / gamma**2


# %% bound | hidden | the radius of the last example
def bound(x, labels, w, b):
    gamma = ((2 * labels - 1) * (x @ w + b)).min() / np.sqrt(w @ w + b * b)
    return ((x[-1] ** 2).sum() + 1) / gamma**2 if gamma > 0 else np.inf


# %% certificate | right | a loop, one coordinate at a time
def proves(x, labels, alpha):
    if min(alpha) < 0 or max(alpha) == 0:
        return False
    for column in [*x.T, np.ones(len(x))]:
        total = sum(a * c if y == 1 else -a * c for a, c, y in zip(alpha, column, labels))
        if abs(total) > 1e-9:
            return False
    return True


def xor_alpha():
    return [0.5, 0.5, 0.5, 0.5]


# %% certificate | right | class 1 against class 0
def proves(x, labels, alpha):
    z = np.c_[x, np.ones(len(x))] * alpha[:, None]
    gap = z[labels == 1].sum(axis=0) - z[labels == 0].sum(axis=0)
    return (alpha >= 0).all() and alpha.sum() > 0 and np.allclose(gap, 0, atol=1e-9)


def xor_alpha():
    return np.full(4, 7)


# %% certificate | wrong | no signs | enter with a minus
def proves(x, labels, alpha):
    total = alpha @ np.c_[x, np.ones(len(x))]
    return bool((alpha >= 0).all() and alpha.any() and np.allclose(total, 0))


def xor_alpha():
    return np.ones(4)


# %% certificate | wrong | accepts zeros | not all numbers may be zero
def proves(x, labels, alpha):
    total = (alpha * (2 * labels - 1)) @ np.c_[x, np.ones(len(x))]
    return bool((alpha >= 0).all() and np.allclose(total, 0, atol=1e-9))


def xor_alpha():
    return np.ones(4)


# %% certificate | wrong | accepts negative numbers | turns its inequality round
def proves(x, labels, alpha):
    total = (alpha * (2 * labels - 1)) @ np.c_[x, np.ones(len(x))]
    return bool(alpha.any() and np.allclose(total, 0, atol=1e-9))


def xor_alpha():
    return np.ones(4)


# %% certificate | wrong | no bias coordinate | in the bias coordinate too
def proves(x, labels, alpha):
    total = (alpha * (2 * labels - 1)) @ x
    return bool((alpha >= 0).all() and alpha.any() and np.allclose(total, 0, atol=1e-9))


def xor_alpha():
    return np.ones(4)


# %% certificate | wrong | numbers for XOR that do not add up | add up to
def proves(x, labels, alpha):
    total = (alpha * (2 * labels - 1)) @ np.c_[x, np.ones(len(x))]
    ok = (alpha >= 0).all() and alpha.any() and np.allclose(total, 0, atol=1e-9)
    return bool(ok)


def xor_alpha():
    return [0, 1, 1, 0]


# %% certificate | hidden | takes a small sum for zero
def proves(x, labels, alpha):
    total = (alpha * (2 * labels - 1)) @ np.c_[x, np.ones(len(x))]
    return bool((alpha >= 0).all() and alpha.any() and np.abs(total).max() < 1e-3)


def xor_alpha():
    return np.ones(4)


# %% outcome | right | a list of states and the fit of task 2
def outcome(x, labels):
    passes, states = 0, [(*np.zeros(x.shape[1]), 0.0)]
    while True:
        passes += 1
        w, b, mistakes = fit(x, labels, passes)
        if mistakes[-1] == 0:
            return "learned", passes
        state = (*w, b)
        if state in states:
            return "cycles", passes - states.index(state)
        states.append(state)
        if passes > 60:  # fit from the start each time is slow: then go on step by step
            break
    v, z = np.array(states[-1]), np.c_[x, np.ones(len(x))]
    while True:
        passes += 1
        wrong = 0
        for p, y in zip(z, labels):
            e = y - (v @ p > 0)
            v, wrong = v + e * p, wrong + abs(e)
        if wrong == 0:
            return ("learned", passes)
        if tuple(v) in states:
            return ("cycles", passes - states.index(tuple(v)))
        states.append(tuple(v))


# %% outcome | right | an array of states
def outcome(x, labels):
    w, b = np.zeros(x.shape[1], int), 0
    states = [[*w.tolist(), b]]
    for passes in range(1, 5000):
        clean = True
        for i in range(len(x)):
            guess = 1 if x[i] @ w + b > 0 else 0
            if guess != labels[i]:
                clean = False
                w = w + (labels[i] - guess) * x[i]
                b = int(b + labels[i] - guess)
        if clean:
            return ["learned", passes]
        now = [*w.tolist(), b]
        if now in states:
            return ["cycles", passes - states.index(now)]
        states.append(now)


# %% outcome | wrong | takes weights at rest for success | Did you count the mistakes
def outcome(x, labels):
    v, z, seen = np.zeros(x.shape[1] + 1), np.c_[x, np.ones(len(x))], []
    while True:
        before = v
        for p, y in zip(z, labels):
            v = v + (y - (v @ p > 0)) * p
        seen.append(tuple(before))
        if np.array_equal(before, v):
            return "learned", len(seen)
        if tuple(v) in seen:
            return "cycles", len(seen) - seen.index(tuple(v))


# %% outcome | wrong | counts passes with mistakes only | should give ('learned', 6)
def outcome(x, labels):
    v, z, seen = np.zeros(x.shape[1] + 1), np.c_[x, np.ones(len(x))], []
    while tuple(v) not in seen:
        seen.append(tuple(v))
        wrong = 0
        for p, y in zip(z, labels):
            e = y - (v @ p > 0)
            v, wrong = v + e * p, wrong + abs(e)
        if wrong == 0:
            return "learned", len(seen) - 1
    return "cycles", len(seen) - seen.index(tuple(v))


# %% outcome | wrong | counts from the start | counted from the last time
def outcome(x, labels):
    v, z, seen = np.zeros(x.shape[1] + 1), np.c_[x, np.ones(len(x))], []
    while tuple(v) not in seen:
        seen.append(tuple(v))
        wrong = 0
        for p, y in zip(z, labels):
            e = y - (v @ p > 0)
            v, wrong = v + e * p, wrong + abs(e)
        if wrong == 0:
            return "learned", len(seen)
    return "cycles", len(seen) if len(seen) > 4 else 1


# %% outcome | wrong | gives up after 100 passes | The word should be
def outcome(x, labels):
    w, b, mistakes = fit(x, labels, 100)
    return ("learned", len(mistakes)) if mistakes[-1] == 0 else ("unknown", 100)


# %% outcome | wrong | compares without the bias | include the bias
def outcome(x, labels):
    w, b, seen, passes = np.zeros(x.shape[1]), 0, {}, 0
    while passes < 4 or tuple(w) not in seen:
        seen[tuple(w)] = passes
        passes += 1
        wrong = 0
        for p, y in zip(x, labels):
            e = y - (w @ p + b > 0)
            w, b, wrong = w + e * p, b + e, wrong + abs(e)
        if wrong == 0:
            return "learned", passes
    return "cycles", passes - seen[tuple(w)]


# %% outcome | hidden | takes a run over 200 passes for a circle
def outcome(x, labels):
    w, b, mistakes = fit(x, labels, 200)
    if mistakes[-1] == 0:
        return "learned", len(mistakes)
    length = 1
    while not np.array_equal(
        [*w, b], [*fit(x, labels, 200 - length)[0], fit(x, labels, 200 - length)[1]]
    ):
        length += 1
        if length == 200:
            break
    return "cycles", length


# %% network | right | a loop over the rows of the table
def network(table):
    d = len(table).bit_length() - 1
    W1, b1 = [], []
    for number, answer in enumerate(table):
        if answer:
            bits = [int(c) for c in format(number, f"0{d}b")]
            W1.append([1.0 if bit else -1.0 for bit in bits])
            b1.append(0.5 - sum(bits))
    return np.array(W1).reshape(len(b1), d), b1, [1.0] * len(b1), -0.5


# %% network | right | a hidden unit for every corner
def network(table):
    d = len(table).bit_length() - 1
    corners = np.array([[(k >> (d - 1 - j)) & 1 for j in range(d)] for k in range(len(table))])
    return 4 * corners - 2, 1 - 2 * corners.sum(axis=1), np.asarray(table), -0.5


# %% network | wrong | scores at zero | clearly on one side
def network(table):
    d = len(table).bit_length() - 1
    inputs = np.array([[int(c) for c in format(k, f"0{d}b")] for k in range(2**d)])
    ones = inputs[table == 1]
    return 2 * ones - 1, -ones.sum(axis=1), np.ones(len(ones)), -0.5


# %% network | wrong | the bits in the other order | the slowest to change
def network(table):
    d = len(table).bit_length() - 1
    inputs = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    ones = inputs[table == 1]
    return 2 * ones - 1, 0.5 - ones.sum(axis=1), np.ones(len(ones)), -0.5


# %% network | wrong | XOR for every table | AND has the answers
def network(table):
    return np.array([[1, 1], [1, 1]]), np.array([-0.5, -1.5]), np.array([1, -1]), -0.5


# %% network | wrong | hidden units that all must fire | OR has the answers
def network(table):
    d = len(table).bit_length() - 1
    inputs = np.array([[int(c) for c in format(k, f"0{d}b")] for k in range(2**d)])
    ones = inputs[table == 1]
    return 2 * ones - 1, 0.5 - ones.sum(axis=1), np.ones(len(ones)), 0.5 - len(ones)


# %% network | wrong | transposed weights | W1 should have the shape
def network(table):
    d = len(table).bit_length() - 1
    inputs = np.array([[int(c) for c in format(k, f"0{d}b")] for k in range(2**d)])
    ones = inputs[table == 1]
    return (2 * ones - 1).T, 0.5 - ones.sum(axis=1), np.ones(len(ones)), -0.5


# %% network | hidden | one hidden unit always fires
def network(table):
    d = len(table).bit_length() - 1
    inputs = np.array([[int(c) for c in format(k, f"0{d}b")] for k in range(2**d)])
    ones = inputs[table == 1]
    if len(ones) == 0:
        return np.zeros((1, d)), np.ones(1), np.ones(1), -0.5
    return 2 * ones - 1, 0.5 - ones.sum(axis=1), np.ones(len(ones)), -0.5


# %% slopes | right | a sigmoid by cases
def weight_gradient(kind, w, b, x, slope):
    z = float(np.dot(w, x)) + b
    if kind == "step":
        return np.zeros(len(x))
    if kind == "relu":
        return slope * x if z > 0 else 0 * x
    e = np.exp(-abs(z))
    return slope * e / (1 + e) ** 2 * x


# %% slopes | right | a dictionary of derivatives
def weight_gradient(kind, w, b, x, slope):
    derivatives = {
        "step": lambda z: 0.0,
        "sigmoid": lambda z: 0.25 * (1 - np.tanh(z / 2) ** 2),
        "relu": lambda z: 1.0 if z > 0 else 0.0,
    }
    return np.array([slope * derivatives[kind](w @ x + b) * value for value in x])


# %% slopes | wrong | overflows | overflows
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = np.exp(z) / (1 + np.exp(z))
    derivative = {"step": 0.0, "sigmoid": y * (1 - y), "relu": float(z > 0)}[kind]
    return slope * derivative * x


# %% slopes | wrong | the step's answer for its slope | gradient of step
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = 0.5 * (1 + np.tanh(0.5 * z))
    derivative = {"step": float(z > 0), "sigmoid": y * (1 - y), "relu": float(z > 0)}[kind]
    return slope * derivative * x


# %% slopes | wrong | forgets x | should be (1.5, 0.5)
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = 0.5 * (1 + np.tanh(0.5 * z))
    derivative = {"step": 0.0, "sigmoid": y * (1 - y), "relu": float(z > 0)}[kind]
    return slope * derivative * np.ones(len(x))


# %% slopes | wrong | forgets the slope of the loss | should be (1.5, 0.5)
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = 0.5 * (1 + np.tanh(0.5 * z))
    derivative = {"step": 0.0, "sigmoid": y * (1 - y), "relu": float(z > 0)}[kind]
    return derivative * x


# %% slopes | wrong | the sigmoid for its derivative | should be (1.5, 0.5)
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = 0.5 * (1 + np.tanh(0.5 * z))
    derivative = {"step": 0.0, "sigmoid": y, "relu": float(z > 0)}[kind]
    return slope * derivative * x


# %% slopes | wrong | ReLU learns at zero | gradient of relu
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = 0.5 * (1 + np.tanh(0.5 * z))
    derivative = {"step": 0.0, "sigmoid": y * (1 - y), "relu": float(z >= 0)}[kind]
    return slope * derivative * x


# %% slopes | hidden | ReLU passes positive slopes only
def weight_gradient(kind, w, b, x, slope):
    z = w @ x + b
    y = 0.5 * (1 + np.tanh(0.5 * z))
    derivative = {"step": 0.0, "sigmoid": y * (1 - y), "relu": float(z > 0 and slope > 0)}[kind]
    return slope * derivative * x


# %% wide | right | the line that two or three points decide
def wide(x, labels):
    z = (2 * labels - 1)[:, None] * np.c_[x, np.ones(len(x))]
    tries = list(z)
    for i in range(len(z)):
        for j in range(i):
            d = z[j] - z[i]
            tries.append(z[i] - (z[i] @ d) / max(d @ d, 1e-300) * d)
            for k in range(j):
                normal = np.cross(d, z[k] - z[i])
                tries += [normal, -normal]
    tries = [v for v in tries if np.linalg.norm(v) > 1e-9]
    best = max(tries, key=lambda v: (z @ v).min() / np.linalg.norm(v))
    return best[:2], best[2]


# %% wide | right | a perceptron that corrects the worst example, averaged
def wide(x, labels):
    z = (2 * labels - 1)[:, None] * np.c_[x, np.ones(len(x))]
    v, best, most = np.zeros(3), None, -np.inf
    for _ in range(2000):
        v = v + z[np.argmin(z @ v)]
        room = (z @ v).min() / max(np.linalg.norm(v), 1e-9)
        if room > most:
            best, most = v, room
    return best[:2], best[2]


# %% wide | wrong | the perceptron itself | look for more room
def wide(x, labels):
    w, b, _ = fit(x, labels, 1000)
    return w, b


# %% wide | wrong | the difference of the means | wrong side
def wide(x, labels):
    up, down = x[labels == 1].mean(axis=0), x[labels == 0].mean(axis=0)
    w = up - down
    return w, -w @ (up + down) / 2


# %% wide | wrong | one pass of the rule | look for more room
def wide(x, labels):
    w, b, _ = fit(x, labels, 1)
    return w, b


# %% wide | wrong | all weights zero | not all zero
def wide(x, labels):
    return np.zeros(2), 0.0


# %% wide | wrong | turned round | wrong side
def wide(x, labels):
    z = (2 * labels - 1)[:, None] * np.c_[x, np.ones(len(x))]
    v = np.zeros(3)
    for _ in range(3000):
        v = v - z[np.argmin(z @ -v)]
    return v[:2], v[2]


# %% wide | hidden | too few corrections for other points
def wide(x, labels):
    z = (2 * labels - 1)[:, None] * np.c_[x, np.ones(len(x))]
    v = z.mean(axis=0)
    for _ in range(600):
        worst = z[np.argmin(z @ v)]
        step = np.clip(v @ (v - worst) / max((v - worst) @ (v - worst), 1e-300), 0, 1)
        v = v + step * (worst - v)
    return v[:2], v[2]
