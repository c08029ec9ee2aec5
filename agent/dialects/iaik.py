r"""The debug text of IAIK iSaSiLk: one line per message, `ssl_debug(N): <message>`.

N numbers the connections of one JVM, and lines of several N interleave, so N is the key of a conversation.
The wording is that of public logs (iSaSiLk 3.03 of Integration Server, 5.x of SAP products) and of the
library's own message names, which are those of RFC 5246 section 7.4. The direction of a message and the role
of the writer follow from the verb alone; the "Remote client" address is the peer's in either role.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from agent import redaction
from agent.codec import pack_event, unpack_event
from agent.framing.envelope import Framing
from agent.model.block import Block, Where
from agent.model.events import (
    AlertSeen,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    Said,
    Speaker,
    Started,
    Throwable,
)
from agent.model.tls import Message, alert_name, suite_name, version_name
from agent.model.vocabulary import Dialect, Role

MAX_LISTS = 256
"""Open lists of authorities: each belongs to a handshake under way, and a server runs fewer at once."""

MAX_AUTHORITIES = 1000
"""Names kept of one list; a server that trusts all public roots sends about 150."""

_LINE = re.compile(rb"ssl_debug\((\d{1,18})\): *([^\r\n]*)")
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
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class State:
    """`lists` holds the CertificateRequest of a connection whose names are still being printed.

    The key is "jvm/N"; the value the packed event, and whether the heading of the names was seen.
    """

    lists: dict[str, "OpenList"] = field(default_factory=dict)


@dataclass(slots=True)
class OpenList:
    """A CertificateRequest without its names, and the names so far (None before their heading)."""

    event: dict[str, object]
    names: list[str] | None = None


def _said(found: re.Match[str]) -> Iterator[Happening]:
    """Read "Sending v3 client_hello message, requesting version 3.1" and all its sisters."""
    message = Message(found["name"].lower())
    sent = found["verb"].lower() == "sending"
    role = _SENT_ROLE.get(message, Role.UNKNOWN)
    role = role if sent else _OTHER[role]
    rest = found["rest"]
    if message is Message.CERTIFICATE:
        whose = re.search(r"with (client|server) certificate", rest)
        if whose:
            role = Role.SERVER if sent == (whose[1] == "server") else Role.CLIENT
    hello = None
    if message in (Message.CLIENT_HELLO, Message.SERVER_HELLO):
        version = re.search(r"version (\d\.\d)", rest)
        name = version_name(version[1]) if version else None
        v2 = found["frame"] == "v2" and message is Message.CLIENT_HELLO
        hello = Hello(versions=(name,) if name else (), v2=v2) if name or v2 else None
    yield Said(message, sent, role, hello)
    peer = re.search(r" to (\S+:\w+),", rest)
    if peer and message is Message.CLIENT_HELLO and sent:
        yield Fact(FactKind.PEER, redaction.clean(peer[1]))


def _started(found: re.Match[str]) -> Iterator[Happening]:
    yield Started()
    if found[1] and found[1].strip():
        yield Fact(FactKind.LIBRARY, redaction.clean(found[1].strip()))


def _alert(found: re.Match[str]) -> Iterator[Happening]:
    name = alert_name(found[3].rstrip(". ")) or redaction.clean(found[3].strip().lower())
    yield AlertSeen(found[1].lower() == "sending", found[2].lower(), name)


def _raised(found: re.Match[str]) -> Iterator[Happening]:
    """Read "SSLException while handshaking: ..."; a peer's alert was reported by a line of its own."""
    told = re.search(r"Peer sent alert: Alert \w+: (.+)", found[2])
    word = alert_name(told[1].rstrip(". ")) if told else None
    text = redaction.clean(found[2].strip())[: redaction.LIMIT]
    yield Failed((Throwable(found[1], text),), word=word, final=told is None)


def _unsent(found: re.Match[str]) -> Iterator[Happening]:
    name, colon, text = found[1].strip().partition(": ")
    if not colon or " " in name:
        name, text = "", found[1].strip()
    yield Failed((Throwable(name, redaction.clean(text)[: redaction.LIMIT]),), final=False)


def _peer(found: re.Match[str]) -> Iterator[Happening]:
    if found[1].strip(" :"):
        yield Fact(FactKind.PEER, redaction.clean(found[1].strip()))


def _peer_certificate(found: re.Match[str]) -> Iterator[Happening]:
    yield Fact(FactKind.PEER_KEY, redaction.clean(found[1])[: redaction.LIMIT])
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
            yield Fact(kind, value)

    return read


def _nothing_to_send(_: re.Match[str]) -> Iterator[Happening]:
    yield Fact(FactKind.NO_CLIENT_CERTIFICATE)
    yield Said(Message.CERTIFICATE, sent=True, role=Role.CLIENT, certificates=())


def _nothing_came(_: re.Match[str]) -> Iterator[Happening]:
    yield Said(Message.CERTIFICATE, sent=False, role=Role.SERVER, certificates=())


def _ended(_: re.Match[str]) -> Iterator[Happening]:
    yield Ended()


def _ignored(_: re.Match[str]) -> Iterator[Happening]:
    yield from ()


_MESSAGES = "|".join(
    m.value for m in Message if m not in (Message.HELLO_RETRY_REQUEST, Message.ENCRYPTED_EXTENSIONS)
)
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterable[Happening]]], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            rf"(?i)(?P<verb>Sending|Received) (?:(?P<frame>v[23]) )?(?P<name>{_MESSAGES})\b(?P<rest>.*)$",
            _said,
        ),
        (r"Starting handshake(?: \(([^)]*)\))?", _started),
        (r"Remote client: ?(.*?),? *(?:Timestamp:.*)?$", _peer),
        (r"(?i)(Sending|Received) alert(?: message)?: *Alert (Fatal|Warning): *(.+)", _alert),
        (r"(\w*Exception) while handshaking: *(.*)", _raised),
        (r"Exception sending message: *(.*)", _unsent),
        (r"No client certificate available", _nothing_to_send),
        (r"Certificate message is empty", _nothing_came),
        (r"Server sent a (\d+ bit \w+) certificate(?:, chain has (\d+) elements?)?", _peer_certificate),
        (r"Client sent a (\d+ bit \w+) certificate(?:, chain has (\d+) elements?)?", _peer_certificate),
        (r"Sending extensions: *(.*)", _extensions),
        (r"Server selected SSL version (\d\.\d)\.?$", _fact(FactKind.PROTOCOL, version_name)),
        (r"CipherSuite selected by server: *(\w+)", _fact(FactKind.CIPHER_SUITE, suite_name)),
        (r"Continuing with CipherSuite: *(\w+)", _fact(FactKind.CIPHER_SUITE, suite_name)),
        (r"Server also wants to resume|Resuming previous session", _fact(FactKind.RESUMED)),
        (r"Handshake completed", _fact(FactKind.COMPLETED)),
        (r"Closing transport", _ended),
        (r"Accepted certificate |Shutting down SSL layer|Sending secure renegotiation", _ignored),
        (r"Received extensions|Server created new session|CompressionMethod selected", _ignored),
        (r"Continuing with CompressionMethod|Session added to|ChainVerifier|Read \d+ bytes", _ignored),
    )
)
"""Texts after the prefix, the first that fits counts. A line that fits none is a name of an open list, or
nothing of interest."""

_NAMES_FOLLOW = re.compile(r"Accepted certificate authorities:?")
_TIMESTAMP = re.compile(r"Timestamp:\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) .*?(\d{4})\s*$")


class Reader:
    """Reads blocks of whole lines; the key of a connection is N."""

    dialect = Dialect.IAIK

    def __init__(self, framing: Framing, state: State | None = None) -> None:
        self._framing = framing
        self.state = state or State()

    def feed(self, block: Block) -> list[Event]:
        """Return the events of whole lines.

        A CertificateRequest is told when the list of its authorities has ended, that is with the next
        message of its connection.
        """
        data = block.data
        events: list[Event] = []
        if b"ssl_debug(" not in data:
            return []
        line, counted = block.start.line, 0
        for found in _LINE.finditer(data):
            start = data.rfind(b"\n", 0, found.start()) + 1
            line += data.count(b"\n", counted, start)
            counted = start
            at = block.where(start, line)
            events += self._read(at, data[start : found.start()], found)
        return events

    def finish(self) -> list[Event]:
        """Return the lists that no further message will end: the input is over."""
        return [event for key in list(self.state.lists) for event in self._close(key, None)]

    def _read(self, at: Where, prefix: bytes, found: re.Match[bytes]) -> Iterator[Event]:
        frame = self._framing.split(prefix)
        if frame.quoted:
            return
        number = int(found[1])
        speaker = Speaker(Dialect.IAIK, frame.jvm, None, str(number), number)
        raw = found[2]
        text = redaction.text(raw).replace("…", "...").strip()
        known, reader = next(
            ((fit, reader) for pattern, reader in _READERS if (fit := pattern.match(text))), (None, _ignored)
        )
        key = f"{frame.jvm}/{number}"
        if known is None:
            self._name(key, text)
            return
        if reader is _ignored:
            if _NAMES_FOLLOW.match(text) and key in self.state.lists:
                self.state.lists[key].names = []
            elif not text.startswith("Accepted"):
                yield from self._close(key, at.offset)
            return
        yield from self._close(key, at.offset)
        when = frame.when or self._printed_time(text)
        shown = redaction.evidence(raw)
        for happening in reader(known):
            event = Event(at, when, speaker, happening, shown)
            if isinstance(happening, Said) and happening.message is Message.CERTIFICATE_REQUEST:
                if len(self.state.lists) >= MAX_LISTS:
                    yield from self._close(next(iter(self.state.lists)), at.offset)
                self.state.lists[key] = OpenList(pack_event(event))
            else:
                yield event

    def _name(self, key: str, text: str) -> None:
        """Take a line that is no known message for a name, where a list of names is open."""
        open_list = self.state.lists.get(key)
        if (
            open_list
            and open_list.names is not None
            and "=" in text
            and len(open_list.names) < MAX_AUTHORITIES
        ):
            open_list.names.append(redaction.clean(text)[: redaction.LIMIT])

    def _close(self, key: str, known: int | None) -> Iterator[Event]:
        """Tell the CertificateRequest of a connection, now that its list is whole."""
        open_list = self.state.lists.pop(key, None)
        if open_list is None:
            return
        event = unpack_event(open_list.event)
        said = event.what
        if isinstance(said, Said):
            names = None if open_list.names is None else tuple(open_list.names)
            said = Said(said.message, said.sent, said.role, authorities=names)
        yield Event(event.at, event.when, event.speaker, said, event.text, known)

    def _printed_time(self, text: str) -> datetime | None:
        """Return the time that iSaSiLk 3.03 prints; its zone is an ambiguous abbreviation, so it is local."""
        found = _TIMESTAMP.search(text)
        if not found or found[1] not in _MONTHS:
            return None
        month = _MONTHS.index(found[1]) + 1
        day, hour, minute, second, year = (int(found[i]) for i in (2, 3, 4, 5, 6))
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=self._framing.zone)
        except ValueError:
            return None
