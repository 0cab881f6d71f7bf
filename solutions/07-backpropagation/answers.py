"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% jacobians | right | entry by entry in a loop
def jacobians(x):
    slopes = [[2.0, 2 * x[1]], [-2 * x[0], 3.0], [4 * x[1], 4 * x[0]]]
    first, second = np.zeros((3, 2)), np.zeros((2, 3))
    for i in range(3):
        for j in range(2):
            first[i, j] = second[j, i] = slopes[i][j]
    return first, second


# %% jacobians | right | central differences, exact for squares
def jacobians(x):
    def f(x):
        return np.array([2 * x[0] + x[1] ** 2, -(x[0] ** 2) + 3 * x[1], 4 * x[0] * x[1]])

    steps = 1e-3 * np.eye(2)
    rows = np.array([(f(x + s) - f(x - s)) / 2e-3 for s in steps])
    return rows.T, rows


# %% jacobians | wrong | the layouts swapped | The numerator layout (3 outputs, 2 inputs)
def jacobians(x):
    first = np.array([[2, 2 * x[1]], [-2 * x[0], 3], [4 * x[1], 4 * x[0]]])
    return first.T, first


# %% jacobians | wrong | loses a sign | f2 changes with x1
def jacobians(x):
    first = np.array([[2, 2 * x[1]], [2 * x[0], 3], [4 * x[1], 4 * x[0]]])
    return first, first.T


# %% jacobians | wrong | takes the product for one factor | f3 changes with x1
def jacobians(x):
    first = np.array([[2, 2 * x[1]], [-2 * x[0], 3], [4 * x[0], 4 * x[1]]])
    return first, first.T


# %% jacobians | wrong | reshapes where it should transpose | transposes of each other
def jacobians(x):
    first = np.array([[2, 2 * x[1]], [-2 * x[0], 3], [4 * x[1], 4 * x[0]]])
    return first, first.reshape(2, 3)


# %% jacobians | wrong | one layout only | should be 2 things
def jacobians(x):
    return np.array([[2, 2 * x[1]], [-2 * x[0], 3], [4 * x[1], 4 * x[0]]])


# %% jacobians | hidden | knows the point of the visible check
def jacobians(x):
    first = np.array([[2, 4], [-2, 3], [8, 4]])
    return first, first.T


# %% products | right | with outer and dot
def columns(W, x, delta):
    return np.outer(delta, x), (delta.ravel() @ W).reshape(x.shape)


def rows(W, x, delta):
    return np.outer(x, delta), (W @ delta.ravel()).reshape(x.shape)


# %% products | right | sums written out
def columns(W, x, delta):
    dW, dx = np.zeros(W.shape), np.zeros(x.shape)
    for i in range(W.shape[0]):
        for k in range(W.shape[1]):
            dW[i, k] = delta[i, 0] * x[k, 0]
            dx[k, 0] += delta[i, 0] * W[i, k]
    return dW, dx


def rows(W, x, delta):
    dW, dx = columns(W.T, x.T, delta.T)
    return dW.T, dx.T


# %% products | wrong | the formula sheet | by W from rows, shaped like W
def columns(W, x, delta):
    return delta @ x.T, W.T @ delta


def rows(W, x, delta):
    return delta.T @ delta, delta @ W.T


# %% products | wrong | rows as for columns | rows, shaped like W
def columns(W, x, delta):
    return delta @ x.T, W.T @ delta


def rows(W, x, delta):
    return (x.T @ delta).T, delta @ W.T


# %% products | wrong | forgets to transpose x's derivative | columns, shaped like x
def columns(W, x, delta):
    return delta @ x.T, (W.T @ delta).T


def rows(W, x, delta):
    return x.T @ delta, delta @ W.T


# %% products | wrong | the sign | when W moves in a random direction
def columns(W, x, delta):
    return -delta @ x.T, -W.T @ delta


def rows(W, x, delta):
    return x.T @ delta, delta @ W.T


# %% products | wrong | x in place of its derivative | when x moves in a random direction
def columns(W, x, delta):
    return delta @ x.T, x


def rows(W, x, delta):
    return x.T @ delta, delta @ W.T


# %% products | hidden | a shape for its own
def columns(W, x, delta):
    return delta @ x.T, (W.T @ delta if len(W) > 1 else W.T)


def rows(W, x, delta):
    return x.T @ delta, delta @ W.T


# %% train_step | right | single numbers
def train_step(x, hidden, out, target, rate):
    def sigma(z):
        return 1 / (1 + np.exp(-z))

    h = [sigma(hidden[j, 0] * x[0] + hidden[j, 1] * x[1]) for j in range(2)]
    y = sigma(out[0] * h[0] + out[1] * h[1])
    delta = (y - target) * y * (1 - y)
    new_hidden, new_out = np.zeros((2, 2)), np.zeros(2)
    for j in range(2):
        new_out[j] = out[j] - rate * delta * h[j]
        for k in range(2):
            slope = delta * out[j] * h[j] * (1 - h[j]) * x[k]
            new_hidden[j, k] = hidden[j, k] - rate * slope
    return y, new_hidden, new_out


# %% train_step | right | rows and matrix products
def train_step(x, hidden, out, target, rate):
    a0 = np.reshape(x, (1, 2))
    a1 = 0.5 * (1 + np.tanh(a0 @ hidden.T / 2))
    a2 = 0.5 * (1 + np.tanh(a1 @ out[:, None] / 2))
    d2 = (a2 - target) * a2 * (1 - a2)
    d1 = (d2 @ out[None, :]) * a1 * (1 - a1)
    return a2[0, 0], hidden - rate * d1.T @ a0, out - rate * (d2.T @ a1)[0]


# %% train_step | wrong | the new output weights for the hidden errors | through the new w1 and w2
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    delta = (y - target) * y * (1 - y)
    out = out - rate * delta * h
    return y, hidden - rate * np.outer(delta * out * h * (1 - h), x), out


# %% train_step | wrong | no derivative of the hidden sigmoid | factor h (1 - h) is missing
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    delta = (y - target) * y * (1 - y)
    return y, hidden - rate * np.outer(delta * out, x), out - rate * delta * h


# %% train_step | wrong | rounds on the way | keep all digits
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    r = np.round(y, 2)
    delta = np.floor((r - target) * r * (1 - r) * 1e4) / 1e4
    hidden_delta = delta * out * h * (1 - h)
    return (
        y,
        hidden - rate * np.outer(hidden_delta, x),
        out - rate * delta * np.array([0.68, 0.6637]),
    )


# %% train_step | wrong | no sigmoid at the output | should give y = 0.690283
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = out @ h
    delta = y - target
    return y, hidden - rate * np.outer(delta * out * h * (1 - h), x), out - rate * delta * h


# %% train_step | wrong | transposed hidden weights | should give y = 0.690283
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(x @ hidden)))
    y = 1 / (1 + np.exp(-(out @ h)))
    delta = (y - target) * y * (1 - y)
    d = delta * out * h * (1 - h)
    return y, hidden - rate * np.outer(x, d), out - rate * delta * h


# %% train_step | wrong | climbs | with a minus
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    delta = (y - target) * y * (1 - y)
    return y, hidden + rate * np.outer(delta * out * h * (1 - h), x), out + rate * delta * h


# %% train_step | wrong | the update transposed | is a transpose in the way
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    delta = (y - target) * y * (1 - y)
    d = delta * out * h * (1 - h)
    return y, hidden - rate * np.outer(x, d), out - rate * delta * h


# %% train_step | hidden | ignores the rate
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    delta = (y - target) * y * (1 - y)
    return y, hidden - np.outer(delta * out * h * (1 - h), x), out - delta * h


# %% train_step | hidden | has the target of the example built in
def train_step(x, hidden, out, target, rate):
    h = 1 / (1 + np.exp(-(hidden @ x)))
    y = 1 / (1 + np.exp(-(out @ h)))
    d = (y - 0.5) * y * (1 - y) * rate
    return y, hidden - np.outer(d * out * h * (1 - h), x), out - d * h


# %% one_hidden | right | a loop over the examples
def one_hidden(x, y, w, b, beta, beta0):
    R, dw, db, dbeta, dbeta0 = 0.0, 0 * w, 0 * b, 0 * beta, 0 * beta0
    for one, wanted in zip(x, y):
        h = 1 / (1 + np.exp(-(w @ one + b)))
        delta = beta @ h + beta0 - wanted
        s = h * (1 - h) * (beta.T @ delta)
        R += delta @ delta / 2
        dw = dw + np.outer(s, one)
        db = db + s
        dbeta = dbeta + np.outer(delta, h)
        dbeta0 = dbeta0 + delta
    return R, dw, db, dbeta, dbeta0


# %% one_hidden | right | einsum
def one_hidden(x, y, w, b, beta, beta0):
    h = 0.5 + 0.5 * np.tanh((np.einsum("nd,md->nm", x, w) + b) / 2)
    delta = np.einsum("nm,km->nk", h, beta) + beta0 - y
    s = np.einsum("nk,km,nm->nm", delta, beta, h - h * h)
    dw, dbeta = np.einsum("nm,nd->md", s, x), np.einsum("nk,nm->km", delta, h)
    return 0.5 * np.square(delta).sum(), dw, np.sum(s, 0), dbeta, np.sum(delta, 0)


# %% one_hidden | wrong | the mean over the examples | half the sum of all squared mistakes
def one_hidden(x, y, w, b, beta, beta0):
    n = len(x)
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * h * (1 - h)
    R = (delta**2).sum() / 2 / n
    return R, s.T @ x / n, s.sum(0) / n, delta.T @ h / n, delta.sum(0) / n


# %% one_hidden | wrong | no half in the loss | half the sum
def one_hidden(x, y, w, b, beta, beta0):
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * h * (1 - h)
    return (delta**2).sum(), s.T @ x, s.sum(axis=0), delta.T @ h, delta.sum(axis=0)


# %% one_hidden | wrong | no slope of the sigmoid | derivative by w says
def one_hidden(x, y, w, b, beta, beta0):
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = delta @ beta
    return (delta**2).sum() / 2, s.T @ x, s.sum(axis=0), delta.T @ h, delta.sum(axis=0)


# %% one_hidden | wrong | the slope at the output of the sigmoid | derivative by w says
def one_hidden(x, y, w, b, beta, beta0):
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    again = 1 / (1 + np.exp(-h))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * again * (1 - again)
    return (delta**2).sum() / 2, s.T @ x, s.sum(axis=0), delta.T @ h, delta.sum(axis=0)


# %% one_hidden | wrong | the inputs for the hidden outputs | derivative by beta
def one_hidden(x, y, w, b, beta, beta0):
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * h * (1 - h)
    return (delta**2).sum() / 2, s.T @ x, s.sum(axis=0), delta.T @ h**2, delta.sum(axis=0)


# %% one_hidden | wrong | does not add up the biases of the examples | derivative by b
def one_hidden(x, y, w, b, beta, beta0):
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * h * (1 - h)
    return (delta**2).sum() / 2, s.T @ x, s, delta.T @ h, delta


# %% one_hidden | wrong | the gradients of another order | derivative by w should have the shape
def one_hidden(x, y, w, b, beta, beta0):
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * h * (1 - h)
    return (delta**2).sum() / 2, delta.T @ h, delta.sum(axis=0), s.T @ x, s.sum(axis=0)


# %% one_hidden | hidden | at most six examples
def one_hidden(x, y, w, b, beta, beta0):
    x, y = x[:6], y[:6]
    h = 1 / (1 + np.exp(-(x @ w.T + b)))
    delta = h @ beta.T + beta0 - y
    s = (delta @ beta) * h * (1 - h)
    return (delta**2).sum() / 2, s.T @ x, s.sum(axis=0), delta.T @ h, delta.sum(axis=0)


# %% output_error | right | by the Jacobian of the softmax
def output_error(o, y, output):
    if output == "softmax":
        p = np.exp(o - max(o))
        p = p / sum(p)
        loss = max(o) + np.log(sum(np.exp(o - max(o)))) - sum(y * o)
        J = np.diag(p) - np.outer(p, p)
        by_p = np.where(y > 0, -y / np.maximum(p, 1e-300), 0)
        return loss, J @ by_p if p @ y > 1e-200 else p - y
    p = 0.5 * (1 + np.tanh(o / 2))
    return float((0.5 * (p - y) ** 2).sum()), (p - y) * (p - p**2)


# %% output_error | right | logaddexp
def output_error(o, y, output):
    if output == "sigmoid":
        p = np.exp(-np.logaddexp(0, -o))
        return 0.5 * np.sum((p - y) ** 2), (p - y) * p * (1 - p)
    total = np.logaddexp.reduce(o)
    return total - o @ y, np.exp(o - total) - y


# %% output_error | wrong | no slope of the sigmoid | needs the factor p (1 - p)
def output_error(o, y, output):
    if output == "sigmoid":
        p = 1 / (1 + np.exp(-o))
        return ((p - y) ** 2).sum() / 2, p - y
    total = np.logaddexp.reduce(o)
    return total - o @ y, np.exp(o - total) - y


# %% output_error | wrong | softmax overflows | subtract the largest first
def output_error(o, y, output):
    if output == "sigmoid":
        p = 1 / (1 + np.exp(-o))
        return ((p - y) ** 2).sum() / 2, (p - y) * p * (1 - p)
    with np.errstate(all="ignore"):
        p = np.exp(o) / np.exp(o).sum()
        return -np.log(p @ y), p - y


# %% output_error | wrong | target minus prediction | prediction minus target
def output_error(o, y, output):
    if output == "sigmoid":
        p = 1 / (1 + np.exp(-o))
        return ((p - y) ** 2).sum() / 2, (p - y) * p * (1 - p)
    total = np.logaddexp.reduce(o)
    return total - o @ y, y - np.exp(o - total)


# %% output_error | wrong | the error times p (1 - p) for the softmax too | delta should be (0.6590
def output_error(o, y, output):
    if output == "sigmoid":
        p = 1 / (1 + np.exp(-o))
        return ((p - y) ** 2).sum() / 2, (p - y) * p * (1 - p)
    total = np.logaddexp.reduce(o)
    p = np.exp(o - total)
    return total - o @ y, (p - y) * p * (1 - p)


# %% output_error | wrong | the square without the half | half the square
def output_error(o, y, output):
    if output == "sigmoid":
        p = 1 / (1 + np.exp(-o))
        return ((p - y) ** 2).sum(), 2 * (p - y) * p * (1 - p)
    total = np.logaddexp.reduce(o)
    return total - o @ y, np.exp(o - total) - y


# %% output_error | wrong | cross-entropy with the sigmoid | should cost 0.018104
def output_error(o, y, output):
    if output == "sigmoid":
        return (np.logaddexp(0, o) - y * o).sum(), 1 / (1 + np.exp(-o)) - y
    total = np.logaddexp.reduce(o)
    return total - o @ y, np.exp(o - total) - y


# %% output_error | hidden | takes the target 0.5 for granted
def output_error(o, y, output):
    if output == "sigmoid":
        p = 1 / (1 + np.exp(-o))
        return ((p - 0.5) ** 2).sum() / 2, (p - 0.5) * p * (1 - p)
    total = np.logaddexp.reduce(o)
    return total - o @ y, np.exp(o - total) - y


# %% backprop | right | columns, layer by layer, no helper lists
def backprop(x, y, weights, activation, penalty):
    def sigma(z):
        if activation == "relu":
            return z * (z > 0), (z > 0) * 1.0
        if activation == "step":
            return (z > 0) * 1.0, 0.0 * z
        s = 0.5 * (1 + np.tanh(z / 2))
        return s, s * (1 - s)

    L = len(weights)
    values, slopes = {0: x.reshape(-1, 1)}, {}
    for l in range(1, L):
        values[l], slopes[l] = sigma(weights[l - 1] @ values[l - 1])
    delta = weights[L - 1] @ values[L - 1] - y.reshape(-1, 1)
    grads = [None] * L
    for l in range(L, 0, -1):
        grads[l - 1] = delta @ values[l - 1].T + penalty * weights[l - 1]
        if l > 1:
            delta = weights[l - 1].T @ delta * slopes[l - 1]
    return grads


# %% backprop | right | recursion
def backprop(x, y, weights, activation, penalty):
    def down(a, rest):
        W = rest[0]
        z = W @ a
        if len(rest) == 1:
            delta, above = z - y, []
        else:
            if activation == "sigmoid":
                value = 1 / (1 + np.exp(-z))
                slope = value - value**2
            elif activation == "relu":
                value, slope = np.maximum(0, z), np.heaviside(z, 0)
            else:
                value, slope = np.heaviside(z, 0), np.zeros(len(z))
            error, above = down(value, rest[1:])
            delta = slope * error
        return delta @ W, [np.outer(delta, a) + penalty * W, *above]

    return down(x, weights)[1]


# %% backprop | wrong | a sigmoid at the output too | (3, 2), penalty 0.0: when W1 moves
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights:
        a.append(1 / (1 + np.exp(-W @ a[-1])))
    delta, grads = (a[-1] - y) * a[-1] * (1 - a[-1]), []
    for W, below in zip(weights[::-1], a[-2::-1]):
        grads.insert(0, np.outer(delta, below) + penalty * W)
        delta = W.T @ delta * below * (1 - below)
    return grads


# %% backprop | wrong | no slope on the way down | when W1 moves
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights[:-1]:
        z = W @ a[-1]
        a.append(1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.maximum(z, 0))
    delta, grads = weights[-1] @ a[-1] - y, []
    for W, below in zip(weights[::-1], a[::-1]):
        grads.insert(0, np.outer(delta, below) + penalty * W)
        delta = W.T @ delta
    return grads


# %% backprop | wrong | the order of the layers reversed | derivative by W1 should have the shape
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights[:-1]:
        z = W @ a[-1]
        a.append(1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.maximum(z, 0))
    delta, grads = weights[-1] @ a[-1] - y, []
    for W, below in zip(weights[::-1], a[::-1]):
        grads.append(np.outer(delta, below) + penalty * W)
        slope = below * (1 - below) if activation == "sigmoid" else below > 0
        delta = W.T @ delta * slope
    return grads


# %% backprop | wrong | treats every activation as a sigmoid | relu, sizes
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights[:-1]:
        a.append(1 / (1 + np.exp(-W @ a[-1])))
    delta, grads = weights[-1] @ a[-1] - y, []
    for W, below in zip(weights[::-1], a[::-1]):
        grads.insert(0, np.outer(delta, below) + penalty * W)
        delta = W.T @ delta * below * (1 - below)
    return grads


# %% backprop | wrong | forgets the penalty | penalty 0.5: when W2 moves
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights[:-1]:
        z = W @ a[-1]
        a.append(1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.maximum(z, 0))
    delta, grads = weights[-1] @ a[-1] - y, []
    for W, below in zip(weights[::-1], a[::-1]):
        grads.insert(0, np.outer(delta, below))
        slope = below * (1 - below) if activation == "sigmoid" else below > 0
        delta = W.T @ delta * slope
    return grads


# %% backprop | wrong | the penalty of the last layer everywhere | penalty 0.5: when W1 moves
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights[:-1]:
        z = W @ a[-1]
        a.append(1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.maximum(z, 0))
    delta, grads = weights[-1] @ a[-1] - y, []
    for l in range(len(weights) - 1, -1, -1):
        W, below = weights[l], a[l]
        decay = penalty * (W if l == len(weights) - 1 else weights[-1].sum())
        grads.insert(0, np.outer(delta, below) + decay)
        slope = below * (1 - below) if activation == "sigmoid" else below > 0
        delta = W.T @ delta * slope
    return grads


# %% backprop | hidden | takes the step for a relu
def backprop(x, y, weights, activation, penalty):
    a = [x]
    for W in weights[:-1]:
        z = W @ a[-1]
        a.append(1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.maximum(z, 0))
    delta, grads = weights[-1] @ a[-1] - y, []
    for W, below in zip(weights[::-1], a[::-1]):
        grads.insert(0, np.outer(delta, below) + penalty * W)
        slope = below * (1 - below) if activation == "sigmoid" else below > 0
        delta = W.T @ delta * slope
    return grads


# %% best_step | right | knows the answer
def best_step(precision):
    return (1e-5, 2e-12) if precision == "float64" else (1e-2, 1e-6)


def wrong_check(factor):
    return np.zeros(3)


# %% best_step | right | the cube root of the precision
def best_step(precision):
    dtype = np.dtype(precision).type
    h = float(np.cbrt(np.finfo(dtype).eps))
    up, down = 1 / (1 + np.exp(-dtype(1 + h))), 1 / (1 + np.exp(-dtype(1 - h)))
    s = 1 / (1 + np.exp(-1.0))
    return h, abs(float(up - down) / float(dtype(1 + h) - dtype(1 - h)) - s * (1 - s))


def wrong_check(factor):
    e = np.exp(np.array([2, 1, 0.1]))
    p, dy = e / e.sum(), np.ones(3)
    return factor * p * (dy - p @ dy)


# %% best_step | wrong | as small a step as possible | try larger and smaller ones
def best_step(precision):
    return 1e-12, 1e-12


def wrong_check(factor):
    return np.zeros(3)


# %% best_step | wrong | one step for both | In float32 the step
def best_step(precision):
    return 1e-5, 2e-12


def wrong_check(factor):
    return np.zeros(3)


# %% best_step | wrong | a step that bends | In float64 the step
def best_step(precision):
    return 1e-2, 5.9e-7


def wrong_check(factor):
    return np.zeros(3)


# %% best_step | wrong | states an error that is not there | you state the error
def best_step(precision):
    return (1e-5 if precision == "float64" else 1e-2), 0.1


def wrong_check(factor):
    return np.zeros(3)


# %% best_step | wrong | the softmax in place of its gradient | through .sum() should be 0
def best_step(precision):
    return (1e-5, 2e-12) if precision == "float64" else (1e-2, 1e-6)


def wrong_check(factor):
    e = np.exp(np.array([2, 1, 0.1]))
    return factor * e / e.sum()


# %% best_step | wrong | the diagonal of the Jacobian only | through .sum() should be 0
def best_step(precision):
    return (1e-5, 2e-12) if precision == "float64" else (1e-2, 1e-6)


def wrong_check(factor):
    e = np.exp(np.array([2, 1, 0.1]))
    p = e / e.sum()
    return factor * p * (1 - p)


# %% best_step | hidden | sees the factors of the visible check only
def best_step(precision):
    return (1e-5, 2e-12) if precision == "float64" else (1e-2, 1e-6)


def wrong_check(factor):
    return np.zeros(3) if factor in (1.0, 2.0) else factor * np.ones(3)
