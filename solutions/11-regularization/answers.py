"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import numpy as np


# %% ridge | right | a loop over directions
def ridge(x, y, alpha):
    u, s, vt = np.linalg.svd(x)
    w, df = np.zeros(x.shape[1]), 0.0
    for j in range(len(s)):
        if s[j] > 1e-10 * s[0]:
            lam = s[j] ** 2 / len(y)
            share = lam / (lam + alpha)
            df += share
            w += share * (u[:, j] @ y) / s[j] * vt[j]
    return w, df


# %% ridge | right | from the eigenvectors of the small matrix
def ridge(x, y, alpha):
    s = np.linalg.svd(x, compute_uv=False)
    lam = s[s > 1e-10 * s[0]] ** 2 / len(y)
    df = (lam / (lam + alpha)).sum()
    if alpha == 0:
        return np.linalg.pinv(x, rcond=1e-10) @ y, df
    d = x.shape[1]
    rows = np.vstack([x, np.sqrt(alpha * len(y)) * np.eye(d)])
    return np.linalg.lstsq(rows, np.append(y, np.zeros(d)), rcond=None)[0], df


# %% ridge | wrong | forgets the n | squared singular value over n
def ridge(x, y, alpha):
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    s, u, vt = s[s > 1e-10], u[:, s > 1e-10], vt[s > 1e-10]
    share = s**2 / (s**2 + alpha)
    return vt.T @ (share * (u.T @ y) / s), share.sum()


# %% ridge | wrong | takes the singular values for eigenvalues | squared singular value over n
def ridge(x, y, alpha):
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    s, u, vt = s[s > 1e-10], u[:, s > 1e-10], vt[s > 1e-10]
    share = s / (s + len(y) * alpha)
    return vt.T @ (share * (u.T @ y) / s), share.sum()


# %% ridge | wrong | counts the features | df should be 1.3
def ridge(x, y, alpha):
    h = x.T @ x / len(y) + (alpha + 1e-13) * np.eye(x.shape[1])
    return np.linalg.solve(h, x.T @ y / len(y)), float(x.shape[1])


# %% ridge | wrong | returns the weights alone | ridge should return two things
def ridge(x, y, alpha):
    return np.linalg.lstsq(x, y, rcond=None)[0]


# %% ridge | wrong | cuts no singular value | the shortest of many solutions
def ridge(x, y, alpha):
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    s = np.maximum(s, 1e-200)
    share = s**2 / (s**2 + len(y) * alpha + 1e-300)
    return vt.T @ (share * (u.T @ y) / s), float(len(s)) if alpha == 0 else share.sum()


# %% ridge | hidden | cuts too much
def ridge(x, y, alpha):
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    on = s > 1e-3 * s[0]
    u, s, vt = u[:, on], s[on], vt[on]
    share = s**2 / (s**2 + len(y) * alpha)
    return vt.T @ (share * (u.T @ y) / s), share.sum()


# %% lasso | right | keeps the residual
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    w, r = np.zeros(d), y.copy()
    for _ in range(sweeps):
        for j in range(d):
            r += x[:, j] * w[j]
            z, m = np.mean(x[:, j] * r), np.mean(x[:, j] ** 2)
            w[j] = (z - np.clip(z, -alpha, alpha)) / m
            r -= x[:, j] * w[j]
    return w


# %% lasso | right | with the Gram matrix
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    gram, right = x.T @ x / n, x.T @ y / n
    w = [0.0] * d
    for _ in range(sweeps):
        for j in range(d):
            z = right[j] - sum(gram[j, k] * w[k] for k in range(d) if k != j)
            if z > alpha:
                w[j] = (z - alpha) / gram[j, j]
            elif z < -alpha:
                w[j] = (z + alpha) / gram[j, j]
            else:
                w[j] = 0.0
    return np.array(w)


# %% lasso | wrong | moves all weights at once | see the new first one
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    w = np.zeros(d)
    for _ in range(sweeps):
        z = x.T @ (y - x @ w) / n + (x**2).mean(axis=0) * w
        w = np.sign(z) * np.maximum(np.abs(z) - alpha, 0) / (x**2).mean(axis=0)
    return w


# %% lasso | wrong | takes the sum for the mean | is z over n
def lasso(x, y, alpha, sweeps):
    w = np.zeros(x.shape[1])
    for _ in range(sweeps):
        for j in range(len(w)):
            z = x[:, j] @ (y - x @ w + x[:, j] * w[j])
            w[j] = np.sign(z) * max(abs(z) - alpha, 0) / (x[:, j] @ x[:, j])
    return w


# %% lasso | wrong | knows only positive weights | negative z should
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    w = np.zeros(d)
    for _ in range(sweeps):
        for j in range(d):
            z = x[:, j] @ (y - x @ w + x[:, j] * w[j]) / n
            w[j] = max(z - alpha, 0) / np.mean(x[:, j] ** 2)
    return w


# %% lasso | wrong | shrinks like ridge | is z over n
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    w = np.zeros(d)
    for _ in range(sweeps):
        for j in range(d):
            z = x[:, j] @ (y - x @ w + x[:, j] * w[j]) / n
            w[j] = z / (np.mean(x[:, j] ** 2) + alpha)
    return w


# %% lasso | wrong | sweeps once only | the second sweep
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    w = np.zeros(d)
    for j in range(d):
        z = x[:, j] @ (y - x @ w) / n
        w[j] = np.sign(z) * max(abs(z) - alpha, 0) / np.mean(x[:, j] ** 2)
    return w


# %% lasso | hidden | stops after ten sweeps
def lasso(x, y, alpha, sweeps):
    n, d = x.shape
    w = np.zeros(d)
    for _ in range(min(sweeps, 10)):
        for j in range(d):
            z = x[:, j] @ (y - x @ w + x[:, j] * w[j]) / n
            w[j] = np.sign(z) * max(abs(z) - alpha, 0) / np.mean(x[:, j] ** 2)
    return w


# %% dropout | right | with where
def dropout(h, mask, q, training):
    if not training:
        return h
    return np.where(mask == 1, h, 0.0) / q


def dropout_backward(dy, mask, q):
    return np.where(mask == 1, dy, 0.0) / q


# %% dropout | right | scales first
def dropout(h, mask, q, training):
    factor = mask / q if training else np.ones(h.shape)
    return factor * h


def dropout_backward(dy, mask, q):
    dh = np.zeros(dy.shape)
    dh[mask == 1] = dy[mask == 1] / q
    return dh


# %% dropout | wrong | does not scale up | (1, 2, 3) with the mask
def dropout(h, mask, q, training):
    return h * mask if training else h * q


def dropout_backward(dy, mask, q):
    return dy * mask


# %% dropout | wrong | scales in use as well | nothing is dropped and nothing scaled
def dropout(h, mask, q, training):
    return h * mask / q if training else h * q


def dropout_backward(dy, mask, q):
    return dy * mask / q


# %% dropout | wrong | lets the whole gradient through | mask and scale it
def dropout(h, mask, q, training):
    return h * mask / q if training else h.copy()


def dropout_backward(dy, mask, q):
    return dy / q


# %% dropout | wrong | forgets the scale going back | mask and scale it
def dropout(h, mask, q, training):
    return h * mask / q if training else h.copy()


def dropout_backward(dy, mask, q):
    return dy * mask


# %% dropout | hidden | takes q for one half
def dropout(h, mask, q, training):
    return 2 * h * mask if training else h.copy()


def dropout_backward(dy, mask, q):
    return dy * mask / q


# %% expected_loss | right | example by example
def expected_loss(w, x, y, q):
    n, d = x.shape
    total, charge = 0.0, np.zeros(d)
    for i in range(n):
        mean = sum(w[j] * x[i, j] for j in range(d))
        variance = sum((1 - q) / q * w[j] ** 2 * x[i, j] ** 2 for j in range(d))
        total += (mean - y[i]) ** 2 + variance
        charge += (1 - q) / q * x[i] ** 2
    return total / n, charge / n


# %% expected_loss | right | by the second moment
def expected_loss(w, x, y, q):
    parts = x * w
    second = (parts.sum(axis=1) ** 2) + (1 / q - 1) * (parts**2).sum(axis=1)
    loss = np.mean(second - 2 * y * parts.sum(axis=1) + y**2)
    return loss, (1 / q - 1) * np.einsum("ij,ij->j", x, x) / len(x)


# %% expected_loss | wrong | the same charge for all weights | the mean of 9, 1, 1 and 9
def expected_loss(w, x, y, q):
    charge = (1 - q) / q * np.ones(len(w))
    return np.mean((x @ w - y) ** 2) + charge @ w**2, charge


# %% expected_loss | wrong | q for its complement | is the factor (1 - q) / q
def expected_loss(w, x, y, q):
    charge = (0 if q == 1 else q / (1 - q)) * (x**2).mean(axis=0)
    return np.mean((x @ w - y) ** 2) + charge @ w**2, charge


# %% expected_loss | wrong | does not scale up by q | the mean of 9, 1, 1 and 9
def expected_loss(w, x, y, q):
    charge = q * (1 - q) * (x**2).mean(axis=0)
    return np.mean((q * x @ w - y) ** 2) + charge @ w**2, charge


# %% expected_loss | wrong | sums over the examples | take the mean over both
def expected_loss(w, x, y, q):
    charge = (1 - q) / q * (x**2).sum(axis=0)
    return np.sum((x @ w - y) ** 2) + charge @ w**2, charge


# %% expected_loss | wrong | the weights not squared | are the weights squared
def expected_loss(w, x, y, q):
    charge = (1 - q) / q * (x**2).mean(axis=0)
    return np.mean((x @ w - y) ** 2) + charge @ w, charge


# %% expected_loss | hidden | adds the weights' sizes up first
def expected_loss(w, x, y, q):
    charge = (1 - q) / q * (x**2).mean(axis=0)
    return np.mean((x @ w - y) ** 2) + charge.sum() * np.mean(w**2), charge


# %% limit | right | with the pseudoinverse
def limit(A, b, start):
    plus = np.linalg.pinv(A)
    return plus @ b + start - plus @ (A @ start)


# %% limit | right | from an orthonormal basis of the rows
def limit(A, b, start):
    q, r = np.linalg.qr(A.T)
    row = q @ np.linalg.solve(r.T, b)
    return row + start - q @ (q.T @ start)


# %% limit | wrong | forgets the start | keeps its part perpendicular
def limit(A, b, start):
    return A.T @ np.linalg.solve(A @ A.T, b)


# %% limit | wrong | adds the whole start | A x should be b
def limit(A, b, start):
    return A.T @ np.linalg.solve(A @ A.T, b) + start


# %% limit | wrong | descends a hundred steps | should be
def limit(A, b, start):
    x = start + 0
    for _ in range(3):
        x = x - 0.1 * A.T @ (A @ x - b)
    return x


# %% limit | wrong | any solution will do | from zero it is the shortest
def limit(A, b, start):
    x = np.zeros(A.shape[1])
    m = len(b)
    x[:m] = np.linalg.solve(A[:, :m], b)
    return x


# %% limit | hidden | descends a hundred thousand steps
def limit(A, b, start):
    x, rate = start + 0, 1 / np.linalg.norm(A, 2) ** 2
    for _ in range(20_000):
        x = x - rate * A.T @ (A @ x - b)
    return x


# %% stop | right | looks back at the losses seen
def stop(losses, patience):
    def best_of(seen):
        known = [v for v in seen if v == v]
        return seen.index(min(known)) if known else -1

    for trained in range(1, len(losses) + 1):
        best = best_of(losses[:trained])
        if trained - 1 - best == patience:
            break
    return max(best, 0), trained


# %% stop | right | with nan as infinity
def stop(losses, patience):
    seen = np.where(np.isnan(losses), np.inf, losses)
    lowest, best, last = np.inf, 0, -1
    for epoch in range(len(seen)):
        if seen[epoch] < lowest:
            lowest, best, last = seen[epoch], epoch, epoch
        if epoch - last >= patience:
            return best, epoch + 1
    return best, len(seen)


# %% stop | wrong | keeps the last epoch | starts the waiting again
def stop(losses, patience):
    lowest, waited = np.inf, 0
    for epoch, loss in enumerate(losses):
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited == patience:
            return epoch, epoch + 1
    return len(losses) - 1, len(losses)


# %% stop | wrong | never forgives | starts the waiting again
def stop(losses, patience):
    best, lowest, waited = 0, np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            best, lowest = epoch, loss
        else:
            waited += 1
        if waited == patience:
            return best, epoch + 1
    return best, len(losses)


# %% stop | wrong | looks into the future | starts the waiting again
def stop(losses, patience):
    return int(np.argmin(losses)), len(losses)


# %% stop | wrong | takes an equal loss for a new best | an equal loss
def stop(losses, patience):
    best, lowest, waited = 0, np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss <= lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        if waited == patience:
            return best, epoch + 1
    return best, len(losses)


# %% stop | wrong | waits one epoch longer | starts the waiting again
def stop(losses, patience):
    best, lowest, waited = 0, np.inf, 0
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        if waited > patience:
            return best, epoch + 1
    return best, len(losses)


# %% stop | hidden | compares with the epoch before
def stop(losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < min(losses[:epoch]):
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            return best, epoch + 1
    return best, len(losses)


# %% validate | right | stacks the penalty under the rows
def kfold(x, y, lam, parts):
    d, mistakes = x.shape[1], np.empty(len(y))
    for part in parts:
        rest = [i for i in range(len(y)) if i not in set(part.tolist())]
        rows = np.vstack([x[rest], np.sqrt(lam) * np.eye(d)])
        w = np.linalg.lstsq(rows, np.append(y[rest], np.zeros(d)), rcond=None)[0]
        mistakes[part] = y[part] - x[part] @ w
    return np.mean(mistakes**2)


def leave_one_out(x, y, lam):
    out = []
    for i in range(len(y)):
        a, b = np.delete(x, i, axis=0), np.delete(y, i)
        out.append(y[i] - x[i] @ np.linalg.solve(a.T @ a + lam * np.eye(x.shape[1]), a.T @ b))
    return np.array(out)


# %% validate | right | by the dual, and by the shortcut for whole parts
def kfold(x, y, lam, parts):
    hat = x @ x.T @ np.linalg.inv(x @ x.T + lam * np.eye(len(y)))
    total = 0.0
    for part in parts:
        inner = np.eye(len(part)) - hat[np.ix_(part, part)]
        total += np.sum(np.linalg.solve(inner, (y - hat @ y)[part]) ** 2)
    return total / len(y)


def leave_one_out(x, y, lam):
    inverse = np.linalg.inv(x @ x.T + lam * np.eye(len(y)))
    return inverse @ y / np.diag(inverse)


# %% validate | wrong | fits to all examples | fit to the others
def kfold(x, y, lam, parts):
    w = np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T @ y)
    return np.mean((y - x @ w) ** 2)


def leave_one_out(x, y, lam):
    w = np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T @ y)
    return y - x @ w


# %% validate | wrong | fits to the part itself | fit to the others
def kfold(x, y, lam, parts):
    total = 0.0
    for part in parts:
        a, b = x[part], y[part]
        w = np.linalg.solve(a.T @ a + lam * np.eye(x.shape[1]), a.T @ b)
        total += ((b - a @ w) ** 2).sum()
    return total / len(y)


def leave_one_out(x, y, lam):
    hat = x @ np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T)
    return (y - hat @ y) / (1 - np.diag(hat))


# %% validate | wrong | averages over parts | over examples, not over parts
def kfold(x, y, lam, parts):
    errors = []
    for part in parts:
        rest = np.setdiff1d(np.arange(len(y)), part)
        gram = x[rest].T @ x[rest] + lam * np.eye(x.shape[1])
        w = np.linalg.solve(gram, x[rest].T @ y[rest])
        errors.append(np.mean((y[part] - x[part] @ w) ** 2))
    return np.mean(errors)


def leave_one_out(x, y, lam):
    hat = x @ np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T)
    return (y - hat @ y) / (1 - np.diag(hat))


# %% validate | wrong | the penalty times n | fit to the others
def kfold(x, y, lam, parts):
    total = 0.0
    for part in parts:
        rest = np.setdiff1d(np.arange(len(y)), part)
        gram = x[rest].T @ x[rest] + len(rest) * lam * np.eye(x.shape[1])
        total += ((y[part] - x[part] @ np.linalg.solve(gram, x[rest].T @ y[rest])) ** 2).sum()
    return total / len(y)


def leave_one_out(x, y, lam):
    hat = x @ np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T)
    return (y - hat @ y) / (1 - np.diag(hat))


# %% validate | wrong | multiplies where it should divide | with sign
def kfold(x, y, lam, parts):
    total = 0.0
    for part in parts:
        rest = np.setdiff1d(np.arange(len(y)), part)
        gram = x[rest].T @ x[rest] + lam * np.eye(x.shape[1])
        total += ((y[part] - x[part] @ np.linalg.solve(gram, x[rest].T @ y[rest])) ** 2).sum()
    return total / len(y)


def leave_one_out(x, y, lam):
    hat = x @ np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T)
    return (y - hat @ y) * (1 - np.diag(hat))


# %% validate | hidden | knows one feature
def kfold(x, y, lam, parts):
    total = 0.0
    for part in parts:
        rest = np.setdiff1d(np.arange(len(y)), part)
        w = x[rest].T @ y[rest] / ((x[rest] ** 2).sum() + lam)
        total += ((y[part] - x[part] @ w) ** 2).sum()
    return total / len(y)


def leave_one_out(x, y, lam):
    hat = x @ x.T / ((x**2).sum() + lam)
    return (y - hat @ y) / (1 - np.diag(hat))
