"""Each guarantee of the grader's page names tests and cases that exist."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from cases import all_cases

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "dlcore" / "grading" / "README.md"
ROWS = re.findall(r"^\| (.+?) \| (`test_.+) \|$", PAGE.read_text(encoding="utf-8"), re.M)
CASES = [case.name for case in all_cases()]


def named(cell: str):
    """(file, pattern) for each name between backticks; a file holds until the next one."""
    file = None
    for name in re.findall(r"`([^`]+)`", cell):
        if name.endswith(".py"):
            file = name
        else:
            yield file, name.replace("…", "*")


@pytest.mark.parametrize("guarantee, cell", ROWS)
def test_a_guarantee_names_tests_that_exist(guarantee, cell):
    assert list(named(cell)), guarantee
    for file, pattern in named(cell):
        names = re.findall(r"^def (test_\w+)", (HERE / file).read_text(encoding="utf-8"), re.M)
        names += CASES if file == "test_cases.py" else []
        assert any(fnmatchcase(name, pattern) for name in names), f"{file}: no {pattern}"


def test_the_page_has_a_row_for_every_guarantee():
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("| What holds") : text.index("## Decisions")]
    assert len(ROWS) == table.count("\n| ") >= 20
