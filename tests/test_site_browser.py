"""Every built page in a real browser, wide and light, narrow and dark, cut off from the network."""

import gzip
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(__file__).parent.parent / "_build" / "html"
PAGES = sorted(p for p in SITE.rglob("*.html") if "_static" not in p.relative_to(SITE).parts)
SCREENS = {"wide": (1280, "light"), "phone": (360, "dark")}
AXE_SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What scrolls must be reached by Tab, or hold something that is.
SCROLLS = """() => {
    const stops = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const more = (e, side) => e[`scroll${side}`] > e[`client${side}`] + 1;
    const scrolls = e => {
        const {overflowX: x, overflowY: y} = getComputedStyle(e);
        const can = kind => kind == "auto" || kind == "scroll";
        return can(x) && more(e, "Width") || can(y) && more(e, "Height");
    };
    const found = [...document.querySelectorAll("body *")].filter(e => scrolls(e)
        && !e.matches(stops) && !e.querySelector(stops));
    return found.map(e => `scrolls, but not by keys: ${e.outerHTML.slice(0, 200)}`);
}"""
# Of what looks the same a thousand times, the first: axe takes 40 s for a chapter with all of it.
THIN_OUT = """() => {
    const seen = new Set();
    for (const part of document.querySelectorAll("mjx-math, .highlight pre span:not(:has(span))")) {
        const kind = part.tagName + part.className;
        if (!seen.has(kind)) seen.add(kind);
        else if (part.matches("span")) part.replaceWith(part.textContent);
        else part.closest("mjx-container").remove();
    }
}"""
BASE, OVER_BASE = 320_000, 600_000  # gzipped bytes: of the home page, and of a page beyond it
AXE = """async levels => {
    // preload: it asks for no file; resultTypes: it does not describe what passes
    const options = {runOnly: levels, preload: false, resultTypes: ["violations"]};
    const found = await axe.run(document, options);
    return found.violations.map(v => `barrier: ${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}"""
MATHEMATICS = """async () => {
    await window.MathJax?.startup?.promise;
    const count = selector => document.querySelectorAll(selector).length;
    const [all, shown] = [count("div.math, span.math"), count(":is(div, span).math mjx-container")];
    const faults = shown < all ? [`${shown} of ${all} formulas are shown`] : [];
    document.querySelectorAll("mjx-merror").forEach(e => faults.push(`formula: ${e.textContent}`));
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const raw = text.data.match(/\\\\[([]|\\\\[a-zA-Z]+\\{|\\$[^$\\s][^$]*\\$/);
        if (raw && !text.parentElement.closest("pre, code, script, style, textarea, noscript"))
            faults.push(`raw formula: ${text.data.trim().slice(0, 80)}`);
    }
    return faults;
}"""
FONTS = """async () => {
    await document.fonts.ready;
    const fonts = [...document.fonts];
    const faults = fonts.filter(f => f.status === "error").map(f => `no font ${f.family}`);
    const icons = fonts.some(f => f.family.includes("Awesome") && f.status === "loaded");
    return icons ? faults : [...faults, "icons are not from the theme's font"];
}"""


@cache
def sent(file: Path) -> int:
    """Bytes of a file as a server sends it."""
    return len(gzip.compress(file.read_bytes())) if file.is_file() else 0


def opened(browser, path):
    """The page after its scripts have run, what went wrong on the way, and which files it took."""
    width, scheme = SCREENS["wide"]
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(100_000)  # the machine may be busy
    faults, files = [], set()

    def gate(route):
        url = urlsplit(route.request.url)
        if url.scheme == "file":
            files.add(Path(unquote(url.path)))
        if url.scheme in ("file", "data", "blob"):
            return route.continue_()
        faults.append(f"asked another host: {route.request.url}")
        return route.abort()

    page.route("**/*", gate)
    page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("requestfailed", lambda r: faults.append(f"not loaded: {r.url}"))
    page.goto(path.as_uri(), wait_until="load")
    return page, faults, files


def turned(page, screen):
    width, scheme = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(200)  # for what scripts do then
    return width, scheme


def misfits(page, screen):
    """What does not fit, does not scroll by keys, or is not in the reader's colours."""
    width, scheme = turned(page, screen)
    faults = page.evaluate(SCROLLS)
    if (taken := page.evaluate("() => document.documentElement.scrollWidth")) > width:
        faults.append(f"{taken} px wide on a screen of {width}")
    if page.evaluate("() => document.documentElement.dataset.theme") != scheme:
        faults.append("the theme does not follow the reader's choice of light or dark")
    return [f"{screen}: {fault}" for fault in faults]


def barriers(page, screen):
    """What axe finds by the rules of WCAG 2.2 AA."""
    turned(page, screen)
    return [f"{screen}: {fault}" for fault in page.evaluate(AXE, LEVELS)]


def test_there_are_pages_and_one_has_formulas():
    assert PAGES, "no site in _build/html: run `make book` first"
    assert any('class="math' in page.read_text() for page in PAGES)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(SITE).with_suffix("")))
def test_a_page_loads_shows_its_formulas_fits_and_has_no_barrier(browser, path):
    """One visit: wide and light, then narrow and dark."""
    page, faults, files = opened(browser, path)
    faults += page.evaluate(MATHEMATICS) + page.evaluate(FONTS)
    page.evaluate(AXE_SCRIPT)
    page.add_style_tag(content="* { transition: none !important }")  # no colour half way
    for screen in SCREENS:
        faults += misfits(page, screen)
    page.evaluate(THIN_OUT)
    for screen in SCREENS:
        faults += barriers(page, screen)
    page.close()
    assert not faults, "\n".join(faults)
    # After the last look, since fonts of formulas come late.
    assert sum(map(sent, files)) <= BASE + OVER_BASE, sorted((sent(f), f.name) for f in files)[-5:]


def test_the_home_page_is_light(browser):
    """The base, and a machine that trains."""
    page, _, files = opened(browser, SITE / "index.html")
    page.close()
    limit = BASE + 40_000
    assert sum(map(sent, files)) <= limit, sorted((sent(f), f.name) for f in files)


def test_a_word_is_found_without_a_network(browser):
    page, faults, _ = opened(browser, SITE / "search.html")
    page.fill("main input[type=search]", "cross-entropy")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    titles = page.locator("#search-results li").all_inner_texts()
    page.locator("#search-results li a").first.click()
    page.wait_for_url(lambda url: "search.html" not in url)
    text = page.locator("main").inner_text().lower()
    page.close()
    assert len(titles) >= 3
    assert "entropy" in text
    assert "entropy" in text
    # Leaving the page ends its loading of the other results' summaries.
    assert not [fault for fault in faults if not fault.startswith("not loaded")]
