r"""Single lines of legacy JSSE: the lines that carry a thread's name ("T, READ: ..."), and exceptions.

A thread's name is arbitrary text and may hold commas and even ", READ: ", so a line is split at the last
keyword that fits to the end of the line.
Sources: sun.security.ssl.SSLSocketImpl, SSLEngineImpl, InputRecord, OutputRecord (JDK 7 and 8).
"""

import re
from types import MappingProxyType

from agent import redaction
from agent.model.events import AlertSeen, Ended, Fact, FactKind, Failed, Happening, Throwable
from agent.model.tls import alert_name, version_name

NAMED = re.compile(
    r"(?P<thread>.+), (?:"
    r"(?P<record>READ|WRITE): +(?:(?P<version>(?:TLS|SSL)v[\d.]+) (?P<type>Handshake|Change Cipher Spec|Alert"
    r"|Application Data), length = \d+|SSL ?v2, contentType = Handshake, translated length = \d+"
    r"|SSLv2 client hello message, length = \d+)"
    r"|SEND \S+ ALERT: +(?P<sent_level>\w+|<[^>]*>), description = (?P<sent>.+)"
    r"|RECV \S+ ALERT: +(?P<received_level>\w+|<[^>]*>), (?P<received>.+)"
    r"|handling exception: (?P<exception>.+)"
    r"|fatal error: \d+: (?P<fatal>.*)"
    r"|(?P<ended>called close(?:Socket|Internal|Outbound|Inbound)?\([^)]*\)|called close(?:Out|In)bound)"
    r")\s*$"
)

THROWABLE_LIMIT = 8
"""Exceptions of one line: a validator's has three."""

_CLASS = re.compile(r"(?:^|(?<=: ))(?:[a-z][\w]*\.){2,}[A-Za-z_$][\w$]*(?=: |$)")
_RECEIVED = re.compile(r"Received (?:fatal|close) alert: (\w+)")


def throwables(text: str) -> tuple[Throwable, ...]:
    """Return the exceptions that one toString nests: "A: B: C: message" gives A, B and C, outermost first.

    Each keeps the text behind its own name, as a stack trace would print it. Secrets go before the text is
    taken apart: behind a torn class name, "Authorization: ..." would lose its first word to the class.
    """
    text = redaction.clean(text)
    found = list(_CLASS.finditer(text))[:THROWABLE_LIMIT]
    if not found or found[0].start() != 0:
        return (Throwable("", _shown(text)), *(_throwable(text, f) for f in found))[:THROWABLE_LIMIT]
    return tuple(_throwable(text, f) for f in found)


def _throwable(text: str, found: re.Match[str]) -> Throwable:
    return Throwable(found[0], _shown(text[found.end() :].removeprefix(": ")))


def _shown(text: str) -> str:
    return redaction.clean(text.strip())[: 2 * redaction.LIMIT]


def failure(text: str) -> Failed:
    """Return the report that an exception's text makes; one that repeats a received alert is not final."""
    told = _RECEIVED.search(text)
    return Failed(throwables(text), word=alert_name(told[1]) if told else None, final=told is None)


_LEVELS = MappingProxyType({"fatal": "fatal", "warning": "warning"})


def happening(found: re.Match[str]) -> Happening | None:
    """Return what a line with a thread's name says, None where it says nothing by itself.

    A record line becomes a PROTOCOL fact with the record's version; whether that version is negotiated is
    decided by who follows the records.
    """
    if found["record"]:
        return Fact(FactKind.PROTOCOL, version_name(found["version"] or "") or "SSLv2")
    if found["sent"]:
        name = alert_name(found["sent"]) or _shown(found["sent"])
        return AlertSeen(sent=True, level=_LEVELS.get(found["sent_level"]), description=name)
    if found["received"]:
        name = alert_name(found["received"]) or _shown(found["received"])
        return AlertSeen(sent=False, level=_LEVELS.get(found["received_level"]), description=name)
    if found["exception"]:
        return failure(found["exception"])
    if found["ended"]:
        return Ended()
    return None
