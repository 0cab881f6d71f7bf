"""One submission: from its file to its result, the dict that results.json holds."""

import time
from pathlib import Path

from dlcore.grading.assignment import Assignment, steps_for
from dlcore.grading.check import sentence
from dlcore.grading.intake import Rejected, cells_of, digest, read_bytes
from dlcore.grading.runner import Outcome
from dlcore.grading.sandboxed import LIMITS, run

MESSAGE = 1000  # characters
SLOW = ("torch", "matplotlib.pyplot")  # their import takes seconds, which are not the student's
UNSAID = {  # what a student reads where an assertion has no sentence
    False: "The check failed.",
    True: "The visible checks pass, a hidden one with other numbers or shapes does not.",
}


def mark(found: Assignment, student: str, data: bytes, preload=("numpy",), limits=LIMITS) -> dict:
    """The result of a student's submission."""
    begin = time.monotonic()
    result = empty(found, student)
    try:
        cells = cells_of(data)
        used = [*preload, *(name for name in SLOW if name.encode() in data)]
        result |= graded(found, cells, used, limits)
    except Rejected as error:
        result |= {"status": "rejected", "reason": str(error)}
    return result | {"sha256": digest(data), "seconds": round(time.monotonic() - begin, 3)}


def mark_file(found: Assignment, folder: Path, *rest) -> dict:
    """The result of the submission in a student's folder."""
    try:
        data = read_bytes(str(folder), f"{found.slug}.ipynb")
    except Rejected as error:
        return empty(found, folder.name, "rejected", str(error))
    return mark(found, folder.name, data, *rest)


def empty(found: Assignment, student: str, status="rejected", reason="") -> dict:
    """A result without points."""
    tasks = [row(task.name, task.points) for task in found.tasks]
    tasks += [row(name, points, "points are given by hand") for name, points in hand(found)]
    result = {"student": student, "status": status, "reason": reason, "score": 0.0}
    return result | {"max_score": found.points, "tasks": tasks, "sha256": None, "seconds": 0.0}


def hand(found: Assignment):
    return found.by_hand.items()


def row(name: str, most: float, message: str = "", points: float = 0.0) -> dict:
    return {"id": name, "points": points, "max_points": float(most), "message": message}


def graded(found: Assignment, cells: list[dict], preload, limits) -> dict:
    """Status, reason, score and tasks of a notebook that could be read."""
    steps = steps_for(found, cells)
    outcomes = run(steps, limits, preload, found.granted)
    tests = {step.name: out for step, out in zip(steps, outcomes) if step.kind == "test"}
    mine = [(step, out) for step, out in zip(steps, outcomes) if step.kind == "student"]
    tasks = [task_row(found, task, tests[task.name], mine) for task in found.tasks]
    late = [out for out in outcomes if out.error and out.error["kind"] == "late"]
    tasks += [row(name, points, "points are given by hand") for name, points in hand(found)]
    return {
        "status": "limit" if late else "graded",
        "reason": late[0].error["message"] if late else stopped(mine),
        "score": sum(task["points"] for task in tasks),
        "tasks": tasks,
    }


def stopped(mine: list) -> str:
    """Which cells were left out, since they hung, died or used too much."""
    kinds = ("limit", "died")
    out = [step.name for step, out in mine if out.error and out.error["kind"] in kinds]
    return f"left out, since they broke a limit or ended Python: {', '.join(out)}" if out else ""


def task_row(found: Assignment, task, outcome: Outcome, mine: list) -> dict:
    if outcome.error is None:
        value = outcome.value
        part = value if value is not None and 0 <= value <= task.points else task.points
        return row(task.name, task.points, "", float(part))
    own = [(step, out) for step, out in mine if step.name in task.cells]
    if own and all(same(step.source, found.stubs[step.name]) for step, _ in own):
        return row(task.name, task.points, "not started")
    said = sentence(outcome.error)
    if outcome.error["kind"] == "wrong" and not outcome.error["message"]:
        said = UNSAID[behind(found.steps[task.name].source, outcome.error.get("test_line"))]
    if outcome.error["kind"] == "missing":  # the cell that should define it may have failed
        said = next((sentence(out.error) for _, out in own if out.error), said)
    return row(task.name, task.points, said[:MESSAGE])


def behind(test: str, line: int | None) -> bool:
    """Whether a line of a test is one of its hidden ones."""
    above = "\n".join(test.split("\n")[: line or 0])
    return above.count("BEGIN HIDDEN TESTS") > above.count("END HIDDEN TESTS")


def same(one: str, other: str) -> bool:
    return one.strip() == other.strip()
