"""Grading on a Dask cluster: the same results as -j, and no worker's death costs one."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import SLUG, arguments, journal, results, submission

from dlcore.grading import sandbox
from dlcore.grading.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(300)
HERE = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}


def command(root, address):
    line = [sys.executable, "-m", "dlcore.grading", *arguments(root), "--cluster", address]
    return subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def cluster(folder, workers=2):
    """The address of a scheduler, and the processes of its workers, each on its own."""
    file = str(folder / "scheduler.json")
    line = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    line += ["--port", "0", "--scheduler-file", file, "--no-dashboard", "--no-show"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    quiet["env"] = os.environ | HERE
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", file]
    worker += ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    worker += ["--local-directory", str(folder / "spill")]
    running = [subprocess.Popen(one, **quiet) for one in [line, *[worker] * workers]]
    try:
        end = time.monotonic() + 60
        while not os.path.exists(file) or not Path(file).read_text().endswith("}"):
            assert time.monotonic() < end and running[0].poll() is None
            time.sleep(0.1)
        yield json.loads(Path(file).read_text())["address"], running[1:]
    finally:
        for one in running:
            one.kill()
            one.wait()


def without_seconds(root):
    return [
        {k: v for k, v in row.items() if k != "seconds"} for row in results(root)["submissions"]
    ]


def test_a_worker_that_is_killed_in_the_middle_leaves_its_work_to_another(
    classroom, required, tmp_path
):
    required("distributed")
    names = [f"s{number}" for number in range(6)]
    for name in names:
        classroom(
            name, submission(double="import time\ntime.sleep(1.5)\ndef double(x): return 2*x")
        )
    with cluster(tmp_path) as (address, workers):
        running = command(classroom.root, address)
        end = time.monotonic() + 120
        while not any(len(list(sandbox.tree(one.pid))) > 3 for one in workers):
            assert time.monotonic() < end and running.poll() is None
            time.sleep(0.05)
        busy = next(one for one in workers if len(list(sandbox.tree(one.pid))) > 3)
        family = list(sandbox.tree(busy.pid))
        busy.send_signal(signal.SIGKILL)
        said = running.communicate(timeout=200)[1]
    assert running.returncode == 0, said
    rows = {
        row["student"]: (row["status"], row["score"])
        for row in results(classroom.root)["submissions"]
    }
    assert rows == dict.fromkeys(names, ("graded", 8.0))
    assert sorted(line["student"] for line in journal(classroom.root)) == names
    assert not [pid for pid in family[1:] if os.path.exists(f"/proc/{pid}/exe")]


def test_a_scheduler_by_its_address_gives_the_results_of_jobs(classroom, required, tmp_path):
    required("distributed")
    classroom("ana")
    classroom("ben", submission(double="def double(x):\n    return 'ben'"))
    classroom("cleo", submission(mean="while True: pass"))
    (classroom.root / "in" / "dan").mkdir()
    (classroom.root / "in" / "eve").mkdir()
    (classroom.root / "in" / "eve" / f"{SLUG}.ipynb").write_text("{")
    assert main(arguments(classroom.root)) == 0
    one = without_seconds(classroom.root)
    (classroom.root / "out").rename(classroom.root / "first")
    with cluster(tmp_path) as (address, _):
        running = command(classroom.root, address)
        said = running.communicate(timeout=200)[1]
    assert running.returncode == 0, said
    assert without_seconds(classroom.root) == one
    assert len(one) == len(journal(classroom.root)) == 5


def test_a_cluster_on_this_machine_gives_the_results_of_jobs(classroom, required):
    required("distributed")
    for student in ("ana", "ben", "cleo"):
        classroom(student, submission(double=f"def double(x):\n    return {student!r}"))
    for number in range(6):  # more than are sent ahead
        (classroom.root / "in" / f"_{number}").mkdir()
    main(arguments(classroom.root))
    one = without_seconds(classroom.root)
    (classroom.root / "out").rename(classroom.root / "first")
    running = command(classroom.root, "local")
    said = running.communicate(timeout=200)[1]
    assert running.returncode == 0, said
    assert without_seconds(classroom.root) == one
    assert len(journal(classroom.root)) == 9


def test_a_submission_that_loses_its_workers_gets_a_result(classroom, required):
    """Its code cannot reach a worker; here the worker ends itself, as a machine may."""
    required("distributed")
    for student in ("ana", "ben", "cleo"):
        classroom(student)
    text = (
        "import os, sys\nfrom dlcore.grading import cluster\n"
        "there = cluster.mark_there\n"
        "def mark_there(slug, master, student, *rest):\n"
        "    return os._exit(1) if student == 'ben' else there(slug, master, student, *rest)\n"
        "if __name__ == '__main__':\n    cluster.mark_there = mark_there\n"
        "    from distributed import Client\n    close = Client.close\n"
        "    def late(self):  # as it does when the worker was just being started anew\n"
        "        close(self)\n        raise AssertionError('can only join a started process')\n"
        "    Client.close = late\n"
        "    from dlcore.grading.__main__ import main\n    sys.exit(main(sys.argv[1:]))\n"
    )
    (classroom.root / "run.py").write_text(text)
    line = [sys.executable, str(classroom.root / "run.py"), *arguments(classroom.root)]
    done = subprocess.run(
        [*line, "--cluster", "local"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    status = {
        r["student"]: (r["status"], r["score"]) for r in results(classroom.root)["submissions"]
    }
    assert status == {"ana": ("graded", 8), "ben": ("limit", 0), "cleo": ("graded", 8)}
    assert sorted(line["student"] for line in journal(classroom.root)) == ["ana", "ben", "cleo"]
