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


def blocks(q, k, backward):
    """How many blocks of queries and of keys there are."""
    c = kernel.config(q.shape[-1], 80, q.element_size(), backward)
    return -(-q.shape[-2] // c["BT"]), -(-k.shape[-2] // c["BS"])


def forward(q, k, v):
    """Each block of queries reads all keys and values; a number a query is kept."""
    return 2 * size_of(q) + blocks(q, k, False)[0] * size_of(k, v) + 4 * q[..., 0].numel()


def backward(q, k, v):
    """By blocks of queries: q, dy, y and dq once, keys and values for each. By blocks of keys: k, v
    and their gradients once, q and dy for each. One number a query is read, delta kept, both read.
    """
    queries, keys = blocks(q, k, True)
    rows = 4 * q[..., 0].numel() * (2 + 2 * keys)
    return (4 + 2 * keys) * size_of(q) + (2 + queries) * size_of(k, v) + rows


SIZES = ((2, 1, 1, 8), (1, 33, 33, 32), (1, 40, 70, 64), (1, 70, 40, 20), (1, 17, 33, 128))
SIZES = (*SIZES, (1, 66, 40, 64))  # where causal attention need not read all, it reads less

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
