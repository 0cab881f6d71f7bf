"""Attention, its masks, its heads, and torch's own."""

import numpy as np
import pytest
import torch
from gradients import assert_vjp

from dlcore.nn import attention as nn
from dlcore.scratch import attention as scratch
from dlcore.scratch.softmax import softmax

BOTH = pytest.mark.parametrize("half", [scratch, nn], ids=["scratch", "nn"])


@pytest.fixture
def qkv(rng):
    return rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 7, 4)), rng.normal(size=(2, 7, 3))


@pytest.fixture
def projected(rng):
    """x, memory, wq, wk, wv, wo for multi-head attention of width 8."""
    shapes = (2, 5, 8), (2, 7, 8), (8, 8), (8, 8), (8, 8), (8, 8)
    return [rng.normal(size=shape) / 2 for shape in shapes]


def given(half, *arrays):
    """The arrays as this half takes them."""
    return arrays if half is scratch else tuple(torch.tensor(a) for a in arrays)


# What the weights mean.


def test_seven_tokens_have_a_matrix_of_seven_by_seven_weights_whatever_their_features(rng):
    x, wq, wk = rng.normal(size=(7, 5)), rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    _, weights = scratch.attention(x @ wq.T, x @ wk.T, x)
    assert weights.shape == (7, 7)
    columns = x.T  # tokens as columns, where q kᵀ compares features instead
    assert ((wq @ columns) @ (wk @ columns).T).shape == (4, 4)
    np.testing.assert_allclose(weights, softmax((wq @ columns).T @ (wk @ columns) / 2), rtol=1e-12)


def test_dividing_by_the_root_of_d_keeps_the_variance_of_the_scores_at_one(rng):
    q, k = rng.normal(size=(2, 50_000, 1, 64))
    pairs = np.stack([k[:, 0], np.zeros((50_000, 64))], axis=1)  # a key of zeros scores zero,
    _, weights = scratch.attention(q, pairs, pairs)
    scores = np.log(weights[:, 0, 0] / weights[:, 0, 1])  # so this is the score of the other
    assert abs(scores.var() - 1) < 0.03
    assert abs((8 * scores).var() - 64) < 2  # without the division


def test_the_weights_of_a_query_are_positive_and_sum_to_one(qkv):
    _, weights = scratch.attention(*qkv)
    assert (weights > 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-14)


def test_equal_keys_get_equal_weights_so_the_answer_is_the_mean_value(qkv):
    q, k, v = qkv
    y, weights = scratch.attention(q, np.broadcast_to(k[:, :1], k.shape), v)
    np.testing.assert_allclose(weights, 1 / 7, rtol=1e-14)
    np.testing.assert_allclose(y, np.repeat(v.mean(axis=1, keepdims=True), 5, axis=1), rtol=1e-12)


def test_a_long_query_picks_the_value_of_its_best_key(qkv):
    q, k, v = qkv
    y, _ = scratch.attention(1e4 * q, k, v)
    best = (q @ k.mT).argmax(axis=-1)
    np.testing.assert_allclose(y, np.take_along_axis(v, best[..., None], axis=1), rtol=1e-10)


def test_the_answer_does_not_depend_on_the_order_of_the_keys(qkv, rng):
    q, k, v = qkv
    order = rng.permutation(7)
    moved, _ = scratch.attention(q, k[:, order], v[:, order])
    np.testing.assert_allclose(moved, scratch.attention(q, k, v)[0], rtol=1e-12)


def test_self_attention_without_a_mask_knows_no_order(projected, rng):
    x, _, *weights = projected
    order = rng.permutation(5)
    y = scratch.multi_head_attention(x, x, *weights, 2)[0]
    moved = x[:, order]
    again = scratch.multi_head_attention(moved, moved, *weights, 2)[0]
    np.testing.assert_allclose(again, y[:, order], rtol=1e-10)
    causal = scratch.causal_mask(5)
    masked = scratch.multi_head_attention(x, x, *weights, 2, causal)[0]
    again = scratch.multi_head_attention(moved, moved, *weights, 2, causal)[0]
    assert abs(again - masked[:, order]).max() > 0.01


def test_attention_is_a_linear_layer_whose_weights_the_input_computes(rng):
    x, other, v = rng.normal(size=(3, 7, 4))
    y, weights = scratch.attention(x, x, v)
    np.testing.assert_allclose(y, weights @ v, rtol=1e-12)
    np.testing.assert_allclose(scratch.attention(x, x, 2 * v + x)[0], 2 * y + weights @ x)
    assert abs(scratch.attention(other, other, v)[1] - weights).max() > 0.1


# Masks.


@BOTH
@pytest.mark.parametrize("t", range(5))
def test_a_causal_query_ignores_the_future(half, t, rng):
    q, k, v, later = rng.normal(size=(4, 5, 3))
    past = (np.arange(5) <= t)[:, None]
    mask = half.causal_mask(5)
    y = half.attention(*given(half, q, k, v), mask)[0]
    changed = half.attention(
        *given(half, q, np.where(past, k, later), np.where(past, v, later)), mask
    )[0]
    assert (changed[: t + 1] == y[: t + 1]).all()
    if t < 4:
        assert (changed[t + 1 :] != y[t + 1 :]).all()


@BOTH
def test_a_causal_mask_of_fewer_queries_is_the_end_of_the_whole_one(half):
    whole = half.causal_mask(7)
    assert whole.tolist() == [[j <= i for j in range(7)] for i in range(7)]
    for t in 1, 3, 7:
        assert half.causal_mask(t, 7).tolist() == whole[-t:].tolist()


@pytest.mark.parametrize("t", [1, 3])
def test_new_queries_with_a_cache_give_the_last_rows_of_the_whole(t, rng):
    q, k, v = rng.normal(size=(3, 2, 7, 4))
    whole = scratch.attention(q, k, v, scratch.causal_mask(7))[0]
    cached = scratch.attention(q[:, -t:], k, v, scratch.causal_mask(t, 7))[0]
    np.testing.assert_allclose(cached, whole[:, -t:], rtol=1e-12)


@BOTH
def test_padding_changes_nothing(half, projected):
    x, memory, *weights = projected
    mask = half.padding_mask(*given(half, np.array([7, 4])), 7)
    assert mask.shape == (2, 1, 7)
    y = half.multi_head_attention(*given(half, x, memory, *weights), 2, mask)[0]
    short = half.multi_head_attention(*given(half, x[1:], memory[1:, :4], *weights), 2)[0]
    np.testing.assert_allclose(y[1:], short, rtol=1e-12)
    both = half.causal_mask(7) & mask
    assert both.shape == (2, 7, 7) and both[1, 6].tolist() == [True] * 4 + [False] * 3


def test_a_masked_key_gets_no_weight_and_no_gradient(qkv, rng):
    mask = np.ones((5, 7), bool)
    mask[:, 2] = False
    y = scratch.attention(*qkv, mask)
    assert (y[1][..., 2] == 0).all()
    _, dk, dv = scratch.attention_vjp(rng.normal(size=(2, 5, 3)), y, *qkv, mask)
    assert (dk[:, 2] == 0).all() and (dv[:, 2] == 0).all() and (dk[:, 3] != 0).all()


# Heads.


def test_heads_cut_the_features_into_runs_and_merging_undoes_it(rng):
    x = rng.normal(size=(2, 5, 6))
    heads = scratch.split_heads(x, 3)
    assert heads.shape == (2, 3, 5, 2)
    np.testing.assert_array_equal(heads[:, 1], x[..., 2:4])
    np.testing.assert_array_equal(scratch.merge_heads(heads), x)


def test_each_head_is_attention_in_its_own_subspace(projected):
    x, memory, wq, wk, wv, wo = projected
    y = 0
    for part in np.split(np.arange(8), 4):
        own = scratch.attention(x @ wq[part].T, memory @ wk[part].T, memory @ wv[part].T)[0]
        y = y + own @ wo[:, part].T
    np.testing.assert_allclose(scratch.multi_head_attention(*projected, 4)[0], y, rtol=1e-10)


def test_self_attention_adds_both_cotangents_of_its_input(projected, rng):
    x, _, *weights = projected

    def f(x, *w):
        return scratch.multi_head_attention(x, x, *w, 2)

    def f_vjp(dy, y, x, *w):
        dx, dmemory, *dw = scratch.multi_head_attention_vjp(dy, y, x, x, *w, 2)
        return dx + dmemory, *dw

    assert_vjp(f, f_vjp, [x, *weights], rng)


# Torch's own.


@BOTH
@pytest.mark.parametrize("mask", ["none", "random", "causal"])
def test_attention_agrees_with_torchs_own(half, mask, qkv, rng):
    masks = {"none": None, "causal": np.tri(5, 7, 2, dtype=bool)}
    masks["random"] = rng.uniform(size=(2, 5, 7)) < 0.5
    masks["random"][..., 3] = True
    looks = masks[mask]
    torchs = None if looks is None else torch.tensor(looks)
    q, k, v = map(torch.tensor, qkv)
    own = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=torchs)
    y, _ = half.attention(*given(half, *qkv), looks if half is scratch else torchs)
    np.testing.assert_allclose(y, own, rtol=1e-10)


def test_causal_attention_agrees_with_torchs_own_flag(rng):
    q, k, v = map(torch.tensor, rng.normal(size=(3, 2, 5, 4)))
    own = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    np.testing.assert_allclose(nn.attention(q, k, v, nn.causal_mask(5))[0], own, rtol=1e-10)


@BOTH
@pytest.mark.parametrize("masked", [False, True])
def test_multi_head_attention_agrees_with_torchs_own(half, masked, projected):
    x, memory, wq, wk, wv, wo = projected
    layer = torch.nn.MultiheadAttention(8, 4, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.tensor(np.concatenate([wq, wk, wv])))
        layer.out_proj.weight.copy_(torch.tensor(wo))
    mask = half.causal_mask(5, 7) if masked else None
    y, weights, *_ = half.multi_head_attention(*given(half, *projected), 4, mask)
    hidden = ~nn.causal_mask(5, 7) if masked else None  # torch's True here forbids
    x, memory = torch.tensor(x), torch.tensor(memory)
    own = layer(x, memory, memory, attn_mask=hidden, average_attn_weights=False)
    for ours, torchs in zip((y, weights), own, strict=True):
        np.testing.assert_allclose(ours, torchs.detach(), rtol=1e-9, atol=1e-12)


def test_additive_attention_is_the_sum_over_a_small_network(rng):
    q, k, v = rng.normal(size=(5, 4)), rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
    wq, wk, u = rng.normal(size=(6, 4)), rng.normal(size=(6, 2)), rng.normal(size=6)
    scores = [[u @ np.tanh(wq @ a + wk @ b) for b in k] for a in q]
    y, weights, *_ = scratch.additive_attention(q, k, v, wq, wk, u)
    np.testing.assert_allclose(weights, softmax(np.array(scores)), rtol=1e-12)
    np.testing.assert_allclose(y, softmax(np.array(scores)) @ v, rtol=1e-12)


# Errors.


@BOTH
@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3, 4), (5, 6), (5, 2)), r"got \(3, 4\), \(5, 6\), \(5, 2\)"),
        (
            ((3, 4), (5, 4), (6, 2)),
            r"q \(t,d\), k \(s,d\), v \(s,e\): each letter must have one size",
        ),
        (((4,), (5, 4), (5, 2)), r"got \(4,\), \(5, 4\), \(5, 2\)"),
    ],
)
def test_queries_keys_and_values_that_do_not_fit_are_named(half, shapes, message):
    with pytest.raises(ValueError, match=message):
        half.attention(*given(half, *map(np.ones, shapes)))


@BOTH
def test_a_mask_that_cannot_be_right_is_named(half, qkv):
    def look(mask):
        half.attention(*given(half, *qkv), *given(half, mask))

    blind = np.ones((2, 5, 7), bool)
    blind[1, 3] = False
    with pytest.raises(ValueError, match=r"must hold a True, got none in row \(1, 3\)"):
        look(blind)
    with pytest.raises(ValueError, match="mask must be boolean, True = may look, got .*float64"):
        look(np.ones((5, 7)))
    for shape in (7, 5), (3, 5, 7), (1, 2, 5, 7):
        with pytest.raises(ValueError, match=r"broadcast to the scores \(2, 5, 7\), got \("):
            look(np.ones(shape, bool))


@BOTH
@pytest.mark.parametrize(("t", "s"), [(0, None), (5, 4)])
def test_a_causal_mask_needs_a_key_for_each_query(half, t, s):
    with pytest.raises(ValueError, match=f"t must lie in 1..s, got t={t}, s={s or t}"):
        half.causal_mask(t, s)


@BOTH
def test_a_length_that_cannot_be_is_named(half):
    for wrong in 0, 5:
        with pytest.raises(ValueError, match=f"lengths must be integers in 1..4, got .*{wrong}"):
            half.padding_mask(*given(half, np.array([4, wrong])), 4)
    for dtype in float, bool:
        with pytest.raises(ValueError, match="lengths must be integers in 1..4, got"):
            half.padding_mask(*given(half, np.ones(2, dtype)), 4)


@BOTH
@pytest.mark.parametrize("heads", [5, 0])
def test_a_width_that_is_no_multiple_of_the_heads_is_named(half, heads):
    message = f"width must be a multiple of heads, got width=12, heads={heads}"
    with pytest.raises(ValueError, match=message):
        half.split_heads(*given(half, np.ones((2, 3, 12))), heads)


@BOTH
@pytest.mark.parametrize("wrong", range(6))
def test_a_projection_that_does_not_fit_is_named(half, wrong, projected):
    projected[wrong] = np.ones((2, 9, 9) if wrong < 2 else (9, 9))
    with pytest.raises(
        ValueError, match=r"wo \(c,b\): each letter must have one size, got .*9, 9\)"
    ):
        half.multi_head_attention(*given(half, *projected), 2)


@BOTH
@pytest.mark.parametrize("wrong", range(6))
def test_a_scoring_network_that_does_not_fit_is_named(half, wrong):
    shapes = [(5, 4), (7, 2), (7, 3), (6, 4), (6, 2), (6,)]
    shapes[wrong] = tuple(n + 1 for n in shapes[wrong])
    with pytest.raises(ValueError, match=r"u \(a\): each letter must have one size, got \("):
        half.additive_attention(*given(half, *map(np.ones, shapes)))
    with pytest.raises(ValueError, match=r"got \(4,\), "):
        half.additive_attention(*given(half, *map(np.ones, [(4,), *shapes[1:]])))
