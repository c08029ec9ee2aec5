"""The picture of failures over time: a bar for each span, stacked by issue, in SVG as wide as the page.

Each issue has a colour and a pattern of its own, the same on every page. A table says the same in numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from xml.etree.ElementTree import Element

from agent.formats.words import TITLES
from agent.model.vocabulary import Issue
from agent.report.markup import element
from agent.report.style import MARKS
from agent.report.timeline import Timeline

_HEIGHT = 150  # pixels of the highest bar
_TOP, _BOTTOM = 16, 38  # pixels above it for its number, and below for two lines of time
_LEAST = 3  # pixels of a bar that would be too low to be seen
_SLOTS = 12  # a short log's bars are no wider than a twelfth of the picture
_FEW, _MANY = 3, 8  # marks on the axis at most: on a telephone, on a wide page

_UNITS = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_MINUTE, _DAY = 60, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200),
    *(_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY, 364 * _DAY),
)
"""Seconds between two marks on the axis."""

# the tile of a pattern is 6 by 6 pixels; what is cut out of the colour is of the page's own
PATTERNS = MappingProxyType(
    {
        "solid": "",
        "dots": "M1 1h2v2h-2zM4 4h2v2h-2z",
        "rising": "M0 6L6 0M-1 1L1-1M5 7L7 5",
        "falling": "M0 0L6 6M5-1L7 1M-1 5L1 7",
        "level": "M0 3H6",
        "upright": "M3 0V6",
    }
)


def patterns(issues: Iterable[Issue]) -> Element:
    """Return what `chart` and `swatch` paint with; it has to stand on the page once."""
    return element(
        "svg",
        element("defs", map(_pattern, issues)),
        class_="patterns",
        width=0,
        height=0,
        aria_hidden="true",
    )


def swatch(issue: Issue) -> Element:
    """Return the sample of an issue's colour and pattern, for a legend."""
    square = element("rect", width=16, height=16, fill=_paint(issue))
    return element("svg", square, class_="swatch", viewBox="0 0 16 16", aria_hidden="true")


def chart(timeline: Timeline, issues: Sequence[Issue]) -> Element:
    """Return the picture; `issues` are stacked from the bottom in their order."""
    slots = max(len(timeline.spans), _SLOTS)
    before = (slots - len(timeline.spans)) // 2
    top = timeline.highest
    return element(
        "svg",
        _grid(top),
        (_bar(span, index + before, slots, top, issues) for index, span in enumerate(timeline.spans) if span),
        _axis(timeline, before, slots),
        class_="plot",
        height=_TOP + _HEIGHT + _BOTTOM,
        role="img",
        aria_label="Bar chart of failures over time; the table after it has the numbers",
    )


def width_words(width: timedelta) -> str:
    """Return the width of a span: "5 minutes"."""
    seconds = width // timedelta(seconds=1)
    size, unit = next(unit for unit in _UNITS if not seconds % unit[0])
    return unit if seconds == size else f"{seconds // size} {unit}s"


def zone_words(time: datetime) -> str:
    """Return the zone of a time: "UTC+01:00"."""
    return f"{time:%Z}" if time.tzname() else ""


def numbers(timeline: Timeline, issues: Sequence[Issue]) -> Element:
    """Return the table of the picture: a row for each span in which something failed."""
    heads = ("From", *(TITLES[issue] for issue in issues))
    rows = (
        element(
            "tr",
            element("td", stamp(timeline.begin(index)), class_="when"),
            (element("td", str(span.get(issue, 0)), class_="number") for issue in issues),
        )
        for index, span in enumerate(timeline.spans)
        if span
    )
    return element(
        "table",
        element("thead", element("tr", (element("th", head, scope="col") for head in heads))),
        element("tbody", rows),
    )


def stamp(time: datetime) -> str:
    """Return date and time of day."""
    return f"{time.date()} {time:%H:%M:%S}"


# -- parts -------------------------------------------------------------------------------------------------


def _pattern(issue: Issue) -> Element:
    name = MARKS[issue][2]
    cut = element("path", d=PATTERNS[name], class_=name) if PATTERNS[name] else None
    return element(
        "pattern",
        element("rect", width=6, height=6, class_=f"paint-{issue}"),
        cut,
        id=f"paint-{issue}",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
    )


def _paint(issue: Issue) -> str:
    return f"url(#paint-{issue})"


def _grid(top: int) -> Iterator[Element]:
    for value in sorted({0, top // 2 if top % 2 == 0 else 0, top}):
        y = _TOP + _HEIGHT - _HEIGHT * value / top
        yield element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid")
        if value:
            yield element("text", f"{value:,}", x="0", y=y - 4)


def _bar(span: Mapping[Issue, int], slot: int, slots: int, top: int, issues: Sequence[Issue]) -> Element:
    y = float(_TOP + _HEIGHT)
    parts = []
    for issue in issues:
        count = span.get(issue, 0)
        if count:
            height = max(_LEAST, _HEIGHT * count / top)
            y -= height
            parts.append(
                element(
                    "rect",
                    element("title", f"{TITLES[issue]}: {count}"),
                    x=_share(slot, slots),
                    y=y,
                    width=_share(1, slots),
                    height=height,
                    fill=_paint(issue),
                    class_="bar",
                )
            )
    return element("g", parts)


def _axis(timeline: Timeline, before: int, slots: int) -> Iterator[Element]:
    step, marks = _marks(timeline, slots)
    every = -(-len(marks) // _FEW)
    wide = narrow = None  # the day that was told last, on a wide page and on a telephone
    for number, (index, time) in enumerate(marks):
        coarse, day = number % every == 0, str(time.date())
        lines = [] if step >= _DAY else [f"{time:%H:%M}" if step >= _MINUTE else f"{time:%H:%M:%S}"]
        if not lines or day != wide or (coarse and day != narrow):
            lines.append(day)
        wide, narrow = day, day if coarse else narrow
        yield _mark(_share(index + before, slots), lines, fine=not coarse)


def _marks(timeline: Timeline, slots: int) -> tuple[int, list[tuple[int, datetime]]]:
    """Return the seconds between marks, and the spans that begin with one, `_MANY` at most."""
    width = timeline.width // timedelta(seconds=1)
    step = next((step for step in _STEPS if not step % width and step * _MANY >= width * slots), None)
    times = [(index, timeline.begin(index)) for index in range(len(timeline.spans))]
    if step is None:
        return max(width, _DAY), times[:: -(-slots // _MANY)]
    marks = [(index, time) for index, time in times if not _second(time) % step]
    return step, marks or times[:1]


def _mark(x: str, lines: Sequence[str], *, fine: bool) -> Element:
    foot = _TOP + _HEIGHT
    share = float(x.rstrip("%"))
    anchor = "start" if share < 11 else "end" if share > 89 else "middle"  # noqa: PLR2004  (near an edge)
    return element(
        "g",
        element("line", x1=x, x2=x, y1=foot, y2=foot + 5, class_="grid"),
        (
            element("text", line, x=x, y=foot + 4 + 14 * number, text_anchor=anchor)
            for number, line in enumerate(lines, start=1)
        ),
        class_="fine" if fine else None,
    )


def _second(time: datetime) -> int:
    """Return seconds by the clock on the wall, from a Monday long ago."""
    midnight = (time.toordinal() - 1) * _DAY
    return midnight + time.hour * 3_600 + time.minute * 60 + time.second


def _share(part: float, whole: int) -> str:
    return f"{100 * part / whole:.3f}%"
