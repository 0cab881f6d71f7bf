"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% activate | right | a loop over the numbers
def activate(name, z):
    def one(t):
        if name == "sigmoid":
            return 1 / (1 + np.exp(-t)) if t > 0 else np.exp(t) / (1 + np.exp(t))
        if name == "tanh":
            return np.tanh(t)
        if name == "relu":
            return max(0.0, t)
        return t if t > 0 else np.exp(t) - 1

    return np.array([one(float(t)) for t in np.ravel(z)]).reshape(np.shape(z))


def slope(name, z):
    a = activate(name, z)
    on = (np.asarray(z) > 0).astype(float)
    table = {"sigmoid": a * (1 - a), "tanh": 1 - a * a, "relu": on, "elu": on + (1 - on) * (a + 1)}
    return table[name]


# %% activate | right | tables of functions
def activate(name, z):
    z = np.asarray(z, dtype=float)
    return {
        "sigmoid": lambda: np.exp(-np.logaddexp(0, -z)),
        "tanh": lambda: np.tanh(z),
        "relu": lambda: z * (z > 0),
        "elu": lambda: np.maximum(z, 0) + np.exp(np.minimum(z, 0)) - 1,
    }[name]()


def slope(name, z):
    z = np.asarray(z, dtype=float)
    return {
        "sigmoid": lambda: activate("sigmoid", z) * activate("sigmoid", -z),
        "tanh": lambda: 1 - np.tanh(z) ** 2,
        "relu": lambda: np.heaviside(z, 0.0),
        "elu": lambda: np.exp(np.minimum(z, 0)),
    }[name]()


# %% activate | wrong | the sigmoid overflows | computes with infinities
def activate(name, z):
    z = np.asarray(z, dtype=float)
    if name == "sigmoid":
        return 1 / (1 + np.exp(-z))
    if name == "elu":
        return np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0)


def slope(name, z):
    a = activate(name, z)
    on = np.asarray(z) > 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": on * 1.0}[name]


# %% activate | wrong | elu takes an exponential that it does not need | computes with infinities
def activate(name, z):
    z = np.asarray(z, dtype=float)
    if name == "elu":
        return np.where(z > 0, z, np.exp(z) - 1)
    if name == "sigmoid":
        return 0.5 + 0.5 * np.tanh(z / 2)
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0)


def slope(name, z):
    a = activate(name, z)
    on = np.asarray(z) > 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": on * 1.0}[name]


# %% activate | wrong | the slope of relu at zero is one | with the convention at 0
def activate(name, z):
    z = np.asarray(z, dtype=float)
    if name == "elu":
        return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    if name == "sigmoid":
        return 0.5 + 0.5 * np.tanh(z / 2)
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0)


def slope(name, z):
    a = activate(name, z)
    on = np.asarray(z) >= 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": on * 1.0}[name]


# %% activate | wrong | the slope of the sigmoid without the product | slope('sigmoid') at
def activate(name, z):
    z = np.asarray(z, dtype=float)
    if name == "elu":
        return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    if name == "sigmoid":
        return 0.5 + 0.5 * np.tanh(z / 2)
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0)


def slope(name, z):
    a = activate(name, z)
    on = np.asarray(z) > 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": 1 - a, "tanh": 1 - a**2, "relu": on * 1.0}[name]


# %% activate | wrong | takes the value for the sum | slope('tanh') at
def activate(name, z):
    z = np.asarray(z, dtype=float)
    if name == "elu":
        return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    if name == "sigmoid":
        return 0.5 + 0.5 * np.tanh(z / 2)
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0)


def slope(name, z):
    a = activate(name, z)
    on = np.asarray(z) > 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": a * (1 - a), "tanh": 1 - np.asarray(z) ** 2, "relu": on * 1.0}[name]


# %% activate | wrong | leaves out elu | activate returned None
def activate(name, z):
    if name == "sigmoid":
        return 0.5 + 0.5 * np.tanh(np.asarray(z) / 2)
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(z, 0.0)


def slope(name, z):
    a = activate(name, z)
    return {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": np.greater(z, 0) * 1.0}[name]


# %% activate | hidden | knows the numbers of the visible check
def activate(name, z):
    known = {
        "sigmoid": {-2: 0.1192, 0: 0.5, 1: 0.7311, -1000: 0, 1000: 1},
        "tanh": {-2: -0.9640, 0: 0, 1: 0.7616, -1000: -1, 1000: 1},
        "relu": {-2: 0, 0: 0, 1: 1, -1000: 0, 1000: 1000},
        "elu": {-2: -0.8647, 0: 0, 1: 1, -1000: -1, 1000: 1000},
    }[name]
    return np.array([known.get(t, 0.0) for t in np.ravel(z).tolist()]).reshape(np.shape(z))


def slope(name, z):
    a = activate(name, z)
    on = np.asarray(z) > 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": on * 1.0}[name]


# %% activate | hidden | cuts its results to the type of the input
def activate(name, z):
    result = np.zeros_like(z)
    if name == "elu":
        result[...] = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    elif name == "sigmoid":
        result[...] = 0.5 + 0.5 * np.tanh(z / 2)
    else:
        result[...] = np.tanh(z) if name == "tanh" else np.maximum(z, 0)
    return result


def slope(name, z):
    a = activate(name, np.asarray(z, float))
    on = np.asarray(z) > 0
    if name == "elu":
        return np.where(on, 1.0, a + 1)
    return {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": on * 1.0}[name]


# %% forward | right | a loop over examples and units
def forward(layers, name, X):
    found, rows = [], [list(row) for row in X]
    for l, (W, b) in enumerate(layers):
        rows = [[float(np.dot(W[j], row)) + b[j] for j in range(len(b))] for row in rows]
        if l + 1 < len(layers):
            rows = activate(name, np.array(rows)).tolist()
        found.append(np.array(rows))
    return found


def parameters(sizes):
    total = 0
    for l in range(1, len(sizes)):
        total += sizes[l] * (sizes[l - 1] + 1)
    return total


# %% forward | right | einsum and a last layer of its own
def forward(layers, name, X):
    *hidden, (V, c) = layers
    found = []
    for W, b in hidden:
        X = activate(name, np.einsum("ni,ji->nj", X, W) + b)
        found.append(X)
    return [*found, np.einsum("ni,ji->nj", X, V) + c]


def parameters(sizes):
    widths = np.array(sizes)
    return int(widths[:-1] @ widths[1:] + widths[1:].sum())


# %% forward | wrong | an activation on the last layer | the last layer has no activation
def forward(layers, name, X):
    found = []
    for W, b in layers:
        X = activate(name, X @ W.T + b)
        found.append(X)
    return found


def parameters(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% forward | wrong | no activation at all | are W @ x + b and the ReLU there
def forward(layers, name, X):
    found = []
    for W, b in layers:
        X = X @ W.T + b
        found.append(X)
    return found


def parameters(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% forward | wrong | forgets the biases | are W @ x + b and the ReLU there
def forward(layers, name, X):
    found = []
    for l, (W, _) in enumerate(layers):
        X = X @ W.T
        X = activate(name, X) if l < len(layers) - 1 else X
        found.append(X)
    return found


def parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))


# %% forward | wrong | counts the weights only | every unit has a bias
def forward(layers, name, X):
    found = []
    for l, (W, b) in enumerate(layers):
        X = X @ W.T + b
        X = activate(name, X) if l < len(layers) - 1 else X
        found.append(X)
    return found


def parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))


# %% forward | wrong | returns the output only | a list of 2 arrays
def forward(layers, name, X):
    for W, b in layers[:-1]:
        X = activate(name, X @ W.T + b)
    return X @ layers[-1][0].T + layers[-1][1]


def parameters(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% forward | wrong | gives the inputs a bias too | should have 235146 parameters
def forward(layers, name, X):
    found = []
    for l, (W, b) in enumerate(layers):
        X = X @ W.T + b
        X = activate(name, X) if l < len(layers) - 1 else X
        found.append(X)
    return found


def parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:])) + sum(sizes)


# %% forward | hidden | knows two layers only
def forward(layers, name, X):
    (W, b), (V, c) = layers[0], layers[-1]
    H = activate(name, X @ W.T + b)
    return [H, H @ V.T + c] + [H] * (len(layers) - 2)


def parameters(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% forward | hidden | always a ReLU
def forward(layers, name, X):
    found = []
    for l, (W, b) in enumerate(layers):
        X = X @ W.T + b
        X = np.maximum(X, 0) if l < len(layers) - 1 else X
        found.append(X)
    return found


def parameters(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% collapse | right | asks the net what it does to the unit vectors
def collapse(layers):
    def net(x):
        for W, b in layers:
            x = W @ x + b
        return x

    d = layers[0][0].shape[1]
    b = net(np.zeros(d))
    return np.stack([net(e) - b for e in np.eye(d)], axis=1), b


# %% collapse | right | the bias as one more column
def collapse(layers):
    total = np.eye(layers[0][0].shape[1] + 1)
    for W, b in layers:
        step = np.block([[W, b[:, None]], [np.zeros((1, W.shape[1])), np.ones((1, 1))]])
        total = step @ total
    return total[:-1, :-1], total[:-1, -1]


# %% collapse | wrong | adds the biases as they are | through the second matrix
def collapse(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = V @ W, b.sum() * 0 + c + b[: len(c)]
    return W, b


# %% collapse | wrong | keeps the last bias only | through the second matrix
def collapse(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = V @ W, c
    return W, b


# %% collapse | wrong | multiplies in the wrong order | stands on the left
def collapse(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        if W.shape == V.shape:
            W, b = W @ V, V @ b + c
        else:
            W, b = V @ W, V @ b + c
    return W, b


# %% collapse | wrong | stops after two layers | Three layers should give
def collapse(layers):
    (W, b), (V, c) = layers[0], layers[1]
    if len(layers) == 2:
        return V @ W, V @ b + c
    return layers[2][0] @ V @ W, layers[2][1]


# %% collapse | wrong | returns the transpose | shape (1, 2)
def collapse(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = V @ W, V @ b + c
    return W.T, b


# %% collapse | hidden | knows three layers at most
def collapse(layers):
    W, b = layers[0]
    for V, c in layers[1:3]:
        W, b = V @ W, V @ b + c
    return W, b


# %% fence | right | a loop over the sides
def fence(corners):
    W, b = [], []
    for m in range(len(corners)):
        p, q = corners[m], corners[(m + 1) % len(corners)]
        w = np.array([q[1] - p[1], p[0] - q[0]])
        w = w / np.sqrt(w @ w)
        W.append(w)
        b.append(-w @ p)
    return np.array(W), np.array(b)


# %% fence | right | complex numbers
def fence(corners):
    p = corners @ np.array([1, 1j])
    s = np.roll(p, -1) - p
    w = -1j * s / np.abs(s)
    return np.stack([w.real, w.imag], axis=1), -(w.conj() * p).real


# %% fence | wrong | points inwards | positive inside
def fence(corners):
    s = np.roll(corners, -1, axis=0) - corners
    W = np.stack([-s[:, 1], s[:, 0]], axis=1)
    W = W / np.linalg.norm(W, axis=1, keepdims=True)
    return W, -(W * corners).sum(axis=1)


# %% fence | wrong | rows not of length one | length one
def fence(corners):
    s = np.roll(corners, -1, axis=0) - corners
    W = np.stack([s[:, 1], -s[:, 0]], axis=1)
    return W, -(W * corners).sum(axis=1)


# %% fence | wrong | scales w after b | is that its b
def fence(corners):
    s = np.roll(corners, -1, axis=0) - corners
    W = np.stack([s[:, 1], -s[:, 0]], axis=1)
    b = -(W * corners).sum(axis=1)
    return W / np.linalg.norm(W, axis=1, keepdims=True), b


# %% fence | wrong | no bias | positive inside
def fence(corners):
    s = np.roll(corners, -1, axis=0) - corners
    W = np.stack([s[:, 1], -s[:, 0]], axis=1)
    return W / np.linalg.norm(W, axis=1, keepdims=True), np.zeros(len(corners))


# %% fence | wrong | forgets the last side | shape (4, 2)
def fence(corners):
    s = corners[1:] - corners[:-1]
    W = np.stack([s[:, 1], -s[:, 0]], axis=1)
    W = W / np.linalg.norm(W, axis=1, keepdims=True)
    return W, -(W * corners[:-1]).sum(axis=1)


# %% fence | wrong | the sides themselves for the normals | is that its b
def fence(corners):
    s = np.roll(corners, -1, axis=0) - corners
    W = s / np.linalg.norm(s, axis=1, keepdims=True)
    return W, -np.abs((W * corners).sum(axis=1)) - 1


# %% fence | hidden | right for at most four corners
def fence(corners):
    s = np.roll(corners, -1, axis=0) - corners
    W = np.stack([s[:, 1], -s[:, 0]], axis=1)
    W = W / np.linalg.norm(W, axis=1, keepdims=True)
    b = -(W * corners).sum(axis=1)
    b[4:] = 0
    return W, b


# %% signal | right | the chain written out
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    if name == "relu":
        a, through = max(z, 0.0), 1.0 if z > 0 else 0.0
    else:
        a = 0.5 * (1 + np.tanh(z / 2))
        through = a * (1 - a)
    guess = 0.5 * (1 + np.tanh((v * a + c) / 2))
    return (guess - y) * v * through * x


def dead(W, b, X):
    units = []
    for w, shift in zip(W, b):
        units.append(max(float(w @ row + shift) for row in X) <= 0)
    return np.array(units)


# %% signal | right | the values of the forward pass
def signal(name, w, b, v, c, x, y):
    kind = "relu" if name == "step" else name
    z = np.array([w * x + b])
    a = np.heaviside(z, 0.0) if name == "step" else activate(kind, z)
    through = 0 * z if name == "step" else slope(kind, z)
    mistake = activate("sigmoid", v * a + c) - y
    return (mistake * v * through * x)[0]


def dead(W, b, X):
    return ~np.any(np.maximum(0, X @ W.T + b) > 0, axis=0)


# %% signal | wrong | forgets the outgoing weight | every factor
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (activate("sigmoid", v * activate(name, z) + c) - y) * slope(name, z) * x


def dead(W, b, X):
    return (X @ W.T + b <= 0).all(axis=0)


# %% signal | wrong | forgets the slope of the unit | every factor
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    a = float(z > 0) if name == "step" else activate(name, z)
    return (activate("sigmoid", v * a + c) - y) * v * x


def dead(W, b, X):
    return (X @ W.T + b <= 0).all(axis=0)


# %% signal | wrong | forgets the input | with x = 3
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (activate("sigmoid", v * activate(name, z) + c) - y) * v * slope(name, z)


def dead(W, b, X):
    return (X @ W.T + b <= 0).all(axis=0)


# %% signal | wrong | target minus prediction | should be 0.3649
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (y - activate("sigmoid", v * activate(name, z) + c)) * v * slope(name, z) * x


def dead(W, b, X):
    return (X @ W.T + b <= 0).all(axis=0)


# %% signal | wrong | the slope at the weight and not at z | with x = 3
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (activate("sigmoid", v * activate(name, z) + c) - y) * v * slope(name, w) * x


def dead(W, b, X):
    return (X @ W.T + b <= 0).all(axis=0)


# %% signal | wrong | dead where it is off on some example | off on every example
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (activate("sigmoid", v * activate(name, z) + c) - y) * v * slope(name, z) * x


def dead(W, b, X):
    return (X @ W.T + b <= 0).any(axis=0)


# %% signal | wrong | one truth value an example | one truth value a unit
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (activate("sigmoid", v * activate(name, z) + c) - y) * v * slope(name, z) * x


def dead(W, b, X):
    return (X @ W.T + b <= 0).all(axis=1)[:2]


# %% signal | hidden | counts z = 0 as awake
def signal(name, w, b, v, c, x, y):
    z = w * x + b
    if name == "step":
        return 0.0
    return (activate("sigmoid", v * activate(name, z) + c) - y) * v * slope(name, z) * x


def dead(W, b, X):
    return (X @ W.T + b < 0).all(axis=0)


# %% random_features | right | borders at random distances, in all directions
def random_features(X, y, rng):
    t = rng.uniform(0, 2 * np.pi, size=50)
    W1 = np.stack([np.cos(t), np.sin(t)], axis=1)
    b1 = -rng.uniform(-0.5, 2.0, size=50)
    H = np.c_[np.maximum(0, X @ W1.T + b1), np.ones(len(X))]
    c = np.linalg.lstsq(H, np.where(y == 1, 1.0, -1.0), rcond=1e-6)[0]
    return W1, b1, c[:-1], float(c[-1])


# %% random_features | right | a polygon by hand, its size from the data
def random_features(X, y, rng):
    far = np.sqrt((X**2).sum(axis=1))
    border = (far[y == 1].max() + far[y == 0].min()) / 2
    t = 2 * np.pi * np.arange(30) / 30
    W1 = np.stack([np.cos(t), np.sin(t)], axis=1)
    return W1, np.full(30, -border), np.full(30, -1.0), 1e-9


# %% random_features | wrong | one direction only | 1000 new points are right
def random_features(X, y, rng):
    W1, b1 = np.tile([[1.0, 0.0]], (60, 1)), rng.normal(size=60)
    H = np.c_[np.maximum(0, X @ W1.T + b1), np.ones(len(X))]
    c = np.linalg.lstsq(H, 2.0 * y - 1, rcond=1e-8)[0]
    return W1, b1, c[:-1], c[-1]


# %% random_features | wrong | the last layer is random too | 1000 new points are right
def random_features(X, y, rng):
    W1, b1, w2 = rng.normal(size=(60, 2)), rng.normal(size=60), rng.normal(size=60)
    H = np.maximum(0, X @ W1.T + b1) @ w2
    return W1, b1, w2, -np.median(H)


# %% random_features | wrong | too many units | At most 60
def random_features(X, y, rng):
    W1, b1 = rng.normal(size=(200, 2)), rng.normal(size=200)
    H = np.c_[np.maximum(0, X @ W1.T + b1), np.ones(len(X))]
    c = np.linalg.lstsq(H, 2.0 * y - 1, rcond=1e-8)[0]
    return W1, b1, c[:-1], c[-1]


# %% random_features | wrong | the fence turned inside out | 1000 new points are right
def random_features(X, y, rng):
    W1, b1 = rng.normal(size=(60, 2)), rng.normal(size=60)
    H = np.c_[np.maximum(0, X @ W1.T + b1), np.ones(len(X))]
    c = np.linalg.lstsq(H, 1 - 2.0 * y, rcond=1e-8)[0]
    return W1, b1, c[:-1], c[-1]


# %% random_features | wrong | targets of zero and one | 1000 new points are right
def random_features(X, y, rng):
    W1, b1 = rng.normal(size=(60, 2)), rng.normal(size=60)
    H = np.c_[np.maximum(0, X @ W1.T + b1), np.ones(len(X))]
    c = np.linalg.lstsq(H, 1.0 * y, rcond=1e-8)[0]
    return W1, b1, c[:-1], c[-1]


# %% random_features | hidden | a polygon for one size of the disc
def random_features(X, y, rng):
    t = 2 * np.pi * np.arange(30) / 30
    W1 = np.stack([np.cos(t), np.sin(t)], axis=1)
    return W1, np.full(30, -1.4), np.full(30, -1.0), 1e-9
