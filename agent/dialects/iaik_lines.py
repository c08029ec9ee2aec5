r"""What one line of IAIK iSaSiLk's debug text says: from the text behind `ssl_debug(N): ` to happenings.

The wording is that of public logs (iSaSiLk 3.03 of Integration Server, 5.x of SAP and TIBCO products). Names
of messages are those of RFC 5246 section 7.4 and are read generically, because no public log shows a server's
side or every version. The direction of a message and the role of the writer follow from the verb alone; the
"Remote client" address is the peer's in either role. A line of another wording says nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType

from agent import redaction
from agent.model.events import (
    AlertSeen,
    Ended,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    Said,
    Started,
    Throwable,
)
from agent.model.tls import Message, alert_name, suite_name, version_name
from agent.model.vocabulary import Role

_WORD_LIMIT = 100
"""Characters of a name that the library itself chooses: a suite, a kind of key, an alert."""

_SENT_ROLE = MappingProxyType(
    {
        Message.CLIENT_HELLO: Role.CLIENT,
        Message.CLIENT_KEY_EXCHANGE: Role.CLIENT,
        Message.CERTIFICATE_VERIFY: Role.CLIENT,
        Message.HELLO_REQUEST: Role.SERVER,
        Message.SERVER_HELLO: Role.SERVER,
        Message.SERVER_KEY_EXCHANGE: Role.SERVER,
        Message.CERTIFICATE_STATUS: Role.SERVER,
        Message.CERTIFICATE_REQUEST: Role.SERVER,
        Message.SERVER_HELLO_DONE: Role.SERVER,
        Message.NEW_SESSION_TICKET: Role.SERVER,
    }
)
"""Who the writer is when it sends the message; the receiver has the other role."""

_OTHER = MappingProxyType({Role.CLIENT: Role.SERVER, Role.SERVER: Role.CLIENT, Role.UNKNOWN: Role.UNKNOWN})

_OWNER = re.compile(r"with (client|server) certificate")
_VERSION = re.compile(r"version (\d\.\d)")
_PEER = re.compile(r" to (\S{1,255}:\w{1,8})[,.\s]")
_PEER_ALERT = re.compile(r"Peer sent alert: *Alert \w+: *(.+)")


def _said(found: re.Match[str]) -> Iterator[Happening]:
    """Read "Sending v3 client_hello message, requesting version 3.1" and all its sisters."""
    message = Message(found["name"].lower())
    sent = found["verb"].lower() == "sending"
    role = _SENT_ROLE.get(message, Role.UNKNOWN)
    role = role if sent else _OTHER[role]
    rest = found["rest"]
    owner = _OWNER.search(rest) if message is Message.CERTIFICATE else None
    if owner:
        role = Role.SERVER if sent == (owner[1] == "server") else Role.CLIENT
    hello = None
    if message in (Message.CLIENT_HELLO, Message.SERVER_HELLO):
        version = _VERSION.search(rest)
        name = version_name(version[1]) if version else None
        v2 = (found["frame"] or "").lower() == "v2" and message is Message.CLIENT_HELLO
        hello = Hello(versions=(name,) if name else (), v2=v2) if name or v2 else None
    yield Said(message, sent, role, hello)
    peer = _PEER.search(rest)
    if peer and message is Message.CLIENT_HELLO and sent:
        yield Fact(FactKind.PEER, peer[1])


def _started(found: re.Match[str]) -> Iterator[Happening]:
    yield Started()
    if found[1] and found[1].strip():
        yield Fact(FactKind.LIBRARY, found[1].strip()[:_WORD_LIMIT])


def _renegotiates(_: re.Match[str]) -> Iterator[Happening]:
    yield Started()
    yield Fact(FactKind.RENEGOTIATION)


def _alert(found: re.Match[str]) -> Iterator[Happening]:
    name = alert_name(found[3].rstrip(". ")) or found[3].strip().lower()[:_WORD_LIMIT]
    yield AlertSeen(found[1].lower() == "sending", found[2].lower(), name)


def _raised(found: re.Match[str]) -> Iterator[Happening]:
    """Read "SSLException while handshaking: ..."; a peer's alert was reported by a line of its own."""
    told = _PEER_ALERT.search(found[2])
    word = alert_name(told[1].rstrip(". ")) if told else None
    throwable = Throwable(found[1][:_WORD_LIMIT], found[2].strip()[: redaction.LIMIT])
    final = told is None
    yield Failed((throwable,), word=word, reading=False if final else None, final=final)


def _unsent(found: re.Match[str]) -> Iterator[Happening]:
    yield Failed((throwable(found[1]),), final=False)


def throwable(printed: str) -> Throwable:
    """Return an exception as Throwable.toString prints it, without a class where there is none."""
    name, colon, text = printed.strip().partition(": ")
    if " " in name or not (colon or "." in name):
        name, text = "", printed.strip()
    return Throwable(name[:_WORD_LIMIT], text[: redaction.LIMIT])


def _peer(found: re.Match[str]) -> Iterator[Happening]:
    if found[1].strip(" :"):
        yield Fact(FactKind.PEER, found[1].strip()[: redaction.LIMIT])


def _peer_certificate(found: re.Match[str]) -> Iterator[Happening]:
    yield Fact(FactKind.PEER_KEY, found[1][:_WORD_LIMIT])
    if found[2]:
        yield Fact(FactKind.PEER_CHAIN_LENGTH, found[2])


def _extensions(found: re.Match[str]) -> Iterator[Happening]:
    """Read the list of extensions: only iSaSiLk 5.x has one, and 3.03 sends none."""
    if "server_name" not in found[1]:
        yield Fact(FactKind.SERVER_NAME_UNSUPPORTED)


def _fact(
    kind: FactKind, spell: Callable[[str], str | None] = str
) -> Callable[[re.Match[str]], Iterator[Happening]]:
    """Return a reader that takes the pattern's group, spelled by `spell`, for the value."""

    def read(found: re.Match[str]) -> Iterator[Happening]:
        value = spell(found[1].strip()) if found.re.groups else ""
        if value is not None:
            yield Fact(kind, value[:_WORD_LIMIT])

    return read


def _nothing_to_send(_: re.Match[str]) -> Iterator[Happening]:
    yield Fact(FactKind.NO_CLIENT_CERTIFICATE)
    yield Said(Message.CERTIFICATE, sent=True, role=Role.CLIENT, certificates=())


def _nothing_came(_: re.Match[str]) -> Iterator[Happening]:
    yield Said(Message.CERTIFICATE, sent=False, role=Role.SERVER, certificates=())


def _ended(_: re.Match[str]) -> Iterator[Happening]:
    yield Ended()


def _nothing(_: re.Match[str]) -> Iterator[Happening]:
    yield from ()


_MESSAGES = "|".join(
    m.value
    for m in Message
    if m not in (Message.HELLO_RETRY_REQUEST, Message.ENCRYPTED_EXTENSIONS, Message.KEY_UPDATE)
)
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterable[Happening]]], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            rf"(?i)(?P<verb>Sending|Received) (?:(?P<frame>v[23]) )?(?P<name>{_MESSAGES})\b(?P<rest>.*)$",
            _said,
        ),
        (r"(?i)(Sending|Received) alert(?: message)?: *Alert (Fatal|Warning): *(.+)", _alert),
        (r"(\w{0,80}Exception) while handshaking: *(.*)", _raised),
        (r"Starting handshake(?: \(([^)]*)\))?", _started),
        (r"Starting renegotiation", _renegotiates),
        (r"(?:Handshake|Renegotiation) completed|Session added to session cache", _fact(FactKind.COMPLETED)),
        # what is counted when the connection is closed, if its handshake had come to its end
        (
            r"Read \d+ bytes in \d+ records, \d+ bytes net, \d+ average|Statistics not available in SSL 2",
            _fact(FactKind.COMPLETED),
        ),
        (r"Closing transport", _ended),
        (r"Remote client: ?(.*?),? *(?:Timestamp:.*)?$", _peer),
        (r"Exception sending message: *(.+)", _unsent),
        (r"No client certificate available", _nothing_to_send),
        (r"Certificate message is empty", _nothing_came),
        (
            r"(?:Server|Client) sent a (\d+ bit \w+) certificate(?:, chain has (\d+) elements?)?",
            _peer_certificate,
        ),
        (r"Sending extensions: *(.*)", _extensions),
        (r"Server selected SSL version (\d\.\d)\.?$", _fact(FactKind.PROTOCOL, version_name)),
        (
            r"(?:CipherSuite selected by server|Continuing with CipherSuite): *(\w+)",
            _fact(FactKind.CIPHER_SUITE, suite_name),
        ),
        (r"Server also wants to resume|Resuming previous session", _fact(FactKind.RESUMED)),
        (r"Accepted certificate |Shutting down SSL layer|Sending secure renegotiation", _nothing),
        (r"Received extensions|Server created new session|CompressionMethod selected", _nothing),
        (r"Continuing with CompressionMethod|ChainVerifier|Read \d+ bytes|Wrote \d+ bytes", _nothing),
    )
)
"""Texts behind the prefix; the first that fits counts."""


def happenings(text: str) -> tuple[Happening, ...] | None:
    """Return what a line says, () for one that is known and says nothing, None for one of another wording.

    `text` is cleaned, and has three dots where a published log has an ellipsis.
    """
    for pattern, reader in _READERS:
        found = pattern.match(text)
        if found:
            return tuple(reader(found))
    return None
