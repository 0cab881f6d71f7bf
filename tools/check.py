"""All checks, one after the other; `make test`. Goes on after a failure, and fails at the end."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
TWO_BY_FILE = ["-n", "2", "--dist", "loadscope"]  # any other --dist tears a notebook's cells apart
NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=60"]  # a dead kernel hangs


def steps() -> dict[str, list[str]]:
    folders = ("notebooks/*.ipynb", "solutions/*/*.ipynb")
    notebooks = [str(f) for pattern in folders for f in sorted(ROOT.glob(pattern))]
    return {
        "ruff check": ["-m", "ruff", "check", "--quiet"],
        "ruff format": ["-m", "ruff", "format", "--check", "--quiet"],
        "book": ["tools/book.py", "--clean"],
        "tests": ["-m", "pytest", *TWO_BY_FILE, "tests"],
        "notebooks": ["-m", "pytest", *NBVAL, *TWO_BY_FILE, *notebooks],
        "exercises": ["-m", "dlcore.grading", "release", "--check"],
    }


def main() -> int:
    table = []
    for name, arguments in steps().items():
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
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
