"""Layer norm and RMS norm."""

from torch.nn import functional as F

from dlcore.kernels import norm as kernel
from kernels import Case, size_of, tensor

SIZES = ((1, 1), (3, 33), (35, 4, 70), (140, 256))


def stats(x):
    return 8 * x.numel() // x.shape[-1]


def inputs(vectors):
    return lambda rng, dtype, *shape: [
        tensor(rng, shape, dtype, scale=3),
        *(tensor(rng, shape[-1:], dtype) for _ in range(vectors)),
    ]


CASES = [
    Case(
        "layer_norm",
        inputs(2),
        lambda x, w, b, backend: kernel.layer_norm(x, w, b, 0.1, backend=backend),
        lambda x, w, b: F.layer_norm(x, w.shape, w, b, 0.1),
        SIZES,
        forward_bytes=lambda x, w, b: 2 * size_of(x) + size_of(w, b) + stats(x),
        backward_bytes=lambda x, w, b: 3 * size_of(x) + 2 * size_of(w) + size_of(b) + stats(x),
        operator=lambda x, w, b: (kernel.norm_op, (x, w, b, 0.1)),
    ),
    Case(
        "rms_norm",
        inputs(1),
        lambda x, w, backend: kernel.rms_norm(x, w, 0.1, backend=backend),
        lambda x, w: F.rms_norm(x, w.shape, w, 0.1),
        SIZES,
        forward_bytes=lambda x, w: 2 * size_of(x) + size_of(w) + stats(x),
        backward_bytes=lambda x, w: 3 * size_of(x) + 2 * size_of(w) + stats(x),
        operator=lambda x, w: (kernel.norm_op, (x, w, None, 0.1)),
    ),
]
