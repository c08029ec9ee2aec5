from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.codec import decode, encode
from agent.incidents import tracker as tracker_module
from agent.incidents.fingerprint import failure_id, fingerprint
from agent.incidents.tracker import Book, Changes, Tracker, TrackerState, restored
from agent.model.diagnosis import Diagnosis
from agent.model.events import AlertSeen, Certificate, StoreEntry
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import Confidence, IncidentEvent, Issue, Outcome, Role, Severity

Story = Any  # of conftest.py, which cannot be imported
SECOND = timedelta(seconds=1)


def test_a_failure_makes_a_message(failed: Handshake, expired: Diagnosis) -> None:
    """It holds the handshake without the stores, its diagnosis, and the incident that it begins."""
    now = failed.ended_at
    assert now is not None
    tracker = Tracker()
    stores = (StoreEntry("is", (Certificate(subject="CN=is"),)),)
    tracker.observe("default", replace(failed, stores=stores), expired, now + SECOND)
    begun = failure_id("default", failed, expired)
    assert tracker.tell(now + SECOND) == [
        Incident(
            id=begun,
            incident=begun,
            fingerprint=fingerprint("default", failed, expired),
            event=IncidentEvent.OPENED,
            severity=Severity.ERROR,
            log="default",
            at=now + SECOND,
            count=1,
            first_seen=now,
            last_seen=now,
            failure=Failure(failed, expired),
        )
    ]
    assert tracker.tell(now + SECOND) == []


def test_what_ends_nothing(story: Story) -> None:
    """A success with another side, role or log, and a handshake whose end was never seen."""
    story.fails()
    story.succeeds(server_name="b.example.com")
    story.succeeds(role=Role.SERVER)
    story.succeeds(log="second")
    story.tracker.observe("default", story.one(outcome=Outcome.INCOMPLETE), None, story.now)
    assert story.tell() == ["    0 opened 1"]


def test_another_clients_success_ends_nothing(story: Story) -> None:
    """On the server's side the server name is our own, and an unnamed client stays unnamed."""
    story.fails(role=Role.SERVER)
    story.fails(role=Role.SERVER, server_name=None)
    story.succeeds(role=Role.SERVER, peer="10.0.0.9:50001")
    story.passes(10)
    assert story.lines == ["    0 opened 1", "    0 opened 1"]


def test_while_a_backlog_is_read_messages_wait(story: Story) -> None:
    """What failed and was over within it is told once; half a minute later at the latest what is open."""
    long_ago = story.now - timedelta(days=1)
    for minute in range(100):
        story.fails(at=long_ago + timedelta(minutes=minute))
        story.succeeds(at=long_ago + timedelta(minutes=minute, seconds=30))
        story.tell(behind=minute > 0)
    story.fails(server_name="b.example.com", at=story.now)
    assert story.tell(behind=True) == []
    story.now += timedelta(seconds=31)
    assert story.tell(behind=True) == ["    0 resolved 100 quiet", "    0 opened 1"]
    assert story.lines[:-2] == ["    0 opened 1", "    0 resolved 1 success"]


def test_what_is_forgotten_for_want_of_room(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the kind that failed least recently goes; who was told of it is told of that, too."""
    monkeypatch.setattr(tracker_module, "MAX_LIVES", 2)
    for name in ("a", "b", "a"):
        story.fails(server_name=name)
        story.tell()
    story.fails(server_name="c")
    assert story.tell() == ["    0 resolved 1 forgotten", "    0 opened 1"]
    assert story.tracker.counted() == {("wmtls_incidents_evicted_total", ()): 1}
    assert story.tracker.counted() == {}
    story.succeeds(server_name="c")
    story.tell()
    story.fails(server_name="d")
    assert story.tell() == ["    0 opened 1"], "what is over goes before what is open"
    assert story.tracker.counted() == {}


def test_open_incidents_are_gauged_for_every_issue(story: Story) -> None:
    """Each issue has its series, most of them at zero; what is over is not open."""
    for name in ("a", "b"):
        story.fails(server_name=name)
    story.tell()
    story.succeeds(server_name="a")
    story.tell()
    gauges = story.tracker.gauges()
    assert len(gauges) == len(Issue)
    assert {series: value for series, value in gauges.items() if value} == {
        ("wmtls_incidents_open", ("server_certificate_rejected",)): 1
    }


def test_a_restart_goes_on_where_it_was(story: Story, again: Callable[[Tracker], Story]) -> None:
    """Changes are told once; what was saved is neither told again nor forgotten, storms included."""
    for n in range(23):
        story.fails(server_name=f"host-{n}")
    story.tell()
    saved = story.tracker.changes()
    assert len(saved.opened) == 23
    assert story.tracker.changes() == Changes({}, ())
    assert not story.tracker.changed

    book = decode(encode(story.tracker.state.book), Book)
    after = again(Tracker(restored(saved.opened, book)))
    after.offset = story.offset
    after.passes(4)
    assert after.lines == []
    after.fails(server_name="host-0")
    after.fails(server_name="host-22")
    after.succeeds(server_name="host-1")
    after.passes(2)
    assert after.lines == [
        "    4 resolved 1 success",
        "    4 updated 4",
        "    5 updated 2",
    ]
    assert story.messages[1].incident == after.messages[0].incident
    assert not {one.id for one in story.messages} & {one.id for one in after.messages}


def test_a_saved_state_that_does_not_fit_is_forgotten() -> None:
    """An entry of another shape is dropped from memory and from disk; nothing raises."""
    assert restored({"f1": b'{"log": 1}', "f2": b"no JSON", "f3": b"\xff"}) == TrackerState(
        changed={"f1", "f2", "f3"}
    )
    assert Tracker(restored({"f1": b"{}"})).changes() == Changes({}, ("f1",))


def test_both_ends_of_a_connection_are_one_incident(story: Story, expired: Diagnosis) -> None:
    """A server that calls itself prints each failure twice: one message, by the view that knows more."""
    own = (Certificate("CN=is", "CN=CA", "01"),)
    heard = replace(expired, cause="undetermined", confidence=Confidence.LIKELY)
    for minute in range(3):
        server = {"role": Role.SERVER, "own_chain": own, "peer": "127.0.0.1:5000", "diagnosis": heard}
        story.fails(
            alerts=(AlertSeen(sent=False, level="fatal", description="certificate_unknown"),), **server
        )
        if minute == 2:
            story.tell()  # the other end comes a moment later
        story.fails(
            peer_chain=own, alerts=(AlertSeen(sent=True, level="fatal", description="certificate_unknown"),)
        )
        story.passes(5)
    assert story.lines == ["    0 opened 1", "    5 updated 2"]
    opened = story.messages[0].failure
    assert (opened.both_ends, opened.handshake.role, opened.diagnosis) == (True, Role.CLIENT, expired)
    assert [life.count for life in story.tracker.state.lives.values()] == [3]


def test_a_flood_is_bounded(story: Story) -> None:
    """Ten thousand kinds of failures: what is remembered has a limit, what is told as well, none is lost."""
    for n in range(10_000):
        story.fails(server_name=f"host-{n}.example.com")
        if n % 500 == 0:
            story.tell()
    story.passes(2)
    assert len(story.tracker.state.lives) == tracker_module.MAX_LIVES
    assert len(story.messages) < 50
    (storm,) = story.tracker.state.book.storms.values()
    assert storm.failures + 20 == 10_000
    assert len(encode(story.tracker.state.book)) < 20_000
