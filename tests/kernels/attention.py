"""Attention, full and causal, with as many queries as keys, fewer and more."""

from dlcore.kernels import attention as kernel
from kernels import Case, size_of, tensor


def heads(rng, dtype, h, t, s, d):
    return [tensor(rng, (1, h, n, d), dtype, scale=1.5) for n in (t, s, s)]


def reference(causal):
    def attention(q, k, v):
        t, s = q.shape[-2], k.shape[-2]
        scores = q @ k.mT / q.shape[-1] ** 0.5
        seen = scores.new_ones(t, s).bool().tril(s - t) | (not causal)
        weights = scores.masked_fill(~seen, -float("inf")).softmax(-1)
        return weights.masked_fill(~seen, 0) @ v  # NaN where a row sees nothing

    return attention


def forward(q, k, v):
    return 2 * size_of(q) + size_of(k, v) + 4 * q[..., 0].numel()


def backward(q, k, v):
    """q, k, v, dy and the logsumexp for either kernel, delta from one to the other."""
    return 6 * size_of(q) + 3 * size_of(k, v) + 4 * 4 * q[..., 0].numel()


# Each key block is read by each block of queries: the last size has one of either.
SIZES = ((1, 1, 1, 8), (2, 33, 33, 32), (1, 40, 70, 64), (1, 70, 40, 20), (2, 16, 16, 64))

CASES = [
    Case(
        "attention" + " causal" * causal,
        heads,
        lambda q, k, v, backend, c=causal: kernel.attention(q, k, v, bool(c), backend=backend),
        reference(bool(causal)),
        SIZES,
        forward,
        backward,
        operator=lambda q, k, v, c=causal: (kernel.attention_op, (q, k, v, bool(c), 0.3)),
    )
    for causal in (0, 1)
]
