"""The prefix of a line: which JVM printed it, and when.

The Tanuki wrapper builds the prefix from a format string (any of the tokens L P D Q T Z U R G M in any
order, padded or, in pasted text, collapsed); container runtimes put their own time before it. So nothing is
matched as a whole: the index of the JVM and the time are looked for in the bytes before the debug text, and
a line without either is as good as one with both. Prefixes are parsed only for lines that become events.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

_JVM = re.compile(rb"\bjvm +(\d{1,6})\b")
_WRAPPER_TIME = re.compile(rb"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?")
_CONTAINER_TIME = re.compile(rb"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3})\d*)?Z")

CACHED_PREFIXES = 4096
"""Prefixes remembered: within one second all lines of a JVM share theirs, so a few would do."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The wrapper's index of the JVM, and when the line was written; None where the prefix does not tell."""

    jvm: int | None
    when: datetime | None


class Framing:
    """Reads prefixes; times without a zone (the wrapper prints none) are read in `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._seen: dict[bytes, Frame] = {}

    def split(self, prefix: bytes) -> Frame:
        """Return what the bytes between the line's start and the debug text say."""
        frame = self._seen.get(prefix)
        if frame is None:
            if len(self._seen) >= CACHED_PREFIXES:
                self._seen.clear()
            frame = self._seen[prefix] = self._read(prefix)
        return frame

    def _read(self, prefix: bytes) -> Frame:
        jvm = _JVM.search(prefix)
        when = None
        for pattern, zone in ((_WRAPPER_TIME, self.zone), (_CONTAINER_TIME, UTC)):
            found = pattern.search(prefix)
            if found and when is None:
                when = moment(found.groups(b"0"), zone)
        return Frame(int(jvm[1]) if jvm else None, when)


def moment(fields: tuple[bytes, ...], zone: tzinfo) -> datetime | None:
    """Return the time of year, month, day, hour, minute, second, milliseconds; None if it is no time.

    Hour 24 is midnight at the start of the printed day: JSSE formats hours with "kk" (1 to 24).
    """
    year, month, day, hour, minute, second, milliseconds = (int(f) for f in fields)
    try:
        return datetime(year, month, day, hour % 24, minute, second, milliseconds * 1000, zone)
    except ValueError:
        return None
