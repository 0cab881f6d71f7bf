"""Pictures of the built site for the README, so that they stay true; `make screenshots`.

Each shows one page wide and light, wide and dark, and on a phone, side by side.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE, PICTURES = ROOT / "_build" / "html", ROOT / "_static" / "screens"
CHROMIUM = "/usr/lib/chromium/chromium"  # Debian's
VIEWS = [(1280, "light"), (1280, "dark"), (390, "light")]
HEIGHT, SHOWN, GAP = 860, 480, 16  # pixels: of the window, of the picture, between views
PAGES = {  # a page, and what to scroll to
    "home": ("index", None),
    "chapter": ("chapters/03-classification", ".dl-machine"),
    "lab": ("notebooks/04-perceptron", ".dl-figure"),
    "exercise": ("exercises/05-mlp/05-mlp", "div.cell"),
}


def view(browser, page: str, target: str | None, width: int, scheme: str) -> Image.Image:
    """One look at a page, `SHOWN` pixels high."""
    tab = browser.new_page(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)
    tab.set_default_timeout(100_000)  # the machine may be busy
    tab.goto((SITE / f"{page}.html").as_uri())
    tab.evaluate("() => window.MathJax?.startup?.promise")
    if target:
        tab.evaluate("t => document.querySelector(t).scrollIntoView({block: 'center'})", target)
    tab.wait_for_timeout(500)  # what scripts do then
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    tab.close()
    return picture.resize((width * SHOWN // HEIGHT, SHOWN), Image.Resampling.LANCZOS)


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    width = sum(p.width + GAP for p in pictures) - GAP
    whole, x = Image.new("RGB", (width, SHOWN), "#8a9099"), 0
    for picture in pictures:
        whole.paste(picture, (x, 0))
        x += picture.width + GAP
    return whole


def main() -> int:
    if not (SITE / "index.html").is_file():
        print("screenshots: no site yet: run make book first", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (page, target) in PAGES.items():
            file = PICTURES / f"{name}.webp"
            side_by_side([view(browser, page, target, *v) for v in VIEWS]).save(file, quality=80)
            print(f"screenshots: {file} {file.stat().st_size / 1000:.0f} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
