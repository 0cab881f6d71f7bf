"""Cross-entropy, binary cross-entropy, zero-one loss, entropy and KL divergence."""

import tracemalloc

import numpy as np
import pytest
import torch
from gradients import assert_twin

from dlcore.nn import losses as nn
from dlcore.scratch import activations, losses
from dlcore.scratch.softmax import softmax

LABELS = {
    "integers": lambda rng: rng.integers(0, 4, 6),
    "one-hot": lambda rng: np.eye(4)[rng.integers(0, 4, 6)],
    "soft": lambda rng: rng.dirichlet(np.ones(4), 6),
}


@pytest.fixture
def logits(rng):
    return 2 * rng.normal(size=(6, 4))


@pytest.fixture(params=LABELS)
def labels(request, rng):
    return LABELS[request.param](rng)


def test_cross_entropy_of_the_animal_of_the_chapter():
    assert round(losses.cross_entropy([[2.0, 1.0, 0.1]], [1]), 9) == 1.417030016


def test_cross_entropy_is_the_mean_surprisal_of_the_labels(logits):
    labels = np.array([0, 1, 2, 3, 0, 1])
    wanted = -np.log(softmax(logits)[np.arange(6), labels]).mean()
    np.testing.assert_allclose(losses.cross_entropy(logits, labels), wanted, rtol=1e-12)


def test_knowing_nothing_costs_log_k():
    loss = losses.cross_entropy(np.zeros((3, 10)), np.array([0, 5, 9]))
    np.testing.assert_allclose(loss, np.log(10), rtol=1e-15)


def test_cross_entropy_stays_finite_at_leads_of_ten_thousand():
    assert losses.cross_entropy(np.array([[1e4, 0.0]]), np.array([1])) == 1e4


def test_a_forbidden_class_costs_nothing_unless_it_was_true(logits):
    logits[:, 3] = -np.inf
    allowed = np.array([0, 1, 2, 0, 1, 2])
    same = losses.cross_entropy(logits[:, :3], allowed)
    np.testing.assert_allclose(losses.cross_entropy(logits, allowed), same, rtol=1e-12)
    tensor = torch.tensor(logits, requires_grad=True)
    loss = nn.cross_entropy(tensor, torch.tensor(allowed))
    loss.backward()
    np.testing.assert_allclose(loss.item(), same, rtol=1e-12)
    assert tensor.grad.isfinite().all()
    assert losses.cross_entropy(logits, np.full(6, 3)) == np.inf


def test_cross_entropy_in_bits_bounds_the_error_rate(rng):
    logits, labels = 2 * rng.normal(size=(2000, 5)), rng.integers(0, 5, 2000)
    error = losses.zero_one_loss(logits, labels)
    assert 0.7 < error < losses.cross_entropy(logits, labels) / np.log(2)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_agrees_with_torchs_own(logits, labels, smoothing):
    own = torch.nn.functional.cross_entropy(
        torch.tensor(logits), torch.tensor(labels), label_smoothing=smoothing
    )
    np.testing.assert_allclose(losses.cross_entropy(logits, labels, smoothing), own, rtol=1e-12)


def test_the_gradient_of_cross_entropy_sums_to_zero_over_the_classes(logits):
    gradient = losses.cross_entropy_vjp(1.0, None, logits, np.zeros(6, int))
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-16)


@pytest.mark.parametrize("size", [1, 7])
def test_binary_cross_entropy_agrees_with_torchs_own(size, rng):
    z, y = 3 * rng.normal(size=size), rng.uniform(size=size)
    own = torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(z), torch.tensor(y))
    np.testing.assert_allclose(losses.binary_cross_entropy(z, y), own, rtol=1e-12)


def test_binary_cross_entropy_is_cross_entropy_of_two_classes(rng):
    z, y = 3 * rng.normal(size=8), rng.integers(0, 2, 8)
    two = losses.cross_entropy(np.stack([np.zeros(8), z], axis=1), y)
    np.testing.assert_allclose(losses.binary_cross_entropy(z, y), two, rtol=1e-12)
    assert losses.binary_cross_entropy([1e4, -1e4], [0, 1]) == 1e4


def test_sigmoid_is_the_softmax_of_x_and_zero_and_never_overflows(rng):
    x = 3 * rng.normal(size=9)
    two = softmax(np.stack([x, 0 * x], axis=1))[:, 0]
    np.testing.assert_allclose(activations.sigmoid(x), two, rtol=1e-12)
    assert activations.sigmoid(np.array([-1e4, 0, 1e4])).tolist() == [0, 0.5, 1]


def test_zero_one_loss_counts_mistakes_in_both_forms(logits):
    labels = logits.argmax(axis=1)
    labels[:2] = (labels[:2] + 1) % 4
    assert losses.zero_one_loss(logits, labels) == 2 / 6
    torch_loss = nn.zero_one_loss(torch.tensor(logits), torch.tensor(labels))
    np.testing.assert_allclose(torch_loss.item(), 2 / 6, rtol=1e-12)


def test_the_labels_of_a_large_vocabulary_need_little_memory():
    tracemalloc.start()
    losses.cross_entropy(np.zeros((2, 32_000), np.float32), np.array([0, 31_999]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6  # an identity matrix of that size would be 8 GB


def test_entropy_runs_from_certainty_to_log_k():
    assert str(losses.entropy([0.0, 1.0, 0.0])) == "0.0"  # and not -0.0
    np.testing.assert_allclose(losses.entropy(np.full(8, 1 / 8)), np.log(8), rtol=1e-15)


def test_kl_is_zero_for_equals_infinite_for_the_impossible_and_not_symmetric():
    p, q = [0.5, 0.5], [0.9, 0.1]
    assert losses.kl_divergence(p, p) == 0
    assert losses.kl_divergence(p, [1.0, 0.0]) == np.inf
    assert losses.kl_divergence([1.0, 0.0], p) == np.log(2)
    both = losses.kl_divergence(p, q), losses.kl_divergence(q, p)
    np.testing.assert_allclose(both, [0.5108256, 0.3680642], rtol=1e-6)


def test_information_vjps_match_the_twins(rng):
    p, q = rng.dirichlet(np.ones(5), 3), rng.dirichlet(np.ones(5), 3)
    assert_twin(losses.entropy, losses.entropy_vjp, nn.entropy, [p], rng)
    pair = losses.kl_divergence, losses.kl_divergence_vjp
    assert_twin(*pair, nn.kl_divergence, [p, q], rng)
    own = torch.nn.functional.kl_div(torch.tensor(q).log(), torch.tensor(p), reduction="none")
    np.testing.assert_allclose(losses.kl_divergence(p, q), own.sum(-1), rtol=1e-12)


def test_information_vjps_match_finite_differences_along_the_simplex(rng):
    # Only directions that keep the sum at 1 are allowed, so assert_vjp cannot be used.
    p, q, dy, step = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5)), 1.7, 1e-7
    ways = rng.normal(size=(2, 5))
    ways -= ways.mean(axis=1, keepdims=True)
    slope = (losses.entropy(p + step * ways[0]) - losses.entropy(p - step * ways[0])) / (2 * step)
    ours = losses.entropy_vjp(np.array(dy), None, p) @ ways[0]
    np.testing.assert_allclose(ours, dy * slope, rtol=1e-5)
    ahead = losses.kl_divergence(p + step * ways[0], q + step * ways[1])
    behind = losses.kl_divergence(p - step * ways[0], q - step * ways[1])
    dp, dq = losses.kl_divergence_vjp(np.array(dy), None, p, q)
    np.testing.assert_allclose(
        dp @ ways[0] + dq @ ways[1], dy * (ahead - behind) / (2 * step), rtol=1e-5
    )


def forms(f, *args):
    """The same call to both forms."""
    yield lambda: getattr(losses, f)(*args)
    tensors = [torch.tensor(np.asarray(a)) if not isinstance(a, float) else a for a in args]
    yield lambda: getattr(nn, f)(*tensors)


BAD = [
    ("cross_entropy", ([[0.0, 1.0]], [2]), r"labels must lie in 0..1, got 2"),
    ("cross_entropy", ([[0.0, 1.0]], [-1]), r"labels must lie in 0..1, got -1"),
    ("cross_entropy", ([[0.0, 1.0]], [1.0]), "labels must be integers, got dtype"),
    ("cross_entropy", ([[0.0, 1.0]], [0, 1]), "labels must give one class for each of the rows"),
    ("cross_entropy", ([[0.0, 1.0]], [[0.5, 0.6]]), "labels must sum to 1"),
    ("cross_entropy", ([0.0, 1.0], 1), r"logits must be \(n, k\)"),
    ("cross_entropy", (np.zeros((0, 2)), np.zeros(0, int)), r"logits must be \(n, k\).*0, 2"),
    ("cross_entropy", ([[0.0, np.nan]], [1]), "must be finite, got nan"),
    ("cross_entropy", ([[0.0, 1.0]], [1], 1.0), r"smoothing must lie in \[0, 1\), got 1.0"),
    ("binary_cross_entropy", ([0.0, 1.0], [1.0]), "must have one shape"),
    ("binary_cross_entropy", (np.zeros(0), np.zeros(0)), "at least one entry"),
    ("binary_cross_entropy", ([0.0], [2.0]), r"labels must lie in \[0, 1\], got 2.0"),
    ("binary_cross_entropy", ([np.nan], [1.0]), "logits must be finite, got nan"),
    ("binary_cross_entropy", ([np.inf], [1.0]), "logits must be finite, got inf"),
    ("zero_one_loss", ([[np.nan, 1.0]], [0]), "must be finite, got nan"),
    ("entropy", ([[0.5, 0.5], [0.5, 0.4]],), "p must sum to 1 over its last axis, got 0.9"),
    ("kl_divergence", ([0.5, 0.5], [0.2, 0.2, 0.6]), "p and q must have as many classes"),
    ("cross_entropy", ([[0.0, 1.0]] * 2, [[1], [0]]), "labels must give one class for each"),
    ("entropy", ([0.5, 0.6],), "p must sum to 1 over its last axis, got 1.1"),
    ("entropy", ([1.5, -0.5],), "p must not be negative or NaN, got -0.5"),
    ("kl_divergence", ([0.5, 0.5], [0.5, np.nan]), "q must not be negative or NaN, got nan"),
    ("zero_one_loss", ([[0.0, 1.0]], [5]), "labels must lie in 0..1, got 5"),
]


@pytest.mark.parametrize(("f", "args", "message"), BAD, ids=lambda v: str(v)[:30])
def test_bad_input_is_named_in_the_error_of_both_forms(f, args, message):
    for call in forms(f, *args):
        with pytest.raises(ValueError, match=message):
            call()
