"""JSSE's debug text since 8u262 and 11: `javax.net.ssl|LEVEL|thread id|thread|time|File.java:line|message`.

A record is a header, found anywhere in a line (foreign text may precede it without a line end), and, where
the message ends with "(", body lines up to a line that is ")". Records of one JVM never interleave
(sun.security.ssl.SSLLogger writes each with one println), so one open record at a time is all the memory
needed. Of a body only named fields are kept, line by line; so it does not matter where a block ends.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from agent.dialects import jsse_records
from agent.dialects.jsse_bodies import PICKERS, Picks, closes, torn
from agent.dialects.remembered import remembered
from agent.framing.envelope import Framing, moment
from agent.model.block import Block, Where
from agent.model.events import Event, Happening, Speaker
from agent.model.vocabulary import Dialect
from agent.redaction import evidence, name, text

_MARK = b"javax.net.ssl|"

_TIME = rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{3}) ([^|\n]{1,40})"
_FILE = rb"(?:[\w$]+\.java:-?\d+|null:-1)"  # 11.0.13 prints null:-1

_HEADER = re.compile(
    rb"javax\.net\.ssl\|[A-Z]+\|([0-9A-Fa-f]*)\|"
    # The name of a thread may hold "|". The usual one is tried first and for good: a header of no interest,
    # which most are, must not be searched again for longer names.
    rb"((?>[^|\n]*(?=\|\d{4}-\d\d-)|[^\n]*(?=\|\d{4}-\d\d-)))\|"
    + _TIME
    + rb"\|"
    + _FILE
    + rb"\|("
    + jsse_records.INTERESTING
    + rb"[^\r\n]*)"
)
_DISGUISED = re.compile(
    rb"javax\.net\.ssl\|[A-Z]+\|([0-9A-Fa-f]*)\|([^\n]*)\|" + _TIME + rb"\|" + _FILE + rb"\|([^\r\n]*)"
)
"""For a name that holds a time as well: the last header of the line counts."""
_SECOND_TIME = re.compile(rb"\|\d{4}-\d\d-\d\d ")

_OFFSET = re.compile(r"(?:GMT|UTC)([+-])(\d\d):?(\d\d)")

OPEN_RECORD_LIMIT = 4 << 20
"""Bytes of one record: the dump of a whole trust store is a few hundred kB."""

_PICKS_LIMIT = 4000
"""Fields of one record after which no more are looked for: some for each certificate of a trust store."""

_PICKED_LIMIT = 1 << 18
"""Characters of all of them: a trust store of the size of Java's own has a tenth."""

_BARE, _WRAPPED, _ANY = "\n)", "| )", ")"
"""How the closing line of a record is looked for: by the prefix of its header, else by its ")" alone."""

_TORN = frozenset({"hello", "authorities", "throwable"})
"""Kinds of bodies in which it counts that another writer's text is there."""

_NAME_LIMIT = 200
"""Characters of a thread's name that are kept."""

_ID_LIMIT = 20
"""Characters of a thread's id: 64 bits in hex are 16."""

_MESSAGE_LIMIT = 2000
"""Characters of a message: an exception text with the longest names that were seen has under a thousand."""

_SHORT = 500
"""Bytes of a message that is remembered; an exception's may be longer, and differs each time."""

_SECONDS_LIMIT = 256


@dataclass(slots=True)
class OpenRecord:
    """A record whose end was not seen yet, and the fields found in it so far.

    `width` is the length of its lines' prefix. `shut` says that the last line seen can be the body's last
    one, `torn` that another writer's text was met in it.
    """

    at: Where
    when: datetime | None
    speaker: Speaker
    message: str
    text: str
    closing: str
    picks: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0
    clocks: tuple[datetime, datetime] | None = None
    full: bool = False
    width: int = 0
    shut: bool = False
    torn: bool = False


@dataclass(slots=True)
class State:
    """All that the reader remembers between blocks."""

    record: OpenRecord | None = None


class Reader:
    """Reads events out of blocks; one for each log."""

    dialect = Dialect.JSSE

    def __init__(self, framing: Framing, state: State | None = None) -> None:
        self._framing = framing
        self._seconds: dict[tuple[bytes, bytes], datetime | None] = {}
        self.state = state or State()

    def feed(self, block: Block) -> list[Event]:
        """Return the events of the records that end in this block."""
        data = block.data
        record = self.state.record
        if record is None and _MARK not in data:
            return []
        events: list[Event] = []
        if record is not None and not self._body(record, block, 0, events):
            return events
        line, counted = block.start.line, 0
        for found in _HEADER.finditer(data):
            start = data.rfind(b"\n", 0, found.start()) + 1
            line += data.count(b"\n", counted, start)
            counted = start
            at = block.where(start, line)
            if b"|" in found[6] and _SECOND_TIME.search(found[6]):
                found = _DISGUISED.match(data, found.start()) or found  # noqa: PLW2901  (the same header)
            prefix = data[start : found.start()]
            identifier, thread, time, milliseconds, zone, message = found.groups()
            frame = self._framing.split(prefix)
            if frame.quoted:
                continue
            speaker = _speaker(frame.jvm, identifier, thread)
            second = self._second(time, zone)
            when = second and second.replace(microsecond=int(milliseconds) * 1000)
            clocks = (when, frame.when) if when and frame.when else None
            whole = _whole(message)
            if whole is None:
                closing = _BARE if not prefix else _WRAPPED if prefix.endswith(b"| ") else _ANY
                width = self._framing.width(data[start : found.end()]) if frame.foreign else len(prefix)
                record = self.state.record = OpenRecord(
                    at, when, speaker, *_message(message), closing, clocks=clocks, width=width
                )
                self._body(record, block, found.end(), events)
            else:
                events.extend([Event(at, when, speaker, what, shown, clocks=clocks) for what, shown in whole])
        return events

    def finish(self) -> list[Event]:
        """Return the event of a record that the end of the input cut off."""
        events: list[Event] = []
        if self.state.record is not None:
            self._close(self.state.record, None, events)
        return events

    def _body(self, record: OpenRecord, block: Block, start: int, events: list[Event]) -> bool:
        """Take body lines from `start` on; True when the record ended."""
        data = block.data
        limit = data.find(_MARK, start)
        if limit >= 0:
            limit = data.rfind(b"\n", start, limit) + 1 or (limit if start else 0)
        kind = jsse_records.body(record.message) or ""
        end = _body_end(data, start, len(data) if limit < 0 else limit, record, kind)
        ended = end >= 0 or limit >= 0
        stop = end if end >= 0 else limit if limit >= 0 else len(data)
        room = OPEN_RECORD_LIMIT - record.size
        if stop - start > room:
            ended, end, limit = True, -1, max(start, data.rfind(b"\n", start, start + room) + 1)
            stop = limit
        if kind and not record.full:
            PICKERS[kind](data, start, stop, record.picks)
            record.full = _cut(record.picks)
            del record.picks[_PICKS_LIMIT:]
        record.shut = _shut(data, start, stop, record, kind)
        record.torn = record.torn or (kind in _TORN and torn(data, start, stop, record.width))
        record.size += stop - start
        if ended:
            # what ends a record that was cut off is not a part of it any more
            self._close(record, block.reached(end if end >= 0 else limit - 1), events)
        return ended

    def _close(self, record: OpenRecord, known: int | None, events: list[Event]) -> None:
        self.state.record = None
        marks = [(mark, "") for mark, holds in (("cut", not record.shut), ("torn", record.torn)) if holds]
        for what, shown in jsse_records.happenings(record.message, (*record.picks, *marks), record.text):
            clocks = record.clocks
            events.append(Event(record.at, record.when, record.speaker, what, shown, known, clocks))

    def _second(self, time: bytes, zone: bytes) -> datetime | None:
        """Return the time of a header to the second, remembered: neighbours share it."""
        key = (time, zone)
        if key not in self._seconds:
            if len(self._seconds) >= _SECONDS_LIMIT:
                self._seconds.clear()
            fields = (*re.split(rb"[-: ]", time), b"0")
            self._seconds[key] = moment(fields, _zone(text(zone).strip(), self._framing.zone))
        return self._seconds[key]


@remembered(4096, lambda _jvm, identifier, thread: len(identifier) + len(thread), _NAME_LIMIT)
def _speaker(jvm: int | None, identifier: bytes, thread: bytes) -> Speaker:
    called = name(thread, _NAME_LIMIT)
    return Speaker(Dialect.JSSE, jvm, called, f"{name(identifier, _ID_LIMIT)}|{called}")


@remembered(4096, len, _SHORT)
def _whole(message: bytes) -> tuple[tuple[Happening, str], ...] | None:
    """Return what a record without a body says; None for one whose body is of interest."""
    said, shown = _message(message)
    if jsse_records.bodied(said):
        return None
    return jsse_records.happenings(said, (), shown)


@remembered(4096, len, _SHORT)
def _message(message: bytes) -> tuple[str, str]:
    """Return a message and the line to show for it."""
    return text(message, _MESSAGE_LIMIT), evidence(message.removesuffix(b" ("))


def _cut(picks: Picks) -> bool:
    """Cut fields to those that are kept, the first ones; True if there was something to cut off."""
    room = _PICKED_LIMIT
    for index, (_, value) in enumerate(picks):
        room -= len(value)
        if room < 0 or index >= _PICKS_LIMIT:
            del picks[index:]
            return True
    return False


def _zone(printed: str, default: tzinfo) -> tzinfo:
    if printed in {"UTC", "GMT", "Z"}:
        return UTC
    found = _OFFSET.fullmatch(printed)
    if found is None or int(found[2]) > 23:  # noqa: PLR2004  (hours of an offset that a timezone can have)
        return default
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


def _body_end(data: bytes, start: int, limit: int, record: OpenRecord, kind: str) -> int:
    """Return where the line that closes a record begins its ")", or -1.

    Stack frames end with ")" too, and other writers print what they like; the closing line holds nothing else
    behind its prefix, and follows the last line of the body.
    """
    if record.closing == _BARE and start == 0 and data[:1] == b")" and data[1:2] in b"\r\n" and record.shut:
        return 0
    mark = record.closing.encode()
    at = data.find(mark, start, limit)
    while at >= 0:
        place = at + len(mark) - 1
        if data[place + 1 : place + 2] in b"\r\n":
            begin = data.rfind(b"\n", 0, place) + 1
            line = data[begin:place].rstrip()
            alone = not line or line.endswith((b"|", b" F", b" P"))
            if alone and _shut(data, start, begin, record, kind):
                return place
        at = data.find(mark, at + 1, limit)
    return -1


def _shut(data: bytes, start: int, stop: int, record: OpenRecord, kind: str) -> bool:
    """Return whether the last line before `stop` that is not blank can be the last one of the body."""
    while stop > start:
        begin = max(start, data.rfind(b"\n", start, stop - 1) + 1)
        if data[begin + record.width : stop].strip():
            return closes(kind, data[begin:stop])
        stop = begin
    return record.shut
