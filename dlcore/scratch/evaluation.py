"""How sure an error rate is: an interval, a paired test, calibration."""

import math

import numpy as np


def wilson_interval(wrong: int, n: int, z=1.96):
    """The error rates that `wrong` mistakes in n leave open, :eq:`eq-wilson`.

    Returns (low, high): the p with |wrong / n - p| ≤ z √(p (1 - p) / n).
    """
    if not 0 <= wrong <= n or n < 1:
        got = f"got {wrong} of {n}"
        raise ValueError(f"wrong must lie between 0 and n >= 1, {got}")
    rate, share = wrong / n, z * z / n
    middle = (rate + share / 2) / (1 + share)
    spread = math.sqrt(share * rate * (1 - rate) + share**2 / 4)
    return middle - spread / (1 + share), middle + spread / (1 + share)


def mcnemar(only_first: int, only_second: int) -> float:
    """How rare so uneven a split would be with a fair coin, :eq:`eq-mcnemar`.

    `only_first` counts what the first classifier alone gets wrong.
    """
    if min(only_first, only_second) < 0:
        got = f"got {only_first}, {only_second}"
        raise ValueError(f"counts must not be negative, {got}")
    n = only_first + only_second
    most = max(only_first, only_second)
    tail = sum(math.comb(n, k) for k in range(most, n + 1))
    return min(1.0, 2 * tail / 2**n)


def calibration(p, labels, bins=10):
    """Counts, mean confidence and share of right answers by confidence.

    p (n, k) are probabilities, labels (n); empty bins are left out.
    """
    p, labels = np.asarray(p), np.asarray(labels)
    if p.ndim != 2 or labels.shape != p.shape[:1] or bins < 1:
        shapes = f"{p.shape}, {labels.shape}"
        raise ValueError(f"p must be (n, k), labels (n), got {shapes}")
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    place = np.minimum((bins * sure).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, v, minlength=bins) for v in (sure, right)]
    some = count > 0
    return count[some], *(total[some] / count[some] for total in sums)
