"""Lines that carry a thread's name, and exceptions."""

import pytest

from agent.dialects.jsse_legacy_lines import (
    FAMILIAR,
    NAMED,
    NAMES_LIMIT,
    failure,
    happening,
    thread_name,
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
        ("a, received EOFException: error", "a", None),
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


@pytest.mark.parametrize(
    "piece",
    [
        "verify_data:  { 86, 29, 61",
        "RandomCookie:  GMT: 1795354567 bytes = { 91, 67, ",
        "0000: AC 3",
        "0010: 86 1F CB 5",
        ", ",
        "Session ID:  {107, 3",
    ],
)
def test_torn_names(piece: str) -> None:
    """A piece of another line in front of the name is cut off, at the first sight of the name already."""
    assert thread_name(f"{piece}Worker-12", {}) == "Worker-12"


def test_torn_name_that_only_habit_tells() -> None:
    """Where the piece's end is not sure, a name that is heard often decides; without one there is none."""
    torn = "0000: 86 1F CB 5update handshake [x] Daemon-1"
    assert thread_name(torn, {}) is None
    assert thread_name(torn, {"Daemon-1": FAMILIAR, "1": FAMILIAR}) == "Daemon-1"


def test_names_are_bounded() -> None:
    """The oldest name is forgotten first."""
    familiar: dict[str, int] = {}
    for n in range(NAMES_LIMIT + 10):
        thread_name(f"t{n}", familiar)
    assert (len(familiar), "t9" in familiar, "t10" in familiar) == (NAMES_LIMIT, False, True)
