"""The first code cell of the notebooks: one text, with the site's address from _config.yml.

    python tools/first_cell.py

writes it into every lab, and into every master of an exercise that imports dlcore. The address is
`dlcore_site` in _config.yml and stands nowhere else by hand. Committed notebooks hold it, because
Colab opens them from the repository, where nothing is built.

The cell unpacks one wheel beside the notebook, so that the numpy and torch of the machine stay as
they are. (Packed it would not do: dlcore.kernels.assembly reads the source of its neighbours.)
pip takes the wheel's name and SHA-256 from a page of the site, which tools/book.py writes. That
guards against a broken download; who controls the site controls both. Against others it is TLS
that guards: pip takes no page over plain HTTP but from this machine itself.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = "wheels/index.htm"  # of the site, or of _build/html
BEGINS = "# Find dlcore:"
CELL = f"""{BEGINS} installed, in the checkout around, or its wheel (Colab).
import importlib.util
import pathlib
import subprocess
import sys

WHEEL = "SITE/{PAGE}"
here = pathlib.Path.cwd()
around = [p for p in (here, *here.parents) if (p / "dlcore/scratch").is_dir()]
sys.path += map(str, around)
if importlib.util.find_spec("dlcore") is None:  # unpack it beside
    pip = f"install -qt . --no-deps --no-index -f . -f {{WHEEL}} dlcourse-dlcore"
    if subprocess.run([sys.executable, "-m", "pip", *pip.split()]).returncode:
        raise ImportError(f"put dlcore's wheel beside this file: see {{WHEEL}}")
    sys.path.append(str(here))"""


def site_of(root: Path) -> str:
    """The address that _config.yml gives, '' where it gives none."""
    config = yaml.safe_load((root / "_config.yml").read_text())
    site = config["sphinx"]["config"]["dlcore_site"].rstrip("/")
    if site and not re.fullmatch(r"https://[\w.:/~%+-]+", site):
        raise ValueError(f"dlcore_site must be an address, https://..., got {site!r}")
    return site


def first_cell(site: str) -> str:
    return CELL.replace("SITE", site or "_build/html")


def codes(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def needs_dlcore(notebook: dict) -> bool:
    text = "\n".join("".join(cell["source"]) for cell in codes(notebook))
    return re.search(r"^\s*(from|import) dlcore\b", text, re.MULTILINE) is not None


def notebooks(root: Path) -> list[Path]:
    """Those that must begin with the cell. An exercise of NumPy alone runs anywhere without it."""
    masters = sorted(root.glob("solutions/*/*.ipynb"))
    labs = sorted(root.glob("notebooks/*.ipynb"))
    return labs + [path for path in masters if needs_dlcore(json.loads(path.read_text()))]


def new_cell(is_lab: bool) -> dict:
    marks = {"grade": False, "grade_id": "find-dlcore", "locked": True, "schema_version": 3}
    marks |= {"solution": False, "task": False}
    metadata = ({} if is_lab else {"nbgrader": marks}) | {"tags": ["hide-cell"]}
    cell = {"cell_type": "code", "execution_count": None, "id": "find-dlcore"}
    return cell | {"metadata": metadata, "outputs": [], "source": []}


def put(notebook: dict, text: str, is_lab: bool) -> None:
    """Make `text` the first code cell: in place of an older one, or as a new one."""
    first = codes(notebook)[0]
    if not "".join(first["source"]).startswith(BEGINS):
        place = notebook["cells"].index(first)
        first = new_cell(is_lab)
        notebook["cells"].insert(place, first)
    first["source"] = text.splitlines(keepends=True)


def put_everywhere(root: Path) -> list[Path]:
    """Write the cell into the notebooks that need it; the files that changed."""
    text, changed = first_cell(site_of(root)), []
    for path in notebooks(root):
        old = path.read_text()
        notebook = json.loads(old)
        put(notebook, text, path.parent.name == "notebooks")
        new = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        if new != old:
            path.write_text(new)
            changed.append(path)
    return changed


def main() -> int:
    changed = put_everywhere(ROOT)
    print(f"first_cell: {len(changed)} notebooks changed")
    slugs = [path.stem for path in changed if path.parent.name != "notebooks"]
    release = [sys.executable, "-m", "dlcore.grading", "release", *slugs]
    return subprocess.run(release, cwd=ROOT).returncode if slugs else 0


if __name__ == "__main__":
    sys.exit(main())
