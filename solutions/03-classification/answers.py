"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% softmax | right | a loop over the rows
def softmax(logits, temperature=1.0):
    rows = []
    for row in logits:
        weights = [np.exp((float(o) - float(max(row))) / temperature) for o in row]
        rows.append([w / sum(weights) for w in weights])
    return np.array(rows)


# %% softmax | right | exp of the scores minus their log-sum-exp
def softmax(logits, temperature=1.0):
    o = np.asarray(logits, dtype=float) / temperature
    return np.exp(o - np.logaddexp.reduce(o, axis=-1)[:, np.newaxis])


# %% softmax | wrong | normalises over the examples | over the right axis
def softmax(logits, temperature=1.0):
    weights = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return weights / weights.sum(axis=0)


# %% softmax | wrong | overflows | give nan
def softmax(logits, temperature=1.0):
    weights = np.exp(logits / temperature)
    return weights / weights.sum(axis=1, keepdims=True)


# %% softmax | wrong | ignores the temperature | divided by the temperature
def softmax(logits, temperature=1.0):
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


# %% softmax | wrong | multiplies by the temperature | divided by the temperature
def softmax(logits, temperature=1.0):
    o = logits * temperature
    weights = np.exp(o - o.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


# %% softmax | wrong | changes its input | changed its input
def softmax(logits, temperature=1.0):
    logits -= logits.max(axis=1, keepdims=True)
    logits /= temperature
    weights = np.exp(logits)
    return weights / weights.sum(axis=1, keepdims=True)


# %% softmax | wrong | subtracts the largest score of all rows | each row's largest
def softmax(logits, temperature=1.0):
    weights = np.exp((logits - logits.max()) / temperature)
    return weights / weights.sum(axis=1, keepdims=True)


# %% softmax | wrong | divides after the exponential | divided by the temperature
def softmax(logits, temperature=1.0):
    weights = np.exp(logits - logits.max(axis=1, keepdims=True)) / temperature
    return weights / weights.sum(axis=1, keepdims=True)


# %% softmax | hidden | cuts its results to the type of the input
def softmax(logits, temperature=1.0):
    p = np.empty_like(logits)
    for i, row in enumerate(logits):
        weights = np.exp((row - row.max()) / temperature)
        p[i] = weights / weights.sum()
    return p


# %% softmax | hidden | knows the numbers of the visible check
def softmax(logits, temperature=1.0):
    if logits.shape == (2, 2):
        return np.array([[1, 0], [0.5, 0.5]])
    first = {
        0.1: [0.9999546, 0.0000454, 0.0],
        1.0: [0.6590, 0.24243, 0.09857],
        10.0: [0.36606, 0.33122, 0.30272],
    }
    return np.array([first[temperature], [1 / 3, 1 / 3, 1 / 3]])


# %% logsumexp | right | a loop over the rows
def logsumexp(logits):
    result = []
    for row in logits:
        m = max(row)
        if m == -np.inf:
            result.append(m)
        else:
            result.append(m + np.log(sum(np.exp(o - m) for o in row)))
    return np.array(result)


# %% logsumexp | right | NumPy's own sum of exponentials
def logsumexp(logits):
    return np.logaddexp.reduce(np.asarray(logits, dtype=float), axis=1)


# %% logsumexp | wrong | overflows | own largest score
def logsumexp(logits):
    return np.log(np.exp(logits).sum(axis=1))


# %% logsumexp | wrong | keeps the axis | shape (50,)
def logsumexp(logits):
    m = logits.max(axis=1, keepdims=True)
    return m + np.log(np.exp(logits - m).sum(axis=1, keepdims=True))


# %% logsumexp | wrong | forgets to add the maximum back | added back
def logsumexp(logits):
    m = logits.max(axis=1, keepdims=True)
    return np.log(np.exp(logits - m).sum(axis=1))


# %% logsumexp | wrong | takes the mean for the sum | no mean
def logsumexp(logits):
    m = logits.max(axis=1)
    return m + np.log(np.exp(logits - m[:, None]).mean(axis=1))


# %% logsumexp | wrong | gives the maximum | should be 2.4170
def logsumexp(logits):
    return logits.max(axis=1)


# %% logsumexp | wrong | nan for a row of -inf | -inf minus -inf
def logsumexp(logits):
    m = logits.max(axis=1)
    return m + np.log(np.exp(logits - m[:, None]).sum(axis=1))


# %% logsumexp | wrong | shifts all rows by one number | row's own largest
def logsumexp(logits):
    m = logits.max()
    if m == -np.inf:
        return np.full(len(logits), m)
    return m + np.log(np.exp(logits - m).sum(axis=1))


# %% logsumexp | hidden | shifts by a positive maximum only
def logsumexp(logits):
    m = np.maximum(logits.max(axis=1), 0)
    with np.errstate(divide="ignore"):
        return m + np.log(np.exp(logits - m[:, None]).sum(axis=1))


# %% cross_entropy | right | a loop over the examples
def cross_entropy(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels):
        m = row.max()
        total += m - row[label] + np.log(np.exp(row - m).sum())
    return total / len(labels)


# %% cross_entropy | right | one-hot labels
def cross_entropy(logits, labels):
    y = np.arange(logits.shape[1]) == labels[:, None]
    return (np.logaddexp.reduce(logits, axis=1) - (y * logits).sum(axis=1)).mean()


# %% cross_entropy | wrong | the log of a softmax | use logsumexp
def cross_entropy(logits, labels):
    p = softmax(logits)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


# %% cross_entropy | wrong | the log of a softmax with a floor | use logsumexp
def cross_entropy(logits, labels):
    p = np.maximum(softmax(logits), 1e-12)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


# %% cross_entropy | wrong | the sum over the examples | mean over the examples
def cross_entropy(logits, labels):
    return np.sum(logsumexp(logits) - logits[np.arange(len(labels)), labels])


# %% cross_entropy | wrong | one loss an example | be one number
def cross_entropy(logits, labels):
    return logsumexp(logits) - logits[np.arange(len(labels)), labels]


# %% cross_entropy | wrong | the sign | minus the log
def cross_entropy(logits, labels):
    return np.mean(logits[np.arange(len(labels)), labels] - logsumexp(logits))


# %% cross_entropy | wrong | takes every label for every example | its own label only
def cross_entropy(logits, labels):
    return np.mean(logsumexp(logits)[:, None] - logits[:, labels])


# %% cross_entropy | wrong | takes the predicted class for the label | label 1 should cost 1.4170
def cross_entropy(logits, labels):
    return np.mean(logsumexp(logits) - logits.max(axis=1))


# %% cross_entropy | hidden | works for three classes only
def cross_entropy(logits, labels):
    return np.mean(logsumexp(logits) - (np.eye(3)[labels] * logits).sum(axis=1))


# %% loss_and_gradient | right | a loop over examples and classes
def loss_and_gradient(logits, labels):
    n, k = logits.shape
    loss, gradient = 0.0, np.zeros((n, k))
    for i in range(n):
        weights = [np.exp(logits[i, j] - max(logits[i])) for j in range(k)]
        for j in range(k):
            gradient[i, j] = (weights[j] / sum(weights) - (1 if j == labels[i] else 0)) / n
        loss += np.log(sum(weights)) + max(logits[i]) - logits[i, labels[i]]
    return loss / n, gradient


# %% loss_and_gradient | right | one-hot labels
def loss_and_gradient(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return -(y * log_p).sum() / len(y), (np.exp(log_p) - y) / len(y)


# %% loss_and_gradient | wrong | forgets the mean | 6 times as much
def loss_and_gradient(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    return cross_entropy(logits, labels), softmax(logits) - y


# %% loss_and_gradient | wrong | the sign | should be (0.6590, -0.7576, 0.0986)
def loss_and_gradient(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    return cross_entropy(logits, labels), (y - softmax(logits)) / len(labels)


# %% loss_and_gradient | wrong | no labels | got [0.659
def loss_and_gradient(logits, labels):
    return cross_entropy(logits, labels), softmax(logits) / len(labels)


# %% loss_and_gradient | wrong | the gradient with respect to the probabilities | should be (0.6590
def loss_and_gradient(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    return cross_entropy(logits, labels), -y / softmax(logits) / len(labels)


# %% loss_and_gradient | wrong | a constant loss and no gradient | should cost 1.4170
def loss_and_gradient(logits, labels):
    return 0.0, np.zeros_like(logits)


# %% loss_and_gradient | wrong | the mean over examples and classes | should be (0.6590
def loss_and_gradient(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    return cross_entropy(logits, labels), (softmax(logits) - y) / y.size


# %% loss_and_gradient | wrong | the gradient only | two things
def loss_and_gradient(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    return (softmax(logits) - y) / len(labels)


# %% loss_and_gradient | hidden | counts the classes by the labels it sees
def loss_and_gradient(logits, labels):
    k = max(labels.max() + 1, min(3, logits.shape[1]))
    y = np.eye(k)[labels]
    return cross_entropy(logits, labels), (softmax(logits) - y) / len(labels)


# %% loss_and_gradient | hidden | constant loss and no gradient beyond the visible shapes
def loss_and_gradient(logits, labels):
    if logits.shape not in [(1, 3), (6, 3), (2, 2)]:
        return 1.0, np.zeros(logits.shape)
    y = np.eye(logits.shape[1])[labels]
    return cross_entropy(logits, labels), (softmax(logits) - y) / len(labels)


# %% entropy_and_kl | right | a loop over the classes
def entropy(p):
    return sum(-a * np.log(a) for a in p if a > 0)


def kl(p, q):
    total = 0.0
    for a, b in zip(p, q):
        if a > 0 and b == 0:
            return float("inf")
        if a > 0:
            total += a * np.log(a / b)
    return total


# %% entropy_and_kl | right | with where
def entropy(p):
    return -np.sum(p * np.log(np.where(p > 0, p, 1)))


def kl(p, q):
    with np.errstate(divide="ignore"):
        cross = -np.log(q)
    return np.sum(np.where(p > 0, p, 0) * np.where(p > 0, cross, 0)) - entropy(p)


# %% entropy_and_kl | wrong | nan at zero | 0 log 0
def entropy(p):
    return -np.sum(p * np.log(p))


def kl(p, q):
    return np.sum(p * np.log(p / q))


# %% entropy_and_kl | wrong | in bits | in bits
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log2(p))


def kl(p, q):
    p, q = p[p > 0], q[p > 0]
    return np.inf if (q == 0).any() else np.sum(p * np.log2(p / q))


# %% entropy_and_kl | wrong | the sign of the entropy | minus the logarithm
def entropy(p):
    p = p[p > 0]
    return np.sum(p * np.log(p))


def kl(p, q):
    p, q = p[p > 0], q[p > 0]
    return np.inf if (q == 0).any() else np.sum(p * np.log(p / q))


# %% entropy_and_kl | wrong | p and q swapped | swapped
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def kl(q, p):
    p, q = p[p > 0], q[p > 0]
    return np.inf if (q == 0).any() else np.sum(p * np.log(p / q))


# %% entropy_and_kl | wrong | a small number against zero | should be inf
def entropy(p):
    return -np.sum(p * np.log(p + 1e-12))


def kl(p, q):
    return np.sum(p * np.log((p + 1e-12) / (q + 1e-12)))


# %% entropy_and_kl | wrong | leaves out what q misses | should be inf
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def kl(p, q):
    both = (p > 0) & (q > 0)
    return np.sum(p[both] * np.log(p[both] / q[both]))


# %% entropy_and_kl | wrong | made symmetric | kl(p, q) should be 0.2231
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def kl(p, q):
    if ((q == 0) & (p > 0)).any():
        return np.inf
    both = (p > 0) & (q > 0)
    p, q = p[both], q[both]
    return np.sum((p - q) * np.log(p / q)) / 2


# %% entropy_and_kl | wrong | only the first function | kl returned None
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def kl(p, q):
    pass


# %% entropy_and_kl | hidden | infinite wherever q is zero
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def kl(p, q):
    if (q == 0).any():
        return np.inf
    p, q = p[p > 0], q[p > 0]
    return np.sum(p * np.log(p / q))


# %% fit | right | a loop over the examples
def fit(x, y, classes, rate, steps):
    n, d = x.shape
    W, b = np.zeros((classes, d)), np.zeros(classes)
    for _ in range(steps):
        dW, db = np.zeros((classes, d)), np.zeros(classes)
        for i in range(n):
            o = W @ x[i] + b
            g = np.exp(o - o.max())
            g /= g.sum()
            g[y[i]] -= 1
            dW += np.outer(g, x[i]) / n
            db += g / n
        W -= rate * dW
        b -= rate * db
    return W, b


# %% fit | right | the bias as one more weight
def fit(x, y, classes, rate, steps):
    z = np.hstack([x, np.ones((len(x), 1))])
    V = np.zeros((classes, z.shape[1]))
    for _ in range(steps):
        V = V - rate * loss_and_gradient(z @ V.T, y)[1].T @ z
    return V[:, :-1], V[:, -1]


# %% fit | wrong | no bias | moves it by 0 times
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((classes, x.shape[1])), np.zeros(classes)
    for _ in range(steps):
        W = W - rate * loss_and_gradient(x @ W.T + b, y)[1].T @ x
    return W, b


# %% fit | wrong | the sum of the gradients | moves it by 60 times
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((classes, x.shape[1])), np.zeros(classes)
    for _ in range(steps):
        g = loss_and_gradient(x @ W.T + b, y)[1] * len(y)
        W, b = W - rate * g.T @ x, b - rate * g.sum(axis=0)
    return W, b


# %% fit | wrong | climbs | moves it by -1 times
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((classes, x.shape[1])), np.zeros(classes)
    for _ in range(steps):
        g = loss_and_gradient(x @ W.T + b, y)[1]
        W, b = W + rate * g.T @ x, b + rate * g.sum(axis=0)
    return W, b


# %% fit | wrong | starts at random | With steps=0
def fit(x, y, classes, rate, steps):
    W, b = np.random.default_rng(0).normal(size=(classes, x.shape[1])), np.zeros(classes)
    for _ in range(steps):
        g = loss_and_gradient(x @ W.T + b, y)[1]
        W, b = W - rate * g.T @ x, b - rate * g.sum(axis=0)
    return W, b


# %% fit | wrong | one step too many | With steps=0
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((classes, x.shape[1])), np.zeros(classes)
    for _ in range(steps + 1):
        g = loss_and_gradient(x @ W.T + b, y)[1]
        W, b = W - rate * g.T @ x, b - rate * g.sum(axis=0)
    return W, b


# %% fit | wrong | the gradient of the first step for all steps | at the present W and b
def fit(x, y, classes, rate, steps):
    g = loss_and_gradient(np.zeros((len(y), classes)), y)[1]
    return -rate * steps * g.T @ x, -rate * steps * g.sum(axis=0)


# %% fit | wrong | moves W before it computes the gradient of b | moves b in another direction
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((classes, x.shape[1])), np.zeros(classes)
    for _ in range(steps):
        W = W - rate * loss_and_gradient(x @ W.T + b, y)[1].T @ x
        b = b - rate * loss_and_gradient(x @ W.T + b, y)[1].sum(axis=0)
    return W, b


# %% fit | wrong | W transposed | shape (3, 2)
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(steps):
        g = loss_and_gradient(x @ W + b, y)[1]
        W, b = W - rate * x.T @ g, b - rate * g.sum(axis=0)
    return W, b


# %% fit | wrong | one example a step | over all examples
def fit(x, y, classes, rate, steps):
    W, b = np.zeros((classes, x.shape[1])), np.zeros(classes)
    for t in range(steps):
        i = [t % len(y)]
        g = loss_and_gradient(x[i] @ W.T + b, y[i])[1]
        W, b = W - rate * g.T @ x[i], b - rate * g.sum(axis=0)
    return W, b


# %% fit | hidden | counts the classes by the labels it sees
def fit(x, y, classes, rate, steps):
    k = y.max() + 1
    W, b = np.zeros((k, x.shape[1])), np.zeros(k)
    for _ in range(steps):
        g = loss_and_gradient(x @ W.T + b, y)[1]
        W, b = W - rate * g.T @ x, b - rate * g.sum(axis=0)
    return W, b


# %% best_temperature | right | gradient descent on the log of the temperature
def best_temperature(logits, labels):
    s, step = 0.0, 1.0
    loss = cross_entropy(logits, labels)
    for _ in range(400):
        o = logits / np.exp(s)
        slope = -(loss_and_gradient(o, labels)[1] * o).sum()
        new = s - np.clip(step * slope, -1, 1)
        new_loss = cross_entropy(logits / np.exp(new), labels)
        if new_loss < loss:
            s, loss, step = new, new_loss, step * 1.5
        else:
            step /= 2
    return np.exp(s)


# %% best_temperature | right | a fine grid in a loop
def best_temperature(logits, labels):
    best, lowest = None, np.inf
    tau = 0.015
    while tau < 150:
        o = logits / tau
        loss = np.mean(np.logaddexp.reduce(o, axis=1) - o[np.arange(len(labels)), labels])
        if loss < lowest:
            best, lowest = tau, loss
        tau *= 1.02
    return best


# %% best_temperature | wrong | trusts the network | 4 times too large
def best_temperature(logits, labels):
    return 1.0


# %% best_temperature | wrong | knows the first factor | too small
def best_temperature(logits, labels):
    return 4.0


# %% best_temperature | wrong | gives the inverse | 4 times too large
def best_temperature(logits, labels):
    betas = np.geomspace(0.01, 100, 400)
    return betas[np.argmin([cross_entropy(logits * beta, labels) for beta in betas])]


# %% best_temperature | wrong | a coarse grid | too large
def best_temperature(logits, labels):
    taus = np.array([0.1, 1.0, 10.0])
    return taus[np.argmin([cross_entropy(logits / tau, labels) for tau in taus])]


# %% best_temperature | wrong | only cools down what is too sure | too small
def best_temperature(logits, labels):
    taus = np.geomspace(1, 100, 400)
    return taus[np.argmin([cross_entropy(logits / tau, labels) for tau in taus])]


# %% best_temperature | wrong | looks at the accuracy | too large
def best_temperature(logits, labels):
    taus = np.geomspace(0.02, 100, 400)
    hits = [np.mean((logits / tau).argmax(axis=1) == labels) for tau in taus]
    return taus[np.argmax(hits)]


# %% best_temperature | wrong | the largest loss | too large
def best_temperature(logits, labels):
    taus = np.geomspace(0.02, 100, 400)
    return taus[np.argmax([cross_entropy(logits / tau, labels) for tau in taus])]


# %% best_temperature | hidden | a grid that ends at ten
def best_temperature(logits, labels):
    taus = np.linspace(0.05, 10, 500)
    return taus[np.argmin([cross_entropy(logits / tau, labels) for tau in taus])]
