"""What the introduction states about history, against the corrected list of claims."""

import ast
import re
from pathlib import Path

import pytest

from dlcore.figures.timeline import KINDS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "chapters" / "01-introduction.md").read_text()
YEARS = {  # dates that are often given otherwise
    "A name: artificial intelligence": 1955,
    "The perceptron": 1958,
    "The Mark I perceptron": 1960,
    "The first AI winter": 1974,
    "Backpropagation, again": 1986,
    "AlexNet": 2012,
    "Generative adversarial networks": 2014,
    "Atari from pixels": 2015,
    "PyTorch": 2016,
    "The Turing Award": 2018,
    "CLIP and DALL-E": 2021,
    "ChatGPT": 2022,
}


def listed(name: str):
    """A list of the chapter's hidden cells, read without running them."""
    source = re.search(rf"^{name} = (\[.*?\])$", TEXT, re.M | re.S)
    return ast.literal_eval(source[1])


HISTORY = listed("HISTORY")


def test_the_dates_that_are_often_wrong_are_right():
    found = {title: year for year, _, title, _, _ in HISTORY}
    assert {title: found[title] for title in YEARS} == YEARS


def test_events_are_in_order_of_a_known_kind_and_have_sources_in_the_bibliography():
    entries = set(re.findall(r"^@\w+\{(\S+),$", (ROOT / "references.bib").read_text(), re.M))
    years = [event[0] for event in HISTORY]
    assert years == sorted(years) and len(HISTORY) == len({event[2] for event in HISTORY})
    for _, kind, title, text, sources in HISTORY:
        assert kind in KINDS and text.endswith("."), title
        assert sources and set(sources.split()) <= entries, title


def test_the_sources_of_the_timeline_are_all_cited_under_it():
    folded = re.search(r"The sources of the timeline\n\{cite:p\}`([^`]+)`", TEXT)[1]
    used = {key for event in HISTORY for key in event[4].split()}
    assert set(folded.split(",")) == used


def test_the_waves_do_not_overlap_and_winter_lies_between_them():
    ends = [year for _, start, end in listed("WAVES") for year in (start, end)]
    assert ends == sorted(ends) and ends[1] < YEARS["The first AI winter"] < ends[2]


@pytest.mark.parametrize(
    "words",
    ["the name is Rumelhart", "these\nare of 2014", "award of 2018, announced in March 2019"]
    + ["workshop was in 1956", "machine was shown about 1960", "Minsky and Papert's"]
    + ["from about 1974 on", "Schickard\nhad described one in 1623", "left in February 2024"],
)
def test_a_margin_note_says_what_is_often_written_and_why_it_is_wrong(words):
    notes = re.findall(r"```\{margin\}\n(.*?)```", TEXT, re.S)
    flat = [" ".join(note.split()) for note in notes]
    assert any(" ".join(words.split()) in note for note in flat)
