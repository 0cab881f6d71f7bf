"""The glossary: every term has three languages, a meaning and a place; the page finds them."""

import re
import sys
from pathlib import Path

import pytest
from test_layout import CHAPTERS

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import glossary  # noqa: E402

TERMS = glossary.entries(ROOT / "chapters" / "glossary.tsv")
ROWS = [row for rows in TERMS.values() for row in rows]
PAGE = ROOT / "_build" / "html" / "chapters" / "glossary.html"


def test_every_chapter_has_terms_and_every_place_is_a_label_of_a_chapter():
    places = {}
    for path in CHAPTERS:
        for label in re.findall(r"^\((\S+)\)=$", path.read_text(), re.M):
            places[label] = path.stem
    assert not {row["label"] for row in ROWS} - places.keys()
    assert {places[row["label"]] for row in ROWS} == {path.stem for path in CHAPTERS}


def test_korean_is_in_hangul_and_chinese_in_characters():
    """Names and abbreviations stay as they are: softmax, KL, GELU."""
    for row in ROWS:
        latin = re.fullmatch(r"[A-Za-zé\-]+( \([A-Za-z]+\))?", row["english"]) is not None
        assert re.search(r"[\uac00-\ud7a3]", row["korean"]) or latin, row
        assert re.search(r"[\u4e00-\u9fff]", row["chinese"]) or latin, row
        assert not re.search(r"[\uac00-\ud7a3]", row["chinese"]), row


def test_a_term_that_is_defined_twice_has_the_same_words_in_both_places():
    for term, rows in TERMS.items():
        assert len({(row["korean"], row["chinese"]) for row in rows}) == 1, term


def test_a_row_with_a_hole_is_named(tmp_path):
    head = "\t".join(glossary.COLUMNS)
    (tmp_path / "terms.tsv").write_text(f"{head}\nbias\t편향\t\ta constant\tsec-x\n")
    with pytest.raises(ValueError, match="terms.tsv, line 2: needs english, korean, chinese"):
        glossary.entries(tmp_path / "terms.tsv")


@pytest.fixture
def tab(browser):
    assert PAGE.is_file(), "run make book first"
    tab = browser.new_page()
    tab.goto(PAGE.as_uri())
    yield tab
    tab.close()


def shown(tab):
    return tab.locator("dl.dl-glossary dt:visible > span:first-child").all_inner_texts()


def test_the_page_shows_every_term_in_its_three_languages_with_links(tab):
    assert [term.replace("’", "'") for term in shown(tab)] == list(TERMS)  # Newton's method
    assert tab.locator("dl.dl-glossary dd a.reference").count() == len(ROWS)
    for language in glossary.LANGUAGES.values():
        assert tab.locator(f"dl.dl-glossary dt > span[lang='{language}']").count() == len(TERMS)


def test_a_word_of_any_language_finds_its_term_without_a_kernel(tab):
    find = tab.get_by_label("Find a term in any of the languages")
    for words in ("Entropy", "엔트로피", "熵"):
        find.fill(words)
        assert "entropy" in shown(tab) and "bias" not in shown(tab), words
    find.fill("no such word")
    assert shown(tab) == []
    assert f"0 of {len(TERMS)} terms" in tab.locator(".dl-filter").inner_text()


def test_the_terms_can_be_ordered_by_another_language(tab):
    tab.get_by_label("Order by").select_option("1")
    found = tab.locator("dl.dl-glossary dt > span:nth-child(2)").all_inner_texts()
    hangul = [word for word in found if re.match(r"[\uac00-\ud7a3]", word)]
    assert "가" <= hangul[0] < "나" and hangul[-1] >= "하"
    assert len(found) == len(TERMS) and found != [rows[0]["korean"] for rows in TERMS.values()]
