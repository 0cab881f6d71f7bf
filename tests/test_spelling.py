"""What people read, against a dictionary of common misspellings (codespell's)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READ = ["*.md", "chapters/*", "notebooks/*", "solutions/*/*", "dlcore/**/*.*", "tools/*", "tests/*"]


def misspelled(*files) -> str:
    command = [sys.executable, "-m", "codespell_lib", "--toml", ROOT / "pyproject.toml", *files]
    return subprocess.run(command, capture_output=True, text=True).stdout


@pytest.mark.parametrize("pattern", READ)
def test_nothing_that_people_read_is_misspelled(pattern):
    texts = [f for f in ROOT.glob(pattern) if f.suffix in {".md", ".ipynb", ".py", ".tsv", ".js"}]
    assert texts
    assert not (found := misspelled(*texts)), found


def test_a_misspelled_word_is_found(tmp_path):
    (tmp_path / "page.md").write_text("We recieve a gradient.\n")  # codespell:ignore
    assert "recieve ==> receive" in misspelled(tmp_path / "page.md")  # codespell:ignore
