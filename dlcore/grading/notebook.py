"""Notebooks as plain JSON: read, write, the roles of cells, marked regions.

A notebook is the dict that its file holds, with every source as one string. The roles are
nbgrader's: a solution cell is the student's, a test cell is graded and the course's, a locked
cell is the course's and not graded.
"""

import hashlib
import json
from pathlib import Path


class NotebookError(ValueError):
    """The file cannot be used; the message says why, for its owner."""


def read(path) -> dict:
    """The notebook in a file, or a `NotebookError` of one line."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotebookError(f"{path}: cannot be opened ({error.strerror})") from None
    except UnicodeDecodeError:
        raise NotebookError(f"{path}: not a notebook (the file is not UTF-8 text)") from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise NotebookError(f"{path}: not a notebook (the file is not valid JSON)") from None
    try:
        return tidy(content)
    except NotebookError as error:
        raise NotebookError(f"{path}: {error}") from None


def tidy(content) -> dict:
    """The notebook with one string for every source, after a check of its shape."""
    if not isinstance(content, dict) or "nbformat" not in content:
        raise NotebookError("not a notebook (no `nbformat` in it)")
    if content["nbformat"] != 4:
        raise NotebookError(
            f"notebook format {content['nbformat']!r}, this course uses 4: "
            "open it in JupyterLab and save it again"
        )
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise NotebookError("not a notebook (no list of cells in it)")
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    cells = [tidy_cell(cell, number) for number, cell in enumerate(cells, 1)]
    return {**content, "metadata": metadata, "cells": cells}


def tidy_cell(cell, number: int) -> dict:
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        raise NotebookError(f"not a notebook (cell {number} has no cell_type)")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise NotebookError(f"not a notebook (cell {number} has no text as its source)")
    source = source.replace("\r\n", "\n")  # of an editor on Windows
    metadata = cell.get("metadata")
    return {**cell, "source": source, "metadata": metadata if isinstance(metadata, dict) else {}}


def dumps(notebook: dict) -> str:
    """The text of a notebook's file: the same bytes for the same notebook, as Jupyter writes it."""
    cells = [{**cell, "source": cell["source"].splitlines(True)} for cell in notebook["cells"]]
    content = {**notebook, "cells": cells}
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def marks(cell: dict) -> dict:
    """nbgrader's metadata of a cell, {} for a cell without."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def name_of(cell: dict) -> str | None:
    """The grade_id, None for a cell without a role."""
    found = marks(cell)
    name = found.get("grade_id")
    has_role = any(found.get(key) for key in ("solution", "grade", "locked"))
    return name if has_role and isinstance(name, str) else None


def points_of(cell: dict) -> float:
    """The points of a graded cell, 0 for any other."""
    found = marks(cell)
    value = found.get("points") if found.get("grade") else 0
    return value if isinstance(value, int | float) else 0


def is_solution(cell: dict) -> bool:
    return bool(marks(cell).get("solution"))


def is_test(cell: dict) -> bool:
    return bool(marks(cell).get("grade")) and not is_solution(cell)


def is_locked(cell: dict) -> bool:
    """Whether the cell is the course's: a test or a read-only cell."""
    return not is_solution(cell) and bool(marks(cell).get("grade") or marks(cell).get("locked"))


def checksum(cell: dict) -> str:
    """nbgrader's checksum: it tells whether somebody edited the cell after its release."""
    found = marks(cell)
    graded = bool(found.get("grade"))
    parts = [cell["source"], cell["cell_type"], str(graded)]
    parts += [str(is_solution(cell)), str(is_locked(cell)), found["grade_id"]]
    if graded:
        parts.append(str(float(points_of(cell))))
    data = "".join(parts).encode("utf-8", "replace")
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def cut(source: str, region: str, stub: str | None = None) -> tuple[str, int]:
    """The source without its `### BEGIN region` … `### END region` parts, and how many there were.

    `stub` takes the place of each part, with the indent of its BEGIN line.
    """
    kept, inside, count = [], False, 0
    for line in source.split("\n"):
        if f"BEGIN {region}" in line:
            if inside:
                raise NotebookError(f"BEGIN {region} inside another: END {region} is missing")
            inside, count = True, count + 1
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + part for part in stub.split("\n")] if stub else []
        elif f"END {region}" in line:
            if not inside:
                raise NotebookError(f"END {region} without BEGIN {region} before it")
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise NotebookError(f"BEGIN {region} without END {region} after it")
    return "\n".join(kept), count
