"""The command: `python -m dlcore.grading check NOTEBOOK` and `… release [SLUG …]`."""

import argparse
import sys
from pathlib import Path

from dlcore.grading.check import check
from dlcore.grading.course import Course, find_course
from dlcore.grading.notebook import NotebookError
from dlcore.grading.release import difference, release
from dlcore.grading.report import as_json, as_text
from dlcore.grading.runner import RunnerError

CHECK_HELP = """\
Run the checks of an exercise on your notebook and print your points.

Save the notebook first. Its code runs from top to bottom in a fresh Python, so what you deleted
or ran in another order does not count. Your notebook is not changed.

Each task shows ✓ (passed), ✗ (not yet: the line below says what is wrong) or · (not started)."""
CHECK_END = "Exit code: 0 all points, 1 not all, 2 the notebook cannot be read."
RELEASE_HELP = (
    "Write exercises/SLUG/SLUG.ipynb from solutions/SLUG/SLUG.ipynb (all, or those named)."
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m dlcore.grading", description="Check and release the exercises."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add_check(commands)
    add_release(commands)
    return top


def add_check(commands) -> None:
    one = commands.add_parser(
        "check",
        help="check your notebook and see your points",
        description=CHECK_HELP,
        epilog=CHECK_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("notebook", metavar="NOTEBOOK", help="your .ipynb file")
    one.add_argument("--hidden", action="store_true", help="also run the hidden tests (teachers)")
    one.add_argument("--json", action="store_true", help="print the report as JSON")
    one.set_defaults(command=run_check)


def add_release(commands) -> None:
    one = commands.add_parser(
        "release", help="make the student notebooks (teachers)", description=RELEASE_HELP
    )
    one.add_argument(
        "slugs", nargs="*", metavar="SLUG", help="a folder of solutions/ (all if none)"
    )
    one.add_argument("--check", action="store_true", help="write nothing, exit 1 where they differ")
    one.add_argument("--course", type=Path, metavar="DIR", help="the folder with solutions/")
    one.set_defaults(command=run_release)


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


def main(arguments=None) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a console without ✓ prints all the same
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except (NotebookError, RunnerError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
