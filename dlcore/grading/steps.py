"""From two notebooks, the course's and the student's, to one list of steps.

Of the student's notebook only code counts: the solution cells by their grade_id, and the extra
code cells where they stand. Everything else is the course's.
"""

import re
from dataclasses import dataclass

from dlcore.grading.magics import plain
from dlcore.grading.notebook import (
    checksum,
    is_locked,
    is_solution,
    is_test,
    marks,
    name_of,
    points_of,
)
from dlcore.grading.runner import Step


@dataclass(frozen=True)
class Task:
    """A test cell with the solution cells that it judges."""

    name: str
    title: str
    points: float
    cells: tuple[str, ...]
    visible: str
    hidden: str | None = None


def tasks_of(released: dict, solution: dict | None = None) -> list[Task]:
    """The tasks of a released notebook, with the hidden tests where its solution is given."""
    full = {name_of(cell): cell["source"] for cell in solution["cells"]} if solution else {}
    tasks, title, cells, fresh = [], "", (), True
    for cell in released["cells"]:
        heading = re.search(r"^#+ +(.+?)\s*$", cell["source"], re.MULTILINE)
        if cell["cell_type"] == "markdown" and heading:
            title = re.sub(r"\s*\([\d.]+ points?\)$", "", heading[1])
        name = name_of(cell)
        if name and is_solution(cell):
            cells = (name,) if fresh else (*cells, name)
            fresh = False
        if name and is_test(cell):
            hidden = full.get(name) if full.get(name) != cell["source"] else None
            points = points_of(cell)
            tasks.append(Task(name, title, points, cells, cell["source"], hidden))
            fresh = True
    return tasks


def edited(cell: dict) -> bool:
    """Whether a cell of the course is no longer what was released."""
    stamp = marks(cell).get("checksum")
    return is_locked(cell) and stamp is not None and stamp != checksum(cell)


def steps_of(released: dict, student: dict, tasks: list[Task], notes: list[str]) -> list[Step]:
    """The course's order, with the student's code in it; `notes` collects what was left out."""
    mine, extra = student_code(released, student, notes)
    tests = {task.name: task for task in tasks}
    steps = [Step("student", *cell) for cell in extra.get(None, ())]
    for cell in released["cells"]:
        name = name_of(cell)
        if cell["cell_type"] != "code" or name is None:
            continue
        if name in tests:
            steps.append(Step("test", name, tests[name].visible))
            if tests[name].hidden is not None:
                steps.append(Step("test", name, tests[name].hidden, hidden=True))
        elif is_locked(cell):
            steps.append(Step("course", name, cell["source"]))
        elif name in mine:
            steps.append(Step("student", name, plain(mine[name], name, notes)))
        steps += [Step("student", *extra_cell) for extra_cell in extra.get(name, ())]
    return steps


def student_code(released: dict, student: dict, notes: list[str]):
    """The student's solutions by grade_id, and the extra code by the grade_id before it."""
    course = {name_of(cell): cell for cell in released["cells"] if name_of(cell)}
    mine, extra, after = {}, {}, None
    for number, cell in enumerate(student["cells"], 1):
        name = name_of(cell) if name_of(cell) in course else None
        after = name or after
        if cell["cell_type"] != "code":
            continue
        master = course.get(name)
        if master and is_solution(master):
            stub = master["source"]
            if name in mine and cell["source"].strip() != mine[name].strip() != stub.strip():
                notes.append(f"There are several cells `{name}`; the last one you changed counts.")
            if name not in mine or cell["source"].strip() != stub.strip():
                mine[name] = cell["source"]
        elif master is None or (not is_test(master) and cell["source"] != master["source"]):
            label = f"cell {number}"
            code = plain(cell["source"], label, notes)
            extra.setdefault(after, []).append((label, code))
    return mine, extra
