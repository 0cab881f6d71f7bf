"""Check a student's notebook: from a file to a report."""

from pathlib import Path

from dlcore.grading import runner
from dlcore.grading.course import Course, find_course
from dlcore.grading.notebook import NotebookError, is_solution, name_of, points_of, read
from dlcore.grading.release import released
from dlcore.grading.report import Report, Result
from dlcore.grading.runner import Outcome
from dlcore.grading.steps import Task, edited, steps_of, tasks_of


def check(path, hidden=False, course=None, limits=runner.DEFAULT, run=runner.run) -> Report:
    """Run the course's tests on a student's notebook.

    `hidden` adds the hidden tests where the course has solutions/. `run` takes steps, limits and
    a folder and returns outcomes: a sandbox goes there.
    """
    student, here = read(path), Path(path).resolve().parent
    course = course or find_course(here)
    slug = assignment(student, path, course)
    master, solution = masters(course, slug)
    tasks = tasks_of(master, solution if hidden else None)
    notes = other_points(master)
    if hidden and solution is None:
        notes.append("There is no solution here, so the hidden tests did not run.")
    steps = steps_of(master, student, tasks, notes)
    pairs = list(zip(steps, run(steps, limits, here), strict=True))
    for step, outcome in pairs:
        if step.kind == "course" and outcome.error and outcome.error["kind"] != "late":
            raise NotebookError(f"the course's cell {step.name} failed: {sentence(outcome.error)}")
    judge = Judge(master, pairs)
    results = [judge.result(task) for task in tasks]
    return Report(slug, results, notes + judge.notes(results), bool(hidden and solution))


def assignment(student: dict, path, course: Course | None) -> str:
    """The slug of a notebook: as release wrote it, else from the name of the file."""
    if course is None:
        raise NotebookError(f"{path}: no exercises/ folder in any folder above it")
    known = sorted({*course.slugs("solutions"), *course.slugs("exercises")})
    written = student["metadata"].get("dlcore")
    slug = written.get("assignment") if isinstance(written, dict) else None
    if slug is None:
        slug = next((one for one in known if one in Path(path).stem), Path(path).stem)
    if slug not in known:
        known = ", ".join(known)
        raise NotebookError(f"{path}: no exercise {slug!r} here; name the file like one of {known}")
    return slug


def masters(course: Course, slug: str) -> tuple[dict, dict | None]:
    """The released notebook and, if it is here, its solution.

    With a solution the release is made afresh: a student may work in exercises/ itself.
    """
    if slug in course.slugs("solutions"):
        return released(course, slug), read(course.solution(slug))
    return read(course.exercise(slug)), None


def other_points(master: dict) -> list[str]:
    """Notes about points that no check of a released notebook can give."""
    notes, written = [], master["metadata"].get("dlcore") or {}
    if sum(map(points_of, master["cells"])) != written.get("points"):
        notes.append("The exercise notebook is not whole: please take a fresh copy of it.")
    by_hand = sum(points_of(cell) for cell in master["cells"] if is_solution(cell))
    if by_hand:
        notes.append(f"{by_hand:g} more points are given by hand.")
    return notes


class Judge:
    """From outcomes to results, one task at a time."""

    def __init__(self, master: dict, pairs: list):
        cells = [cell for cell in master["cells"] if name_of(cell)]
        self.stubs = {name_of(cell): cell["source"] for cell in cells if is_solution(cell)}
        self.edited = {name_of(cell) for cell in cells if edited(cell)}
        self.tests = {(step.name, step.hidden): out for step, out in pairs if step.kind == "test"}
        self.mine = {step.name: (step, out) for step, out in pairs if step.kind == "student"}

    def result(self, task: Task) -> Result:
        """Points where the test passes, and the hidden one where there is one."""
        visible, behind = self.tests[task.name, False], self.tests.get((task.name, True))
        outcome = behind if behind and not visible.error else visible
        result = Result(task.name, task.title, 0, task.points, "failed")
        if task.name in self.edited:
            result.message = "This check was edited: please take a fresh copy of the notebook."
        elif outcome.error is None:
            result.status, result.score = "passed", task.points
        elif self.untouched(task):
            result.status = "not started"
        else:
            self.explain(task, outcome, result)
            result.hidden = outcome is behind
        return result

    def untouched(self, task: Task) -> bool:
        """Whether all solution cells of the task are still the released stubs."""
        mine = [self.mine[name][0].source if name in self.mine else None for name in task.cells]
        return bool(mine) and all(
            source is not None and source.strip() == self.stubs[name].strip()
            for name, source in zip(task.cells, mine, strict=True)
        )

    def explain(self, task: Task, outcome: Outcome, result: Result) -> None:
        """Fill in the sentence, the student's line and what they printed."""
        error = outcome.error
        absent = [name for name in task.cells if name not in self.mine]
        if error["kind"] == "missing":  # the cell that should define it may have failed before
            failed = [self.mine[name][1] for name in task.cells if name not in absent]
            outcome = next((out for out in failed if out.error), outcome)
        if outcome.error["kind"] == "missing" and absent:
            result.message = f"The cell `{absent[0]}` is not in your notebook."
            return
        error = outcome.error
        result.message, result.printed = sentence(error), outcome.printed
        if error.get("type") == "NotImplementedError" and "cell" in error:
            if error["cell"] in task.cells:
                result.status, result.message = "not started", ""
                if not error["message"]:
                    result.message = "Remove the line `raise NotImplementedError()`."
            else:
                result.message = f"Your code uses `{error['cell']}`, which is not started yet."
        elif error.get("line"):
            result.code = f"{error['cell']}, line {error['line']}: {error['text']}"

    def notes(self, results: list[Result]) -> list[str]:
        """Errors in the student's cells that no result speaks of."""
        told = " ".join(result.message for result in results)
        found = []
        for name, (_, outcome) in self.mine.items():
            error = outcome.error
            if error is None or error.get("type") == "NotImplementedError":
                continue
            if sentence(error) not in told:
                found.append(f"Your cell `{name}` stopped: {sentence(error)}")
        return found


def sentence(error: dict) -> str:
    """The sentence that a student reads about an error."""
    kind, message = error["kind"], error["message"]
    if kind == "wrong":
        return message or "The check failed."
    if kind == "missing":
        return f"`{message}` is not defined: does the function still have this name?"
    if kind == "unusable":
        return f"The check could not use your function or its result ({error['type']}: {message})."
    if kind in ("error", "syntax"):
        return f"{error['type']}: {message}".rstrip(": ")
    return message[:1].upper() + message[1:]
