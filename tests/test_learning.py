"""What was learned from real data: the committed figures, and that each recipe still trains."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

from dlcore import data
from dlcore.figures import benchmarks as pictures

ROOT = Path(__file__).parent.parent
RUNS = json.loads((ROOT / "benchmarks" / "results" / "learning.json").read_text())


@pytest.fixture
def learning(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import learning

    return learning


def test_the_committed_figures_are_as_good_as_asked():
    for name, percent in ("mlp_ridge", 2.3), ("mlp_dropout", 1.95), ("cnn", 1.0):
        for half in "scratch", "torch":
            run = RUNS[name][half]
            assert 0 < 100 * run["test_error"] <= percent and run["cpu_seconds"] <= 180, name
    assert RUNS["gpt"]["torch"]["held_out_nats"] <= 1.85
    assert RUNS["gpt"]["torch"]["cpu_seconds"] <= 600
    assert RUNS["translation"]["torch"]["exact"] >= 0.95
    assert RUNS["translation"]["torch"]["cpu_seconds"] <= 180


def test_numpy_follows_the_curve_of_pytorch():
    for name in "gpt", "translation":
        run = RUNS[name]
        assert run["scratch"]["apart"]["20"] < 1e-5, name
        both = zip(run["scratch"]["losses"], run["torch"]["losses"])
        assert all(abs(ours - theirs) < 0.01 for ours, theirs in both), name


def test_every_run_says_where_it_comes_from():
    for name, run in RUNS.items():
        made = run["provenance"]
        assert made["versions"]["numpy"] and made["versions"]["torch"] and made["cpu"], name
        assert re.match(r"\d{4}-\d\d-\d\d", made["date"]) and made["commit"], name
        assert "seed" in run["settings"] and run["parameters"] > 0
        assert name == "translation" or run["data"]
        for digest in run.get("data", {}).values():
            assert re.fullmatch(r"[0-9a-f]{64}", digest), name


def test_no_setting_tried_was_better_on_validation_images_than_the_one_in_use(learning):
    for name in learning.IMAGES:
        tried, settings = RUNS[name]["tried"], RUNS[name]["settings"]
        used = [t for t in tried if t["change"].items() <= settings.items()]
        assert len(tried) > 1 and len(used) == 1
        assert used[0]["validation_error"] == min(t["validation_error"] for t in tried), name


def test_the_settings_are_those_of_the_committed_runs(learning):
    for name, (_, settings, _) in learning.IMAGES.items():
        assert RUNS[name]["settings"] == settings
    assert RUNS["gpt"]["settings"] == learning.GPT_SETTINGS
    assert RUNS["translation"]["settings"] == learning.TRANSLATION_SETTINGS


def test_each_image_recipe_learns_ten_bars_in_both_halves(learning):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 256)
    x = np.zeros((256, 28, 28), np.float32)
    x[np.arange(256), :, 2 * y + 4] = 1
    for name, (functions, settings, _) in learning.IMAGES.items():
        for train in functions:
            short = settings | {"epochs": 3, "batch": 32, "shift": 0}
            scores = train(x, y, short)
            assert learning.error(scores, x, y) < 0.02, (name, train.__name__)
            assert scores(x[:7]).shape == (7, 10)


def test_both_halves_of_an_image_recipe_take_the_same_path(learning):
    rng = np.random.default_rng(0)
    x, y = rng.random((96, 28, 28), np.float32), rng.integers(0, 10, 96)
    for name, (functions, settings, _) in learning.IMAGES.items():
        short = settings | {"epochs": 1, "batch": 32, "lr": settings["lr"] / 10, "shift": 1}
        ours, theirs = (train(x, y, short)(x) for train in functions)
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4, err_msg=name)


TINY = {"length": 16, "width": 16, "heads": 2, "layers": 1}


def test_the_gpt_recipe_learns_a_rhyme_and_numpy_keeps_step(learning):
    ids = np.array([c % 7 for c in range(40)] * 10)
    s = learning.GPT_SETTINGS | {"size": TINY, "steps": 40, "warmup": 5}
    net, twin = learning.twins(learning.GPT, learning.torch_gpt.GPT, [7], s)
    before = learning.held_out(twin, ids)
    result = learning.side_by_side(net, twin, lambda: learning.windows(ids, s), s, 40)
    assert learning.held_out(twin, ids) < before - 0.5
    assert result["scratch"]["apart"]["40"] < 1e-4
    assert len(result["scratch"]["losses"]) == len(result["torch"]["losses"]) == 2


def test_the_held_out_loss_counts_every_character_once(learning):
    class Uneven:
        length = 16

        def loss(self, part):
            return part[:, 1:].double().mean()

    ids = np.arange(1.0, 60.0)
    assert learning.held_out(Uneven(), ids) == pytest.approx(ids[1:].mean())


def test_the_translation_recipe_trains_and_numpy_keeps_step(learning):
    pairs = data.toy_translation(200, 10)
    s = learning.TRANSLATION_SETTINGS | {"size": TINY, "steps": 50, "warmup": 5, "batch": 16}
    kinds = learning.EncoderDecoder, learning.torch_encoder_decoder.EncoderDecoder
    net, twin = learning.twins(*kinds, (len(pairs.english), len(pairs.french)), s)

    def batches():
        return learning.sentences(pairs.x_train, pairs.y_train, s)

    first = next(batches())
    before = net.loss(*first).item()
    result = learning.side_by_side(net, twin, batches, s, 50)
    assert net.loss(*first).item() < before - 0.3
    assert result["scratch"]["apart"]["50"] < 1e-4


def test_the_committed_runs_make_a_picture_and_a_table():
    assert isinstance(pictures.curves(RUNS["gpt"]), Axes)
    table = pictures.learned(RUNS)
    assert len(table.splitlines()) == 2 + 5
    assert f"{100 * RUNS['cnn']['torch']['test_error']:.2f}%" in table
