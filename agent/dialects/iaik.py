r"""The debug text of IAIK iSaSiLk: one line per message, `ssl_debug(N): <message>`.

N numbers the connections of one JVM, and lines of several N interleave, so N is the key of a conversation.
Two messages take more than one line: a CertificateRequest, whose authorities follow one to a line, and an
exception that is none of input or output, whose stack trace follows. They are told when the connection says
something else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent import redaction
from agent.codec import pack_event, unpack_event
from agent.dialects import iaik_lines as lines
from agent.framing.envelope import Framing
from agent.model.block import Block, Where
from agent.model.events import Event, Failed, Happening, Said, Speaker, Throwable
from agent.model.tls import Message
from agent.model.vocabulary import Dialect

MAX_OPEN = 256
"""Messages open at once: each belongs to a handshake under way, and a server runs fewer at a time."""

MAX_AUTHORITIES = 1000
"""Names kept of one list; a server that trusts all public roots sends about 150."""

MAX_NAMES = 4000
"""Names kept of all lists that are open."""

_NAME_LIMIT = 300
_MAX_THROWABLES = 8

_LINE = re.compile(rb"ssl_debug\((\d{1,18})\): *([^\r\n]*)")
_NAMES_FOLLOW = re.compile(r"Accepted certificate authorities: *(.*)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMESTAMP = re.compile(r"Timestamp: ?\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) .{0,40}?(\d{4})\s*$")
_TRACE = re.compile(r"at [\w.$<>/]+\(|\.\.\. \d+ more")
_THROWN = re.compile(r"(?:Caused by: )?((?:[a-z]\w*\.)+[A-Z][\w$]*(?:: .*)?)$")


@dataclass(slots=True)
class Open:
    """A message whose lines are still being printed: its event, packed, and what followed so far.

    `names` are the authorities of a CertificateRequest, None before their heading; `thrown` the exceptions
    of a stack trace, outermost first.
    """

    event: dict[str, object]
    names: list[str] | None = None
    thrown: list[Throwable] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """The message that each connection has open, by "jvm/N", the oldest first; the JVM that speaks."""

    open: dict[str, Open] = field(default_factory=dict)
    jvm: int | None = None


class Reader:
    """Reads blocks of whole lines; the key of a connection is N."""

    dialect = Dialect.IAIK

    def __init__(self, framing: Framing, state: State | None = None) -> None:
        self._framing = framing
        self.state = state or State()

    def feed(self, block: Block) -> list[Event]:
        """Return the events of whole lines."""
        data = block.data
        events: list[Event] = []
        if not self.state.open and b"ssl_debug(" not in data:
            return []
        line, counted = block.start.line, 0
        for found in _LINE.finditer(data):
            start = data.rfind(b"\n", 0, found.start()) + 1
            line += data.count(b"\n", counted, start)
            counted = start
            events += self._read(block.where(start, line), data[start : found.start()], found)
        return events

    def finish(self) -> list[Event]:
        """Return the messages that no further line will end: the input is over."""
        return [event for key in list(self.state.open) for event in self._close(key, None)]

    def _read(self, at: Where, prefix: bytes, found: re.Match[bytes]) -> Iterator[Event]:
        frame = self._framing.split(prefix)
        if frame.quoted:
            return
        if frame.jvm is not None and frame.jvm != self.state.jvm:  # N begins anew
            self.state.jvm = frame.jvm
            for key in list(self.state.open):
                yield from self._close(key, at.offset - 1)
        number = int(found[1])
        raw = found[2]
        text = redaction.text(raw).replace("…", "...").strip()
        key = f"{frame.jvm}/{number}"
        opened = self.state.open.get(key)
        if opened is not None and self._follows(opened, text):
            return
        told = lines.happenings(text)
        if told is None:  # of a wording that nobody knows: nothing to rely on
            return
        yield from self._close(key, at.offset)
        speaker = Speaker(Dialect.IAIK, frame.jvm, None, str(number), number)
        printed = self._printed_time(text)
        clocks = (printed, frame.when) if printed and frame.when else None
        shown = redaction.evidence(raw)
        for happening in told:
            event = Event(at, frame.when or printed, speaker, happening, shown, clocks=clocks)
            if _goes_on(happening):
                if len(self.state.open) >= MAX_OPEN:
                    yield from self._close(next(iter(self.state.open)), at.offset)
                self.state.open[key] = Open(pack_event(event))
            else:
                yield event

    def _follows(self, opened: Open, text: str) -> bool:
        """Take a line that belongs to the message which its connection has open; False if it does not."""
        if opened.event["type"] == Failed.__name__:
            thrown = _THROWN.match(text)
            if thrown and len(opened.thrown) < _MAX_THROWABLES:
                opened.thrown.append(lines.throwable(thrown[1]))
            return bool(thrown or _TRACE.match(text))
        heading = _NAMES_FOLLOW.match(text)
        if heading:
            opened.names = [] if opened.names is None else opened.names
            text = heading[1]
        elif text.startswith("Accepted "):
            return True
        if opened.names is None or "=" not in text or lines.happenings(text) is not None:
            return bool(heading)
        kept = sum(len(other.names or ()) for other in self.state.open.values())
        if len(opened.names) < MAX_AUTHORITIES and kept < MAX_NAMES:
            opened.names.append(redaction.name(text, _NAME_LIMIT))
        return True

    def _close(self, key: str, known: int | None) -> Iterator[Event]:
        """Tell the message that a connection has open, now that it is whole."""
        opened = self.state.open.pop(key, None)
        if opened is None:
            return
        event = unpack_event(opened.event)
        what = event.what
        if isinstance(what, Said) and opened.names is not None:
            what = replace(what, authorities=tuple(opened.names))
        elif isinstance(what, Failed) and opened.thrown:
            what = replace(what, throwables=tuple(opened.thrown))
        yield replace(event, what=what, known=known)

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


def _goes_on(happening: Happening) -> bool:
    """Return whether more lines of a message follow: authorities, or the stack trace of an exception."""
    if isinstance(happening, Failed):
        return not happening.throwables[0].text and happening.final
    return isinstance(happening, Said) and happening.message is Message.CERTIFICATE_REQUEST
