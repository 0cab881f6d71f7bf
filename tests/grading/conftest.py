"""The classroom of the tests: one batch of all submissions, graded once."""

import json
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cases import all_cases
from classroom import SLUG, TOKEN, master, submission

from dlcore.grading.runner import Limits

FAST = Limits(cell=2.5, call=1.5, step=6.0, total=40.0)


@pytest.fixture(scope="session")
def masters(tmp_path_factory):
    root = tmp_path_factory.mktemp("class")
    path = root / "masters" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(master()), encoding="utf-8")
    return root / "masters"


@pytest.fixture(scope="session")
def door():
    """A port of this machine that no student may reach."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened.getsockname()[1]


@pytest.fixture(scope="session")
def graded(required, masters, door):
    """(case, result) by the name of the case."""
    required("bwrap")
    from dlcore.grading.grade import grade

    root = masters.parent
    master_path = str(masters / SLUG / f"{SLUG}.ipynb")
    solutions = str(Path(__file__).parents[2] / "solutions")
    cases = all_cases([master_path, str(root / "out"), solutions], door)
    for case in cases:
        case.write(root / "submissions" / case.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SECRET", TOKEN)
        whole = grade(SLUG, root / "submissions", root / "out", masters, 2, limits=FAST)
    results = {result["student"]: result for result in whole["submissions"]}
    return {case.name: (case, results.get(case.name)) for case in cases}


@pytest.fixture
def classroom(tmp_path, required):
    required("bwrap")
    path = tmp_path / "masters" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(master()), encoding="utf-8")

    def hand_in(student, notebook=None):
        path = tmp_path / "in" / student / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook or submission()), encoding="utf-8")

    hand_in.root = tmp_path
    return hand_in
