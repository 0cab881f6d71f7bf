"""Attention of every kind: one or many queries, every mask, and axes that broadcast."""

import numpy as np

from operations import Case, normal

LOOKS = np.array([[1, 0, 1, 1, 0, 1, 0]] * 4 + [[0, 0, 0, 0, 0, 0, 1]], bool)  # the last: one key
PADDED = np.arange(7) < np.array([1, 7]).reshape(2, 1, 1)
CAUSAL = np.tri(5, 7, 2, dtype=bool)


def projections(x, memory, width=4, out=3):
    """x, memory and weights that fit them."""
    d, m = x[-1], memory[-1]
    return normal(x, memory, (width, d), (width, m), (2 * width, m), (out, 2 * width))


def scored(q, k, v, hidden=3):
    """q, k, v and the small network that scores them."""
    return normal(q, k, v, (hidden, q[-1]), (hidden, k[-1]), (hidden,))


CASES = [
    Case("attention", "attention", normal(*shapes), (mask,), note=note)
    for note, shapes, mask in (
        ("one by one", [(1, 1), (1, 1), (1, 1)], None),
        ("one key", [(3, 2), (1, 2), (1, 4)], None),
        ("one query", [(1, 4), (7, 4), (7, 3)], None),
        ("masked", [(5, 4), (7, 4), (7, 3)], LOOKS),
        ("causal", [(2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 6)], CAUSAL),
        ("padded", [(2, 5, 4), (2, 7, 4), (2, 7, 6)], PADDED),
        ("shared keys", [(2, 3, 5, 4), (7, 4), (2, 1, 7, 6)], CAUSAL),
        ("shared queries", [(5, 4), (2, 7, 4), (2, 7, 6)], PADDED),
    )
] + [
    Case("attention", "multi_head_attention", projections(x, memory), (heads, mask), note=note)
    for note, x, memory, heads, mask in (
        ("one by one", (1, 1, 1), (1, 1, 1), 1, None),
        ("two heads", (2, 5, 3), (2, 7, 6), 2, None),
        ("four heads, causal", (2, 5, 3), (2, 7, 6), 4, CAUSAL),
        ("padded, as many heads as examples", (2, 5, 3), (2, 7, 6), 2, PADDED & CAUSAL),
        ("no example axis", (5, 3), (7, 6), 2, LOOKS),
        ("shared memory", (2, 5, 3), (7, 6), 2, LOOKS),
    )
]
CASES += [
    Case("attention", "additive_attention", scored(q, k, v), (mask,), note=note)
    for note, q, k, v, mask in (
        ("one by one", (1, 1), (1, 1), (1, 1), None),
        ("masked", (5, 4), (7, 2), (7, 3), LOOKS),
        ("padded", (2, 5, 4), (2, 7, 2), (2, 7, 3), PADDED),
        ("shared keys", (2, 3, 5, 4), (7, 2), (2, 1, 7, 3), CAUSAL),
        ("shared queries", (5, 4), (2, 7, 2), (7, 3), None),
    )
]
CASES += [
    Case("attention", "split_heads", normal((*lead, 3, 6)), (heads,), note=f"{lead} {heads}")
    for lead, heads in (((), 2), ((2,), 3), ((1,), 1), ((2, 2), 6))
]
CASES += [
    Case("attention", "merge_heads", normal(shape), note=f"{shape}")
    for shape in ((2, 3, 4), (1, 1, 1, 1), (2, 3, 1, 5))
]
