"""For nbgrader: a submission graded here, as the notebook that nbgrader reads its points from.

nbgrader_config.py puts this in the place of nbgrader's own execution. nbgrader takes the points of
a test cell from its output: an error is none, a number is so many, nothing at all is all of them.
"""

from functools import cache
from pathlib import Path

from dlcore.grading.assignment import Assignment, assignment_of
from dlcore.grading.doctor import require
from dlcore.grading.grade import preloads
from dlcore.grading.intake import Rejected, cells_of, read_bytes
from dlcore.grading.mark import empty, mark_file
from dlcore.grading.notebook import checksum, is_solution, is_test, marks, name_of, read
from dlcore.grading.release import KERNEL, released_cell


@cache
def opened(path: Path) -> tuple[dict, Assignment, list[str]]:
    """Once for each master: what every submission needs, and a sandbox that holds."""
    require(path.parent)
    master = read(path)
    return master, assignment_of(path.stem, master), preloads(master)


def autograded(master_path, submitted) -> dict:
    """The notebook of a submission with the master's tests, and our points as their outputs."""
    master, found, preload = opened(Path(master_path).resolve())
    folder = Path(submitted).resolve().parent
    if Path(submitted).is_symlink():
        result, mine = empty(found, folder.name, reason="it is a symbolic link"), []
    else:
        result, mine = mark_file(found, folder, preload), submitted_cells(folder, found.slug)
    cells = rebuilt(master, mine)
    rows = {row["id"]: row for row in result["tasks"]}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
        if is_test(cell) and cell["cell_type"] == "code":
            cell["outputs"] = outputs(rows[name_of(cell)], result["reason"])
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def submitted_cells(folder: Path, slug: str) -> list[dict]:
    try:
        return cells_of(read_bytes(str(folder), f"{slug}.ipynb"))
    except Rejected:
        return []


def rebuilt(master: dict, mine: list[dict]) -> list[dict]:
    """The master's cells as released, but with its hidden tests and the student's answers.

    What else the student wrote stands after the cell of the course that it followed.
    """
    given = [released_cell(cell, 0) for cell in master["cells"]]
    answers, extra, after = {}, {}, None
    places = {name_of(cell): cell for cell in given if name_of(cell)}
    known = {cell["source"] for cell in given}
    for cell in mine:
        course = places.get(name_of(cell))
        after = name_of(cell) if course else after
        same_kind = course and cell["cell_type"] == course["cell_type"]
        if course is None and cell["cell_type"] != "raw" and cell["source"] not in known:
            extra.setdefault(after, []).append(plain_cell(cell))
        elif same_kind and is_solution(course) and cell["source"] != course["source"]:
            answers[name_of(cell)] = cell["source"]
    cells = extra.pop(None, [])
    for cell, full in zip(given, master["cells"], strict=True):
        name = name_of(cell)
        cell["source"] = full["source"] if is_test(cell) else answers.get(name, cell["source"])
        if is_test(cell):
            marks(cell)["checksum"] = checksum(cell)
        cells += [cell, *extra.get(name, [])] if name else [cell]
    return cells


def plain_cell(cell: dict) -> dict:
    made = {"cell_type": cell["cell_type"], "metadata": {}, "source": cell["source"]}
    return made | ({"execution_count": None, "outputs": []} if made["cell_type"] == "code" else {})


def outputs(row: dict, reason: str) -> list[dict]:
    """What nbgrader's rules turn into the points of a test."""
    if row["points"] == row["max_points"]:
        return []
    if row["points"]:
        value = {"data": {"text/plain": f"{row['points']:g}"}, "metadata": {}}
        return [{"output_type": "execute_result", "execution_count": None, **value}]
    said = row["message"] or reason or "no points"
    return [{"output_type": "error", "ename": "Check", "evalue": said, "traceback": [said]}]
