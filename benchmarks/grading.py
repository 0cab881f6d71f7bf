"""Measure grading beside nbgrader's own autograde: the same submissions, in the same run.

    python -m benchmarks.grading [--slug SLUG] [--students 20] [--flat 500]

A third of the submissions is the solution, the others have a wrong answer of answers.py each. Time
is the CPU's (user and system, of all processes), since the clock of a shared machine also counts
what others do; the clock's is shown beside it. nbgrader grades one after the other.
"""

import argparse
import ctypes
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUBREAPER = 36  # of prctl: what a killed sandbox leaves becomes our child, and its time ours


def submissions(slug: str, count: int):
    """(student, the text of a notebook): the solution, with another's answer in two of three."""
    folder = ROOT / "solutions" / slug
    whole = json.loads((folder / f"{slug}.ipynb").read_text())
    parts = re.split(r"^# %% ", (folder / "answers.py").read_text(), flags=re.M)[1:]
    for number in range(count):
        notebook = json.loads(json.dumps(whole))
        head, code = parts[number * 7 % len(parts)].split("\n", 1)
        for cell in notebook["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            if number % 3 and marks.get("grade_id") == head.split("|")[0].strip():
                cell["source"] = code
        yield f"s{number:03}", json.dumps(notebook)


def measured(command, folder, **environment) -> dict:
    """Seconds of the clock and of the CPU, with those of all processes below it."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds = time.perf_counter() - begin
    time.sleep(0.5)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = sum(getattr(after, f) - getattr(before, f) for f in ("ru_utime", "ru_stime"))
    return {"clock": round(seconds, 2), "cpu": round(cpu, 2), "said": done.stderr + done.stdout}


def ours(root: Path, slug: str, count: int) -> dict:
    for student, text in submissions(slug, count):
        path = root / "in" / student / f"{slug}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    line = [sys.executable, "-m", "dlcore.grading", "grade", slug, "--submissions", "in"]
    line += ["--out", "out", "--masters", str(ROOT / "solutions"), "-j", "2"]
    return measured(line, root)


def theirs(root: Path, slug: str, count: int) -> dict:
    """nbgrader with no setting but its folders."""
    config = 'c = get_config()\nc.CourseDirectory.source_directory = "solutions"\n'
    (root / "nbgrader_config.py").write_text(config)
    path = root / "solutions" / slug / f"{slug}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text((ROOT / "solutions" / slug / f"{slug}.ipynb").read_text())
    for student, text in submissions(slug, count):
        path = root / "submitted" / student / slug / f"{slug}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    measured([sys.executable, "-m", "nbgrader", "generate_assignment", slug], root)
    return measured([sys.executable, "-m", "nbgrader", "autograde", slug], root)


def flat(root: Path, slug: str, count: int) -> list[float]:
    """MB of the grader's own processes after each tenth of a long batch."""
    for student, text in submissions(slug, count):
        path = root / "in" / student / f"{slug}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    line = [sys.executable, "-m", "dlcore.grading", "grade", slug, "--submissions", "in"]
    line += ["--out", "out", "--masters", str(ROOT / "solutions"), "-j", "2"]
    sizes = []
    with subprocess.Popen(
        line,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        for _ in running.stderr:  # a line for each tenth
            sizes.append(round(sum(map(resident, [running.pid, *workers(running.pid)])), 1))
    results = json.loads((root / "out" / "results.json").read_text())["submissions"]
    if running.returncode or len(results) != count:
        raise SystemExit(f"{len(results)} results of {count}")
    return sizes


def workers(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> float:
    """MB that belong to a process alone: a fork shares the rest with its parent."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it ended just now
        return 0.0
    return sum(int(n) for n in re.findall(r"^Private_\w+: +(\d+)", text, re.M)) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--slug", default="03-classification", metavar="SLUG")
    parser.add_argument("--students", type=int, default=20, metavar="N")
    parser.add_argument("--flat", type=int, default=0, metavar="N", help="memory over N, too")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    rows = {"slug": options.slug, "students": options.students}
    with tempfile.TemporaryDirectory() as root:
        for system in (ours, theirs):
            folder = Path(root) / system.__name__
            folder.mkdir()
            row = rows[system.__name__] = system(folder, options.slug, options.students)
            row.pop("said")
            print(f"{system.__name__}: {row['clock']} s of the clock, {row['cpu']} s of the CPU")
        if options.flat:
            rows["flat_mb"] = flat(Path(root), options.slug, options.flat)
            print("MB of the grader after each tenth of", options.flat, rows["flat_mb"])
    rows["ratio"] = {k: round(rows["ours"][k] / rows["theirs"][k], 3) for k in ("clock", "cpu")}
    print("ours over nbgrader's:", rows["ratio"])
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
