"""The incident that only tries the way to a receiver."""

import hashlib
from datetime import datetime

from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Evidence, Handshake
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

_LOG = "test"


def trial_incident(now: datetime) -> Incident:
    """Return a clearly marked test; two tests at different times have different ids."""
    at = Where("wmtls-test", "test", 0, 1)
    name = hashlib.sha256(f"test {now.isoformat()}".encode()).hexdigest()[:32]
    handshake = Handshake(
        dialect=Dialect.JSSE,
        role=Role.UNKNOWN,
        outcome=Outcome.FAILED,
        jvm=None,
        thread=None,
        connection=None,
        first=at,
        last=at,
        started_at=now,
        ended_at=now,
        evidence=(Evidence(at, "this line is not from a log"),),
    )
    diagnosis = Diagnosis(
        entry=_LOG,
        issue=Issue.UNCLASSIFIED,
        cause="undetermined",
        confidence=Confidence.POSSIBLE,
        acting_side=ActingSide.NOBODY,
        summary="This is a test of wmtls. Nothing failed, and nothing has to be done.",
    )
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
        failure=Failure(handshake, diagnosis),
        test=True,
    )
