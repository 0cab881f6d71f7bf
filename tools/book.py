"""Build the book: run its notebooks, make the pages, fail on anything that is not clean.

    python tools/book.py [--source DIR]

Notebooks whose code, dlcore modules, pins and data are unchanged come from the cache.
"""

import argparse
import contextlib
import hashlib
import json
import math
import os
import queue
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
os.environ.update(dict.fromkeys(THREADS, "1"))  # two notebooks run side by side

import yaml  # noqa: E402
from dlbook import see_dlcore  # noqa: E402
from jupyter_cache import get_cache  # noqa: E402
from jupyter_cache.base import CacheBundleIn  # noqa: E402
from jupyter_cache.executors.utils import single_nb_execution  # noqa: E402
from jupyter_client.channels import AsyncZMQSocketChannel  # noqa: E402
from myst_nb.core.config import NbParserConfig  # noqa: E402
from myst_nb.core.read import create_nb_reader  # noqa: E402
from myst_parser.config.main import MdParserConfig  # noqa: E402
from sphinx_external_toc.parsing import parse_toc_yaml  # noqa: E402

BUDGET = 60  # seconds that one notebook may take
WORKERS = 2


def say(text: str) -> None:
    print(f"book: {text}", flush=True)


def executed_pages(source: Path, config: dict) -> dict[Path, object]:
    """The notebooks of the table of contents (.ipynb, or .md with code cells), read."""
    pages, skipped = {}, config["execute"]["exclude_patterns"]
    markdown = MdParserConfig(enable_extensions=set(config["parse"]["myst_enable_extensions"]))
    for name in parse_toc_yaml(source / "_toc.yml"):
        for path in (source / f"{name}.ipynb", source / f"{name}.md"):
            if not path.is_file() or any(map(path.match, skipped)):
                continue
            text = path.read_text()
            reader = create_nb_reader(str(path), markdown, NbParserConfig(), text)
            notebook = reader and reader.read(text)
            if notebook and any(cell.cell_type == "code" for cell in notebook.cells):
                pages[path] = notebook
    return pages


async def look_each_second(channel, timeout=None):
    """A message of the kernel, or queue.Empty after `timeout` seconds.

    A message can arrive without waking the one who waits for it: notebooks of 8 s took 68 s, the
    timeout of a cell more. So look again and again instead of waiting once.
    """
    end = time.monotonic() + (math.inf if timeout is None else timeout)
    while True:
        try:
            return await GET_MSG(channel, max(0, min(1, end - time.monotonic())))
        except queue.Empty:
            if time.monotonic() >= end:
                raise


GET_MSG = AsyncZMQSocketChannel.get_msg
AsyncZMQSocketChannel.get_msg = look_each_second


def fill_cache(pages: dict, cache, timeout: int) -> tuple[dict, dict, int]:
    """Run what the cache does not hold. Returns seconds and errors by page, and how many ran."""

    def run(path):
        # Else each kernel warns on the console that it talks over TCP, and when it is stopped.
        options = {"extra_arguments": ["--IPKernelApp.log_level=CRITICAL"]}
        return single_nb_execution(pages[path], str(path.parent), timeout, False, **options)

    seconds, errors, todo = {}, {}, []
    for path, notebook in pages.items():
        try:
            record = cache.match_cache_notebook(notebook)
            seconds[path] = record.data["execution_seconds"]
        except KeyError:
            todo.append(path)
    with ThreadPoolExecutor(WORKERS) as pool:
        for path, result in zip(todo, pool.map(run, todo), strict=True):
            if result.err:
                errors[path] = re.sub(r"\x1b\[[0-9;]*m", "", str(result.err))  # no colours
                continue
            seconds[path] = result.time
            bundle = CacheBundleIn(pages[path], str(path), data={"execution_seconds": result.time})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return seconds, errors, len(todo)


def run_notebooks(source: Path, build: Path) -> bool:
    config = yaml.safe_load((source / "_config.yml").read_text())
    see_dlcore(source)
    cache = get_cache(str(build / ".jupyter_cache"))
    start = time.perf_counter()
    pages = executed_pages(source, config)
    seconds, errors, ran = fill_cache(pages, cache, config["execute"]["timeout"])
    table = {str(p.relative_to(source)): round(s, 1) for p, s in sorted(seconds.items())}
    (build / "notebook_times.json").write_text(json.dumps(table, indent=1) + "\n")
    took = time.perf_counter() - start
    say(f"{len(pages)} notebooks: {ran} executed, {len(pages) - ran} from the cache, {took:.1f} s")
    for name, s in table.items():
        late = f"  OVER THE BUDGET of {BUDGET} s" if s > BUDGET else ""
        say(f"  {s:6.1f} s  {name}{late}")
    for path, error in errors.items():
        say(f"FAILED {path.relative_to(source)}\n{error}")
    return not errors and all(s <= BUDGET for s in table.values())


def make_pages(source: Path, build: Path) -> bool:
    """Sphinx, from clean pages each time: an incremental build hides the warnings of old pages."""
    for name in ("html", ".doctrees"):
        shutil.rmtree(build / name, ignore_errors=True)
    start = time.perf_counter()
    tool = [Path(sys.executable).with_name("jupyter-book"), "build", "-q", "-W", "-n"]
    tool += ["--keep-going", "--path-output", source, source]
    rc = subprocess.run(tool, stdout=subprocess.DEVNULL).returncode  # faults are on stderr
    say(f"pages {'built' if rc == 0 else 'FAILED'}, {time.perf_counter() - start:.1f} s")
    return rc == 0


def add_wheel(source: Path, build: Path) -> bool:
    """The package as the site serves it, for a notebook opened elsewhere."""
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
            return False
        stamp.touch()
    (build / "html" / "wheels").mkdir()
    for wheel in wheels.glob("*.whl"):
        shutil.copy2(wheel, build / "html" / "wheels")
    return True


@contextlib.contextmanager
def alone(build: Path):
    """Two builds in one folder would tear each other's pages, so the second waits."""
    import fcntl  # not on Windows, where WSL is the tested way

    build.mkdir(exist_ok=True)
    with (build / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build is running in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_book(source: Path, build: Path) -> bool:
    start = time.perf_counter()
    if not (run_notebooks(source, build) and make_pages(source, build)):
        say("FAILED: see the messages above")
        return False
    if (source / "pyproject.toml").is_file() and not add_wheel(source, build):
        say("FAILED: the wheel of dlcore was not built")
        return False
    page = build / "html" / "index.html"
    say(f"done in {time.perf_counter() - start:.1f} s: {page}")
    say(f"open {page.as_uri()} or run `make serve`")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", type=Path, default=Path(__file__).parent.parent)
    source = parser.parse_args().source.resolve()
    os.environ["PYTHONPATH"] = str(source)  # notebooks import this tree's dlcore
    build = source / "_build"
    with alone(build):
        return 0 if make_book(source, build) else 1


if __name__ == "__main__":
    sys.exit(main())
