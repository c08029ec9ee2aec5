"""Gauges that remember handshakes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent import codec, metrics
from agent.metrics_seen import SUBJECT_CHARACTERS, SUBJECTS, Seen, SeenState
from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import ActingSide, Confidence, Dialect, Issue, Outcome, Role

AT = datetime(2026, 11, 23, 7, 25, tzinfo=UTC)
HERE = Where(file="wrapper.log", identity="1", offset=0, line=1)
FAILED = Handshake(
    dialect=Dialect.JSSE,
    role=Role.CLIENT,
    outcome=Outcome.FAILED,
    jvm=1,
    thread="main",
    connection=None,
    first=HERE,
    last=HERE,
    started_at=AT,
    ended_at=AT,
)
SNI = Diagnosis(
    entry="x",
    issue=Issue.SNI,
    cause="name_not_sent",
    confidence=Confidence.LIKELY,
    acting_side=ActingSide.THIS_SIDE,
    summary="No server name was sent.",
)
NOT_AFTER = "wmtls_peer_certificate_not_after_timestamp_seconds"


def meeting(subject: str | None, not_after: datetime | None, at: datetime = AT) -> Handshake:
    """Return a completed handshake with a peer of this certificate."""
    chain = (Certificate(subject=subject, not_after=not_after), Certificate(subject="CN=CA", not_after=AT))
    return replace(FAILED, outcome=Outcome.COMPLETED, peer_chain=chain, ended_at=at)


def test_the_last_failure_of_each_issue_is_kept() -> None:
    """The time of the log counts; the clock stands in where the log has none."""
    seen = Seen()
    seen.handshake("a", FAILED, SNI, AT + timedelta(hours=1))
    seen.handshake("a", replace(FAILED, ended_at=None), None, AT + timedelta(hours=2))
    seen.handshake("a", replace(FAILED, outcome=Outcome.COMPLETED), None, AT)
    assert seen.gauges() == {
        ("wmtls_last_failure_timestamp_seconds", ("a", "sni")): AT.timestamp(),
        ("wmtls_last_failure_timestamp_seconds", ("a", "unclassified")): AT.timestamp() + 7200,
    }
    assert metrics.strangers(seen.gauges()) == ()


def test_the_peers_own_certificate_is_kept() -> None:
    """The leaf counts, the newest sight of a subject wins, long names are cut, a bare date is UTC."""
    seen = Seen()
    seen.handshake("a", meeting("CN=x", AT), None, AT)
    seen.handshake("a", meeting("CN=x", (AT + timedelta(days=1)).replace(tzinfo=None)), None, AT)
    seen.handshake("a", meeting("CN=" + "y" * 500, AT), None, AT)
    seen.handshake("a", meeting(None, AT), None, AT)
    seen.handshake("a", meeting("CN=undated", None), None, AT)
    seen.handshake("a", replace(FAILED, outcome=Outcome.COMPLETED, peer_chain=()), None, AT)
    assert seen.gauges() == {
        (NOT_AFTER, ("a", "CN=x")): AT.timestamp() + 86_400,
        (NOT_AFTER, ("a", ("CN=" + "y" * 500)[:SUBJECT_CHARACTERS])): AT.timestamp(),
    }


def test_the_hundred_that_expire_soonest_are_kept() -> None:
    """However many peers there are, a log has a bounded number of series."""
    seen = Seen()
    for number in reversed(range(SUBJECTS + 20)):
        seen.handshake("a", meeting(f"CN={number}", AT + timedelta(days=number)), None, AT)
    assert {labels[1] for _, labels in seen.gauges()} == {f"CN={number}" for number in range(SUBJECTS)}


def test_a_certificate_not_seen_for_long_is_forgotten() -> None:
    """A renewed certificate with another subject does not warn for ever."""
    seen = Seen()
    seen.handshake("a", meeting("CN=old", AT), None, AT)
    seen.handshake("a", meeting("CN=new", AT, at=AT + timedelta(days=36)), None, AT)
    assert {labels[1] for _, labels in seen.gauges()} == {"CN=new"}


def test_the_state_can_be_saved_and_given_back() -> None:
    """A restart of the agent keeps the gauges."""
    seen = Seen()
    seen.handshake("a", replace(meeting("CN=x", AT), outcome=Outcome.FAILED), SNI, AT)
    again = Seen(codec.decode(codec.encode(seen.state), SeenState))
    assert again.gauges() == seen.gauges()
    assert len(again.gauges()) == 2
