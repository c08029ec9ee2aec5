from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.incidents import tracker as tracker_module
from agent.incidents.tracker import QUIET, Changes, OpenIncident, Tracker, TrackerState, restored
from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate, StoreEntry
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import (
    ActingSide,
    Confidence,
    Dialect,
    IncidentEvent,
    Issue,
    Outcome,
    Role,
    Severity,
)

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FAILED = Handshake(
    dialect=Dialect.JSSE,
    role=Role.CLIENT,
    outcome=Outcome.FAILED,
    jvm=1,
    thread="main",
    connection=None,
    first=Where("wrapper.log", "dev:1", 100, 3),
    last=Where("wrapper.log", "dev:1", 900, 9),
    started_at=T0,
    ended_at=T0,
    server_name="is.example.com",
)
DONE = replace(FAILED, outcome=Outcome.COMPLETED)
EXPIRED = Diagnosis(
    "server_certificate_expired",
    Issue.SERVER_CERTIFICATE_REJECTED,
    "expired",
    Confidence.CERTAIN,
    ActingSide.PEER,
    "The certificate of is.example.com has expired.",
)


def observe(tracker: Tracker, handshake: Handshake, diagnosis: Diagnosis = EXPIRED) -> Incident:
    """Return the incident of a failure that must make one."""
    incident = tracker.observe("default", handshake, diagnosis, T0 + MINUTE)
    assert incident is not None
    return incident


def later(handshake: Handshake, by: timedelta) -> Handshake:
    """Return the same handshake, but further on in the log."""
    at = replace(handshake.first, offset=handshake.first.offset + int(by.total_seconds()))
    return replace(handshake, first=at, ended_at=T0 + by)


def test_a_failure_makes_an_incident() -> None:
    """The incident holds the handshake without the stores, its diagnosis and its place in the row."""
    stores = (StoreEntry("is", (Certificate(subject="CN=is"),)),)
    tracker = Tracker()
    incident = observe(tracker, replace(FAILED, stores=stores))
    assert incident == Incident(
        id=incident.id,
        incident=incident.fingerprint,
        fingerprint=incident.fingerprint,
        event=IncidentEvent.OPENED,
        severity=Severity.ERROR,
        log="default",
        at=T0 + MINUTE,
        failure=Failure(FAILED, EXPIRED),
        count=1,
        first_seen=T0,
        last_seen=T0,
    )
    assert [len(bytes.fromhex(text)) for text in (incident.id, incident.fingerprint)] == [16, 16]


def test_the_id_is_made_of_content() -> None:
    """The same bytes make the same id again; another log, file, place or issue makes another."""
    first = observe(Tracker(), FAILED).id
    assert observe(Tracker(), replace(FAILED, ended_at=None, thread="other")).id == first
    others = [
        observe(Tracker(), replace(FAILED, first=replace(FAILED.first, offset=101))).id,
        observe(Tracker(), replace(FAILED, first=replace(FAILED.first, identity="dev:2"))).id,
        observe(Tracker(), FAILED, replace(EXPIRED, issue=Issue.SNI)).id,
    ]
    other_log = Tracker().observe("second", FAILED, EXPIRED, T0)
    assert other_log is not None
    assert len({first, other_log.id, *others}) == 5


def test_failures_of_one_kind_are_numbered() -> None:
    """Count and times grow along one fingerprint, whatever the order of the clock."""
    tracker = Tracker()
    seen = [observe(tracker, later(FAILED, by)) for by in (MINUTE, 3 * MINUTE, 2 * MINUTE)]
    assert [(one.count, one.first_seen, one.last_seen) for one in seen] == [
        (1, T0 + MINUTE, T0 + MINUTE),
        (2, T0 + MINUTE, T0 + 3 * MINUTE),
        (3, T0 + MINUTE, T0 + 3 * MINUTE),
    ]
    assert len({one.fingerprint for one in seen}) == 1
    assert len({one.id for one in seen}) == 3


def test_a_log_without_a_clock_is_timed_by_ours() -> None:
    """Where the handshake has no time, the time of reading stands in."""
    incident = observe(Tracker(), replace(FAILED, started_at=None, ended_at=None))
    assert (incident.first_seen, incident.last_seen) == (T0 + MINUTE, T0 + MINUTE)


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ({}, {"server_name": "IS.example.com"}, True),
        ({}, {"server_name": "b.example.com"}, False),
        ({}, {"role": Role.UNKNOWN}, False),
        ({"server_name": None, "peer": "10.0.0.1:443"}, {"server_name": None, "peer": "10.0.0.1:444"}, False),
        (
            {"role": Role.SERVER, "peer": "10.0.0.1:50001"},
            {"role": Role.SERVER, "peer": "10.0.0.1:50002"},
            True,
        ),
        (
            {"role": Role.SERVER, "peer_chain": (Certificate(subject="CN=a"),)},
            {"role": Role.SERVER, "peer_chain": (Certificate(subject="CN=b"),)},
            False,
        ),
        ({"server_name": None}, {"server_name": None, "peer_chain": ()}, True),
        ({"role": Role.SERVER, "peer": "host"}, {"role": Role.SERVER, "peer": "host:1"}, True),
    ],
)
def test_what_makes_failures_alike(first: dict[str, object], second: dict[str, object], alike: bool) -> None:  # noqa: FBT001  (a column of the table)
    """One fingerprint per role and other side; a client's changing port is not part of it."""
    tracker = Tracker()
    one, two = (observe(tracker, replace(FAILED, **facts)) for facts in (first, second))  # type: ignore[arg-type]  # keyword table
    assert (one.fingerprint == two.fingerprint) is alike


def test_a_success_with_the_same_other_side_ends_it() -> None:
    """The next failure counts from 1; a success with another side, role or log ends nothing."""
    tracker = Tracker()
    observe(tracker, FAILED)
    for log, handshake in (
        ("default", replace(DONE, server_name="b.example.com")),
        ("default", replace(DONE, role=Role.SERVER)),
        ("second", DONE),
        ("default", replace(DONE, outcome=Outcome.INCOMPLETE)),
    ):
        assert tracker.observe(log, handshake, None, T0) is None
    assert observe(tracker, FAILED).count == 2
    assert tracker.observe("default", DONE, None, T0) is None
    assert tracker.state.open == {}
    assert observe(tracker, FAILED).count == 1


def test_another_clients_success_ends_nothing() -> None:
    """On the server's side the server name is our own, and an unnamed client stays unnamed."""
    tracker = Tracker()
    observe(tracker, replace(FAILED, role=Role.SERVER))
    observe(tracker, replace(FAILED, role=Role.SERVER, server_name=None))
    tracker.observe("default", replace(DONE, role=Role.SERVER, peer="10.0.0.9:50001"), None, T0)
    assert len(tracker.state.open) == 2


def test_quiet_ends_it() -> None:
    """After the quiet period the kind is closed, by the next look or by the next failure itself."""
    tracker = Tracker()
    observe(tracker, FAILED)
    tracker.expire(T0 + QUIET)
    assert len(tracker.state.open) == 1
    assert observe(tracker, later(FAILED, QUIET + MINUTE)).count == 1
    tracker.expire(T0 + 2 * QUIET + 2 * MINUTE)
    assert tracker.state.open == {}


def test_open_kinds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the kind that failed least recently is closed."""
    monkeypatch.setattr(tracker_module, "MAX_OPEN", 2)
    tracker = Tracker()
    names = ["a", "b", "a", "c"]
    fingerprints = [observe(tracker, replace(FAILED, server_name=name)).fingerprint for name in names]
    assert list(tracker.state.open) == [fingerprints[0], fingerprints[3]]
    changes = tracker.changes()
    assert (sorted(changes.opened), changes.closed) == (
        sorted([fingerprints[0], fingerprints[3]]),
        (fingerprints[1],),
    )


def test_open_incidents_are_gauged_for_every_issue() -> None:
    """Each issue has its series, most of them at zero."""
    tracker = Tracker()
    for name in ("a", "b"):
        observe(tracker, replace(FAILED, server_name=name))
    gauges = tracker.gauges()
    assert len(gauges) == len(Issue)
    assert {series: value for series, value in gauges.items() if value} == {
        ("wmtls_incidents_open", ("server_certificate_rejected",)): 2
    }


def test_state_goes_to_disk_and_comes_back() -> None:
    """Changes are told once; what was saved continues the count, in the order of the last failures."""
    tracker = Tracker()
    one = observe(tracker, later(FAILED, MINUTE))
    two = observe(tracker, replace(FAILED, server_name="b"))
    first = tracker.changes()
    assert set(first.opened) == {one.fingerprint, two.fingerprint}
    assert tracker.changes() == Changes({}, ())
    tracker.observe("default", replace(DONE, server_name="b"), None, T0)
    assert tracker.changes() == Changes({}, (two.fingerprint,))

    again = Tracker(restored(first.opened))
    assert list(again.state.open) == [two.fingerprint, one.fingerprint]
    assert again.changes() == Changes({}, ())
    incident = observe(again, later(FAILED, 2 * MINUTE))
    assert (incident.count, incident.first_seen) == (2, T0 + MINUTE)


def test_a_saved_state_that_does_not_fit_is_forgotten() -> None:
    """An entry of another shape is dropped from memory and from disk; nothing raises."""
    assert restored({"f1": b'{"log": 1}', "f2": b"no JSON", "f3": b"\xff"}) == TrackerState(
        open={}, changed={"f1", "f2", "f3"}
    )
    assert Tracker(restored({"f1": b"{}"})).changes() == Changes({}, ("f1",))


def test_an_open_incident_tells_what_it_is_of() -> None:
    """The memory of one kind is a handful of words and numbers."""
    tracker = Tracker()
    observe(tracker, FAILED)
    assert list(tracker.state.open.values()) == [
        OpenIncident(
            "default", Issue.SERVER_CERTIFICATE_REJECTED, Role.CLIENT, "server_name is.example.com", 1, T0, T0
        )
    ]
