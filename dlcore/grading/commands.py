"""The commands around grading: `submit`, `collect`, `feedback` and `export`."""

import argparse
import os
from pathlib import Path

from dlcore.grading.collect import TABLE, collect
from dlcore.grading.export import FORMATS, export
from dlcore.grading.feedback import feedback
from dlcore.grading.notebook import NotebookError
from dlcore.grading.submit import UNSIGNED, submit

KEY = "DLCORE_SUBMIT_KEY"
SUBMIT = f"""\
Hand your notebook in: copy it to a folder, with a receipt.

The copy is FOLDER/<you>/SLUG-v1/SLUG.ipynb; hand in again and it becomes v2, nothing is
overwritten. receipt.json beside it holds the time (UTC) and the SHA-256 of the file. It is signed
if there is a key (--key, or the file that {KEY} names); without one it says
"unsigned". A notebook that the grader could not read, or in which nothing was done, is refused."""
COLLECT = """\
Sort an export of your learning platform into folders that `grade` wants: OUT/<student>/SLUG.ipynb.

UPLOADS is the zip file, or a folder: Canvas (name_12345_67890_file.ipynb), Moodle
(Name_12345_assignsubmission_file/...), a folder for each student, or what `submit` wrote. Of
several attempts the latest counts. OUT/collected.csv says for each student which file was taken.
Links, names that lead out of the folder and files that unpack to far more than their size are
refused; nothing but these notebooks is unpacked."""
FEEDBACK = """\
Write a web page for each student: OUT/feedback/<student>/SLUG.html, from OUT/results.json.

It says for each task what was right, what was wrong, and a hint. It never shows the code of a
hidden test, runs no script and loads nothing, whatever the submission holds."""
EXPORT = """\
Write the results in OUT/results.json as a table: OUT/SLUG-FORMAT.csv, one row for every student.

csv: all columns. canvas: Grades > Import; its column takes the assignment's name there. moodle: the
worksheet for offline grading (in English; tick "update records that were modified" where you graded
before). gradescope: the columns of its own table of grades. Canvas and Moodle know students by
number: --table takes the collected.csv of `collect`, which has them."""


def add_commands(commands) -> None:
    one = command(commands, "submit", "hand your notebook in", SUBMIT, run_submit)
    one.add_argument("notebook", metavar="NOTEBOOK", help="your .ipynb file")
    one.add_argument("--to", type=Path, metavar="FOLDER", required=True, help="where it goes")
    one.add_argument("--student", metavar="NAME", help="your name there (default: your login)")
    one.add_argument("--key", type=Path, metavar="FILE", help="sign the receipt with this key")
    one = command(commands, "collect", "sort an export of your platform", COLLECT, run_collect)
    one.add_argument("slug", metavar="SLUG", help="the assignment")
    one.add_argument("uploads", type=Path, metavar="UPLOADS", help="a zip file or a folder")
    one.add_argument("--out", type=Path, metavar="DIR", required=True, help="for the folders")
    one.add_argument("--key", type=Path, metavar="FILE", help="check receipts with this key")
    one = command(commands, "feedback", "a page for each student", FEEDBACK, run_feedback)
    one.add_argument("slug", metavar="SLUG", help="the assignment")
    one.add_argument("--out", type=Path, metavar="DIR", required=True, help="as given to `grade`")
    one = command(commands, "export", "results as a table", EXPORT, run_export)
    one.add_argument("slug", metavar="SLUG", help="the assignment")
    one.add_argument("--format", choices=FORMATS, default="csv", help="(default: csv)")
    one.add_argument("--out", type=Path, metavar="DIR", required=True, help="as given to `grade`")
    one.add_argument("--table", type=Path, metavar="FILE", help=f"the {TABLE} of `collect`")


def command(commands, name: str, short: str, about: str, run, end: str = ""):
    layout = {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": end}
    one = commands.add_parser(name, help=short, description=about, **layout)
    one.set_defaults(command=run)
    return one


def key_of(path) -> bytes | None:
    path = path or os.environ.get(KEY)
    if path is None:
        return None
    try:
        key = Path(path).read_bytes().strip()
    except OSError as error:
        raise NotebookError(f"{path}: the key cannot be read ({error.strerror})") from None
    if len(key) < 16:
        raise NotebookError(f"{path}: a key must have at least 16 bytes, got {len(key)}")
    return key


def run_submit(options) -> int:
    made = submit(options.notebook, options.to, options.student, key_of(options.key))
    where = options.to / made["student"] / f"{made['assignment']}-v{made['version']}"
    print(f"Handed in: {where}\nat {made['time']}, SHA-256 {made['sha256']}")
    if made["signature"] == UNSIGNED:
        print("The receipt is unsigned: there is no key.")
    return 0


def run_collect(options) -> int:
    rows = collect(options.slug, options.uploads, options.out, key_of(options.key))
    refused = [row for row in rows if "refused: " in row["note"]]
    for row in rows:
        if row["note"]:
            print(f"{row['student'] or row['file']}: {row['note']}")
    print(f"{len(rows) - len(refused)} notebooks in {options.out}, {len(refused)} refused")
    return 1 if refused else 0


def run_feedback(options) -> int:
    pages = feedback(options.slug, options.out)
    print(f"{len(pages)} pages in {options.out / 'feedback'}")
    return 0


def run_export(options) -> int:
    text = export(options.slug, options.format, options.out, options.table)
    path = options.out / f"{options.slug}-{options.format}.csv"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    print(f"wrote {path}")
    return 0
