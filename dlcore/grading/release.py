"""Release: the student notebook made from its solution.

The sources are what nbgrader 0.9.6 makes of them (tests/test_release.py compares). Two rules are
stricter: a solution cell without a region is an error, as is END without BEGIN. Checksums are
written as nbgrader does: its Validate button, and our check, tell by them an edited test.
"""

import math
import re

from dlcore.grading.course import Course
from dlcore.grading.notebook import (
    NotebookError,
    checksum,
    cut,
    dumps,
    is_locked,
    is_solution,
    marks,
    points_of,
    read,
)

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
ROLES = ("grade", "locked", "solution")


def released(course: Course, slug: str) -> dict:
    """The student notebook for a slug."""
    path = course.solution(slug)
    notebook = read(path)
    cells, seen = [], set()
    for number, cell in enumerate(notebook["cells"], 1):
        try:
            inspect(cell, seen)
            cells.append(released_cell(cell, number))
        except NotebookError as error:
            where = marks(cell).get("grade_id") or "no grade_id"
            raise NotebookError(f"{path}: cell {number} ({where}): {error}") from None
    double = {cell["id"] for cell in cells if sum(c["id"] == cell["id"] for c in cells) > 1}
    if double:
        raise NotebookError(f"{path}: two cells have the id {min(double)!r}, ids must differ")
    points = sum(map(points_of, cells))
    metadata = {
        "dlcore": {"assignment": slug, "points": points},
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def release(course: Course, slug: str) -> None:
    """Write the student notebook for a slug."""
    text = dumps(released(course, slug))
    path = course.exercise(slug)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())  # bytes: no \r\n on Windows


def inspect(cell: dict, seen: set) -> None:
    """Refuse a cell that breaks a rule of the format; `seen` collects the grade_ids."""
    found = marks(cell)
    if not any(found.get(role) for role in ROLES):
        return
    name, points = found.get("grade_id"), found.get("points")
    if found.get("schema_version") != 3:
        raise NotebookError(f"schema_version must be 3, got {found.get('schema_version')!r}")
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]+", name):
        raise NotebookError(
            f"grade_id must be letters, digits, - and _ (missing or wrong), got {name!r}"
        )
    if name in seen:
        raise NotebookError(f"grade_id {name!r} is used twice, each must differ")
    seen.add(name)
    if found.get("grade") and not is_points(points):
        raise NotebookError(f"points must be a number >= 0, got {points!r}")
    if cell["cell_type"] == "markdown" and found.get("grade") != found.get("solution"):
        raise NotebookError("a text cell to be graded needs both grade and solution")


def is_points(value) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0


def released_cell(cell: dict, number: int) -> dict:
    """The cell as a student gets it: stub, no hidden tests, no outputs, locked."""
    source = released_source(cell)
    metadata = {key: cell["metadata"][key] for key in ("tags",) if key in cell["metadata"]}
    new = {"cell_type": cell["cell_type"], "id": cell.get("id") or f"cell-{number}"}
    new |= {"metadata": metadata, "source": source}
    if cell["cell_type"] == "code":
        new |= {"execution_count": None, "outputs": []}
    if "attachments" in cell:
        new["attachments"] = cell["attachments"]
    found = marks(cell)
    if any(found.get(role) for role in ROLES):
        metadata["nbgrader"] = {role: bool(found.get(role)) for role in ROLES}
        keep = ("grade_id", "points", "schema_version") if found.get("grade") else None
        keep = keep or ("grade_id", "schema_version")
        metadata["nbgrader"] |= {key: found[key] for key in keep}
        metadata["nbgrader"] |= {"cell_type": cell["cell_type"], "task": False}
        metadata["nbgrader"]["checksum"] = checksum(new)
        metadata["deletable"] = False
        if is_locked(cell):
            metadata["editable"] = False
    return new


def released_source(cell: dict) -> str:
    stub = CODE_STUB if cell["cell_type"] == "code" else TEXT_STUB
    source, solutions = cut(cell["source"], "SOLUTION", stub)
    source, hidden = cut(source, "HIDDEN TESTS")
    source, schemes = cut(source, "MARK SCHEME")
    if solutions and not is_solution(cell):
        raise NotebookError("BEGIN SOLUTION outside a solution cell")
    if is_solution(cell) and not solutions:
        raise NotebookError("a solution cell needs a BEGIN SOLUTION … END SOLUTION region")
    if (hidden or schemes) and not marks(cell).get("grade"):
        raise NotebookError("BEGIN HIDDEN TESTS outside a test cell")
    return source


def difference(course: Course, slug: str) -> str | None:
    """Why exercises/SLUG is not what its solution gives, None where it is."""
    path = course.exercise(slug)
    if slug not in course.slugs("solutions"):
        return f"{path}: has no {course.solution(slug)}"
    fresh = released(course, slug)
    if not path.is_file():
        return f"{path}: missing"
    if path.read_bytes() == dumps(fresh).encode():
        return None
    fresh, old = fresh["cells"], read(path)["cells"]
    for number in range(max(len(fresh), len(old))):
        new, there = fresh[number : number + 1], old[number : number + 1]
        if new != there:
            cell = (new or there)[0]
            name = marks(cell).get("grade_id") or cell.get("id")
            return f"{path}: differs from its solution, first in cell {number + 1} ({name})"
    return f"{path}: differs from its solution in the notebook's metadata or in its layout"
