"""What crosses between a test and a student: values as they are, objects as stand-ins."""

import pytest

from dlcore.grading.assignment import assignment_of
from dlcore.grading.doctor import NAMES
from dlcore.grading.mark import graded
from dlcore.grading.names import Ledger
from dlcore.grading.runner import Limits

FAST = Limits(cell=4.0, call=3.0, total=30.0)
pytestmark = pytest.mark.usefixtures("sandbox_here")


@pytest.fixture
def sandbox_here(required):
    required("bwrap")


def cell(source, name=None, **roles):
    marks = {"grade": False, "solution": False, "locked": False, "schema_version": 3}
    marks = {"nbgrader": marks | {"grade_id": name} | roles} if name else {}
    return {"cell_type": "code", "metadata": marks, "source": source}


def judge(solution, test, answer=None, course="import numpy as np", preload=("numpy",)):
    """The row of the one task: `answer` (the solution if None) against `test`."""
    region = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    cells = [cell(course, "course", locked=True), cell(region, "task", solution=True)]
    cells.append(cell(test, "task-test", grade=True, locked=True, points=3))
    found = assignment_of("one", {"cells": cells, "metadata": {}})
    mine = [cell(answer or solution, "task", solution=True)]
    (row,) = graded(found, mine, list(preload), FAST)["tasks"]
    return row


def passes(*parts, **rest):
    row = judge(*parts, **rest)
    return row["points"] == 3 or row["message"]


SAME = "def same(x):\n    return x"
VALUES = """
import collections, datetime, decimal, fractions
point = collections.namedtuple("point", "x y")
values = [None, True, 0, -1, 2**70, -(2**200), 1.5, -0.0, 1e308, float("inf"), 1j, "", "é\\ud800",
    b"\\x00\\xff", bytearray(b"ab"), [], [1, [2, []]], (), (1,), {}, {"a": {1: 2}}, {(1, 2): 3},
    set(), {1, "a"}, frozenset({1}), range(2, 9, 3), slice(1, None, 2), ..., int, float, list,
    decimal.Decimal("1.10"), fractions.Fraction(1, 3), collections.deque([1]), point(1, [2]),
    collections.Counter("aab"), collections.OrderedDict(a=1)]
for value in values:
    back = same(value)
    assert type(back).__name__ == type(value).__name__, f"{value!r} came back as {type(back)}"
    assert repr(back) == repr(value) and back == value, f"{value!r} came back as {back!r}"
assert np.isnan(same(float("nan")))
"""
ARRAYS = """
for dtype in "? b B h i q e f d g F D <U3 S2 M8[D] m8[s]".split():
    for shape in [(), (0,), (3,), (2, 0, 3), (2, 3)]:
        x = np.ones(shape, int)
        x = x.view(dtype) if dtype[0] in "Mm" else x.astype(dtype)
        y = same(x)
        assert type(y) is np.ndarray and y.dtype == x.dtype and y.shape == x.shape, (dtype, shape)
        assert (y == x).all() and y.flags.writeable
for x in [np.float32(0.1), np.float64(0.1), np.int8(3), np.bool_(True), np.str_("a")]:
    y = same(x)
    assert type(y) is type(x) and y == x
x = np.arange(12.0).reshape(3, 4)
assert (same(x.T[::2]) == x.T[::2]).all() and same(np.float32) is np.float32
assert same(np.dtype("f4")) == np.dtype("f4")
rng = same(np.random.default_rng(3))
assert rng.normal() == np.random.default_rng(3).normal()
"""
TENSORS = """
for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool):
    for shape in [(), (0,), (2, 3)]:
        x = torch.ones(shape).to(dtype)
        y = same(x)
        assert type(y) is torch.Tensor and y.dtype == dtype and torch.equal(y, x)
x = torch.arange(6.0).reshape(2, 3).T
assert torch.equal(same(x), x) and same(x.shape) == x.shape and same(torch.float16) is torch.float16
"""


def test_plain_values_come_back_as_they_went():
    assert passes(SAME, VALUES) is True


def test_arrays_keep_type_dtype_shape_and_content():
    assert passes(SAME, ARRAYS) is True


def test_tensors_keep_type_dtype_shape_and_content():
    assert passes(SAME, TENSORS, course="import torch", preload=("numpy", "torch")) is True


def test_a_mutable_argument_shows_what_the_student_did_to_it():
    solution = (
        "def change(a, b, c, d):\n    a.append(1)\n    b['x'] = 2\n    c[0] = 9\n"
        "    d[1][0][:] = 5\n    return a"
    )
    test = (
        "a, b, c, d = [], {}, np.zeros(2), (0, [np.zeros(2)])\ninner = d[1][0]\n"
        "assert change(a, b, c, d) is a\nassert a == [1] and b == {'x': 2} and c[0] == 9\n"
        "assert inner[0] == 5 and d[1][0] is inner"
    )
    assert passes(solution, test) is True


def test_an_argument_left_alone_stays_the_same_object():
    assert passes("def f(x):\n    return [x[0]]", "x = [[1]]\ny = f(x)\nassert y is not x") is True


def test_exceptions_arrive_as_their_own_kind():
    solution = (
        "class Empty(LookupError):\n    def __init__(self, size):\n"
        "        super().__init__('empty')\n        self.size = size\n\n"
        "def f(k):\n    if k == 0: raise ValueError('k is 0')\n"
        "    if k == 1: raise Empty(7)\n    if k == 2: return {}['x']\n"
        "    if k == 3: return np.linalg.inv(np.zeros((2, 2)))\n    raise NotImplementedError"
    )
    test = (
        "import unittest\ncase = unittest.TestCase()\n"
        "with case.assertRaisesRegex(ValueError, 'k is 0'): f(0)\n"
        "try:\n    f(1)\nexcept Empty as error:\n    assert isinstance(error, LookupError)\n"
        "    assert error.size == 7 and str(error) == 'empty'\nelse:\n    assert False\n"
        "case.assertRaises(KeyError, f, 2)\ncase.assertRaises(np.linalg.LinAlgError, f, 3)\n"
        "case.assertRaises(NotImplementedError, f, 4)"
    )
    assert passes(solution, test) is True


def test_classes_methods_properties_and_inheritance_work():
    solution = (
        "class Shape:\n    '''A shape.'''\n    count = 0\n    def __init__(self, name='s'):\n"
        "        self.name = name\n        Shape.count += 1\n    def area(self): return 0\n"
        "    @property\n    def label(self): return self.name.upper()\n"
        "    @classmethod\n    def make(cls): return cls('made')\n\n"
        "class Square(Shape):\n    def __init__(self, side):\n        super().__init__('sq')\n"
        "        self.side = side\n    def area(self): return self.side ** 2\n"
        "    def __repr__(self): return f'Square({self.side})'"
    )
    test = (
        "s = Square(3)\nassert s.area() == 9 and s.label == 'SQ' and repr(s) == 'Square(3)'\n"
        "assert isinstance(s, Shape) and type(s) is Square and issubclass(Square, Shape)\n"
        "assert type(Shape.make()) is Shape and Shape.count == 2 and Shape.__doc__ == 'A shape.'\n"
        "s.side = 4\nassert s.area() == 16 and hasattr(s, 'side') and not hasattr(s, 'none')\n"
        "assert s == s and s != Square(4)"
    )
    assert passes(solution, test) is True


VECTOR = (
    "class Vector:\n    def __init__(self, x, y): self.x, self.y = x, y\n"
    "    def __add__(self, o): return Vector(self.x + o.x, self.y + o.y)\n"
    "    def __mul__(self, k): return Vector(self.x * k, self.y * k)\n"
    "    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)\n"
    "    def __matmul__(self, o): return self.x * o.x + self.y * o.y"
)


def test_operators_that_the_master_asks_for_are_the_students():
    test = (
        "assert Vector(1, 2) + Vector(3, 4) == Vector(4, 6)\n"
        "assert Vector(1, 2) * 3 == Vector(3, 6)\n"
        "assert Vector(1, 2) @ Vector(3, 4) == 11\nassert not Vector(1, 2) == Vector(1, 3)\n"
        "assert Vector(1, 2) != 5 and not Vector(1, 2) == 5"
    )
    assert passes(VECTOR, test) is True


CHEAT = (
    "class {name}:\n    def __init__(self, *a): pass\n    def __eq__(self, o): return True\n"
    "    def __sub__(self, o): return 0.0\n    __mul__ = __add__ = __matmul__ = __sub__\n"
    "    __lt__ = __le__ = __contains__ = equal = startswith = __eq__\n"
)


@pytest.mark.parametrize(
    "test",
    [
        "assert f(2) == 5",
        "assert abs(f(2) - 5) < 1e-9",
        "assert f(2) in [5]",
        "assert 5 in f(2)",
        "assert f(2) <= 5 and f(2) >= 5",
        "np.testing.assert_allclose(f(2), 5)",
        "assert np.isclose(f(2), 5)",
        "assert np.array_equal(f(2), np.array(5))",
        "assert not f(2) != 5",
        "assert (f(2) == np.array([5])).all()",
        "assert {5: 1}.get(f(2)) == 1",
        "assert f(2) * 1 == 5",
        "assert isinstance(f(2), int) or f(2).equal(5)",
    ],
)
def test_an_object_that_equals_everything_equals_nothing(test):
    answer = CHEAT.format(name="Yes") + "def f(x):\n    return Yes()"
    solution = "def f(x):\n    return x + 3"
    assert judge(solution, test.replace("5 in f(2)", "5 in [f(2)]"))["points"] == 3
    assert judge(solution, test, answer)["points"] == 0
    granted = "class Yes:\n    def __eq__(self, o): pass\n    __sub__ = __mul__ = __lt__ = __eq__\n"
    assert judge(granted + solution, test, answer)["points"] == 0


def test_an_object_cannot_pass_for_a_text_or_an_array():
    solution = "def f(x):\n    return str(x)\ndef g(x):\n    return np.array([x])"
    test = "assert f(5).startswith('5')\nassert g(2).sum() == 2"
    answer = CHEAT.format(name="Yes") + "    def sum(self): return 2\n"
    answer += "def f(x): return Yes()\ndef g(x): return Yes()"
    assert passes(solution, test) is True
    assert "no startswith here" in judge(solution, test, answer)["message"]
    assert "no sum here" in judge(solution, test.split("\n")[1], answer)["message"]


def test_generators_iterators_and_dict_views_can_be_looped_over():
    solution = (
        "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1\n"
        "def keys(d): return d.keys()\ndef pairs(x): return zip(x, x)"
    )
    test = (
        "import inspect, itertools\ng = count()\nassert inspect.isgenerator(g)\n"
        "assert list(itertools.islice(g, 3)) == [0, 1, 2] and next(g) == 3\n"
        "assert list(keys({'a': 1})) == ['a'] and list(pairs([1, 2])) == [(1, 1), (2, 2)]"
    )
    assert passes(solution, test) is True


def test_a_test_may_hand_over_functions():
    solution = "def slope(f, x):\n    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6\n"
    solution += "def apply(f):\n    return f"
    test = (
        "assert abs(slope(lambda x: x * x, 3.0) - 6) < 1e-6\n"
        "assert abs(slope(np.sin, 0.0) - 1) < 1e-6\n"
        "mine = lambda: 1\nassert apply(mine) is mine\n"
        "def broken(x): raise KeyError('k')\n"
        "try:\n    slope(broken, 1)\nexcept KeyError:\n    pass\nelse:\n    assert False"
    )
    assert passes(solution, test) is True


def test_inspect_sees_the_signature_the_text_and_the_name():
    solution = "def area(width, height=2, *, unit='m'):\n    'Area.'\n    return width * height"
    test = (
        "import inspect\n"
        "assert str(inspect.signature(area)) == \"(width, height=2, *, unit='m')\"\n"
        "assert 'width * height' in inspect.getsource(area) and inspect.isfunction(area)\n"
        "assert area.__name__ == 'area' and area.__doc__ == 'Area.' and callable(area)\n"
        "assert 'area' in globals()"
    )
    assert passes(solution, test) is True


def test_what_a_student_prints_can_be_tested():
    test = (
        "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\n"
        "with redirect_stdout(out): hello('Ana')\nassert out.getvalue() == 'Hello, Ana!\\n'"
    )
    assert passes("def hello(name):\n    print(f'Hello, {name}!')", test) is True


def test_older_helpers_and_variables_of_the_student_work():
    solution = "import math\nanswer = 42\nnames = ['a']\ntable = {'k': np.ones(2)}"
    test = (
        "from nose.tools import assert_equal, assert_almost_equal, assert_raises, eq_, ok_\n"
        "assert_equal(answer, 42)\nassert_almost_equal(math.pi, 3.1415926, 5)\nok_(names)\n"
        "eq_(names, ['a'])\nassert_raises(ZeroDivisionError, lambda: answer / 0)\n"
        "assert table['k'].sum() == 2"
    )
    assert passes(solution, test) is True


def test_a_number_at_the_end_of_a_test_is_partial_credit():
    solution = "def f(x):\n    return x"
    test = "points = 0\nif f(1) == 1: points += 1\nif f(2) == 2: points += 2\npoints"
    assert judge(solution, test)["points"] == 3
    assert judge(solution, test, "def f(x):\n    return 1")["points"] == 1
    assert judge(solution, test, "def f(x):\n    return 0")["points"] == 0


def test_a_locked_cell_may_use_what_the_student_wrote():
    """A helper of the course calls the student's function by its name."""
    course = "import numpy as np\n\ndef check_all():\n    assert f(2) == 4, 'f(2) is 4'"
    solution = "def f(x):\n    return 2 * x"
    assert passes(solution, "check_all()", course=course) is True
    assert judge(solution, "check_all()", "def f(x): return 0", course)["message"] == "f(2) is 4"


def test_names_of_the_course_cannot_be_replaced():
    course = "from numpy.testing import *\nimport numpy as np\nwanted = 4"
    solution = "def f(x):\n    return 2 * x"
    test = "helper = abs\nassert_allclose(f(2), wanted)\nassert helper(len([f(2)])) == 1"
    assert passes(solution, test, course=course) is True
    cheat = (
        "def f(x): return 9\nwanted = 9\ndef assert_allclose(*a): pass\nlen = abs = helper = f\n"
    )
    assert judge(solution, test, cheat, course)["points"] == 0


def test_a_name_belongs_to_whoever_bound_it_last_in_the_master():
    ledger = Ledger()
    ledger.student("import math\nx = 1\ndef f(): pass")
    assert ledger.course("x = 2\nf(math.pi)") == ("f",)
    assert ledger.course("print(x, f)") == ("f",)
    ledger.student("x = 3")
    assert ledger.course("assert 'x' in globals()") == ("f", "x")


def test_an_assertion_without_a_sentence_says_whether_it_is_a_hidden_one():
    solution = "def f(x):\n    return 2 * x"
    test = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(3) == 6\n### END HIDDEN TESTS"
    assert judge(solution, test, "def f(x):\n    return 0")["message"] == "The check failed."
    said = judge(solution, test, "def f(x):\n    return 2")["message"]
    assert said == "The visible checks pass, a hidden one with other numbers or shapes does not."


def test_every_probe_of_the_doctor_is_a_function_of_its_text():
    from dlcore.grading.doctor import PROBE

    space = {}
    exec(PROBE, space)
    assert all(callable(space[name]) for name in NAMES)
