"""Results as tables that gradebooks read, one row for every student."""

import csv
import io
import json
from html import escape
from pathlib import Path

from dlcore.grading.collect import TABLE, guarded
from dlcore.grading.notebook import NotebookError


def export(slug: str, kind: str, out, table=None) -> str:
    """The results in OUT/results.json as CSV for `kind`, a key of FORMATS.

    `table` is what `collect` wrote: it gives the platform's numbers of the students, and students
    without a result.
    """
    whole, ids = results_of(slug, out), numbers(table) if table else {}
    rows = {row["student"]: row for row in whole["submissions"]}
    for student in ids.keys() - rows.keys():
        rows[student] = missing(student, whole)
    made = FORMATS[kind](whole, [rows[name] for name in sorted(rows)], ids)
    text = io.StringIO()
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in made)
    return text.getvalue()


def results_of(slug: str, out) -> dict:
    """The content of OUT/results.json, if it is about this assignment."""
    path = Path(out) / "results.json"
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotebookError(f"{path}: no results here ({error}): run `grade` first") from None
    if whole["assignment"] != slug:
        raise NotebookError(f"{path}: results of {whole['assignment']}, not of {slug}")
    return whole


def numbers(table) -> dict[str, str]:
    path = Path(table) / TABLE if Path(table).is_dir() else Path(table)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return {row["student"]: row["id"] for row in csv.DictReader(file) if row["student"]}
    except (OSError, KeyError, UnicodeDecodeError):
        raise NotebookError(f"{path}: not a table of `collect`") from None


def missing(student: str, whole: dict) -> dict:
    row = {"student": student, "status": "missing", "reason": "nothing was graded", "score": 0.0}
    tasks = [{**task, "points": 0.0} for task in whole["submissions"][0]["tasks"]]
    return row | {"max_score": whole["max_score"], "tasks": tasks, "sha256": ""}


def about(row: dict) -> str:
    return f"{row['status']}: {row['reason']}" if row["reason"] else row["status"]


def plain(whole, rows, ids):
    tasks = [task["id"] for task in rows[0]["tasks"]]
    yield ["student", "status", "reason", "score", "max_score", *tasks, "sha256"]
    for row in rows:
        points = [task["points"] for task in row["tasks"]]
        start = [row["student"], row["status"], row["reason"], row["score"], row["max_score"]]
        yield [*start, *points, row["sha256"]]


def canvas(whole, rows, ids):
    """Canvas finds a student by ID, else by login (lib/gradebook_importer.rb there).

    It takes a column that it does not know for an assignment, but leaves out every one in whose
    name "Final Grade" stands.
    """
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    yield [*head, whole["assignment"], "Reason of this Final Grade"]
    yield ["    Points Possible", "", "", "", "", whole["max_score"], ""]
    for row in rows:
        name, number = row["student"], ids.get(row["student"], "")
        yield [name, number, "", "" if number else name, "", row["score"], about(row)]


def gradescope(whole, rows, ids):
    """The columns of an assignment's table of grades there, as in tables that it exported."""
    tasks = [(task["id"], task["max_points"]) for task in rows[0]["tasks"]]
    head = ["Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission ID"]
    head += ["Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count"]
    head += [f"{n}: {name} ({most:.1f} pts)" for n, (name, most) in enumerate(tasks, 1)]
    yield [*head, "Reason"]
    for row in rows:
        status = {"graded": "Graded", "missing": "Missing"}.get(row["status"], "Ungraded")
        name, email = row["student"], row["student"] if "@" in row["student"] else ""
        start = [name, ids.get(name, ""), email, row["score"], row["max_score"], status]
        points = [task["points"] for task in row["tasks"]]
        yield [*start, "", "", "", "", "", *points, about(row)]


def moodle(whole, rows, ids):
    """As in Moodle's worksheet for offline grading, which finds a student by Identifier.

    It wants Identifier, Grade and Last modified (mod/assign/feedback/offline), and takes the
    comments for HTML: what a student wrote must not become a tag there.
    """
    head = ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
    yield [*head, "Last modified (grade)", "Feedback comments"]
    for row in rows:
        name, number = row["student"], ids.get(row["student"])
        said = [about(row)]
        said += [
            f"{t['id']}: {t['points']:g}/{t['max_points']:g} {t['message']}" for t in row["tasks"]
        ]
        start = [f"Participant {number}" if number else "", name, row["status"]]
        comments = escape("\n".join(said)).replace("\n", "<br>")
        yield [*start, row["score"], row["max_score"], "", comments]


FORMATS = {"csv": plain, "canvas": canvas, "gradescope": gradescope, "moodle": moodle}
