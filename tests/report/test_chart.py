from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element

import pytest

from agent.model.vocabulary import Issue
from agent.report.chart import PATTERNS, chart, numbers, patterns, stamp, swatch, width_words, zone_words
from agent.report.timeline import Timeline

START = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
ISSUES = (Issue.SNI, Issue.POLICY)


def timeline(spans: int, width: timedelta = timedelta(seconds=1), start: datetime = START) -> Timeline:
    """Return a timeline with failures in the first and in the last of so many spans."""
    first, last = {Issue.SNI: 3, Issue.POLICY: 1}, {Issue.POLICY: 2}
    return Timeline(start, width, (first, *({},) * (spans - 2), last))


def bars(drawn: Element) -> list[tuple[str, float, float, str]]:
    """Return where each bar stands, its upper edge, its height, and what it is painted with."""
    return [
        (one.attrib["x"], float(one.attrib["y"]), float(one.attrib["height"]), one.attrib["fill"])
        for one in drawn.iter("rect")
    ]


def axis(drawn: Element, *, narrow: bool = False) -> list[str]:
    """Return the marks of the axis, a day and a time of day in one."""
    return [
        " ".join(text.text or "" for text in group.iter("text"))
        for group in drawn.findall("g")
        if group.find("text") is not None and not (narrow and group.get("class") == "fine")
    ]


def test_bars_are_stacked_to_scale() -> None:
    """The highest span fills the height; issues stand in their order from the bottom."""
    assert bars(chart(timeline(20), ISSUES)) == [
        ("0.000%", 53.5, 112.5, "url(#paint-sni)"),
        ("0.000%", 16, 37.5, "url(#paint-policy)"),
        ("95.000%", 91, 75, "url(#paint-policy)"),
    ]


def test_a_single_failure_beside_thousands_is_seen() -> None:
    """Its bar has a few pixels."""
    many = Timeline(START, timedelta(seconds=1), ({Issue.SNI: 9_000}, {Issue.SNI: 1}))
    assert [bar[2] for bar in bars(chart(many, ISSUES))] == [150, 3]


def test_a_short_log_has_narrow_bars_in_the_middle() -> None:
    """Two seconds are not half a page each."""
    assert [bar[0] for bar in bars(chart(timeline(2), ISSUES))] == ["41.667%", "41.667%", "50.000%"]


@pytest.mark.parametrize(
    ("width", "spans", "wide", "narrow"),
    [
        (
            timedelta(seconds=1),
            40,
            "22:00:00 2026-11-23, 22:00:05, 22:00:10, 22:00:15, 22:00:20, 22:00:25, 22:00:30, 22:00:35",
            "22:00:00 2026-11-23, 22:00:15, 22:00:30",
        ),
        (
            timedelta(minutes=5),
            48,
            "22:00 2026-11-23, 22:30, 23:00, 23:30, 00:00 2026-11-24, 00:30, 01:00 2026-11-24, 01:30",
            "22:00 2026-11-23, 23:30, 01:00 2026-11-24",
        ),
        (
            timedelta(hours=3),
            24,
            "00:00 2026-11-24, 12:00, 00:00 2026-11-25, 12:00, 00:00 2026-11-26, 12:00",
            "00:00 2026-11-24, 00:00 2026-11-25, 00:00 2026-11-26",
        ),
    ],
)
def test_the_axis_tells_the_time_in_round_steps(width: timedelta, spans: int, wide: str, narrow: str) -> None:
    """The day stands where it is new, also to somebody who sees every third mark only."""
    start = START.replace(hour=21) if width > timedelta(hours=1) else START
    drawn = chart(timeline(spans, width, start), ISSUES)
    assert (", ".join(axis(drawn)), ", ".join(axis(drawn, narrow=True))) == (wide, narrow)


def test_the_axis_of_days_weeks_and_of_a_clock_gone_wild() -> None:
    """Dates alone; few enough to stand beside each other."""
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert axis(chart(timeline(21, timedelta(days=1), monday), ISSUES)) == [
        *("2026-11-23", "2026-11-30", "2026-12-07")
    ]
    assert axis(chart(timeline(30, timedelta(days=7), monday), ISSUES))[:2] == ["2026-12-07", "2027-01-04"]
    wild = chart(
        Timeline(datetime(1, 1, 1, tzinfo=UTC), timedelta(days=114_688), ({Issue.SNI: 1},) * 32), ISSUES
    )
    assert axis(wild)[0] == "0001-01-01"
    assert len(axis(wild)) == 8


def test_a_log_that_meets_no_round_time_has_one_mark() -> None:
    """Where it begins."""
    lone = timeline(2, timedelta(hours=1), START.replace(hour=1, day=22))
    assert axis(chart(lone, ISSUES)) == ["02:00 2026-11-22"]


def test_numbers_for_those_who_do_not_see_the_bars() -> None:
    """A row for each span in which something failed."""
    cells = [[cell.text for cell in row] for row in numbers(timeline(20), ISSUES).iter("tr")]
    assert cells == [
        ["From", "Server name missing or not known", "Refused by TLS policy"],
        ["2026-11-23 22:00:00", "3", "1"],
        ["2026-11-23 22:00:19", "0", "2"],
    ]


def test_each_bar_tells_its_number_when_pointed_at() -> None:
    """And the picture as a whole has a name."""
    drawn = chart(timeline(20), ISSUES)
    assert next(title.text for title in drawn.iter("title")) == "Server name missing or not known: 3"
    assert (drawn.get("role"), bool(drawn.get("aria-label"))) == ("img", True)


def test_patterns_and_swatches() -> None:
    """What bars are painted with is there once, under the name by which they ask for it."""
    made = patterns(ISSUES)
    assert [one.get("id") for one in made.iter("pattern")] == ["paint-sni", "paint-policy"]
    assert [one.get("class") for one in made.iter("path")] == ["dots", "upright"]
    assert [one.get("fill") for one in swatch(Issue.SNI).iter("rect")] == ["url(#paint-sni)"]
    assert "solid" in PATTERNS


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((1, "second"), (30, "30 seconds"), (60, "minute"), (10_800, "3 hours"), (86_400, "day")),
        *((604_800, "week"), (1_209_600, "2 weeks")),
    ],
)
def test_width_in_words(seconds: int, words: str) -> None:
    """As one says it after "per"."""
    assert width_words(timedelta(seconds=seconds)) == words


def test_moments_and_zones_in_words() -> None:
    """The zone once for all of the picture."""
    india = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert (stamp(india), zone_words(india), zone_words(START)) == (
        "2026-11-24 03:30:00",
        "UTC+05:30",
        "UTC",
    )
