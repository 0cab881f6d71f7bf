"""The wheel of dlcore, which the book and the site for the browser serve."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


def built(source: Path, build: Path) -> Path | None:
    """The wheel of what `source` holds now, made where it has changed; None where that fails."""
    wheels, key = build / "wheels", hashlib.sha256((source / "pyproject.toml").read_bytes())
    for file in sorted((source / "dlcore").rglob("*.*")):
        if file.is_file() and file.suffix != ".pyc":
            key.update(str(file).encode() + file.read_bytes())
    stamp = wheels / key.hexdigest()
    if not stamp.is_file():
        shutil.rmtree(wheels, ignore_errors=True)
        tool = [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation"]
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1600000000"}  # same source, same bytes
        if subprocess.run([*tool, "-w", str(wheels), str(source)], env=environment).returncode:
            return None
        stamp.touch()
    return next(wheels.glob("*.whl"))
