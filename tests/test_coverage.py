"""The lecture notes that the course must cover: every topic has its place on a page.

tests/coverage/topics.json lists the topics and the chapter that each belongs to;
tests/coverage/<chapter>.json says where on the built pages a chapter has them.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOPICS = json.loads((ROOT / "tests" / "coverage" / "topics.json").read_text())
WRITTEN = sorted(path.stem for path in (ROOT / "chapters").glob("[0-9]*.md"))


def places(chapter: str) -> dict[str, str]:
    return json.loads((ROOT / "tests" / "coverage" / f"{chapter}.json").read_text())


def test_the_list_holds_the_223_topics_of_the_notes_once():
    names = [topic["topic"] for topic in TOPICS]
    assert len(names) == len(set(names)) == 223
    assert {topic["level"] for topic in TOPICS} == {"core", "section", "mention"}


@pytest.mark.parametrize("chapter", WRITTEN)
def test_a_written_chapter_has_all_of_its_topics(chapter):
    own = {topic["topic"] for topic in TOPICS if topic["chapter"] == chapter}
    known = {topic["topic"] for topic in TOPICS}
    assert not own - places(chapter).keys(), "these topics have no place"
    assert not places(chapter).keys() - known, "these are no topics of the notes"


@pytest.mark.parametrize("chapter", WRITTEN)
def test_every_place_exists_on_the_built_page(chapter):
    for topic, place in places(chapter).items():
        page, _, anchor = place.partition("#")
        file = ROOT / "_build" / "html" / f"{page}.html"
        assert file.is_file(), f"{topic}: no page {page}"
        assert re.search(rf'id="{re.escape(anchor)}"', file.read_text()), f"{topic}: {place}"
