"""The 86 claims of the source texts that carry numbers: where each is computed.

The tests are in `test_seed_claims_<area>.py`. A claim's id, text-number, stands in the docstring
or in the parametrisation of its test.
"""

import ast
import re
from pathlib import Path

import pytest

IDS = re.findall(
    r"\S+",
    """
C000-04 C000-06 C000-07 C000-08 C000-09 C000-12 C000-13
C001-28 C001-31 C001-32 C001-37 C001-38 C001-39 C001-42 C001-51 C001-60 C001-63 C001-65 C001-66
C001-67 C001-68 C001-73 C001-77 C001-78 C001-79 C001-80 C001-84 C001-86 C001-89 C001-90
C002-01 C002-07 C002-25 C002-28 C002-29 C002-30 C002-31 C002-32 C002-33 C002-34 C002-36 C002-39
C002-42 C002-49 C002-59 C002-60 C002-62 C002-66 C002-67 C002-68 C002-70
C003-04 C003-08 C003-13 C003-14 C003-15 C003-20 C003-21 C003-22 C003-23 C003-24 C003-25 C003-26
C003-30 C003-31
C004-09 C004-10 C004-14 C004-16 C004-21 C004-24 C004-26 C004-43 C004-44 C004-45 C004-47 C004-48
C004-49 C004-50 C004-51 C004-52 C004-53 C004-54 C004-56 C004-57 C004-61
""",
)


def claimed(source: str) -> list[str]:
    """The ids that the tests of a file name in their docstrings and parameters."""
    tests = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return re.findall(r"\bC\d{3}-\d\d\b", "\n".join(tests))


@pytest.fixture(scope="module")
def tested():
    files = sorted(Path(__file__).parent.glob("test_seed_claims_*.py"))
    return [claim for path in files for claim in claimed(path.read_text())]


def test_every_claim_with_a_number_is_computed(tested):
    assert len(IDS) == len(set(IDS)) == 86
    assert sorted(set(tested)) == sorted(IDS)


def test_only_ids_inside_tests_count_as_computed():
    source = 'X = "C000-04"\ndef helper():\n    "C000-06"\ndef test_a():\n    "C000-07: yes"\n'
    assert claimed(source) == ["C000-07"]
