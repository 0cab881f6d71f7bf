"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import math

import numpy as np


# %% parameters | right | a loop
def parameters(sizes):
    total = 0
    for layer in range(1, len(sizes)):
        total += sizes[layer - 1] * sizes[layer] + sizes[layer]
    return total


# %% parameters | right | products of arrays
def parameters(sizes):
    sizes = np.array(sizes)
    return (sizes[:-1] * sizes[1:]).sum() + sizes[1:].sum()


# %% parameters | wrong | forgets the biases | with its biases
def parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))


# %% parameters | wrong | a bias for every input | is every layer there
def parameters(sizes):
    return sum(a * b + a for a, b in zip(sizes, sizes[1:]))


# %% parameters | wrong | leaves out the last layer | is every layer there
def parameters(sizes):
    return sum(a * b + b for a, b in zip(sizes[:-1], sizes[1:-1]))


# %% parameters | wrong | biases of the inputs as well | is every layer there
def parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:])) + sum(sizes)


# %% parameters | hidden | at most three layers
def parameters(sizes):
    total = sizes[0] * sizes[1] + sizes[1]
    if len(sizes) > 2:
        total += sizes[1] * sizes[2] + sizes[2]
    if len(sizes) > 3:
        total += sizes[2] * sizes[3] + sizes[3]
    return total


# %% updates | right | math.ceil
def updates(n, batch, epochs, held):
    import math

    return epochs * math.ceil((n - held) / batch)


# %% updates | right | counts the batches
def updates(n, batch, epochs, held):
    return epochs * len(range(0, n - held, batch))


# %% updates | wrong | drops the last batch | a last one of 96
def updates(n, batch, epochs, held):
    return epochs * ((n - held) // batch)


# %% updates | wrong | trains on the held out as well | only the examples that train
def updates(n, batch, epochs, held):
    return epochs * -(-n // batch)


# %% updates | wrong | batches run on into the next epoch | its own smaller last batch
def updates(n, batch, epochs, held):
    return -(-(n - held) * epochs // batch)


# %% updates | wrong | always one batch more | the examples that train
def updates(n, batch, epochs, held):
    return epochs * ((n - held) // batch + 1)


# %% updates | hidden | a batch cannot be larger than the set
def updates(n, batch, epochs, held):
    if batch > n - held:
        return 0
    return epochs * -(-(n - held) // batch)


# %% standardise | right | column by column
def standardise(train, new):
    a, b = np.zeros(train.shape), np.zeros(new.shape)
    for j in range(train.shape[1]):
        mean, scale = train[:, j].mean(), train[:, j].std()
        if train[:, j].min() < train[:, j].max():
            a[:, j] = (train[:, j] - mean) / scale
            b[:, j] = (new[:, j] - mean) / scale
    return a, b


# %% standardise | right | a function inside
def standardise(train, new):
    mean = sum(train) / len(train)
    deviation = np.sqrt(((train - mean) ** 2).sum(axis=0) / len(train))
    varies = (train != train[0]).any(axis=0)

    def scaled(x):
        return np.where(varies, x - mean, 0) / np.where(varies, deviation, 1)

    return scaled(train), scaled(new)


# %% standardise | wrong | scales the new rows by themselves | mean and deviation of the training
def standardise(train, new):
    def scaled(x):
        spread = x.std(axis=0)
        return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)

    return scaled(train), scaled(new)


# %% standardise | wrong | scales all rows together | does the standard deviation divide by n
def standardise(train, new):
    both = np.concatenate([train, new])
    spread = np.where(np.ptp(train, axis=0) > 0, both.std(axis=0), np.inf)
    both = (both - both.mean(axis=0)) / spread
    return both[: len(train)], both[len(train) :]


# %% standardise | wrong | divides by n - 1 | does the standard deviation divide by n
def standardise(train, new):
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=1)
    spread = np.where(np.ptp(train, axis=0) > 0, spread, np.inf)
    return (train - mean) / spread, (new - mean) / spread


# %% standardise | wrong | divides by the variance over the whole array | mean 0 and deviation 1
def standardise(train, new):
    mean, spread = train.mean(), train.std()
    return (train - mean) / spread, (new - mean) / spread


# %% standardise | wrong | leaves a constant column alone | zero in both arrays
def standardise(train, new):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(np.ptp(train, axis=0) > 0, spread, 1)
    return (train - mean) / spread, (new - mean) / spread


# %% standardise | hidden | takes a small spread for none
def standardise(train, new):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 1e-8, spread, np.inf)
    return (train - mean) / spread, (new - mean) / spread


# %% split | right | chooses one writer after the other
def split(writers, share, rng):
    left, held = list(set(writers.tolist())), []
    while np.isin(writers, held).mean() < share:
        held.append(left.pop(rng.integers(len(left))))
    return np.isin(writers, held)


# %% split | right | counts in the order of a shuffle
def split(writers, share, rng):
    names, counts = np.unique(writers, return_counts=True)
    order = rng.permutation(len(names))
    enough = np.searchsorted(np.cumsum(counts[order]), share * len(writers)) + 1
    return np.isin(writers, names[order[:enough]])


# %% split | wrong | splits examples | writers are on both sides
def split(writers, share, rng):
    held = np.zeros(len(writers), bool)
    held[rng.permutation(len(writers))[: round(share * len(writers) + 0.5)]] = True
    return held


# %% split | wrong | takes the first writers | should give different splits
def split(writers, share, rng):
    held = np.zeros(len(writers), bool)
    for writer in np.unique(writers):
        if held.mean() >= share:
            break
        held |= writers == writer
    return held


# %% split | wrong | stops one writer too early | should be held out
def split(writers, share, rng):
    held = np.zeros(len(writers), bool)
    for writer in rng.permutation(np.unique(writers)):
        more = held | (writers == writer)
        if more.mean() > share:
            break
        held = more
    return held


# %% split | wrong | gives the training rows | there would still be enough
def split(writers, share, rng):
    held = np.zeros(len(writers), bool)
    for writer in rng.permutation(np.unique(writers)):
        if held.mean() >= share:
            break
        held |= writers == writer
    return ~held


# %% split | wrong | draws with a seed of its own | should give different splits
def split(writers, share, rng):
    held = np.zeros(len(writers), bool)
    for writer in np.random.default_rng(0).permutation(np.unique(writers)):
        if held.mean() >= share:
            break
        held |= writers == writer
    return held


# %% split | hidden | counts writers from 0 on
def split(writers, share, rng):
    held = np.zeros(len(writers), bool)
    for writer in rng.permutation(writers.max() + 1):
        if held.mean() >= share:
            break
        held |= writers == writer
    return held


# %% simplest | right | a loop
def simplest(errors):
    n = len(errors[0])
    means = [sum(row) / n for row in errors]
    best = means.index(min(means))
    variance = sum((e - means[best]) ** 2 for e in errors[best]) / (n - 1)
    for index, mean in enumerate(means):
        if mean <= means[best] + (variance / n) ** 0.5:
            return index


# %% simplest | right | argmax of a comparison
def simplest(errors):
    mean, n = np.mean(errors, axis=1), errors.shape[1]
    error = np.std(errors, axis=1, ddof=1) / np.sqrt(n)
    return np.argmax(mean <= mean.min() + error[np.argmin(mean)])


# %% simplest | wrong | takes the best | Should be setting 2, got 3
def simplest(errors):
    return errors.mean(axis=1).argmin()


# %% simplest | wrong | each row's own error | the error of the best row counts
def simplest(errors):
    means = errors.mean(axis=1)
    error = errors.std(axis=1, ddof=1) / errors.shape[1] ** 0.5
    return np.flatnonzero(means - error <= means.min())[0]


# %% simplest | wrong | the spread and not the error of the mean | 0.060 is not
def simplest(errors):
    means = errors.mean(axis=1)
    best = means.argmin()
    return np.flatnonzero(means <= means[best] + errors[best].std(ddof=1))[0]


# %% simplest | wrong | the last within the limit | got 3
def simplest(errors):
    means = errors.mean(axis=1)
    best = means.argmin()
    limit = means[best] + errors[best].std(ddof=1) / errors.shape[1] ** 0.5
    return np.flatnonzero(means <= limit)[-1]


# %% simplest | hidden | divides by n
def simplest(errors):
    means = errors.mean(axis=1)
    best = means.argmin()
    limit = means[best] + errors[best].std() / errors.shape[1] ** 0.5
    return np.flatnonzero(means <= limit)[0]


# %% mcnemar | right | counts down from certainty
def mcnemar(labels, first, second):
    from math import comb

    b = c = 0
    for label, one, two in zip(labels, first, second):
        b += one != label and two == label
        c += two != label and one == label
    n, most = int(b + c), int(max(b, c))
    below = sum(comb(n, k) for k in range(n - most + 1, most))
    return b, c, (2**n - below) / 2**n


# %% mcnemar | right | the smaller side
def mcnemar(labels, first, second):
    import math

    right, other = first == labels, second == labels
    b, c = int((other > right).sum()), int((right > other).sum())
    if b == c:
        return b, c, 1.0
    return b, c, sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c - 1)


# %% mcnemar | wrong | one side only | the probability is
def mcnemar(labels, first, second):
    import math

    wrong, other = first != labels, second != labels
    b, c = int((wrong & ~other).sum()), int((other & ~wrong).sum())
    return b, c, sum(math.comb(b + c, k) for k in range(max(b, c), b + c + 1)) / 2 ** (b + c)


# %% mcnemar | wrong | counts all mistakes of each | which images does only one
def mcnemar(labels, first, second):
    import math

    b, c = int((first != labels).sum()), int((second != labels).sum())
    tail = sum(math.comb(b + c, k) for k in range(max(b, c), b + c + 1))
    return b, c, min(1.0, 2 * tail / 2 ** (b + c))


# %% mcnemar | wrong | the two counts swapped | b should be 4
def mcnemar(labels, first, second):
    import math

    wrong, other = first != labels, second != labels
    c, b = int((wrong & ~other).sum()), int((other & ~wrong).sum())
    tail = sum(math.comb(b + c, k) for k in range(max(b, c), b + c + 1))
    return b, c, min(1.0, 2 * tail / 2 ** (b + c))


# %% mcnemar | wrong | a normal approximation | the probability is
def mcnemar(labels, first, second):
    import math

    wrong, other = first != labels, second != labels
    b, c = int((wrong & ~other).sum()), int((other & ~wrong).sum())
    z = abs(b - c) / max(b + c, 1) ** 0.5
    return b, c, math.erfc(z / 2**0.5)


# %% mcnemar | wrong | forgets that a probability is at most 1 | the probability is 1
def mcnemar(labels, first, second):
    import math

    wrong, other = first != labels, second != labels
    b, c = int((wrong & ~other).sum()), int((other & ~wrong).sum())
    tail = sum(math.comb(b + c, k) for k in range(max(b, c), b + c + 1))
    return b, c, 2 * tail / 2 ** (b + c)


# %% mcnemar | hidden | powers of a float underflow
def mcnemar(labels, first, second):
    import math

    wrong, other = first != labels, second != labels
    b, c = int((wrong & ~other).sum()), int((other & ~wrong).sum())
    half = 0.5 ** (b + c)
    tail = sum(float(min(math.comb(b + c, k), 10**300)) * half for k in range(max(b, c), b + c + 1))
    return b, c, min(1.0, 2 * tail)


# %% cheapest | right | all thresholds at once
def cheapest(p, y, alarm, miss):
    t = np.sort(np.append(p, np.inf))[::-1]
    letter = p[None] >= t[:, None]
    cost = alarm * (letter & (y == 0)).sum(axis=1) + miss * (~letter & (y == 1)).sum(axis=1)
    return t[cost.argmin()], cost.min() / len(p)


# %% cheapest | right | goes down the sorted customers
def cheapest(p, y, alarm, miss):
    cost = miss * sum(y)
    found = (cost, np.inf)
    for value in sorted(set(p.tolist()), reverse=True):
        here = [int(label) for label, q in zip(y, p) if q == value]
        cost += alarm * here.count(0) - miss * here.count(1)
        if cost < found[0] - 1e-12:
            found = (cost, value)
    return found[1], found[0] / len(p)


# %% cheapest | wrong | always one half | The threshold should be 0.4
def cheapest(p, y, alarm, miss):
    letter = p >= 0.5
    cost = alarm * np.sum(letter & (y == 0)) + miss * np.sum(~letter & (y == 1))
    return 0.5, cost / len(p)


# %% cheapest | wrong | the prices swapped | one false alarm is worth it
def cheapest(p, y, alarm, miss):
    costs = {}
    for t in [*p, np.inf]:
        letter = p >= t
        costs[t] = miss * np.sum(letter & (y == 0)) + alarm * np.sum(~letter & (y == 1))
    least = min(costs.values())
    return max(t for t in costs if costs[t] == least), least / len(p)


# %% cheapest | wrong | letters above the threshold only | p >= t
def cheapest(p, y, alarm, miss):
    costs = {}
    for t in [*p, np.inf]:
        letter = p > t
        costs[t] = alarm * np.sum(letter & (y == 0)) + miss * np.sum(~letter & (y == 1))
    least = min(costs.values())
    return max(t for t in costs if costs[t] == least), least / len(p)


# %% cheapest | wrong | must send a letter | nobody fails
def cheapest(p, y, alarm, miss):
    costs = {}
    for t in p:
        letter = p >= t
        costs[t] = alarm * np.sum(letter & (y == 0)) + miss * np.sum(~letter & (y == 1))
    least = min(costs.values())
    return max(t for t in costs if costs[t] == least), least / len(p)


# %% cheapest | wrong | the smallest threshold | the largest threshold
def cheapest(p, y, alarm, miss):
    costs = {}
    for t in [*p, np.inf]:
        letter = p >= t
        costs[t] = alarm * np.sum(letter & (y == 0)) + miss * np.sum(~letter & (y == 1))
    least = min(costs.values())
    return min(t for t in costs if costs[t] == least), least / len(p)


# %% cheapest | wrong | the total cost | The cost per customer
def cheapest(p, y, alarm, miss):
    costs = {}
    for t in [*p, np.inf]:
        letter = p >= t
        costs[t] = alarm * np.sum(letter & (y == 0)) + miss * np.sum(~letter & (y == 1))
    least = min(costs.values())
    return max(t for t in costs if costs[t] == least), least


# %% cheapest | hidden | one customer at a time
def cheapest(p, y, alarm, miss):
    cost = miss * sum(y)
    found = (cost, np.inf)
    for k in np.argsort(p)[::-1]:
        cost += alarm if y[k] == 0 else -miss
        if cost < found[0]:
            found = (cost, p[k])
    return found[1], found[0] / len(p)
