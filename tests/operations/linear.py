"""The linear layer, also on examples with several leading axes and on none."""

from operations import Case, normal

CASES = [
    Case("linear", "linear", normal((*lead, d), (k, d), (k,)), note=f"{lead} {d} to {k}")
    for lead in ((5,), (1,), (2, 3), ())
    for d, k in ((3, 4), (1, 1))
]
