"""The LSTM language model in both forms: same weights, same losses, text from a carried state."""

import numpy as np
import pytest
import torch
from twins import assert_gradients_agree, assert_states_move, to_nn, training

from dlcore.nn import language as nn
from dlcore.nn import sampling as nn_sampling
from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.language import LSTMLanguageModel
from dlcore.scratch.optim import Adam
from dlcore.scratch.sampling import greedy, sample

SIZE = {"tokens": 11, "width": 6, "hidden": 8}


@pytest.fixture
def pair(rng):
    twin = nn.LSTMLanguageModel(**SIZE, generator=torch.Generator())
    model = LSTMLanguageModel(**SIZE, rng=rng)
    return model, to_nn(model, twin)


def texts(rng, n=8, t=12):
    """A language with a memory: what stood three places before, plus one."""
    first = rng.integers(0, 11, (n, 3))
    return (np.tile(first, t // 3) + np.repeat(np.arange(t // 3), 3)) % 11


def test_state_dicts_move_both_ways(pair, rng):
    assert_states_move(*pair, [texts(rng)], rng)


def test_gradients_equal_those_of_the_twin(pair, rng):
    assert_gradients_agree(*pair, [texts(rng)])


def test_twenty_steps_of_training_keep_the_losses_together(pair, rng):
    losses, wanted = training(*pair, [[texts(rng)] for _ in range(20)])
    np.testing.assert_allclose(losses, wanted, rtol=1e-6)
    assert losses[-1] < 0.98 * losses[0]


def test_it_learns_to_remember_three_tokens():
    rng = np.random.default_rng(3)
    model = LSTMLanguageModel(11, 16, 48, rng)
    optimizer = Adam(model.arrays(), lr=1e-2)
    for _ in range(300):
        model.loss(texts(rng, n=32)).backward()
        optimizer.step(model.take_grads())
    assert model.generate([[2, 7, 5]], 6, greedy)[0].tolist() == [2, 7, 5, 3, 8, 6, 4, 9, 7]


def test_a_carried_state_writes_what_reading_all_again_would(pair, rng):
    model, twin = pair
    ids = texts(rng, n=3, t=6)
    slow = ids
    for _ in range(5):
        with no_grad():
            slow = np.concatenate([slow, greedy(model(slow).data[:, -1])[:, None]], axis=1)
    np.testing.assert_array_equal(model.generate(ids, 5, greedy), slow)
    np.testing.assert_array_equal(twin.generate(torch.tensor(ids), 5, nn_sampling.greedy), slow)


def test_sampling_draws_from_the_predictions(pair):
    model, _ = pair
    text = model.generate([[1, 2]], 8, lambda o: sample(o, np.random.default_rng(0), top_p=0.9))
    assert text.shape == (1, 10) and ((text >= 0) & (text < 11)).all()


def test_the_forget_gate_starts_open_and_the_parameters_are_counted(pair):
    for b in pair[0].b.data, nn.LSTMLanguageModel(**SIZE, generator=None).b.detach():
        assert b.tolist() == [0] * 8 + [1] * 8 + [0] * 16
    wanted = 11 * 6 + 4 * 8 * (6 + 8 + 1) + 11 * 9
    assert sum(p.data.size for p in pair[0].parameters()) == wanted
    assert sum(p.numel() for p in pair[1].parameters()) == wanted


def test_an_unknown_token_is_named_in_the_error(pair):
    model, twin = pair
    for call in model, lambda ids: twin(torch.tensor(ids)):
        with pytest.raises(ValueError, match="tokens must lie in 0..10, got 11"):
            call(np.array([[3, 11]]))
    with pytest.raises(ValueError, match="tokens must lie in 0..10, got -1"):
        model.generate([[-1]], 1, greedy)
