"""A small Sphinx extension, and the notebook cache's key.

jupyter-cache knows a notebook by its code cells alone, so a changed line in dlcore would leave
stale outputs on the page. `see_dlcore` adds to that key what the cells import from dlcore,
followed through its imports, the pinned packages and the data folder.
"""

import ast
import hashlib
import importlib.util
import json
import os
import re
import shutil
from functools import cache
from pathlib import Path

import pybtex.plugin
from docutils import nodes
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_cache.cache.main import JupyterCacheBase

# 40 look-ups of the same five plugins read the entry points of all packages 40 times.
pybtex.plugin._load_entry_point = cache(pybtex.plugin._load_entry_point)

PACKAGE = "dlcore"
# Pins that no output depends on: a new tool for the tests runs no notebook.
UNSEEN = re.compile(
    r"(pytest|nbval|playwright|axe-|html5lib|latex2mathml|codespell|ruff|flit|gymnasium|Farama)"
)
MATHJAX = ["tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"]


# --- which files of dlcore a piece of code reaches ------------------------------------------


@cache  # the same files are asked for each notebook
def imported_names(source: str, module: str, is_package: bool) -> frozenset[str]:
    """Dotted names that `source`, the text of `module`, imports, relative ones made absolute."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")
            base = base[: len(base) - node.level + is_package] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names |= {stem, *(f"{stem}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def module_file(root: Path, name: str) -> Path | None:
    path = root.joinpath(*name.split("."))
    found = [f for f in (path / "__init__.py", path.with_suffix(".py")) if f.is_file()]
    return found[0] if found else None


def reached_files(root: Path, code: str) -> list[Path]:
    """Files of dlcore under `root` that `code` imports, directly or through its modules."""
    files, seen = set(), set()
    todo = set(imported_names(code, "__main__", False))
    while todo:
        name = todo.pop()
        if name in seen or name.split(".")[0] != PACKAGE:
            continue
        seen.add(name)
        if "." in name:
            todo.add(name.rpartition(".")[0])  # importing a.b runs a/__init__.py first
        if file := module_file(root, name):
            files.add(file)
            todo |= imported_names(file.read_text(), name, file.name == "__init__.py")
    # Style sheets beside a module belong to it, and scripts to the code that names them.
    beside = {f for folder in {file.parent for file in files} for f in folder.iterdir()}
    text = "\n".join([code, *(file.read_text() for file in files)])
    named = set(re.findall(r"""["'](\w+)(?:\.js)?["']""", text))
    scripts = {f for f in beside if f.suffix == ".js" and f.stem in named}
    return sorted(files | scripts | {f for f in beside if f.suffix == ".css"})


def data_state() -> str:
    """What DLCORE_DATA holds: its manifest, else its file names and sizes; '' where unset."""
    if not (folder := os.environ.get("DLCORE_DATA")):
        return ""
    if (manifest := Path(folder, "MANIFEST.json")).is_file():
        return manifest.read_text()
    files = sorted(f for f in Path(folder).rglob("*") if f.is_file())
    return json.dumps([(str(f.relative_to(folder)), f.stat().st_size) for f in files])


def python_of(cells: list[str]) -> str:
    """The cells as one text; %magic and !command become Python."""
    return "\n".join(map(TransformerManager().transform_cell, cells))


def code_key(root: Path, cells: list[str]) -> str:
    """One hash over everything outside the notebook that its outputs depend on."""
    try:
        files = reached_files(root, python_of(cells))
    except SyntaxError:  # a cell that is wrong on purpose: depend on all of dlcore
        files = sorted(f for f in (root / PACKAGE).rglob("*.*") if f.suffix != ".pyc")
    digest = hashlib.sha256(data_state().encode())
    for file in files:
        digest.update(f"\0{file.relative_to(root)}\0".encode() + file.read_bytes())
    pins = (root / "requirements.txt").read_text().splitlines()
    digest.update("\n".join(p.split("  #")[0] for p in pins if not UNSEEN.match(p)).encode())
    return digest.hexdigest()


def see_dlcore(root: Path) -> None:
    """From now on this process's notebook cache also depends on `code_key`."""
    plain = getattr(JupyterCacheBase, "plain_hash", JupyterCacheBase.create_hashed_notebook)

    def create_hashed_notebook(self, nb, *args, **kwargs):
        notebook, key = plain(self, nb, *args, **kwargs)
        cells = [cell.source for cell in nb.cells if cell.cell_type == "code"]
        return notebook, hashlib.md5((key + code_key(root, cells)).encode()).hexdigest()

    JupyterCacheBase.plain_hash = plain
    JupyterCacheBase.create_hashed_notebook = create_hashed_notebook


# --- the site -------------------------------------------------------------------------------


rerun: set[str] = set()  # pages whose notebook has run since they were made; Sphinx sees files only
read_anew: list[str] = []


def pages_of_new_outputs(app, env, added, changed, removed) -> set[str]:
    return rerun & env.found_docs - added - changed


def remember_what_is_read(app, env, docnames) -> None:
    read_anew[:] = docnames


def quiet_thebe(app) -> None:
    """sphinx-thebe comes with Jupyter Book and declares its constants twice: a console error."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            handler = listener.handler
            if handler.__module__ == "sphinx_thebe" and handler.__name__ != "st_static_path":
                listeners.remove(listener)


def copy_mathjax(app) -> None:
    """Formulas without a foreign host. Not under _static: its scripts go on every page."""
    if app.builder.name != "html":
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    source = Path(package.submodule_search_locations[0], "static", "mathjax")
    for name in MATHJAX:
        target = Path(app.outdir, "vendor", "mathjax", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source / name, target)


MENDED = [  # what the theme and its extensions write that a page must not have
    # 1.5 MB of script a page; the same icons come from the theme's web font.
    (r"\s*<script[^>]*fontawesome\.js[^>]*></script>", ""),
    # The arrow that folds a chapter in the sidebar says nothing to a screen reader.
    (
        r"<summary>(?=<span class=\"toctree-toggle\")",
        '<summary aria-label="Pages of this chapter">',
    ),
    # Roles that ARIA has given up, and a list whose children are not items.
    (r' role="doc-biblioentry"| role="list"(?= class="citation-list")', ""),
    # Ids that sphinx-proof and sphinx-exercise write once a theorem; nothing links to them.
    (r' id="(?:proof|proof-content|exercise-content|solution-content)"', ""),
    # A summary holds no paragraphs.
    (
        r'<p class="((?:collapsed|expanded) admonition-title)">(.*?)</p>',
        r'<span class="\1">\2</span>',
    ),
]
MENDED_STYLES = [  # and the style sheets that speak of what was mended above
    ("mystnb*.css", "summary>p.", "summary>."),
    ("proof.css", "div#proof", 'div[class="proof admonition"]'),
]


SEARCH = r"searchindex|searchtools|language_data"
HEAVY = {  # scripts that every page loads, and the sign of a page that needs them
    r"<script[^>]*/mathjax/[^>]*></script>|<script>window\.MathJax = .*?</script>": 'class="math',
    rf"<script[^>]*(?:{SEARCH})\.js[^>]*></script>": "search-results",
}


def mended(page: str) -> str:
    for wrong, right in MENDED:
        page = re.sub(wrong, right, page)
    for script, sign in HEAVY.items():
        if sign not in page:
            page = re.sub(script, "", page)
    # A figure brings its style, for notebooks; HTML wants it in the head, and once is enough.
    head, end, body = page.partition("</head>")
    styles = dict.fromkeys(re.findall(r"<style>.*?</style>", body, re.DOTALL))
    for style in styles:
        body = body.replace(style, "")
    return head + "".join(styles) + end + body


def mend_pages(app, error) -> None:
    if error or app.builder.name != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text()
        if (better := mended(text)) != text:
            page.write_text(better)
    static = Path(app.outdir, "_static")
    for name, wrong, right in MENDED_STYLES:
        for sheet in static.glob(name):
            sheet.write_text(sheet.read_text().replace(wrong, right))
    for file in static.glob("scripts/fontawesome.js*"):
        file.unlink()


# What scrolls sideways must be reached by the Tab key, once MathJax has set the formulas.
REACH = """addEventListener("load", async () => {
  const wait = () => new Promise(done => setTimeout(done, 50));
  while (window.MathJax && !window.MathJax.startup?.promise) await wait();
  await window.MathJax?.startup.promise;
  const reach = () => {
    document.querySelectorAll("mjx-container:not([display])").forEach(box => {
      const line = box.closest("p, li, td, dd, div");
      box.classList.toggle("dl-wide", box.getBoundingClientRect().width > line.clientWidth + 1);
    });
    document.querySelectorAll(".dl-beside").forEach(pair => {
      pair.classList.remove("dl-stack");
      const cut = box => box.scrollWidth > box.clientWidth + 1;
      const boxes = pair.querySelectorAll("mjx-container[display], div.math, pre");
      pair.classList.toggle("dl-stack", [...boxes].some(cut));
    });
    document.querySelectorAll("mjx-container, pre, table").forEach(box => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });
  };
  reach();
  document.body.dataset.reached = 1;
  addEventListener("resize", reach);
});"""


def with_numbers(code: str, app) -> str:
    """In code shown on a page, :eq:`label` becomes the equation's number."""
    equations = app.env.get_domain("math").equations

    def number(match):
        return f"({equations[match[1]][1]})" if match[1] in equations else match[0]

    return re.sub(r":eq:`([^`]+)`", number, code)


def number_cited_equations(app, doctree, docname) -> None:
    for block in doctree.findall(nodes.literal_block):
        text = with_numbers(block.astext(), app)
        if text != block.astext():
            block.rawsource, block.children = text, []
            block += nodes.Text(text)


def setup(app) -> dict:
    see_dlcore(Path(app.srcdir))
    app.connect("env-get-outdated", pages_of_new_outputs)
    app.connect("env-before-read-docs", remember_what_is_read)
    app.connect("doctree-resolved", number_cited_equations)
    app.connect("builder-inited", quiet_thebe, priority=100)
    app.connect("builder-inited", copy_mathjax)
    app.connect("build-finished", mend_pages)
    app.add_js_file(None, body=REACH)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
