"""The benchmark proves equal losses before it times, and writes what it prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_a_quick_run_writes_a_ratio_with_its_spread_for_every_workload(tmp_path):
    file = tmp_path / "rows.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", file]
    command += ["--only", "softmax_regression", "mlp_adam", "gpt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    assert result["machine"]["threads"] == 1 and len(result["rows"]) == 3
    for row in result["rows"]:
        low, middle, high = row["ratio_quartiles"]
        assert 0 < low <= middle <= high and row["losses_apart"] < 1e-4
        assert row["workload"] in done.stdout


def test_different_losses_are_not_timed(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.__main__ import measure

    def unequal():
        """two losses that differ"""
        return (lambda: 1.0), (lambda: 1.1)

    with pytest.raises(SystemExit, match="unequal: losses differ by 9.1e-02, nothing is timed"):
        measure(unequal, rounds=1, seconds=0.01)
