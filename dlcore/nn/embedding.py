"""Tokens as vectors, as counts, and as pairs of neighbours, in PyTorch."""

import torch

from dlcore.nn.softmax import may_look_at


def embedding(table, tokens):
    """The row of each token, y = table[token]: one-hot rows times the table, without them.

    table has shape (v, d), tokens are integers of shape (n, t), y has shape (n, t, d).
    """
    return torch.nn.functional.embedding(token_ids(tokens, len(table)), table)


def token_ids(tokens, v: int):
    """The tokens as integers in 0..v-1, of any shape; another one is named in the error."""
    if tokens.is_floating_point() or tokens.dtype == torch.bool:
        raise ValueError(f"tokens must be integers, got dtype {tokens.dtype}")
    if may_look_at(tokens):
        wrong = (tokens < 0) | (tokens >= v)
        if wrong.any():
            raise ValueError(f"tokens must lie in 0..{v - 1}, got {tokens[wrong][0]}")
    return tokens.long()


def bag_of_words(tokens, v: int):
    """How often each of v tokens occurs in a text, count_k = Σ_t [token_t = k]; order is lost.

    tokens has shape (n, t), the counts have shape (n, v).
    """
    tokens = token_ids(tokens, v)
    counts = tokens.new_zeros((*tokens.shape[:-1], v))
    return counts.scatter_add(-1, tokens, torch.ones_like(tokens))


def skipgram_pairs(tokens, window: int):
    """Each token with every neighbour at most `window` places away, 0 < |j - i| <= window.

    tokens has shape (t,), the pairs (centre, neighbour) have shape (pairs, 2), in text order.
    """
    if tokens.ndim != 1:
        raise ValueError(f"tokens must be one text of shape (t,), got shape {tuple(tokens.shape)}")
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    offsets = torch.arange(-window, window + 1, device=tokens.device)
    places = torch.arange(len(tokens), device=tokens.device)[:, None] + offsets[offsets != 0]
    inside = (places >= 0) & (places < len(tokens))
    return torch.stack([tokens[inside.nonzero()[:, 0]], tokens[places[inside]]], dim=1)
