"""The student notebooks that `release` makes from the solutions."""

import copy
import json
from pathlib import Path

import pytest

from dlcore.grading.__main__ import main
from dlcore.grading.course import Course
from dlcore.grading.notebook import NotebookError, dumps, read
from dlcore.grading.release import difference, release, released

REPOSITORY = Course(Path(__file__).resolve().parents[1])
SLUG = "01-adding"


def code(source, name=None, **roles):
    marks = {"grade": False, "locked": False, "solution": False, "task": False}
    marks |= {"schema_version": 3, "grade_id": name} | roles
    return {
        "cell_type": "code",
        "id": name or "plain",
        "metadata": {"nbgrader": marks} if name else {},
        "execution_count": 3,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["left over\n"]}],
        "source": source,
    }


def small_notebook():
    """Every kind of cell once, with the work of an author's session still in it."""
    double = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n"
    tests = (
        "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(0) == 0\n### END HIDDEN TESTS"
    )
    written = "Why?\n\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
    essay = code(written, "essay", solution=True, grade=True, points=2) | {"cell_type": "markdown"}
    del essay["outputs"], essay["execution_count"]
    cells = [
        {
            "cell_type": "markdown",
            "id": "title",
            "metadata": {"collapsed": True},
            "source": "# Add",
        },
        code("import math", "imports", locked=True),
        code(double, "double", solution=True),
        code(tests, "double-test", grade=True, locked=True, points=3),
        code("double(4)"),
        essay,
    ]
    return {"cells": cells, "metadata": {"author": "me"}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def course(tmp_path):
    """A course with one solution; `course.save(notebook)` puts another in its place."""
    return save(Course(tmp_path), small_notebook())


def save(course, notebook):
    path = course.solution(SLUG)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(notebook), encoding="utf-8")
    return course


def by_id(notebook):
    return {cell["id"]: cell for cell in notebook["cells"]}


def test_a_solution_region_becomes_a_stub_with_its_indent(course):
    source = by_id(released(course, SLUG))["double"]["source"]
    assert source == "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"


def test_hidden_tests_outputs_and_the_authors_metadata_are_gone(course):
    notebook = released(course, SLUG)
    cell = by_id(notebook)["double-test"]
    assert cell["source"] == "assert double(2) == 4"
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    text = dumps(notebook)
    for secret in ("double(0)", "return 2", "Because", "left over", "author", "collapsed"):
        assert secret not in text


def test_students_can_edit_their_cells_and_delete_none_of_the_courses(course):
    cells = by_id(released(course, SLUG))
    locks = {
        name: (cell["metadata"].get("editable", True), cell["metadata"].get("deletable", True))
        for name, cell in cells.items()
    }
    assert locks["imports"] == locks["double-test"] == (False, False)
    assert locks["double"] == locks["essay"] == (True, False)
    assert locks["title"] == locks["plain"] == (True, True)


def test_the_notebook_says_which_exercise_it_is_and_its_points(course):
    assert released(course, SLUG)["metadata"]["dlcore"] == {"assignment": SLUG, "points": 5}


def test_a_release_is_the_same_bytes_from_any_session_of_the_author(course):
    release(course, SLUG)
    first = course.exercise(SLUG).read_bytes()
    notebook = small_notebook()
    for cell in notebook["cells"]:
        cell["metadata"] = {"collapsed": False} | dict(reversed(cell["metadata"].items()))
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 9, "outputs": []}
    release(save(course, notebook), SLUG)
    assert course.exercise(SLUG).read_bytes() == first
    assert first.endswith(b"}\n") and b"\r" not in first


def nbgraders(notebook):
    """What nbgrader's own preprocessors make of a notebook, in the order of its generator."""
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    import nbformat

    node, resources = nbformat.from_dict(copy.deepcopy(notebook)), {}
    for name in (
        "LockCells",
        "ClearSolutions",
        "ClearOutput",
        "CheckCellMetadata",
        "ClearHiddenTests",
        "ClearMarkScheme",
        "ComputeChecksums",
        "CheckCellMetadata",
    ):
        node, resources = getattr(preprocessors, name)().preprocess(node, resources)
    nbformat.validate(node)
    return node


def all_solutions():
    return [
        small_notebook(),
        *(read(REPOSITORY.solution(s)) for s in REPOSITORY.slugs("solutions")),
    ]


@pytest.mark.parametrize("notebook", all_solutions(), ids=lambda nb: nb["cells"][0]["source"][:30])
def test_cells_are_what_nbgrader_makes_of_them(notebook, tmp_path):
    mine = released(save(Course(tmp_path), notebook), SLUG)
    theirs = nbgraders(notebook)
    assert len(mine["cells"]) == len(theirs.cells)
    for cell, other in zip(mine["cells"], theirs.cells, strict=True):
        assert cell["source"] == other.source
        for key in ("deletable", "editable"):
            assert cell["metadata"].get(key) == other.metadata.get(key)
        marks, others = (c["metadata"].get("nbgrader", {}) for c in (cell, other))
        assert {k: others.get(k) for k in marks} == marks  # the checksum among them


def test_nbformat_and_nbgrader_accept_every_released_notebook():
    nbformat = pytest.importorskip("nbformat")
    validator = pytest.importorskip("nbgrader.nbgraderformat").MetadataValidator()
    for slug in REPOSITORY.slugs("exercises"):
        node = nbformat.read(REPOSITORY.exercise(slug), as_version=4)
        nbformat.validate(node)
        validator.validate_nb(node)


def test_every_exercise_in_the_repository_is_what_its_solution_gives():
    slugs = {*REPOSITORY.slugs("solutions"), *REPOSITORY.slugs("exercises")}
    assert [found for slug in sorted(slugs) if (found := difference(REPOSITORY, slug))] == []


# What an author may get wrong: how the small notebook is broken, and the words of the error.
def edit(name, old, new):
    def change(notebook):
        cell = by_id(notebook)[name]
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new)

    return change


def mark(name, **values):
    def change(notebook):
        by_id(notebook)[name]["metadata"]["nbgrader"].update(values)

    return change


def drop(name, key):
    def change(notebook):
        del by_id(notebook)[name]["metadata"]["nbgrader"][key]

    return change


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS"
BROKEN = {
    "no end": (edit("double", END, ""), "cell 3 (double): BEGIN SOLUTION without END"),
    "no begin": (edit("double", BEGIN, ""), "cell 3 (double): END SOLUTION without BEGIN"),
    "nested": (
        edit("double", BEGIN, f"{BEGIN}\n{BEGIN}"),
        "cell 3 (double): BEGIN SOLUTION inside",
    ),
    "no region": (
        edit(
            "double", "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n", "    pass"
        ),
        "cell 3 (double): a solution cell needs",
    ),
    "outside": (
        edit("plain", "double(4)", f"{BEGIN}\n{END}"),
        "cell 5 (no grade_id): BEGIN SOLUTION outside a solution cell",
    ),
    "hidden, no end": (
        edit("double-test", "### END HIDDEN TESTS", ""),
        "cell 4 (double-test): BEGIN HIDDEN TESTS without END",
    ),
    "hidden, nested": (
        edit("double-test", HIDDEN, f"{HIDDEN}\n{HIDDEN}"),
        "cell 4 (double-test): BEGIN HIDDEN TESTS inside",
    ),
    "hidden, outside": (
        edit("imports", "import math", f"{HIDDEN}\n### END HIDDEN TESTS"),
        "cell 2 (imports): BEGIN HIDDEN TESTS outside a test cell",
    ),
    "crossed": (
        edit("double", END, f"{HIDDEN}\n{END}\n### END HIDDEN TESTS"),
        "cell 3 (double): END HIDDEN TESTS without BEGIN",
    ),
    "used twice": (mark("double-test", grade_id="double"), "grade_id 'double' is used twice"),
    "no grade_id": (drop("double", "grade_id"), "cell 3 (no grade_id): grade_id must be"),
    "empty grade_id": (mark("double", grade_id=""), "cell 3 (no grade_id): grade_id must be"),
    "old schema": (mark("double", schema_version=2), "cell 3 (double): schema_version must be 3"),
    "no points": (drop("double-test", "points"), "points must be a number >= 0, got None"),
    "text points": (mark("double-test", points="3"), "points must be a number >= 0, got '3'"),
    "minus": (mark("double-test", points=-1), "points must be a number >= 0, got -1"),
    "nan": (mark("double-test", points=float("nan")), "points must be a number >= 0, got nan"),
    "inf": (mark("double-test", points=float("inf")), "points must be a number >= 0, got inf"),
    "true": (mark("double-test", points=True), "points must be a number >= 0, got True"),
    "text test": (mark("essay", solution=False), "cell 6 (essay): a text cell to be graded"),
    "same id": (lambda nb: nb["cells"][4].update(id="double"), "two cells have the id 'double'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_of_the_author_names_the_file_the_cell_and_the_rule(name, tmp_path):
    change, words = BROKEN[name]
    notebook = small_notebook()
    change(notebook)
    course = save(Course(tmp_path), notebook)
    with pytest.raises(NotebookError) as caught:
        released(course, SLUG)
    assert str(caught.value).startswith(f"{course.solution(SLUG)}: ")
    assert words in str(caught.value)
    assert main(["release", SLUG, "--course", str(tmp_path)]) == 2
    assert not course.exercise(SLUG).exists()


def test_check_writes_nothing_and_names_the_file_and_the_first_differing_cell(course, capsys):
    arguments = ["release", "--check", "--course", str(course.root)]
    assert main(arguments) == 1 and "missing" in capsys.readouterr().out
    assert not course.exercise(SLUG).exists()
    assert main(["release", "--course", str(course.root)]) == 0
    assert main(arguments) == 0
    stale = read(course.exercise(SLUG))
    stale["cells"][3]["source"] += "\n# edited"
    course.exercise(SLUG).write_text(dumps(stale), encoding="utf-8")
    before = course.exercise(SLUG).read_bytes()
    capsys.readouterr()
    assert main(arguments) == 1
    said = capsys.readouterr().out
    assert str(course.exercise(SLUG)) in said and "cell 4 (double-test)" in said
    assert course.exercise(SLUG).read_bytes() == before


def test_check_sees_a_missing_cell_a_changed_layout_and_an_exercise_without_solution(course):
    release(course, SLUG)
    path = course.exercise(SLUG)
    whole = read(path)
    path.write_text(dumps({**whole, "cells": whole["cells"][:-1]}), encoding="utf-8")
    assert "cell 6 (essay)" in difference(course, SLUG)
    path.write_text(json.dumps(json.loads(dumps(whole))), encoding="utf-8")
    assert "layout" in difference(course, SLUG)
    course.solution(SLUG).unlink()
    assert "has no" in difference(course, SLUG)


def test_a_slug_without_solution_is_an_error_that_names_the_path(course, capsys):
    assert main(["release", "99-nothing", "--course", str(course.root)]) == 2
    assert "99-nothing.ipynb" in capsys.readouterr().err
