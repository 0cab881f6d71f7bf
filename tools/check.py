"""All checks, one after the other; `make test`. Goes on after a failure, and fails at the end."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
TWO = ["-n", "2", "--dist", "loadscope", "--durations=12"]  # the scopes: tests/conftest.py
NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=60"]  # a dead kernel hangs
NBVAL += ["-n", "2", "--dist", "loadscope"]  # any other --dist tears a notebook's cells apart


EXECUTED = ROOT / "_build" / "executed.json"  # by the book's step, or one with the same key


def not_in_the_book() -> list[str]:
    """Notebooks that the book's step has not executed as they are: nothing runs twice."""
    folders = ("notebooks/*.ipynb", "solutions/*/*.ipynb", "lite/*.ipynb")
    notebooks = [f for pattern in folders for f in sorted(ROOT.glob(pattern))]
    done = json.loads(EXECUTED.read_text()) if EXECUTED.is_file() else {}
    return [str(f) for f in notebooks if str(f.relative_to(ROOT)) not in done]


def steps() -> dict[str, list[str]]:
    return {
        "ruff check": ["-m", "ruff", "check", "--quiet"],
        "ruff format": ["-m", "ruff", "format", "--check", "--quiet"],
        "book": ["tools/book.py", "--clean"],
        "tests": ["-m", "pytest", *TWO, "--no-loadscope-reorder", "tests"],
        "notebooks": ["-m", "pytest", *NBVAL],  # and not_in_the_book()
        "exercises": ["-m", "dlcore.grading", "release", "--check"],
    }


def main() -> int:
    table = []
    EXECUTED.unlink(missing_ok=True)
    for name, arguments in steps().items():
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
        arguments = arguments + (not_in_the_book() if name == "notebooks" else [])
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=os.environ | ONE_THREAD)
        table.append((name, done.returncode, time.perf_counter() - start))
    print()
    for name, code, seconds in table:
        print(f"{'ok    ' if code == 0 else 'FAILED'} {seconds:6.1f} s  {name}")
    failed = [name for name, code, _ in table if code]
    print(f"{len(table) - len(failed)} of {len(table)} steps passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
