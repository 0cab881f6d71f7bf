"""Figures that look right on a page, in a notebook and in print, light or dark.

`show` turns a matplotlib figure into inline SVG whose black follows the page's text colour.
`explorable` adds a small script that runs in the page: no kernel, no server, no outside host.
"""

import base64
import hashlib
import html
import io
import json
import re
from importlib.resources import files

import matplotlib
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"  # Okabe and Ito: told apart by all eyes
COLOURS = [BLUE, ORANGE, GREEN, "#CC79A7", "#D55E00", "#56B4E9"]
STYLE = {
    "font.size": 11,
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "axes.titlesize": 11,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "dlcore",
    "savefig.transparent": True,
}


def new_axes(width=6.0, height=3.2, rows=1, columns=1):
    """Axes in the course's style: one, or an array of them when there are several panels."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure.subplots(rows, columns)


class Page:
    """Something to look at: HTML for pages and notebooks, PNG for print, text for the rest."""

    def __init__(self, body: str, png: bytes, alt: str):
        self.body, self.png, self.alt = body, png, alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/html": self.body,
            "image/png": base64.b64encode(self.png).decode(),
            "text/plain": self.alt,
        }


def legend(ax, **place):
    """A legend without a box, which would be white on a dark page."""
    ax.legend(frameon=False, **place)
    return ax


def rendered(figure, kind: str, dpi=150) -> bytes:
    """The figure as "svg" or "png" bytes, the same bytes every time."""
    out = io.BytesIO()
    metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[kind]
    transparent = kind == "svg"  # paper is white
    with matplotlib.rc_context(STYLE):
        figure.savefig(out, format=kind, dpi=dpi, metadata=metadata, transparent=transparent)
    return out.getvalue()


def inline_svg(figure, alt: str) -> str:
    """SVG for the middle of a page: described, scaling, black as the text colour, ids its own."""
    svg = rendered(figure, "svg").decode()
    head = re.search(r'<svg [^>]*?width="([\d.]+)pt"[^>]*? viewBox="([^"]+)"[^>]*>', svg)
    body = re.sub(r"<metadata>.*?</metadata>", "", svg[head.end() :], flags=re.DOTALL)
    mark = hashlib.sha256((svg + alt).encode()).hexdigest()[:8]
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>d{mark}-", body)
    return (
        f'<svg role="img" aria-label="{html.escape(alt)}" viewBox="{head[2]}" '
        f'style="max-width:{head[1]}pt">{in_page_colours(body)}'
    )


def in_page_colours(svg: str) -> str:
    """Black follows the text; blue and green, too dim on a dark page, follow figure.css."""
    svg = svg.replace("#000000", "currentColor").replace("#0072b2", "var(--dl-blue, #0072b2)")
    return svg.replace("#009e73", "var(--dl-green, #009e73)")


def beside(name: str) -> str:
    """The text of a file in this folder, also when dlcore is imported from a wheel."""
    return files("dlcore.figures").joinpath(name).read_text(encoding="utf-8")


def framed(inside: str, caption: str, kind="") -> str:
    """A figure element with its style, so that it looks the same outside the site."""
    css = beside("figure.css")
    caption = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="dl-figure{kind}"><style>{css}</style>{inside}{caption}</figure>'


def show(figure, alt: str, caption="") -> Page:
    """A matplotlib figure (or Axes) for the page; `alt` says what it shows to who cannot see it."""
    if not alt.strip():
        raise ValueError("alt must describe the figure for a reader who cannot see it, got ''")
    figure = getattr(figure, "figure", figure)
    return Page(framed(inline_svg(figure, alt), caption), rendered(figure, "png"), alt)


def explorable(script: str, data: dict, still, alt: str, caption="") -> Page:
    """A machine in the page: `script` names a JavaScript file beside this one, run over `data`.

    The file holds one function (root, data, kit), with kit.js as the kit. `still` is the figure
    shown without scripts.
    """
    code = beside(f"{script}.js")
    values = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("</", "<\\/")
    name = f"dl-{hashlib.sha256((code + values).encode()).hexdigest()[:8]}"
    still = getattr(still, "figure", still)
    picture = base64.b64encode(rendered(still, "png", dpi=75)).decode()
    body = (
        f'<div id="{name}" class="dl-machine" role="group" aria-label="{html.escape(alt)}"></div>'
        f'<noscript><img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}"></noscript>'
        f"<script>(f => document.querySelectorAll('#{name}:not([data-live])').forEach("
        f"root => {{ root.dataset.live = 1; f(root, {values}, {beside('kit.js').strip()}) }}))"
        f"({code})</script>"
    )
    return Page(framed(body, caption, " dl-explorable"), rendered(still, "png"), alt)
