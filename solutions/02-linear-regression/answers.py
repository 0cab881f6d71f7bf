"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% loss | right | a loop over the examples
def loss(x, y, w, b):
    total = 0.0
    for row, target in zip(x, y):
        total += (sum(a * c for a, c in zip(w, row)) + b - target) ** 2 / 2
    return total / len(y)


# %% loss | right | the squared length of the residual
def loss(x, y, w, b):
    r = y - np.dot(x, w) - b
    return r @ r / (2 * len(r))


# %% loss | wrong | no half | factor 1/2
def loss(x, y, w, b):
    return np.mean((x @ w + b - y) ** 2)


# %% loss | wrong | the sum | take the mean
def loss(x, y, w, b):
    return 0.5 * np.sum((x @ w + b - y) ** 2)


# %% loss | wrong | the sign of the bias | sign of b
def loss(x, y, w, b):
    return 0.5 * np.mean((y - x @ w + b) ** 2)


# %% loss | wrong | the mistakes without a square | should be 6.8333
def loss(x, y, w, b):
    return 0.5 * np.mean(np.abs(x @ w + b - y))


# %% loss | wrong | one loss an example | be one number
def loss(x, y, w, b):
    return 0.5 * (x @ w + b - y) ** 2


# %% loss | wrong | the mean before the square | should be 6.8333
def loss(x, y, w, b):
    return 0.5 * np.mean(x @ w + b - y) ** 2


# %% loss | wrong | a table of all targets against all predictions | With w = 2.5
def loss(x, y, w, b):
    return 0.5 * np.mean((x @ w + b - y[:, None]) ** 2)


# %% loss | hidden | at most two features
def loss(x, y, w, b):
    return 0.5 * np.mean((x[:, :2] @ w[:2] + b - y) ** 2)


# %% gradient | right | a loop over examples and features
def gradient(x, y, w, b):
    n, d = x.shape
    dw, db = np.zeros(d), 0.0
    for i in range(n):
        mistake = b - y[i]
        for j in range(d):
            mistake += w[j] * x[i, j]
        for j in range(d):
            dw[j] += mistake * x[i, j] / n
        db += mistake / n
    return dw, db


# %% gradient | right | one column of ones
def gradient(x, y, w, b):
    A = np.hstack([x, np.ones((len(x), 1))])
    g = A.T @ (A @ np.append(w, b) - y) / len(y)
    return g[:-1], g[-1]


# %% gradient | wrong | the sign | wrong sign
def gradient(x, y, w, b):
    r = y - x @ w - b
    return x.T @ r / len(y), r.mean()


# %% gradient | wrong | the sum | divide by the number of examples
def gradient(x, y, w, b):
    r = y - x @ w - b
    return -x.T @ r, -r.sum()


# %% gradient | wrong | keeps the two | the 1/2 of the loss
def gradient(x, y, w, b):
    r = y - x @ w - b
    return -2 * x.T @ r / len(y), -2 * r.mean()


# %% gradient | wrong | no slope in b | slope in b should be -3
def gradient(x, y, w, b):
    r = y - x @ w - b
    return -x.T @ r / len(y), 0.0


# %% gradient | wrong | forgets the bias in the prediction | best line both slopes
def gradient(x, y, w, b):
    r = y - x @ w
    return -x.T @ r / len(y), -r.mean()


# %% gradient | wrong | only one thing | two things
def gradient(x, y, w, b):
    r = y - x @ w - b
    return -x.T @ r / len(y)


# %% gradient | wrong | the same slope for every feature | With 3 features
def gradient(x, y, w, b):
    r = y - x @ w - b
    return np.full(len(w), -(x.sum(axis=1) * r).mean()), -r.mean()


# %% gradient | hidden | right for one and three features only
def gradient(x, y, w, b):
    r = y - x @ w - b
    dw = -x.T @ r / len(y)
    return (dw if len(w) in (1, 3) else np.zeros(len(w))), -r.mean()


# %% least_squares | right | the pseudoinverse
def least_squares(x, y):
    theta = np.linalg.pinv(np.hstack([x, np.ones((len(x), 1))])) @ y
    return theta[:-1], theta[-1]


# %% least_squares | right | singular values by hand
def least_squares(x, y):
    A = np.c_[x, np.ones(len(x))]
    u, s, vt = np.linalg.svd(A, full_matrices=False)
    theta = np.zeros(A.shape[1])
    for k in range(len(s)):
        if s[k] > 1e-12 * s[0]:
            theta += (u[:, k] @ y) / s[k] * vt[k]
    return theta[:-1], theta[-1]


# %% least_squares | wrong | no bias | goes through the origin
def least_squares(x, y):
    return np.linalg.pinv(x) @ y, 0.0


# %% least_squares | wrong | the normal equations | use lstsq or pinv
def least_squares(x, y):
    A = np.c_[x, np.ones(len(x))]
    theta = np.linalg.solve(A.T @ A, A.T @ y)
    return theta[:-1], theta[-1]


# %% least_squares | wrong | a little ridge against the missing inverse | perpendicular
def least_squares(x, y):
    A = np.c_[x, np.ones(len(x))]
    theta = np.linalg.solve(A.T @ A + 1e-5 * np.eye(A.shape[1]), A.T @ y)
    return theta[:-1], theta[-1]


# %% least_squares | wrong | all weight to the first of two copies | shortest weights
def least_squares(x, y):
    w, done = np.zeros(x.shape[1]), []
    for j in range(x.shape[1]):
        if not any(np.array_equal(x[:, j], x[:, k]) for k in done):
            done.append(j)
    theta = np.linalg.pinv(np.c_[x[:, done], np.ones(len(x))]) @ y
    w[done] = theta[:-1]
    return w, theta[-1]


# %% least_squares | wrong | centres first, so that b is not in the length | One example
def least_squares(x, y):
    w = np.linalg.pinv(x - x.mean(axis=0)) @ (y - y.mean())
    return w, y.mean() - x.mean(axis=0) @ w


# %% least_squares | wrong | returns one array | two things
def least_squares(x, y):
    return np.linalg.pinv(np.c_[x, np.ones(len(x))]) @ y


# %% least_squares | hidden | the pseudoinverse of the square
def least_squares(x, y):
    A = np.c_[x, np.ones(len(x))]
    theta = np.linalg.pinv(A.T @ A) @ A.T @ y
    return theta[:-1], theta[-1]


# %% descend | right | a loop over the rows of a batch
def descend(x, y, batches, rate):
    w, b = [0.0] * x.shape[1], 0.0
    for rows in batches:
        dw, db = [0.0] * len(w), 0.0
        for i in rows:
            mistake = sum(a * c for a, c in zip(w, x[i])) + b - y[i]
            dw = [s + mistake * c / len(rows) for s, c in zip(dw, x[i])]
            db += mistake / len(rows)
        w, b = [a - rate * s for a, s in zip(w, dw)], b - rate * db
    return np.array(w), b


# %% descend | right | the bias as one more weight
def descend(x, y, batches, rate):
    A = np.c_[x, np.ones(len(x))]
    theta = np.zeros(A.shape[1])
    for rows in batches:
        theta += rate * A[rows].T @ (y[rows] - A[rows] @ theta) / len(rows)
    return theta[:-1], theta[-1]


# %% descend | wrong | climbs | uphill
def descend(x, y, batches, rate):
    w, b = np.zeros(x.shape[1]), 0.0
    for rows in batches:
        dw, db = gradient(x[rows], y[rows], w, b)
        w, b = w + rate * dw, b + rate * db
    return w, b


# %% descend | wrong | adds up over the batch | average over the batch
def descend(x, y, batches, rate):
    w, b = np.zeros(x.shape[1]), 0.0
    for rows in batches:
        dw, db = gradient(x[rows], y[rows], w, b)
        w, b = w - rate * len(rows) * dw, b - rate * len(rows) * db
    return w, b


# %% descend | wrong | divides by all examples | size of the batch
def descend(x, y, batches, rate):
    w, b = np.zeros(x.shape[1]), 0.0
    for rows in batches:
        r = y[rows] - x[rows] @ w - b
        w, b = w + rate * r @ x[rows] / len(x), b + rate * r.sum() / len(x)
    return w, b


# %% descend | wrong | all examples in each step | its own batch
def descend(x, y, batches, rate):
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in batches:
        dw, db = gradient(x, y, w, b)
        w, b = w - rate * dw, b - rate * db
    return w, b


# %% descend | wrong | moves w before it takes the slope in b | before either moves
def descend(x, y, batches, rate):
    w, b = np.zeros(x.shape[1]), 0.0
    for rows in batches:
        w = w - rate * gradient(x[rows], y[rows], w, b)[0]
        b = b - rate * gradient(x[rows], y[rows], w, b)[1]
    return w, b


# %% descend | wrong | every slope at the start | present w and b
def descend(x, y, batches, rate):
    zero = np.zeros(x.shape[1])
    w, b = zero, 0.0
    for rows in batches:
        dw, db = gradient(x[rows], y[rows], zero, 0.0)
        w, b = w - rate * dw, b - rate * db
    return w, b


# %% descend | wrong | starts at random | Without batches
def descend(x, y, batches, rate):
    w, b = np.random.default_rng(0).normal(size=x.shape[1]), 0.0
    for rows in batches:
        dw, db = gradient(x[rows], y[rows], w, b)
        w, b = w - rate * dw, b - rate * db
    return w, b


# %% descend | hidden | counts an example of a batch once
def descend(x, y, batches, rate):
    w, b = np.zeros(x.shape[1]), 0.0
    for rows in batches:
        rows = np.unique(rows)
        dw, db = gradient(x[rows], y[rows], w, b)
        w, b = w - rate * dw, b - rate * db
    return w, b


# %% noise | right | the two expressions at their best scales
def noise(r):
    n, sigma, c = len(r), np.sqrt(np.mean(r**2)), np.mean(np.abs(r))
    gaussian = n / 2 * np.log(2 * np.pi * sigma**2) + np.sum(r**2) / (2 * sigma**2)
    return gaussian, n * np.log(2 * c) + np.sum(np.abs(r)) / c


# %% noise | right | a loop over the densities
def noise(r):
    squares = sum(float(v) ** 2 for v in r) / len(r)
    scale = sum(abs(float(v)) for v in r) / len(r)
    gaussian = laplace = 0.0
    for v in r:
        p = np.exp(-(v**2) / 2 / squares) / np.sqrt(2 * np.pi * squares)
        q = np.exp(-abs(v) / scale) / 2 / scale
        gaussian, laplace = gaussian - np.log(p), laplace - np.log(q)
    return gaussian, laplace


# %% noise | wrong | swapped | Gaussian first
def noise(r):
    n = len(r)
    gaussian = n / 2 * (np.log(2 * np.pi * np.mean(r**2)) + 1)
    return n * (np.log(2 * np.mean(np.abs(r))) + 1), gaussian


# %% noise | wrong | the logarithm without the minus | minus the logarithm
def noise(r):
    n = len(r)
    gaussian = n / 2 * (np.log(2 * np.pi * np.mean(r**2)) + 1)
    return -gaussian, -n * (np.log(2 * np.mean(np.abs(r))) + 1)


# %% noise | wrong | the mean over the residuals | sum over the residuals
def noise(r):
    gaussian = (np.log(2 * np.pi * np.mean(r**2)) + 1) / 2
    return gaussian, np.log(2 * np.mean(np.abs(r))) + 1


# %% noise | wrong | the deviation around the mean | around 0
def noise(r):
    n = len(r)
    gaussian = n / 2 * (np.log(2 * np.pi * np.var(r)) + 1)
    return gaussian, n * (np.log(2 * np.mean(np.abs(r))) + 1)


# %% noise | wrong | divides by n - 1 | best σ² is the mean of r²
def noise(r):
    n = len(r)
    gaussian = n / 2 * (np.log(2 * np.pi * np.sum(r**2) / (n - 1)) + 1)
    return gaussian, n * (np.log(2 * np.mean(np.abs(r))) + 1)


# %% noise | wrong | the median for the scale of Laplace | Laplace number should be 7.8982
def noise(r):
    n, c = len(r), np.median(np.abs(r))
    gaussian = n / 2 * (np.log(2 * np.pi * np.mean(r**2)) + 1)
    return gaussian, n * np.log(2 * c) + np.sum(np.abs(r)) / c


# %% noise | wrong | scale one instead of the best | 9.3433
def noise(r):
    n = len(r)
    return n / 2 * np.log(2 * np.pi) + np.sum(r**2) / 2, n * np.log(2) + np.sum(np.abs(r))


# %% noise | hidden | a coarse grid of scales
def noise(r):
    n, s = len(r), np.append(np.linspace(0.5, 3, 2501), [1.325, np.sqrt(6.2575)])
    gaussian = n / 2 * np.log(2 * np.pi * s**2) + np.sum(r**2) / 2 / s**2
    return gaussian.min(), (n * np.log(2 * s) + np.sum(np.abs(r)) / s).min()


# %% leave_one_out | right | n fits
def leave_one_out(x, y):
    mistakes = []
    for i in range(len(y)):
        w, b = least_squares(np.delete(x, i, axis=0), np.delete(y, i))
        mistakes.append(y[i] - x[i] @ w - b)
    return np.mean(np.square(mistakes))


# %% leave_one_out | right | the leverages from a QR decomposition
def leave_one_out(x, y):
    q, _ = np.linalg.qr(np.c_[x, np.ones(len(x))])
    leverage = (q**2).sum(axis=1)
    r = y - q @ (q.T @ y)
    return float(np.mean((r / (1 - leverage)) ** 2))


# %% leave_one_out | wrong | the training error | training error
def leave_one_out(x, y):
    w, b = least_squares(x, y)
    return np.mean((y - x @ w - b) ** 2)


# %% leave_one_out | wrong | half of it | without the factor 1/2
def leave_one_out(x, y):
    A = np.c_[x, np.ones(len(x))]
    P = A @ np.linalg.pinv(A)
    return 0.5 * np.mean(((y - P @ y) / (1 - np.diag(P))) ** 2)


# %% leave_one_out | wrong | the sum | Take the mean
def leave_one_out(x, y):
    A = np.c_[x, np.ones(len(x))]
    P = A @ np.linalg.pinv(A)
    return np.sum(((y - P @ y) / (1 - np.diag(P))) ** 2)


# %% leave_one_out | wrong | the root | without a root
def leave_one_out(x, y):
    A = np.c_[x, np.ones(len(x))]
    P = A @ np.linalg.pinv(A)
    return np.mean(((y - P @ y) / (1 - np.diag(P))) ** 2) ** 0.5


# %% leave_one_out | wrong | no bias | bias in each fit
def leave_one_out(x, y):
    P = x @ np.linalg.pinv(x)
    return np.mean(((y - P @ y) / (1 - np.diag(P))) ** 2)


# %% leave_one_out | wrong | the mean leverage for each | should be 6.75
def leave_one_out(x, y):
    A = np.c_[x, np.ones(len(x))]
    P = A @ np.linalg.pinv(A)
    return np.mean(((y - P @ y) / (1 - np.trace(P) / len(y))) ** 2)


# %% leave_one_out | wrong | leaves out the first three only | its own 1 - P_ii
def leave_one_out(x, y):
    mistakes = []
    for i in range(3):
        w, b = least_squares(np.delete(x, i, axis=0), np.delete(y, i))
        mistakes.append(y[i] - x[i] @ w - b)
    return np.mean(np.square(mistakes))


# %% leave_one_out | hidden | leaves out at most nine
def leave_one_out(x, y):
    mistakes = []
    for i in range(min(len(y), 9)):
        w, b = least_squares(np.delete(x, i, axis=0), np.delete(y, i))
        mistakes.append(y[i] - x[i] @ w - b)
    return np.mean(np.square(mistakes))


# %% choose | right | numpy's polynomials
def choose(x, y, x_val, y_val):
    best, lowest = None, np.inf
    for degree in range(1, 11):
        p = np.polynomial.Polynomial.fit(x, y, degree)
        error = np.mean((p(x_val) - y_val) ** 2)
        if error < lowest:
            best, lowest = degree, error
    return best


# %% choose | right | a dictionary of errors
def choose(x, y, x_val, y_val):
    errors = {}
    for degree in range(1, 11):
        A, B = (np.vander(v, degree + 1, increasing=True) for v in (x, x_val))
        c, *_ = np.linalg.lstsq(A, y, rcond=None)
        errors[degree] = float(((B @ c - y_val) ** 2).sum())
    return min(errors, key=errors.get)


# %% choose | wrong | the training error | smallest training error
def choose(x, y, x_val, y_val):
    errors = []
    for degree in range(1, 11):
        w, b = least_squares(x[:, None] ** np.arange(1, degree + 1), y)
        errors.append(loss(x[:, None] ** np.arange(1, degree + 1), y, w, b))
    return int(np.argmin(errors)) + 1


# %% choose | wrong | counts from zero | count the degrees from 0
def choose(x, y, x_val, y_val):
    errors = []
    for degree in range(1, 11):
        powers = np.arange(1, degree + 1)
        w, b = least_squares(x[:, None] ** powers, y)
        errors.append(loss(x_val[:, None] ** powers, y_val, w, b))
    return int(np.argmin(errors))


# %% choose | wrong | fits on the validation data | smallest training error
def choose(x, y, x_val, y_val):
    errors = []
    for degree in range(1, 11):
        powers = np.arange(1, degree + 1)
        w, b = least_squares(x_val[:, None] ** powers, y_val)
        errors.append(loss(x_val[:, None] ** powers, y_val, w, b))
    return int(np.argmin(errors)) + 1


# %% choose | wrong | always three | 200 points of a faster wave
def choose(x, y, x_val, y_val):
    return 3


# %% choose | wrong | the largest validation error | has the validation error
def choose(x, y, x_val, y_val):
    errors = []
    for degree in range(1, 10):
        powers = np.arange(1, degree + 1)
        w, b = least_squares(x[:, None] ** powers, y)
        errors.append(loss(x_val[:, None] ** powers, y_val, w, b))
    return int(np.argmax(errors)) + 1


# %% choose | wrong | the errors instead of the degree | be one number
def choose(x, y, x_val, y_val):
    errors = []
    for degree in range(1, 11):
        powers = np.arange(1, degree + 1)
        w, b = least_squares(x[:, None] ** powers, y)
        errors.append(loss(x_val[:, None] ** powers, y_val, w, b))
    return errors


# %% choose | hidden | tries nine degrees
def choose(x, y, x_val, y_val):
    errors = []
    for degree in range(1, 10):
        powers = np.arange(1, degree + 1)
        w, b = least_squares(x[:, None] ** powers, y)
        errors.append(loss(x_val[:, None] ** powers, y_val, w, b))
    return int(np.argmin(errors)) + 1
