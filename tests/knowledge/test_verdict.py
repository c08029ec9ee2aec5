from collections.abc import Callable
from dataclasses import replace

from agent.knowledge.verdict import Kind, Transport, Verdict, decide
from agent.model.events import AlertSeen, Failed, Throwable
from agent.model.handshake import Handshake

Build = Callable[..., Handshake]


def _report(*texts: str, word: str | None = None) -> Failed:
    return Failed(tuple(Throwable("", text) for text in texts), word=word)


def test_the_innermost_cause_comes_first_and_wrappers_not_at_all(build: Build) -> None:
    """Wrappers never win: what is left of the report is read from the inside."""
    handshake = build(
        text=(
            "Couldn't kickstart handshaking",
            "javax.net.ssl.SSLException: readHandshakeRecord",
            "java.net.SocketException: Broken pipe (Write failed)",
        ),
        word="handshake_failure",
    )
    assert decide(handshake) == Verdict(
        Kind.TRANSPORT,
        ("java.net.SocketException: Broken pipe (Write failed)",),
        "handshake_failure",
        transport=Transport.RESET,
    )


def test_the_first_verdict_counts(build: Build) -> None:
    """What is reported after this side's own verdict is its consequence."""
    first = _report("PKIX path building failed", word="certificate_unknown")
    handshake = replace(build(), failures=(first, _report("Received fatal alert: internal_error")))
    assert decide(handshake) == Verdict(
        Kind.OWN, ("PKIX path building failed",), "certificate_unknown", sent="certificate_unknown"
    )


def test_an_alert_read_after_a_broken_pipe_decides(build: Build) -> None:
    """The peer's alert says more than the write that failed because of it."""
    handshake = replace(
        build(), failures=(_report("Broken pipe"), _report("Received fatal alert: bad_certificate"))
    )
    assert decide(handshake) == Verdict(
        Kind.PEER, ("Received fatal alert: bad_certificate",), received="bad_certificate"
    )


def test_other_texts_after_a_broken_pipe_are_consequences(build: Build) -> None:
    """After the connection broke this side finds nothing out any more."""
    handshake = replace(build(), failures=(_report("Connection reset"), _report("Something else")))
    assert decide(handshake).transport is Transport.RESET


def test_an_alert_sent_about_a_broken_connection_is_no_verdict(build: Build) -> None:
    """IAIK sends handshake failure after a reset; a certificate alert is never sent for that."""
    handshake = build(text="Connection reset", sent="handshake_failure")
    assert decide(handshake).kind is Kind.TRANSPORT
    handshake = build(text="Connection reset", sent="bad_certificate")
    assert decide(handshake) == Verdict(Kind.OWN, sent="bad_certificate")


def test_alerts_alone_decide_by_their_order(build: Build) -> None:
    """Without a report, the alert that came first is the verdict; a warning counts less."""
    both = {"sent": "decode_error", "received": "handshake_failure", "failures": ()}
    assert decide(build("<handshake_failure", ">decode_error", **both)).kind is Kind.PEER
    assert decide(build(">decode_error", "<handshake_failure", **both)).kind is Kind.OWN
    assert decide(build(**both)).kind is Kind.PEER
    warned = (
        AlertSeen(sent=False, level="warning", description="unrecognized_name"),
        AlertSeen(sent=False, level="fatal", description="internal_error"),
    )
    assert decide(replace(build(), alerts=warned)).received == "internal_error"


def test_a_close_instead_of_an_answer_is_a_closed_connection(build: Build) -> None:
    """close_notify and user_canceled in a handshake say no more than a closed connection."""
    for name in ("close_notify", "user_canceled"):
        alert = AlertSeen(sent=False, level="warning", description=name)
        assert decide(replace(build(), alerts=(alert,))).transport is Transport.CLOSED
        assert decide(build(text=f"Received fatal alert: {name}")).transport is Transport.CLOSED


def test_every_dialect_tells_of_a_received_alert_in_its_own_words(build: Build) -> None:
    """JSSE, IAIK and legacy JSSE print the peer's alert in four ways."""
    texts = {
        "Received fatal alert: unknown_ca": "unknown_ca",
        "SSLException: Peer sent alert: Alert Fatal: handshake failure": "handshake_failure",
        "received handshake warning: unrecognized_name": "unrecognized_name",
        "javax.net.ssl.SSLProtocolException: handshake alert:  unrecognized_name": "unrecognized_name",
        "Received fatal alert: UNKNOWN ALERT (77)": None,
    }
    assert {text: decide(build(text=text)).received for text in texts} == texts
    assert {decide(build(text=text)).kind for text in texts} == {Kind.PEER}


def test_ways_a_connection_breaks(build: Build) -> None:
    """Resets, closes and timeouts are told apart by the text, or the class where there is no text."""
    texts = {
        "Connection reset": Transport.RESET,
        "Broken pipe (Write failed)": Transport.RESET,
        "An existing connection was forcibly closed by the remote host": Transport.RESET,
        "Remote host closed connection during handshake": Transport.CLOSED,
        "SSL peer shut down incorrectly": Transport.CLOSED,
        "closing inbound before receiving peer's close_notify": Transport.CLOSED,
        "java.net.SocketTimeoutException: Read timed out": Transport.TIMEOUT,
    }
    assert {text: decide(build(text=text)).transport for text in texts} == texts
    bare = Failed((Throwable("java.io.EOFException", ""),))
    assert decide(replace(build(), failures=(bare,))).transport is Transport.CLOSED


def test_a_class_without_a_text_counts_if_it_says_something(build: Build) -> None:
    """BufferUnderflowException is a finding, a bare SSLException is not."""
    told = Failed((Throwable("java.nio.BufferUnderflowException", ""),), word="decode_error")
    mute = Failed((Throwable("javax.net.ssl.SSLException", ""),), word="internal_error")
    assert decide(replace(build(), failures=(told,))).texts == ("java.nio.BufferUnderflowException",)
    assert decide(replace(build(), failures=(mute,))) == Verdict(Kind.NONE, word="internal_error")
    assert decide(build()) == Verdict(Kind.NONE)
