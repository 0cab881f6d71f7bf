"""Embeddings, bags of words and skip-gram pairs."""

import numpy as np
import pytest
import torch

from dlcore.nn import embedding as nn
from dlcore.scratch import embedding
from dlcore.scratch.losses import one_hot

TOKENS = np.array([[2, 0, 2, 2], [5, 2, 0, 1]])


def test_an_embedding_is_one_hot_rows_times_the_table(rng):
    table, dy = rng.normal(size=(6, 3)), rng.normal(size=(2, 4, 3))
    rows = one_hot(TOKENS, 6)
    np.testing.assert_array_equal(embedding.embedding(table, TOKENS), rows @ table)
    found = embedding.embedding_vjp(dy, None, table, TOKENS)
    np.testing.assert_allclose(found, np.einsum("ntv,ntd->vd", rows, dy), rtol=1e-12)


def test_a_token_that_comes_thrice_gets_three_cotangents_and_an_absent_one_none():
    dtable = embedding.embedding_vjp(np.ones((1, 5, 2)), None, np.zeros((4, 2)), [[1, 3, 1, 1, 0]])
    np.testing.assert_array_equal(dtable, [[1, 1], [3, 3], [0, 0], [1, 1]])


def test_an_embedding_agrees_with_torchs_own_layer(rng):
    table, dy = rng.normal(size=(6, 3)), rng.normal(size=(2, 4, 3))
    own = torch.nn.Embedding(6, 3, _weight=torch.tensor(table))
    value = own(torch.tensor(TOKENS))
    value.backward(torch.tensor(dy))
    np.testing.assert_array_equal(embedding.embedding(table, TOKENS), value.detach())
    found = embedding.embedding_vjp(dy, None, table, TOKENS)
    np.testing.assert_allclose(found, own.weight.grad, rtol=1e-12)


def test_a_bag_of_words_counts_tokens_and_forgets_their_order(rng):
    counts = embedding.bag_of_words(TOKENS, 6)
    np.testing.assert_array_equal(counts, [[1, 0, 3, 0, 0, 0], [1, 1, 1, 0, 0, 1]])
    np.testing.assert_array_equal(counts, one_hot(TOKENS, 6).sum(axis=1))
    np.testing.assert_array_equal(embedding.bag_of_words(TOKENS[:, ::-1], 6), counts)
    np.testing.assert_array_equal(nn.bag_of_words(torch.tensor(TOKENS), 6), counts)
    np.testing.assert_array_equal(embedding.bag_of_words(TOKENS[0], 6), counts[0])
    np.testing.assert_array_equal(embedding.bag_of_words(np.zeros((1, 0), int), 2), [[0, 0]])


def test_skipgram_pairs_are_all_neighbours_in_the_window_and_never_the_token_itself():
    text = np.array([7, 8, 9, 7])
    wanted = [[7, 8], [8, 7], [8, 9], [9, 8], [9, 7], [7, 9]]
    np.testing.assert_array_equal(embedding.skipgram_pairs(text, 1), wanted)


@pytest.mark.parametrize("t", [0, 1, 2, 9])
@pytest.mark.parametrize("window", [1, 3, 20])
def test_skipgram_pairs_equal_a_plain_double_loop_in_both_forms(t, window, rng):
    text = rng.integers(0, 5, t)
    near = [(i, j) for i in range(t) for j in range(t) if 0 < abs(i - j) <= window]
    wanted = np.array([(text[i], text[j]) for i, j in near], int).reshape(-1, 2)
    np.testing.assert_array_equal(embedding.skipgram_pairs(text, window), wanted)
    np.testing.assert_array_equal(nn.skipgram_pairs(torch.tensor(text), window), wanted)


BAD = [
    ("embedding", (np.zeros((4, 2)), [[0, 4]]), r"tokens must lie in 0..3, got 4"),
    ("embedding", (np.zeros((4, 2)), [[0, -1]]), r"tokens must lie in 0..3, got -1"),
    ("embedding", (np.zeros((4, 2)), [[0.0]]), "tokens must be integers, got dtype .*float"),
    ("embedding", (np.zeros((2, 2)), [[True]]), "tokens must be integers, got dtype .*bool"),
    ("bag_of_words", ([[0, 4]], 4), r"tokens must lie in 0..3, got 4"),
    ("skipgram_pairs", ([[0, 1]], 1), r"tokens must be one text of shape \(t,\), got .*\(1, 2\)"),
    ("skipgram_pairs", ([0, 1], 0), "window must be at least 1, got 0"),
]


@pytest.mark.parametrize(("f", "args", "message"), BAD, ids=lambda v: str(v)[:30])
def test_bad_tokens_are_named_in_the_error_of_both_forms(f, args, message):
    with pytest.raises(ValueError, match=message):
        getattr(embedding, f)(*args)
    tensors = [a if isinstance(a, int) else torch.tensor(a) for a in args]
    with pytest.raises(ValueError, match=message):
        getattr(nn, f)(*tensors)
