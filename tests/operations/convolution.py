"""Convolutions at every kind of stride, padding, dilation and grouping, also on one entry."""

from operations import Case, normal

OPTIONS = [
    (((2, 3, 7, 6), (4, 3, 3, 2), (4,)), {"stride": s, "padding": p, "dilation": d})
    for s, p, d in [(1, 0, 1), (2, 1, 1), (3, 2, 2), ((1, 3), (2, 0), (2, 1))]
] + [
    (((2, 4, 5, 6), (6, 2, 3, 3), (6,)), {"groups": 2, "padding": 1}),
    (((2, 4, 5, 6), (8, 1, 3, 3), (8,)), {"groups": 4, "stride": 2}),
    (((1, 2, 5, 4), (3, 2, 3, 5), (3,)), {"padding": "same", "dilation": (2, 1)}),
    (((2, 2, 5, 4), (3, 2, 3, 5), (3,)), {"padding": "circular"}),
    (((1, 1, 2, 3), (1, 1, 7, 3), (1,)), {"padding": "circular"}),  # round more than once
    (((3, 2, 4, 4), (2, 2, 4, 4), (2,)), {"padding": "valid"}),
    (((1, 1, 1, 1), (1, 1, 1, 1), (1,)), {}),
]
SIGNALS = [
    (((2, 4, 9), (6, 2, 3), (6,)), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}),
    (((2, 3, 5), (2, 3, 3), (2,)), {"padding": "circular"}),
    (((1, 1, 1), (2, 1, 1), (2,)), {"padding": "same"}),
]
TRANSPOSED = [
    (((2, 3, 4, 3), (3, 2, 3, 2), (2,)), {"stride": s, "padding": p, "output_padding": e})
    for s, p, e in [(1, 0, 0), (2, 0, 1), (3, 1, 2), ((1, 2), (1, 0), (0, 1))]
] + [(((1, 1, 1, 1), (1, 1, 1, 1), (1,)), {})]

CASES = [
    Case("convolution", name, normal(*shapes), options=tuple(given.items()), note=f"{given}")
    for name, rows in {
        "conv2d": OPTIONS,
        "conv1d": SIGNALS,
        "conv_transpose2d": TRANSPOSED,
    }.items()
    for shapes, given in rows
]
