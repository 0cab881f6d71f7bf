"""tools/book.py on small books: what is run, what comes from the cache, and what stops a build."""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---
# Chapter

```{code-cell}
CODE
```
"""


def notebook(path: Path, code: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell("# Lab"), nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


def build(source: Path, *options, **environment) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "tools" / "book.py", "--source", source, *options]
    environment = {k: v for k, v in os.environ.items() if k != "DLCORE_DATA"} | environment
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture
def book(tmp_path):
    """A book of one chapter and one lab with the real configuration and a dlcore of its own."""
    for name in ("_config.yml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "_static", tmp_path / "_static")
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__py*"))
    modules = {
        "__init__": "",
        "used": "from . import below\nvalue = below.value",
        "below": "value = 'first'",
        "unused": "value = 'first'",
    }
    (tmp_path / "dlcore").mkdir()
    for name, text in modules.items():
        (tmp_path / "dlcore" / f"{name}.py").write_text(text)
    (tmp_path / "references.bib").touch()
    (tmp_path / "index.md").write_text("# A small book\n")
    (tmp_path / "chapter.md").write_text(CHAPTER.replace("CODE", "print(1 + 1)"))
    notebook(tmp_path / "lab.ipynb", "%time\nfrom dlcore import used\nprint(used.value)")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters: [{file: chapter}, {file: lab}]\n"
    )
    return tmp_path


def test_only_what_changed_is_run_again(book):
    first = build(book)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "2 notebooks: 2 executed, 0 from the cache" in first.stdout

    (book / "dlcore" / "unused.py").write_text("value = 'second'")
    assert "2 notebooks: 0 executed, 2 from the cache" in build(book).stdout

    # lab.ipynb imports `used`, which imports `below`
    (book / "dlcore" / "below.py").write_text("value = 'second'")
    assert "1 executed, 1 from the cache" in build(book).stdout
    assert "second" in (book / "_build" / "html" / "lab.html").read_text()

    times = json.loads((book / "_build" / "notebook_times.json").read_text())
    assert times.keys() == {"chapter.md", "lab.ipynb"}


def test_new_data_or_new_pins_change_the_key(book, tmp_path_factory, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from dlbook import code_key

    def key():
        return code_key(book, ["import dlcore"])

    monkeypatch.delenv("DLCORE_DATA", raising=False)
    keys = [key()]
    data = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("DLCORE_DATA", str(data))
    (data / "digits.npz").write_text("12")
    keys.append(key())
    (data / "digits.npz").write_text("123")
    keys.append(key())
    (data / "MANIFEST.json").write_text("{}")
    keys.append(key())
    (book / "requirements.txt").write_text("numpy==1")
    keys.append(key())
    assert len(set(keys)) == 5
    assert key() == keys[-1]


@pytest.mark.parametrize("page", ["lab.ipynb", "chapter.md"])
def test_a_failing_cell_stops_the_build_and_is_named(book, page):
    code = "raise KeyError('no such digit')"
    if page == "lab.ipynb":
        notebook(book / page, code)
    else:
        (book / page).write_text(CHAPTER.replace("CODE", code))
    done = build(book)
    assert done.returncode != 0
    assert f"FAILED {page}" in done.stdout
    assert "no such digit" in done.stdout
    assert "pages" not in done.stdout  # Sphinx was not started


def test_a_dead_link_stops_the_build_and_is_named(book):
    (book / "chapter.md").write_text("# Chapter\n\n{ref}`nowhere`\n")
    done = build(book)
    assert done.returncode != 0
    assert "nowhere" in done.stderr


def test_an_exercise_is_shown_and_not_run(book):
    notebook(book / "exercises" / "x" / "x.ipynb", "raise NotImplementedError")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters: [{file: exercises/x/x}]\n"
    )
    done = build(book)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NotImplementedError" in (book / "_build/html/exercises/x/x.html").read_text()


def test_a_notebook_over_its_budget_stops_the_build(book):
    script = book / "tools" / "book.py"
    script.write_text(script.read_text().replace("BUDGET = 180", "BUDGET = 0"))
    command = [sys.executable, script]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert "lab.ipynb  OVER THE BUDGET of 0 s" in done.stdout


PRINTED = r"""
from dlcore import machine
machine.Machine()
```

Twice $x \in \R$.

$$
\begin{aligned} a &= \softmax(b) \\ c &= \boldsymbol{d} \end{aligned}
$$ (eq-x)

Gradient (경사, 梯度) is a word of {cite:t}`who1847`.

```{prf:proof}
It is.
```

```{prf:proof}
It is $a \mathbin{+} b$, too.
```

```{dropdown} More
Text.
```

```{code-cell}
:tags: [hide-input]
1
```

## References

```{bibliography}
:filter: docname in docnames
"""
BIBLIOGRAPHY = """
@misc{who1847, author={Given Who and A. B\\"ar and C. Third}, title={What}, year={1847}}
"""
XHTML = "{http://www.w3.org/1999/xhtml}"
MACHINE = """
class Machine:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": "<script>1</script>", "image/png": "PIXELS", "text/plain": "A box"}
"""


@pytest.fixture
def printed(book):
    """A book with a formula and a figure that moves."""
    png = io.BytesIO()
    Image.new("RGB", (60, 40), "blue").save(png, "PNG")
    code = MACHINE.replace("PIXELS", base64.b64encode(png.getvalue()).decode())
    (book / "dlcore" / "machine.py").write_text(code)
    (book / "chapter.md").write_text(CHAPTER.replace("CODE", PRINTED))
    (book / "references.bib").write_text(BIBLIOGRAPHY)
    return book


def test_an_epub_has_mathml_and_stills_and_no_script(printed):
    done = build(printed, "--kind", "epub")
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(printed / "_build" / "epub" / "dlcore.epub") as epub:
        page = epub.read("chapter.xhtml").decode()
        contents = epub.read("content.opf").decode()
    assert re.findall(r'href="([^"]*)"[^>]* properties="mathml"', contents) == ["chapter.xhtml"]
    tree = ElementTree.fromstring(page)
    mathml = "{http://www.w3.org/1998/Math/MathML}"
    assert "".join(tree.find(f".//{mathml}math").itertext()) == "x∈ℝ"
    assert len(tree.findall(f".//{mathml}mtr")) == 2
    assert "<script" not in page
    assert "eqno" in page
    assert re.search(r'<img alt="A box" src="_images/\w+\.png"', page)
    summaries = ["".join(found.itertext()).strip() for found in tree.iter(f"{XHTML}summary")]
    assert summaries == ["More", "Show code cell source"]
    assert not tree.findall(f".//{XHTML}summary//{XHTML}p") and "<svg" not in page
    assert not tree.findall(f".//{mathml}mo/{mathml}mrow")
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.timeout(400)
def test_a_pdf_has_its_formulas_and_stills_or_says_what_to_install(printed, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from book import missing_tex

    if missing := missing_tex():
        assert missing.startswith("TeX is missing; on Debian and Ubuntu: apt install texlive-xetex")
        assert missing in build(printed, "--kind", "pdf").stdout
        pytest.skip(missing)
    done = build(printed, "--kind", "pdf")
    assert done.returncode == 0, done.stdout + done.stderr
    text = (printed / "_build" / "latex" / "dlcore.tex").read_text()
    assert "includegraphics" in text
    assert r"{\cjkfont 경사}" in text and r"{\cjkfont 梯度}" in text
    assert r"\bibitem[Who and others, 1847]" in text and "section{References}" not in text
    assert "{note}{Proof}" in text and "Proof. " not in text
    assert "Missing character" not in (printed / "_build" / "latex" / "dlcore.log").read_text()
    assert (printed / "_build" / "latex" / "dlcore.pdf").read_bytes().startswith(b"%PDF")


def test_every_kind_of_import_is_followed(book, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from dlbook import reached_files

    package = book / "dlcore" / "deep"
    package.mkdir()
    (package / "__init__.py").write_text("def f():\n    from ..unused import value\n")
    (package / "leaf.py").write_text("")
    (package / "style.css").write_text("")
    (package / "machine.js").write_text("")

    def reached(code):
        return {str(f.relative_to(book / "dlcore")) for f in reached_files(book, code)}

    leaf = {"__init__.py", "unused.py", "deep/__init__.py", "deep/leaf.py", "deep/style.css"}
    assert reached("import dlcore.deep.leaf as l") == leaf
    assert reached("from dlcore.deep import leaf") == leaf
    assert reached("from dlcore import used") == {"__init__.py", "used.py", "below.py"}
    assert reached("from dlcore.deep import leaf\nleaf.show('machine')") == leaf | {
        "deep/machine.js"
    }
    assert reached("import numpy") == set()


@pytest.mark.timeout(400)
def test_an_unchanged_page_is_kept_until_something_fails(book):
    assert "pages built, 3 of them anew" in build(book).stdout
    assert "pages built, 0 of them anew" in build(book).stdout
    text = (book / "index.md").read_text()
    (book / "index.md").write_text(text + "\n{ref}`nowhere`\n")
    assert "nowhere" in build(book).stderr
    assert "nowhere" in build(book).stderr  # though no file has changed
    (book / "index.md").write_text(text)
    assert "pages built, 3 of them anew" in build(book).stdout
    (book / "chapter.md").write_text(CHAPTER.replace("CODE", "print(3 + 4)"))
    assert "pages built, 1 of them anew" in build(book).stdout


def test_notebooks_of_the_book_are_not_run_again_by_the_check(book, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import check

    executed = book / "executed.json"
    monkeypatch.setattr(check, "ROOT", book)
    monkeypatch.setattr(check, "EXECUTED", executed)
    for name in ("notebooks/a.ipynb", "notebooks/b.ipynb", "solutions/a/a.ipynb"):
        notebook(book / name, "1 + 1")
    assert len(check.not_in_the_book()) == 3
    executed.write_text('{"notebooks/a.ipynb": "key"}')
    names = [Path(f).relative_to(book).as_posix() for f in check.not_in_the_book()]
    assert names == ["notebooks/b.ipynb", "solutions/a/a.ipynb"]
