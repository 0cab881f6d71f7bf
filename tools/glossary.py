"""The directive `glossary-table`: terms in three languages, from a table of tab-separated values.

Its columns are english, korean, chinese, meaning and label: the label of the section that defines
the term. A term that several sections define has several rows, and one entry with all links. The
entries are a definition list, so they can be read, searched and printed without a script; the
script below only hides and orders them.
"""

import csv
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

LANGUAGES = {"english": "en", "korean": "ko", "chinese": "zh-hans"}
COLUMNS = [*LANGUAGES, "meaning", "label"]
SCRIPT = """<div class="dl-filter" hidden>
<label>Find <input type="search" aria-label="Find a term in any of the languages"></label>
<label>Order by <select aria-label="Order by"><option value="0">English</option>
<option value="1">한국어</option><option value="2">中文</option></select></label>
<span aria-live="polite"></span></div>
<script>addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".dl-filter"), list = document.querySelector("dl.dl-glossary");
  const [find, order, told] = box.querySelectorAll("input, select, span");
  const terms = [...list.querySelectorAll("dt")].map(dt => ({ dt, dd: dt.nextElementSibling,
    names: [...dt.querySelectorAll("span[lang]")].map(span => span.textContent) }));
  const show = () => {
    const words = find.value.trim().toLowerCase();
    const has = t => `${t.names.join(" ")} ${t.dd.textContent}`.toLowerCase().includes(words);
    const left = terms.filter(has);
    for (const t of terms) t.dt.hidden = t.dd.hidden = !left.includes(t);
    told.textContent = `${left.length} of ${terms.length} terms`;
  };
  order.addEventListener("change", () => {
    const i = order.value, tongue = ["en", "ko", "zh-Hans"][i];
    terms.sort((a, b) => a.names[i].localeCompare(b.names[i], tongue));
    list.append(...terms.flatMap(t => [t.dt, t.dd]));
  });
  find.addEventListener("input", show);
  box.hidden = false;
  show();
});</script>"""


def entries(path: Path) -> dict[str, list[dict]]:
    """The rows of each term, in alphabetical order; a row with a hole is named."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    terms = {}
    for number, row in enumerate(rows, start=2):
        if list(row) != COLUMNS or not all(row.values()):
            raise ValueError(f"{path.name}, line {number}: needs {', '.join(COLUMNS)}, got {row}")
        terms.setdefault(row["english"], []).append(row)
    return dict(sorted(terms.items(), key=lambda item: item[0].casefold()))


def link(label: str, docname: str) -> nodes.Node:
    """A reference to the section of that label, in the section's own words."""
    options = {"refdomain": "std", "reftype": "ref", "refexplicit": False, "refwarn": True}
    options["glossary"] = True
    words = nodes.inline(label, label)
    return addnodes.pending_xref("", words, reftarget=label, refdoc=docname, **options)


def to_chapter(app, env, node, words):
    """A label within a section has no title of its own: the link gets the chapter's."""
    page, anchor = env.get_domain("std").anonlabels.get(node["reftarget"], ("", ""))
    if not page or "glossary" not in node:
        return None
    title = nodes.inline("", env.titles[page].astext())
    return make_refnode(app.builder, node["refdoc"], page, anchor, title)


class GlossaryTable(SphinxDirective):
    required_arguments = 1

    def entry(self, term: str, rows: list[dict]) -> nodes.Node:
        name, meaning = nodes.term(), nodes.paragraph()
        name["ids"].append(f"term-{nodes.make_id(term)}")
        for column, language in LANGUAGES.items():
            text = rows[0][column]
            name += nodes.Text(" · " * (column != "english"))
            name += nodes.inline(text, text, classes=[f"language-{language}"])
        for row in rows:
            meaning += nodes.Text(f"{' ' * (row is not rows[0])}{row['meaning']} (")
            meaning += [link(row["label"], self.env.docname), nodes.Text(").")]
        return nodes.definition_list_item("", name, nodes.definition("", meaning))

    def run(self):
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        terms = nodes.definition_list(classes=["dl-glossary"])
        terms += [self.entry(*item) for item in entries(Path(path)).items()]
        script = addnodes.only("", nodes.raw("", SCRIPT, format="html"), expr="not epub")
        return [script, terms]


def setup(app) -> dict:
    app.add_directive("glossary-table", GlossaryTable)
    app.connect("missing-reference", to_chapter)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
