"""The GPT in both forms: same weights, same losses, same text, with and without the cache."""

import numpy as np
import pytest
import torch
from twins import assert_gradients_agree, assert_states_move, shaken, to_nn, training

from dlcore.nn import gpt as nn
from dlcore.nn import sampling as nn_sampling
from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.gpt import GPT
from dlcore.scratch.optim import Adam
from dlcore.scratch.sampling import greedy, sample

SIZE = {"tokens": 11, "length": 16, "width": 12, "heads": 3, "layers": 2}


@pytest.fixture
def pair(rng):
    """Both forms with the same weights, loaded through their state_dicts."""
    model, twin = GPT(**SIZE, rng=rng), nn.GPT(**SIZE, generator=torch.Generator())
    return model, to_nn(model, twin)


def texts(rng, n=8, t=12):
    """A language with a rule: each token is the last one plus one, sometimes plus two."""
    steps = rng.choice([1, 2], p=[0.9, 0.1], size=(n, t))
    return np.cumsum(steps, axis=1) % SIZE["tokens"]


def test_state_dicts_move_both_ways(pair, rng):
    assert_states_move(*pair, [texts(rng)], rng)


def test_gradients_equal_those_of_the_twin(pair, rng):
    assert_gradients_agree(*pair, [texts(rng)])


def test_twenty_steps_of_training_keep_the_losses_together(pair, rng):
    losses, wanted = training(*pair, [[texts(rng)] for _ in range(20)])
    np.testing.assert_allclose(losses, wanted, rtol=1e-6)
    assert losses[-1] < 0.8 * losses[0]


def test_a_prediction_ignores_the_future(pair, rng):
    model, _ = pair
    ids = texts(rng)
    changed = ids.copy()
    changed[:, 8:] = 0
    with no_grad():
        np.testing.assert_allclose(model(ids).data[:, :8], model(changed).data[:, :8], atol=1e-6)


def test_it_learns_the_rule_and_goes_on_with_it():
    rng = np.random.default_rng(3)
    model = GPT(**SIZE, rng=rng)
    optimizer = Adam(model.arrays(), lr=1e-2)
    for _ in range(120):
        loss = model.loss(texts(rng, n=16))
        loss.backward()
        optimizer.step(model.take_grads())
    # The rule's own entropy: -0.9 log 0.9 - 0.1 log 0.1 = 0.325 nats.
    assert 0.25 < loss.item() < 0.5
    assert model.generate([[3, 4, 5]], 4, greedy)[0].tolist() == [3, 4, 5, 6, 7, 8, 9]


def test_the_cache_changes_the_cost_and_not_the_text(pair, rng):
    model, twin = pair
    to_nn(shaken(model, rng), twin)
    ids = texts(rng, n=2, t=5)
    fast = model.generate(ids, 6, greedy)
    slow = ids
    for _ in range(6):
        with no_grad():
            slow = np.concatenate([slow, greedy(model(slow).data[:, -1])[:, None]], axis=1)
    np.testing.assert_array_equal(fast, slow)
    theirs = twin.generate(torch.tensor(ids), 6, nn_sampling.greedy)
    np.testing.assert_array_equal(fast, theirs)


def test_sampling_draws_from_the_predictions(pair):
    model, _ = pair
    text = model.generate([[1, 2]], 8, lambda o: sample(o, np.random.default_rng(0), top_k=3))
    assert text.shape == (1, 10) and ((text >= 0) & (text < 11)).all()


def test_its_parameters_are_counted(pair):
    model, twin = pair
    d, v, t, layers = 12, 11, 16, 2
    block = 4 * d * d + 2 * (4 * d * d) + 4 * d + d + 4 * d
    wanted = v * d + t * d + layers * block + 2 * d
    assert sum(p.data.size for p in model.parameters()) == wanted
    assert sum(p.numel() for p in twin.parameters()) == wanted


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, t: m(np.zeros((1, 17), int)), "ids must have at most length=16 tokens, got 17"),
        (lambda m, t: t(torch.zeros(1, 17).long()), "ids must have at most length=16 tokens"),
        (lambda m, t: m([[11]]), "tokens must lie in 0..10, got 11"),
        (lambda m, t: t(torch.tensor([[-1]])), "tokens must lie in 0..10, got -1"),
        (lambda m, t: m.generate([[1]], 16, greedy), "ids and steps must fit in length=16, got 17"),
        (lambda m, t: t.generate(torch.tensor([[1]]), 16, None), "must fit in length=16, got 17"),
        (lambda m, t: GPT(5, 4, 10, 3, 1, np.random.default_rng(0)), "width=10, heads=3"),
        (lambda m, t: nn.GPT(5, 4, 10, 3, 1, None), "width=10, heads=3"),
        (lambda m, t: m.load_state_dict({}), r"missing \['blocks.0.attention.wk', .*, extra \[\]"),
        (
            lambda m, t: m.load_state_dict(m.state_dict() | {"table": np.zeros(3)}),
            r"table must be \(11, 12\), got \(3,\)",
        ),
        (lambda m, t: m.take_grads(), "parameter table has no gradient"),
    ],
)
def test_mistakes_are_named_in_the_error(pair, call, message):
    with pytest.raises(ValueError, match=message):
        call(*pair)
