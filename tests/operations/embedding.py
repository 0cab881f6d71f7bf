"""Token vectors, with tokens that come twice, once and never."""

import numpy as np

from operations import Case, normal

TOKENS = {
    "repeated": np.array([[4, 1, 1], [1, 0, 4]]),
    "one": np.array([[0]]),
    "one text": np.array([2, 2, 2]),
    "a single number": np.array(3),
    "none": np.zeros((2, 0), int),
}

CASES = [
    Case("embedding", "embedding", normal((6, 3)), (tokens,), note=note)
    for note, tokens in TOKENS.items()
]
