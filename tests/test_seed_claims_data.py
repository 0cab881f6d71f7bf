"""Claims of the source texts about real data: MNIST's table of errors, and the stock exchange."""

import csv
import gzip
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from dlcore import data
from dlcore.scratch.activations import relu
from dlcore.scratch.classification import SoftmaxRegression, linear_discriminant
from dlcore.scratch.losses import cross_entropy_vjp, zero_one_loss
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import SGD, Adam
from dlcore.scratch.regression import LinearRegression, mse
from dlcore.scratch.regularize import dropout, dropout_mask, dropout_vjp

MD5 = {  # of the official files, unpacked
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


def folder(name: str) -> Path:
    named = os.environ.get("DLCORE_DATA")
    if not named or not (Path(named) / name).is_dir():
        pytest.skip(f"DLCORE_DATA names no folder with {name}")
    return Path(named) / name


@pytest.fixture(scope="module")
def mnist():
    folder("mnist")
    return data.mnist(download=False)


@pytest.fixture(scope="module")
def flat(mnist):
    return mnist.x_train.reshape(-1, 784), mnist.x_test.reshape(-1, 784)


def decayed(optimizer, size, epochs, rng):
    """Minibatches of 60,000 images, while the learning rate falls to zero in a straight line."""
    batches = [*data.minibatches(60000, size, epochs, rng)]
    start = optimizer.lr
    for step, rows in enumerate(batches):
        optimizer.lr = start * (1 - step / len(batches))
        yield rows


def test_mnist_has_60000_and_10000_images_of_784_pixels(mnist, flat):
    """C002-25: byte for byte the official files."""
    assert mnist.x_train.shape == (60000, 28, 28) and mnist.x_test.shape == (10000, 28, 28)
    assert [x.shape for x in flat] == [(60000, 784), (10000, 784)]
    for name, wanted in MD5.items():
        raw = gzip.decompress((folder("mnist") / name).read_bytes())
        assert hashlib.md5(raw).hexdigest() == wanted


def test_multinomial_logistic_regression_errs_on_7_percent_of_mnist(mnist, flat, rng):
    """C002-33: 7.2% printed, 7.17 to 7.44 measured; 7,850 parameters."""
    model = SoftmaxRegression(784, 10)
    assert model.w.size + model.b.size == 7850
    optimizer = Adam([model.w, model.b], lr=0.004)
    model.fit(flat[0], mnist.y_train, decayed(optimizer, 128, 12, rng), optimizer)
    error = zero_one_loss(model.logits(flat[1]), mnist.y_test)
    assert error == pytest.approx(0.072, abs=0.003)


def test_linear_discriminant_analysis_errs_on_12_7_percent_of_mnist(mnist, flat):
    """C002-34: 12.7% printed, 12.70% measured."""
    w, b = linear_discriminant(flat[0], mnist.y_train)
    error = zero_one_loss(flat[1] @ w.T + b, mnist.y_test)
    assert error == pytest.approx(0.127, abs=0.0005)


def trained(net, optimizer, size, epochs, mnist, flat, rng) -> float:
    """The test error after training, with all units at work."""
    for rows in decayed(optimizer, size, epochs, rng):
        logits = net.forward(flat[0][rows])
        optimizer.step(net.backward(cross_entropy_vjp(1.0, None, logits, mnist.y_train[rows])))
    net.sigma = relu
    return zero_one_loss(net.forward(flat[1]), mnist.y_test)


def test_a_network_with_weight_decay_beats_2_3_percent_on_mnist(mnist, flat, rng):
    """C002-31: "NN + ridge 2.3%"."""
    net = MLP([784, 256, 128, 10], "relu", rng)
    optimizer = SGD(net.params, lr=0.1, momentum=0.9, weight_decay=5e-4)
    assert 0.01 < trained(net, optimizer, 128, 4, mnist, flat, rng) < 0.023


def test_a_network_with_dropout_beats_1_8_percent_on_mnist(mnist, flat, rng):
    """C002-32: "NN + dropout 1.8%"; a fifth of the hidden units are silenced."""
    net, keep = MLP([784, 256, 128, 10], "relu", rng), 0.8
    net.sigma = lambda z: dropout(relu(z), dropout_mask(z.shape, keep, rng), keep)
    net.sigma_vjp = lambda dy, a, z: dropout_vjp(dy, a, z, a > 0, keep)
    assert 0.01 < trained(net, Adam(net.params, lr=0.003), 256, 9, mnist, flat, rng) < 0.018


@pytest.fixture(scope="module")
def exchange():
    """Return, volume and volatility of 6,051 days, standardized; weekdays; which days to train."""
    with gzip.open(folder("islp") / "NYSE.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    series = [[float(r[k]) for k in ("DJ_return", "log_volume", "log_volatility")] for r in rows]
    series = (series - np.mean(series, axis=0)) / np.std(series, axis=0)
    days = np.array([r["day_of_week"] for r in rows])
    return series, days, np.array([r["train"] == "TRUE" for r in rows])


def r_squared(y, guess) -> float:
    return 1 - mse(y, guess) / y.var()


def test_five_lags_explain_41_percent_of_the_trading_volume(exchange):
    """C002-39: AR(5) comes up to the recurrent network; weekdays help, yesterday alone does not."""
    series, days, train = exchange
    y, fit, test = series[5:, 1], train[5:], ~train[5:]
    lags = np.hstack([series[5 - lag : -lag] for lag in range(1, 6)])
    weekdays = np.hstack([lags, days[5:, None] == np.unique(days)[1:]])
    for x, wanted in (lags, 0.4128912938562521), (weekdays, 0.4595563133053271):
        model = LinearRegression(x.shape[1])
        model.fit_exactly(x[fit], y[fit])
        np.testing.assert_allclose(r_squared(y[test], model.predict(x[test])), wanted, rtol=1e-10)
    assert r_squared(y[test], series[4:-1, 1][test]) == pytest.approx(0.18026, abs=5e-6)


def test_a_convolutional_network_gets_below_one_percent_on_mnist():
    """C001-79: a run of minutes, so its committed result; test_learning.py guards the recipe."""
    results = Path(__file__).parent.parent / "benchmarks" / "results" / "learning.json"
    run = json.loads(results.read_text())["cnn"]
    assert len(run["data"]) == 4 and all("mnist" in name for name in run["data"])
    assert 0.005 < run["scratch"]["test_error"] < 0.01
    assert 0.005 < run["torch"]["test_error"] < 0.01
