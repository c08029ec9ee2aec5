"""Where another writer tore what a thread printed.

An application and the JVM's thread dumps write to standard output, the debug text goes to standard error, and
the wrapper reads both from one pipe: text of the one can stand amid a line of the other. What is lost by that
is decided by chance, so a handshake whose lines were torn need not show.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HEADER = re.compile(rb"javax\.net\.ssl\|(?:[A-Z]+\|(?:([0-9A-F]{2,})\|)?)?")
_WHOLE = re.compile(rb"\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^|]*\|[\w$.]+:-?\d+\|")
_OTHERS = re.compile(
    rb'no newline at the end of this piece; |\{"timestamp":"|java\.lang\.IllegalStateException: order '
    rb"|2026-11-23 07:25:55 UTC \[ISS|\[ISP\.0090\.0004C\]|</doc>|Partner says: |Gr\xc3\xb6\xc3\x9fe der "
    rb"|heartbeat |\tat Noise\.|\tat java\.base/java\.util\.concurrent\.|\tat java\.base/java\.lang\.Thread\."
)
"""What `java/Noise.java` prints; a part of a stack trace may look like one that JSSE prints, indented."""

_DUMP, _DUMPED = b"Full thread dump", b"JNI global ref"


@dataclass(frozen=True, slots=True)
class Tear:
    """Torn lines of a log, counted over all its files, and the id of their thread, "" if unknown."""

    first: int
    last: int
    thread: str = ""


def tears(files: Sequence[Path]) -> list[Tear]:
    """Return what was torn in the files of a log, the oldest first."""
    found: list[Tear] = []
    number, owner, dumping = 0, "", 0
    for path in files:
        for line in path.read_bytes().splitlines(keepends=True):
            number += 1
            if _DUMP in line:
                dumping = number
            if dumping and _DUMPED in line:
                found.append(Tear(dumping, number))
                dumping = 0
            header = _HEADER.search(line)
            if header:
                owner = (header[1] or b"").decode("ascii")
                if not _WHOLE.search(line, header.start()) or _OTHERS.search(line, header.end()):
                    found.append(Tear(number, number, owner))
            elif _amid(line):
                found.append(Tear(number, number, owner))
    if dumping:
        found.append(Tear(dumping, number))
    return found


def _amid(line: bytes) -> bool:
    """Return whether text of another writer begins amid a line without a header."""
    other = _OTHERS.search(line)
    if other is None:
        return False
    before = _PREFIX.sub(b"", line[: other.start()]).strip()
    return bool(before)


_PREFIX = re.compile(rb"^(?:[^|]*\| )*(?:no newline at the end of this piece; )*")
