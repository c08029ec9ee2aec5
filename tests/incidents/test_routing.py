from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from agent.incidents.routing import Route
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident, Notice, Part, Summary
from agent.model.vocabulary import IncidentEvent, Issue, Severity, Trouble

T0 = datetime.fromisoformat("2026-11-23T07:00:00+00:00")


@pytest.fixture
def message(failed: Handshake, expired: Diagnosis) -> Incident:
    """Return a message of a client's failure in the log "is"."""
    return Incident(
        id="1",
        incident="1",
        fingerprint="f",
        event=IncidentEvent.OPENED,
        severity=Severity.ERROR,
        log="is",
        at=T0,
        count=1,
        first_seen=T0,
        last_seen=T0,
        failure=Failure(failed, expired),
    )


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        ({}, True),
        ({"issues": {"server_certificate_rejected", "sni"}}, True),
        ({"issues": {"sni"}}, False),
        ({"roles": {"client"}}, True),
        ({"roles": {"server"}}, False),
        ({"logs": {"is"}}, True),
        ({"logs": {"other"}}, False),
        ({"severity": Severity.ERROR}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"events": {"opened", "resolved"}}, True),
        ({"events": {"operational"}}, False),
        ({"logs": {"is"}, "issues": {"sni"}}, False),
    ],
)
def test_what_a_receiver_wants(*, message: Incident, wanted: dict[str, Any], passes: bool) -> None:
    """Every filter has to let it through, and one that is not set lets all through."""
    filters: dict[str, Any] = {
        name: frozenset(one) if isinstance(one, set) else one for name, one in wanted.items()
    }
    assert Route("ops", **filters).wants(message) is passes


def test_a_storm_passes_by_any_of_its_issues(message: Incident) -> None:
    """It is for whoever wants one of them; it has no role."""
    storm = replace(message, failure=None, summary=Summary(2, 9, (Part(Issue.SNI, "undetermined", 2, 9),)))
    assert Route("ops", issues=frozenset({"sni"}), roles=frozenset({"server"})).wants(storm)
    assert not Route("ops", issues=frozenset({"not_tls"})).wants(storm)


def test_a_trouble_of_the_agent_has_no_issue(message: Incident) -> None:
    """Filters of failures leave it alone; a receiver is not told that it fails itself."""
    notice = Notice(Trouble.RECEIVER_FAILING, "ops", "It fails.", "Mend it.")
    trouble = replace(message, event=IncidentEvent.OPERATIONAL, log="", failure=None, notice=notice)
    narrow = Route("chat", issues=frozenset({"sni"}), roles=frozenset({"server"}), logs=frozenset({"is"}))
    assert narrow.wants(trouble)
    assert not Route("ops").wants(trouble)
    assert Route("ops").wants(replace(trouble, notice=replace(notice, subject="chat")))
