r"""Single lines of legacy JSSE: the lines that carry a thread's name ("T, READ: ..."), and exceptions.

A thread's name is arbitrary text and may hold commas and even ", READ: ", so a line is split at the last
keyword that fits to the end of the line. Lines get torn when two threads print at once; a torn line's name
begins with a piece of another line, which is cut off where the rest is a name heard often enough.
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
    r"|received EOFException: (?P<eof>error)"
    r"|fatal error: \d+: (?P<fatal>.*)"
    r"|(?P<ended>called close(?:Socket|Internal|Outbound|Inbound)?\([^)]*\)|called close(?:Out|In)bound)"
    r")\s*$"
)

HANDSHAKE_READ = "READ Handshake"
HANDSHAKE_WRITE = "WRITE Handshake"

THROWABLE_LIMIT = 8
"""Exceptions of one line: a validator's has three."""

_CLASS = re.compile(r"(?:^|(?<=: ))(?:[a-z][\w]*\.){2,}[A-Za-z_$][\w$]*(?=: |$)")
_RECEIVED = re.compile(r"Received (?:fatal|close) alert: (\w+)")
_TORN = re.compile(
    r"^, |[{}\[]|\b[0-9A-Fa-f]{2} [0-9A-Fa-f]{1,2}"
    r"|^(?:verify_data|RandomCookie|Session ID|Cert Types|[0-9A-F]{4}): "
)
_PIECE = re.compile(
    r"(?P<list>[^{]*\{ ?(?:\d{1,3}, )*\d{0,3}(?:, )?)"
    r"|(?P<row>[0-9A-F]{4}: (?:[0-9A-F]{2} {1,3})*[0-9A-F]{0,2})|, "
)
"""What is printed in pieces and so can precede a name: a list of bytes, a hex row, the rest of a list."""

NAMES_LIMIT = 2000
"""Thread names remembered; a server has some hundreds of threads."""

FAMILIAR = 3
"""Times a name must have been seen before the rest of a torn line is taken for it."""


def throwables(text: str) -> tuple[Throwable, ...]:
    """Return the exceptions that one toString nests: "A: B: C: message" gives A, B and C, outermost first.

    Each keeps the text behind its own name, as a stack trace would print it.
    """
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


def thread_name(printed: str, familiar: dict[str, int]) -> str | None:
    """Return the thread's name, freed from a torn line's beginning; None where it cannot be told.

    `familiar` counts the names seen; it is updated.
    """
    name: str | None = printed
    if printed not in familiar and _TORN.search(printed):
        piece = _PIECE.match(printed)
        name = printed[piece.end() :] if piece else ""
        if not name or _TORN.search(name) or (piece and piece["row"] and name[0] in "0123456789ABCDEF"):
            ends = [known for known, seen in familiar.items() if seen >= FAMILIAR and printed.endswith(known)]
            name = max(ends, key=len, default=None)
    if name is not None:
        if len(familiar) >= NAMES_LIMIT and name not in familiar:
            del familiar[next(iter(familiar))]
        familiar[name] = familiar.get(name, 0) + 1
    return name
