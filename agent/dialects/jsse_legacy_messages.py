"""Messages of several lines of legacy JSSE, while they are open, and the events that wait behind them.

A ClientHello, a chain or a list of authorities is printed line by line, and lines of other threads come in
between. A message that another one interrupts may lack fields or hold foreign ones: what is then not sure is
not told (a hello without the name it may have indicated would be a lie).

A little longer than most modules: each kind of message has its own way to end, and to be disturbed.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any

from agent import redaction
from agent.codec import pack_event, unpack_event
from agent.dialects import jsse_legacy_lines as lines
from agent.dialects.jsse_legacy_certificates import certificate, read_field
from agent.model.block import Where
from agent.model.events import Event, Happening, Hello, Said, Speaker, StoreEntry
from agent.model.tls import Message, suite_name

WAITING_LIMIT = 64
"""Events that wait behind an open message: it is printed within milliseconds."""

OPEN_BYTES_LIMIT = 128 << 10
"""Bytes after which an open message is taken as cut off: three chains' dumps may come in between."""

LIST_LIMIT = 1000
"""Suites, authorities or certificates of one message."""

LOOSE_LINES = 1000
"""Lines within which the end of an interrupted message comes: a chain of three is printed in 300."""

CONTINUATION_LIMIT = 6
"""Lines that may follow an exception's first one: IBM's chains of "internal cause is:" have two or three."""

_CAUSE = "internal cause is:"
_CLOCK = re.compile(r"GMT: (-?\d{1,10}) bytes")
_SERVER_NAME = re.compile(r"(?:value=|\[host_name: )([^\],]+)")
_AUTHORITY = re.compile(r"<[A-Za-z0-9.]{1,60}=")
"""How a distinguished name begins; XML that an application prints, and a piece of a dump of it, do not."""
_EXCEPTION_LINE = re.compile(r"(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error)\b")
_TLS13 = re.compile(r"Unknown 0x13:|Unsupported extension type_43, data: (?:[0-9a-f]{2}:)*03:04")


class Kind(StrEnum):
    """What is open."""

    DONE = "done"  # nothing: an event that only waits
    HELLO = "hello"
    REQUEST = "request"  # CertificateRequest
    CHAIN = "chain"  # Certificate
    KEY = "key"  # "found key for": the chain of an own key
    ANCHOR = "anchor"  # "adding as trusted cert": five lines
    PASSED = "passed"  # only its closing "***" matters
    EXCEPTION = "exception"


@dataclass(slots=True)
class Waiting:
    """A message that is open, or (`kind` DONE) a whole event, packed, that must not overtake one.

    `mixed` says that another message came in between. `ending` says that a chain has ended unless the next
    line shows that the "***" was another one's. `line` numbers the lines of the text, where a file has those
    of others in between. `clock` is the time that a hello itself holds.
    """

    at: Where
    kind: Kind
    packed: dict[str, Any] | None = None
    when: datetime | None = None
    speaker: Speaker | None = None
    text: str = ""
    value: str = ""
    message: Message | None = None
    versions: list[str] = field(default_factory=list)
    suites: list[str] = field(default_factory=list)
    server_name: str | None = None
    items: list[str] = field(default_factory=list)
    chain: list[dict[str, str]] = field(default_factory=list)
    empty: bool = False
    mixed: bool = False
    ending: bool = False
    v2: bool = False
    clock: datetime | None = None
    line: int = 0


@dataclass(slots=True)
class Loose:
    """Messages that others have interrupted: how many "***" are still to come, and the last one's line.

    `requests` numbers the CertificateRequests among them whose list may go on, `request` is the last's line.
    """

    ends: int = 0
    line: int = 0
    requests: int = 0
    request: int = 0


class Queue:
    """The open messages and the waiting events, in the order of the lines on which they begin.

    `line` is the number of the text's line that is being read, 0 where only the file's is known.
    """

    def __init__(self, waiting: list[Waiting], zone: tzinfo, loose: Loose | None = None) -> None:
        self.waiting = waiting
        self.loose = loose or Loose()
        self.line = 0
        self._zone = zone
        self._out: list[Event] = []

    def put(self, event: Event) -> None:
        """Add a whole event."""
        if self.waiting:
            self.waiting.append(Waiting(event.at, Kind.DONE, pack_event(event)))
        else:
            self._out.append(event)

    def open(self, kind: Kind, event: Event, *, value: str = "") -> Waiting:
        """Begin a message of several lines; `event` says where, when and who."""
        opened = Waiting(event.at, kind, when=event.when, speaker=event.speaker, text=event.text, value=value)
        opened.line = self.line or event.at.line
        self.waiting.append(opened)
        return opened

    def newest(self, *kinds: Kind) -> Waiting | None:
        """Return the open message of these kinds that began last."""
        for waiting in reversed(self.waiting):
            if waiting.kind in kinds:
                return waiting
        return None

    def interrupt(self, beginning: Kind, *, expected_after_request: bool = False) -> bool:
        """Take note that a message begins; return whether lines of another one may still follow."""
        self.close(self.newest(Kind.ANCHOR))
        before = self._end_request(expected=expected_after_request)
        chains = (Kind.CHAIN, Kind.KEY)
        message = self.newest(Kind.HELLO, Kind.PASSED)
        if message:
            message.mixed = True
            if beginning not in chains:
                self._loosen(message)
        chain = self.newest(*chains) if beginning in chains else None
        if chain:
            chain.mixed = True
            self._loosen(chain)
        return bool(chain or message or (before and beginning is Kind.REQUEST))

    def _end_request(self, *, expected: bool) -> bool:
        """End the CertificateRequest that is open; return whether lines of one may follow that did not end.

        A ServerHelloDone is `expected` behind each. One that another message has interrupted prints the rest
        of its list later.
        """
        request, loose = self.newest(Kind.REQUEST), self.loose
        if self.line - loose.request > LOOSE_LINES:
            loose.requests = 0
        if request and not expected:
            request.mixed = True
            loose.requests, loose.request = loose.requests + 1, request.line
        elif expected and not request:
            loose.requests = max(0, loose.requests - 1)
        self.close(request)
        return loose.requests > 0

    def _loosen(self, message: Waiting) -> None:
        """End a message that another one has interrupted: its "***" comes later."""
        self.loose.ends += 1
        self.loose.line = message.line
        self.close(message)

    def end(self, at: Where) -> None:
        """Take "***": the end of the hello or Finished that is open, else of the chain."""
        self.close(self.newest(Kind.ANCHOR))
        message = self.newest(Kind.HELLO, Kind.PASSED) or self.newest(Kind.CHAIN, Kind.KEY)
        line = self.line or at.line
        if not 0 <= line - self.loose.line < LOOSE_LINES:
            self.loose.ends = 0
        if self.loose.ends and (message is None or message.kind in {Kind.CHAIN, Kind.KEY}):
            self.loose.ends -= 1
            if message:
                message.mixed = True  # it may as well be its own
            return
        if message is None:
            return
        if not message.chain and line - message.line == 1:
            message.empty = True  # releases before 8u60 print nothing for an empty chain
        if message.kind is Kind.CHAIN and message.chain and not message.mixed:
            message.ending = True
        else:
            self.close(message)

    def settle(self, text: str) -> None:
        """End the chain that seemed to end with the line before, unless this line shows that it did not.

        A key's chain of the key manager begins with "***", too; and a chain goes on with its next number.
        """
        ending = next((one for one in self.waiting if one.ending), None)
        if ending:
            ending.ending = False
            if not text.startswith(("found key for : ", f"chain [{len(ending.chain)}]")):
                self.close(ending)

    def body(self, text: str) -> None:
        """Take a line of the body of whatever is open."""
        if text.startswith(("Cipher Suite", "Extension ", "Unsupported extension ", "RandomCookie: ")):
            hello = self.newest(Kind.HELLO)
            if hello:
                _read_hello(hello, text)
        elif text.startswith("<Empty>"):
            emptied = self.newest(Kind.CHAIN, Kind.REQUEST)
            if emptied and emptied.kind is Kind.REQUEST:
                _read_list(emptied, text)
            elif emptied:
                emptied.empty = True
                emptied.mixed = emptied.mixed or bool(emptied.chain)
        elif text.startswith("Cert Authorities:") or _AUTHORITY.match(text):
            request = self.newest(Kind.REQUEST)
            if request:
                _read_list(request, text)
        elif text.startswith("chain ["):
            chain = self.newest(Kind.CHAIN, Kind.KEY)
            if chain:
                _begin_certificate(chain, text)
        else:
            owner = self.newest(Kind.CHAIN, Kind.KEY, Kind.ANCHOR)
            if owner and owner.chain:
                read_field(text, owner.chain[-1])
                if owner.kind is Kind.ANCHOR and text.startswith("Valid from "):
                    self.close(owner)

    @property
    def continues(self) -> bool:
        """Whether the next line, whatever it is, may belong to an exception."""
        return bool(self.waiting) and self.waiting[-1].kind is Kind.EXCEPTION

    def carry_on(self, text: str) -> bool:
        """Take a line as the rest of an exception; False if it is none, which ends the exception."""
        opened = self.waiting[-1]
        nested = opened.value.endswith(_CAUSE)
        fits = bool(_EXCEPTION_LINE.match(text.strip())) or (nested and text[:1] in {"\t", " "})
        if fits:
            # "fatal error: 42: text" is followed by the exception itself
            said = redaction.clean(text.strip())
            opened.value = f"{opened.value} {said}" if nested else said
            opened.items.append("")
            if opened.value.endswith(_CAUSE) and len(opened.items) < CONTINUATION_LIMIT:
                return True
        self.close(opened)
        return fits

    def close(self, opened: Waiting | None) -> None:
        """Make the event of a message that has ended."""
        if opened is None or opened.speaker is None:
            return
        what = _told(opened, self._zone)
        if what is not None:
            when = opened.when or (None if opened.mixed else opened.clock)
            event = Event(opened.at, when, opened.speaker, what, opened.text)
            opened.packed = pack_event(event)
        opened.kind = Kind.DONE

    def cut(self) -> None:
        """End everything that is open, as interrupted."""
        for opened in self.waiting:
            if opened.kind is not Kind.DONE:
                opened.mixed = opened.mixed or not (opened.ending or opened.kind is Kind.EXCEPTION)
                self.close(opened)

    def leave(self, at: Where) -> list[Event]:
        """Return the events that nothing holds back, now that the line at `at` was read."""
        waiting, out = self.waiting, self._out
        if waiting:
            first = waiting[0]
            before = first.at.offset if first.at.identity == at.identity else 0  # the log was rolled
            far = at.offset - before > OPEN_BYTES_LIMIT
            if first.kind is not Kind.DONE and (far or len(waiting) > WAITING_LIMIT):
                first.mixed = True
                self.close(first)
            done = next((i for i, w in enumerate(waiting) if w.kind is not Kind.DONE), len(waiting))
            told = [unpack_event(w.packed) for w in waiting[:done] if w.packed]
            out += [replace(event, known=at.offset) for event in told]
            del waiting[:done]
        self._out = []
        return out


def cookie_time(printed: int) -> datetime | None:
    """Return the time of the first four bytes of a hello's random value (RFC 5246 section 7.4.1.2).

    The JDK prints the sum of signed bytes, so each digit to the base 256 is read as a signed one. For a hello
    of this JVM it is the clock; a peer may send anything. None before 2000: no JVM ran so early.
    """
    seconds = 0
    for place in range(4):
        digit = printed & 0xFF
        seconds |= digit << 8 * place
        printed = (printed - (digit - 256 if digit > 127 else digit)) >> 8  # noqa: PLR2004 - a signed byte
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment if moment.year >= 2000 else None  # noqa: PLR2004 - as the text above says


def _begin_certificate(chain: Waiting, text: str) -> None:
    """Take "chain [N] = [": a number out of turn is another chain's, whose heading was interrupted."""
    chain.mixed = chain.mixed or not text.startswith(f"chain [{len(chain.chain)}]")
    if len(chain.chain) < LIST_LIMIT:
        chain.chain.append({})


def _read_list(request: Waiting, text: str) -> None:
    """Take the heading of a list of authorities, one of them, or that there are none.

    What comes twice, or before the heading, is another one's, and so is a name in a list that is empty.
    """
    heading, none = text.startswith("Cert Authorities:"), text.startswith("<Empty>")
    torn = not heading and not text.endswith(">")
    request.mixed = request.mixed or torn or heading is request.empty or request.value == text
    request.empty = True
    if none:
        request.mixed, request.value = request.mixed or bool(request.items), text
    elif not heading:
        request.mixed = request.mixed or bool(request.value)
        if len(request.items) < LIST_LIMIT:
            request.items.append(redaction.name(text[1:].removesuffix(">")))


def _read_hello(hello: Waiting, text: str) -> None:
    if text.startswith("Cipher Suite"):
        listed = redaction.clean(text.partition(": ")[2].strip("[] "))
        hello.suites = [suite_name(s) for s in listed.split(", ") if s][:LIST_LIMIT]
    clock = _CLOCK.search(text)
    if clock:
        hello.clock = cookie_time(int(clock[1]))
    name = _SERVER_NAME.search(text)
    if name and text.startswith("Extension server_name"):
        hello.server_name = redaction.name(name[1].strip(), redaction.LIMIT)
    # these releases do not know TLS 1.3, but print what a client that does has sent
    newest = hello.message is Message.CLIENT_HELLO and _TLS13.search(text)
    if newest and "TLSv1.3" not in hello.versions:
        hello.versions.append("TLSv1.3")


def _told(opened: Waiting, zone: tzinfo) -> Happening | None:
    """Return what a message says, as far as it is sure."""
    chain = tuple(certificate(fields, zone) for fields in opened.chain)
    match opened.kind:
        case Kind.HELLO if opened.message:
            suites = () if opened.mixed else tuple(opened.suites)
            hello: Hello | None = Hello(tuple(opened.versions), suites, opened.server_name, v2=opened.v2)
            if opened.mixed and opened.message is Message.CLIENT_HELLO:
                hello = None
            return Said(opened.message, sent=None, hello=hello)
        case Kind.REQUEST:
            names = tuple(opened.items) if opened.empty and not opened.mixed else None
            return Said(Message.CERTIFICATE_REQUEST, sent=None, authorities=names)
        case Kind.CHAIN:
            known = bool(chain or opened.empty) and not opened.mixed
            return Said(Message.CERTIFICATE, sent=None, certificates=chain if known else None)
        case Kind.EXCEPTION:
            return lines.failure(opened.value)
        case Kind.KEY | Kind.ANCHOR if chain and chain[0].subject and not opened.mixed:
            return StoreEntry(opened.value if opened.kind is Kind.KEY else None, chain)
    return None
