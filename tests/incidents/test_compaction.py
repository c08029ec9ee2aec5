from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.incidents import compaction
from agent.incidents.compaction import compacted, goes_on
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident, Notice, Part, Summary
from agent.model.vocabulary import IncidentEvent, Issue, Resolution, Severity, Trouble

T0 = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
NOW = T0 + timedelta(days=3)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "KEPT", 2)


@pytest.fixture
def one(failed: Handshake, expired: Diagnosis) -> Incident:
    """Return a message that opens an incident."""
    return Incident(
        id="1",
        incident="a",
        fingerprint="f",
        event=IncidentEvent.OPENED,
        severity=Severity.ERROR,
        log="is",
        at=T0,
        count=3,
        first_seen=T0,
        last_seen=T0,
        failure=Failure(failed, expired),
    )


def numbered(one: Incident, number: int, *, over: bool) -> Incident:
    """Return the last message of another incident, later by as many minutes."""
    event, resolution = (IncidentEvent.RESOLVED, Resolution.SUCCESS) if over else (IncidentEvent.OPENED, None)
    return replace(
        one,
        id=str(number),
        incident=f"story {number}",
        event=event,
        resolution=resolution,
        last_seen=T0 + number * timedelta(minutes=1),
    )


def test_few_incidents_are_told_as_they_are(one: Incident) -> None:
    """Also when there are many messages of them: the store has the last of each already."""
    assert compacted([one, replace(one, id="2"), numbered(one, 3, over=True)], NOW) == ((), ())


def test_what_is_over_is_one_message(one: Incident) -> None:
    """Five incidents that came and went, and one that is open: two messages."""
    begun = replace(numbered(one, 2, over=False), id="20")
    messages = [begun, *(numbered(one, n, over=True) for n in range(1, 6)), one]
    gone, (summary,) = compacted(messages, NOW)
    assert set(gone) == {"20", "1", "2", "3", "4", "5"} - {one.id} | {"1"}
    assert summary == Incident(
        id=summary.id,
        incident=summary.id,
        fingerprint=summary.id,
        event=IncidentEvent.RESOLVED,
        severity=Severity.ERROR,
        log="is",
        at=NOW,
        count=15,
        first_seen=T0,
        last_seen=T0 + timedelta(minutes=5),
        resolution=Resolution.QUIET,
        summary=Summary(
            5, 15, (Part(Issue.SERVER_CERTIFICATE_REJECTED, "expired", 5, 15, ("is.example.com",)),)
        ),
    )


def test_what_is_open_is_told_as_far_as_it_is_new(one: Incident) -> None:
    """Beyond the newest few the open ones are one message too, which says that they are not over."""
    gone, (summary,) = compacted([numbered(one, n, over=False) for n in range(1, 6)], NOW)
    assert sorted(gone) == ["1", "2", "3"]
    assert (summary.event, summary.resolution, summary.count) == (IncidentEvent.UPDATED, None, 9)


def test_summaries_add_up(one: Incident) -> None:
    """A summary that nobody took goes into the next one, from several logs as of none."""
    _, (first,) = compacted([numbered(one, n, over=True) for n in range(1, 4)], NOW)
    later = [replace(numbered(one, n, over=True), log="other") for n in range(4, 7)]
    gone, (second,) = compacted([first, *later], NOW)
    assert set(gone) == {first.id, "4", "5", "6"}
    assert second.summary is not None
    assert (second.log, second.count, second.summary.kinds) == ("", 18, 6)
    assert second.summary.parts[0].failures == 18


def test_troubles_of_the_agent_stay(one: Incident) -> None:
    """They are few, and each is another thing to do."""
    notices = [
        replace(
            numbered(one, n, over=True),
            failure=None,
            notice=Notice(Trouble.LOG_GAP, str(n), "It is gone.", "Keep more."),
        )
        for n in range(1, 9)
    ]
    assert compacted(notices, NOW) == ((), ())


def test_what_goes_on_has_an_end_to_come(one: Incident) -> None:
    """A failure or a storm that is not over; of a summary of our own no end is told, and a test has none."""
    _, (summary,) = compacted([numbered(one, n, over=False) for n in range(1, 6)], NOW)
    storm = replace(summary, incident="storm")
    told = [one, storm, summary, numbered(one, 1, over=True), replace(one, test=True)]
    assert [goes_on(message) for message in told] == [True, True, False, False, False]
