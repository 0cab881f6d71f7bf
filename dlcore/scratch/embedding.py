"""Tokens as vectors, as counts, and as pairs of neighbours."""

import numpy as np


def embedding(table, tokens):
    """The row of each token, y = table[token]: one-hot rows times the table, without them.

    table has shape (v, d), tokens are integers of shape (n, t), y has shape (n, t, d).
    """
    return table[token_ids(tokens, len(table))]


def embedding_vjp(dy, y, table, tokens):
    """Every place of a token adds its cotangent to the one row of that token.

    Sorted, the places of a token are neighbours, and one reduceat sums each run of them.
    """
    flat = np.ravel(tokens)
    order = np.argsort(flat)
    rows, starts = np.unique(flat[order], return_index=True)
    dtable = np.zeros(table.shape, dy.dtype)
    dtable[rows] = np.add.reduceat(dy.reshape(-1, table.shape[1])[order], starts)
    return dtable


def token_ids(tokens, v: int):
    """The tokens as integers in 0..v-1, of any shape; another one is named in the error."""
    tokens = np.asarray(tokens)
    if not np.issubdtype(tokens.dtype, np.integer):
        raise ValueError(f"tokens must be integers, got dtype {tokens.dtype}")
    wrong = (tokens < 0) | (tokens >= v)
    if wrong.any():
        raise ValueError(f"tokens must lie in 0..{v - 1}, got {tokens[wrong][0]}")
    return tokens


def bag_of_words(tokens, v: int):
    """How often each of v tokens occurs in a text, count_k = Σ_t [token_t = k]; order is lost.

    tokens has shape (n, t), the counts have shape (n, v).
    """
    tokens = token_ids(tokens, v)
    counts = np.zeros((*tokens.shape[:-1], v), int)
    for text in np.ndindex(tokens.shape[:-1]):
        counts[text] = np.bincount(tokens[text], minlength=v)
    return counts


def skipgram_pairs(tokens, window: int):
    """Each token with every neighbour at most `window` places away, 0 < |j - i| <= window.

    tokens has shape (t,), the pairs (centre, neighbour) have shape (pairs, 2), in text order.
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 1:
        raise ValueError(f"tokens must be one text of shape (t,), got shape {tokens.shape}")
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    offsets = np.r_[-window:0, 1 : window + 1]
    places = np.arange(len(tokens))[:, None] + offsets
    inside = (places >= 0) & (places < len(tokens))
    return np.stack([tokens[np.nonzero(inside)[0]], tokens[places[inside]]], axis=1)
