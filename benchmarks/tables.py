"""Networks beside simple methods on small tables: Default, Hitters, NYSE and spam.

python -m benchmarks.tables [--only NAME …] [--json FILE]

The experiments of James et al., chapter 10 and exercise 10.10.7, and of Hastie et al., exercise
11.7. DLCORE_DATA names the folder with the data. One thread, fixed seeds; every number that
prepares an input (mean, scale, penalty) comes from training rows only, except NYSE's scale, which
is the book's.
"""

import argparse
import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LassoCV, LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.__main__ import machine
from benchmarks.learning import fingerprints, timed
from dlcore import data
from dlcore.nn.recurrent import rnn
from dlcore.scratch.activations import relu
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import Adam
from dlcore.scratch.regression import LinearRegression, mae, mse
from dlcore.scratch.regularize import dropout, dropout_mask, dropout_vjp

RESULTS = Path(__file__).with_name("results") / "tables.json"
DEFAULT = {"hidden": [10], "keep": 0.6, "lr": 0.01, "batch": 128, "epochs": 30}
HITTERS = {"hidden": [50], "keep": 0.6, "lr": 0.01, "batch": 32, "epochs": 400}
SPAM = {"hidden": [20], "keep": 0.6, "lr": 0.01, "batch": 128, "epochs": 60}
NYSE = {"hidden": 12, "lr": 0.003, "batch": 64, "epochs": 60, "keep": 0.9}
NYSE_MLP = {"hidden": [32], "keep": 0.5, "lr": 0.003, "batch": 64, "epochs": 40}
SPAM_TRIES = [{"hidden": [w], "keep": k} for w in (5, 20, 80) for k in (1.0, 0.8, 0.6)]


def table(file: str) -> dict:
    """The columns of a CSV file in DLCORE_DATA, as text."""
    with gzip.open(data.locate(file, download=False), "rt") as lines:
        names, *rows = csv.reader(lines)
    return dict(zip(names, np.array(rows).T))


def standardised(x, rows):
    """Columns with mean 0 and deviation 1 over `rows`, the training rows."""
    spread = x[rows].std(axis=0)
    return (x - x[rows].mean(axis=0)) / np.where(spread > 0, spread, 1)


def network(x, y, s, seed: int, classes: int):
    """A ReLU net with dropout by Adam, rate falling to zero; returns x -> scores (n, classes).

    One class means a number, and the squared error.
    """
    rng = np.random.default_rng(seed)
    net = MLP([x.shape[1], *s["hidden"], classes], "relu", rng, float)
    optimizer, keep = Adam(net.params, lr=s["lr"]), s["keep"]
    if keep < 1:
        net.sigma = lambda z: dropout(relu(z), dropout_mask(z.shape, keep, rng), keep)
        net.sigma_vjp = lambda dy, a, z: dropout_vjp(dy, a, z, a > 0, keep)
    order = [*data.minibatches(len(x), s["batch"], s["epochs"], rng)]
    for step, rows in enumerate(order):
        optimizer.lr = s["lr"] * (1 - step / len(order))
        scores = net.forward(x[rows])
        if classes == 1:
            slope = (scores - y[rows, None]) / len(rows)
        else:
            slope = cross_entropy_vjp(1.0, None, scores, y[rows])
        optimizer.step(net.backward(slope))
    net.sigma = relu
    return net.forward


def splits(n: int, held: int, repeats: int):
    """Rows to train on and rows to test on, drawn anew for each seed."""
    for seed in range(repeats):
        order = np.random.default_rng(seed).permutation(n)
        yield seed, order[held:], order[:held]


def default() -> dict:
    """Who does not pay a credit card: a network of ten units and logistic regression."""
    columns = table("islp/Default.csv.gz")
    names = [columns["student"] == "Yes", columns["balance"], columns["income"]]
    x, y = np.array(names, float).T, (columns["default"] == "Yes").astype(int)
    found = {name: [] for name in ("nobody", "logistic", "network", "dropout")}
    losses = {name: [] for name in ("logistic", "network", "dropout")}
    for seed, train, test in splits(len(x), len(x) // 3, 10):
        z = standardised(x, train)
        logistic = LogisticRegression(C=np.inf).fit(z[train], y[train])
        line = logistic.decision_function(z[test])
        scores = {
            "logistic": np.stack([0 * line, line], axis=1),
            "network": network(z[train], y[train], DEFAULT | {"keep": 1.0}, seed, 2)(z[test]),
            "dropout": network(z[train], y[train], DEFAULT, seed, 2)(z[test]),
        }
        for name, s in scores.items():
            found[name].append(float((s.argmax(axis=1) != y[test]).mean()))
            losses[name].append(cross_entropy(s, y[test]))
        found["nobody"].append(float(y[test].mean()))
    return {
        "settings": DEFAULT | {"splits": 10, "tested": len(x) // 3, "seed": "0 to 9"},
        "rows": len(x),
        "defaults": int(y.sum()),
        "parameters": {"logistic": 4, "network": 3 * 10 + 10 + 10 * 2 + 2},
        "test_errors": found,
        "cross_entropy": {name: [float(v) for v in values] for name, values in losses.items()},
        "data": fingerprints("islp/Default.csv.gz"),
    }


def hitters() -> dict:
    """Salaries of baseball players in thousands of dollars: mean absolute errors.

    "logarithms" is a line of the logarithm of the salary over those of the counts; "curved" adds
    the squares of two of these, years and hits of the career, and a ridge of 1.
    """
    columns = table("islp/Hitters.csv.gz")
    known = ~np.isin(columns["Salary"], ["", "NA"])
    y = columns.pop("Salary")[known].astype(float)
    two = {"League": "N", "Division": "W", "NewLeague": "N"}
    x = [c == two[k] if k in two else c.astype(float) for k, c in columns.items()]
    x = np.array(x, float).T[known]
    logs = np.log1p(x)
    squares = [logs[:, [*columns].index(name)] ** 2 for name in ("Years", "CHits")]
    inputs = {"logarithms": (logs, 0.0), "curved": (np.column_stack([logs, *squares]), 1.0)}
    found = {name: [] for name in ("median", "linear", "lasso", "network")}
    found |= {name: [] for name in ("logarithms", "curved", "forest")}
    kept = []
    for seed, train, test in splits(len(x), len(x) // 3, 20):
        z = standardised(x, train)
        linear = LinearRegression(x.shape[1])
        linear.fit_exactly(z[train], y[train])
        lasso = LassoCV(cv=10, max_iter=100_000).fit(z[train], y[train])
        kept.append(int((lasso.coef_ != 0).sum()))
        forest = RandomForestRegressor(100, random_state=0, min_samples_leaf=3)
        mean, scale = y[train].mean(), y[train].std()
        net = network(z[train], (y[train] - mean) / scale, HITTERS, seed, 1)
        guesses = {
            "median": np.full(len(test), np.median(y[train])),
            "linear": linear.predict(z[test]),
            "lasso": lasso.predict(z[test]),
            "network": mean + scale * net(z[test])[:, 0],
            "forest": forest.fit(x[train], y[train]).predict(x[test]),
        }
        for name, (own, ridge) in inputs.items():
            line, w = LinearRegression(own.shape[1]), standardised(own, train)
            line.fit_exactly(w[train], np.log(y[train]), ridge)
            guesses[name] = np.exp(line.predict(w[test]))
        for name, guess in guesses.items():
            found[name].append(float(mae(y[test], guess)))
    return {
        "settings": HITTERS | {"splits": 20, "tested": len(x) // 3, "seed": "0 to 19"},
        "rows": len(x),
        "parameters": {"linear": 20, "network": 19 * 50 + 50 + 50 + 1},
        "lasso_keeps": kept,
        "mean_absolute_errors": found,
        "data": fingerprints("islp/Hitters.csv.gz"),
    }


def recurrent(x, y, seed: int):
    """A net of 12 tanh units that reads days (n, t, d), oldest first, and says one number."""
    generator = torch.Generator().manual_seed(seed)
    h, d = NYSE["hidden"], x.shape[2]
    shapes = [(h, d), (h, h), (h,), (1, h), (1,)]
    params = [torch.randn(*s, generator=generator) / s[-1] ** 0.5 for s in shapes]
    for p in params:
        p.mul_(p.ndim > 1).requires_grad_()
    w, u, b, v, c = params
    optimizer, keep = torch.optim.Adam(params, lr=NYSE["lr"]), NYSE["keep"]

    def guess(x, mask):
        last = rnn(x, torch.zeros(len(x), h), w, u, b)[:, -1]
        return (last * mask @ v.T + c)[:, 0]

    rng = np.random.default_rng(seed)
    order = [*data.minibatches(len(x), NYSE["batch"], NYSE["epochs"], rng)]
    for step, rows in enumerate(order):
        optimizer.param_groups[0]["lr"] = NYSE["lr"] * (1 - step / len(order))
        mask = (torch.rand(len(rows), h, generator=generator) < keep) / keep
        loss = torch.square(guess(x[rows], mask) - y[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lambda x: guess(x, torch.ones(len(x), h)).detach().numpy()


def nyse() -> dict:
    """Tomorrow's log volume from three numbers on each of five days: R² of lines and of nets."""
    columns = table("islp/NYSE.csv.gz")
    series = [columns[k].astype(float) for k in ("DJ_return", "log_volume", "log_volatility")]
    series = np.transpose(series)
    series = (series - series.mean(axis=0)) / series.std(axis=0)  # over all days, as in the book
    days = np.stack([series[5 - lag : -lag] for lag in range(5, 0, -1)], axis=1)
    y, train = series[5:, 1], columns["train"][5:] == "TRUE"
    names = np.unique(columns["day_of_week"])
    weekday = columns["day_of_week"][5:, None] == names[1:]
    flat = days.reshape(len(days), -1)
    inputs = {"": flat, "_weekday": np.hstack([flat, weekday])}
    found = {"yesterday": [r_squared(y[~train], series[4:-1, 1][~train])]}
    for name, x in inputs.items():
        line = LinearRegression(x.shape[1])
        line.fit_exactly(x[train], y[train])
        found[f"linear{name}"] = [r_squared(y[~train], line.predict(x[~train]))]
        nets = (network(x[train], y[train], NYSE_MLP, seed, 1) for seed in range(5))
        found[f"network{name}"] = [r_squared(y[~train], net(x[~train])[:, 0]) for net in nets]
    x, target = torch.tensor(days, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    rnns = [recurrent(x[train], target[train], seed) for seed in range(5)]
    found["recurrent"] = [r_squared(y[~train], net(x[~train])) for net in rnns]
    h = NYSE["hidden"]
    return {
        "settings": {"recurrent": NYSE, "network": NYSE_MLP, "seed": "0 to 4"},
        "days": {"train": int(train.sum()), "test": int((~train).sum())},
        "parameters": {"linear": 16, "network": 16 * 32 + 33, "recurrent": h * (3 + h + 2) + 1},
        "r_squared": found,
        "data": fingerprints("islp/NYSE.csv.gz"),
    }


def r_squared(y, guess) -> float:
    return float(1 - mse(y, guess) / y.var())


def spam() -> dict:
    """Mail or junk, the book's split: an additive model, trees, and a network chosen inside it."""
    files = "esl/spam.data.gz", "esl/spam.traintest.gz"
    rows, marks = (np.loadtxt(data.locate(file, download=False)) for file in files)
    x, y, test = np.log(rows[:, :-1] + 0.1), rows[:, -1].astype(int), marks == 1
    z = standardised(x, ~test)
    inside = np.random.default_rng(0).permutation(np.flatnonzero(~test))
    fit, held = inside[len(inside) // 5 :], inside[: len(inside) // 5]
    tried = []
    for change in SPAM_TRIES:
        nets = (network(z[fit], y[fit], SPAM | change, seed, 2) for seed in range(3))
        wrong = [float((net(z[held]).argmax(axis=1) != y[held]).mean()) for net in nets]
        tried.append({"change": change, "validation_errors": wrong})
    best = min(tried, key=lambda t: np.mean(t["validation_errors"]))["change"]
    nets = [network(z[~test], y[~test], SPAM | best, seed, 2)(z[test]) for seed in range(10)]
    splines = SplineTransformer(5, degree=3, extrapolation="linear")
    options = {"Cs": np.logspace(-3, 1, 5), "cv": 5, "max_iter": 1000}
    others = {
        "logistic_raw": make_pipeline(
            StandardScaler(), LogisticRegression(C=np.inf, max_iter=5000)
        ),
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(C=np.inf, max_iter=5000)),
        "additive": make_pipeline(splines, StandardScaler(), LogisticRegressionCV(**options)),
        "boosted_trees": HistGradientBoostingClassifier(random_state=0),
    }
    found = {"nobody": [float(y[test].mean())]}
    for name, model in others.items():
        own = rows[:, :-1] if name == "logistic_raw" else x
        found[name] = [
            float((model.fit(own[~test], y[~test]).predict(own[test]) != y[test]).mean())
        ]
    found["network"] = [float((s.argmax(axis=1) != y[test]).mean()) for s in nets]
    train = {row.tobytes() for row in rows[~test]}
    copies = sum(row.tobytes() in train for row in rows[test])
    return {
        "settings": SPAM | best | {"seed": "0 to 9"},
        "rows": {"train": int((~test).sum()), "test": int(test.sum()), "spam": int(y.sum())},
        "test_rows_with_a_copy_in_train": copies,
        "tried": tried,
        "test_errors": found,
        "data": fingerprints(*files),
    }


RUNS = {"default": default, "hitters": hitters, "nyse": nyse, "spam": spam}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    runs = json.loads(options.json.read_text()) if options.json.exists() else {}
    with threadpool_limits(1):
        for name in options.only:
            provenance = machine()
            result, seconds = timed(RUNS[name])
            runs[name] = result | {"cpu_seconds": seconds, "provenance": provenance}
            print(name, f"{seconds} s", flush=True)
            options.json.write_text(json.dumps(runs, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
