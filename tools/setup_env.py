"""Make or update .venv with the pinned packages and this project. Standard library only.

    python3 tools/setup_env.py

Does nothing where .venv already matches requirements.txt and pyproject.toml. PyTorch comes
first and by a plan, because pip on Linux would bring 2.7 GB of CUDA packages with it.
DLCORE_VENV names another folder: .venv-lite gets JupyterLite instead (its extensions break
JupyterLab, so it stays out of .venv), any other one what .venv gets.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / os.environ.get("DLCORE_VENV", ".venv")
PINS = ROOT / "requirements.txt"
LITE = ROOT / "requirements-lite.txt"  # its versions, beside those of PINS
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP, UNFINISHED, LOG = VENV / "setup.stamp", VENV / "setup.unfinished", VENV / "setup.log"
OLDEST, NEWEST = (3, 11), (3, 13)
FREE_GB = 4

CUDA_PLAN = (
    "{pin} would bring {count} CUDA packages (about 2.7 GB; the CPU build is 0.2 GB). "
    "Either set TORCH_CUDA=1 to take them, or set PIP_EXTRA_INDEX_URL to PyTorch's CPU index, "
    "the address behind --index-url on pytorch.org, Get Started (Pip, CPU); then run this again"
)


class SetupError(Exception):
    """Shown as one line, without a traceback."""


@contextlib.contextmanager
def step(text):
    print(f"setup: {text} ...", flush=True)
    start = time.perf_counter()
    yield
    print(f"setup: ... {time.perf_counter() - start:.1f} s", flush=True)


def check_machine(version, free_bytes, modules=("venv", "ensurepip")):
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        here, low, high = (".".join(map(str, v[:2])) for v in (version, OLDEST, NEWEST))
        raise SetupError(
            f"Python must be {low} to {high}, got {here}; "
            "name another one, for example: make book PYTHON=python3.12"
        )
    for name in modules:
        if importlib.util.find_spec(name) is None:
            raise SetupError(
                f"this Python has no module {name}; on Debian and Ubuntu: apt install python3-venv"
            )
    if free_bytes < FREE_GB * 1e9:
        raise SetupError(f"the disk needs {FREE_GB} GB free here, got {free_bytes / 1e9:.1f} GB")


def wanted():
    """What a finished VENV was made from."""
    sources = PINS, LITE if VENV.name == ".venv-lite" else ROOT / "pyproject.toml"
    files = [path.read_bytes() for path in sources]
    digest = hashlib.sha256(b"\0".join([*files, str(ROOT).encode()])).hexdigest()
    return "{} {}.{}\n".format(digest, *sys.version_info[:2])


def quiet(*command):
    """The output of a command, or None where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def make_venv():
    """An empty .venv, unless a whole one of this Python's version is there."""
    asked = quiet(PYTHON, "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])")
    if asked == "{}.{}".format(*sys.version_info[:2]) and not UNFINISHED.exists():
        return
    with step(f"new {VENV.name} with Python {sys.version.split()[0]}"):
        base = getattr(sys, "_base_executable", sys.executable)  # never .venv's own python
        made = subprocess.run([base, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
        if made.returncode:
            reason = (made.stdout + made.stderr).strip().split("\n")[-1]
            raise SetupError(f"python -m venv failed: {reason}")


def why_pip_failed(log):
    """One sentence for the usual reasons, found in pip's long output."""
    if "No space left" in log:
        return "the disk is full"
    if re.search(r"name resolution|NewConnectionError|Connection ?(Error|refused|reset)", log):
        return "no network, or the package index cannot be reached"
    errors = [line for line in log.split("\n") if line.startswith("ERROR:")]
    return errors[-1].removeprefix("ERROR: ") if errors else "see the log"


def pip(*arguments):
    """pip's standard output; all it says goes to the log."""
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    with LOG.open("a", encoding="utf-8") as log:
        print("$ pip", *arguments, "\n", done.stderr, done.stdout, file=log)
    if done.returncode:
        reason = why_pip_failed(done.stderr + done.stdout)
        raise SetupError(f"pip could not install: {reason}; its log is {LOG}")
    return done.stdout


def refuse_cuda(report, pin):
    """Stop where pip's plan holds CUDA packages that nobody asked for."""
    names = [item["metadata"]["name"].lower() for item in report["install"]]
    cuda = [name for name in names if name.startswith(("nvidia-", "cuda-"))]
    if cuda and os.environ.get("TORCH_CUDA") != "1":
        raise SetupError(CUDA_PLAN.format(pin=pin, count=len(cuda)))


def install_torch():
    pin = re.search(r"^torch==\S+", PINS.read_text(), re.M).group()
    here = quiet(PYTHON, "-c", "import torch; print(torch.__version__)") or ""
    if f"torch=={here.split('+')[0]}" == pin:
        return
    with step(f"{pin}: what would pip bring"):
        refuse_cuda(json.loads(pip("install", "--quiet", "--dry-run", "--report", "-", pin)), pin)
    with step(pin):
        pip("install", pin)


def install():
    if VENV.name == ".venv-lite":
        with step("JupyterLite"):
            pip("install", "-r", str(LITE), "-c", str(PINS))
        return
    install_torch()
    with step("the other pinned packages"):
        pip("install", "-r", str(PINS))
    with step("dlcore itself, editable"):
        pip("install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def main():
    start = time.perf_counter()
    if STAMP.is_file() and PYTHON.exists() and STAMP.read_text() == wanted():
        return
    check_machine(sys.version_info, shutil.disk_usage(ROOT).free)
    make_venv()
    UNFINISHED.touch()  # an interrupted run leaves half-copied packages: the next one starts anew
    STAMP.unlink(missing_ok=True)
    try:
        install()
    except SetupError:
        UNFINISHED.unlink()  # pip ended by itself, and cleans up after itself
        raise
    STAMP.write_text(wanted())
    UNFINISHED.unlink()
    print(f"setup: done in {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"setup: {error}")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run it again to go on")
