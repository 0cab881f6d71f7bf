"""Claims of the source texts about sequences: words, gates, attention, positions."""

import numpy as np
import pytest
import torch

from dlcore.scratch.activations import sigmoid
from dlcore.scratch.attention import attention, multi_head_attention, split_heads
from dlcore.scratch.positions import sinusoidal
from dlcore.scratch.recurrent import lstm
from dlcore.scratch.transformer import feed_forward


def test_queries_times_keys_compare_tokens_only_with_the_tokens_in_rows(rng):
    """C000-12: with tokens in columns, Q Kᵀ is d_k × d_k, 4 × 4, and Qᵀ K is 7 × 7."""
    x, (wq, wk, wv) = rng.normal(size=(5, 7)), rng.normal(size=(3, 4, 5))
    q, k, v = wq @ x, wk @ x, wv @ x
    assert (q @ k.T).shape == (4, 4) and (q.T @ k).shape == (7, 7)
    y, weights = attention(q.T, k.T, v.T)
    assert weights.shape == (7, 7) and y.shape == (7, 4)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    odds = np.log(weights) - np.log(weights[:, :1])
    scores = q.T @ k / 2
    np.testing.assert_allclose(odds, scores - scores[:, :1], rtol=1e-8, atol=1e-9)


def test_scaling_brings_the_variance_of_scores_from_64_to_1(rng):
    """C000-13, C002-66: d_k = 64; the log-odds of two keys have the variance of two scores."""
    q, k = rng.normal(size=(50000, 1, 64)), rng.normal(size=(50000, 2, 64))
    scores = q @ k.mT
    assert scores.var() == pytest.approx(64, rel=0.01)
    _, weights = attention(q, k, k)
    odds = np.subtract(*np.log(weights[:, 0]).T)
    assert odds.var() / 2 == pytest.approx(1, rel=0.01)


def test_a_sentence_called_8_words_long_has_9():
    """C001-80: the two example sentences have 4 and 9 words."""
    first = "Unfortunately it will rain."
    second = "All students were generously gifted five dollars for attending."
    assert [len(sentence.split()) for sentence in (first, second)] == [4, 9]


def test_a_thousand_bits_leave_a_hundred_for_each_of_ten_tokens_and_25_for_each_of_forty(rng):
    """C001-86: a state of fixed size is shared by all tokens."""
    bits = rng.integers(0, 2, 1000)
    shares = [{len(part) for part in np.array_split(bits, tokens)} for tokens in (10, 40)]
    assert shares == [{100}, {25}]


def test_the_output_gate_of_an_lstm_reads_the_input_not_the_memory(rng):
    """C001-84: with C_t in place of x_t, o_t = σ(W_o [h, C_t] + b_o) is not PyTorch's cell."""
    x, h, c = rng.normal(size=(3, 6, 5))
    w, u, b = rng.normal(size=(20, 5)), rng.normal(size=(20, 5)), rng.normal(size=20)
    cell = torch.nn.LSTMCell(5, 5, dtype=torch.float64)
    values = w, u, b, np.zeros(20)
    with torch.no_grad():
        for p, value in zip(cell.parameters(), values, strict=True):
            p.copy_(torch.tensor(value))
        own_h, own_c = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    hs, cs, *_ = lstm(x[:, None], h, c, w, u, b)
    np.testing.assert_allclose(hs[:, 0], own_h, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(cs[:, 0], own_c, rtol=1e-12, atol=1e-15)
    output = lambda seen: sigmoid(seen @ w[15:].T + h @ u[15:].T + b[15:]) * np.tanh(cs[:, 0])
    np.testing.assert_allclose(output(x), own_h, rtol=1e-12, atol=1e-15)
    assert abs(output(cs[:, 0]) - own_h.numpy()).max() > 0.1


def printed(t, d):
    """sin(pos / 10000^{2i/d}) for even i, cos of the same for odd i, with i the dimension."""
    i = np.arange(d)
    angles = np.multiply.outer(np.arange(t), 10000.0 ** (-2 * i / d))
    return np.where(i % 2 == 0, np.sin(angles), np.cos(angles))


def longest_wave(d):
    """Positions until the slowest sine and cosine come back, from their angle at position 1."""
    sine, cosine = sinusoidal(2, d, float)[1, -2:]
    return 2 * np.pi / np.arctan2(sine, cosine)


def misfit(encode, d, k=5):
    """How far PE(pos + k) stays from the best linear function, pair by pair, of PE(pos)."""
    pairs = encode(60 + k, d).reshape(60 + k, -1, 2)
    here, ahead = pairs[:-k], pairs[k:]
    gaps = []
    for pair in range(d // 2):
        turn = np.linalg.lstsq(here[:, pair], ahead[:, pair])[0]
        gaps.append(abs(here[:, pair] @ turn - ahead[:, pair]).max())
    return max(gaps)


def test_a_sine_and_a_cosine_share_a_frequency_so_that_shifts_are_rotations():
    """C001-89: the longest wavelength for d = 512 is 60,611, and 6.06e8 as printed."""
    np.testing.assert_allclose(longest_wave(512), 60611.477, rtol=1e-8)
    angle = np.arccos(printed(10001, 512)[-1, -1]) / 1e4
    assert 2 * np.pi / angle == pytest.approx(6.06e8, rel=1e-3)
    assert misfit(lambda t, d: sinusoidal(t, d, float), 16) < 1e-10
    assert misfit(printed, 16) > 0.5


def test_ten_thousand_bounds_the_wavelength_and_neither_index_nor_position():
    """C001-90: all wavelengths are below 2π · 10000 = 62,832 positions."""
    waves = [longest_wave(d) for d in (4, 64, 512, 10**6)]
    assert waves == sorted(waves) and waves[-1] < 62831.8531
    np.testing.assert_allclose(waves[-1], 62831.853, rtol=5e-5)
    assert sinusoidal(1, 20002).shape == (1, 20002)  # an index above 10000 is fine
    far = sinusoidal(20002, 64)[[10001, 20001]]
    assert abs(far[0] - far[1]).max() > 0.5


def test_eight_heads_of_a_width_of_512_have_64_features_each(rng):
    """C002-67: d_k = d_v = 64, and the four projections hold 4 · 512² weights."""
    x = rng.normal(size=(2, 3, 512))
    weights = rng.normal(size=(4, 512, 512)) / 512**0.5
    assert split_heads(x, 8).shape == (2, 8, 3, 64)
    y, seen, q, k, v, _ = multi_head_attention(x, x, *weights, heads=8)
    assert y.shape == x.shape and seen.shape == (2, 8, 3, 3)
    assert q.shape == k.shape == v.shape == (2, 8, 3, 64)
    own = torch.nn.MultiheadAttention(512, 8, bias=False, device="meta")
    assert weights.size == sum(p.numel() for p in own.parameters()) == 1048576


def test_a_feed_forward_part_and_an_encoder_layer_have_2_and_3_million_parameters(rng):
    """C002-68: 512 → 2048 → 512, with biases, in a layer with its attention and two norms."""
    shapes = (2048, 512), (2048,), (512, 2048), (512,)
    params = [rng.normal(size=shape) for shape in shapes]
    x = rng.normal(size=(1, 2, 512))
    assert feed_forward(x, *params)[0].shape == x.shape
    assert sum(p.size for p in params) == 2099712
    layer = torch.nn.TransformerEncoderLayer(512, 8, 2048, device="meta")
    assert sum(p.numel() for p in layer.parameters()) == 3152384


def test_attention_is_equivariant_to_permutations_and_not_invariant(rng):
    """C002-70: att(P x) = P att(x), which is not att(x)."""
    x, (wq, wk, wv) = 2 * rng.normal(size=(7, 5)), rng.normal(size=(3, 5, 5))
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    att = lambda x: attention(x @ wq, x @ wk, x @ wv)[0]
    np.testing.assert_allclose(att(x[order]), att(x)[order], rtol=0, atol=1e-12)
    assert abs(att(x[order]) - att(x)).max() > 1
