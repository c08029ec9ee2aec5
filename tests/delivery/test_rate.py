from datetime import UTC, datetime, timedelta

from agent.delivery.rate import Rate

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_so_many_within_any_minute() -> None:
    """The third of two waits until the first is a minute old; a clock that was set back holds nothing up."""
    rate = Rate(2)
    assert rate.free_at(T0) == T0
    rate.note(T0)
    rate.note(T0 + 10 * SECOND)
    assert rate.free_at(T0 + 20 * SECOND) == T0 + 60 * SECOND
    assert rate.free_at(T0 + 61 * SECOND) == T0 + 61 * SECOND
    rate.note(T0 + 61 * SECOND)
    assert rate.free_at(T0 + 62 * SECOND) == T0 + 70 * SECOND
    assert rate.free_at(T0 - 3600 * SECOND) == T0 - 3600 * SECOND
