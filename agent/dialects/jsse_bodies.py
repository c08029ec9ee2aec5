"""The named fields of JSSE record bodies, picked line by line.

A body is mostly text that nobody needs (key bytes, extensions, stack frames), so every search here begins
with a literal and no field spans lines: picking a body whole or in pieces gives the same.
"""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

from agent.redaction import decoded, name, serial, text

USAGES = "ExtendedKeyUsages"
"""Heading of the list of extended key usages, whose items have no name of their own."""

Pick = tuple[str, str]
"""Name of a field and its text."""

Picks = list[Pick]
"""In the order of the log."""

_HELLO = (
    # a list or text that was torn lacks its end
    re.compile(
        rb'"(cipher suites?|versions|selected version|client version|server version)"[ \t]*:[ \t]*'
        rb'("?\[[^\n\]]*\]"?|"[^\n"]*"),?[ \t]*\r?$',
        re.MULTILINE,
    ),
    re.compile(rb'"(server_name) \(0\)()"'),
    re.compile(rb"type=host_name \(0\), (value)=([\w.-]{1,255})[ \t]*\r?$", re.MULTILINE),
    # the only list without a name: what application_layer_protocol_negotiation offers
    re.compile(rb"(\[)(?<=   \[)([^\n\[\]:\"]{1,500})\][ \t]*\r?$", re.MULTILINE),
    re.compile(rb'"(renegotiated connection)"[ \t]*:[ \t]*\[([0-9A-Fa-f])'),
)
_SESSION = re.compile(rb'"session id"[ \t]*:[ \t]*"([0-9A-Fa-f ]{2,})"')
_CERTIFICATES = (
    re.compile(
        rb'"(version|serial number|signature algorithm|issuer|subject|not before|not  after)"'
        rb'[ \t]*:[ \t]*"([^\n]{1,1000})",?[ \t]*\r?$',
        re.MULTILINE,
    ),
    re.compile(rb"(CA):(true|false)"),
    # the heading of the list, and that of each certificate
    re.compile(rb'"([Cc]ertificates?)"[ \t]*:[ \t]*([\[{<])'),
)
# items and bracket stand deep within a certificate; what others print between them does not
_USAGE = re.compile(rb"[ \t]{3}([\w.]{2,60})[ \t]*\r?$", re.MULTILINE)
_USAGES_END = re.compile(rb"\](?<=[ \t]{3}\])[ \t]*\r?$", re.MULTILINE)
_ANCHORS = (re.compile(rb'"(version|subject)"[ \t]*:[ \t]*"([^\n]{1,1000})",?[ \t]*\r?$', re.MULTILINE),)
_ALERT = (re.compile(rb'"(level|description)"[ \t]*:[ \t]*"([\w ]+)"'),)
_AUTHORITIES = re.compile(rb'"certificate authorities"[ \t]*:[ \t]*\[([^\r\n]*)')
_REQUESTS = re.compile(rb'"(certificate types|certificate_authorities)(?: \(47\))?"')
"""What a CertificateRequest that must name authorities has: until TLS 1.2, and in TLS 1.3."""
_AUTHORITY = re.compile(rb"(?:^|\| ?)[ \t]*([A-Z][A-Za-z0-9.]{0,30}=[^\r\n]{1,1000})", re.MULTILINE)
# a stack trace is indented in a record; what others print of their own exceptions amid it is not
_CAUSED = re.compile(rb"Caused by: (?<=  Caused by: )([^\n]*)")
_FIRST = re.compile(rb"(?:^|[|:FP] )[ \t]{2,8}([\w$]+(?:\.[\w$]+)+(?:: [^\n]*)?)\r?$", re.MULTILINE)

FRAMES = MappingProxyType(
    {
        # a handshake is under way
        "handshake": (
            b".startHandshake(",
            b"HandshakeContext.dispatch(",
            b".readHandshakeRecord(",
            b".kickstart(",
        ),
        # a message of TLS 1.3 that follows the handshake, though the same methods dispatch and write it
        "after": (b"T13NewSessionTicketProducer.", b"PostHandshakeContext.dispatch(", b".tryKeyUpdate("),
        # application data
        "data": (b"InputStream.read(", b"OutputStream.write(", b".readApplicationRecord("),
        # classes and methods that only a client runs
        "client": (
            b".checkServerCerts(",
            b".checkServerTrusted(",
            b"ServerHelloConsumer.",
            b"ServerHelloDoneConsumer.",
            b"EncryptedExtensionsConsumer.",
            b"CertificateRequestConsumer.",
            b"ServerKeyExchangeConsumer.",
            b"NewSessionTicketConsumer.",
            b"ClientHelloKickstartProducer.",
            b"ClientHandshakeContext.",
        ),
        # only a server
        "server": (
            b".checkClientCerts(",
            b".checkClientTrusted(",
            b"ClientHelloConsumer.",
            b"ServerHelloProducer.",
            b"ClientKeyExchangeConsumer.",
            b"NewSessionTicketProducer.",
            b"ServerHandshakeContext.",
        ),
        # which of the two ways to speak TLS
        "engine": (b".SSLEngineImpl.", b".SSLEngineImpl$"),
        "socket": (b".SSLSocketImpl.", b".SSLSocketImpl$"),
    }
)
"""What stack frames prove, by literal text. Classes are those of sun.security.ssl."""

THROWABLES_LIMIT = 40
"""Exceptions of one stack trace: a validator's has four."""

_MARK_DIGITS = 12
"""Digits of a mark: enough to tell the sessions of one log apart, far too few to make one up from."""

_REMEMBERED = 300
"""Bytes of a field that is remembered: a distinguished name, not a list of suites."""


_LIST_LIMIT = 1 << 15
"""Characters of a list of suites or authorities: a thousand of the one, some hundred of the other."""


@lru_cache(maxsize=4096)
def _short(raw: bytes) -> str:
    return name(raw).strip()


def _field(raw: bytes) -> str:
    """Return a field's text; short ones, which come again and again, are remembered."""
    return _short(raw) if len(raw) <= _REMEMBERED else text(raw, _LIST_LIMIT).strip()


def _named(field: bytes, raw: bytes) -> Pick:
    """Return a field with its name; a serial number looks like a key, and is known by its name."""
    is_serial = field == b"serial number"
    return _short(field), (serial(decoded(raw)) or "") if is_serial else _field(raw)


def _by(patterns: tuple[re.Pattern[bytes], ...]) -> Callable[[bytes, int, int, Picks], None]:
    def pick(data: bytes, start: int, stop: int, picks: Picks) -> None:
        found = [m for pattern in patterns for m in pattern.finditer(data, start, stop)]
        if len(patterns) > 1:
            found.sort(key=lambda m: m.start())
        picks.extend([_named(m[1], m[2]) for m in found])

    return pick


def _certificates(data: bytes, start: int, stop: int, picks: Picks) -> None:
    """Pick the fields of certificates, and what stands in lists of usages: one to a line, up to a bracket."""
    fields: list[tuple[int, Pick]] = [
        (found.start(), _named(found[1], found[2]))
        for pattern in _CERTIFICATES
        for found in pattern.finditer(data, start, stop)
    ]
    listing = next((value for name, value in reversed(picks) if name == USAGES), "]") == "["
    at, heading = start, USAGES.encode()
    while at >= 0:
        if not listing:
            at = data.find(heading, at, stop)
            if at < 0:
                break
            fields.append((at, (USAGES, "[")))
            at += len(heading)
        bracket = _USAGES_END.search(data, at, stop)
        end = bracket.start() if bracket else -1
        items = _USAGE.finditer(data, at, stop if end < 0 else end)
        fields += [(item.start(), ("", _field(item[1]))) for item in items]
        if end >= 0:
            fields.append((end, (USAGES, "]")))
        at, listing = end, False
    picks.extend(pick for _, pick in sorted(fields))


def _hello(data: bytes, start: int, stop: int, picks: Picks) -> None:
    """Pick the fields of a hello; of the session id, which is nobody's business, a mark to compare."""
    _by(_HELLO)(data, start, stop, picks)
    session = _SESSION.search(data, start, stop)
    if session:
        printed = session[1].replace(b" ", b"").upper()  # in pairs until 11, in one run since 17
        picks.append(("session", hashlib.sha256(printed).hexdigest()[:_MARK_DIGITS]))


def _authorities(data: bytes, start: int, stop: int, picks: Picks) -> None:
    """Pick the names: TLS 1.2 prints them behind the heading, TLS 1.3 one to a line below it."""
    picks.extend([(m[1].decode(), "") for m in _REQUESTS.finditer(data, start, stop)])
    below = ("certificate authorities", "") in picks
    for heading in _AUTHORITIES.finditer(data, start, stop):
        if below:
            line = max(start, data.rfind(b"\n", start, heading.start()) + 1)
            picks.extend([("", _field(m[1])) for m in _AUTHORITY.finditer(data, start, line)])
        picks.append(("certificate authorities", _field(heading[1])))
        below = below or not picks[-1][1]
        start = heading.end()
    if below:
        picks.extend([("", _field(m[1])) for m in _AUTHORITY.finditer(data, start, stop)])


def _throwable(data: bytes, start: int, stop: int, picks: Picks) -> None:
    """Pick the exceptions in order, of too many the last one in the last place, and what frames prove."""
    found = [("Caused by", m) for m in _CAUSED.finditer(data, start, stop)]
    if not any(name == "first" for name, _ in picks):
        first = _FIRST.search(data, start, stop)
        found += [("first", first)] if first else []
    places = [place for place, (name, _) in enumerate(picks) if name != "frame"]
    for kind, match in sorted(found, key=lambda one: one[1].start()):
        said = (kind, text(match[1]).strip())
        if len(places) < THROWABLES_LIMIT:
            places.append(len(picks))
            picks.append(said)
        else:
            picks[places[-1]] = said
    region = data[start:stop]
    for proves, literals in FRAMES.items():
        if ("frame", proves) not in picks and any(literal in region for literal in literals):
            picks.append(("frame", proves))


PICKERS: MappingProxyType[str, Callable[[bytes, int, int, Picks], None]] = MappingProxyType(
    {
        "hello": _hello,
        "certificates": _certificates,
        "anchors": _by(_ANCHORS),
        "authorities": _authorities,
        "alert": _by(_ALERT),
        "throwable": _throwable,
    }
)
"""Kind of body -> what picks its fields out of data[start:stop]."""

_END = re.compile(rb"(?:.*[|:FP] )?\}")
_LAST = MappingProxyType(
    {
        "hello": _END,
        "certificates": re.compile(rb'(?:.*[|:FP] )?(?:[\]}]|"Certificates": <empty list>)'),
        "authorities": _END,
        "alert": _END,
        "throwable": re.compile(rb".*\}"),
    }
)
"""Kind of body -> its last line, behind any prefix; within a body these are indented further."""


def closes(kind: str, line: bytes) -> bool:
    """Return whether a line is the last one of a body of a kind."""
    last = _LAST.get(kind)
    return last is None or last.fullmatch(line.rstrip()) is not None


def torn(data: bytes, start: int, stop: int, width: int) -> bool:
    """Return whether a line of data[start:stop] begins, behind its prefix of `width` bytes, unlike a body's.

    Between its first and its last line a body is indented. What is not, is another writer's, or the rest of a
    line that it has cut.
    """
    if start == 0 and _unindented(width, b"").match(data, 0, stop):
        return True
    return _unindented(width, b"\n").search(data, max(start - 1, 0), stop) is not None


@lru_cache(maxsize=256)
def _unindented(width: int, before: bytes) -> re.Pattern[bytes]:
    return re.compile(before + rb'.{%d}[^ \t\r\n"\]}]' % width)
