"""Run the notebooks as Colab would: each alone in an empty folder, with other packages than ours.

    python tools/colab.py [--torch VERSION] [NAME ...]

The environment is fresh, has what Colab had when we looked, and no dlcore. Nothing around a
notebook is ours, and the site is a server on this machine. Every lab must run to its end, and so
must every exercise once its answers are filled in. Then the packages must be what they were, and
beside the notebook may lie dlcore alone.

Colab's Python is newer than ours may be, and its PyTorch is a build for CUDA: here it is the
version that requirements.txt names, unless --torch asks for another (of which pip, on Linux, has
CUDA builds only: see tools/setup_env.py).
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import book  # noqa: F401  makes nbclient look for lost messages
import first_cell
import nbformat
import setup_env
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

ROOT = first_cell.ROOT
BUILD = ROOT / "_build"
PACKAGES = (  # Colab, 2025; numpy's is the oldest that dlcore says it works with
    "numpy==2.0.2",
    "scipy==1.16.3",
    "matplotlib==3.10.0",
    "scikit-learn==1.6.1",
    "ipywidgets==7.7.1",
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "tqdm==4.67.1",
    "triton==3.6.0",
)
TIMEOUT = 300  # seconds a cell


class Handler(SimpleHTTPRequestHandler):
    def log_request(self, code="-", size="-"):
        self.server.asked.append(self.path)

    def log_message(self, format, *args):
        """Says nothing."""


@contextlib.contextmanager
def served(folder: Path):
    """A server of `folder` on this machine; its `asked` lists the paths asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LIST = """import importlib.metadata
print(*sorted({f"{d.name}=={d.version}" for d in importlib.metadata.distributions()}))"""


def installed(python: Path) -> set[str]:
    """What `pip freeze` would list, in a fifth of its time."""
    done = subprocess.run([python, "-P", "-c", LIST], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def environment(folder: Path, torch: str) -> Path:
    """A fresh Python with `PACKAGES` and PyTorch, or the one made before with the same; no dlcore.

    PyTorch's CUDA packages are refused as tools/setup_env.py does.
    """
    python, stamp = folder / "bin" / "python", folder / "packages.json"
    wanted = json.dumps([*PACKAGES, torch])
    if not (stamp.is_file() and stamp.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        plan = [*pip, "--dry-run", "--report", "-", torch]
        plan = subprocess.run(plan, check=True, stdout=subprocess.PIPE).stdout
        setup_env.refuse_cuda(json.loads(plan), torch)
        subprocess.run([*pip, torch, *PACKAGES], check=True)
        stamp.write_text(wanted)
    return python


def clean(folder: Path) -> dict[str, str]:
    """The variables of a machine that knows nothing of the course."""
    path = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))
    fonts = str(BUILD / "colab" / "matplotlib")  # to look for them takes ten seconds each time
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "MPLCONFIGDIR": fonts}


def filled(path: Path) -> dict:
    """The notebook; an exercise with the answers of its master."""
    notebook = json.loads(path.read_text())
    if path.is_relative_to(ROOT / "exercises"):
        master = ROOT / "solutions" / path.relative_to(ROOT / "exercises")
        answers = {cell["id"]: cell["source"] for cell in json.loads(master.read_text())["cells"]}
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                cell["source"] = answers[cell["id"]]
    return notebook


def kernel_of(python: Path, folder: Path) -> AsyncKernelManager:
    """A kernel of that Python; Jupyter wants its description in a folder."""
    (folder / "colab").mkdir(parents=True)
    argv = "-Xfrozen_modules=off -m ipykernel_launcher -f {connection_file}"
    spec = {"argv": [str(python), *argv.split()], "display_name": "Colab", "language": "python"}
    (folder / "colab" / "kernel.json").write_text(json.dumps(spec))
    known = KernelSpecManager(kernel_dirs=[str(folder)])
    return AsyncKernelManager(kernel_name="colab", kernel_spec_manager=known)


def run_alone(python: Path, notebook: dict, site: str, file: Path) -> None:
    """Run the notebook as `file`, alone in its folder, with `python`; raises what a cell raised."""
    if first_cell.needs_dlcore(notebook):
        first_cell.put(notebook, first_cell.first_cell(site), is_lab=True)
    file.parent.mkdir()
    file.write_text(json.dumps(notebook))
    client = NotebookClient(
        nbformat.read(file, as_version=4),
        km=kernel_of(python, file.parent.parent / "kernels"),
        timeout=TIMEOUT,
        resources={"metadata": {"path": str(file.parent)}},
    )
    client.owns_km = True  # it ends the kernel
    client.execute(env=clean(file.parent.parent))


def faults_of(python: Path, source: Path, site: str) -> str:
    """What is wrong with a notebook on such a machine; '' where nothing is."""
    before, notebook = installed(python), filled(source)
    with tempfile.TemporaryDirectory() as machine:  # not in _build, which lies in the checkout
        file = Path(machine, "content", source.name)
        try:
            run_alone(python, notebook, site, file)
        except Exception as error:
            return re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        there = {path.name for path in file.parent.iterdir()}
    right = {source.name}
    if first_cell.needs_dlcore(notebook):
        (wheel,) = (BUILD / "html" / "wheels").glob("*.whl")
        right |= {"dlcore", "-".join(wheel.name.split("-")[:2]) + ".dist-info"}
    faults = []
    if changed := installed(python) ^ before:
        faults.append(f"other packages than before: {sorted(changed)}")
    if there != right:
        faults.append(f"beside the notebook: {sorted(there)}")
    return "; ".join(faults)


def main() -> int:
    pin = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(), re.M).group()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--torch", default=pin.removeprefix("torch=="))
    parser.add_argument("names", nargs="*", help="of notebooks, as in 05-mlp; all by default")
    given = parser.parse_args()
    notebooks = sorted(ROOT.glob("notebooks/*.ipynb")) + sorted(ROOT.glob("exercises/*/*.ipynb"))
    notebooks = [path for path in notebooks if not given.names or path.stem in given.names]
    python = environment(BUILD / "colab" / f"torch-{given.torch}", f"torch=={given.torch}")
    failed = []
    with served(BUILD / "html") as site:
        for path in notebooks:
            start = time.perf_counter()
            fault = faults_of(python, path, site.url)
            word = "FAILED" if fault else "ok    "
            name = path.relative_to(ROOT)
            print(f"{word} {time.perf_counter() - start:6.1f} s  {name}", flush=True)
            if fault:
                failed.append(name)
                print(fault, flush=True)
    print(f"colab: {len(notebooks) - len(failed)} of {len(notebooks)} notebooks run alone")
    return 1 if failed or not notebooks else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (setup_env.SetupError, subprocess.CalledProcessError) as error:
        sys.exit(f"colab: {error}")
