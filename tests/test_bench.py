"""The benchmark of the kernels: everything but the GPU."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
import torch
from torch.nn.attention import SDPBackend

if not os.environ.get("CI"):  # there its absence is a failure
    pytest.importorskip("triton")

from dlcore.figures import benchmarks as pictures
from dlcore.kernels import bench
from dlcore.kernels.peers import flex, liger, sdpa
from dlcore.kernels.workloads import Like, Workload, workloads

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "benchmarks" / "results" / "kernels.json"
CEILINGS = {"copy": 4e12, "product": 8e14}


def fake(f) -> float:
    """One millisecond, after one true call."""
    f()
    return 1.0


def twice(**changed):
    """A workload that doubles and has nothing else to it."""
    parts = {
        "op": "double",
        "mode": "both",
        "shape": (1000, 10),
        "tiny": (3, 5),
        "make": lambda shape, like: [like.normal(*shape)],
        "ours": lambda x: x + x,
        "eager": lambda x: 2 * x,
        "work": lambda x: 8 * x.numel(),
        "goals": {"ceiling": 0.5, "eager": 2.0},
    }
    return Workload(**parts | changed)


def row_of(one, timer=fake, shape=(3, 5), compiled=False):
    return bench.measure(one, shape, torch.float32, "cpu", timer, CEILINGS, compiled)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("one", workloads(), ids=lambda one: one.name)
def test_a_workload_is_right_at_its_tiny_shape_and_runs_with_its_peers(one):
    row = row_of(one, shape=one.tiny)
    absent = {"cudnn", "efficient", "flex"}  # need a GPU, the last for inputs with a gradient
    assert row["error"]["right"] and row["failed"].keys() <= absent, row
    assert set(row["goals"]) == set(one.goals) and row["ms"]["ours"] == row["ms"]["eager"] == 1.0
    json.dumps(row, allow_nan=False)


def test_the_goals_are_those_of_the_design():
    found = {one.name: one.goals for one in workloads()}
    assert found["softmax forward 32768x4096"] == {"ceiling": 0.92, "eager": 1.3}
    assert found["layer norm backward 32768x4096"] == {"ceiling": 0.75, "liger": 1.5}
    assert found["cross-entropy both 8192x32768"] == {"ceiling": 0.85, "eager": 2.5, "compile": 1.2}
    assert found["linear cross-entropy both 8192x2048x32768"] == {"memory": 0.2}
    assert found["linear forward 8192x8192x8192"] == {"ceiling": 0.88}
    assert found["linear by pointers forward 8192x8192x8192"] == {"ceiling": 0.75}
    for d, forward, backward in ((64, 1.1, 0.9), (128, 1.05, 0.75)):
        name = f"causal attention %s 1x16x8192x{d}"
        assert found[name % "forward"] == {"flash": forward, "memory": 0.2}
        assert found[name % "backward"] == {"flash": backward}
    assert found["AdamW forward 100000000"] == {"fused": 1.0, "ceiling": 0.9}
    assert len(found) == len(workloads())


def test_ratios_are_to_the_peers_and_the_measured_ceiling_and_decide_the_goals():
    times = iter([1.1, 1.0, 3.0])  # ours twice, eager; in microseconds below
    row = row_of(twice(), lambda f: next(times) * 1e-3, (1000, 10))
    assert row["ms"] == {"ours": 1.0e-3, "eager": 3.0e-3}
    assert row["spread"] == pytest.approx(0.1)
    assert row["ratios"]["eager"] == pytest.approx(3.0)
    assert row["ratios"]["ceiling"] == pytest.approx(8e4 / 1e-6 / 4e12)
    assert row["goals"]["eager"] == {"wanted": 2.0, "found": pytest.approx(3.0), "met": True}
    assert row["goals"]["ceiling"]["met"] is False
    assert "eager met" in bench.line(row) and "ceiling MISSED" in bench.line(row)


def test_a_goal_about_memory_is_met_from_below_and_a_missing_peer_is_not_measured():
    one = twice(goals={"memory": 0.2, "liger": 1.0})
    row = {"ms": {"ours": 1.0, "eager": 1.0}, "work": 1, "memory": {"ours": 10, "eager": 100}}
    goals = bench.compared(row, one, CEILINGS)["goals"]
    assert goals["memory"] == {"wanted": 0.2, "found": 0.1, "met": True}
    assert goals["liger"] == {"wanted": 1.0, "found": None, "met": None}
    row["memory"]["ours"] = 30
    assert bench.compared(row, one, CEILINGS)["goals"]["memory"]["met"] is False


@pytest.mark.parametrize(
    "wrong",
    [lambda x: 2.001 * x, lambda x: 2 * x.detach() + 0 * x, lambda x: 2 * x * torch.nan],
    ids=["value", "gradient", "nan"],
)
def test_what_is_wrong_is_not_timed(wrong):
    row = row_of(twice(ours=wrong), timer=lambda f: pytest.fail("timed"))
    assert row["error"]["right"] is False and "ms" not in row
    assert "WRONG" in bench.line(row)


def test_liger_is_a_peer_where_it_is_installed(monkeypatch):
    assert liger("liger_layer_norm", 1e-5) == {}
    name = "liger_kernel.transformers.functional"
    for part in "liger_kernel", "liger_kernel.transformers", name:
        monkeypatch.setitem(sys.modules, part, types.ModuleType(part))
    sys.modules[name].liger_layer_norm = lambda x, eps: (x, eps)
    assert liger("liger_layer_norm", 1e-5)["liger"]("x") == ("x", 1e-5)


def test_a_peer_that_fails_costs_its_own_column():
    def broken(x):
        raise RuntimeError("not on this GPU")

    row = row_of(twice(peers=lambda: {"peer": broken}, goals={"peer": 1.0}))
    assert row["failed"] == {"peer": "RuntimeError: not on this GPU"}
    assert row["goals"]["peer"]["met"] is None and row["ms"].keys() == {"ours", "eager"}


def test_a_row_that_does_not_fit_the_budget_is_skipped_and_said_so():
    now = iter(range(0, 10_000, 9))  # the clock is asked: start, before and after each row
    saved = []
    plan = [twice(), twice(), twice(op="last")]
    save = lambda report: saved.append(json.dumps(report))
    report = bench.run(plan, torch.float32, "cpu", fake, 50, save, True, lambda: next(now))
    assert ["skipped" in row for row in report["rows"]] == [False, False, True]
    assert report["rows"][2] == {"name": "last both 1000x10", "skipped": "50 s were used up"}
    assert report["ceilings"]["product"] == 2 * 16**3 / 1e-3
    assert json.loads(saved[-1]) == report and len(saved) == 3
    assert report["date"] and report["torch"] == torch.__version__


def check(report):
    """A report holds what the page shows, and its ratios and goals follow from its times."""
    about = {"device", "capability", "torch", "cuda", "triton", "python", "date", "commit"}
    assert report.keys() == about | {"budget", "ceilings", "rows", "seconds"}
    for row in report["rows"]:
        if "skipped" in row or not row["error"]["right"] or "ours" not in row["ms"]:
            continue
        for name in row["ms"].keys() - {"ours"}:
            assert row["ratios"][name] == row["ms"][name] / row["ms"]["ours"]
        for name, goal in row["goals"].items():
            assert goal["found"] == row["ratios"].get(name)
            if goal["found"] is None:
                assert goal["met"] is None
            elif name == "memory":
                assert goal["met"] == (goal["found"] <= goal["wanted"])
            else:
                assert goal["met"] == (goal["found"] >= goal["wanted"])


@pytest.fixture
def report(tmp_path):
    """A file with a row that is right, one that is wrong, one that fails, one skipped."""
    plan = [twice(goals={"ceiling": 0.0, "eager": 2.0, "liger": 1.0}), twice(ours=lambda x: 3 * x)]
    plan += [twice(op="slow")]
    now, file = iter([0, 0, 1, 1, 2, 49, 50]), tmp_path / "kernels.json"
    save = lambda report: file.write_text(json.dumps(report))
    bench.run(plan, torch.float32, "cpu", fake, 50, save, True, lambda: next(now))
    return file


def test_a_report_says_where_and_when_and_its_goals_follow_from_its_times(report):
    check(json.loads(report.read_text()))
    if COMMITTED.exists():
        check(json.loads(COMMITTED.read_text()))
    said = " ".join((ROOT / "README.md").read_text().split())
    assert ("no measured times yet" in said) != COMMITTED.exists()


def test_the_page_shows_the_committed_report_and_says_so_where_there_is_none(report):
    assert pictures.kernels(report.with_name("nothing.json")) == pictures.NO_GPU
    found = json.loads(report.read_text())
    said, _, _, _, right, wrong, skipped = pictures.kernels(report).splitlines()
    for word in found["date"], found["device"], found["torch"], "TB/s", "TFLOP/s":
        assert word in said
    assert right.startswith("| double both 1000x10 | 1.000 | ")
    assert "eager 1.00, wanted ≥ 2, **missed**; liger not measured" in right
    assert "its result was wrong" in wrong and "50 s were used up" in skipped


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("t", [1, 33, 200])
def test_flex_attention_computes_what_the_other_peers_do(t):
    q, k, v = torch.randn(3, 1, 2, t, 16, generator=torch.Generator().manual_seed(0))
    wanted = sdpa(SDPBackend.MATH)(q, k, v)
    torch.testing.assert_close(flex()(q, k, v), wanted, rtol=1e-5, atol=1e-5)


def test_the_same_numbers_are_made_again_by_a_new_maker():
    one, other = (Like(torch.float32, "cpu").normal(3) for _ in range(2))
    assert torch.equal(one, other) and one.requires_grad


def test_without_a_gpu_it_says_so_in_one_sentence_and_with_code_2(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    command = [sys.executable, "-m", "dlcore.kernels.bench", "--json", str(tmp_path / "x.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr == f"The benchmark needs a GPU and Triton: {bench.lacking()}.\n"
    assert not (tmp_path / "x.json").exists()


def test_what_a_machine_lacks_is_said_in_the_order_of_what_to_install(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert bench.lacking() == "no CUDA device is here"
    monkeypatch.setattr(torch.version, "cuda", None)
    assert bench.lacking() == f"torch {torch.__version__} was built without CUDA"
    monkeypatch.setattr(bench, "HAVE_TRITON", False)
    assert bench.lacking().startswith("triton is not installed")
    monkeypatch.setattr(bench, "HAVE_TRITON", True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert bench.lacking() == ""
