"""Rotary positions, with and without leading axes, from the first place and from a later one."""

from operations import Case, normal

CASES = [
    Case("positions", "rotary", normal(shape), rest, note=f"{shape} {rest}")
    for shape in ((1, 2), (5, 4), (2, 3, 7, 6))
    for rest in ((), (100.0, 3))
]
