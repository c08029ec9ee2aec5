"""Lines that carry a thread's name, and exceptions."""

import pytest

from agent.dialects.jsse_legacy_lines import (
    NAMED,
    failure,
    happening,
    throwables,
)
from agent.model.events import AlertSeen, Ended, Fact, FactKind, Failed, Throwable


@pytest.mark.parametrize(
    ("line", "thread", "what"),
    [
        ("main, READ: TLSv1 Handshake, length = 5", "main", Fact(FactKind.PROTOCOL, "TLSv1")),
        (
            "HTTP Handler 192.0.2.1, 5543, WRITE: TLSv1.2 Application Data, length = 5",
            "HTTP Handler 192.0.2.1, 5543",
            Fact(FactKind.PROTOCOL, "TLSv1.2"),
        ),
        (
            "pub.client:http, READ: 3, READ: TLSv1.2 Alert, length = 2",
            "pub.client:http, READ: 3",
            Fact(FactKind.PROTOCOL, "TLSv1.2"),
        ),
        ("a, WRITE: SSLv2 client hello message, length = 9", "a", Fact(FactKind.PROTOCOL, "SSLv2")),
        (
            "a, SEND SSLv3 ALERT:  warning, description = no_certificate",
            "a",
            AlertSeen(sent=True, level="warning", description="no_certificate"),
        ),
        (
            "a, RECV TLSv1.2 ALERT:  fatal, unexpected_message",
            "a",
            AlertSeen(sent=False, level="fatal", description="unexpected_message"),
        ),
        (
            "a, RECV TLSv1.2 ALERT:  <level 7>, strange thing",
            "a",
            AlertSeen(sent=False, level=None, description="strange thing"),
        ),
        ("a, called closeInternal(true)", "a", Ended()),
        ("a, called closeOutbound()", "a", Ended()),
        (
            "a, handling exception: java.net.SocketException: Connection reset",
            "a",
            Failed((Throwable("java.net.SocketException", "Connection reset"),)),
        ),
    ],
)
def test_named_lines(line: str, thread: str, what: object) -> None:
    """The last keyword that fits to the line's end separates the name from the text."""
    found = NAMED.match(line)
    assert found
    assert (found["thread"], happening(found)) == (thread, what)


def test_nested_exceptions() -> None:
    """Each exception of a nested text keeps what stands behind its own name."""
    text = "javax.net.ssl.SSLException: sun.x.ValidatorException: PKIX failed: a.b.C: no: way"
    assert throwables(text) == (
        Throwable("javax.net.ssl.SSLException", "sun.x.ValidatorException: PKIX failed: a.b.C: no: way"),
        Throwable("sun.x.ValidatorException", "PKIX failed: a.b.C: no: way"),
        Throwable("a.b.C", "no: way"),
    )
    assert throwables("no class at all") == (Throwable("", "no class at all"),)


def test_repeated_alert_is_not_final() -> None:
    """An exception that names a received alert repeats the line that reported it."""
    failed = failure("javax.net.ssl.SSLException: Received fatal alert: internal_error")
    assert (failed.word, failed.final) == ("internal_error", False)
