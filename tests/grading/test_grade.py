"""The batch: written safely, interrupted, continued, never graded twice, never without result."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import DOUBLE, SLUG, TASKS, arguments, cell, journal, results, submission

from dlcore.grading import sandbox
from dlcore.grading.__main__ import main
from dlcore.grading.runner import Limits

ROOT = Path(__file__).resolve().parents[2]
FAST = Limits(cell=2.5, call=1.5, total=20.0)


def test_the_command_writes_results_a_bar_and_a_summary(classroom, capsys):
    classroom("ana")
    classroom("ben", submission(double="def double(x):\n    return x"))
    (classroom.root / "in" / "cleo").mkdir()
    assert main(arguments(classroom.root)) == 0
    whole, said = results(classroom.root), capsys.readouterr()
    assert (whole["assignment"], whole["max_score"]) == (SLUG, 8)
    ana, ben, cleo = whole["submissions"]
    assert (ana["student"], ana["status"], ana["score"], ana["reason"]) == ("ana", "graded", 8, "")
    assert len(ana["sha256"]) == 64 and ana["seconds"] > 0
    assert [task["max_points"] for task in ana["tasks"]] == [2] * len(TASKS)
    assert ben["tasks"][0] == {
        "id": "double-test",
        "points": 0,
        "max_points": 2,
        "message": "double(2) is 2, not 4.",
    }
    assert (cleo["status"], cleo["reason"], cleo["score"]) == (
        "rejected",
        "there is no hw-one.ipynb",
        0,
    )
    assert "3/3" in said.err
    assert "3 submissions" in said.out and "2 graded, 1 rejected" in said.out


def test_a_second_run_grades_only_what_changed(classroom):
    for student in ("ana", "ben"):
        classroom(student)
    main(arguments(classroom.root))
    before = {r["student"]: r["seconds"] for r in results(classroom.root)["submissions"]}
    classroom("ben", submission(double="def double(x):\n    return x"))
    classroom("cleo")
    assert main(arguments(classroom.root)) == 0
    assert sorted(line["student"] for line in journal(classroom.root)[2:]) == ["ben", "cleo"]
    scores = {r["student"]: r["score"] for r in results(classroom.root)["submissions"]}
    assert scores == {"ana": 8, "ben": 6, "cleo": 8}
    assert results(classroom.root)["submissions"][0]["seconds"] == before["ana"]


def test_a_changed_master_grades_all_again(classroom):
    classroom("ana")
    main(arguments(classroom.root))
    path = classroom.root / "masters" / SLUG / f"{SLUG}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][4]["metadata"]["nbgrader"]["points"] = 5
    path.write_text(json.dumps(notebook), encoding="utf-8")
    main(arguments(classroom.root))
    assert results(classroom.root)["max_score"] == 11
    assert results(classroom.root)["submissions"][0]["score"] == 11


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_grader_that_is_stopped_loses_nothing_and_goes_on(classroom, number):
    for place in range(8):  # each takes a second, so that there is something to stop
        classroom(f"s{place}", submission(double=f"import time\ntime.sleep(1)\n{DOUBLE}"))
    line = [sys.executable, "-m", "dlcore.grading", *arguments(classroom.root)]
    running = subprocess.Popen(
        line,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),  # `make test &`
    )
    first = running.stderr.readline()
    running.send_signal(number)
    running.communicate(timeout=60)
    assert running.returncode == {signal.SIGKILL: -9}.get(number, 130)
    reported = int(first.split()[-1].split("/")[0])
    safe = [line["student"] for line in journal(classroom.root)]
    assert 1 <= reported <= len(safe) < 8
    if number == signal.SIGKILL:  # the last line may be half written
        (path,) = (classroom.root / "out").glob("journal-*.jsonl")
        with open(path, "a") as file:
            file.write('{"student": "s')
    assert main(arguments(classroom.root)) == 0
    again = [line["student"] for line in journal(classroom.root)]
    assert sorted(again) == [f"s{place}" for place in range(8)] and again[: len(safe)] == safe
    assert {r["score"] for r in results(classroom.root)["submissions"]} == {8}


def test_a_killed_grader_leaves_no_process_behind(classroom):
    classroom("ana", submission(double="import time\ntime.sleep(7)"))
    line = [sys.executable, "-m", "dlcore.grading", *arguments(classroom.root)]
    running = subprocess.Popen(line, cwd=ROOT, stderr=subprocess.DEVNULL)
    family = set()
    while len(family) < 6:  # it, its worker, a judge, bubblewrap twice, the student
        family = set(sandbox.tree(running.pid))
        assert running.poll() is None
        time.sleep(0.02)
    running.kill()
    running.wait()
    end = time.monotonic() + 5
    while any(alive(pid) for pid in family) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [pid for pid in family if alive(pid)]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_that_is_killed_costs_no_result(classroom, monkeypatch):
    from dlcore.grading import grade

    def mark(found, folder, *rest):
        once = classroom.root / f"{folder.name}-was-here"
        if folder.name == "ana" or (folder.name == "ben" and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return real(found, folder, *rest)

    real = grade.mark_file
    monkeypatch.setattr(grade, "mark_file", mark)
    classroom("ana")
    classroom("ben")
    assert main(arguments(classroom.root, jobs=1)) == 0
    ana, ben = results(classroom.root)["submissions"]
    assert (ana["status"], ben["status"], ben["score"]) == ("limit", "graded", 8)
    assert "by hand" in ana["reason"]


def test_one_and_two_jobs_give_the_same_results(classroom):
    for student in ("ana", "ben", "cleo"):
        classroom(student, submission(double=f"def double(x):\n    return {student!r}"))
    main(arguments(classroom.root, jobs=1))
    one = results(classroom.root)
    (classroom.root / "out").rename(classroom.root / "first")
    main(arguments(classroom.root, jobs=2))
    two = results(classroom.root)
    for result in one["submissions"] + two["submissions"]:
        result.pop("seconds")
    assert one == two


def test_without_time_for_the_rest_the_status_is_limit(classroom):
    from dlcore.grading.grade import grade

    slow = dict.fromkeys(TASKS, "while True: pass")
    classroom("ana", submission(**slow))
    root = classroom.root
    limits = Limits(cell=2.0, call=1.0, total=3.0)
    whole = grade(SLUG, root / "in", root / "out", root / "masters", 1, limits=limits)
    (ana,) = whole["submissions"]
    assert ana["status"] == "limit" and "3 s, ran out" in ana["reason"] and ana["seconds"] < 10


def test_names_of_students_may_be_anything_that_a_folder_may(classroom):
    names = ["a b", "-n", "김철수", "x\ny", os.fsdecode(b"\xff")]
    for name in names:
        classroom(name)
    assert main(arguments(classroom.root)) == 0
    assert {r["student"] for r in results(classroom.root)["submissions"]} == set(names)


def test_a_linked_folder_is_rejected(classroom):
    classroom("ana")
    (classroom.root / "in" / "ben").symlink_to(classroom.root / "in" / "ana")
    main(arguments(classroom.root))
    ana, ben = results(classroom.root)["submissions"]
    assert (ana["score"], ben["status"]) == (8, "rejected") and "folder" in ben["reason"]


def test_without_bubblewrap_it_refuses_and_says_how_to_get_it(classroom, monkeypatch, capsys):
    classroom("ana")
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert main(arguments(classroom.root)) == 2
    assert "apt install bubblewrap" in capsys.readouterr().err
    assert not (classroom.root / "out").exists()


def without(words, *pair):
    place = next(n for n in range(len(words)) if tuple(words[n : n + 2]) == pair)
    return words[:place] + words[place + 2 :]


HOLES = {
    "no network": lambda words, root: [*words, "--share-net"],
    "no course": lambda words, root: [*words, "--ro-bind", f"{root}", f"{root}"],
    "an empty environment": lambda words, root: [*words, "--setenv", "SECRET", "1"],
    "a user without rights": lambda words, root: [w.replace("65534", "1000") for w in words],
    "no namespaces": lambda words, root: [w for w in words if w != "--disable-userns"],
    "no settings of the kernel": lambda words, root: without(words, "--remount-ro", "/proc"),
    "no memory that belongs to nobody": lambda words, root: words,  # and the filter lets all pass
    "nothing to write": lambda words, root: without(words, "--remount-ro", "/"),
}


@pytest.mark.parametrize("what", HOLES)
def test_a_sandbox_with_a_hole_is_refused(classroom, monkeypatch, capsys, what):
    classroom("ana")
    whole = sandbox.options
    monkeypatch.setattr(sandbox, "options", lambda b: HOLES[what](whole(b), classroom.root))
    if what.startswith("no memory"):
        monkeypatch.setattr(sandbox.platform, "machine", lambda: "one without a filter")
    assert main(arguments(classroom.root)) == 2
    assert f"leaks here, nothing is graded. {what}" in capsys.readouterr().err
    assert not (classroom.root / "out").exists()


@pytest.mark.parametrize(
    "break_it, words",
    [
        (
            lambda nb: nb["cells"].append(cell("x", "double", solution=True)),
            "'double' is used twice",
        ),
        (lambda nb: nb["cells"][4]["metadata"]["nbgrader"].pop("points"), "no points"),
        (lambda nb: nb.update(cells=nb["cells"][:2]), "no test cell"),
    ],
)
def test_a_master_that_cannot_work_is_one_line(classroom, capsys, break_it, words):
    classroom("ana")
    path = classroom.root / "masters" / SLUG / f"{SLUG}.ipynb"
    notebook = json.loads(path.read_text())
    break_it(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert main(arguments(classroom.root)) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


def test_a_test_that_the_masters_own_solution_fails_is_a_warning(classroom, capsys):
    classroom("ana")
    path = classroom.root / "masters" / SLUG / f"{SLUG}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][4]["source"] += "\nassert double(1) == 3, 'a mistake of the teacher'"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert main(arguments(classroom.root)) == 0
    said = capsys.readouterr().err
    assert "warning: your own solution fails double-test: a mistake of the teacher" in said
    assert said.count("warning") == 1


def test_two_graders_do_not_share_a_folder(classroom, capsys):
    from dlcore.grading.grade import Journal
    from dlcore.grading.intake import digest

    classroom("ana")
    (classroom.root / "out").mkdir()
    path = classroom.root / "masters" / SLUG / f"{SLUG}.ipynb"
    with Journal(classroom.root / "out", digest(path.read_bytes())):
        assert main(arguments(classroom.root)) == 2
    assert "another grader" in capsys.readouterr().err


def test_doctor_lists_what_holds(required, capsys):
    required("bwrap")
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "✓ no network" in said and "✗" not in said


def test_without_dask_a_cluster_is_refused_in_one_line(classroom, monkeypatch, capsys):
    classroom("ana")
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*arguments(classroom.root), "--cluster", "local"]) == 2
    assert "install the package distributed" in capsys.readouterr().err


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_of_denied_calls_are_those_of_linux(machine):
    if not HEADERS[machine].exists():
        pytest.skip(f"no {HEADERS[machine]} (Debian package linux-libc-dev)")
    known = dict(re.findall(r"#define __NR_(\w+)\s+(\d+)", HEADERS[machine].read_text()))
    arch, *numbers = sandbox.NUMBERS[machine].split()
    assert [known[name] for name in ("socket", *sandbox.DENIED)] == numbers
    machines = Path("/usr/include/linux/elf-em.h").read_text()
    number = int(re.search(rf"EM_{machine.upper()}\s+(\d+)", machines)[1])
    assert int(arch, 0) == number | 0xC0000000  # 64 bits, the low byte first
