"""The named fields of JSSE record bodies, picked line by line.

A body is mostly text that nobody needs (key bytes, extensions, stack frames), so every search here begins
with a literal and no field spans lines: picking a body whole or in pieces gives the same.
"""

import re
from collections.abc import Callable
from types import MappingProxyType

from agent.redaction import text

Pick = tuple[str, str]
"""Name of a field and its text."""

Picks = list[Pick]
"""In the order of the log."""

_HELLO = (
    re.compile(
        rb'"(cipher suites?|versions|selected version|client version|server version)"[ \t]*:[ \t]*([^\n]*)'
    ),
    re.compile(rb"type=host_name \(0\), (value)=([^\s,\]]{1,255})"),
)
_CERTIFICATES = (
    re.compile(
        rb'"(version|serial number|signature algorithm|issuer|subject|not before|not  after)"'
        rb'[ \t]*:[ \t]*"([^\n]{1,1000})"'
    ),
    re.compile(rb"(CA):(true|false)"),
)
_ANCHORS = (re.compile(rb'"(version|subject)"[ \t]*:[ \t]*"([^\n]{1,1000})"'),)
_ALERT = (re.compile(rb'"(level|description)"[ \t]*:[ \t]*"([\w ]+)"'),)
_AUTHORITIES = (
    re.compile(rb'"(certificate authorities)"[ \t]*:[ \t]*\[([^\n]*)'),
    re.compile(rb"(?:^|\| ?)[ \t]*()([A-Z][A-Za-z0-9.]{0,30}=[^\n]{1,1000})", re.MULTILINE),
)
_CAUSED = (re.compile(rb"(Caused by): ([^\n]*)"),)
_FIRST = re.compile(rb"(?:^|\| )[ \t]*([\w$]+(?:\.[\w$]+)+(?:: [^\n]*)?)\r?$", re.MULTILINE)

FRAMES = MappingProxyType(
    {
        # classes and methods that only a client runs
        b".checkServerCerts(": "client",
        b".checkServerTrusted(": "client",
        b"ServerHelloConsumer.": "client",
        b"ServerHelloDoneConsumer.": "client",
        b"EncryptedExtensionsConsumer.": "client",
        b"CertificateRequestConsumer.": "client",
        b"ServerKeyExchangeConsumer.": "client",
        b"NewSessionTicketConsumer.": "client",
        b"ClientHelloKickstartProducer.": "client",
        # only a server
        b".checkClientCerts(": "server",
        b".checkClientTrusted(": "server",
        b"ClientHelloConsumer.": "server",
        b"ServerHelloProducer.": "server",
        b"ClientKeyExchangeConsumer.": "server",
        b"NewSessionTicketProducer.": "server",
        # a handshake is under way
        b".startHandshake(": "handshake",
        b".readHandshakeRecord(": "handshake",
        b".kickstart(": "handshake",
        b"HandshakeContext.dispatch(": "handshake",
        # application data
        b"InputStream.read(": "data",
        b"OutputStream.write(": "data",
        b".readApplicationRecord(": "data",
    }
)
"""Stack frames that prove something: literal -> what. Classes are those of sun.security.ssl."""


def _by(patterns: tuple[re.Pattern[bytes], ...]) -> Callable[[bytes, int, int, Picks], None]:
    def pick(data: bytes, start: int, stop: int, picks: Picks) -> None:
        found = [m for pattern in patterns for m in pattern.finditer(data, start, stop)]
        if len(patterns) > 1:
            found.sort(key=lambda m: m.start())
        picks.extend((m[1].decode("ascii"), text(m[2]).strip()) for m in found)

    return pick


def _throwable(data: bytes, start: int, stop: int, picks: Picks) -> None:
    if not any(name == "first" for name, _ in picks):
        first = _FIRST.search(data, start, stop)
        if first:
            picks.append(("first", text(first[1]).strip()))
    _by(_CAUSED)(data, start, stop, picks)
    for literal, proves in FRAMES.items():
        if data.find(literal, start, stop) >= 0 and ("frame", proves) not in picks:
            picks.append(("frame", proves))


PICKERS: MappingProxyType[str, Callable[[bytes, int, int, Picks], None]] = MappingProxyType(
    {
        "hello": _by(_HELLO),
        "certificates": _by(_CERTIFICATES),
        "anchors": _by(_ANCHORS),
        "authorities": _by(_AUTHORITIES),
        "alert": _by(_ALERT),
        "throwable": _throwable,
    }
)
"""Kind of body -> what picks its fields out of data[start:stop]."""
