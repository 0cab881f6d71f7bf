"""Cross-entropy, alone and behind a linear layer."""

import torch
from torch.nn import functional as F

from dlcore.kernels import losses as kernel
from kernels import Case, size_of, tensor


def labels(rng, n, k):
    """n labels below k; every third is ignored, the last is not."""
    found = torch.tensor(rng.integers(0, k, n))
    found[1:-1:3] = -100
    return found


def scores(rng, dtype, n, k):
    return [tensor(rng, (n, k), dtype, scale=3), labels(rng, n, k)]


def hidden(rng, dtype, n, d, k):
    return [
        tensor(rng, (n, d), dtype),
        tensor(rng, (k, d), dtype, scale=d**-0.5),
        labels(rng, n, k),
    ]


def once(x, y):
    """Logits read once, their gradient written; labels read, losses written."""
    return 2 * size_of(x) + size_of(y) + 4 * len(x)


CASES = [
    Case(
        f"cross_entropy{note}",
        scores,
        lambda x, y, backend, s=smoothing: kernel.cross_entropy(x, y, s, backend=backend),
        lambda x, y, s=smoothing: F.cross_entropy(x, y, label_smoothing=s),
        sizes,
        forward_bytes=forward,
        backward_bytes=lambda x, y: 2 * size_of(x),  # scaled in place; by 1 nothing moves
        operator=lambda x, y, s=smoothing: (kernel.cross_entropy_op, (x, y, -100, s, True)),
    )
    for note, smoothing, sizes, forward in (
        ("", 0.0, ((1, 1), (3, 33), (5, 70), (32, 1000)), once),
        (" smoothed", 0.1, ((2, 3), (4, 70), (32, 1000)), once),
        (
            " of 33,000 classes",
            0.1,
            ((1, 33000), (2, 33000)),
            lambda x, y: once(x, y) + size_of(x),
        ),
    )
] + [
    Case(
        "linear_cross_entropy",
        hidden,
        lambda x, w, y, backend: kernel.linear_cross_entropy(
            x, w, y, 0.1, chunk=4, backend=backend
        ),
        lambda x, w, y: F.cross_entropy(x @ w.T, y, label_smoothing=0.1),
        ((1, 1, 1), (3, 5, 33), (10, 7, 70), (16, 64, 512)),
        # Beside what torch.mm moves: the logits are read and their gradient written over them.
        forward_bytes=lambda x, w, y: 2 * len(x) * len(w) * x.element_size() + 12 * len(x),
        backward_bytes=lambda x, w, y: 2 * size_of(x) + 2 * 4 * w.numel(),
        operator=lambda x, w, y: (kernel.linear_cross_entropy_op, (x, w, y, -100, 0.1, 4)),
    ),
]
