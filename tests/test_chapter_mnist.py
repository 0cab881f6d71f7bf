"""The case study's numbers: where they come from, and that the scripts still make them."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from dlcore.scratch.evaluation import mcnemar

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MNIST = json.loads((RESULTS / "mnist-table.json").read_text())
TABLES = json.loads((RESULTS / "tables.json").read_text())
ROWS = {name: np.array(row["test_errors"]) for name, row in MNIST["table"]["rows"].items()}
RUNS = MNIST | TABLES


@pytest.fixture
def mnist(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import mnist

    return mnist


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import tables

    return tables


@pytest.mark.parametrize("name", RUNS)
def test_every_run_says_when_where_and_from_which_files(name):
    made = RUNS[name]["provenance"]
    assert made["versions"]["numpy"] and made["cpu"] and made["commit"]
    assert re.match(r"\d{4}-\d\d-\d\d", made["date"]) and RUNS[name]["cpu_seconds"] > 0
    assert RUNS[name]["data"]
    for digest in RUNS[name]["data"].values():
        assert re.fullmatch(r"[0-9a-f]{64}", digest)


def test_the_printed_table_is_reached_with_every_seed():
    """C002-31 to C002-34: 12.7, 7.2, 2.3 and 1.8 %."""
    assert ROWS["lda"].tolist() == [0.127]
    assert abs(ROWS["logistic"] - 0.072).max() < 0.002
    assert ROWS["ridge"].max() <= 0.023 and ROWS["dropout"].max() <= 0.018
    assert all(len(ROWS[name]) >= 5 for name in ("logistic", "ridge", "dropout"))


def test_the_settings_are_those_of_the_scripts(mnist, tables):
    for name, (_, settings) in mnist.METHODS.items():
        ours = {k: v for k, v in MNIST["table"]["rows"][name]["settings"].items() if k != "seed"}
        assert ours == {k: v for k, v in settings.items() if k != "seed"}
        assert MNIST["table"]["rows"][name]["parameters"] == mnist.parameters(name)
    for name, (values, _) in mnist.SWEEPS.items():
        assert [row["value"] for row in MNIST["sweeps"][name]] == values
    for name, settings in ("default", tables.DEFAULT), ("hitters", tables.HITTERS):
        assert settings.items() <= TABLES[name]["settings"].items()
    best = min(TABLES["spam"]["tried"], key=lambda t: np.mean(t["validation_errors"]))["change"]
    assert (tables.SPAM | best).items() <= TABLES["spam"]["settings"].items()
    assert [t["change"] for t in TABLES["spam"]["tried"]] == tables.SPAM_TRIES


def test_the_paired_counts_differ_by_the_difference_of_the_mistakes():
    for names, pair in MNIST["table"]["pairs"].items():
        first, second = names.split()
        gap = np.rint(10_000 * (ROWS[first] - ROWS[second])[: len(ROWS[second])])
        for (b, c), wanted in zip(pair["only_first_wrong_only_second_wrong"], gap, strict=True):
            assert b - c == wanted and 0 < mcnemar(b, c) <= 1


def test_the_looks_inside_agree_with_the_table():
    for name, found in MNIST["table"]["inside"].items():
        counts = np.array(found["confusion"])
        wrong = counts.sum() - np.trace(counts)
        assert counts.sum(axis=1).tolist() == MNIST["table"]["images"]["counts_test"]
        assert wrong == round(10_000 * ROWS[name][0]) == found["by_threshold"][0]["wrong"]
        assert sum(b["count"] for b in found["bins"]) == 10_000
        assert round(sum(b["count"] * (1 - b["right"]) for b in found["bins"])) == wrong


def stripes(n, rng):
    """Images with a bar, whose place is the label."""
    y = rng.integers(0, 10, n)
    x = np.zeros((n, 28, 28), np.float32)
    x[np.arange(n), :, 2 * y + 4] = 1
    return x + 0.1 * rng.random((n, 28, 28), np.float32), y


def test_each_method_of_the_table_learns_ten_bars(mnist, rng):
    x, y = stripes(400, rng)
    for name, (train, settings) in mnist.METHODS.items():
        short = settings | {"seed": 0, "epochs": 3, "batch": 16}
        scores = train(x[:300], y[:300], short)(x[300:])
        assert (scores.argmax(axis=1) != y[300:]).mean() < 0.05, name


def test_a_look_inside_counts_by_hand(mnist):
    scores = np.log(np.array([[0.95, 0.05], [0.05, 0.95], [0.4, 0.6]]) + 1e-12)
    scores = np.pad(scores, ((0, 0), (0, 8)), constant_values=-30)
    found = mnist.inside(scores, np.array([0, 0, 1]))
    assert found["confusion"][0][:2] == [1, 1] and found["confusion"][1][1] == 1
    assert [b["count"] for b in found["bins"]] == [1, 2]
    by = {row["threshold"]: (row["answered"], row["wrong"]) for row in found["by_threshold"]}
    assert by[0.0] == (3, 1) and by[0.9] == (2, 1) and by[0.98] == (0, 0)
    both = np.stack([scores, scores[::-1]])
    assert mnist.row("ridge", both, [1.0, 1.0], np.array([0, 0, 1]))["test_errors"] == [
        1 / 3,
        1,
    ]
    first, second = scores[None], np.roll(scores, 1, axis=1)[None]
    counts = mnist.pair(first, second, np.array([0, 0, 1]))["only_first_wrong_only_second_wrong"]
    assert counts == [[0, 2]]


def test_the_script_notices_a_copy_and_a_pixel_that_never_changes(mnist, rng):
    from dlcore.data import Dataset

    x, y = stripes(40, rng)
    x[:, 0, :5] = 0
    x[7] = x[3]
    seen = mnist.look(Dataset("made", x[:30], y[:30], np.concatenate([x[30:], x[3:4]]), y[:11]))
    assert (seen["copies_in_train"], seen["copies_in_test"], seen["test_images_in_train"]) == (
        1,
        0,
        1,
    )
    assert seen["pixels_always_zero"] == 5


def test_the_network_for_tables_learns_what_no_line_can(tables, rng):
    x = rng.normal(size=(600, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    s = {"hidden": [20], "keep": 0.9, "lr": 0.02, "batch": 32, "epochs": 40}
    scores = tables.network(x[:400], y[:400], s, 0, 2)(x[400:])
    assert (scores.argmax(axis=1) != y[400:]).mean() < 0.1
    number = tables.network(x[:400], np.abs(x[:400, 0]), s | {"keep": 1.0}, 0, 1)(x[400:])[:, 0]
    assert tables.r_squared(np.abs(x[400:, 0]), number) > 0.9


def test_the_recurrent_network_remembers_the_first_of_five_days(tables, rng):
    import torch

    x = torch.tensor(rng.normal(size=(600, 5, 3)), dtype=torch.float32)
    y = 0.5 * x[:, 0, 1] + 0.3 * x[:, 4, 2]
    guess = tables.recurrent(x[:500], y[:500], 0)(x[500:])
    assert tables.r_squared(y[500:].numpy(), guess) > 0.6


def test_training_rows_alone_decide_the_scale_of_a_table(tables, rng):
    x = rng.normal(size=(20, 3))
    x[:, 2] = 1
    rows, changed = np.arange(15), x.copy()
    changed[15:] += 100
    z, other = tables.standardised(x, rows), tables.standardised(changed, rows)
    np.testing.assert_array_equal(z[:15], other[:15])
    np.testing.assert_allclose(z[:15, :2].std(axis=0), 1)
    assert not z[:15, 2].any()


def test_splits_hold_out_other_rows_for_each_seed_and_lose_none(tables):
    found = list(tables.splits(30, 10, 3))
    assert all(
        len(test) == 10 and set(train) | set(test) == set(range(30)) for _, train, test in found
    )
    assert len({tuple(test) for _, _, test in found}) == 3
