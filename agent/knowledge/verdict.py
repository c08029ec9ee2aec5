"""Which of a handshake's reports decides it, and what that report says.

A failing handshake is reported several times over: the cause, wrappers around it, the same exception on the
next read, an alert that this side sends about a connection that is already gone. The rules:

* The first report that is neither a wrapper nor a transport failure decides.
* A transport failure decides only where no alert of the peer was read, before or after it.
* A generic alert sent about a transport failure (JSSE: unexpected_message, handshake_failure; IAIK:
  handshake failure) is no verdict; a certificate alert always is one.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from agent.model.events import AlertSeen, Failed, Throwable
from agent.model.handshake import Handshake
from agent.model.tls import BENIGN_ALERTS, CERTIFICATE_ALERTS, alert_name

_WRAPPER = re.compile(
    r"Couldn't kickstart handshaking|readHandshakeRecord|Unexpected error|General SSLEngine problem"
    r"|problem unwrapping net record|Connection has been shutdown|engine already closed"
    r"|peer not authenticated"
)
"""Whole texts that only say that something failed (JDK SSLSocketImpl, SSLEngineImpl)."""

_SILENT_CLASS = re.compile(r"^$|(?:^|\.)(?:SSL\w*|IO|Runtime|Socket)?(?:Exception|Error)$")
"""Classes that say nothing without a text."""

_RECEIVED = re.compile(
    r"received fatal alert: *(?P<fatal>[a-z_0-9]+)"
    r"|peer sent alert: *alert [a-z]+: *(?P<iaik>[a-z ]+[a-z])"
    r"|received handshake warning: *(?P<warning>[a-z_0-9]+)"
    r"|handshake alert: *(?P<legacy>[a-z_0-9]+)",
    re.IGNORECASE,
)
"""Texts by which JSSE, IAIK and legacy JSSE say that the peer sent an alert."""


class Transport(StrEnum):
    """How a connection broke."""

    RESET = "reset"
    CLOSED = "closed"
    TIMEOUT = "timeout"


_TRANSPORT = (
    (Transport.TIMEOUT, re.compile(r"timed out|SocketTimeoutException", re.IGNORECASE)),
    (
        Transport.RESET,
        re.compile(
            r"connection reset|broken pipe|connection abort|connection was aborted|forcibly closed"
            r"|socket write error|connection lost",
            re.IGNORECASE,
        ),
    ),
    (
        Transport.CLOSED,
        re.compile(
            r"peer shut down incorrectly|remote host (?:terminated|closed)|EOFException|unexpected EOF"
            r"|received close_notify during handshake|inbound (?:closed )?before receiv"
            r"|end of (?:file|stream)"
            r"|socket (?:is )?closed|connection closed|stream closed|ClosedChannelException",
            re.IGNORECASE,
        ),
    ),
)


class Kind(StrEnum):
    """Who or what ended the handshake."""

    OWN = "own"  # this side found a fault
    PEER = "peer"  # the peer sent an alert
    TRANSPORT = "transport"  # the connection broke
    NONE = "none"  # the log does not say


@dataclass(frozen=True, slots=True)
class Verdict:
    """The deciding report.

    `texts` are "Class: message" from the innermost cause outwards, wrappers left out. `word` is the alert
    that the report names. `received` is set for the peer's verdict, `sent` for this side's own.
    """

    kind: Kind
    texts: tuple[str, ...] = ()
    word: str | None = None
    received: str | None = None
    sent: str | None = None
    transport: Transport | None = None


def decide(handshake: Handshake) -> Verdict:
    """Return the deciding report of a handshake, by the rules of this module."""
    reports = [_read(failure) for failure in handshake.failures]
    first = next((r for r in reports if r.kind is not Kind.NONE), None)
    told = next((r for r in reports if r.kind is Kind.PEER), None)
    sent = _alert(handshake.alerts, sent=True)
    if first is not None and first.kind is Kind.OWN:
        return Verdict(Kind.OWN, first.texts, first.word, sent=sent or first.word)
    if told is not None:
        return Verdict(Kind.PEER, told.texts, told.word, received=told.received)
    return _by_alerts(handshake, first, sent)


def _by_alerts(handshake: Handshake, transport: Verdict | None, sent: str | None) -> Verdict:
    """Decide where the reports tell of nothing but, at most, a transport failure."""
    received = _alert(handshake.alerts, sent=False)
    if received is not None and (sent is None or _first(handshake, received, sent)):
        return Verdict(Kind.PEER, received=received)
    if sent is not None and (transport is None or sent in CERTIFICATE_ALERTS):
        return Verdict(Kind.OWN, sent=sent)
    if transport is not None:
        return transport
    if any(not alert.sent and alert.description in BENIGN_ALERTS for alert in handshake.alerts):
        return Verdict(Kind.TRANSPORT, transport=Transport.CLOSED)
    word = next((failure.word for failure in handshake.failures if failure.word), None)
    return Verdict(Kind.NONE, word=word)


def _read(failure: Failed) -> Verdict:
    """Return what one report says by itself."""
    texts = tuple(filter(None, (_line(throwable) for throwable in reversed(failure.throwables))))
    for text in texts:
        found = _RECEIVED.search(text)
        if found:
            name = alert_name(next(part for part in found.groups() if part))
            if name in BENIGN_ALERTS:
                return Verdict(Kind.TRANSPORT, texts, failure.word, transport=Transport.CLOSED)
            return Verdict(Kind.PEER, texts, failure.word, received=name)
    broken = next((kind for text in texts for kind, pattern in _TRANSPORT if pattern.search(text)), None)
    if broken is not None:
        return Verdict(Kind.TRANSPORT, texts, failure.word, transport=broken)
    return Verdict(Kind.OWN if texts else Kind.NONE, texts, failure.word)


def _line(throwable: Throwable) -> str:
    """Return "Class: message", the class alone where it says enough, "" for a wrapper."""
    if not throwable.text.strip():
        return "" if _SILENT_CLASS.search(throwable.name) else throwable.name
    if _WRAPPER.fullmatch(throwable.text.strip()):
        return ""
    return f"{throwable.name}: {throwable.text}" if throwable.name else throwable.text


def _alert(alerts: tuple[AlertSeen, ...], *, sent: bool) -> str | None:
    """Return the first alert of a direction that could end a handshake; a fatal one before a warning."""
    some = [a for a in alerts if a.sent is sent and a.description not in BENIGN_ALERTS]
    some.sort(key=lambda alert: alert.level == "warning")
    return some[0].description if some else None


def _first(handshake: Handshake, received: str, sent: str) -> bool:
    """Tell whether the peer's alert came before ours, or the order is unknown."""
    for step in handshake.steps:
        if step.name == received and step.sent is False:
            return True
        if step.name == sent and step.sent:
            return False
    return True
