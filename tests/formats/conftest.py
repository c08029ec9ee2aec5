from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model.block import Where
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.events import AlertSeen, Certificate, Failed, Throwable
from agent.model.handshake import Evidence, Handshake
from agent.model.incident import Failure, Incident, Notice, Part, Summary
from agent.model.vocabulary import (
    ActingSide,
    Confidence,
    Dialect,
    IncidentEvent,
    Issue,
    Outcome,
    Role,
    Severity,
    Trouble,
)

T0 = datetime(2026, 11, 23, 7, 25, 55, 932_000, tzinfo=UTC)


def place(offset: int, line: int) -> Where:
    """Return a place in the one log of these tests."""
    return Where("wrapper.log", "dev:1", offset, line)


@pytest.fixture
def incident() -> Incident:
    """Return the third failure of an outbound call whose server shows an expired certificate."""
    handshake = Handshake(
        dialect=Dialect.JSSE,
        role=Role.CLIENT,
        outcome=Outcome.FAILED,
        jvm=1,
        thread="main",
        connection=None,
        first=place(18233, 412),
        last=place(20000, 450),
        started_at=T0,
        ended_at=T0 + timedelta(milliseconds=69),
        offered_versions=("TLSv1.3", "TLSv1.2"),
        protocol="TLSv1.2",
        server_name="is.example.com",
        peer_chain=(
            Certificate("CN=is.example.com", "CN=Example CA", "01", 3, T0 - timedelta(days=9), T0),
            Certificate(subject="CN=Example CA"),
        ),
        own_chain=(),
        authorities=("CN=Example CA",),
        alerts=(AlertSeen(sent=True, level="fatal", description="certificate_unknown"),),
        failures=(
            Failed((Throwable("javax.net.ssl.SSLException", "closing"),), final=False),
            Failed(
                (
                    Throwable("javax.net.ssl.SSLHandshakeException", "PKIX path validation failed"),
                    Throwable("java.security.cert.CertificateExpiredException", "NotAfter: Mon Nov 23"),
                )
            ),
        ),
        evidence=tuple(Evidence(place(100 * n, n), f"line {n}") for n in (1, 2, 3, 4)),
    )
    diagnosis = Diagnosis(
        entry="server_certificate_expired",
        issue=Issue.SERVER_CERTIFICATE_REJECTED,
        cause="expired",
        confidence=Confidence.CERTAIN,
        acting_side=ActingSide.PEER,
        summary="The certificate of is.example.com expired on 2026-11-23.",
        remedies=(
            Remedy(
                "Accept it anyway.",
                "watt.security.ignoreExpiredChains",
                "true",
                "<=10.5",
                restart=True,
                weakens_security=True,
            ),
            Remedy("Ask the other side for a new certificate.", restart=False),
        ),
        alternatives=(Alternative(Issue.INTERRUPTED, "undetermined", Confidence.POSSIBLE),),
        would_confirm="The certificate's dates.",
    )
    return Incident(
        id="0" * 31 + "1",
        incident="e" * 32,
        fingerprint="f" * 32,
        event=IncidentEvent.OPENED,
        severity=Severity.ERROR,
        log="default",
        at=T0 + timedelta(minutes=6),
        failure=Failure(handshake, diagnosis),
        count=3,
        first_seen=T0,
        last_seen=T0 + timedelta(minutes=5),
    )


@pytest.fixture
def bare(incident: Incident) -> Incident:
    """Return an incident of which next to nothing is known."""
    handshake = Handshake(
        dialect=Dialect.IAIK,
        role=Role.UNKNOWN,
        outcome=Outcome.FAILED,
        jvm=None,
        thread=None,
        connection=7,
        first=place(0, 1),
        last=place(0, 1),
        started_at=None,
        ended_at=None,
    )
    diagnosis = Diagnosis(
        "unclassified",
        Issue.UNCLASSIFIED,
        "undetermined",
        Confidence.POSSIBLE,
        ActingSide.EITHER,
        "It failed, and nothing known explains it.",
    )
    return replace(incident, failure=Failure(handshake, diagnosis), count=1, last_seen=T0)


@pytest.fixture
def failure(incident: Incident) -> Failure:
    """Return what that incident is of."""
    assert incident.failure is not None
    return incident.failure


@pytest.fixture
def storm(incident: Incident) -> Incident:
    """Return a message of many kinds of failures at once."""
    parts = (
        Part(Issue.SNI, "name_not_sent", 30, 300, ("server_name a.example.com",)),
        Part(Issue.NOT_TLS, "undetermined", 2, 4),
    )
    return replace(incident, failure=None, summary=Summary(32, 304, parts), count=304)


@pytest.fixture
def gap(incident: Incident) -> Incident:
    """Return a message of the agent itself."""
    notice = Notice(
        Trouble.LOG_GAP,
        "default",
        "Part of the log was gone before it could be read.",
        "Keep more rolled files.",
        (("file", "wrapper.log.3"), ("first byte", "100"), ("bytes", "900")),
    )
    return replace(incident, event=IncidentEvent.OPERATIONAL, failure=None, notice=notice)


@pytest.fixture
def bare_failure(bare: Incident) -> Failure:
    """Return what the incident of which little is known is of."""
    assert bare.failure is not None
    return bare.failure


@pytest.fixture
def hostile(incident: Incident, failure: Failure) -> Incident:
    """Return an incident whose every text was chosen by somebody who means harm."""
    poison = "<!channel> `*_~@here &\n```\x1b[2J\u202e\udcff <https://evil.example|click>" * 60
    return replace(
        incident,
        log=poison,
        count=2,
        failure=Failure(
            replace(
                failure.handshake,
                server_name=poison,
                peer_chain=(Certificate(subject=poison),),
                evidence=tuple(Evidence(Where(poison, "x", 1, 1), poison) for _ in range(9)),
            ),
            replace(
                failure.diagnosis,
                summary=poison,
                would_confirm=poison,
                alternatives=(Alternative(Issue.SNI, poison, Confidence.POSSIBLE),) * 3,
                remedies=(Remedy(poison, poison, poison, poison, restart=True, weakens_security=True),) * 9,
            ),
        ),
    )
