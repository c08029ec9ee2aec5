"""The prefix of a line: which JVM printed it, and when.

The Tanuki wrapper builds the prefix from a format string: any of the tokens L P D Q T Z U R G W J in any
order, each padded to its column and followed by " | "; text that was pasted has its blanks collapsed. So a
prefix is a run of tokens at the start of the line, each kind once, whatever their order. Container runtimes
put their own time before it. What stands between the run and the debug text is the application's, and may
look like anything, also like a token: it is not searched. Only a whole second prefix counts, for a line that
was torn by a crash or a full disk holds two: the last one belongs to the debug text.

Columns: logger.c of the wrapper, and the output of 3.5.51 for each token. Prefixes are parsed only for lines
that become events.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise

_JUNK = rb"(?:\x00++|\xef\xbb\xbf)*+"
"""What can stand before a prefix: zeros that a truncation or a crash left, a byte order mark."""

_LEAD = re.compile(
    _JUNK + rb"(?:(?P<container>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) "
    rb"(?:std(?:out|err) [FP](?::\S*)? |\| )?"
    # Docker Desktop's list of a container's lines, in local time
    rb"|(?P<desktop>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \| )?" + _JUNK
)

_TIMES = rb"(?P<millis>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{3})|(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)"

_TOKEN = re.compile(
    rb"(?:(?P<level>NONE|DEBUG|INFO|STATUS|WARN|ERROR|FATAL|ADVICE|NOTICE)"
    rb"|(?P<source>wrapperp?|jvm +(?:\d{1,9}|ver\.)|init)"
    rb"|(?P<thread>signal|main|srvmain|timer|javaio|startup|unknown)"
    rb"|" + _TIMES + rb"| *(?P<number>\d{1,10}|-{7,8})"  # U R G W J
    rb"|(?P<blank>Q?))"  # Q, and R on the wrapper's own lines
    rb" *\|(?: |(?=\r?$))"  # a message may be empty, and the last blank stripped
)

_COUNTS = {"level": 1, "source": 1, "thread": 1, "millis": 1, "time": 1, "number": 5, "blank": 2}
"""How often a prefix can hold each kind of token."""

_PADDED_LEVEL = rb"(?P<level>NONE  |DEBUG |INFO  |STATUS|WARN  |ERROR |FATAL |ADVICE|NOTICE)"
_PADDED_SOURCE = rb"(?P<source>wrapper |wrapperp|jvm (?:\d   |\d\d  |\d{3} |\d{4,9}|ver\.))"

_AGAIN = re.compile(rb"(?:" + _PADDED_LEVEL + rb"|" + _PADDED_SOURCE + rb"|" + _TIMES + rb") \| ")
"""Where a second prefix may begin amid a line: only as the wrapper writes it."""

_PADDED = re.compile(
    rb"(?:"
    + _PADDED_LEVEL
    + rb"|"
    + _PADDED_SOURCE
    + rb"|"
    + _TIMES
    + rb"|(?P<thread>signal |main   |srvmain|timer  |javaio |startup|unknown)"
    rb"|(?P<number> {0,7}\d{1,10}|-{7,8})|(?P<blank>Q| {1}| {8})) \| "
)

_CLOCK = re.compile(
    rb"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?(Z|[+-]\d\d:\d\d)?"
)

_OBJECT = re.compile(rb'\{[ \t]*"')
_ESCAPED = re.compile(rb"\\.")

CACHED_PREFIXES = 4096
"""Prefixes remembered: within one second all lines of a JVM share theirs, so a few would do."""

_CACHED_LENGTH = 200
"""Bytes of a prefix that is remembered; a longer one holds other text, and will hardly come again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a prefix says; None where it does not tell.

    `jvm` is the wrapper's index of the JVM, `when` the time at which the line was written. `own` is True for
    a line of the wrapper itself and False for one of a JVM. `begin` is where the prefix itself begins, behind
    the rest of a line that was torn. `foreign` says that other text stands between
    the prefix and the debug text; `quoted`, that this text is a JSON object with the debug text in a string
    of it: somebody tells of it, and nobody's handshake goes on.
    """

    jvm: int | None
    when: datetime | None
    own: bool | None = None
    begin: int = 0
    foreign: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Envelope:
    """A run of tokens: where it stands, which kinds it has, and what two of them say."""

    begin: int
    end: int
    kinds: tuple[str, ...]
    source: bytes | None = None
    time: bytes | None = None

    @property
    def telling(self) -> list[str]:
        """Return the kinds, without the numbers: one of them is blank on the wrapper's own lines."""
        return [kind for kind in self.kinds if kind not in {"number", "blank"}]


class Framing:
    """Reads prefixes; times without a zone (the wrapper prints none) are read in `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._seen: dict[bytes, Frame] = {}
        self._last = b""

    def split(self, prefix: bytes) -> Frame:
        """Return what the bytes between the line's start and the debug text say."""
        frame = self._seen.get(prefix)
        if frame is None:
            frame = self._read(prefix)
            if len(prefix) <= _CACHED_LENGTH:
                if len(self._seen) >= CACHED_PREFIXES:
                    self._seen.clear()
                self._seen[prefix] = frame
        return frame

    def width(self, line: bytes) -> int:
        """Return how many bytes at the start of a line are its prefix: the message begins behind them."""
        if self._last and line.startswith(self._last) and not _TOKEN.match(line, len(self._last)):
            return len(self._last)  # neighbours share it
        lead = _LEAD.match(line)
        start = lead.end() if lead else 0
        end = _tokens(line, start).end
        # zeros alone, or a bar that ends the line, go on otherwise in another line
        self._last = line[:end] if end > start and line[end - 1 : end] == b" " else b""
        return end

    def torn(self, line: bytes) -> list[bytes]:
        """Return the lines of which a physical one consists: one that a crash tore has the next behind it."""
        if line.find(b" | ", self.width(line)) < 0:
            return [line]
        lead = _LEAD.match(line)
        outer = _tokens(line, lead.end() if lead else 0)
        begins = [0, *(inner.begin for inner in _further(line, outer)), len(line)]
        return [line[begin:end] for begin, end in pairwise(begins)]

    def _read(self, prefix: bytes) -> Frame:
        lead = _LEAD.match(prefix)
        outer = _tokens(prefix, lead.end() if lead else 0)
        envelope = deque((outer, *_further(prefix, outer)), 1).pop()
        clock = (lead and lead["container"]) or envelope.time or (lead and lead["desktop"])
        source = envelope.source
        number = source[3:].strip() if source and source.startswith(b"jvm") else b""
        return Frame(
            jvm=int(number) if number.isdigit() else None,
            when=self._moment(clock) if clock else None,
            own=None if source is None else source.startswith(b"wrapper"),
            begin=0 if envelope is outer else envelope.begin,
            foreign=envelope.end < len(prefix),
            quoted=_quoted(prefix[envelope.end :]),
        )

    def _moment(self, clock: bytes) -> datetime | None:
        found = _CLOCK.match(clock)
        if found is None:
            return None
        milliseconds = (found[7] or b"0").ljust(3, b"0")
        return moment((*found.groups()[:6], milliseconds), self._zone(found[8]))

    def _zone(self, printed: bytes | None) -> tzinfo:
        if printed is None:
            return self.zone
        if printed == b"Z":
            return UTC
        hours, minutes = int(printed[1:3]), int(printed[4:6])
        if hours > 23:  # noqa: PLR2004  (hours of an offset that a timezone can have)
            return self.zone
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if printed[:1] == b"-" else offset)


def _tokens(data: bytes, start: int, token: re.Pattern[bytes] = _TOKEN) -> _Envelope:
    """Return the run of tokens that begins at data[start], empty where there is none."""
    end, kinds = start, list[str]()
    source = time = None
    while found := token.match(data, end):
        kind = found.lastgroup or ""
        if kinds.count(kind) >= _COUNTS[kind]:
            break  # the message begins like a token
        kinds.append(kind)
        end = found.end()
        if kind == "source":
            source = found[kind]
        elif kind == "millis" or (kind == "time" and time is None):
            time = found[kind]
    if set(kinds) <= {"blank"}:
        return _Envelope(start, start, ())  # a table that somebody prints has bars, too
    return _Envelope(start, end, tuple(kinds), source, time)


def _further(line: bytes, outer: _Envelope) -> Iterator[_Envelope]:
    """Yield the whole runs of tokens behind that of the line's start: of the same kinds, but if it is torn.

    One that says an earlier time is no second line but text about an old one.
    """
    last = outer
    for found in _AGAIN.finditer(line, outer.end):
        if found.start() < last.end:
            continue
        inner = _tokens(line, found.start(), _PADDED)
        alike = inner.telling[: len(outer.telling)] == outer.telling
        whole = alike if outer.telling else len(inner.telling) > 1
        if whole and not (last.time and inner.time and inner.time < last.time):
            last = inner
            yield inner


def _quoted(text: bytes) -> bool:
    """Return whether a JSON object begins a text and ends within a string."""
    return bool(_OBJECT.match(text)) and _ESCAPED.sub(b"", text).count(b'"') % 2 == 1


def moment(fields: tuple[bytes, ...], zone: tzinfo) -> datetime | None:
    """Return the time of year, month, day, hour, minute, second, milliseconds; None if it is no time.

    Hour 24 is midnight at the start of the printed day: JSSE formats hours with "kk" (1 to 24).
    """
    year, month, day, hour, minute, second, milliseconds = (int(f) for f in fields)
    try:
        return datetime(year, month, day, hour % 24, minute, second, milliseconds * 1000, zone)
    except ValueError:
        return None
