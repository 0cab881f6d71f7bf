"""The comparison with nbgrader's own autograde runs, here on a few submissions."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_grading_takes_a_small_part_of_nbgraders_time_and_keeps_its_memory(tmp_path, required):
    required("bwrap")
    required("nbgrader")
    file = tmp_path / "rows.json"
    line = [sys.executable, "-m", "benchmarks.grading", "--slug", "02-linear-regression"]
    line += ["--students", "4", "--flat", "20", "--json", str(file)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(file.read_text())
    assert rows["ratio"]["cpu"] < 0.5  # 0.17 with 20, of which a part is the start
    assert len(rows["flat_mb"]) == 10 and rows["flat_mb"][-1] < 2 * rows["flat_mb"][2] + 5
