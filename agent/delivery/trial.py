"""Incidents that only try the way to a receiver: a sample of every event, each clearly marked."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from agent.model.block import Where
from agent.model.diagnosis import Diagnosis, Remedy
from agent.model.handshake import Evidence, Handshake
from agent.model.incident import Failure, Incident, Notice, Part, Summary
from agent.model.vocabulary import (
    ActingSide,
    Confidence,
    Dialect,
    IncidentEvent,
    Issue,
    Outcome,
    Resolution,
    Role,
    Severity,
    Trouble,
)

_LOG = "test"
_NOTHING = "This is a test of wmtls. Nothing failed, and nothing has to be done."
_PARTNER = "partner.example.com"


def trial_incident(now: datetime) -> Incident:
    """Return a clearly marked test; two tests at different times have different ids."""
    name = _name("incident", now)
    return Incident(
        id=name,
        incident=name,
        fingerprint=name,
        event=IncidentEvent.OPENED,
        severity=Severity.INFO,
        log=_LOG,
        at=now,
        count=1,
        first_seen=now,
        last_seen=now,
        failure=_failure(now),
        test=True,
    )


def trial_incidents(now: datetime) -> dict[str, Incident]:
    """Return a sample of every event by its name, in an order that leaves nothing open anywhere."""
    opened = trial_incident(now)
    many = replace(opened, failure=None, summary=_storm(), count=40)
    trouble = replace(opened, event=IncidentEvent.OPERATIONAL, failure=None, notice=_notice())
    over = IncidentEvent.RESOLVED
    lived = {
        "opened": opened,
        "updated": replace(opened, event=IncidentEvent.UPDATED, count=7),
        "resolved": replace(opened, event=over, count=7, resolution=Resolution.SUCCESS),
        "reopened": replace(opened, event=IncidentEvent.REOPENED, count=8),
        "resolved again": replace(opened, event=over, count=8, resolution=Resolution.QUIET),
    }
    stormed = {
        "storm": many,
        "storm over": replace(many, event=over, resolution=Resolution.QUIET),
    }
    troubled = {
        "operational": trouble,
        "operational, mended": replace(trouble, resolution=Resolution.MENDED),
    }
    made: dict[str, Incident] = {}
    for story, messages in (("incident", lived), ("storm", stormed), ("trouble", troubled)):
        name = _name(story, now)
        for number, (event, message) in enumerate(messages.items()):
            at = now + timedelta(milliseconds=len(made))
            made[event] = replace(
                message,
                id=_name(f"{story} {number}", now) if number else name,
                incident=name,
                fingerprint=name,
                at=at,
                last_seen=at,
            )
    return made


def _name(of: str, now: datetime) -> str:
    return hashlib.sha256(f"test {of} {now.isoformat()}".encode()).hexdigest()[:32]


def _failure(now: datetime) -> Failure:
    at = Where("wmtls-test", "test", 0, 1)
    handshake = Handshake(
        dialect=Dialect.JSSE,
        role=Role.CLIENT,
        outcome=Outcome.FAILED,
        jvm=None,
        thread=None,
        connection=None,
        first=at,
        last=at,
        started_at=now,
        ended_at=now,
        server_name=_PARTNER,
        evidence=(Evidence(at, "this line is not from a log"),),
    )
    diagnosis = Diagnosis(
        entry=_LOG,
        issue=Issue.UNCLASSIFIED,
        cause="undetermined",
        confidence=Confidence.POSSIBLE,
        acting_side=ActingSide.NOBODY,
        summary=_NOTHING,
        remedies=(
            Remedy("Nothing: where something failed, the exact change stands here.", "watt.example", "value"),
        ),
        would_confirm="In earnest, what would prove the cause stands here.",
        partner_message="In earnest, what to send to the other side stands here.",
    )
    return Failure(handshake, diagnosis)


def _storm() -> Summary:
    part = Part(Issue.UNCLASSIFIED, "undetermined", 20, 40, (_PARTNER,))
    return Summary(20, 40, (part,))


def _notice() -> Notice:
    return Notice(
        Trouble.LOG_UNREADABLE,
        _LOG,
        _NOTHING,
        "Nothing: in earnest, what to mend stands here.",
        (("example", "detail"),),
    )
