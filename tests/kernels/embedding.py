"""Rows of a table, some of them wanted often and some never."""

import torch
from torch.nn import functional as F

from dlcore.kernels import embedding as kernel
from kernels import Case, size_of, tensor


def inputs(rng, dtype, n, v, d):
    tokens = (v * rng.random((2, n)) ** 3).astype(int)  # low ones are frequent
    return [tensor(rng, (v, d), dtype), torch.tensor(tokens)]


def backward(table, tokens):
    """dy and the order of the tokens read, the table's gradient and two bounds a row."""
    (v, d), n = table.shape, tokens.numel()
    return n * (d * table.element_size() + 8) + size_of(table) + 16 * v


CASES = [
    Case(
        "embedding",
        inputs,
        lambda table, tokens, backend: kernel.embedding(table, tokens, backend=backend),
        lambda table, tokens: F.embedding(tokens, table),
        ((1, 1, 1), (17, 5, 33), (70, 20, 520), (128, 64, 256)),
        forward_bytes=lambda table, tokens: (
            tokens.numel() * (8 + 2 * table.shape[1] * table.element_size())
        ),
        backward_bytes=backward,
        operator=lambda table, tokens: (kernel.embedding_op, (table, tokens)),
    )
]
