from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.vocabulary import Issue
from agent.report.timeline import SPANS, Tally, Timeline

T0 = datetime(2026, 11, 23, 7, 25, 55, 932_000, tzinfo=UTC)


def tallied(*failures: tuple[datetime | None, Issue], seen: tuple[datetime, ...] = ()) -> Timeline | None:
    """Return the timeline of failures, and of times at which other things were seen."""
    tally = Tally()
    for time in seen:
        tally.see(time)
    for when, issue in failures:
        tally.add(when, issue)
    return tally.timeline()


def test_seconds_of_a_short_log() -> None:
    """Each second has its own count by issue, and one without failures an empty one."""
    assert tallied(
        (T0, Issue.SNI), (T0, Issue.POLICY), (T0 + timedelta(seconds=2), Issue.SNI), (None, Issue.SNI)
    ) == Timeline(
        start=T0.replace(microsecond=0),
        width=timedelta(seconds=1),
        spans=({Issue.SNI: 1, Issue.POLICY: 1}, {}, {Issue.SNI: 1}),
        untimed=1,
    )


@pytest.mark.parametrize(
    ("lasting", "width"),
    [
        (timedelta(seconds=59), timedelta(seconds=1)),
        (timedelta(seconds=61), timedelta(seconds=5)),
        (timedelta(minutes=29), timedelta(seconds=30)),
        (timedelta(hours=23), timedelta(minutes=30)),
        (timedelta(days=7), timedelta(hours=3)),
        (timedelta(days=58), timedelta(days=1)),
        (timedelta(days=365), timedelta(days=7)),
        (timedelta(days=900), timedelta(days=28)),
    ],
)
def test_spans_grow_with_the_log(lasting: timedelta, width: timedelta) -> None:
    """They are as wide as people count in, and no wider than needed."""
    timeline = tallied((T0, Issue.SNI), (T0 + lasting, Issue.SNI))
    assert timeline is not None
    assert timeline.width == width
    assert SPANS / 7 < len(timeline.spans) <= SPANS
    assert (timeline.spans[0], timeline.spans[-1]) == ({Issue.SNI: 1}, {Issue.SNI: 1})


def test_what_did_not_fail_widens_the_picture() -> None:
    """Failures at the end of a quiet day stand at the end."""
    timeline = tallied((T0, Issue.SNI), seen=(T0 - timedelta(hours=23),))
    assert timeline is not None
    assert timeline.spans == (*({},) * (len(timeline.spans) - 1), {Issue.SNI: 1})


def test_days_begin_at_midnight_and_weeks_on_monday_where_the_log_was_written() -> None:
    """The first zone seen is that of all spans, also where summer time ends in between."""
    india = timezone(timedelta(hours=5, minutes=30))
    morning = datetime(2026, 11, 25, 2, 0, tzinfo=india)
    days = tallied((morning, Issue.SNI), (morning + timedelta(days=50), Issue.SNI))
    weeks = tallied((morning, Issue.SNI), (morning + timedelta(days=300), Issue.SNI))
    assert days is not None
    assert weeks is not None
    assert (days.start, weeks.start) == (
        datetime(2026, 11, 25, tzinfo=india),
        datetime(2026, 11, 23, tzinfo=india),
    )
    mixed = tallied((morning, Issue.SNI), (morning.astimezone(UTC), Issue.SNI))
    assert mixed is not None
    assert mixed.spans == ({Issue.SNI: 2},)


def test_without_a_time_there_is_no_timeline() -> None:
    """Times of other handshakes alone make none."""
    assert tallied((None, Issue.SNI), seen=(T0,)) is None


def test_the_highest_span_and_the_ends_of_spans() -> None:
    """Issues of one span are stacked; the one behind the last begins where that ends."""
    timeline = tallied((T0, Issue.SNI), (T0, Issue.POLICY), (T0 + timedelta(seconds=1), Issue.SNI))
    assert timeline is not None
    assert (timeline.highest, timeline.begin(2)) == (2, timeline.start + timedelta(seconds=2))
    assert Timeline(datetime.max.replace(tzinfo=UTC), timedelta(days=1), ()).begin(1).year == 9999


@given(
    st.lists(
        st.tuples(
            st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-12)), timezone.max])),
            st.sampled_from(Issue),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_nothing_is_lost_whatever_the_clock_does(failures: list[tuple[datetime, Issue]]) -> None:
    """Clocks jump by millennia; the counts stay, in few spans, each failure in its own."""
    timeline = tallied(*failures)
    assert timeline is not None
    assert len(timeline.spans) <= SPANS
    total: Counter[Issue] = Counter()
    for span in timeline.spans:
        total.update(span)
    assert total == Counter(issue for _, issue in failures)
    first = min(time for time, _ in failures)
    assert timeline.spans[0] or first.year == 1  # earlier than any span can begin
