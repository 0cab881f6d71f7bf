"""`python -m dlcore.grading check`: what a student sees for every kind of notebook."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dlcore.grading.__main__ import main
from dlcore.grading.check import check
from dlcore.grading.course import Course
from dlcore.grading.notebook import dumps, read
from dlcore.grading.release import release
from dlcore.grading.runner import Limits, Outcome, Step, run

SLUG = "01-adding"
SHORT = Limits(step=1.5, total=20.0)
REPOSITORY = Path(__file__).resolve().parents[1]

DOUBLE = "def double(x):\n    return 2 * x"
TRIPLE = "def triple(x):\n    return 3 * x"
SQUARE = "def square(x):\n    return x * x"
DOUBLE_TEST = 'assert double(2) == 4, f"double(2) is {double(2)}, not 4."'


def text(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source, name=None, **roles):
    marks = {"grade": False, "locked": False, "solution": False, "task": False}
    marks |= {"schema_version": 3, "grade_id": name} | roles
    metadata = {"nbgrader": marks} if name else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def task(name, solution, test, hidden):
    head, body = solution.split("\n", 1)
    region = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
    tests = f"{test}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return [
        text(f"## Task: {name} (2 points)\n\nWrite it."),
        code(region, name, solution=True),
        code(tests, f"{name}-test", grade=True, locked=True, points=2),
    ]


def master():
    cells = [
        text("# Adding"),
        code("import math\n\nLIMIT = 10", "imports", locked=True),
        *task("double", DOUBLE, DOUBLE_TEST, "assert double(LIMIT) == 20, 'double(10) is 20.'"),
        *task(
            "triple", TRIPLE, "assert triple(2) == 6, 'triple(2) is 6.'", "assert triple(0) == 0"
        ),
        *task(
            "square", SQUARE, "assert square(3) == 9, 'square(3) is 9.'", "assert square(1) == 1"
        ),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def course(tmp_path):
    course = Course(tmp_path / "course")
    course.solution(SLUG).parent.mkdir(parents=True)
    course.solution(SLUG).write_text(dumps(master()), encoding="utf-8")
    release(course, SLUG)
    return course


@pytest.fixture
def student(course, tmp_path):
    """Write the released notebook with some cells filled in, and check it."""

    def work(*, extra=(), change=lambda notebook: None, limits=SHORT, **filled):
        notebook = read(course.exercise(SLUG))
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in filled:
                cell["source"] = filled[name]
        notebook["cells"][2:2] = [code(source) for source in extra]
        change(notebook)
        path = tmp_path / "mine.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        hidden = filled.get("hidden", False)
        return check(path, hidden=hidden, course=course, limits=limits)

    return work


ALL = {"double": DOUBLE, "triple": TRIPLE, "square": SQUARE}


def scores(report):
    return [result.score for result in report.results]


def find(notebook, name):
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    return marks.index(name)


# What a student reads


def test_a_right_notebook_gets_all_points_and_no_message(student):
    report = student(**ALL)
    assert (report.assignment, report.score, report.points, report.passed) == (SLUG, 6, 6, True)
    assert [r.title for r in report.results] == ["Task: double", "Task: triple", "Task: square"]
    assert {r.message for r in report.results} == {""} and report.notes == []


def test_a_wrong_answer_gets_the_checks_sentence(student):
    result = student(**ALL | {"double": "def double(x):\n    return x"}).results[0]
    assert (result.status, result.score) == ("failed", 0)
    assert result.message == "double(2) is 2, not 4."


def test_an_untouched_task_is_not_started(student):
    report = student(triple=TRIPLE)
    assert [r.status for r in report.results] == ["not started", "passed", "not started"]


def test_a_forgotten_raise_is_pointed_out(student):
    source = "def double(x):\n    y = 2 * x\n    raise NotImplementedError()\n    return y"
    result = student(double=source).results[0]
    assert result.status == "not started" and "Remove the line" in result.message


def test_a_task_that_uses_an_unfinished_one_says_which(student):
    result = student(triple="def triple(x):\n    return double(x) + x").results[1]
    assert result.status == "failed"
    assert result.message == "Your code uses `double`, which is not started yet."


def test_an_exception_is_shown_with_type_message_and_the_students_line(student):
    result = student(double="def double(x):\n    y = x\n    return y / 0").results[0]
    assert result.message == "ZeroDivisionError: division by zero"
    assert result.code == "double, line 3: return y / 0"


def test_a_syntax_error_is_shown_rather_than_the_name_that_it_left_out(student):
    result = student(double="def double(x)\n    return 2 * x").results[0]
    assert result.message == "SyntaxError: expected ':'"
    assert result.code == "double, line 1: def double(x)"


def test_an_error_at_the_top_of_a_cell_is_shown_rather_than_the_missing_name(student):
    result = student(double="import no_such_module\n" + DOUBLE).results[0]
    assert result.message == "ModuleNotFoundError: No module named 'no_such_module'"


def test_the_line_shown_is_the_students_even_where_a_library_raised(student):
    result = student(double="import json\n\ndef double(x):\n    return json.loads('{')").results[0]
    assert result.message.startswith("JSONDecodeError: ")
    assert result.code == "double, line 4: return json.loads('{')"


@pytest.mark.parametrize(
    "broken",
    [
        "def double(x)\n    return 2 * x",
        "def double(x):\nreturn 2 * x",
        "1 / 0\n" + DOUBLE,
        "import no_such_module\n" + DOUBLE,
        "raise SystemExit\n" + DOUBLE,
        "exit()\n" + DOUBLE,
        "import sys\nsys.exit(0)\n" + DOUBLE,
        "import os\nos._exit(0)\n" + DOUBLE,
        "while True: pass\n" + DOUBLE,
        "x = input()\n" + DOUBLE,
        "def double(x):\n    return double(x)",
        "def double(x):\n    import os\n    os._exit(1)",
        "def double(x):\n    while True: pass",
        "def double(x):\n    while True: print('x' * 1000)",
        "def double(x):\n    raise KeyboardInterrupt",
        "def double():\n    return 4",
        "double = 3",
        "def twice(x):\n    return 2 * x",
        "",
        "\x00",
        "double = '\ud800'",
        "import sys\nsys.stdout = None\nsys.stderr.close()",
        "class E(Exception):\n    def __str__(self): raise self\n\ndef double(x):\n    raise E",
    ],
)
def test_a_broken_cell_loses_its_own_points_only_and_is_named(student, broken):
    report = student(**ALL | {"double": broken})
    assert scores(report) == [0, 2, 2]
    assert report.results[0].status == "failed"
    assert len(report.results[0].message) >= 10


def test_a_loop_without_end_is_named_and_costs_no_other_task(student):
    report = student(**ALL | {"triple": "def triple(x):\n    while True: pass"})
    assert scores(report) == [2, 0, 2]
    assert "1.5 s" in report.results[1].message and "never ends" in report.results[1].message


def test_code_that_ends_python_is_named_and_costs_no_other_task(student):
    leave = "import os\n\ndef triple(x):\n    os._exit(3)"
    report = student(**ALL | {"triple": leave})
    assert scores(report) == [2, 0, 2]
    assert "exit code 3" in report.results[1].message


def test_the_whole_check_ends_in_time_and_keeps_what_was_done(student):
    slow = "import time\n\ndef triple(x):\n    time.sleep(60)"
    begin = time.monotonic()
    report = student(**ALL | {"triple": slow}, limits=Limits(step=30.0, total=2.0))
    assert time.monotonic() - begin < 6
    assert scores(report) == [2, 0, 0]
    assert "2 s, ran out here" in report.results[1].message
    assert "Not reached" in report.results[2].message


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_a_process_that_the_student_started_ends_with_the_check(student, tmp_path):
    tick = "import time\nfor _ in range(100): open('ticks', 'a').write('.'); time.sleep(0.05)"
    start = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {tick!r}])\n"
    wait = "import os, time\nwhile not os.path.exists('ticks'): time.sleep(0.01)\n"
    assert student(**ALL | {"double": start + wait + DOUBLE}).passed
    size = (tmp_path / "ticks").stat().st_size
    time.sleep(0.5)
    assert (tmp_path / "ticks").stat().st_size == size


def test_leaving_python_politely_is_shown_with_its_line(student):
    result = student(double="import sys\n\ndef double(x):\n    sys.exit('bye')").results[0]
    assert (result.message, result.code) == ("SystemExit: bye", "double, line 4: sys.exit('bye')")


def test_a_cell_that_takes_the_screen_away_keeps_its_points(student):
    assert student(**ALL | {"double": "import sys\nsys.stdout = None\n" + DOUBLE}).passed


def test_prints_are_shown_where_a_task_fails_and_only_there(student):
    loud = "def double(x):\n    print('x is', x)\n    return {}"
    report = student(**ALL | {"double": loud.format("2 * x")})
    assert report.passed and report.results[0].printed == ""
    report = student(**ALL | {"double": loud.format("x")})
    assert "x is 2" in report.results[0].printed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_of_the_student_reports_nothing(student):
    report = student(**ALL | {"double": "import os\nos.fork()\n" + DOUBLE})
    assert report.passed and report.notes == []


def test_prints_from_outside_python_do_no_harm(student):
    shout = "import os\n\ndef double(x):\n    os.write(1, b'{\"event\": 1}\\n')\n    return 2 * x"
    assert student(**ALL | {"double": shout}).passed


def test_a_cell_that_stops_after_its_function_keeps_its_points_with_a_note(student):
    report = student(**ALL | {"double": DOUBLE + "\nassert double(1) == 3"})
    assert report.passed
    assert report.notes == ["Your cell `double` stopped: AssertionError"]


# Which code counts


def test_extra_cells_run_in_their_place(student):
    assert student(
        extra=["FACTOR = 2"], **ALL | {"double": "def double(x):\n    return FACTOR * x"}
    ).passed


def test_an_extra_cell_may_use_the_tasks_above_it(student):
    def change(notebook):
        notebook["cells"].insert(find(notebook, "double-test") + 1, code("THREE = double(1) + 1"))

    work = ALL | {"triple": "def triple(x):\n    return THREE * x"}
    report = student(**work, change=change)
    assert report.passed and report.notes == []


def test_a_broken_extra_cell_is_a_note_and_costs_nothing(student):
    report = student(extra=["1 / 0", "while True: pass"], **ALL)
    assert report.passed
    assert "cell 3" in report.notes[0] and "ZeroDivisionError" in report.notes[0]
    assert "cell 4" in report.notes[1] and "never ends" in report.notes[1]


def test_names_that_a_student_overwrites_do_not_reach_the_checks(student):
    assert student(
        extra=["LIMIT = 0", "math = None", "len = max = None"], hidden=True, **ALL
    ).passed


def test_a_check_that_the_student_edited_or_deleted_is_the_courses_again(student):
    def change(notebook):
        notebook["cells"][find(notebook, "double-test")]["source"] = "pass"
        del notebook["cells"][find(notebook, "triple-test")]

    wrong = {"double": "def double(x):\n    return 0", "triple": "def triple(x):\n    return 0"}
    report = student(**ALL | wrong, change=change)
    assert scores(report) == [0, 0, 2] and report.points == 6


def test_a_deleted_solution_cell_is_named(student):
    def change(notebook):
        del notebook["cells"][find(notebook, "double")]

    report = student(**ALL, change=change)
    assert scores(report) == [0, 2, 2]
    assert report.results[0].message == "The cell `double` is not in your notebook."


def test_points_that_people_give_are_a_note(course):
    notebook = master()
    essay = code(
        "### BEGIN SOLUTION\n### END SOLUTION", "essay", solution=True, grade=True, points=3
    )
    notebook["cells"].append(essay | {"cell_type": "markdown"})
    course.solution(SLUG).write_text(dumps(notebook), encoding="utf-8")
    report = check(course.solution(SLUG), course=course)
    assert report.points == 6 and report.notes == ["3 more points are given by hand."]


def test_a_deleted_import_cell_does_not_matter(student):
    def change(notebook):
        del notebook["cells"][find(notebook, "imports")]

    assert student(
        **ALL | {"double": "def double(x):\n    return math.floor(2 * x)"}, change=change
    ).passed


def test_of_several_copies_of_a_cell_the_last_changed_one_counts(student):
    def change(notebook):
        place = find(notebook, "double")
        cell = notebook["cells"][place]
        stub = {
            **cell,
            "source": "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        }
        right = {**cell, "source": DOUBLE}
        notebook["cells"][place : place + 1] = [stub, cell, right, stub]

    report = student(**ALL | {"double": "def double(x):\n    return 0"}, change=change)
    assert report.passed and "several cells `double`" in report.notes[0]


def test_points_and_grade_ids_in_the_students_copy_do_not_count(student):
    def change(notebook):
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"]["points"] = 1000

    assert student(**ALL, change=change).points == 6


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline\n",
        "!pip install nothing\n",
        "%%time\n",
        "x = !ls\n",
        "if True:\n    %load_ext nothing\n",
        "max?\n",
    ],
)
def test_magics_and_shell_lines_are_ignored_with_a_note(student, magic):
    report = student(**ALL | {"double": magic + DOUBLE})
    assert report.passed
    assert len(report.notes) == 1 and "was ignored" in report.notes[0]


def test_a_cell_of_another_language_is_ignored(student):
    report = student(extra=["%%bash\nexit 1"], **ALL)
    assert report.passed and report.notes == ["`%%bash` in cell 3 was ignored."]


def test_a_percent_sign_in_python_is_left_alone(student):
    source = "%pylab\ndef double(x):\n    y = (2 * x\n         % 100)\n    return y"
    assert student(**ALL | {"double": source}).passed


def test_hidden_tests_count_only_when_asked_for(student):
    cheat = {"double": "def double(x):\n    return 4"}
    assert student(**ALL | cheat).passed
    report = student(hidden=True, **ALL | cheat)
    assert scores(report) == [0, 2, 2]
    assert report.results[0].hidden and report.results[0].message == "double(10) is 20."


def test_a_hang_in_a_visible_check_does_not_run_the_hidden_one(student):
    report = student(hidden=True, **ALL | {"double": "def double(x):\n    while True: pass"})
    assert scores(report) == [0, 2, 2] and not report.results[0].hidden
    steps = [Step("test", "a", "while True: pass"), Step("test", "a", "1 / 0", hidden=True)]
    outcomes = run(steps, Limits(step=0.5))
    assert [outcome.error["kind"] for outcome in outcomes] == ["limit", "late"]


def test_a_question_to_the_student_is_not_waited_for(course):
    notebook = read(course.exercise(SLUG))
    notebook["cells"][find(notebook, "double")]["source"] = (
        "def double(x):\n    return int(input())"
    )
    course.exercise(SLUG).write_text(dumps(notebook), encoding="utf-8")
    done = command("check", str(course.exercise(SLUG)), input="4\n")
    assert "EOFError" in done.stdout and "Score: 0 / 6" in done.stdout


# Without solutions/, and in place


def test_work_in_the_exercise_itself_is_checked_against_the_solution(course):
    notebook = read(course.exercise(SLUG))
    notebook["cells"][find(notebook, "double-test")]["source"] = "pass"
    course.exercise(SLUG).write_text(dumps(notebook), encoding="utf-8")
    assert check(course.exercise(SLUG)).score == 0


def test_without_solutions_an_edited_check_is_found_by_its_checksum(course):
    course.solution(SLUG).unlink()
    notebook = read(course.exercise(SLUG))
    notebook["cells"][find(notebook, "double-test")]["source"] = "pass"
    del notebook["cells"][find(notebook, "square-test")]
    course.exercise(SLUG).write_text(dumps(notebook), encoding="utf-8")
    report = check(course.exercise(SLUG), hidden=True)
    assert "fresh copy" in report.results[0].message
    assert "not whole" in report.notes[0]
    assert "hidden tests did not run" in report.notes[1]


# Files that cannot be checked


GOOD = {"cells": [], "metadata": {"dlcore": {"assignment": SLUG}}, "nbformat": 4}
UNREADABLE = {
    "not JSON": ("{", "not valid JSON"),
    "deep": ("[" * 100_000, "not valid JSON"),
    "a list": ("[]", "no `nbformat`"),
    "old format": (json.dumps(GOOD | {"nbformat": 3}), "notebook format 3"),
    "no cells": (json.dumps({"nbformat": 4}), "no list of cells"),
    "odd cell": (json.dumps(GOOD | {"cells": [1]}), "cell 1 has no cell_type"),
    "odd source": (
        json.dumps(GOOD | {"cells": [{"cell_type": "code", "source": 5}]}),
        "cell 1 has no text",
    ),
    "unknown": (
        json.dumps(GOOD | {"metadata": {"dlcore": {"assignment": "x"}}}),
        "no exercise 'x'",
    ),
    "odd slug": (json.dumps(GOOD | {"metadata": {"dlcore": {"assignment": []}}}), "no exercise []"),
    "no slug": (json.dumps(GOOD | {"metadata": {}}), "no exercise 'mine'"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_checked_is_one_clear_line_and_exit_code_2(name, course, capsys):
    content, words = UNREADABLE[name]
    path = course.root / "mine.ipynb"
    path.write_text(content, encoding="utf-8")
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr()
    assert words in said.err and str(path) in said.err
    assert said.err.count("\n") == 1 and said.out == ""


def test_a_notebook_outside_the_course_is_checked_with_the_course_one_stands_in(
    course, tmp_path, monkeypatch
):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(course.exercise(SLUG).read_bytes())
    monkeypatch.chdir(course.root)
    assert check(path).assignment == SLUG


def test_a_missing_file_a_folder_and_bytes_are_exit_code_2(course, capsys):
    (course.root / "bytes.ipynb").write_bytes(b"\xff\xfe\x00")
    for name, words in [
        ("no.ipynb", "No such file"),
        (".", "cannot be opened"),
        ("bytes.ipynb", "UTF-8"),
    ]:
        assert main(["check", str(course.root / name)]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "metadata",
    [
        {"nbgrader": 3},
        {"nbgrader": {"grade_id": [1], "solution": True}},
        "text",
        None,
        {"nbgrader": {}},
    ],
)
def test_odd_metadata_of_a_cell_does_no_harm(student, metadata):
    def change(notebook):
        notebook["cells"].append({"cell_type": "code", "metadata": metadata, "source": ["x = 1"]})
        notebook["cells"].append({"cell_type": "raw", "source": "text"})

    assert student(**ALL, change=change).passed


def test_a_notebook_of_format_4_0_without_ids_and_metadata_is_known_by_its_name(course):
    notebook = read(course.exercise(SLUG))
    for cell in notebook["cells"]:
        cell.pop("id", None)
    notebook |= {"metadata": {}, "nbformat_minor": 0}
    path = course.root / f"Copy of {SLUG} (1).ipynb"
    path.write_text(dumps(notebook), encoding="utf-8")
    assert check(path).assignment == SLUG


# The command and the parts


def command(*arguments, input=None):
    line = [sys.executable, "-m", "dlcore.grading", *arguments]
    return subprocess.run(
        line, cwd=REPOSITORY, input=input, capture_output=True, text=True, encoding="utf-8"
    )


def test_the_command_prints_a_line_a_task_and_the_score(course):
    notebook = read(course.exercise(SLUG))
    notebook["cells"][find(notebook, "double")]["source"] = DOUBLE
    notebook["cells"][find(notebook, "triple")]["source"] = (
        "def triple(x):\n    print(7)\n    return 5"
    )
    course.exercise(SLUG).write_text(dumps(notebook), encoding="utf-8")
    done = command("check", str(course.exercise(SLUG)))
    assert done.stdout.splitlines() == [
        SLUG,
        "",
        "✓ Task: double   2 / 2",
        "✗ Task: triple   0 / 2",
        "    triple(2) is 6.",
        "    Your code printed:",
        "    | 7",
        "· Task: square   0 / 2  not started",
        "",
        "Score: 2 / 6",
    ]
    assert (done.returncode, done.stderr) == (1, "")


def test_json_says_the_same_and_all_points_are_exit_code_0(course):
    done = command("check", "--json", "--hidden", str(course.solution(SLUG)))
    found = json.loads(done.stdout)
    assert (found["score"], found["points"], found["passed"], done.returncode) == (6, 6, True, 0)
    assert [r["status"] for r in found["results"]] == ["passed"] * 3


def test_help_is_for_a_student(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    said = capsys.readouterr().out
    assert "Save the notebook first" in said and "Exit code" in said


def test_another_runner_can_take_the_place_of_ours(course):
    """The sandbox of a later issue is such a function."""
    seen = []

    def refuse(steps, limits, folder):
        seen.extend(step.kind for step in steps)
        return [Outcome({"kind": "limit", "message": "no"}) for _ in steps[1:]]

    def dry(steps, limits, folder):
        return [Outcome()] + refuse(steps, limits, folder)

    report = check(course.solution(SLUG), course=course, run=dry)
    assert scores(report) == [0, 0, 0]
    assert seen == ["course", "student", "test", "student", "test", "student", "test"]


def test_no_steps_give_no_outcomes():
    assert run([]) == []
