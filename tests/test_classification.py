"""Softmax regression in both forms, and linear discriminant analysis."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from dlcore import data
from dlcore.nn.classification import SoftmaxRegression as Twin
from dlcore.scratch.classification import SoftmaxRegression, linear_discriminant
from dlcore.scratch.losses import zero_one_loss
from dlcore.scratch.optim import SGD, Adam


@pytest.fixture(scope="module")
def digits():
    split = data.digits()
    flat = split.x_train.reshape(-1, 64), split.x_test.reshape(-1, 64)
    return flat[0], split.y_train, flat[1], split.y_test


def batches(n, epochs=3):
    return list(data.minibatches(n, 64, epochs, np.random.default_rng(0)))


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_both_forms_have_the_same_losses_from_the_same_weights(digits, rng, dtype, rtol):
    x, y = digits[0].astype(dtype), digits[1]
    model, twin = SoftmaxRegression(64, 10, dtype), Twin(64, 10, dtype=torch.tensor(x).dtype)
    model.w[:] = rng.normal(size=model.w.shape)
    twin.load_state_dict({"w": torch.tensor(model.w), "b": torch.tensor(model.b)})
    losses = model.fit(x, y, batches(len(x)), SGD([model.w, model.b], lr=0.3))
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.3)
    twin_losses = twin.fit(torch.tensor(x), torch.tensor(y), batches(len(x)), optimizer)
    np.testing.assert_allclose(losses, twin_losses, rtol=rtol)
    np.testing.assert_allclose(model.w, twin.w.detach(), rtol=100 * rtol, atol=rtol)
    assert losses.dtype == dtype and losses[-1] < 0.5 * losses[0]
    np.testing.assert_array_equal(model.predict(x), twin.predict(torch.tensor(x)))
    p = twin.probabilities(torch.tensor(x)).detach()
    np.testing.assert_allclose(model.probabilities(x), p, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_it_learns_the_digits_to_four_percent_error(digits, optimizer):
    x, y, x_test, y_test = digits
    model = SoftmaxRegression(64, 10)
    step = optimizer([model.w, model.b], lr=0.5 if optimizer is SGD else 0.02)
    model.fit(x, y, batches(len(x), 40), step)
    assert zero_one_loss(model.logits(x_test), y_test) < 0.04


def test_the_best_bias_alone_is_the_log_share_of_each_class():
    model = SoftmaxRegression(1, 3, dtype=float)
    x, y = np.zeros((10, 1)), np.array([0] * 2 + [1] * 3 + [2] * 5)
    model.fit(x, y, [np.arange(10)] * 500, SGD([model.w, model.b], lr=1.0))
    np.testing.assert_allclose(model.probabilities(x)[0], [0.2, 0.3, 0.5], atol=1e-6)


def test_renaming_the_classes_renames_the_answer_and_nothing_else(rng):
    x, y = data.clouds(4, 20, rng=rng)
    new = np.array([2, 0, 3, 1])
    plain, renamed = SoftmaxRegression(2, 4, float), SoftmaxRegression(2, 4, float)
    for model, labels in (plain, y), (renamed, new[y]):
        model.fit(x, labels, [np.arange(80)] * 50, SGD([model.w, model.b]))
    np.testing.assert_allclose(renamed.w[new], plain.w, rtol=1e-10)


def test_lda_predicts_as_scikit_learn_does(digits):
    x, y, x_test, _ = digits
    w, b = linear_discriminant(x, y)
    theirs = LinearDiscriminantAnalysis(solver="svd").fit(x, y).predict(x_test)
    assert (((x_test @ w.T + b).argmax(axis=1)) == theirs).mean() > 0.995


def test_the_units_of_a_feature_do_not_matter_to_lda(digits):
    x, y, x_test, _ = digits
    large = np.ones(64)
    large[20] = 1e8
    plain, scaled = linear_discriminant(x, y), linear_discriminant(x * large, y)
    answers = [((x_test * s) @ w.T + b).argmax(1) for s, (w, b) in ((1, plain), (large, scaled))]
    np.testing.assert_array_equal(*answers)


def test_lda_recovers_the_log_odds_of_gaussian_classes(rng):
    x, y = data.clouds(2, 20_000, spread=0.8, rng=rng)
    w, b = linear_discriminant(x, y)
    # The corners are (0, 1.5) and (0, -1.5) with variance 0.64: log-odds 3 x_2 / 0.64.
    np.testing.assert_allclose(w[0] - w[1], [0, 3 / 0.64], atol=0.08)
    np.testing.assert_allclose(b[0] - b[1], 0, atol=0.08)


def test_real_mnist_reaches_the_errors_of_the_textbook_table():
    folder = os.environ.get("DLCORE_DATA")
    if not folder or not (Path(folder) / "mnist").is_dir():
        pytest.skip("DLCORE_DATA names no folder with mnist")
    split = data.mnist(download=False)
    x, x_test = split.x_train.reshape(-1, 784), split.x_test.reshape(-1, 784)
    model = SoftmaxRegression(784, 10)
    model.fit(x, split.y_train, batches(len(x), 15), SGD([model.w, model.b], lr=0.5))
    assert 0.071 < zero_one_loss(model.logits(x_test), split.y_test) < 0.078
    w, b = linear_discriminant(x, split.y_train)
    assert abs(zero_one_loss(x_test @ w.T + b, split.y_test) - 0.127) < 0.001
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(x, split.y_train).predict(x_test)
    assert abs((theirs != split.y_test).mean() - 0.127) < 0.001


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SoftmaxRegression(0, 3), "features must be >= 1 and classes >= 2"),
        (lambda: Twin(4, 1), "got features=4, classes=1"),
        (lambda: SoftmaxRegression(2, 3).logits(np.zeros((4, 5))), r"x must be \(n, 2\)"),
        (
            lambda: linear_discriminant(np.zeros((5, 2)), np.array([0, 2, 2, 0, 2])),
            "every class: no 1",
        ),
        (lambda: linear_discriminant(np.zeros((2, 2)), np.array([0, 1])), "more rows than classes"),
        (lambda: linear_discriminant(np.full((5, 2), np.nan), np.arange(5) % 2), "be finite"),
        (
            lambda: SoftmaxRegression(2, 3).fit([[1, 2]], [0, 1], [], None),
            r"labels \(n\), got \(1, 2\), \(2,\)",
        ),
        (lambda: linear_discriminant(np.zeros((3, 2)), np.array([0, 1])), r"x must be \(n, d\)"),
    ],
)
def test_mistakes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
