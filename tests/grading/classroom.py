"""A small assignment with a master, and submissions to it: honest, broken and hostile.

Every case says what it must get. A hostile cell stands in the place of `double` (or in a cell of
its own) and tries to earn, or to spoil, points; the other three tasks are solved, so a case that
costs anything else than its own points is a mistake of the grader.
"""

import copy
import json
from dataclasses import dataclass, field
from typing import Any

SLUG = "hw-one"
TASKS = ("double", "softmax", "Stack", "mean")
TOKEN = "hidden-token-4711"

DOUBLE = "def double(x):\n    return 2 * x"
SOFTMAX = (
    "def softmax(x):\n    w = np.exp(x - x.max(axis=1, keepdims=True))\n"
    "    return w / w.sum(axis=1, keepdims=True)"
)
STACK = (
    "class Stack:\n    def __init__(self):\n        self.items = []\n\n"
    "    def push(self, x):\n        self.items.append(x)\n\n"
    "    def pop(self):\n        return self.items.pop()\n\n"
    "    def __len__(self):\n        return len(self.items)"
)
MEAN = "import math\n\ndef mean(xs):\n    return math.fsum(xs) / len(xs)"
RIGHT = dict(zip(TASKS, (DOUBLE, SOFTMAX, STACK, MEAN)))
TESTS = {
    "double": (
        "assert double(2) == 4, f'double(2) is {double(2)}, not 4.'\ncheck(double(5), 10)",
        f"# {TOKEN}\nassert double(7) == 14, 'double(7) is 14.'\nassert double(-1.5) == -3.0",
    ),
    "softmax": (
        "from numpy.testing import assert_allclose\n"
        "x = np.random.default_rng(0).normal(size=(3, 4))\n"
        "p = softmax(x)\nassert isinstance(p, np.ndarray)\nassert p.shape == (3, 4)\n"
        "assert_allclose(p.sum(axis=1), 1, rtol=1e-5)",
        "e = np.exp(x)\nassert_allclose(softmax(x), e / e.sum(axis=1)[:, None], rtol=1e-5)",
    ),
    "Stack": (
        "s = Stack()\ns.push(3)\ns.push([4])\nassert len(s) == 2\nassert isinstance(s, Stack)",
        "assert s.pop() == [4]\nassert s.pop() == 3\nassert len(s) == 0\n"
        "try:\n    s.pop()\nexcept IndexError:\n    pass\nelse:\n    raise AssertionError('empty')",
    ),
    "mean": (
        "assert abs(mean([1, 2, 3]) - 2) < 1e-9\nassert mean((4.0,)) == 4.0",
        "assert mean([1e16, 1.0, -1e16, 1.0]) == 0.5, 'add carefully'",
    ),
}
LOCKED = (
    "import numpy as np\n\n\ndef check(found, wanted):\n"
    "    assert found == wanted, f'got {found}, not {wanted}'"
)


def cell(source, name=None, kind="code", **roles):
    marks = {"grade": False, "locked": False, "solution": False, "task": False}
    marks |= {"schema_version": 3, "grade_id": name} | roles
    made = {"cell_type": kind, "metadata": {"nbgrader": marks} if name else {}, "source": source}
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def stub(name):
    """The cell as it was released: the region is the body, for `mean` the whole cell."""
    hole = "    # YOUR CODE HERE\n    raise NotImplementedError()"
    if name == "mean":
        return "# YOUR CODE HERE\nraise NotImplementedError()"
    return RIGHT[name].split("\n")[0] + "\n" + hole


def region(name):
    head, body = RIGHT[name].split("\n", 1)
    if name == "mean":
        return f"### BEGIN SOLUTION\n{RIGHT[name]}\n### END SOLUTION"
    return f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"


def master() -> dict:
    cells = [cell("# Homework", kind="markdown"), cell(LOCKED, "tools", locked=True)]
    for name in TASKS:
        visible, hidden = TESTS[name]
        tests = f"{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        cells += [
            cell(f"## {name} (2 points)", kind="markdown"),
            cell(region(name), name, solution=True),
            cell(tests, f"{name}-test", grade=True, locked=True, points=2),
        ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def submission(**filled) -> dict:
    """What a student hands in: the master without hidden tests, with the right answers."""
    notebook = master()
    for one in notebook["cells"]:
        name = name_of(one)
        if name in RIGHT:
            one["source"] = {**RIGHT, **filled}[name]
        elif name and name.endswith("-test"):
            one["source"] = TESTS[name.removesuffix("-test")][0]
    return notebook


def name_of(one) -> str | None:
    return one["metadata"].get("nbgrader", {}).get("grade_id")


def find(notebook, name) -> int:
    return [name_of(one) for one in notebook["cells"]].index(name)


@dataclass
class Case:
    """What is handed in (a notebook, bytes, or a function of the folder), and what it must get."""

    name: str
    content: Any
    points: tuple = (2, 2, 2, 2)
    status: str = "graded"
    words: str = ""  # in the reason, or in the message of the first task that failed
    kind: str = field(default="hostile")
    loose: bool = False  # it may also lose points of its own elsewhere, but gain none

    def write(self, folder) -> None:
        folder.mkdir(parents=True)
        path = folder / f"{SLUG}.ipynb"
        if callable(self.content):
            self.content(path)
        elif isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            path.write_text(json.dumps(self.content), encoding="utf-8")


def with_cell(source: str, place=2, **filled) -> dict:
    notebook = submission(**filled)
    notebook["cells"].insert(place, cell(source))
    return notebook


def changed(change, **filled) -> dict:
    notebook = copy.deepcopy(submission(**filled))
    change(notebook)
    return notebook


# A batch of it, by the command line


def arguments(root, jobs=2):
    line = ["grade", SLUG, "--submissions", str(root / "in"), "--out", str(root / "out")]
    return [*line, "--masters", str(root / "masters"), "-j", str(jobs)]


def results(root):
    return json.loads((root / "out" / "results.json").read_text())


def journal(root):
    (path,) = (root / "out").glob("journal-*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]
