"""Log-sum-exp, softmax and log-softmax."""

from operations import Case, normal

SHAPES = [(1,), (1, 1), (7,), (4, 33), (2, 3, 5)]

CASES = [
    Case("softmax", name, normal(shape, scale=3.0), note=str(shape))
    for name in ("logsumexp", "softmax", "log_softmax")
    for shape in SHAPES
] + [
    Case("softmax", name, normal((4, 5)), rest=(0.7,), note="temperature")
    for name in ("softmax", "log_softmax")
]
