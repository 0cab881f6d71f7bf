"""An assignment as a grader needs it: its tasks, and the steps for one submission.

The master decides what runs and what counts. A submission gives code alone: its solution cells by
their grade_id and its other code cells, in its own order, so that what ran from top to bottom for
the student runs so here. All changed copies of a cell run (an editor that splits a cell copies its
grade_id to both parts); of the cells that are still the released stub none counts beside a copy.
A test runs where it stands in the submission, but after all parts of its task.
"""

from dataclasses import dataclass, field

from dlcore.grading import names
from dlcore.grading.notebook import (
    NotebookError,
    cut,
    is_locked,
    is_solution,
    is_test,
    marks,
    name_of,
    points_of,
)
from dlcore.grading.release import CODE_STUB, is_points
from dlcore.grading.runner import Step
from dlcore.grading.steps import Task, plain, tasks_of


@dataclass
class Assignment:
    slug: str
    tasks: list[Task]
    by_hand: dict[str, float]  # points that people give, by grade_id
    steps: dict[str, Step]  # the course's cells and tests
    places: dict[str, int]  # the order of all named cells
    stubs: dict[str, str]
    granted: dict[str, set] = field(default_factory=dict)  # what a student's object may do
    prelude: str = ""

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks) + sum(self.by_hand.values())


def assignment_of(slug: str, master: dict) -> Assignment:
    """The assignment of a master notebook, with its hidden tests."""
    master = {**master, "cells": [course_source(cell) for cell in master["cells"]]}
    cells = [cell for cell in master["cells"] if name_of(cell)]
    inspect(slug, cells)
    stubs = {name_of(cell): stub_of(cell) for cell in cells if is_solution(cell)}
    hand = [cell for cell in cells if points_of(cell) and not is_code_test(cell)]
    hand += [cell for cell in master["cells"] if marks(cell).get("task")]
    found = Assignment(
        slug,
        [
            task
            for task in tasks_of(master)
            if task.name not in {marks(c)["grade_id"] for c in hand}
        ],
        {marks(cell)["grade_id"]: float(marks(cell).get("points") or 0) for cell in hand},
        {},
        {name_of(cell): place for place, cell in enumerate(cells)},
        stubs,
    )
    ledger, imports = names.Ledger(), []
    for cell in (one for one in master["cells"] if one["cell_type"] == "code"):
        follow(found, ledger, imports, cell)
    found.prelude = "\n".join(filter(None, imports))
    return found


def follow(found: Assignment, ledger, imports: list, cell: dict) -> None:
    """Take a code cell of the master in, from top to bottom."""
    source, name = cell["source"], name_of(cell)
    if name and is_locked(cell):
        source, _ = cut(source, "HIDDEN TESTS") if not is_test(cell) else (source, 0)
        kind = "test" if is_test(cell) else "course"
        found.steps[name] = Step(kind, name, source, wants=ledger.course(source))
    else:
        ledger.student(source)
        imports.append(names.imports(source))
        found.granted |= names.operators(source)
        found.granted[""] = found.granted.get("", set()) | names.members(source)


def course_source(cell: dict) -> dict:
    if cell["cell_type"] != "code":
        return cell
    return {**cell, "source": plain(cell["source"], "the master", [])}


def is_code_test(cell: dict) -> bool:
    return is_test(cell) and cell["cell_type"] == "code"


def stub_of(cell: dict) -> str:
    """What was released: nbgrader clears a cell without a region whole."""
    source, count = cut(cell["source"], "SOLUTION", CODE_STUB)
    return source if count else CODE_STUB


def inspect(slug: str, cells: list[dict]) -> None:
    seen = set()
    for cell in cells:
        name = name_of(cell)
        if name in seen:
            raise NotebookError(f"the master of {slug}: grade_id {name!r} is used twice")
        seen.add(name)
        if marks(cell).get("grade") and not is_points(marks(cell).get("points")):
            raise NotebookError(f"the master of {slug}: {name} has no points that are a number")
    if not any(map(is_code_test, cells)):
        raise NotebookError(f"the master of {slug} has no test cell with points")


def steps_for(found: Assignment, cells: list[dict]) -> list[Step]:
    """The steps for the code cells of a submission."""
    mine = student_cells(found, cells)
    tests = places_of_tests(found, cells, mine)
    steps = Sequence(found)
    for place, step in enumerate([*mine, None]):
        if step and step.name in found.places and step.kind == "course":
            steps.before(found.places[step.name] + 1)
        elif step:
            steps.before(found.places.get(step.name, 0))
            steps.done.append(step)
        for name in tests.get(place, ()):
            steps.before(found.places[name])
            steps.done.append(found.steps[name])
    steps.before(len(found.places))
    return steps.done


class Sequence:
    """Steps so far; the course's cells come in before what follows them in the master."""

    def __init__(self, found: Assignment):
        self.places = found.places
        self.done = [Step("import", "imports", found.prelude)] if found.prelude else []
        self.course = [step for step in found.steps.values() if step.kind == "course"]

    def before(self, place: int) -> None:
        while self.course and self.places[self.course[0].name] < place:
            self.done.append(self.course.pop(0))


def student_cells(found: Assignment, cells: list[dict]) -> list[Step | None]:
    """For each cell of a submission the student's step, or the course's, or None."""
    changed = {
        name_of(cell)
        for cell in cells
        if cell["cell_type"] == "code"
        and cell["source"].strip() != found.stubs.get(name_of(cell), "").strip()
    }
    steps = []
    for number, cell in enumerate(cells, 1):
        name, source, step = name_of(cell), cell["source"], None
        course = found.steps.get(name)
        if cell["cell_type"] != "code" or (course and course.kind == "test"):
            step = None
        elif name in found.stubs:
            if name not in changed or source.strip() != found.stubs[name].strip():
                step = Step("student", name, source)
        elif course and source.strip() == course.source.strip():
            step = course
        else:
            step = Step("student", f"cell {number}", source)
        steps.append(step)
    return steps


def places_of_tests(found: Assignment, cells: list[dict], mine: list) -> dict[int, list[str]]:
    """After which cell of the submission each test runs."""
    stands = {}
    for place, cell in enumerate(cells):
        stands.setdefault(name_of(cell), []).append(place)
    tests = {}
    for task in found.tasks:
        parts = [place for name in task.cells for place in stands.get(name, ())]
        last = max(parts, default=None)
        here = stands.get(task.name, [])
        if last is None and not here:
            place = len(mine)
        elif len(here) == 1:
            place = max(here[0], -1 if last is None else last)
        else:  # deleted or copied: before the next cell of the course
            last = max(here) if last is None else last
            named = [p for name in found.places for p in stands.get(name, ()) if p > last]
            place = min(named, default=len(mine)) - 1
        tests.setdefault(min(place, len(mine)), []).append(task.name)
    return tests
