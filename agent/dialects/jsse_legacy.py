r"""JSSE's debug text before 8u262 (Java 7, Java 8) and IBM's JSSE2, a fork of it.

Some lines carry the thread's name ("main, READ: TLSv1.2 Handshake, length = 64"); handshake messages
("*** ClientHello, TLSv1.2") and session lines ("%% ...") do not. The latter become events of a speaker with
an empty key: who spoke is found out later, from the order of all lines. Therefore events leave in the order
of the lines on which they begin: while a message of several lines is open, later events wait behind it.
A log without times takes them from the hellos, whose random values begin with the clock.
Sources: sun.security.ssl.HandshakeMessage, Handshaker, SSLSessionImpl (JDK 7 and 8); IBM's from public logs.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from agent import redaction
from agent.dialects import jsse_legacy_lines as lines
from agent.dialects.jsse_legacy_messages import Kind, Loose, Queue, Waiting
from agent.dialects.jsse_legacy_names import thread_name
from agent.dialects.remembered import remembered
from agent.framing.envelope import Framing
from agent.model.block import Block, Where
from agent.model.events import Event, Fact, FactKind, Failed, Happening, Leaked, Said, Speaker, Started
from agent.model.tls import Message, alert_name, version_name
from agent.model.vocabulary import Dialect, Leak, Role

SHOWN_LIMIT = 2000
"""Lines whose redacted form is remembered."""

_NAMED = re.compile(rb", (?:READ: |WRITE: |SEND |RECV |handling exc|called close|fatal error: )")
_MARKS = (
    re.compile(rb"\*\*\*"),
    re.compile(rb"%% (?:Init|Nego|No c|Client c|Server r|Resu|Cached)"),
    _NAMED,
)
_WORDS = (
    *(b"matching alias: ", b"Warning: no suit", b"Is initial handshake: f", b"SSL -", b"ssl: "),
    *(b"found key for : ", b"adding as trusted cert", b"Using SSLEngineImpl"),
    *(b"Master Secret:", b"Padded plaintext "),
    *(b"IBMJSSE", b"JsseJCE:  Using", b"CipherBox:  Using", b"com.ibm.jsse2", b"com.ibm.security.cert"),
)
"""What makes a line interesting. Each is searched for by itself: patterns that begin with a literal, and
literals, run ten times as fast as one pattern with several first bytes."""

_WAKING = (
    re.compile(rb"\*\*\*(?<!\*\*\*\*)(?: (?:Cl|Se|Ce|He|Fi|EC|Di|RS)|\r?\n)"),
    re.compile(rb"%% (?:No c|Client c|Init)"),
    _NAMED,
    re.compile(rb"adding as trusted cert:"),
    re.compile(rb"Using SSLEngineImpl"),
    re.compile(rb"IBMJSSE"),
)
"""What only this dialect prints, one of them early in every log of it. Until one was seen nothing else is
looked for: most logs are of another dialect, and each search costs its share of the time to read them."""

_IBM = re.compile(r"IBMJSSE|(?:JsseJCE|CipherBox):  Using |\bcom\.ibm\.(?:jsse2|security\.cert)\b")
"""What proves IBM's variant, in a log that does not show its start as well."""

_ANY = re.compile(b"|".join((*(mark.pattern for mark in _MARKS[1:]), *_WORDS)))
"""The same in one pattern, for single lines; the stars are looked for before it."""

_BODIES = frozenset(
    {
        *(b"Cip", b"Cer", b"Ext", b"Uns", b"Ran", b"cha", b"  V", b"  S", b"  I", b"  A", b"  C", b"   "),
        *(b"  K", b"  a", b"  c", b"  e", b"  s"),  # keys, and extended key usages
    }
)
"""First bytes of the body lines of a message; an authority's begins with "<"."""

_MORE = re.compile(_NAMED.pattern + rb"|\*\*\*|CipherBox:")
"""What shows that a line which begins like one of a body is, or holds, another one."""

_MESSAGE = re.compile(
    r"\*\*\* *(?P<name>ClientHello|ServerHello(?!Done)|Certificate chain|CertificateRequest|ServerHelloDone"
    r"|CertificateVerify|HelloRequest|Finished|.*ServerKeyExchange|.*ClientKeyExchange)"
    r"(?:, (?P<version>\S+))?"
)
_MESSAGES = MappingProxyType(
    {
        "ClientHello": (Message.CLIENT_HELLO, Kind.HELLO),
        "ServerHello": (Message.SERVER_HELLO, Kind.HELLO),
        "Certificate chain": (Message.CERTIFICATE, Kind.CHAIN),
        "CertificateRequest": (Message.CERTIFICATE_REQUEST, Kind.REQUEST),
        "ServerHelloDone": (Message.SERVER_HELLO_DONE, Kind.DONE),
        "CertificateVerify": (Message.CERTIFICATE_VERIFY, Kind.DONE),
        "HelloRequest": (Message.HELLO_REQUEST, Kind.DONE),
        "Finished": (Message.FINISHED, Kind.PASSED),  # told from the records around it
    }
)
"""The message of a heading, and what it opens; the key exchanges have names of many parts."""

_SESSION = re.compile(
    r"%% (?P<says>Initialized|Negotiating|Cached (?:client|server) session): +"
    r"\[(?P<label>Session-\d+), (?P<suite>\w+)"
)
_NO_SUITE = "SSL_NULL_WITH_NULL_NULL"

_SINGLE: tuple[tuple[str, Callable[[str], Happening]], ...] = (
    ("%% No cached client session", lambda _: Started()),
    ("%% Client cached", lambda _: Started()),
    ("%% Server resumed", lambda _: Fact(FactKind.RESUMED, Role.CLIENT)),
    ("%% Resuming", lambda _: Fact(FactKind.RESUMED, Role.SERVER)),
    ("matching alias: ", lambda rest: Fact(FactKind.KEY_CHOSEN, rest)),
    ("Warning: no suitable certificate found", lambda _: Fact(FactKind.NO_CLIENT_CERTIFICATE)),
    ("Is initial handshake: false", lambda _: Fact(FactKind.RENEGOTIATION)),
    ("SSL - handshake alert: ", lambda rest: Fact(FactKind.HANDSHAKE_ALERT, alert_name(rest) or rest)),
    ("SSL -- handshake alert: ", lambda rest: Fact(FactKind.HANDSHAKE_ALERT, alert_name(rest) or rest)),
    ("ssl: KeyMgr: choosing key: ", lambda rest: Fact(FactKind.KEY_CHOSEN, rest.partition(" (")[0])),
    ("ssl: KeyMgr: no matching key found", lambda _: Fact(FactKind.NO_MATCHING_KEY)),
    ("ssl: Ignoring alias ", lambda rest: Fact(FactKind.ALIAS_IGNORED, rest)),
    ("PreMaster Secret:", lambda _: Leaked(Leak.KEYS)),
    ("Master Secret:", lambda _: Leaked(Leak.KEYS)),
    ("Padded plaintext ", lambda _: Leaked(Leak.PLAINTEXT)),
    ("Using SSLEngineImpl", lambda _: Fact(FactKind.LIBRARY, "SSLEngine")),
)
"""What a line without a thread's name says by itself: its beginning, and what its rest becomes."""


@dataclass(slots=True)
class State:
    """All that the reader remembers between blocks.

    `familiar` counts thread names, `v2` says that the record just read held an SSL 2.0 hello, `width` is that
    of the prefix of the line read last (most lines of a log have the same). `awake` says that the log was
    seen to hold this dialect; `lines` numbers its lines since then.
    """

    waiting: list[Waiting] = field(default_factory=list)
    loose: Loose = field(default_factory=Loose)
    familiar: dict[str, int] = field(default_factory=dict)
    jvm: int | None = None
    ibm: bool = False
    v2: bool = False
    width: int = 0
    awake: bool = False
    lines: int = 1


class Reader:
    """Reads blocks of whole lines; answers for both Sun's and IBM's variant."""

    dialect = Dialect.JSSE_LEGACY

    def __init__(self, framing: Framing, state: State | None = None) -> None:
        self._framing = framing
        self.state = state or State()
        self._queue = Queue(self.state.waiting, framing.zone, self.state.loose)

    def feed(self, block: Block) -> list[Event]:
        """Return the events of whole lines, as far as no open message holds them back."""
        data = block.data
        begins = 0
        if not self.state.awake:
            begins = _wakes(data)
            if begins < 0:
                return []
            self.state.awake = True
        places = sorted(place for place in _places(data) if place >= begins)
        first = self.state.lines
        self.state.lines += data.count(b"\n")
        if not places and not self.state.waiting:
            return []
        events: list[Event] = []
        position, line, counted, passed = 0, block.start.line, 0, 0
        while position < len(data):
            start = position
            if not self.state.waiting:
                passed = bisect_left(places, position, passed)
                if passed == len(places):
                    break
                start = max(position, data.rfind(b"\n", position, places[passed]) + 1)
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
            raw = data[start:end]
            if not self.state.waiting or self._worth_reading(raw):
                line += data.count(b"\n", counted, start)
                counted = start
                at = block.where(start, line)
                self._queue.line = first + line - block.start.line
                for whole in self._framing.torn(raw):
                    self._read(at, whole)
                events += self._queue.leave(at)
            position = end + 1
        return events

    def _worth_reading(self, raw: bytes) -> bool:
        """Return whether a line behind an open message may be of interest."""
        if self._queue.continues or b"***" in raw:
            return True
        width = self.state.width
        if width and raw[width - 2 : width] != b"| ":
            width = self._framing.width(raw)  # columns of pasted text are not padded
        head = raw[width : width + 3]
        if head in _BODIES or head[:1] == b"<":
            return True
        return bool(_ANY.search(raw))

    def finish(self) -> list[Event]:
        """Return what waits behind a message that will not be ended: the input is over, or has gone quiet."""
        self._queue.cut()
        waiting = self.state.waiting
        return self._queue.leave(waiting[0].at) if waiting else []

    def _read(self, at: Where, raw: bytes) -> None:
        self.state.width = width = self._framing.width(raw)
        body = raw[width:]
        if body.startswith(b'{"'):
            return  # the product's own log lines, as JSON: what they quote is nobody's handshake
        text = redaction.decoded(body)  # what is kept of it goes through another door
        if self.state.waiting:
            self._queue.settle(text.strip())
        if body[:3] in _BODIES and not self._queue.continues and not _MORE.search(body):
            self._queue.body(text.strip())
            return
        frame = self._framing.split(raw[:width])
        if frame.jvm is not None and frame.jvm != self.state.jvm:
            self._queue.cut()
            self.state.familiar.clear()
            self.state.jvm = frame.jvm
        if self._queue.continues and self._queue.carry_on(text):
            return
        if not self.state.ibm and _IBM.search(text):
            self.state.ibm = True
        dialect = Dialect.IBM_JSSE if self.state.ibm else Dialect.JSSE_LEGACY

        def event(what: Happening, thread: str | None = None) -> Event:
            speaker = Speaker(dialect, frame.jvm, thread, thread or "")
            return Event(at, frame.when, speaker, what, _evidence(f"{thread or ''}{shown}".lstrip(", ")))

        named = lines.NAMED.match(text) if _NAMED.search(body) else None
        heading = text.find("***")
        # what stands before a line that begins amid another is a piece of anything
        shown = text[named.end("thread") :] if named else text[max(heading, 0) :]
        if named:
            self._named(named, event)
            return
        if heading >= 0 and text[heading:].rstrip() == "***":
            self._queue.end(at)
        elif heading >= 0:
            self._heading(text[heading:], event)
        else:
            self._anonymous(text.strip(), event)

    def _named(self, found: re.Match[str], event: Callable[..., Event]) -> None:
        """Take a line that carries a thread's name."""
        thread = thread_name(found["thread"], self.state.familiar)
        if found["record"]:
            self.state.v2 = found["record"] == "READ" and not found["version"]
        if found["fatal"] is not None:
            self._queue.open(
                Kind.EXCEPTION, event(Started(), thread), value=redaction.clean(found["fatal"].strip())
            )
            return
        what = lines.happening(found)
        if what is None or (thread is None and found["record"]):
            return
        if isinstance(what, Failed) and found["exception"].rstrip().endswith("internal cause is:"):
            self._queue.open(
                Kind.EXCEPTION, event(Started(), thread), value=redaction.clean(found["exception"].rstrip())
            )
            return
        self._queue.put(event(what, thread))

    def _heading(self, text: str, event: Callable[..., Event]) -> None:
        """Take a line that begins a handshake message."""
        found = _MESSAGE.match(text)
        if found is None:
            return
        other = Message.SERVER_KEY_EXCHANGE if "Server" in found["name"] else Message.CLIENT_KEY_EXCHANGE
        message, kind = _MESSAGES.get(found["name"], (other, Kind.DONE))
        disturbed = self._queue.interrupt(kind, expected_after_request=message is Message.SERVER_HELLO_DONE)
        if kind is Kind.DONE:
            self._queue.put(event(Said(message, sent=None)))
            return
        opened = self._queue.open(kind, event(Started()))
        opened.message = message
        opened.mixed = disturbed
        version = version_name(found["version"] or "")
        opened.versions = [version] if version else []
        if message is Message.CLIENT_HELLO:
            opened.v2, self.state.v2 = self.state.v2, False

    def _anonymous(self, text: str, event: Callable[..., Event]) -> None:
        """Take a line without a thread's name that is no heading."""
        session = _SESSION.match(text)
        if session:
            self._queue.put(event(Fact(FactKind.SESSION, _session_words(session))))
        elif text.startswith("found key for : "):
            disturbed = self._queue.interrupt(Kind.KEY)
            alias = redaction.name(text[16:].strip(), redaction.LIMIT)
            self._queue.open(Kind.KEY, event(Started()), value=alias).mixed = disturbed
        elif text.startswith("adding as trusted cert"):
            self._queue.close(self._queue.newest(Kind.ANCHOR))
            self._queue.open(Kind.ANCHOR, event(Started())).chain.append({})
        else:
            for beginning, make in _SINGLE:
                if text.startswith(beginning):
                    rest = redaction.clean(text[len(beginning) :].strip())
                    self._queue.put(event(make(rest[: redaction.LIMIT])))
                    return
            if self.state.waiting:
                self._queue.body(text)


def _session_words(found: re.Match[str]) -> str:
    """Return the session's label, which end prints such a line, and whether the session is complete.

    A client names the suite when it begins a session; a session without one is begun by both ends.
    """
    says = found["says"]
    if says.startswith("Cached"):
        return f"{found['label']} {says.split()[1]} cached"
    if says == "Negotiating":
        return f"{found['label']} {Role.SERVER}"
    return found["label"] if found["suite"] == _NO_SUITE else f"{found['label']} {Role.CLIENT}"


def _wakes(data: bytes) -> int:
    """Return the start of the first line that only this dialect prints, or -1."""
    found = [mark.search(data) for mark in _WAKING]
    first = min((one.start() for one in found if one), default=-1)
    return first if first < 0 else data.rfind(b"\n", 0, first) + 1


def _places(data: bytes) -> Iterator[int]:
    """Yield where the marks of interesting lines stand, in no order."""
    for mark in _MARKS:
        for found in mark.finditer(data):
            yield found.start()
    for word in _WORDS:
        place = data.find(word)
        while place >= 0:
            yield place
            place = data.find(word, place + 1)


@remembered(SHOWN_LIMIT, len, 500)
def _evidence(shown: str) -> str:
    """Return a line fit to be shown; the same record lines come again and again."""
    return redaction.evidence(shown.encode())
