"""The encoder-decoder in both forms: padding, order of time, training together, translating."""

import numpy as np
import pytest
import torch
from twins import assert_gradients_agree, assert_states_move, shaken, to_nn, training

from dlcore.nn import encoder_decoder as nn
from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.encoder_decoder import END, START, EncoderDecoder
from dlcore.scratch.optim import Adam

SIZE = {"source_tokens": 13, "target_tokens": 15, "length": 9, "width": 12, "heads": 3}


def make(norm, rng, layers=2):
    model = EncoderDecoder(**SIZE, layers=layers, rng=rng, norm=norm)
    twin = nn.EncoderDecoder(**SIZE, layers=layers, generator=torch.Generator(), norm=norm)
    return model, to_nn(model, twin)


@pytest.fixture(params=["pre", "post"])
def pair(request, rng):
    return make(request.param, rng)


def reversals(rng, n=16, longest=5):
    """Sources of 1 to `longest` words, and the same words from last to first."""
    source, target = np.zeros((n, longest), int), np.zeros((n, longest + 2), int)
    for x, y, size in zip(source, target, rng.integers(1, longest + 1, n), strict=True):
        x[:size] = rng.integers(3, 13, size)
        y[: size + 2] = START, *x[:size][::-1], END
    return source, target


def test_state_dicts_move_both_ways(pair, rng):
    source, target = reversals(rng)
    assert_states_move(*pair, [source, target], rng)


def test_gradients_equal_those_of_the_twin(pair, rng):
    assert_gradients_agree(*pair, reversals(rng))


def test_twenty_steps_of_training_keep_the_losses_together(pair, rng):
    losses, wanted = training(*pair, [reversals(rng) for _ in range(20)])
    np.testing.assert_allclose(losses, wanted, rtol=1e-6)
    assert losses[-1] < 0.9 * losses[0]


def test_at_first_all_tokens_are_about_as_likely(pair, rng):
    assert abs(pair[0].loss(*reversals(rng)).item() - np.log(15)) < 0.1


def test_padding_changes_nothing(pair, rng):
    model, twin = pair
    to_nn(shaken(model, rng), twin)
    source, target = reversals(rng, longest=4)
    wide = np.pad(source, ((0, 0), (0, 3))), np.pad(target, ((0, 0), (0, 2)))
    with no_grad(), torch.no_grad():
        wanted = model.loss(source, target).item()
        assert abs(model.loss(*wide).item() - wanted) < 1e-6
        assert abs(twin.loss(*map(torch.tensor, wide)).item() - wanted) < 1e-6
        rows = [model.loss(source[i : i + 1], target[i : i + 1]).item() for i in range(16)]
    count = (target[:, 1:] != 0).sum(axis=1)
    assert abs((rows * count).sum() / count.sum() - wanted) < 1e-6


def test_a_prediction_sees_the_whole_source_but_not_the_future(pair, rng):
    model, _ = pair
    source, target = rng.integers(3, 13, (4, 6)), rng.integers(3, 15, (4, 7))
    later, other = target.copy(), source.copy()
    later[:, 4:] = 3
    other[:, -1] = (other[:, -1] - 2) % 10 + 3
    with no_grad():
        y = model(source, target).data
        np.testing.assert_allclose(model(source, later).data[:, :4], y[:, :4], atol=1e-6)
        assert (abs(model(other, target).data - y).max(axis=-1) > 1e-6).all()


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_it_learns_to_reverse_short_sequences(norm):
    rng = np.random.default_rng(0)
    model = EncoderDecoder(13, 13, 7, width=32, heads=4, layers=1, rng=rng, norm=norm)
    optimizer = Adam(model.arrays(), lr=3e-3)
    for _ in range(300):
        model.loss(*reversals(rng, n=32, longest=4)).backward()
        optimizer.step(model.take_grads())
    source, target = reversals(rng, n=100, longest=4)
    found = model.translate(source, 5)
    assert (found == target[:, 1:]).all(axis=1).mean() > 0.9
    looks = model.looks(source, target[:, :-1])
    assert [a.shape for a in looks] == [(100, 4, 5, 4)]
    assert all((a[source[:, None, None].repeat(4, 1).repeat(5, 2) == 0] == 0).all() for a in looks)


def test_a_translation_is_the_likeliest_token_again_and_again(pair, rng):
    model, twin = pair
    source, target = reversals(rng)
    training(model, twin, [(source, target)] * 15)  # so that some sentences end early
    to_nn(model, twin)
    ids = np.full((16, 1), START)
    for _ in range(8):
        with no_grad():
            new = model(source, ids).data[:, -1].argmax(axis=-1)
        ids = np.concatenate([ids, new[:, None]], axis=1)
    ended = np.cumsum(ids == END, axis=1) - (ids == END) > 0
    assert ended.any()
    wanted = np.where(ended, 0, ids)[:, 1:]
    found = model.translate(source, 8)
    np.testing.assert_array_equal(found, wanted[:, : found.shape[1]])
    assert not wanted[:, found.shape[1] :].any()
    np.testing.assert_array_equal(twin.translate(torch.tensor(source), 8), found)
    assert model.translate(source, 2).shape == (16, 2)


def test_both_forms_look_at_the_same_words(pair, rng):
    model, twin = pair
    source, target = reversals(rng)
    looks = model.looks(source, target)
    theirs = twin.looks(torch.tensor(source), torch.tensor(target))
    assert len(looks) == len(theirs) == 2 and looks[0].shape == (16, 3, 7, 5)
    for a, b in zip(looks, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-5)


def test_its_parameters_are_counted(pair):
    d, block = 12, 4 * 144 + 8 * 144 + 5 * 12 + 2 * 24
    wanted = (13 + 15) * d + 2 * block + 2 * (block + 4 * 144 + 24) + 2 * 24 + 15 * (d + 1)
    assert sum(p.data.size for p in pair[0].parameters()) == wanted
    assert sum(p.numel() for p in pair[1].parameters()) == wanted


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ([[3] * 10], [[1]], r"source must be \(n, t\) with t in 1..9, got \(1, 10\)"),
        ([[3]], [[1] * 10], r"target must be \(n, t\) with t in 1..9, got \(1, 10\)"),
        ([3], [[1]], r"source must be \(n, t\) with t in 1..9, got \(1,\)"),
        ([[3, 0], [0, 0]], [[1], [1]], "source must hold a word in each row, got none in 1"),
        ([[3]], [[0]], "target must hold a word in each row, got none in 0"),
        ([[13]], [[1]], "tokens must lie in 0..12, got 13"),
        ([[3]], [[15]], "tokens must lie in 0..14, got 15"),
        ([[-1]], [[1]], "tokens must lie in 0..12, got -1"),
    ],
)
def test_sentences_that_cannot_be_are_named(source, target, message, rng):
    model, twin = make("pre", rng, layers=1)
    with pytest.raises(ValueError, match=message):
        model(np.array(source), np.array(target))
    with pytest.raises(ValueError, match=message):
        twin(torch.tensor(source), torch.tensor(target))


def test_a_size_that_cannot_be_is_named(rng):
    model, twin = make("pre", rng, layers=1)
    with pytest.raises(ValueError, match="width must be a multiple of heads, got width=12, heads="):
        EncoderDecoder(**(SIZE | {"heads": 5}), layers=1, rng=rng)
    with pytest.raises(ValueError, match="width must be a multiple of heads, got width=12, heads="):
        nn.EncoderDecoder(**(SIZE | {"heads": 5}), layers=1, generator=None)
    for steps in 0, 10:
        for translate in model.translate, twin.translate:
            with pytest.raises(ValueError, match=f"steps must lie in 1..9, got {steps}"):
                translate(torch.tensor([[3]]), steps)
