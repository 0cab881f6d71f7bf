"""The notes' table of MNIST errors again: several seeds, and the questions that a table hides.

python -m benchmarks.mnist [--only NAME …] [--json FILE]

DLCORE_DATA names the folder with the data. NumPy only, one thread, fixed seeds. Settings were
chosen on validation images (benchmarks/learning.py); `sweeps` looks at no test image.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.__main__ import machine
from benchmarks.learning import IMAGES, fingerprints, mlp_scratch, timed
from dlcore import data
from dlcore.scratch.classification import SoftmaxRegression, linear_discriminant
from dlcore.scratch.losses import cross_entropy
from dlcore.scratch.mlp import MLP
from dlcore.scratch.optim import Adam
from dlcore.scratch.softmax import softmax

RESULTS = Path(__file__).with_name("results") / "mnist-table.json"
SEEDS = range(5)
RIDGE, DROPOUT = IMAGES["mlp_ridge"][1], IMAGES["mlp_dropout"][1]
NO_DECAY = {"momentum": 0.9, "weight_decay": 0.0}
NETWORKS = {  # each regulariser, and the same training without it
    "ridge": RIDGE,
    "ridge_off": RIDGE | {"optimizer_options": NO_DECAY},
    "dropout": DROPOUT,
    "dropout_off": DROPOUT | {"keep": 1.0},
}
LOGISTIC = {"optimizer": "Adam", "lr": 0.004, "batch": 128, "epochs": 12}
THRESHOLDS = [0.0, *np.linspace(0.3, 0.9, 13).round(2), 0.95, 0.97, 0.98, 0.99, 0.995, 0.999]
SWEEPS = {  # the setting, its values, and what of the recipe changes
    "rate": ([0.001, 0.01, 0.03, 0.1, 0.3, 1.0], lambda v: {"lr": v}),
    "width": ([4, 16, 64, 256], lambda v: {"sizes": [784, v, max(v // 2, 4), 10]}),
    "decay": (
        [0.0, 5e-4, 5e-3, 5e-2],
        lambda v: {"optimizer_options": {"momentum": 0.9, "weight_decay": v}},
    ),
}
TRAINED, HELD = 10_000, 10_000  # images of a sweep: the first, and the last of 60,000
SIZES = [100, 300, 1000, 3000, 10_000]  # images of the learning curve
CURVE_STEPS = 400


def logistic(x, y, s):
    """Multinomial logistic regression without a penalty; the rate falls to zero."""
    model = SoftmaxRegression(784, 10)
    optimizer, x = Adam([model.w, model.b], lr=s["lr"]), x.reshape(len(x), -1)
    order = [*data.minibatches(len(x), s["batch"], s["epochs"], np.random.default_rng(s["seed"]))]
    for step, rows in enumerate(order):
        optimizer.lr = s["lr"] * (1 - step / len(order))
        model.fit(x, y, [rows], optimizer)
    return lambda x: model.logits(x.reshape(len(x), -1))


def discriminant(x, y, s):
    w, b = linear_discriminant(x.reshape(len(x), -1), y)
    return lambda x: x.reshape(len(x), -1) @ w.T + b


METHODS = {"lda": (discriminant, {}), "logistic": (logistic, LOGISTIC)}
METHODS |= {name: (mlp_scratch, settings) for name, settings in NETWORKS.items()}


def parameters(name: str) -> int:
    if name in NETWORKS:
        return sum(
            p.size for p in MLP([784, 256, 128, 10], "relu", np.random.default_rng(0)).params
        )
    return 10 * 784 + 10


def scores_of(name: str, mnist) -> tuple:
    """The scores (seeds, n, 10) of the test images by the nets of all seeds, and CPU seconds."""
    train, settings = METHODS[name]
    found, times = [], []
    for seed in SEEDS if settings else [0]:
        scores, seconds = timed(train, mnist.x_train, mnist.y_train, settings | {"seed": seed})
        found.append(scores(mnist.x_test))
        times.append(seconds)
        wrong = np.mean(found[-1].argmax(axis=1) != mnist.y_test)
        print(f"{name}, seed {seed}: {100 * wrong:.2f} %, {seconds} s", flush=True)
    return np.stack(found), times


def row(name: str, scores, times, y) -> dict:
    """A row of the table: errors by seed, and of the mean of the probabilities."""
    wrong = (scores.argmax(axis=2) != y).mean(axis=1)
    result = {"settings": METHODS[name][1] | {"seed": f"0 to {len(scores) - 1}"}}
    result |= {"parameters": parameters(name), "test_errors": wrong.tolist(), "cpu_seconds": times}
    if len(scores) > 1:
        together = softmax(scores.astype(float)).mean(axis=0)
        result["together"] = float((together.argmax(axis=1) != y).mean())
    return result


def pair(first, second, y) -> dict:
    """McNemar's counts for each seed: images on which only one of two methods errs."""
    wrong = [scores.argmax(axis=2) != y for scores in (first, second)]
    counts = [[int(np.sum(a & ~b)), int(np.sum(b & ~a))] for a, b in zip(*wrong)]
    return {"only_first_wrong_only_second_wrong": counts}


def inside(scores, y) -> dict:
    """One net (n, 10) on the test images: mistakes by pair, confidence, coverage."""
    p = softmax(scores.astype(float))
    guess, sure = p.argmax(axis=1), p.max(axis=1)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y, guess), 1)
    bins = np.minimum((10 * sure).astype(int), 9)
    return {
        "confusion": counts.tolist(),
        "cross_entropy": float(cross_entropy(scores.astype(float), y)),
        "bins": [
            {
                "count": int(inside.sum()),
                "confidence": float(sure[inside].mean()),
                "right": float((guess == y)[inside].mean()),
            }
            for inside in (bins == b for b in range(10))
            if inside.any()
        ],
        "by_threshold": [
            {
                "threshold": float(t),
                "answered": int((sure >= t).sum()),
                "wrong": int((guess != y)[sure >= t].sum()),
            }
            for t in THRESHOLDS
        ],
    }


def table() -> dict:
    """The notes' table, the paired counts, and a look inside one net."""
    mnist = data.mnist(download=False)
    found = {name: scores_of(name, mnist) for name in METHODS}
    y, pairs = mnist.y_test, [("ridge", "dropout"), ("ridge", "ridge_off")]
    pairs += [("dropout", "dropout_off"), ("logistic", "ridge")]
    return {
        "rows": {name: row(name, *found[name], y) for name in METHODS},
        "pairs": {f"{a} {b}": pair(found[a][0], found[b][0], y) for a, b in pairs},
        "inside": {name: inside(found[name][0][0], y) for name in ("logistic", "ridge", "dropout")},
        "images": look(mnist),
    }


def look(mnist) -> dict:
    """What one should know of the images before training."""
    train, test = (Counter(x.tobytes() for x in part) for part in (mnist.x_train, mnist.x_test))
    pixels = mnist.x_train.reshape(-1, 784)
    return {
        "train": len(mnist.x_train),
        "test": len(mnist.x_test),
        "copies_in_train": sum(n - 1 for n in train.values()),
        "copies_in_test": sum(n - 1 for n in test.values()),
        "test_images_in_train": sum(n for image, n in test.items() if image in train),
        "pixels_always_zero": int((pixels.max(axis=0) == 0).sum()),
        "share_zero": float((pixels == 0).mean()),
        "mean": float(pixels.mean(dtype=float)),
        "deviation": float(pixels.std(dtype=float)),
        "counts_train": np.bincount(mnist.y_train).tolist(),
        "counts_test": np.bincount(mnist.y_test).tolist(),
    }


def errors(train, settings, x, y, x_held, y_held, seeds) -> dict:
    """Training and validation error of some seeds."""
    result = {"train": [], "validation": []}
    for seed in seeds:
        scores = train(x, y, settings | {"seed": seed})
        for part, (images, labels) in {"train": (x, y), "validation": (x_held, y_held)}.items():
            guess = scores(images).argmax(axis=1)
            result[part].append(float((guess != labels).mean()))
    return result


def sweeps() -> dict:
    """Error by rate, width and decay of the ridge recipe, and by the number of images."""
    mnist = data.mnist(download=False)
    x, y, recipe = mnist.x_train, mnist.y_train, RIDGE | {"epochs": 4}
    held, found = (x[-HELD:], y[-HELD:]), {}
    for name, (values, change) in SWEEPS.items():
        found[name] = [
            {
                "value": v,
                **errors(
                    mlp_scratch, recipe | change(v), x[:TRAINED], y[:TRAINED], *held, range(2)
                ),
            }
            for v in values
        ]
        print(name, [round(100 * np.mean(r["validation"]), 2) for r in found[name]], flush=True)
    found["images"] = []
    for n in SIZES:
        result = {"value": n}
        for name, (train, s) in {
            "logistic": METHODS["logistic"],
            "ridge": METHODS["ridge"],
        }.items():
            steps = -(-n // s["batch"])
            s = s | {"epochs": max(1, CURVE_STEPS // steps)}
            result[name] = errors(train, s, x[:n], y[:n], *held, range(2))
        found["images"].append(result)
        print(n, [np.mean(result[k]["validation"]) for k in ("logistic", "ridge")], flush=True)
    settings = {"trained": TRAINED, "validation": HELD, "steps_by_images": CURVE_STEPS}
    return {"settings": settings | {"recipe": recipe, "seeds": "0 and 1"}} | found


PARTS = {"table": table, "sweeps": sweeps}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mnist", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    runs = json.loads(options.json.read_text()) if options.json.exists() else {}
    with threadpool_limits(1):
        for name in options.only:
            provenance = machine()
            result, seconds = timed(PARTS[name])
            files = fingerprints(*(f"mnist/{file}" for file in data.PARTS.values()))
            result |= {"cpu_seconds": seconds, "data": files, "provenance": provenance}
            runs[name] = result
            options.json.write_text(json.dumps(runs, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
