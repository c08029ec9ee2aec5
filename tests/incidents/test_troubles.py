"""Troubles of the agent, told as transcripts: minute, trouble, how often, why it is over."""

from datetime import datetime, timedelta

import pytest

from agent.codec import decode, encode
from agent.incidents.troubles import RULES, Troubles
from agent.model.incident import Incident, Notice
from agent.model.vocabulary import IncidentEvent, Resolution, Severity, Trouble

T0 = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
MINUTE = timedelta(minutes=1)


def notice(trouble: Trouble, subject: str = "is") -> Notice:
    """Return a trouble in words."""
    return Notice(trouble, subject, "Something is wrong.", "Mend it.")


def lived(troubles: Troubles, trouble: Trouble, *, minutes: range, until: int) -> list[str]:
    """Report a trouble in some minutes, look in each, and return the transcript."""
    lines = []
    for minute in range(until):
        now = T0 + minute * MINUTE
        if minute in minutes:
            troubles.report(notice(trouble), now, log="is")
        lines += [f"{minute:>5} {one.count} {one.resolution or ''}".rstrip() for one in troubles.tell(now)]
    return lines


@pytest.mark.parametrize(
    ("trouble", "minutes", "told"),
    [
        (Trouble.LOG_UNREADABLE, range(1), []),
        (Trouble.LOG_UNREADABLE, range(5), ["    1 1", "    5 1 mended"]),
        (Trouble.LOG_UNREADABLE, range(1500), ["    1 1", " 1441 1", " 1500 1 mended"]),
        (Trouble.RECEIVER_FAILING, range(5), []),
        (Trouble.RECEIVER_FAILING, range(7), ["    5 1", "    7 1 mended"]),
        (Trouble.LOG_GAP, range(1), ["    0 1", "   61 1 quiet"]),
        (Trouble.LOG_GAP, range(90), ["    0 1", "   60 61", "  120 90", "  150 90 quiet"]),
        (Trouble.DEBUG_SHALLOW, range(59), []),
        (Trouble.DEBUG_LEAKING, range(2), ["    0 1", "    2 1 mended"]),
    ],
)
def test_when_a_trouble_is_told(trouble: Trouble, minutes: range, told: list[str]) -> None:
    """When it has stood for long enough, once a day after that, and when it is over."""
    assert lived(Troubles(), trouble, minutes=minutes, until=2000) == told


def test_the_message_of_a_trouble() -> None:
    """What it is, of what, since when; the end has the incident of the beginning, and an id of its own."""
    troubles = Troubles()
    troubles.report(notice(Trouble.LOG_GAP), T0, log="is")
    (begun,) = troubles.tell(T0)
    assert begun == Incident(
        id=begun.id,
        incident=begun.incident,
        fingerprint=begun.fingerprint,
        event=IncidentEvent.OPERATIONAL,
        severity=Severity.WARNING,
        log="is",
        at=T0,
        count=1,
        first_seen=T0,
        last_seen=T0,
        notice=notice(Trouble.LOG_GAP),
    )
    (over,) = troubles.tell(T0 + 61 * MINUTE)
    assert (over.incident, over.resolution) == (begun.incident, Resolution.QUIET)
    assert over.id != begun.id
    troubles.report(notice(Trouble.LOG_GAP), T0 + 90 * MINUTE, log="is")
    (again,) = troubles.tell(T0 + 90 * MINUTE)
    assert again.incident != begun.incident


def test_each_has_its_own() -> None:
    """Two logs, two troubles; the gauge counts those that people know of."""
    troubles = Troubles()
    for subject in ("a", "b"):
        troubles.report(notice(Trouble.LOG_GAP, subject), T0)
    troubles.report(notice(Trouble.DEBUG_OFF), T0)
    assert [one.notice.subject for one in troubles.tell(T0) if one.notice] == ["a", "b"]
    gauges = troubles.gauges()
    assert len(gauges) == len(Trouble) == len(RULES)
    assert {labels: value for (_, labels), value in gauges.items() if value} == {("log_gap",): 2}


def test_a_restart_does_not_tell_it_again() -> None:
    """What stood stands on; of what is not known again yet nobody is told that it is over."""
    before = Troubles()
    for minute in (0, 6):
        before.report(notice(Trouble.RECEIVER_FAILING), T0 + minute * MINUTE)
    assert len(before.tell(T0 + 6 * MINUTE)) == 1
    after = decode(encode(before), Troubles)
    after.keep(Trouble.RECEIVER_FAILING, "is", T0 + 60 * MINUTE)
    after.keep(Trouble.RECEIVER_FAILING, "other", T0 + 60 * MINUTE)
    assert after.tell(T0 + 60 * MINUTE) == []
    assert [one.resolution for one in after.tell(T0 + 61 * MINUTE)] == [Resolution.MENDED]
