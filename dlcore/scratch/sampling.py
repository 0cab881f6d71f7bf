"""Choosing the next token from its logits."""

import numpy as np

from dlcore.scratch.softmax import row_max, scaled, softmax


def greedy(logits):
    """The token with the largest logit, the first one where several are equal.

    Shapes: (n,k)->(n)
    """
    row_max(np.asarray(logits))
    return np.argmax(logits, axis=-1)


def filter_top_k(logits, top_k: int):
    """The same shape with -inf beside the top_k; of equals the first stays."""
    if top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    kept = np.array(logits)
    order = np.argsort(-kept, axis=-1, kind="stable")
    np.put_along_axis(kept, order[..., top_k:], -np.inf, axis=-1)
    return kept


def filter_top_p(logits, top_p: float):
    """The same shape with -inf beside the fewest tokens that hold mass top_p.

    A token goes if the likelier ones reach top_p, so one always stays.
    """
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p must lie in (0, 1], got {top_p}")
    kept = np.array(logits)
    order = np.argsort(-kept, axis=-1, kind="stable")
    ranked = np.take_along_axis(kept, order, axis=-1)
    p = softmax(ranked)
    ranked[p.cumsum(axis=-1) - p >= top_p] = -np.inf
    np.put_along_axis(kept, order, ranked, axis=-1)
    return kept


def sample(logits, rng, temperature=1.0, top_k=None, top_p=None):
    """Tokens of shape (n) with probabilities softmax(logits / temperature).

    The largest of logit + Gumbel noise has exactly these.
    The temperature acts first, then top_k, then top_p on the rest.
    """
    if temperature == 0:
        raise ValueError("temperature must be positive, got 0: use greedy(logits)")
    logits = scaled(logits, temperature)
    row_max(logits)
    if top_k is not None:
        logits = filter_top_k(logits, top_k)
    if top_p is not None:
        logits = filter_top_p(logits, top_p)
    return np.argmax(logits + rng.gumbel(size=logits.shape), axis=-1)
