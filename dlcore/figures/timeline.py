"""A history to walk through: events in the waves that they belong to."""

from dlcore.figures.page import BLUE, COLOURS, GREEN, ORANGE, Page, explorable, new_axes

KINDS = {"idea": BLUE, "machine": ORANGE, "tool": GREEN, "setback": "#D55E00", "people": "#CC79A7"}
BREAK, EARLY = 1935, 0.16  # years before the break get this share of the axis
FIELDS = {"year", "kind", "title", "text", "sources"}


def across(year: float, first: float, last: float) -> float:
    """The place of a year on the axis, 0 to 1: two linear pieces that meet at BREAK."""
    if year < BREAK:
        return EARLY * (year - first) / (BREAK - first)
    return EARLY + (1 - EARLY) * (year - BREAK) / (last - BREAK)


def checked(events, waves) -> list:
    """The events by year; a missing field, an unknown kind or a wave upside down is named."""
    for event in events:
        if set(event) != FIELDS or event["kind"] not in KINDS:
            got = event.get("title", event)
            raise ValueError(f"an event must have {sorted(FIELDS)}, kind of {[*KINDS]}, got {got}")
    for name, start, end in waves:
        if not BREAK <= start < end:
            raise ValueError(f"a wave must run from {BREAK} on, start before end, got {name!r}")
    return sorted(events, key=lambda event: event["year"])


def overview(events, waves, ax=None):
    """The waves as bands and the events as dots, stacked where they are close."""
    ax = ax or new_axes(7, 2.6)
    years = [event["year"] for event in events]
    first, last = min(years), max(years) + 1
    for name, start, end in waves:
        left, right = across(start, first, last), across(end, first, last)
        ax.axvspan(left, right, color=COLOURS[5], alpha=0.2, lw=0)
        ax.text((left + right) / 2, 1.02, name, ha="center", transform=ax.get_xaxis_transform())
    heights = {}
    for event in events:
        x = across(event["year"], first, last)
        slot = round(40 * x)
        heights[slot] = heights.get(slot, 0) + 1
        ax.plot(x, heights[slot], "o", color=KINDS[event["kind"]])
    ticks = [first, *range(1940, int(last), 20)]
    ax.set_xticks([across(tick, first, last) for tick in ticks], ticks)
    ax.set(yticks=[], ylim=(0, max(heights.values()) + 1), xlim=(-0.02, 1.02))
    ax.spines["left"].set_visible(False)
    return ax


def timeline(events, waves, caption="") -> Page:
    """Events to step through, filter and search.

    Each has `year`, `kind` (a key of KINDS), `title`, `text` and `sources`, pairs (label, address
    or ""); `waves` are (name, start, end).
    """
    events = checked(events, waves)
    first, last = events[0]["year"], events[-1]["year"] + 1
    shown = [event | {"x": across(event["year"], first, last)} for event in events]
    bands = [
        {
            "name": name,
            "start": s,
            "end": e,
            "x": across(s, first, last),
            "to": across(e, first, last),
        }
        for name, s, e in waves
    ]
    alt = f"A timeline of {len(events)} events from {first} to {events[-1]['year']}."
    ticks = [[year, across(year, first, last)] for year in (first, *range(1940, int(last), 20))]
    data = {"events": shown, "waves": bands, "ticks": ticks, "kinds": list(KINDS), "alt": alt}
    return explorable("timeline", data, overview(events, waves), alt, caption)
