"""The command `python -m dlcore.grading`; more of it is in commands."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from dlcore.grading.check import check
from dlcore.grading.commands import add_commands, command
from dlcore.grading.course import Course, find_course
from dlcore.grading.notebook import NotebookError
from dlcore.grading.release import difference, release
from dlcore.grading.report import as_json, as_text
from dlcore.grading.runner import RunnerError
from dlcore.grading.sandbox import SandboxError

CHECK_HELP = """\
Run the checks of an exercise on your notebook and print your points.

Save the notebook first. Its code runs from top to bottom in a fresh Python, so what you deleted
or ran in another order does not count. Your notebook is not changed.

Each task shows ✓ (passed), ✗ (not yet: the line below says what is wrong) or · (not started)."""
CHECK_END = "Exit code: 0 all points, 1 not all, 2 the notebook cannot be read."
RELEASE_HELP = "Write exercises/SLUG/SLUG.ipynb from solutions/SLUG/SLUG.ipynb (all if none named)."
DOCTOR_HELP = (
    "Start a sandbox, try to get out of it, and say what held. Exit code 1 where it leaks."
)

GRADE_HELP = """\
Grade the notebooks of a class: DIR/<student>/SLUG.ipynb for every folder <student>.

A submission is code from a stranger. It runs in a sandbox (bubblewrap) without network, files of
yours or other submissions, with limits on time, memory and processes; the tests run outside. Its
own tests, points and outputs do not count: all these come from your master. Without a sandbox
that holds, nothing is graded (see `doctor`).

OUT/results.json has one entry for each folder: its status (graded, rejected or limit), the reason,
the points of each task. Stop it at any time (Ctrl-C) and give the same command again: it goes on
where it was. Submissions that changed in between are graded again."""
GRADE_END = (
    "Exit code: 0 every submission has a result, 130 interrupted, 2 nothing could be graded."
)

FOLDERS = (
    ("--submissions", True, "a folder for each student"),
    ("--out", True, "where results.json goes"),
    ("--masters", False, "holds SLUG/SLUG.ipynb with hidden tests (solutions/ of the course)"),
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m dlcore.grading",
        description="Check, hand in, release and grade the exercises.",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add_check(commands)
    add_release(commands)
    add_grade(commands)
    add_commands(commands)
    short = "try whether the sandbox holds on this machine"
    command(commands, "doctor", short, DOCTOR_HELP, run_doctor)
    return top


def add_check(commands) -> None:
    one = command(commands, "check", "check your notebook", CHECK_HELP, run_check, CHECK_END)
    one.add_argument("notebook", metavar="NOTEBOOK", help="your .ipynb file")
    one.add_argument("--hidden", action="store_true", help="also run the hidden tests (teachers)")
    one.add_argument("--json", action="store_true", help="print the report as JSON")


def add_release(commands) -> None:
    short = "make the student notebooks (teachers)"
    one = command(commands, "release", short, RELEASE_HELP, run_release)
    about = "a folder of solutions/ (all if none)"
    one.add_argument("slugs", nargs="*", metavar="SLUG", help=about)
    one.add_argument("--check", action="store_true", help="write nothing, exit 1 where they differ")
    one.add_argument("--course", type=Path, metavar="DIR", help="the folder with solutions/")


def add_grade(commands) -> None:
    short = "grade a folder of submissions (teachers)"
    one = command(commands, "grade", short, GRADE_HELP, run_grade, GRADE_END)
    one.add_argument("slug", metavar="SLUG", help="the assignment: the name of its notebook")
    for name, must, about in FOLDERS:
        one.add_argument(name, type=Path, metavar="DIR", required=must, help=about)
    jobs = {"type": int, "metavar": "N", "default": os.cpu_count() or 1}
    one.add_argument("-j", help="how many at a time (%(default)s)", **jobs)
    about = "grade on a Dask scheduler's workers (`local`: here)"
    one.add_argument("--cluster", metavar="ADDRESS", help=about)


def run_check(options) -> int:
    report = check(options.notebook, hidden=options.hidden)
    print(as_json(report) if options.json else as_text(report))
    return 0 if report.passed else 1


def run_release(options) -> int:
    course = Course(options.course) if options.course else find_course()
    if course is None:
        raise NotebookError("no solutions/ folder here or in a folder above")
    known = {*course.slugs("solutions"), *(course.slugs("exercises") if options.check else ())}
    code = 0
    for slug in options.slugs or sorted(known):
        if options.check:
            found = difference(course, slug)
            print(found or f"{course.exercise(slug)}: as its solution gives it")
            code = 1 if found else code
        else:
            release(course, slug)
            print(f"wrote {course.exercise(slug)}")
    return code


def masters_here() -> Path:
    course = find_course()
    if course is None:
        raise NotebookError("no solutions/ folder here or in a folder above: give --masters")
    return course.root / "solutions"


def run_grade(options) -> int:
    from dlcore.grading.grade import Progress, complaints, grade, summary  # these need Linux

    masters, where = options.masters or masters_here(), (options.submissions, options.out)
    begin, progress = time.monotonic(), Progress(sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        jobs, more = max(1, options.j), {"cluster": options.cluster}
        whole = grade(options.slug, *where, masters, jobs, progress, **more)
        for complaint in complaints(options.slug, masters, whole):
            print(f"warning: your own solution fails {complaint}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted: give the same command again to go on", file=sys.stderr)
        return 130
    print(summary(whole, time.monotonic() - begin))
    return 0


def run_doctor(options) -> int:
    from dlcore.grading.doctor import examine

    course = find_course()
    found = examine(*([course.root / "solutions"] if course else []))
    for what, leak in found:
        print(f"✗ {what}: {leak}" if leak else f"✓ {what}")
    return 1 if any(leak for _, leak in found) else 0


def main(arguments=None) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a console without ✓ prints all the same
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except (NotebookError, RunnerError, SandboxError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
