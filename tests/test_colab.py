"""A notebook by itself finds dlcore, and its page says where to open it.

`make colab` runs all notebooks so, with Colab's packages; here one lab and one exercise run, with
ours.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import anatomy  # noqa: E402
import book  # noqa: E402
import colab  # noqa: E402
import first_cell  # noqa: E402

SITE = ROOT / "_build" / "html"
PAGES = [
    *(f"notebooks/{path.stem}" for path in sorted(ROOT.glob("notebooks/*.ipynb"))),
    *(f"exercises/{path.stem}/{path.stem}" for path in sorted(ROOT.glob("exercises/*/*.ipynb"))),
]
USE = "\nfrom dlcore.scratch import softmax\nprint(softmax.__file__)"


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A Python with the packages of this one, but dlcore: an editable install stays behind."""
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "ours.pth").write_text(str(Path(pytest.__file__).parents[1]))
    return folder / "bin" / "python"


@pytest.fixture
def machine(tmp_path):
    """An empty folder, and a site of one wheel beside it."""
    (tmp_path / "content").mkdir()
    (tmp_path / "site" / "wheels").mkdir(parents=True)
    (built,) = (SITE / "wheels").glob("*.whl")
    wheel = tmp_path / "site" / "wheels" / built.name
    wheel.write_bytes(built.read_bytes())
    book.write_wheel_page(wheel)
    return SimpleNamespace(content=tmp_path / "content", site=tmp_path / "site", wheel=wheel)


def nobody() -> str:
    """An address of this machine where nobody listens any more."""
    with colab.served(ROOT) as server:
        return server.url


def run(python, site, folder, code=USE, **variables):
    cell = first_cell.first_cell(site) + code
    command = [python, "-c", cell]
    environment = colab.clean(folder.parent) | {"PIP_RETRIES": "0"}  # else seconds of waiting
    environment |= variables
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


# The cell.


def test_every_notebook_that_needs_dlcore_begins_with_the_cell_for_the_address_in_config():
    wanted = first_cell.first_cell(first_cell.site_of(ROOT))
    released = sorted(ROOT.glob("exercises/*/*.ipynb"))
    found = [*first_cell.notebooks(ROOT), *released]
    assert len(found) > len(released) > 0
    for path in found:
        notebook = json.loads(path.read_text())
        first = "".join(first_cell.codes(notebook)[0]["source"])
        if path in released and not first_cell.needs_dlcore(notebook):
            assert not first.startswith(first_cell.BEGINS), f"{path} does not need the cell"
        else:
            assert first == wanted, f"{path}: run tools/first_cell.py"


def test_the_cell_is_short_and_fits_the_page():
    lines = first_cell.CELL.splitlines()
    assert sum(map(bool, lines)) <= 15 and max(map(len, lines)) <= 79


def test_the_address_reaches_every_notebook(tmp_path):
    """A course of one lab and two masters, of which one needs dlcore."""
    config = {"sphinx": {"config": {"dlcore_site": "https://dl.example/course/"}}}
    (tmp_path / "_config.yml").write_text(json.dumps(config))
    sources = {
        "notebooks/01-a": [first_cell.first_cell("https://old.example"), "import dlcore.data"],
        "solutions/01-a/01-a": ["import numpy"],
        "solutions/02-b/02-b": ["import numpy\nfrom dlcore import data"],
    }
    for name, cells in sources.items():
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        notebook = {"cells": [{"cell_type": "code", "source": [cell]} for cell in cells]}
        path.write_text(json.dumps(notebook))
    changed = first_cell.put_everywhere(tmp_path)
    assert [path.stem for path in changed] == ["01-a", "02-b"]
    assert first_cell.put_everywhere(tmp_path) == []
    for path, count in zip(changed, (2, 2)):
        cells = json.loads(path.read_text())["cells"]
        assert len(cells) == count
        first = "".join(cells[0]["source"])
        assert 'WHEEL = "https://dl.example/course/wheels/index.htm"' in first
    assert cells[0]["metadata"]["nbgrader"]["locked"]


@pytest.mark.parametrize("wrong", ["http://dl.example", "dl.example", 'https://a"b'])
def test_an_address_that_is_none_is_refused(tmp_path, wrong):
    config = {"sphinx": {"config": {"dlcore_site": wrong}}}
    (tmp_path / "_config.yml").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="dlcore_site must be an address, https://..., got"):
        first_cell.site_of(tmp_path)


def test_an_installed_dlcore_is_used_and_nothing_is_fetched(machine):
    with colab.served(machine.site) as server:
        done = run(sys.executable, server.url, machine.content)
    assert done.stdout.strip() == str(ROOT / "dlcore" / "scratch" / "softmax.py"), done.stderr
    assert server.asked == [] and not list(machine.content.iterdir())


def test_a_checkout_around_is_used_and_nothing_is_fetched(machine, python):
    package = machine.content / "dlcore"
    (package / "scratch").mkdir(parents=True)
    (package / "__init__.py").write_text("print('the checkout')")
    deep = machine.content / "notebooks"
    deep.mkdir()
    with colab.served(machine.site) as server:
        done = run(python, server.url, deep, "\nimport dlcore")
    assert done.stdout == "the checkout\n", done.stderr
    assert server.asked == []


def test_a_wheel_beside_is_used_where_the_site_does_not_answer(machine, python):
    machine.wheel.rename(machine.content / machine.wheel.name)
    done = run(python, nobody(), machine.content)
    assert done.stdout.strip() == str(machine.content / "dlcore/scratch/softmax.py"), done.stderr


def test_the_wheel_is_fetched_once_from_the_site_and_nothing_else(machine, python):
    packages = colab.installed(python)
    with colab.served(machine.site) as server, colab.served(machine.site) as registry:
        for _ in range(2):
            done = run(python, server.url, machine.content, PIP_INDEX_URL=registry.url)
            where = done.stdout.strip()
            assert where == str(machine.content / "dlcore/scratch/softmax.py"), done.stderr
    assert server.asked == ["/wheels/index.htm", f"/wheels/{machine.wheel.name}"]
    assert registry.asked == []  # where a stranger could offer the name
    version = machine.wheel.name.split("-")[1]
    there = {path.name for path in machine.content.iterdir()}
    assert there == {"dlcore", f"dlcourse_dlcore-{version}.dist-info"}
    assert colab.installed(python) == packages


def test_a_broken_wheel_is_refused_with_what_to_do(machine, python):
    machine.wheel.write_bytes(machine.wheel.read_bytes()[:-1])
    with colab.served(machine.site) as server:
        done = run(python, server.url, machine.content)
    assert "DO NOT MATCH THE HASHES" in done.stderr
    page = f"{server.url}/wheels/index.htm"
    assert f"ImportError: put dlcore's wheel beside this file: see {page}" in done.stderr
    assert not list(machine.content.iterdir())


def test_without_a_network_or_an_address_the_cell_says_what_to_do(machine, python):
    closed = nobody()
    for site, page in (closed, closed), ("", "_build/html"):
        done = run(python, site, machine.content)
        page += "/wheels/index.htm"
        assert f"ImportError: put dlcore's wheel beside this file: see {page}" in done.stderr
        assert not list(machine.content.iterdir())


def test_a_page_over_plain_http_is_not_trusted(machine, python):
    done = run(python, "http://dl.example", machine.content)
    assert "not a trusted or secure host" in done.stderr and "ImportError" in done.stderr


def test_the_site_serves_the_wheel_and_names_its_hash():
    (wheel,) = (SITE / "wheels").glob("*.whl")
    page = (SITE / first_cell.PAGE).read_text()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert re.findall(r'href="([^"]+)"', page) == [f"{wheel.name}#sha256={digest}"]


# Alone on another machine.


@pytest.mark.parametrize(
    "notebook", ["notebooks/06-approximation", "exercises/22-gpu-kernels/22-gpu-kernels"]
)
def test_a_notebook_runs_alone_and_leaves_the_packages_as_they_were(python, notebook, required):
    if "22-" in notebook:
        required("triton")
    with colab.served(SITE) as server:
        assert colab.faults_of(python, ROOT / f"{notebook}.ipynb", server.url) == ""
    assert len(server.asked) == 2


def test_the_simulation_sees_what_a_notebook_lacks_and_leaves(python, tmp_path):
    def fault(code):
        cells = [{"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "source": code}]
        cells[0]["execution_count"] = None
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path = tmp_path / "x.ipynb"
        path.write_text(json.dumps(notebook))
        return colab.faults_of(python, path, "http://127.0.0.1:9")

    missing = fault("import importlib\nimportlib.import_module('dlcore')")
    assert "No module named 'dlcore'" in missing
    left = fault("""import pathlib, sys
pathlib.Path("note.txt").touch()
(site,) = pathlib.Path(sys.prefix).glob("lib/python*/site-packages")
(site / "torch-9.dist-info").mkdir()
(site / "torch-9.dist-info" / "METADATA").write_text("Name: torch\\nVersion: 9")""")
    assert left == (
        "other packages than before: ['torch==9']; beside the notebook: ['note.txt', 'x.ipynb']"
    )


# The links of a page.


def head_of(docname, repository="", site=""):
    addresses = {"dlcore_repository": repository, "dlcore_site": site, "dlcore_lite": ""}
    config = SimpleNamespace(**addresses)
    builder = SimpleNamespace(get_relative_uri=lambda start, to: to)
    app = SimpleNamespace(config=config, builder=builder, env=SimpleNamespace(found_docs=set()))
    return " ".join(anatomy.notebook_head(app, docname))


@pytest.mark.parametrize("repository", ["", "/", ".git"])
def test_with_both_addresses_every_notebook_opens_in_colab(repository):
    for docname in PAGES:
        head = head_of(docname, f"https://github.com/dl/course{repository}", "https://dl.example")
        address = f"https://colab.research.google.com/github/dl/course/blob/main/{docname}.ipynb"
        assert re.findall(r'href="(https:[^"]+)"', head) == [address]
        assert (ROOT / f"{docname}.ipynb").is_file()


@pytest.mark.parametrize(
    "addresses", [("", ""), ("https://github.com/dl/course", ""), ("", "https://dl.example")]
)
def test_without_an_address_no_page_has_a_link_to_colab(addresses):
    for docname in PAGES:
        head = head_of(docname, *addresses)
        assert "colab" not in head.lower() and f'download="{Path(docname).name}.ipynb"' in head


def test_a_repository_that_colab_cannot_open_is_refused():
    for wrong in "https://gitlab.com/dl/course", "github.com/dl/course", "https://github.com/dl":
        with pytest.raises(ValueError, match="dlcore_repository must be https://github.com/OWNER"):
            head_of("notebooks/x", wrong, "https://dl.example")


def test_the_built_pages_have_the_links_that_config_asks_for():
    import yaml

    config = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]
    for docname in PAGES:
        page = (SITE / f"{docname}.html").read_text()
        wanted = anatomy.colab_link(SimpleNamespace(**config), docname)
        assert re.findall(r'href="(https://colab[^"]*)"', page) == [wanted][: bool(wanted)]
