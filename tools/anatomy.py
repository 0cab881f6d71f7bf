"""What every page of the book has around its text: a head with the ways in and out; code pages.

A chapter's front matter names what a reader needs first and which files of dlcore belong to it:

    needs: [ch-linear-regression]    # labels of chapters
    topics: [softmax, losses]        # dlcore/{scratch,nn,kernels,figures}/softmax.py, ...
"""

import html
import itertools
import re
from pathlib import Path

from dlbook import with_numbers
from docutils import nodes

import lite

WORDS_A_MINUTE, SECONDS_A_FORMULA = 180, 12
FORMS = {"scratch": "NumPy", "nn": "PyTorch", "kernels": "Triton", "figures": "figures"}


def minutes(doctree) -> int:
    """How long a page takes to read: its prose and its displayed formulas, in minutes."""
    prose = " ".join(p.astext() for p in doctree.findall(nodes.paragraph))
    formulas = sum(1 for _ in doctree.findall(nodes.math_block))
    return max(1, round(len(prose.split()) / WORDS_A_MINUTE + formulas * SECONDS_A_FORMULA / 60))


def listed(value) -> list[str]:
    """Front matter as a list of names; Sphinx hands it over as text."""
    return re.findall(r"[\w-]+", str(value or ""))


def code_files(root: Path, topic: str) -> dict[str, Path]:
    """The forms in which dlcore holds a topic."""
    paths = {form: root / "dlcore" / form / f"{topic}.py" for form in FORMS}
    return {form: path for form, path in paths.items() if path.is_file()}


def link(uri: str, text: str, extra="") -> str:
    return f'<a href="{html.escape(uri)}"{extra}>{html.escape(text)}</a>'


def needed(app, docname: str, labels) -> str:
    """Links to the chapters that come first; a label that does not exist stops the build."""
    known = app.env.get_domain("std").labels
    missing = [label for label in labels if label not in known]
    if missing:
        raise ValueError(f"{docname}: needs names no chapter: {', '.join(missing)}")
    targets = [known[label] for label in labels]
    uri = app.builder.get_relative_uri
    return ", ".join(link(uri(docname, page), title) for page, _, title in targets)


def lab_of(page: str) -> str | None:
    """The chapter that a lab belongs to: notebooks/22a-gpu-kernels has 22-gpu-kernels."""
    found = re.fullmatch(r"notebooks/(\d\d)[a-z]?(-.+)", page)
    return found and found[1] + found[2]


def chapter_head(app, doctree, docname: str) -> list[str]:
    uri, meta = app.builder.get_relative_uri, app.env.metadata[docname]
    slug = docname.split("/")[1]
    parts = [f"About {minutes(doctree)} minutes to read"]
    if labels := listed(meta.get("needs")):
        parts.append(f"You need: {needed(app, docname, labels)}")
    labs = [page for page in sorted(app.env.found_docs) if lab_of(page) == slug]
    names = ["Lab"] if len(labs) == 1 else [f"Lab {page.split('/')[1][2]}" for page in labs]
    pages = dict(zip(names, labs, strict=True)) | {"Exercise": f"exercises/{slug}/{slug}"}
    there = [link(uri(docname, p), t) for t, p in pages.items() if p in app.env.found_docs]
    if there:
        parts.append("Do it: " + ", ".join(there))
    topics = [t for t in listed(meta.get("topics")) if code_files(Path(app.srcdir), t)]
    if topics:
        links = (link(uri(docname, f"code/{topic}"), topic) for topic in topics)
        parts.append("The code: " + ", ".join(links))
    return parts


def colab_link(config, docname: str) -> str:
    """The address that opens a notebook in Colab; '' where it would lead to nothing that runs.

    Colab reads the notebook from the repository, whose first cell reads dlcore from the site.
    """
    if not (config.dlcore_repository and config.dlcore_site):
        return ""
    pattern = r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?"
    found = re.fullmatch(pattern, config.dlcore_repository)
    if not found:
        rule = "dlcore_repository must be https://github.com/OWNER/NAME"
        raise ValueError(f"{rule}, got {config.dlcore_repository!r}")
    return f"https://colab.research.google.com/github/{found[1]}/blob/main/{docname}.ipynb"


def lite_link(config, docname: str) -> str:
    """Where a lab runs in the browser; '' where that is not published, or does not hold the lab."""
    here = lite.ROOT / f"{docname}.ipynb"
    if not config.dlcore_lite or here not in lite.labs():
        return ""
    return f"{config.dlcore_lite.rstrip('/')}/{lite.address(here.name)}"


def notebook_head(app, docname: str) -> list[str]:
    """How to run it: as a file in JupyterLab, or in Colab where its address is known."""
    up = "../" * docname.count("/")
    file, name = f"{up}_sources/{docname}.ipynb", docname.split("/")[-1]
    parts = ["Run it: " + link(file, "download for JupyterLab", f' download="{name}.ipynb"')]
    if colab := colab_link(app.config, docname):
        parts.append(link(colab, "open in Colab"))
    if browser := lite_link(app.config, docname):
        parts.append(link(browser, "run it in the browser"))
    chapter = f"chapters/{lab_of(docname) or name}"
    if chapter in app.env.found_docs:
        parts.append(link(app.builder.get_relative_uri(docname, chapter), "the chapter"))
    return parts


def add_head(app, doctree, docname: str) -> None:
    """One line under the title."""
    if app.builder.name != "html":
        return
    folder = docname.split("/")[0]
    if folder == "chapters" and docname.split("/")[1][0].isdigit():
        parts = chapter_head(app, doctree, docname)
    elif folder in ("notebooks", "exercises"):
        parts = notebook_head(app, docname)
    else:
        return
    title = next(doctree.findall(nodes.title))
    line = "".join(f"<li>{part}</li>" for part in parts)
    head = nodes.raw("", f'<ul class="dl-head">{line}</ul>', format="html")
    title.parent.insert(title.parent.index(title) + 1, head)


PROSE = nodes.paragraph, nodes.math_block, nodes.target
LEFT_OF_CODE = 5  # at most so many blocks stand beside a function


def is_ours(node) -> bool:
    """Whether a block shows code of dlcore, by literalinclude."""
    return isinstance(node, nodes.literal_block) and "/dlcore/" in node.get("source", "")


def explained(before) -> int:
    """How many of the blocks before a function explain it: from an equation on."""
    near = list(itertools.takewhile(lambda node: isinstance(node, PROSE), reversed(before)))
    near = near[:LEFT_OF_CODE]
    equations = [n for n, node in enumerate(near) if isinstance(node, nodes.math_block)]
    if not equations:
        return 0
    start = equations[-1] + 1
    while start < len(near) and isinstance(near[start], nodes.target):  # the label of the equation
        start += 1
    return start


def put_code_beside(app, doctree, docname: str) -> None:
    """An equation with its derivation on the left, its function on the right, on wide screens."""
    if app.builder.name != "html":
        return
    for first in [n for n in doctree.findall(is_ours) if not is_ours(n.next_node(siblings=True))]:
        parent = first.parent
        end = parent.index(first) + 1
        begin = end - 1
        while begin and is_ours(parent[begin - 1]):
            begin -= 1
        count = explained(parent.children[:begin])
        if count:
            text, code = parent.children[begin - count : begin], parent.children[begin:end]
            sides = [nodes.container("", *part) for part in (text, code)]
            both = nodes.container("", *sides, classes=["dl-beside", "full-width"])
            parent.children[begin - count : end] = [both]
            both.parent = parent


def code_pages(app):
    """One page a topic: all its forms in dlcore, one under the other."""
    if app.builder.name != "html":
        return
    root, seen = Path(app.srcdir), set()
    for meta in app.env.metadata.values():
        seen |= set(listed(meta.get("topics")))
    for topic in sorted(seen):
        files = code_files(root, topic)
        if not files:
            continue
        body = [f"<h1>The code of {html.escape(topic)}</h1>"]
        for form, path in files.items():
            code = with_numbers(path.read_text(), app)
            shown = app.builder.highlighter.highlight_block(code, "python")
            name = f"dlcore.{form}.{topic}"
            body.append(f'<h2 id="{form}">{name} <small>{FORMS[form]}</small></h2>{shown}')
        context = {"title": f"The code of {topic}", "body": f"<section>{''.join(body)}</section>"}
        yield f"code/{topic}", context | {"parents": []}, "page.html"


def describe(app, pagename, templatename, context, doctree) -> None:
    """What a link to the page shows elsewhere: its title, a description, a picture."""
    if doctree is None or app.builder.name != "html":
        return
    known = re.search(
        r'name="description" content="([^"]*)"|content="([^"]*)" name="description"',
        context.get("metatags", ""),
    )
    text = (known[1] or known[2]) if known else html.escape(first_sentence(doctree))
    tags = {"og:title": html.escape(context["title"]), "og:description": text, "og:type": "article"}
    if site := app.config.dlcore_site:
        tags["og:image"] = f"{site.rstrip('/')}/_static/page.png"
    added = [f'<meta property="{k}" content="{v}" />' for k, v in tags.items()]
    if not known:
        added.append(f'<meta name="description" content="{text}" />')
    context["metatags"] = context.get("metatags", "") + "\n".join(added)


def first_sentence(doctree) -> str:
    """The page's first paragraph up to 200 characters."""
    text = next((p.astext() for p in doctree.findall(nodes.paragraph)), "")
    return re.sub(r"\s+", " ", text)[:200]


def setup(app) -> dict:
    # Addresses that nobody knows before the course is published: set them in _config.yml.
    app.add_config_value("dlcore_repository", "", "html")
    app.add_config_value("dlcore_site", "", "html")
    app.add_config_value("dlcore_lite", "", "html")
    app.connect("doctree-resolved", add_head)
    app.connect("doctree-resolved", put_code_beside)
    app.connect("html-collect-pages", code_pages)
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
