"""The network inside a transformer block, on one position and on many."""

from operations import Case, normal

CASES = [
    Case(
        "transformer",
        "feed_forward",
        normal((*lead, d), (k, d), (k,), (d, k), (d,)),
        note=f"{lead} {d} {k}",
    )
    for lead, d, k in (((2, 3), 4, 7), ((1, 1), 1, 1), ((5,), 3, 4))
]
