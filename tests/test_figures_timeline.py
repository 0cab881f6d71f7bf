"""The timeline: every event can be reached, by hand and by keyboard, and narrowed down."""

import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import timeline as pictures
from dlcore.figures.page import show

WAVES = [("first wave", 1943, 1969), ("second wave", 1986, 1995)]


def event(year, kind, title, text="What it was.", sources=(("A Book", "https://example.org/a"),)):
    return {"year": year, "kind": kind, "title": title, "text": text, "sources": list(sources)}


EVENTS = [
    event(1958, "machine", "A machine that learns"),
    event(1642, "machine", "A machine that adds", sources=[("A Book", ""), ("B", "")]),
    event(1974, "setback", "A winter", "Money ran out."),
    event(1986, "idea", "Gradients"),
]


@pytest.fixture
def machine(opened):  # noqa: F811
    tab = opened(pictures.timeline(EVENTS, WAVES))
    tab.set_default_timeout(4000)
    return tab


def state(tab):
    return tab.evaluate(STATE)


def test_events_are_in_order_and_know_their_wave(machine):
    assert state(machine)["shown"] == [EVENTS[i]["title"] for i in (1, 0, 2, 3)]
    waves = []
    for _ in range(4):
        waves.append(state(machine)["wave"])
        machine.get_by_role("button", name="later").click(force=True)
    assert waves == ["before", "first wave", "between", "second wave"]


def test_the_slider_walks_through_by_keyboard_and_stops_at_the_ends(machine):
    machine.get_by_label("event", exact=True).focus()
    for year in (1958, 1974, 1986, 1986):
        machine.keyboard.press("ArrowRight")
        assert state(machine)["year"] == year
    assert machine.get_by_role("button", name="later").is_disabled()
    assert "Gradients" in machine.get_by_label("event", exact=True).get_attribute("aria-valuetext")


def test_filters_leave_what_they_say_and_an_empty_choice_is_named(machine):
    machine.get_by_label("what", exact=True).select_option("machine")
    assert state(machine)["shown"] == ["A machine that adds", "A machine that learns"]
    machine.get_by_label("when", exact=True).select_option("first wave")
    assert state(machine)["shown"] == ["A machine that learns"] and state(machine)["year"] == 1958
    machine.get_by_label("what", exact=True).select_option("setback")
    assert state(machine)["shown"] == []
    assert "No event is left" in machine.locator(".dl-machine").inner_text()
    machine.get_by_label("when", exact=True).select_option("all")
    assert state(machine)["now"] == "A winter"


def test_words_of_title_text_and_year_are_found(machine):
    for words, found in (
        ("MONEY", ["A winter"]),
        ("1986", ["Gradients"]),
        ("adds", [EVENTS[1]["title"]]),
    ):
        machine.get_by_label("find", exact=True).fill(words)
        assert state(machine)["shown"] == found


def test_a_dot_of_the_strip_and_an_entry_of_the_list_choose_their_event(machine):
    machine.locator("circle").nth(2).click()
    assert state(machine)["now"] == "A winter"
    machine.get_by_text("4 of 4 events as a list").click()
    machine.get_by_role("button", name="1642").click()
    assert state(machine)["now"] == "A machine that adds"
    assert machine.locator("[aria-current=true]").inner_text().startswith("1642")


def test_sources_are_shown_and_linked_where_they_have_an_address(machine):
    assert "Source: A Book; B" in machine.locator(".dl-machine").inner_text()
    machine.get_by_role("button", name="later").click()
    link = machine.get_by_role("link", name="A Book")
    assert link.get_attribute("href") == "https://example.org/a"


def test_the_axis_keeps_the_order_of_the_years_and_gives_the_old_ones_little_room():
    places = [pictures.across(year, 1642, 2025) for year in (1642, 1843, 1935, 1958, 2024, 2025)]
    assert places == sorted(places) and places[0] == 0 and places[-1] == 1
    assert places[2] == pytest.approx(pictures.EARLY)


def test_the_overview_is_axes_and_small():
    axes = pictures.overview(EVENTS, WAVES)
    assert isinstance(axes, Axes) and len(html(show(axes, "dots in bands"))) < 300_000
    assert len(html(pictures.timeline(EVENTS, WAVES))) < 300_000


def test_an_event_or_a_wave_that_is_wrong_is_named_in_the_error():
    with pytest.raises(ValueError, match="kind of .*, got X"):
        pictures.timeline([event(1950, "rumour", "X")], WAVES)
    with pytest.raises(ValueError, match="an event must have .*, got Y"):
        pictures.timeline([{"year": 1950, "title": "Y"}], WAVES)
    with pytest.raises(ValueError, match="start before end, got 'back'"):
        pictures.timeline(EVENTS, [("back", 1990, 1980)])
