"""Kernels of students: judged by what they compute and move, and not by what they say."""

import linecache
import os
import re

import numpy as np
import pytest

if not os.environ.get("CI"):  # there its absence is a failure
    pytest.importorskip("triton")

from test_border import cell

from dlcore.grading import kernel as judged
from dlcore.grading.assignment import assignment_of
from dlcore.grading.kernel import module
from dlcore.grading.mark import graded
from dlcore.grading.runner import Limits

COURSE = (
    "import numpy as np\nimport dlcore.kernels\ndlcore.kernels.interpret()\nimport triton\n"
    "import triton.language as tl\nfrom dlcore.grading.kernel import launch"
)
LEAN = """import os, sys
os.environ["TRITON_INTERPRET"] = "1"
sys.modules["torch"] = None
import numpy as np
import triton
import triton.language as tl
from dlcore.grading.kernel import launch"""
DOUBLE = """
WIDTH: tl.constexpr = 2

@triton.jit
def times(x, k):
    return k * x

@triton.jit
def double(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    'Twice as much.'
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, times(x, WIDTH), mask=i < n)
"""
TEST = """
x, y = np.arange(100.0, dtype='f4'), np.full(100, np.nan, 'f4')
did = launch(double, (4,), [x, y, 100], BLOCK=32)
assert np.allclose(y, 2 * x), 'wrong numbers'
assert did.races == 0, f'{did.races} races'
assert did.bytes <= 1.02 * 800, f'{did.bytes} bytes'
"""


@pytest.fixture
def sandbox_here(required):
    required("bwrap")


def said(*answers, course=COURSE) -> list:
    """What the student reads about each of several answers to one task: True for full points."""
    cells = [cell(course, "course", locked=True)]
    for n in range(len(answers)):
        region = f"### BEGIN SOLUTION\n{DOUBLE}\n### END SOLUTION"
        cells.append(cell(region, f"task{n}", solution=True))
        cells.append(cell(TEST, f"test{n}", grade=True, locked=True, points=3))
    found = assignment_of("one", {"cells": cells, "metadata": {}})
    mine = [cell(answer, f"task{n}", solution=True) for n, answer in enumerate(answers)]
    rows = graded(found, mine, ["numpy", "triton"], Limits(cell=20.0, call=20.0, total=100.0))
    return [row["points"] == 3 or row["message"] for row in rows["tasks"]]


MISTAKES = [  # (old, new) in the right kernel, and the words
    ("@triton.jit\ndef times", "\n# another style\n@triton.jit\ndef times", None),
    ("k * x", "k + x", "wrong numbers"),
    (
        "mask=i < n)\n    tl.store",
        "mask=i < n + 1)\n    tl.store",
        r"double: load out of bounds in double, program \(3, 0, 0\): 1 of 5 addresses",
    ),
    (", mask=i < n)\n    tl.store", ")\n    tl.store", ".* 28 of 32 addresses"),
    ("tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)", "tl.arange(0, 128)", "100 races"),
    ("    x = tl", "    tl.load(x_ptr + i, mask=i < n)\n    x = tl", "1200 bytes"),
    ("arange(0, BLOCK)", "arange(0, 48)", "double: it failed: .*power of 2"),
    ("    x = tl", "    while True:\n        pass\n    x = tl", "double was stopped after 6 s"),
    ("x = tl", "y = tl", "double, line 13: `x` is not a parameter, a variable, a kernel"),
]


@pytest.mark.usefixtures("sandbox_here")
def test_each_kind_of_mistake_is_said_in_a_sentence_and_what_is_right_gets_its_points(monkeypatch):
    monkeypatch.setattr(judged, "SECONDS", 6.0)
    found = said(*(DOUBLE.replace(old, new) for old, new, _ in MISTAKES), DOUBLE)
    for message, (_, new, words) in zip(found, MISTAKES, strict=False):
        right = message is True if words is None else re.match(words, str(message), re.S)
        assert right, f"{new!r}: {message}"
    assert found[-1] is True


@pytest.mark.usefixtures("sandbox_here")
def test_a_course_may_leave_torch_out():
    import torch  # noqa: F401  as the grader has, where a cell of the course names it

    assert said(DOUBLE, course=LEAN) == [True]


# Before and after a wrong kernel, in the student's own process: none of it is where the judge is.
WRONG = DOUBLE.replace("k * x", "x")
FORGED = {
    "the meter is patched": (
        "import sys\nimport dlcore.kernels.meter as m, dlcore.kernels.trial as t\n"
        "import dlcore.grading.kernel as k\nm.Launch.races = m.Launch.loaded = 0\n"
        "t.trial = k.launch = lambda *a, **b: {'bytes': 800, 'races': 0}\n"
        "np.allclose = lambda *a: True\nlaunch = k.launch" + WRONG
    ),
    "the source that inspect finds is another": (
        WRONG + "\nimport linecache\nfor f in list(linecache.cache):\n"
        "    linecache.cache[f] = (1, None, ['def double(): pass'], f)"
    ),
    "an object poses as a kernel": (
        WRONG + "\nclass Kernel:\n    fn = double.fn\n    __name__ = 'double'\n"
        "    def __getitem__(self, grid): return lambda x, y, n, BLOCK: np.copyto(y, 2 * x)\n"
        "double = Kernel()"
    ),
    "its name is the code of another": (
        WRONG + "\nclass Kernel:\n    __name__ = 'double(1); import os'\ndouble = Kernel()"
    ),
    "a text beside the cells is offered as a cell": (
        f"text = {DOUBLE!r}\nimport linecache\n"
        "linecache.cache['<student z>'] = (1, None, text.splitlines(True), '<student z>')" + WRONG
    ),
    "a class with fn": (
        WRONG + "\nkept = double\nclass double:\n    fn = kept.fn\n    __module__ = 'triton'"
    ),
}


@pytest.mark.usefixtures("sandbox_here")
def test_what_a_student_does_to_their_own_process_makes_no_kernel_right():
    words = r"wrong numbers|.*has no function .double\(1|a kernel is a function under @triton.jit"
    for how, message in zip(FORGED, said(*FORGED.values()), strict=True):
        assert re.match(words, str(message)), f"{how}: {message}"


LINES = {  # in the place of the store: what is refused, and the words
    "import sys": "`Import` is not part",
    "__import__('os').system('x')": "`.system` is not among",
    "print(1)": "`print` is not something that a kernel can call",
    "x.handle.data[:] = 0": "assigns to names only",
    "y = x.handle": "`.handle` is not among",
    "tl.core.builtins.print(1)": "`.print` is not among",
    "y = tl.core": "`.core` is not among",
    "tl.static_print(x)": "`.static_print` is not among",
    "tl.inline_asm_elementwise('', '', [], x, 1, 1)": "`.inline_asm_elementwise` is not among",
    "interpreter_builder.grid_idx = (0, 0, 0)": "assigns to names only",
    "y = interpreter_builder": "`interpreter_builder` is not a parameter",
    "y = np.zeros(3)": "`np` is not a parameter",
    "y = lambda: 0": "`Lambda` is not part",
    "y = [i for i in range(3)]": "`ListComp` is not part",
    "y = f'{x.__class__}'": "`JoinedStr` is not part",
    "y = ().__class__": "`.__class__` is not among",
    "try:\n        x = 1\n    except Exception:\n        pass": "`Try` is not part",
    "with x:\n        pass": "`With` is not part",
    "def inner():\n        pass": "`FunctionDef` is not part",
    "global i": "`Global` is not part",
    "(y := 3)": "`NamedExpr` is not part",
    "raise SystemExit": "`Raise` is not part",
    "assert True": "`Assert` is not part",
    "del x": "`Delete` is not part",
    "y = tl.load(*[x_ptr])": "`Starred` is not part",
    "y = tl.load(**x)": "has no \\*\\*",
    "range = tl.load\n    range(x_ptr)": "`range` is not something that a kernel can call",
    "x[0](1)": "is not something that a kernel can call",
    "__builtins__ = 1": "`__builtins__` is not a parameter",
}


def refused(source):
    with pytest.raises(AssertionError) as error:
        module("double", [source])
    return str(error.value)


@pytest.mark.parametrize("line", LINES)
def test_a_kernel_says_what_triton_says_and_nothing_else(line):
    message = refused(DOUBLE.replace("    tl.store", f"    {line}\n    tl.store"))
    assert re.match(rf"double, line \d+: .*{LINES[line]}", message), message


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("@triton.jit\n@other\ndef double(x):\n    pass", "@triton.jit alone"),
        (
            "@triton.autotune(configs=[])\n@triton.jit\ndef double(x):\n    pass",
            "@triton.jit alone",
        ),
        ("@triton.jit\ndef double(x=print):\n    pass", "`print` is not a parameter"),
        ("@triton.jit\ndef double(*x):\n    pass", "no \\* in its parameters"),
        ("@triton.jit\nasync def double(x):\n    pass", "no function 'double'"),
        ("def double(x):\n    pass", "no function 'double'"),
        ("double = 3", "no function 'double'"),
        (
            "@triton.jit\ndef double(x):\n    help(x)\n\n@triton.jit\ndef help(x):\n    exec(x)",
            "help, line 7: `exec` is not",
        ),
    ],
)
def test_what_surrounds_a_kernel_is_held_to_the_same(head, words):
    assert re.search(words, refused(head))


def test_annotations_and_decorators_never_run():
    source = module(
        "f", ["@triton.jit\ndef f(x: print('!'), B: tl.constexpr):\n    y: print('!') = x"]
    )
    assert "print" not in source and "B: tl.constexpr" in source


def test_the_last_definition_counts_and_a_cell_that_is_no_python_is_left_out():
    one = "@triton.jit\ndef f(x):\n    tl.store(x, 1)"
    assert "store(x, 2)" in module("f", [one, "1 +", one.replace("1", "2"), "g = 3"])


def test_a_constant_is_a_number_and_code_in_its_place_is_not_kept():
    one = "@triton.jit\ndef f(x):\n    tl.store(x, K)"
    assert "K = -3" in module("f", ["K = tl.constexpr(-3)", one])
    for other in "K: tl.constexpr = print(1)", "K = tl.constexpr(print(1))", "K = 3":
        with pytest.raises(AssertionError, match="`K` is not a parameter"):
            module("f", [other, one])


def test_on_the_students_own_machine_the_same_call_judges_the_same():
    space = {"__name__": "__main__"}
    for number, source in enumerate([COURSE, DOUBLE, TEST]):
        file = f"<cell {number}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        exec(compile(source, file, "exec"), space)
    with pytest.raises(AssertionError, match="double: load out of bounds in double, program"):
        space["launch"](
            space["double"], (4,), [np.zeros(9, "f4"), np.zeros(100, "f4"), 100], BLOCK=32
        )
    with pytest.raises(AssertionError, match="a kernel is a function under @triton.jit, got"):
        space["launch"](len, (1,), [])
    with pytest.raises(ValueError, match="arguments must hold NumPy arrays and numbers, got"):
        space["launch"](space["double"], (1,), ["x"])
