"""The built site as files: links, ids, images, what each page says about itself."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from html5lib import HTMLParser as HTML5

SITE = Path(__file__).parent.parent / "_build" / "html"
# Ids that the theme writes twice on a page; nothing links to them.
DOUBLE_IDS = {"pst-search-dialog"}  # once in each of its two bars
LARGEST = 2_000_000  # bytes of a page
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What the tests ask of a page: its elements with their attributes, and its ids."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.elements, self.figure_svgs, self.figure = path, [], [], False
        self.feed(path.read_text())
        self.ids = Counter(a["id"] for _, a in self.elements if a.get("id"))

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "figure":
            self.figure = "dl-figure" in (self.elements[-1][1].get("class") or "").split()
        if tag == "svg" and self.figure:
            self.figure_svgs.append(self.elements[-1][1])

    def handle_endtag(self, tag):
        if tag == "figure":
            self.figure = False

    handle_startendtag = handle_starttag

    def all(self, *tags):
        return [(tag, a) for tag, a in self.elements if tag in tags]


def html_files():
    return sorted(SITE.rglob("*.html")) if SITE.is_dir() else []


@pytest.fixture(scope="module")
def pages():
    if not (SITE / "index.html").is_file():
        pytest.fail("no site in _build/html: run `make book` first", pytrace=False)
    files = [f for f in html_files() if "_static" not in f.relative_to(SITE).parts]
    return {f: Page(f) for f in files}


def addresses(page):
    """Every address on a page, of links and of what it loads."""
    for tag, a in page.elements:
        name = LOADED.get(tag, "href" if tag == "a" else None)
        if name and a.get(name):
            yield tag, a[name]


def broken(page, address, pages):
    """Why a local address leads nowhere, or None."""
    url = urlsplit(address)
    if url.scheme or url.netloc:
        return None
    target = (page.path.parent / unquote(url.path)).resolve() if url.path else page.path
    if not target.is_relative_to(SITE.resolve()) or not target.is_file():
        return "no such file"
    if url.fragment and target in pages and url.fragment not in pages[target].ids:
        return "no such anchor"
    return None


def listing(faults):
    return "\n".join(str(fault) for fault in faults)


def name(page):
    return str(page.path.relative_to(SITE))


def test_every_local_link_and_file_and_anchor_exists(pages):
    resolved = {path.resolve(): page for path, page in pages.items()}
    faults = [
        (name(page), address, why)
        for page in pages.values()
        for _, address in addresses(page)
        if address != "#" and (why := broken(page, address, resolved))
    ]
    assert not faults, listing(faults)


def test_no_id_stands_twice_on_a_page(pages):
    faults = [
        (name(page), double)
        for page in pages.values()
        for double, count in page.ids.items()
        if count > 1 and double not in DOUBLE_IDS
    ]
    assert not faults, listing(faults)


def test_every_image_is_described_in_words(pages):
    faults = [
        (name(page), a.get("src", "")[:60], a.get("alt"))
        for page in pages.values()
        for _, a in page.all("img")
        if not (a.get("alt") or "").strip()
        or re.search(r"\.(png|svg|jpe?g|webp|gif)$|^_?images?/", a["alt"].strip())
    ]
    assert not faults, listing(faults)


def test_every_page_is_html_without_a_parse_error(pages):
    """By the parser of the standard; what it does not know of has its test below."""
    faults = []
    for path, page in pages.items():
        # The insides of scripts and styles are no HTML, and most of a page.
        inside = r"(<(script|style)\b[^>]*>).*?(?=</\2>)"
        parser = HTML5()
        parser.parse(re.sub(inside, r"\1", path.read_text(), flags=re.DOTALL))
        faults += [(name(page), place, fault) for place, fault, _ in parser.errors]
    assert not faults, listing(faults)


def test_styles_stand_in_the_head_and_summaries_hold_no_paragraph(pages):
    faults = []
    for path, page in pages.items():
        body = path.read_text().partition("</head>")[2]
        body = re.sub(r"<svg\b.*?</svg>", "", body, flags=re.DOTALL)  # which has styles of its own
        faults += [(name(page), s) for s in re.findall(r"<style\b[^>]*>.{,60}", body, re.DOTALL)]
        summaries = re.findall(r"<summary\b.*?</summary>", body, re.DOTALL)
        faults += [(name(page), s) for s in summaries if re.search(r"<(p|div|ul)\b", s)]
    assert not faults, listing(faults)


def test_no_page_is_larger_than_two_megabytes(pages):
    sizes = {name(page): path.stat().st_size for path, page in pages.items()}
    assert not {k: v for k, v in sizes.items() if v > LARGEST}


def test_every_inline_figure_has_a_role_and_a_label(pages):
    faults = [
        (name(page), a)
        for page in pages.values()
        for a in page.figure_svgs
        if a.get("role") != "img" or not (a.get("aria-label") or "").strip()
    ]
    assert not faults, listing(faults)


def test_no_page_loads_anything_from_another_host(pages):
    faults = [
        (name(page), tag, address)
        for page in pages.values()
        for tag, address in addresses(page)
        if tag != "a" and urlsplit(address).netloc
    ]
    for sheet in SITE.rglob("*.css"):
        hosts = re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//[^)'\" ]+", sheet.read_text())
        faults += [(sheet.name, host) for host in hosts]
    assert not faults, listing(faults)


def test_a_chapter_says_how_long_it_is_and_links_its_lab_its_exercise_and_its_code(pages):
    page = SITE / "chapters" / "03-classification.html"
    (head,) = re.findall(r'<ul class="dl-head">.*?</ul>', page.read_text())
    assert re.search(r"About [1-9]\d? minutes to read", head)
    for target in "notebooks/03-classification", "exercises/03-classification", "code/softmax":
        assert f"../{target}" in head
    code = (SITE / "code" / "softmax.html").read_text()
    assert all(f"dlcore.{form}.softmax" in code for form in ("scratch", "nn", "kernels", "figures"))
    assert ":eq:" not in code


def test_a_notebook_can_be_downloaded_from_its_page(pages):
    for folder in "notebooks", "exercises":
        for page in (SITE / folder).rglob("*.html"):
            (file,) = re.findall(r'href="([^"]+)" download="[^"]+\.ipynb"', page.read_text())
            assert (page.parent / file).is_file()


def test_every_page_has_a_description_and_a_title_for_links_elsewhere(pages):
    for path, page in pages.items():
        if path.parent.name in ("chapters", "notebooks") or path.name == "index.html":
            meta = {
                a.get("property") or a.get("name"): a.get("content") for _, a in page.all("meta")
            }
            assert len(meta["description"]) > 40, name(page)
            assert meta["og:title"] and meta["og:description"] == meta["description"], name(page)


def test_nothing_links_to_the_tools_own_repository(pages):
    faults = [
        (name(page), address)
        for page in pages.values()
        for _, address in addresses(page)
        if re.search(r"executablebooks|jupyter-book|mybinder", address, re.IGNORECASE)
    ]
    assert not faults, listing(faults)


def test_no_page_brings_the_script_that_draws_icons(pages):
    assert not list(SITE.rglob("fontawesome.js"))


def test_the_readme_shows_pictures_that_are_there_and_small():
    root = Path(__file__).parent.parent
    names = re.findall(
        r"!\[[^]]+\]\((_static/screens/\w+\.webp)\)", (root / "README.md").read_text()
    )
    sizes = {name: (root / name).stat().st_size for name in names}
    assert len(sizes) == 4
    assert max(sizes.values()) < 150_000, sizes
    assert sum(sizes.values()) < 600_000, sizes
