"""The benchmark proves equal losses before it times, leaves nobody out, writes what it prints."""

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.axes import Axes

from dlcore.figures import benchmarks as pictures

ROOT = Path(__file__).parent.parent
SPEED = ROOT / "benchmarks" / "results" / "speed.json"


@pytest.fixture
def measure(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import measure

    return measure


def test_a_quick_run_writes_a_ratio_with_its_spread_for_every_workload(tmp_path):
    file = tmp_path / "rows.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--threads", "1", "--json", file]
    command += ["--only", "softmax_regression", "mlp_adam"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    assert result["machine"]["versions"]["torch"] and len(result["rows"]) == 2
    for row in result["rows"]:
        low, middle, high = row["ratio_quartiles"]
        assert 0 < low <= middle <= high and row["losses_apart"] < 1e-4
        assert row["threads"] == 1 and row["title"] in done.stdout
        assert f"{middle:.2f}" in done.stdout


def test_an_unknown_name_is_answered_with_the_known_ones():
    for option, known in ("--only", "mlp_sgd"), ("--peers", "autograd"):
        command = [sys.executable, "-m", "benchmarks", option, "nobody"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode and known in done.stderr and "got nobody" in done.stderr


def test_different_losses_are_not_timed(measure):
    def unequal():
        """two losses that differ"""
        return (lambda: 1.0), (lambda: 1.1)

    with pytest.raises(SystemExit, match="unequal: losses differ by 9.1e-02, nothing is timed"):
        measure.measured("unequal", unequal, [], 1, 0.01, measure.time.perf_counter)


def equal():
    """a loss of one"""
    return (lambda: 1.0), (lambda: 1.0)


def test_a_peer_with_other_losses_gets_a_dagger(measure, peer):
    peer.equal = lambda: lambda: 1.5
    rows = measure.measured("equal", equal, ["stranger"], 3, 1e-5, measure.time.perf_counter)
    assert [row["same_losses"] for row in rows] == [True, False]
    assert "†" in measure.line(rows[1]) and "†" not in measure.line(rows[0])


def test_a_peer_that_cannot_be_timed_stands_in_the_table_with_the_reason(measure, peer):
    def broken():
        raise ArithmeticError("went wrong")

    def line(system):
        rows = measure.measured("equal", equal, [system], 1, 1e-5, measure.time.perf_counter)
        return measure.line(rows[1])

    assert "stranger: has no such workload here" in line("stranger")
    peer.equal = broken
    assert "stranger: ArithmeticError: went wrong" in line("stranger")
    assert "nobody: not installed: No module named" in line("nobody")


@pytest.fixture
def peer(monkeypatch):
    """An empty module that the benchmark takes for a peer."""
    module = type(sys)("stranger")
    monkeypatch.setitem(sys.modules, "benchmarks.peers.stranger", module)
    return module


def test_a_slow_peer_is_stopped(measure):
    with pytest.raises(TimeoutError, match="over 1 s"), measure.at_most(1):
        measure.time.sleep(5)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
def test_peak_memory_is_what_the_steps_allocate_and_free(measure, monkeypatch):
    def hungry():
        return (lambda: bytearray(b"x" * 30_000_000)), (lambda: 1.0)

    monkeypatch.setattr(measure, "workloads", lambda names: {"hungry": hungry})
    assert 29 < measure.memory("hungry", "scratch") < 70
    assert measure.memory("hungry", "torch") < 5


PEERS = sorted(p.stem for p in (ROOT / "benchmarks" / "peers").glob("[a-z]*.py"))


def test_every_peer_is_measured_and_has_its_versions_pinned(measure):
    assert sorted(measure.PEERS) == PEERS
    pinned = re.findall(r"^(\w+)==", (ROOT / "benchmarks/requirements.txt").read_text(), re.M)
    assert {p for p in PEERS if p != "torch_tuned"} < set(pinned)


def test_tuned_pytorch_computes_the_same_losses(measure):
    from benchmarks.peers import torch_tuned

    for name, workload in measure.workloads().items():
        if hasattr(torch_tuned, name):
            wanted = measure.first_losses(workload()[1], 4)
            found = measure.first_losses(getattr(torch_tuned, name)(), 4)
            assert measure.apart(found, wanted) < 1e-5, name


def test_the_committed_figures_are_complete(measure):
    result = json.loads(SPEED.read_text())
    known = {"cpu", "cores", "system", "python", "versions", "date", "commit"}
    assert known <= set(result["machine"]) and all(result["machine"].values())
    assert result["machine"]["versions"].keys() >= {"numpy", "torch", "jax", "autograd"}
    for name, threads in itertools.product(measure.workloads(), (1, 2)):
        rows = [r for r in result["rows"] if (r["workload"], r["threads"]) == (name, threads)]
        assert {row["system"] for row in rows} == {"scratch", *measure.PEERS}
        assert rows[0]["same_losses"] and all("untimed" in r or "ms" in r for r in rows)
    assert {row["workload"] for row in result["memory"]} == set(measure.workloads())


def test_the_committed_figures_make_a_picture():
    result = json.loads(SPEED.read_text())
    axes = pictures.speed(result["rows"])
    assert isinstance(axes, Axes) and len(axes.get_yticklabels()) >= 6
    assert result["machine"]["cpu"] in pictures.provenance(result["machine"])
    assert os.fspath(ROOT) not in SPEED.read_text()


def test_the_picture_is_told_in_words_and_its_times_in_a_table():
    result = json.loads(SPEED.read_text())
    for threads in 1, 2:
        words = pictures.in_words(result["rows"], threads)
        assert all(f"{name}: " in words for name in pictures.NAMES.values())
    table = pictures.steps(result).splitlines()
    assert len(table) == 2 + len(pictures.WORKLOADS)
    assert all(row.count("|") == 7 for row in table) and "GPT" in table[-2]


def test_a_library_that_could_not_run_a_workload_is_named_with_the_reason():
    row = {"workload": "lstm", "system": "jax", "threads": 1, "untimed": "TimeoutError: over 9 s"}
    never = row | {"workload": "gpt", "untimed": "has no such workload here"}
    text = pictures.untimed([row, never, row | {"threads": 2}])
    assert text == "JAX has no mark at LSTM: TimeoutError: over 9 s."


def test_the_readme_quotes_what_was_measured():
    text = " ".join((ROOT / "README.md").read_text().split())
    quoted = {"MLP": "mlp_sgd", "MLP with Adam": "mlp_adam", "CNN": "cnn", "LSTM": "lstm"}
    quoted |= {"GPT": "gpt", "100,000 scalars": "scalars"}
    rows = json.loads(SPEED.read_text())["rows"]
    for name, workload in quoted.items():
        row, *_ = [row for row in rows if row["workload"] == workload]  # one thread, scratch
        assert f"{name} {row['ratio_quartiles'][1]:.2f}" in text
    memory = json.loads(SPEED.read_text())["memory"]
    assert all(row["scratch_mb"] < row["torch_mb"] for row in memory)
