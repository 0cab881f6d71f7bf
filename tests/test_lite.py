"""The site for the browser: what it holds and says; and, in `make lite`, every lab run in Chromium.

`make lite` sets DLCORE_LITE to the site that it has built and not delivered yet.
"""

import ast
import functools
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
SITE = Path(os.environ["DLCORE_LITE"]) if "DLCORE_LITE" in os.environ else None
NO_SITE = "in the browser: only `make lite`, which builds the site, runs this"
STATE = json.loads((SITE / "labs.json").read_text()) if SITE else {"labs": {"none": {}}}
SEEN = "jupyterapp.shell.currentWidget"
READY = SEEN.replace("app.", "app?.").replace(".current", "?.current")
READY = f"window.{READY}?.sessionContext?.session?.kernel?.status === 'idle'"
CHROMIUMS_OWN = "content-autofill.googleapis.com:443"  # not a page's: it looks at input fields
NOT_HERE = "torch", "triton"  # no browser runs these


@pytest.fixture
def lite(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import lite

    return lite


def code_of(path):
    cells = json.loads(path.read_text())["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def without(modules, script, path=ROOT):
    """Run a script where importing any of `modules` fails."""
    lines = ["import sys", *(f"sys.modules[{name!r}] = None" for name in modules)]
    lines += [f"sys.path.insert(0, {str(path)!r})", script]
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.run(command, cwd="/", capture_output=True, text=True)


# --- what it holds ----------------------------------------------------------------------------


def test_the_imports_of_every_lab_it_holds_work_without_torch(lite):
    assert len(lite.labs()) >= 7
    nodes = [ast.walk(ast.parse(code_of(path))) for path in lite.labs()]
    kinds = ast.Import, ast.ImportFrom
    imports = {ast.unparse(n) for walk in nodes for n in walk if isinstance(n, kinds)}
    done = without(NOT_HERE, "\n".join(sorted(imports)))
    assert done.returncode == 0, done.stderr


def test_every_lab_that_is_left_out_needs_torch_or_triton(lite):
    left_out = set((ROOT / "notebooks").glob("*.ipynb")) - set(lite.labs())
    assert left_out
    assert [path.name for path in left_out if not lite.needs(path) & set(NOT_HERE)] == []


def test_torch_is_found_behind_an_import_of_dlcore_and_a_magic(lite, tmp_path):
    cell = {"cell_type": "code", "source": ["%time import json\n", "from dlcore.nn import cnn"]}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert "torch" in lite.needs(tmp_path / "a.ipynb")


def test_the_numpy_half_imports_from_the_wheel_alone(lite):
    """No torch, no triton, no scikit-learn, and dlcore from nowhere but the wheel."""
    wheel = lite.wheel.built(ROOT, ROOT / "_build")
    script = """
import importlib, pkgutil, dlcore.scratch, dlcore.figures, dlcore.data
for package in dlcore.scratch, dlcore.figures:
    for module in pkgutil.iter_modules(package.__path__):
        found = importlib.import_module(f"{package.__name__}.{module.name}")
        assert ".whl" in found.__file__, found.__file__
print(len(sys.modules))"""
    done = without([*NOT_HERE, "sklearn", "scipy"], script, wheel)
    assert done.returncode == 0, done.stderr
    assert without(["numpy"], script, wheel).returncode == 1


def test_the_scalar_engine_needs_no_package_and_is_committed_without_outputs(lite):
    path = ROOT / "lite" / "scalar-engine.ipynb"
    assert lite.needs(path) == set()
    notebook = json.loads(path.read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in cells if cell["outputs"] or cell["execution_count"]] == []
    assert max(len(cell["source"]) for cell in cells) <= 15


def test_pyodides_list_holds_what_each_package_depends_on(lite):
    listed = lite.packages()
    served = {name for package in listed.values() for name in package["imports"]}
    assert {"numpy", "matplotlib", "sklearn", "ipywidgets"} <= served
    assert lite.reached_packages(listed, served) == set(listed)  # and none in vain
    assert all(re.fullmatch("[0-9a-f]{64}", package["sha256"]) for package in listed.values())


def test_a_file_counts_only_with_the_listed_bytes(lite, monkeypatch, tmp_path):
    monkeypatch.setattr(lite, "CARRIERS", ())
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.whl").write_bytes(b"right")
    digest = lite.hashlib.sha256(b"right").hexdigest()
    assert lite.find("a.whl", digest, tmp_path) == tmp_path / "deep" / "a.whl"
    (tmp_path / "deep" / "a.whl").write_bytes(b"wrong")
    assert lite.find("a.whl", digest, tmp_path) is None
    assert lite.find("a.whl", digest, None) is None


def pyodide_of_one_package(lite, monkeypatch, tmp_path):
    """A list with one core file, which is there, and one package, which is not."""
    monkeypatch.setattr(lite, "CARRIERS", ())
    (tmp_path / "core.js").write_text("core")
    core = {"core.js": lite.hashlib.sha256(b"core").hexdigest()}
    package = {"file_name": "numpy.whl", "sha256": "0" * 64, "imports": ["numpy"], "depends": []}
    text = json.dumps({"core": core, "info": {}, "packages": {"numpy": package}})
    (tmp_path / "pyodide.json").write_text(text)
    monkeypatch.setattr(lite, "PYODIDE", tmp_path / "pyodide.json")
    (tmp_path / "dlcourse_dlcore-1.0-py3-none-any.whl").write_text("wheel")
    return tmp_path / "dlcourse_dlcore-1.0-py3-none-any.whl"


def test_a_missing_package_comes_from_the_cdn_and_dlcore_from_the_site(lite, monkeypatch, tmp_path):
    wheel = pyodide_of_one_package(lite, monkeypatch, tmp_path)
    lite.put_pyodide(tmp_path / "out", wheel, tmp_path)
    listed = json.loads((tmp_path / "out" / "pyodide-lock.json").read_text())["packages"]
    assert listed["numpy"]["file_name"] == lite.CDN + "numpy.whl"
    ours, digest = listed["dlcourse-dlcore"], lite.hashlib.sha256(b"wheel").hexdigest()
    assert ours["file_name"] == f"dlcourse_dlcore-1.0-0{digest[:8]}-py3-none-any.whl"
    assert ours["sha256"] == digest
    assert (tmp_path / "out" / ours["file_name"]).read_text() == "wheel"


def test_without_pyodides_core_there_is_no_site(lite, monkeypatch, tmp_path):
    wheel = pyodide_of_one_package(lite, monkeypatch, tmp_path)
    (tmp_path / "core.js").unlink()
    with pytest.raises(lite.SetupError, match="core.js .* not found: make lite PYODIDE=FOLDER"):
        lite.put_pyodide(tmp_path / "out", wheel, tmp_path)


# --- what it says -----------------------------------------------------------------------------


def state(elsewhere=(), tested=False):
    lab = {"title": "Lab: a < b", "megabytes": 31, "elsewhere": list(elsewhere)}
    return {"labs": {"a.ipynb": lab}, "absent": ["Lab: z"], "site": "", "tested": tested}


def test_a_lab_whose_packages_are_elsewhere_is_never_said_to_be_tested(lite):
    page = lite.front_page(state(["https://somewhere/numpy.whl"], tested=True))
    assert "needs packages from Pyodide's CDN (about 30 MB); not tested" in page
    assert "loads 31 MB" not in page
    assert "No lab has been tested" in page
    assert "asks no other host" not in page


def test_where_some_packages_are_elsewhere_only_the_other_labs_are_said_to_be_tested(lite):
    mixed = state(["https://somewhere/numpy.whl"], tested=True)
    mixed["labs"]["b.ipynb"] = {"title": "Lab: b", "megabytes": 14, "elsewhere": []}
    page = lite.front_page(mixed)
    assert "Each lab that is not marked so, with every check" in page
    assert page.count("not tested") == 1


@pytest.mark.parametrize("tested", [True, False])
def test_the_front_page_says_tested_only_after_the_test(lite, tested):
    page = lite.front_page(state(tested=tested))
    assert ("with the\nnetwork cut" in page) is tested
    assert ("No lab has been tested" in page) is not tested
    assert "Pyodide's CDN" not in page
    assert "Lab: a &lt; b" in page and "loads 31 MB" in page and "Lab: z" in page
    assert "{" not in re.sub(r"(?s)<style>.*?</style>", "", page)


@pytest.mark.parametrize(
    ("site", "wanted"),
    [("", "see the page"), ("https://x.org/", "see [the page](https://x.org/c/")],
)
def test_a_link_leads_to_the_published_course_or_is_none(lite, tmp_path, site, wanted):
    cells = [
        {"cell_type": "markdown", "source": ["see [the page](../c/a.md)"]},
        {"cell_type": "code", "source": ["# Find dlcore"]},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    text, code = (
        c["source"] for c in lite.prepared(tmp_path / "a.ipynb", {"numpy"}, site)["cells"]
    )
    assert text.startswith(wanted) and "../" not in text
    assert code.endswith("import dlcore, numpy")


@pytest.mark.parametrize(
    ("published", "docname", "wanted"),
    [
        ("https://x.org/l/", "notebooks/06-approximation", True),
        ("https://x.org/l", "notebooks/06-approximation", True),
        ("https://x.org/l/", "notebooks/03-classification", False),  # needs torch
        ("https://x.org/l/", "exercises/06-approximation/06-approximation", False),
        ("", "notebooks/06-approximation", False),
    ],
)
def test_a_lab_links_to_the_browser_only_where_it_runs_there(lite, published, docname, wanted):
    import anatomy

    link = anatomy.lite_link(SimpleNamespace(dlcore_lite=published), docname)
    address = "https://x.org/l/notebooks/index.html?path=06-approximation.ipynb"
    assert link == (address if wanted else "")


# --- in the browser ---------------------------------------------------------------------------


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves the site, and is the browser's proxy: what goes to another host is noted, refused."""

    def do_CONNECT(self):
        if self.path != CHROMIUMS_OWN:
            self.server.outside.append(self.path)
        self.send_error(502)

    def do_GET(self):
        home = f"http://127.0.0.1:{self.server.server_port}/"
        if not self.path.startswith(("/", home)):
            return self.do_CONNECT()
        self.path = "/" + self.path.removeprefix(home).lstrip("/")
        return super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(browser):
    """A page of Chromium with no way but to our server."""
    if not SITE:
        pytest.skip(NO_SITE)
    handler = functools.partial(Server, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.outside = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}"
        context = browser.new_context(proxy={"server": home})
        page = context.new_page()
        page.set_default_timeout(400_000)
        page.home, page.outside = home, server.outside
        yield page
        context.close()
        server.shutdown()


def run_all(page, name):
    """The notebook's cells as they are after all have run, and the seconds from click to idle."""
    page.goto(f"{page.home}/notebooks/index.html?path={name}")
    page.wait_for_function(READY)
    page.evaluate(f"async () => {{ await {SEEN}.context.ready; }}")
    page.evaluate(
        "() => { jupyterapp.commands.execute('notebook:run-all-cells')"
        ".then(() => window.ran = true, error => window.ran = String(error)); }"
    )
    page.wait_for_function("window.ran !== undefined")
    return page.evaluate(f"{SEEN}.content.model.toJSON().cells")


def printed(cells, kind="stdout"):
    outputs = [o for c in cells for o in c.get("outputs", []) if o.get("name") == kind]
    return "".join("".join(o["text"]) for o in outputs)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", STATE["labs"])
def test_a_lab_runs_to_its_end_and_asks_no_other_host(site, name):
    if missing := STATE["labs"][name]["elsewhere"]:
        pytest.skip(f"needs {len(missing)} files from Pyodide's CDN: not tested")
    cells = [c for c in run_all(site, name) if c["cell_type"] == "code" and c["source"]]
    errors = [o for c in cells for o in c["outputs"] if o["output_type"] == "error"]
    assert errors == []
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))
    assert site.outside == []
    if name == "scalar-engine.ipynb":
        assert "1048576 ways, 40 arrows" in printed(cells)
        assert "(-1, 1) +0.97, wanted +1" in printed(cells)


@pytest.mark.timeout(300)
def test_a_wrong_assertion_in_the_browser_is_seen(site):
    """The check above can fail: a cell that is wrong gives an error there, too."""
    run_all(site, "scalar-engine.ipynb")
    run = (
        f"async () => {{ const kernel = {SEEN}.sessionContext.session.kernel;"
        + """
        return (await kernel.requestExecute({code: 'assert a.slope == 99'}).done).content; }"""
    )
    content = site.evaluate(run)
    assert content["status"] == "error" and "AssertionError" in content["ename"]


@pytest.mark.timeout(300)
def test_the_front_page_links_to_every_lab(site):
    site.goto(f"{site.home}/index.html")
    links = site.eval_on_selector_all("li a", "all => all.map(a => a.getAttribute('href'))")
    assert [link.split("path=")[1] for link in links] == list(STATE["labs"])
    for link in links:
        assert (SITE / "files" / link.split("path=")[1]).is_file()
    assert site.outside == []
