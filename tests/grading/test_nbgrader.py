"""nbgrader with our config: its gradebook holds what our grader found, its Validate works."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import SLUG, TASKS, cell, changed, find, master, stub, submission

from dlcore.grading.course import Course
from dlcore.grading.notebook import dumps, is_solution, name_of, read
from dlcore.grading.release import release

pytestmark = pytest.mark.timeout(900)  # nbgrader takes its time, on a busy machine much of it
ROOT = Path(__file__).resolve().parents[2]
EXERCISES = Course(ROOT).slugs("exercises")


def nbgrader(folder, *arguments):
    """Run in a course, with the interpreter's own tools found first (nbgrader calls alembic)."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    more = os.environ.get("PYTHONPATH", "")  # where a driver of the database may be
    python = os.pathsep.join([str(ROOT), *filter(None, [more])])
    here = {"PATH": path, "PYTHONPATH": python, "PYTHONWARNINGS": "ignore"}
    environment = {**os.environ, **here}
    environment.pop("DLCORE_GRADEBOOK", None)
    if "DLCORE_TEST_GRADEBOOK" in os.environ:  # an empty database, to try another than SQLite
        environment["DLCORE_GRADEBOOK"] = os.environ["DLCORE_TEST_GRADEBOOK"]
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def tampered(notebook):
    for one in notebook["cells"]:
        one["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "99"}}]
        one["metadata"].get("nbgrader", {})["points"] = 99
    notebook["cells"][find(notebook, "double-test")]["source"] = "99"
    del notebook["cells"][find(notebook, "mean-test")]


def copied_locked_cell(notebook):
    notebook["cells"].insert(1, dict(notebook["cells"][find(notebook, "tools")]))


OWN = """JUPYTER_RUNTIME_DIR JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR JUPYTERLAB_WORKSPACES_DIR
JUPYTERLAB_SETTINGS_DIR HOME"""
OWN = OWN.split()
WRONG = "def double(x):\n    return x"
LOUD = "import sys\nprint('careful', file=sys.stderr)\n\ndef double(x):\n    return 2 * x"
CLASS = {
    "ana": (submission(), 8),
    "ben": (submission(double=WRONG), 6),
    "cleo": (submission(**{name: stub(name) for name in TASKS}), 0),
    "dan": (changed(tampered, double=WRONG), 6),
    "eve": (submission(double="import os\nos.kill(os.getppid(), 9)\nos._exit(0)"), 6),
    "fay": (submission(double=LOUD), 8),  # nbgrader's own run gives 0 for a line on stderr
    "gus": (changed(copied_locked_cell), 8),
    "hal": ("{", 0),
    "ida": (submission(double="while True: pass"), 6),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory, required):
    """A course whose class was graded by nbgrader: its folder, and what the command said."""
    required("bwrap")
    required("nbgrader")
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    notebook = master()
    essay = cell("### BEGIN SOLUTION\nx\n### END SOLUTION", "essay", "markdown", solution=True)
    essay["metadata"]["nbgrader"] |= {"grade": True, "points": 5}
    notebook["cells"].append(essay)
    for number, one in enumerate(notebook["cells"]):
        one["id"] = f"c{number}"
    path = root / "solutions" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(dumps(notebook), encoding="utf-8")
    path.with_name("answers.py").write_text("secret = 1")
    for student, (content, _) in CLASS.items():
        path = root / "submitted" / student / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(content if content == "{" else json.dumps(content), encoding="utf-8")
    (root / "submitted" / "joe" / SLUG).mkdir(parents=True)
    (root / "submitted" / "joe" / SLUG / f"{SLUG}.ipynb").symlink_to(path)
    made = nbgrader(root, "generate_assignment", SLUG)
    assert made.returncode == 0, made.stderr
    return root, nbgrader(root, "autograde", SLUG)


def test_the_gradebook_holds_our_points_for_every_submission(course):
    root, done = course
    assert done.returncode == 0, done.stderr
    assert nbgrader(root, "export").returncode == 0
    with open(root / "grades.csv", newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {student: points for student, (_, points) in CLASS.items()} | {"joe": 0}


def test_what_a_teacher_sees_has_the_masters_tests_and_the_reason(course):
    def shown(student):
        return read(course[0] / "autograded" / student / SLUG / f"{SLUG}.ipynb")["cells"]

    (test,) = [c for c in shown("ben") if name_of(c) == "double-test"]
    assert "HIDDEN TESTS" in test["source"]
    assert test["outputs"][0]["evalue"] == "double(2) is 2, not 4."
    assert [c["source"] for c in shown("ben") if name_of(c) == "double"] == [WRONG]
    reasons = {c["outputs"][0]["evalue"] for c in shown("hal") if c.get("outputs")}
    assert reasons == {"not a notebook (the file is not valid JSON)"}
    assert [c["source"] for c in shown("gus")].count(shown("ana")[1]["source"]) == 1
    assert not list(course[0].glob("autograded/*/*/answers.py"))


def test_nbgraders_feedback_can_be_made_from_it(course):
    done = nbgrader(course[0], "generate_feedback", SLUG)
    assert done.returncode == 0, done.stderr
    assert len(list((course[0] / "feedback").glob(f"*/{SLUG}/*.html"))) == len(CLASS) + 1


def test_nbgrader_releases_the_same_bytes_as_we_do(course):
    path = Course(course[0]).exercise(SLUG)
    theirs = path.read_bytes()
    assert sorted(os.listdir(path.parent)) == [path.name]
    release(Course(course[0]), SLUG)
    assert path.read_bytes() == theirs


def solved(slug, path):
    """The released exercise with the master's answers in it."""
    notebook, whole = read(Course(ROOT).exercise(slug)), read(Course(ROOT).solution(slug))
    answers = {name_of(c): c["source"] for c in whole["cells"] if is_solution(c)}
    for one in notebook["cells"]:
        one["source"] = (
            answers.get(name_of(one), one["source"]) if is_solution(one) else one["source"]
        )
    path.write_text(dumps(notebook), encoding="utf-8")


def test_validate_passes_every_solved_exercise(tmp_path, required):
    required("nbgrader")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    files = [f"{slug}.ipynb" for slug in EXERCISES]
    for slug, file in zip(EXERCISES, files, strict=True):
        solved(slug, tmp_path / file)
    done = nbgrader(tmp_path, "validate", *files)  # one call: its imports take seconds
    passed = done.stdout.count("Success! Your notebook passes all the tests.")
    assert passed == len(files), done.stdout + done.stderr


def test_validate_shows_what_an_untouched_exercise_lacks(tmp_path, required):
    required("nbgrader")
    shutil.copy(Course(ROOT).exercise(EXERCISES[0]), tmp_path / "mine.ipynb")
    done = nbgrader(tmp_path, "validate", "mine.ipynb")
    assert "VALIDATION FAILED" in done.stdout and "NotImplementedError" in done.stdout


@pytest.fixture
def lab(course, tmp_path):
    """The address of a JupyterLab in the course, which also holds formgrader."""
    root, log = course[0], tmp_path / "log"
    line = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    line += ["--ServerApp.port_retries=0", "--allow-root", f"--ServerApp.root_dir={root}"]
    line += ["--IdentityProvider.token=", "--ServerApp.allow_origin="]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {name: str(tmp_path / name) for name in OWN}
    environment = os.environ | own | {"PATH": path, "PYTHONPATH": str(ROOT)}
    with open(log, "w") as file:
        running = subprocess.Popen(line, cwd=root, env=environment, stderr=file)
    try:
        end = time.monotonic() + 200
        while not (found := re.search(r"http://127.0.0.1:\d+/", log.read_text())):
            assert time.monotonic() < end and running.poll() is None, log.read_text()
            time.sleep(0.2)
        yield found[0]
    finally:
        running.kill()  # asked to end, it may wait for ever for the validator's kernel
        running.wait()


def test_formgrader_shows_our_points_and_lab_validates_a_released_exercise(course, lab, browser):
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(f"{lab}formgrader/manage_submissions/{SLUG}")
    page.wait_for_selector("td a")
    rows = [row.inner_text().split() for row in page.query_selector_all("tbody tr")]
    shown = {row[2]: float(row[5]) for row in rows}
    assert shown == {student: points for student, (_, points) in CLASS.items()} | {"joe": 0}
    page.goto(f"{lab}formgrader/gradebook/{SLUG}/{SLUG}")
    page.wait_for_selector("td a")
    pages = page.eval_on_selector_all("td a", "links => links.map(a => a.href)")
    page.goto(pages[0])
    page.wait_for_selector("input.score")
    assert "HIDDEN TESTS" in page.inner_text("body")

    for name, words in {"mine": "passes all the tests", "untouched": "The following cell"}.items():
        path = course[0] / f"{name}.ipynb"
        solved(EXERCISES[0], path)
        if name == "untouched":
            shutil.copy(Course(ROOT).exercise(EXERCISES[0]), path)
        page.goto(f"{lab}lab/tree/{name}.ipynb?reset")
        page.click("text=Validate")
        page.wait_for_selector(f".jp-Dialog:has-text('{words}')")
    page.close()
