"""Every exercise set against its answers: solutions/*/answers.py through the student's check."""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from dlcore.grading import runner
from dlcore.grading.check import check
from dlcore.grading.course import Course
from dlcore.grading.notebook import dumps, name_of, read
from dlcore.grading.report import Report, Result
from dlcore.grading.steps import tasks_of

COURSE = Course(Path(__file__).resolve().parents[1])
SLUGS = COURSE.slugs("solutions")
KINDS = ("right", "wrong", "hidden")
STUB = "raise NotImplementedError()"


@dataclass(frozen=True)
class Answer:
    slug: str
    cell: str
    kind: str
    what: str
    code: str
    words: str = ""


def answers_of(slug: str) -> list[Answer]:
    """The answers of a file, each headed `# %% CELL | KIND | WHAT`, a wrong one `… | WORDS`."""
    path = COURSE.solution(slug).with_name("answers.py")
    _, *parts = re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    answers = []
    for part in parts:
        head, code = part.split("\n", 1)
        cell, kind, what, *words = (word.strip() for word in head.split("|"))
        answers.append(Answer(slug, cell, kind, what, code.strip(), *words))
    return answers


def empty_answers(slug: str) -> list[Answer]:
    """The released cells with functions that return nothing, and kernels that do nothing."""
    known = {cell for task in tasks_of(read(COURSE.exercise(slug))) for cell in task.cells}
    return [
        Answer(slug, name, "empty", "empty", cell["source"].replace(STUB, "pass"), words)
        for cell in read(COURSE.exercise(slug))["cells"]
        if (name := name_of(cell)) in known
        for words in ["never written" if "@triton.jit" in cell["source"] else "returned None"]
    ]


CASES = [case for slug in SLUGS for case in answers_of(slug) + empty_answers(slug)]


def task_of(case: Answer):
    return next(t for t in tasks_of(read(COURSE.exercise(case.slug))) if case.cell in t.cells)


def up_to(task: str):
    """A runner that runs every cell up to a task's last test, and no other task's test."""

    def run(steps, limits, folder):
        own = [step for step in steps if step.kind == "test" and step.name == task]
        before = steps[: steps.index(own[-1]) + 1]
        kept = [step for step in before if step.kind != "test" or step in own]
        outcomes = dict(zip(kept, runner.run(kept, limits, folder), strict=True))
        return [outcomes.get(step, runner.Outcome()) for step in steps]

    return run


@cache
def report_of(case: Answer) -> Report:
    """The check of the solution's notebook with one cell replaced, hidden tests included."""
    notebook = read(COURSE.solution(case.slug))
    for cell in notebook["cells"]:
        if name_of(cell) == case.cell:
            cell["source"] = case.code
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{case.slug}.ipynb"
        path.write_text(dumps(notebook), encoding="utf-8")
        run = up_to(task_of(case).name)
        return check(path, hidden=True, course=COURSE, run=run)


def result_of(case: Answer) -> Result:
    name = task_of(case).name
    return next(result for result in report_of(case).results if result.name == name)


def each(*kinds: str):
    """Parametrise a test over the answers of some kinds."""
    chosen = [case for case in CASES if case.kind in kinds]
    ids = [f"{case.slug}: {case.cell}: {case.what}" for case in chosen]
    return pytest.mark.parametrize("case", chosen, ids=ids)


@each("right")
def test_a_right_answer_gets_full_points_whatever_its_style(case):
    result = result_of(case)
    assert result.status == "passed", result.message
    assert result.score == result.points


@each("wrong", "empty")
def test_a_wrong_answer_gets_nothing_by_the_visible_checks_alone(case):
    result = result_of(case)
    assert (result.status, result.score, result.hidden) == ("failed", 0, False)


@each("wrong", "empty")
def test_a_wrong_answer_is_told_its_mistake_in_a_sentence(case):
    result = result_of(case)
    assert re.fullmatch(r"\w.{15,400}[.?]", result.message, re.DOTALL), result.message
    assert case.words in result.message
    assert not result.code, "the check should notice before the student's code breaks"


@each("hidden")
def test_an_answer_that_fits_the_visible_checks_only_fails_a_hidden_one(case):
    result = result_of(case)
    assert (result.status, result.score, result.hidden) == ("failed", 0, True)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_released_notebook_scores_nothing_and_says_not_started(slug):
    report = check(COURSE.exercise(slug), course=COURSE)
    assert report.score == 0
    assert {result.status for result in report.results} == {"not started"}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_solution_gets_full_marks_with_hidden_tests(slug):
    report = check(COURSE.solution(slug), hidden=True, course=COURSE)
    assert report.passed, [result.message for result in report.results]
    assert report.score == report.points > 0
    assert report.notes == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_task_has_three_wrong_two_right_and_one_hidden_answer(slug):
    for task in tasks_of(read(COURSE.exercise(slug))):
        kinds = Counter(a.kind for a in answers_of(slug) if a.cell in task.cells)
        assert kinds["wrong"] >= 3 and kinds["right"] >= 2 and kinds["hidden"] >= 1, (
            task.name,
            kinds,
        )


@pytest.mark.parametrize("slug", SLUGS)
def test_every_task_has_hidden_tests(slug):
    tasks = tasks_of(read(COURSE.exercise(slug)), read(COURSE.solution(slug)))
    assert [task.name for task in tasks if task.hidden is None] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_is_for_a_cell_of_the_set_and_of_a_known_kind(slug):
    known = {cell for task in tasks_of(read(COURSE.exercise(slug))) for cell in task.cells}
    for answer in answers_of(slug):
        assert answer.cell in known and answer.kind in KINDS, answer
        assert bool(answer.words) == (answer.kind == "wrong"), answer


@pytest.mark.parametrize("slug", SLUGS)
def test_the_headings_state_the_points_of_the_tasks(slug):
    text = "\n".join(cell["source"] for cell in read(COURSE.exercise(slug))["cells"])
    for task in tasks_of(read(COURSE.exercise(slug))):
        unit = "point" if task.points == 1 else "points"
        assert f"## {task.title} ({task.points:g} {unit})" in text
