"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import math

import numpy as np


# %% fires | right | a loop over moments
def fires(excite, inhibit, threshold):
    answers = []
    for ones, vetoes in zip(excite, inhibit):
        if sum(vetoes) > 0:
            answers.append(0)
        else:
            answers.append(1 if sum(ones) >= threshold else 0)
    return np.array(answers)


# %% fires | right | a weight so large that it is a veto
def fires(excite, inhibit, threshold):
    p = excite.shape[1]
    score = excite.sum(axis=1) - (p + 1) * inhibit.sum(axis=1)
    return np.where(score >= threshold, 1, 0)


# %% fires | wrong | more than the threshold | at least, not more than
def fires(excite, inhibit, threshold):
    return (excite.sum(axis=1) > threshold) & ~inhibit.any(axis=1)


# %% fires | wrong | an inhibiting input has the weight -1 | is a veto
def fires(excite, inhibit, threshold):
    return (excite.sum(axis=1) - inhibit.sum(axis=1) >= threshold).astype(int)


# %% fires | wrong | inhibition is forgotten | is a veto
def fires(excite, inhibit, threshold):
    return (excite.sum(axis=1) >= threshold).astype(int)


# %% fires | wrong | the count instead of 0 and 1 | should be 0 and 1
def fires(excite, inhibit, threshold):
    return excite.sum(axis=1) * ~inhibit.any(axis=1)


# %% fires | hidden | only the first inhibiting input has the veto
def fires(excite, inhibit, threshold):
    return (excite.sum(axis=1) >= threshold) * (1 - inhibit[:, 0])


# %% responses | right | einsum
def responses(pictures, field):
    r = np.einsum("nij,ij->n", pictures, field)
    return np.where(r > 0, r, 0)


# %% responses | right | a loop over pixels
def responses(pictures, field):
    rates = []
    for picture in pictures:
        total = 0.0
        for i in range(field.shape[0]):
            for j in range(field.shape[1]):
                total += field[i, j] * picture[i, j]
        rates.append(max(0.0, total))
    return rates


# %% responses | wrong | negative rates | not negative
def responses(pictures, field):
    return (pictures * field).sum(axis=(1, 2))


# %% responses | wrong | the size of the sum | do not take its size
def responses(pictures, field):
    return abs((pictures * field).sum(axis=(1, 2)))


# %% responses | wrong | the mean over the field | the sum, not the mean
def responses(pictures, field):
    return np.maximum((pictures * field).mean(axis=(1, 2)), 0)


# %% responses | wrong | each product is cut off | cut off last
def responses(pictures, field):
    return np.maximum(pictures * field, 0).sum(axis=(1, 2))


# %% responses | hidden | the field as whole numbers
def responses(pictures, field):
    return np.maximum((pictures * field.astype(int)).sum(axis=(1, 2)), 0)


# %% nearest_mean | right | one query after the other
def nearest_mean(x, labels, queries):
    means = {int(c): x[labels == c].mean(axis=0) for c in labels}
    return [min(means, key=lambda c: np.linalg.norm(q - means[c])) for q in queries]


# %% nearest_mean | right | the square multiplied out, one-hot sums
def nearest_mean(x, labels, queries):
    classes, index = np.unique(labels, return_inverse=True)
    hot = np.eye(len(classes))[index]
    means = (hot.T @ x) / hot.sum(axis=0)[:, None]
    scores = queries @ means.T - 0.5 * (means**2).sum(axis=1)
    return classes[scores.argmax(axis=1)]


# %% nearest_mean | wrong | the place of the class | not its place in a list
def nearest_mean(x, labels, queries):
    means = np.array([x[labels == c].mean(axis=0) for c in np.unique(labels)])
    return ((queries[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)


# %% nearest_mean | wrong | the nearest example | average each class first
def nearest_mean(x, labels, queries):
    return labels[((queries[:, None] - x) ** 2).sum(axis=2).argmin(axis=1)]


# %% nearest_mean | wrong | the sum of absolute differences | Euclidean distance
def nearest_mean(x, labels, queries):
    classes = np.unique(labels)
    means = np.array([x[labels == c].mean(axis=0) for c in classes])
    return classes[abs(queries[:, None] - means).sum(axis=2).argmin(axis=1)]


# %% nearest_mean | wrong | the largest product | should get [3, 7, 3]
def nearest_mean(x, labels, queries):
    classes = np.unique(labels)
    means = np.array([x[labels == c].mean(axis=0) for c in classes])
    return classes[(queries @ means.T).argmax(axis=1)]


# %% nearest_mean | hidden | classes of equal size
def nearest_mean(x, labels, queries):
    classes = np.unique(labels)
    size = len(x) / len(classes)
    means = np.array([x[labels == c].sum(axis=0) / size for c in classes])
    return classes[((queries[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)]


# %% at_least | right | each term from the one before
def at_least(k, n, p):
    odds, log_term, total = math.log(p / (1 - p)), n * math.log(1 - p), 0.0
    for i in range(n + 1):
        if i >= k:
            total += math.exp(log_term)
        if i < n:
            log_term += math.log((n - i) / (i + 1)) + odds
    return total


# %% at_least | right | one answer after the other
def at_least(k, n, p):
    chance = np.zeros(n + 2)  # of i right answers so far
    chance[0] = 1
    for _ in range(n):
        chance[1:] = chance[1:] * (1 - p) + chance[:-1] * p
        chance[0] *= 1 - p
    return chance[k:].sum()


# %% at_least | wrong | more than k | one too late
def at_least(k, n, p):
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1, n + 1))


# %% at_least | wrong | exactly k | add the one of 5
def at_least(k, n, p):
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


# %% at_least | wrong | k or fewer | 4 or more
def at_least(k, n, p):
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(min(k, n) + 1))


# %% at_least | wrong | right and wrong exchanged | right with p = 0.7
def at_least(k, n, p):
    return sum(math.comb(n, i) * (1 - p) ** i * p ** (n - i) for i in range(k, n + 1))


# %% at_least | wrong | the bell curve | should be 0.1875
def at_least(k, n, p):
    z = (k - 0.5 - n * p) / math.sqrt(n * p * (1 - p))
    return 0.5 * math.erfc(z / math.sqrt(2))


# %% at_least | hidden | binomial coefficients as floating-point numbers
def at_least(k, n, p):
    return sum(float(math.comb(n, i)) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


# %% doubling | right | polyfit
def doubling(years, counts):
    slope, _ = np.polyfit(years - 2000, np.log2(counts), 1)
    return 1 / slope


# %% doubling | right | covariance over variance, natural logarithms
def doubling(years, counts):
    table = np.cov(years, np.log(counts))
    return math.log(2) * table[0, 0] / table[0, 1]


# %% doubling | wrong | doublings a year | return years a doubling
def doubling(years, counts):
    return np.polyfit(years - 2000, np.log2(counts), 1)[0]


# %% doubling | wrong | growth by e | base 2
def doubling(years, counts):
    return 1 / np.polyfit(years - 2000, np.log(counts), 1)[0]


# %% doubling | wrong | the first and the last point | Fit all points
def doubling(years, counts):
    return (years[-1] - years[0]) / np.log2(counts[-1] / counts[0])


# %% doubling | wrong | a line through the counts themselves | Three years
def doubling(years, counts):
    slope, start = np.polyfit(years - years[0], counts, 1)
    return start / slope


# %% doubling | hidden | a line that must pass through the first point
def doubling(years, counts):
    t, y = years - years[0], np.log2(counts / counts[0])
    if len(years) == 5 and years[0] == 1987:
        return 1 / np.polyfit(t, y, 1)[0]
    return np.sum(t * t) / np.sum(t * y)


# %% parameters | right | a loop
def parameters(widths):
    total = 0
    for l in range(1, len(widths)):
        total += widths[l] * widths[l - 1]
        total += widths[l]
    return total


# %% parameters | right | products of arrays
def parameters(widths):
    d = np.array(widths, dtype=np.int64)
    return int(d[:-1] @ d[1:] + d[1:].sum())


# %% parameters | wrong | no biases | also has a bias
def parameters(widths):
    return sum(a * b for a, b in zip(widths, widths[1:]))


# %% parameters | wrong | the inputs have biases | inputs have no biases
def parameters(widths):
    return sum(a * b for a, b in zip(widths, widths[1:])) + sum(widths)


# %% parameters | wrong | no biases in the last layer | last layer have biases
def parameters(widths):
    return sum(a * b for a, b in zip(widths, widths[1:])) + sum(widths[1:-1])


# %% parameters | wrong | units instead of parameters | should be 2410
def parameters(widths):
    return sum(widths)


# %% parameters | hidden | two layers at most
def parameters(widths):
    first, *rest = widths
    total = (first + 1) * rest[0] if rest else 0
    return total + ((rest[0] + 1) * rest[1] if len(rest) > 1 else 0)
