"""Failures over time, counted in equal spans that grow with the log: a second each at first, weeks at last.

Memory is bounded whatever the clock of a log does: at most `SPANS` spans with a count for each issue.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from agent.model.vocabulary import Issue

SPANS = 60
"""Spans at most: as many bars as a telephone can still show apart."""

_WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800)
"""Seconds that people count in. Each is a multiple of the one before, so that spans can be joined."""

_MONDAY = datetime(1, 1, 1, tzinfo=UTC)  # a Monday, so that weeks begin on one, and before all else


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts of failures by span: `spans[0]` begins at `start`, each lasts `width`.

    Spans cover all handshakes that were seen, failed or not, so that a quiet time shows as one. All times are
    in the zone of `start`, that of the first line with a clock. `untimed` failures have no clock.
    """

    start: datetime
    width: timedelta
    spans: tuple[Mapping[Issue, int], ...]
    untimed: int = 0

    @property
    def highest(self) -> int:
        """Return the largest count of all issues together in one span."""
        return max((sum(span.values()) for span in self.spans), default=0)

    def begin(self, index: int) -> datetime:
        """Return when a span begins; the one behind the last begins where that one ends."""
        try:
            return self.start + index * self.width
        except OverflowError:
            return datetime.max.replace(tzinfo=self.start.tzinfo)


@dataclass(slots=True)
class Tally:
    """Takes failures as they come and tells what they come to over time."""

    untimed: int = 0
    _zone: timezone | None = None
    _width: int = _WIDTHS[0]
    _first: int = 0
    _last: int = 0
    _spans: dict[int, Counter[Issue]] = field(default_factory=dict)

    def see(self, time: datetime) -> None:
        """Take note that something was seen, at an aware time."""
        second = self._second(time)
        if second < self._first:
            self._first = second
        elif second > self._last:
            self._last = second
        else:
            return
        while self._last // self._width - self._first // self._width >= SPANS:
            self._widen()

    def add(self, time: datetime | None, issue: Issue) -> None:
        """Count a failure."""
        if time is None:
            self.untimed += 1
            return
        self.see(time)
        span = self._second(time) // self._width
        self._spans.setdefault(span, Counter())[issue] += 1

    def timeline(self) -> Timeline | None:
        """Return the counts, or None where no failure had a time."""
        if not self._spans:
            return None
        first, last = self._first // self._width, self._last // self._width
        return Timeline(
            start=self._time(first * self._width),
            width=timedelta(seconds=self._width),
            spans=tuple(dict(self._spans.get(span, {})) for span in range(first, last + 1)),
            untimed=self.untimed,
        )

    def _second(self, time: datetime) -> int:
        """Return seconds by the clock on the wall of the log's zone, from a Monday long ago."""
        if self._zone is None:
            self._zone = timezone(time.utcoffset() or timedelta())
            self._first = self._last = _seconds(time, self._zone)
        return _seconds(time, self._zone)

    def _time(self, second: int) -> datetime:
        return (_MONDAY + timedelta(seconds=max(second, 0))).replace(tzinfo=self._zone)

    def _widen(self) -> None:
        """Join spans to the next width that people count in, beyond weeks to the double."""
        wider = next((width for width in _WIDTHS if width > self._width), 2 * self._width)
        joined: dict[int, Counter[Issue]] = {}
        for span, counts in self._spans.items():
            joined.setdefault(span * self._width // wider, Counter()).update(counts)
        self._width, self._spans = wider, joined


def _seconds(time: datetime, zone: timezone) -> int:
    offset = (zone.utcoffset(None) or timedelta()) // timedelta(seconds=1)
    return int((time - _MONDAY) // timedelta(seconds=1)) + offset
