"""Pictures of attention: who looks at whom, and by how much."""

import numpy as np

from dlcore.figures.page import Page, explorable, new_axes
from dlcore.scratch.attention import attention

TABLES = ("tokens", "positions", "wq", "wk", "wv")


def weights(matrix, rows, columns, ax=None):
    """Attention weights (t,s) as squares, a row for each word that looks."""
    ax = ax or new_axes(4.6, 4.2)
    ax.imshow(np.asarray(matrix), cmap="Blues", vmin=0, vmax=1)
    ax.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="is looked at", ylabel="looks")
    return ax


def head(tables: dict, tokens):
    """One head over the tokens (t): its answers and weights, y and a of `attention`.

    x = tokens + positions; q = x wqᵀ, k = x wkᵀ, v = x wvᵀ.
    """
    x = tables["tokens"][tokens] + tables["positions"][: len(tokens)]
    return attention(*(x @ tables[name].T for name in ("wq", "wk", "wv")))


def laboratory(words, tables: dict, sentences, answers, ask=(), silent=(), caption="") -> Page:
    """A sentence of the reader's through one trained head, word by word.

    `tables` holds tokens (v,d), positions (t,d), wq and wk (a,d), wv (1,d), so that each word's
    answer is one score: `answers` names its meaning below and above zero. The first sentence is
    shown first, with the first word in it that is in `ask`; training asked no word of `silent`.
    """
    tables = {name: np.asarray(tables[name], float) for name in TABLES}
    d = tables["tokens"].shape[1]
    if len(words) != len(tables["tokens"]) or any(t.shape[-1] != d for t in tables.values()):
        shapes = ", ".join(f"{name} {t.shape}" for name, t in tables.items())
        raise ValueError(f"tables must have one row a word and one width, got {shapes}")
    unknown = {word for s in sentences for word in s.split()} - set(words)
    if unknown or not sentences:
        raise ValueError(f"sentences must be made of the words, got {sorted(unknown)}")
    alt = (
        "A sentence to choose or type; for the chosen word, bars show how much it looks at each "
        f"word and what it concludes: {' or '.join(answers)}."
    )
    first = sentences[0].split()
    _, matrix = head(tables, [words.index(word) for word in first])
    data = {name: t.tolist() for name, t in tables.items()}
    data |= {"words": list(words), "sentences": list(sentences), "answers": list(answers)}
    data |= {"ask": list(ask), "silent": list(silent)}
    return explorable("attention", data, weights(matrix, first, first), alt, caption)
