"""Outside links of the built site: a list, and with --check whether each still answers.

    python tools/links.py [--check]

The list goes to _build/outside-links.txt: an address and the pages that name it. The check needs
a network, so it is no part of `make test`.
"""

import re
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import requests

BUILD = Path(__file__).resolve().parent.parent / "_build"
ROBOTS = {401, 403, 405, 406, 418, 429, 999}  # a person would see the page
LINK = re.compile(r'<a\b[^>]*?\bhref="(https?://[^"]+)"')


def outside_links(site: Path) -> dict[str, list[str]]:
    """Addresses on other hosts, each with the pages that link to it."""
    links = defaultdict(list)
    for page in sorted(site.rglob("*.html")):
        for address in sorted(set(LINK.findall(page.read_text()))):
            links[unescape(address)].append(str(page.relative_to(site)))
    return dict(sorted(links.items()))


def fault(address: str) -> str:
    """Why nobody should follow the link, or ''."""
    try:
        with requests.get(address, timeout=20, stream=True) as answer:
            bad = answer.status_code >= 400 and answer.status_code not in ROBOTS
            return f"status {answer.status_code}" if bad else ""
    except requests.RequestException as error:
        return type(error).__name__


def main(check: bool) -> int:
    links = outside_links(BUILD / "html")
    file = BUILD / "outside-links.txt"
    file.write_text("".join(f"{address}\t{' '.join(pages)}\n" for address, pages in links.items()))
    print(f"links: {len(links)} to other hosts, listed in {file}")
    if not check:
        return 0
    with ThreadPoolExecutor(8) as pool:
        faults = {a: why for a, why in zip(links, pool.map(fault, links)) if why}
    for address, why in faults.items():
        print(f"links: {why}: {address} on {', '.join(links[address])}")
    if links and set(faults.values()) == {"ConnectionError"}:
        print("links: no host answered; is there a network?")
    print(f"links: {len(links) - len(faults)} answer, {len(faults)} do not")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
