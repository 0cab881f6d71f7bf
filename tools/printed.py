"""The book as EPUB and PDF: formulas as MathML or LaTeX, a still for each figure that moves.

An EPUB reader runs no scripts, so MathJax is of no use there; MathML is part of the format.
"""

import re
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util.math import get_node_equation_number

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


LATE = ("mystnb", "proof", "exercise")  # style sheets copied when the EPUB is closed already


def only_styles_that_are_there(app, pagename, templatename, context, doctree) -> None:
    if app.builder.name == "epub":
        sheets = context["css_files"]
        context["css_files"] = [
            s for s in sheets if not Path(str(s.filename)).name.startswith(LATE)
        ]


def setup(app) -> dict:
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.connect("config-inited", show_stills)
    app.connect("doctree-read", describe_stills)
    app.connect("html-page-context", only_styles_that_are_there)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
