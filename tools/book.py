"""Build the book: run its notebooks, make the pages, fail on anything that is not clean.

    python tools/book.py [--clean] [--kind html|epub|pdf] [--source DIR]

Notebooks whose code, dlcore modules, pins and data are unchanged come from the cache, and so do
pages. With --clean all pages are made anew, as `make test` does: where one page is made alone, a
link to it from an unchanged page is not looked at.
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

sys.modules["rfc3987_syntax"] = None  # its import takes 6 s, for a check that nothing here asks for

import dlbook  # noqa: E402
import first_cell  # noqa: E402
import wheel  # noqa: E402
import yaml  # noqa: E402
from jupyter_book.sphinx import build_sphinx  # noqa: E402
from jupyter_cache import get_cache  # noqa: E402
from jupyter_cache.base import CacheBundleIn  # noqa: E402
from jupyter_cache.executors.utils import single_nb_execution  # noqa: E402
from jupyter_client.channels import AsyncZMQSocketChannel  # noqa: E402
from myst_nb.core.config import NbParserConfig  # noqa: E402
from myst_nb.core.read import create_nb_reader  # noqa: E402
from myst_parser.config.main import MdParserConfig  # noqa: E402
from sphinx_external_toc.parsing import parse_toc_yaml  # noqa: E402

# Seconds that one notebook may take, by the clock. A lab is meant for a minute on a machine of
# today with nothing else to do; shared cores of 2017, two at a time, take up to three.
BUDGET = 180
WORKERS = 2
TEX = (
    "texlive-xetex texlive-latex-extra texlive-fonts-recommended latexmk xindy lmodern tex-gyre"
    " fonts-freefont-otf fonts-dejavu-core fonts-noto-cjk"
)
# For pip, in the first cell of a notebook, and for its reader where pip gets no answer. Not .html,
# since it is no page of the book: it has no theme.
WHEEL_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>The wheel of dlcore</title>
<h1>The wheel of dlcore</h1>
<p><a href="{name}#sha256={digest}">{name}</a>
<p>The first cell of a notebook fetches this file where dlcore is not installed. Where it cannot,
download it and put it beside the notebook: into the same folder, or in Colab among the files of the
session. Then run the cell again.
<p>It is unpacked into a folder <code>dlcore</code> there. For a newer one delete that folder first.
<p>SHA-256: <code style="overflow-wrap: anywhere">{digest}</code>
</html>
"""
# What changes every page without Sphinx noticing.
ON_EVERY_PAGE = (
    "_config.yml",
    "_toc.yml",
    "references.bib",
    "requirements.txt",
    "_static",
    "tools",
)


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
            seconds[path] = cache.match_cache_notebook(notebook).data["execution_seconds"]
        except KeyError:
            todo.append(path)
    if todo:  # else the first notebook on a machine says on stderr that it builds this cache
        fonts = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(fonts, capture_output=True)
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
    dlbook.see_dlcore(source)
    cache = get_cache(str(build / ".jupyter_cache"))
    start = time.perf_counter()
    pages = executed_pages(source, config)
    seconds, errors, ran = fill_cache(pages, cache, config["execute"]["timeout"])
    table = {str(p.relative_to(source)): round(s, 1) for p, s in sorted(seconds.items())}
    (build / "notebook_times.json").write_text(json.dumps(table, indent=1) + "\n")
    keys = {
        str(p.relative_to(source)): cache.create_hashed_notebook(notebook)[1]
        for p, notebook in pages.items()
        if p in seconds
    }
    (build / "executed.json").write_text(json.dumps(keys, indent=1) + "\n")
    took = time.perf_counter() - start
    say(f"{len(pages)} notebooks: {ran} executed, {len(pages) - ran} from the cache, {took:.1f} s")
    for name, s in table.items():
        late = f"  OVER THE BUDGET of {BUDGET} s" if s > BUDGET else ""
        say(f"  {s:6.1f} s  {name}{late}")
    for path, error in errors.items():
        say(f"FAILED {path.relative_to(source)}\n{error}")
    return not errors and all(s <= BUDGET for s in table.values())


def executed(build: Path) -> dict[str, str]:
    """The notebooks that have run as they are now, with their keys in the cache."""
    file = build / "executed.json"
    return json.loads(file.read_text()) if file.is_file() else {}


def state_of_all_pages(source: Path) -> str:
    files = [source / name for name in ON_EVERY_PAGE]
    files += [inner for folder in files if folder.is_dir() for inner in sorted(folder.iterdir())]
    digest = hashlib.sha256()
    for file in filter(Path.is_file, files):
        digest.update(f"\0{file.relative_to(source)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def keep_or_remove(source: Path, build: Path, clean: bool) -> dict:
    """Old pages stay where the last build passed and only pages have changed since."""
    stamp, file = {"all": state_of_all_pages(source), "keys": executed(build)}, build / "pages.json"
    old = json.loads(file.read_text()) if file.is_file() else {}
    file.unlink(missing_ok=True)  # a failed build hides its warnings from the next
    if clean or old.get("all") != stamp["all"]:
        for name in ("html", ".doctrees-html"):
            shutil.rmtree(build / name, ignore_errors=True)
    new = {name for name, key in stamp["keys"].items() if old.get("keys", {}).get(name) != key}
    dlbook.rerun.update(name.rpartition(".")[0] for name in new)
    return stamp


def sphinx(source: Path, build: Path, kind: str, **settings) -> int:
    """What `jupyter-book build` does, without starting Python once more; 0 where all is clean."""
    if kind != "html":  # rarely made, so anew each time
        for name in (kind, f".doctrees-{kind}"):
            shutil.rmtree(build / name, ignore_errors=True)
    return build_sphinx(
        source,
        build / kind,
        path_config=source / "_config.yml",
        noconfig=True,
        builder=kind,
        doctreedir=build / f".doctrees-{kind}",
        confoverrides={
            "external_toc_path": str(source / "_toc.yml"),
            "latex_individualpages": False,
            "nitpicky": True,
            **settings,
        },
        quiet=True,
        warningiserror=True,
        keep_going=True,
    )


def make_pages(source: Path, build: Path, clean: bool) -> bool:
    start = time.perf_counter()
    stamp = keep_or_remove(source, build, clean)
    rc = sphinx(source, build, "html")
    took = f"{time.perf_counter() - start:.1f} s"
    if rc:
        say(f"pages FAILED, {took}")
        return False
    (build / "pages.json").write_text(json.dumps(stamp))
    say(f"pages built, {len(dlbook.read_anew)} of them anew, {took}")
    return True


def add_wheel(source: Path, build: Path) -> bool:
    """The package as the site serves it, for a notebook opened elsewhere."""
    if not (file := wheel.built(source, build)):
        return False
    served = build / "html" / "wheels"
    shutil.rmtree(served, ignore_errors=True)
    served.mkdir()
    shutil.copy2(file, served)
    write_wheel_page(served / file.name)
    return True


def write_wheel_page(file: Path) -> None:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    page = file.with_name(Path(first_cell.PAGE).name)
    page.write_text(WHEEL_PAGE.format(name=file.name, digest=digest))


def make_epub(source: Path, build: Path) -> bool:
    if sphinx(source, build, "epub", html_math_renderer="mathml"):
        return False
    (book,) = (build / "epub").glob("*.epub")
    say(f"done: {book}")
    return True


def missing_tex() -> str:
    """What `make pdf` lacks on this machine, as one line, or ''."""
    fonts = ["fc-list", ":family=Noto Sans CJK SC"]
    tools = all(map(shutil.which, ("latexmk", "xelatex", "xindy", "fc-list")))
    if tools and subprocess.run(fonts, capture_output=True).stdout:
        return ""
    return "TeX is missing; on Debian and Ubuntu: apt install " + TEX


def make_pdf(source: Path, build: Path) -> bool:
    if missing := missing_tex():
        say(f"FAILED: {missing}")
        return False
    if sphinx(source, build, "latex"):
        return False
    folder = build / "latex"
    (text,) = folder.glob("*.tex")
    tool = [
        "latexmk",
        "-xelatex",
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-quiet",
        text.name,
    ]
    done = subprocess.run(tool, cwd=folder, capture_output=True, text=True)
    pdf = text.with_suffix(".pdf")
    say(f"done: {pdf}" if done.returncode == 0 else f"FAILED: see {text.with_suffix('.log')}")
    return done.returncode == 0


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


def make_book(source: Path, build: Path, clean: bool, kind: str) -> bool:
    start = time.perf_counter()
    if kind != "html":
        maker = {"epub": make_epub, "pdf": make_pdf}[kind]
        return run_notebooks(source, build) and maker(source, build)
    if not (run_notebooks(source, build) and make_pages(source, build, clean)):
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
    parser.add_argument("--clean", action="store_true", help="make all pages anew")
    parser.add_argument("--kind", choices=["html", "epub", "pdf"], default="html")
    given = parser.parse_args()
    source = given.source.resolve()
    os.environ["PYTHONPATH"] = str(source)  # notebooks import this tree's dlcore
    build = source / "_build"
    with alone(build):
        return 0 if make_book(source, build, given.clean, given.kind) else 1


if __name__ == "__main__":
    sys.exit(main())
