from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model.block import Where
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.events import AlertSeen, Certificate, Failed, Throwable
from agent.model.handshake import Evidence, Handshake, Step
from agent.model.tls import Message
from agent.model.vocabulary import ActingSide, Confidence, Depth, Dialect, Issue, Outcome, Role
from agent.report.findings import Collector, Findings

T0 = datetime(2026, 11, 23, 7, 25, 55, 932_000, tzinfo=UTC)

POISON = (
    "CN=\x1b[31m\u202e<script>alert(1)</script> | `x` **b** [c](https://evil.example) www.evil.example\r\n# x"
)
"""A certificate's subject as somebody would choose it who means harm."""


def place(line: int) -> Where:
    """Return a place in the one log of these tests."""
    return Where("wrapper.log", "1", 100 * line, line)


@pytest.fixture
def handshake() -> Handshake:
    """Return an outbound call whose server shows an expired certificate."""
    return Handshake(
        dialect=Dialect.JSSE,
        role=Role.CLIENT,
        outcome=Outcome.FAILED,
        jvm=1,
        thread="main",
        connection=None,
        first=place(412),
        last=place(450),
        started_at=T0,
        ended_at=T0 + timedelta(milliseconds=69),
        offered_versions=("TLSv1.3", "TLSv1.2"),
        protocol="TLSv1.2",
        server_name="is.example.com",
        peer="192.0.2.7:443",
        peer_chain=(
            Certificate("CN=is.example.com", "CN=Example CA", "01:02", 3, T0 - timedelta(days=9), T0),
            Certificate("CN=Example CA", "CN=Example CA", version=1, not_after=T0),
        ),
        own_chain=(),
        authorities=("CN=A", "CN=B", "CN=C", "CN=D"),
        steps=(
            Step(Message.CLIENT_HELLO, sent=True, at=place(412)),
            Step(Message.SERVER_HELLO, sent=False, at=place(420)),
            Step(Message.CERTIFICATE, sent=False, at=place(430)),
            Step("certificate_expired", sent=True, at=place(450)),
        ),
        alerts=(AlertSeen(sent=True, level="fatal", description="certificate_expired"),),
        failures=(Failed((Throwable("CertificateExpiredException", "NotAfter: Mon Nov 23"),)),),
        evidence=(
            Evidence(place(412), "Produced ClientHello handshake message"),
            Evidence(place(440), "Fatal (CERTIFICATE_EXPIRED): NotAfter: Mon Nov 23"),
        ),
    )


@pytest.fixture
def diagnosis() -> Diagnosis:
    """Return what is said of that call."""
    return Diagnosis(
        entry="server_certificate_rejected.expired",
        issue=Issue.SERVER_CERTIFICATE_REJECTED,
        cause="expired",
        confidence=Confidence.LIKELY,
        acting_side=ActingSide.PEER,
        summary="The certificate of is.example.com expired on 2026-11-23, nine days after it was issued.",
        remedies=(
            Remedy("Accept it anyway.", "watt.old", "true", "<=10.5", restart=True, weakens_security=True),
            Remedy("Ask the other side for a new certificate.", restart=False),
            Remedy("Try again with", "watt.again", "yes"),
        ),
        alternatives=(Alternative(Issue.INTERRUPTED, "undetermined", Confidence.POSSIBLE),),
        would_confirm=(
            "The certificate's dates.\n"
            "openssl s_client -connect 192.0.2.7:443 </dev/null | openssl x509 -noout -dates"
        ),
        partner_message="Your certificate expired. Please renew it.",
    )


def told(
    collector: Collector, *, depth: Depth = Depth.FULL, files: tuple[str, ...] = ("wrapper.log",)
) -> Findings:
    """Return what a collector holds, of a small log."""
    return collector.findings(files=files, bytes=1_200, lines=34, depth=depth, dialects=(Dialect.JSSE,))


@pytest.fixture
def findings(handshake: Handshake, diagnosis: Diagnosis) -> Findings:
    """Return two failures of that call, and a handshake that went well."""
    later = replace(
        handshake, started_at=T0 + timedelta(hours=1), ended_at=T0 + timedelta(hours=1, seconds=1)
    )
    collector = Collector(keep_peaceful=True)
    collector.add(handshake, diagnosis)
    collector.add(later, diagnosis)
    collector.add(replace(later, outcome=Outcome.COMPLETED), None)
    return replace(told(collector), certificates=())  # test_inventory.py has them


@pytest.fixture
def quiet() -> Findings:
    """Return a log in which two handshakes went well."""
    collector = Collector()
    collector.outcomes[Outcome.COMPLETED] = 2
    return told(collector)


@pytest.fixture
def hostile(handshake: Handshake, diagnosis: Diagnosis) -> Findings:
    """Return a failure whose every text was chosen by somebody who means harm."""
    collector = Collector(keep_peaceful=True)
    poisoned = replace(
        handshake,
        server_name=POISON,
        peer=POISON,
        peer_chain=(Certificate(POISON, POISON, POISON, 3),),
        authorities=(POISON,),
        alerts=(AlertSeen(sent=True, level=POISON, description=POISON),),
        failures=(Failed((Throwable(POISON, POISON),)),),
        evidence=(Evidence(Where(POISON, "1", 1, 1), POISON),),
    )
    collector.add(
        poisoned,
        replace(
            diagnosis,
            summary=POISON,
            would_confirm=POISON,
            partner_message=POISON,
            remedies=(Remedy(POISON, POISON, POISON, POISON),),
            alternatives=(Alternative(Issue.SNI, POISON, Confidence.POSSIBLE),),
        ),
    )
    collector.add(replace(poisoned, outcome=Outcome.COMPLETED), None)
    return told(collector, files=(POISON,))
