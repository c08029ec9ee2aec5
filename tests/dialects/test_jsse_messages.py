from datetime import UTC, datetime

import pytest

from agent.dialects.jsse_bodies import Picks
from agent.dialects.jsse_messages import body_of, certificates, said
from agent.model.events import Certificate, Fact, FactKind, Happening, Hello, Said
from agent.model.tls import Message
from agent.model.vocabulary import Role

CLIENT, SERVER = Role.CLIENT, Role.SERVER


@pytest.mark.parametrize(
    ("message", "picks", "told"),
    [
        (
            "Consuming ClientHello handshake message (",
            [
                ("client version", '"TLSv1.2",'),
                ("cipher suites", '"[TLS_A(0x1302), SSL_B(0x0001)]",'),
                ("value", "is.acme.example"),
                ("versions", "[TLSv1.3, TLSv1.2]"),
            ],
            [
                Said(
                    Message.CLIENT_HELLO,
                    sent=False,
                    role=SERVER,
                    hello=Hello(("TLSv1.3", "TLSv1.2"), ("TLS_A", "TLS_B"), "is.acme.example"),
                )
            ],
        ),
        (
            "Produced ClientHello handshake message (",
            [("client version", '"TLSv1.2",'), ("renegotiated connection", "F")],
            [
                Said(Message.CLIENT_HELLO, sent=True, role=CLIENT, hello=Hello(("TLSv1.2",))),
                Fact(FactKind.RENEGOTIATION),
            ],
        ),
        (
            "Produced ClientHello(HRR) handshake message (",
            [],
            [
                Said(Message.HELLO_RETRY_REQUEST, sent=False, role=CLIENT),
                Said(Message.CLIENT_HELLO, sent=True, role=CLIENT, hello=Hello()),
            ],
        ),
        (
            "Produced CertificateVerify handshake message (",
            [],
            [Said(Message.CERTIFICATE_VERIFY, sent=True)],
        ),
        (
            "Consuming NewSessionTicket",
            [],
            [Said(Message.NEW_SESSION_TICKET, sent=False, role=CLIENT, modern=False)],
        ),
        ("Produced nothing", [], []),
    ],
)
def test_messages(message: str, picks: Picks, told: list[Happening]) -> None:
    """A message says who speaks, in which direction, and what its fields hold."""
    assert list(said(message, tuple(picks))) == told


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Produced ClientHello(HRR) handshake message (", "hello"),
        ("Consuming client Certificate handshake message (", "certificates"),
        ("Consuming CertificateVerify handshake message (", None),
        ("Consuming what nobody knows (", None),
    ],
)
def test_bodies(message: str, kind: str | None) -> None:
    """The message tells whether its body is worth a look."""
    assert body_of(message) == kind


def test_certificates() -> None:
    """Each version begins a certificate; what is no date or no version is left out."""
    picks = [
        ("Certificates", "["),
        ("version", "v1"),
        ("not before", "2026-10-24 07:36:26.000 CET"),
        ("CA", "false"),
        ("version", "v7"),
        ("not  after", "never"),
    ]
    assert certificates(tuple(picks)) == (
        Certificate(version=1, not_before=datetime(2026, 10, 24, 7, 36, 26, tzinfo=UTC), ca=False),
        Certificate(),
    )
