"""Single lines of IAIK."""

import pytest

from agent.dialects.iaik_lines import happenings
from agent.model.events import (
    AlertSeen,
    Fact,
    FactKind,
    Failed,
    Hello,
    Said,
    Started,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Role


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Starting handshake...", [Started()]),
        (
            "Sending v3 client_hello message to partner.example:8443, requesting version 3.3...",
            [
                Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT, hello=Hello(("TLSv1.2",))),
                Fact(FactKind.PEER, "partner.example:8443"),
            ],
        ),
        ("Sending extensions: renegotiation_info (65281)", [Fact(FactKind.SERVER_NAME_UNSUPPORTED)]),
        ("Sending extensions: server_name (0), renegotiation_info (65281)", []),
        (
            "Received v3 client_hello handshake message.",
            [Said(Message.CLIENT_HELLO, sent=False, role=Role.SERVER)],
        ),
        ("Sending server_hello_done", [Said(Message.SERVER_HELLO_DONE, sent=True, role=Role.SERVER)]),
        (
            "Received certificate handshake message with client certificate.",
            [Said(Message.CERTIFICATE, sent=False, role=Role.SERVER)],
        ),
        (
            "Certificate message is empty, client has no certificate.",
            [Said(Message.CERTIFICATE, sent=False, role=Role.SERVER, certificates=())],
        ),
        (
            "Sending alert: Alert Warning: close notify",
            [AlertSeen(sent=True, level="warning", description="close_notify")],
        ),
        (
            "SSLException while handshaking: Server certificate rejected by ChainVerifier",
            [
                Failed(
                    (Throwable("SSLException", "Server certificate rejected by ChainVerifier"),),
                    reading=False,
                )
            ],
        ),
        (
            "IOException while handshaking: Connection reset",
            [Failed((Throwable("IOException", "Connection reset"),), reading=False)],
        ),
        (
            "Exception sending message: java.net.SocketException: Broken pipe",
            [Failed((Throwable("java.net.SocketException", "Broken pipe"),), final=False)],
        ),
        ("Server also wants to resume a previous session.", [Fact(FactKind.RESUMED)]),
        ("Handshake completed, statistics:", [Fact(FactKind.COMPLETED)]),
        ("Session added to session cache.", [Fact(FactKind.COMPLETED)]),
        ("Read 900 bytes in 4 records, 800 bytes net, 200 average.", [Fact(FactKind.COMPLETED)]),
        ("Read 2157 bytes in 3 records, wrote 322 bytes in 3 records.", []),
        ("Starting renegotiation...", [Started(), Fact(FactKind.RENEGOTIATION)]),
        (
            "Starting handshake (iSaSiLk 5.105 Evaluation Version)...",
            [Started(), Fact(FactKind.LIBRARY, "iSaSiLk 5.105 Evaluation Version")],
        ),
        ("Exception while handshaking:", [Failed((Throwable("Exception", ""),), reading=False)]),
        ("Exception sending message: Broken pipe", [Failed((Throwable("", "Broken pipe"),), final=False)]),
        (
            "Received v2 client_hello handshake message.",
            [Said(Message.CLIENT_HELLO, sent=False, role=Role.SERVER, hello=Hello(v2=True))],
        ),
        ("Client sent a 1024 bit RSA certificate.", [Fact(FactKind.PEER_KEY, "1024 bit RSA")]),
        ("Remote client:, Timestamp:", []),
        ("Shutting down SSL layer...", []),
        ("Something new that nobody has seen", None),
        ("cn=Partner Root,o=Partner,c=DE", None),
    ],
)
def test_single_lines(text: str, expected: list[object] | None) -> None:
    """A line alone says what its wording proves, role and direction by the verb."""
    told = happenings(text)
    assert (told if told is None else list(told)) == expected


def test_what_a_peer_chooses_is_bounded() -> None:
    """No word of a line is kept at any length."""
    long = "x" * 5000
    lines = [
        f"Received alert message: Alert Fatal: {long}",
        f"Starting handshake ({long})",
        f"CipherSuite selected by server: {long}",
        f"Server sent a 1 bit {long} certificate",
        f"Remote client:{long}",
        f"SSLException while handshaking: {long}",
        f"Exception sending message: java.io.{long}: {long}",
    ]
    kept = [what for line in lines for what in happenings(line) or ()]
    assert len(kept) == 8
    assert max(len(str(what)) for what in kept) < 700
