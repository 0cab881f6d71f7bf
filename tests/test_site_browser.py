"""Every built page in a real browser, wide and light, narrow and dark, cut off from the network."""

from importlib.resources import files
from pathlib import Path

import pytest

SITE = Path(__file__).parent.parent / "_build" / "html"
PAGES = sorted(p for p in SITE.rglob("*.html") if "_static" not in p.relative_to(SITE).parts)
FLAGS = "--no-sandbox --headless=new --disable-gpu --disable-background-networking --no-first-run"
FLAGS += " --allow-file-access-from-files"
SCREENS = {"wide": (1280, "light"), "phone": (390, "dark")}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async rules => {
    const options = {runOnly: {type: "tag", values: rules}, preload: false};  // asks for no file
    const found = await axe.run(document, options);
    return found.violations.map(v => `barrier: ${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}"""
ICON_FONT = """() => getComputedStyle(
    document.querySelector('i.fas, i.fa-solid'), '::before').fontFamily"""


@pytest.fixture(scope="module")
def browser(required):
    chromium = required("chromium")
    required("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


def opened(browser, path, screen):
    """The page after its scripts have run, and what went wrong on the way."""
    width, scheme = SCREENS[screen]
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    faults = []

    def gate(route):
        url = route.request.url
        if url.startswith(("file:", "data:", "blob:")):
            return route.continue_()
        faults.append(f"asked another host: {url}")
        return route.abort()

    page.route("**/*", gate)
    page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("requestfailed", lambda r: faults.append(f"not loaded: {r.url}"))
    page.goto(path.as_uri(), wait_until="load")
    if page.locator("div.math, span.math").count():
        page.evaluate("() => window.MathJax?.startup?.promise")
    page.wait_for_timeout(200)  # for what scripts do after loading
    return page, faults


def test_there_are_pages_and_one_has_formulas():
    assert PAGES, "no site in _build/html: run `make book` first"
    assert any('class="math' in page.read_text() for page in PAGES)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(SITE).with_suffix("")))
def test_a_page_loads_shows_its_formulas_fits_and_has_no_barrier(browser, path, screen):
    """Barriers as far as axe finds them by the rules of WCAG 2.2 AA."""
    page, faults = opened(browser, path, screen)
    formulas = page.locator("div.math, span.math").count()
    rendered = page.locator(":is(div, span).math mjx-container").count()
    if rendered < formulas or page.locator("mjx-merror").count():
        faults.append(f"{rendered} of {formulas} formulas are shown")
    width = page.evaluate("() => document.documentElement.scrollWidth")
    if width > SCREENS[screen][0]:
        faults.append(f"{width} px wide on a screen of {SCREENS[screen][0]}")
    if "Font Awesome" not in page.evaluate(ICON_FONT):
        faults.append("icons are not from the theme's font")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    faults += page.evaluate(AXE, RULES)
    page.close()
    assert not faults, "\n".join(faults)
