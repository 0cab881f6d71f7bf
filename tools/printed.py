"""The book as EPUB and PDF: formulas as MathML or LaTeX, a still for each figure that moves.

An EPUB reader runs no scripts, so MathJax is of no use there; MathML is part of the format.
"""

import re
from pathlib import Path
from urllib.parse import unquote

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.builders.epub3 import Epub3Builder
from sphinx.builders.latex.nodes import thebibliography
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import get_node_equation_number
from sphinx_proof.nodes import proof_node

STILLS = [("epub", "image/png", 0), ("latex", "image/png", 0)]  # before a figure's HTML


def in_plain_tex(formula: str, macros: dict[str, str]) -> str:
    """The course's macros written out, and environments by the names that the converter knows."""
    for name, meaning in macros.items():
        formula = re.sub(rf"\\{name}(?![A-Za-z])", lambda _, m=meaning: m + " ", formula)
    formula = re.sub(r"\{(aligned|gathered|split)\}", "{align*}", formula)
    if "\\\\" in formula and "\\begin" not in formula:
        formula = rf"\begin{{align*}}{formula}\end{{align*}}"
    return formula


def mathml(formula: str, macros: dict[str, str], display="inline") -> str:
    markup = convert(in_plain_tex(formula, macros), display=display)
    # What the converter leaves of alignment is no XML.
    return re.sub(r"&(?!#?\w+;)", "&amp;", markup)


def macros_of(translator) -> dict[str, str]:
    return translator.config.mathjax3_config["tex"]["macros"]


def visit_math(self, node) -> None:
    self.body.append(mathml(node.astext(), macros_of(self)))
    raise nodes.SkipNode


def visit_displaymath(self, node) -> None:
    number = get_node_equation_number(self, node) if node["number"] else ""
    label = f'<span class="eqno">({number})</span>' if number else ""
    formula = mathml(node.astext(), macros_of(self), "block")
    self.body.append(f"{self.starttag(node, 'div', CLASS='math')}{label}{formula}</div>\n")
    raise nodes.SkipNode


def show_stills(app, config) -> None:
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, *STILLS]


def is_bundle(node) -> bool:
    """Whether a node holds one output of a cell in all its forms."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def describe_stills(app, doctree) -> None:
    """A still says what the figure's own text says (dlcore.figures.page), not its file name."""
    for bundle in doctree.findall(is_bundle):
        forms = {child.get("mime_type"): child for child in bundle.children}
        if {"image/png", "text/plain"} <= forms.keys():
            for image in forms["image/png"].findall(nodes.image):
                image["alt"] = forms["text/plain"].astext()


# Latin letters have a font of their own in TeX; Korean and Chinese need another.
OTHER_SCRIPT = re.compile("([\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uff00-\uffef]+)")


def latex(code: str) -> nodes.raw:
    return nodes.raw("", code, format="latex")


class OneBibliography(SphinxPostTransform):
    """The lists of the chapters as one: a work once, under the name by which the text cites it."""

    default_priority = 760  # after Sphinx has moved all entries to the end
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        found = self.env.get_domain("cite").citations
        known = {(c.bibliography_key.docname, c.citation_id): c.entry for c in found}
        for works in self.document.findall(thebibliography):
            same = {}
            for work in works.children:
                entry = known[work["docname"], work["ids"][0]]
                same.setdefault(label_of(entry), {}).setdefault(entry.key, []).append(work)
            works.children = []
            for label, works_of in sorted(same.items(), key=lambda item: item[0].casefold()):
                works += [merged(label, copies) for copies in works_of.values()]
        for section in [*self.document.findall(nodes.section)]:
            title, *rest = section.children
            if title.astext() == "References":  # of a list that is gone; then come other files
                at = section.parent.index(section)
                section.parent[at : at + 1] = rest


def label_of(entry) -> str:
    """As in the text: Crick, 1989; Minsky and Papert, 1969; Krizhevsky and others, 2012."""
    people = entry.persons.get("author") or entry.persons.get("editor", [])
    names = [" ".join(person.prelast_names + person.last_names) for person in people]
    names = f"{names[0]} and others" if len(names) > 2 else " and ".join(names)
    return f"{names}, {entry.fields['year']}".replace("{", "").replace("}", "")


def merged(label: str, copies: list[nodes.citation]) -> nodes.citation:
    """The first of several equal entries, to which the links to all of them lead."""
    kept, *others = copies
    kept.replace(kept[0], nodes.label("", label))
    for other in others:
        kept[1].insert(0, latex(rf"\hypertarget{{cite.{other['docname']}:{other['ids'][0]}}}{{}}"))
    return kept


class ForPrint(SphinxPostTransform):
    """Titles for proofs, which have none, and the other font for other scripts."""

    default_priority = 760
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        for proof in self.document.findall(proof_node):
            first = next(proof.findall(nodes.Text))
            first.parent.replace(first, nodes.Text(first.astext().removeprefix("Proof. ")))
            proof[0].insert(0, nodes.title("", "Proof"))
        for text in [*self.document.findall(nodes.Text)]:
            parts = OTHER_SCRIPT.split(text)
            if len(parts) > 1:
                marked = [
                    latex(rf"{{\cjkfont {p}}}") if i % 2 else nodes.Text(p)
                    for i, p in enumerate(parts)
                ]
                text.parent.replace(text, marked)


LATE = ("mystnb", "proof", "exercise")  # style sheets copied when the EPUB is closed already


# What the extensions and the converter write, and XHTML forbids: blocks and pictures in a summary,
# one id for all proofs, an operator with a formula in it, an empty list of widths.
AS_XHTML = {
    r'<p class="collapsed admonition-title">(.*?)</p>': r"<span>\1</span>",
    r'<p class="expanded admonition-title">.*?</p>': "",
    r'<span class="sd-summary-state-marker.*?</span>': "",
    r' id="proof(-content)?"': "",
    r"<mo([^>]*)><mrow><m[io]>([^<]*)</m[io]></mrow></mo>": r"<mo\1>\2</mo>",
    r' columnspacing=""': "",
}


def as_xhtml(app, pagename, templatename, context, doctree) -> None:
    """For an EPUB, a page without what is not valid there, and no sheet that is not there."""
    if app.builder.name != "epub":
        return
    for pattern, valid in AS_XHTML.items():
        context["body"] = re.sub(pattern, valid, context.get("body", ""), flags=re.DOTALL)
    sheets = context["css_files"]
    context["css_files"] = [s for s in sheets if not Path(str(s.filename)).name.startswith(LATE)]


class Epub(Epub3Builder):
    """Sphinx's, with the pages named that hold MathML or SVG, as the format asks."""

    name = "epub"

    def build_content(self) -> None:
        super().build_content()
        contents = Path(self.outdir, "content.opf")
        contents.write_text(
            re.sub(r'href="([^"]+\.xhtml)"[^>]*"', self.marked, contents.read_text())
        )

    def marked(self, item: re.Match) -> str:
        page = Path(self.outdir, unquote(item[1]))
        text = page.read_text() if page.is_file() else ""
        holds = " ".join(kind for kind in ("mathml", "svg") if f"<{kind[:4]}" in text)
        return f'{item[0]} properties="{holds}"' if holds else item[0]


def setup(app) -> dict:
    app.add_builder(Epub, override=True)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.add_post_transform(OneBibliography)
    app.add_post_transform(ForPrint)
    app.connect("config-inited", show_stills)
    app.connect("doctree-read", describe_stills)
    app.connect("html-page-context", as_xhtml)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
