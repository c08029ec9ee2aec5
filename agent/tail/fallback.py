"""The file that the wrapper writes when it may not write its log: nothing in the log itself tells of it.

The Java Service Wrapper then goes on in `wrapper.log` of its working directory, and says so there (its
logger.c). Which directory that is, its configuration decides; it is looked for around the log, where the
product's installer puts it.
"""

import os
import stat
from pathlib import Path

from agent.tail import naming
from agent.tail.generation import open_regular

NAME = "wrapper.log"

_SAID = b"Unable to write to the configured log file: "
_PIECE = 1 << 20
"""Bytes of the beginning and of the end in which it is looked for: it is the first that is written there."""


def fallback(path: Path) -> Path | None:
    """Return the file that is written in place of a log now; None where none is found or can be read."""
    above = path.parent.parent
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    for folder in (above / "bin", above, above / "configuration"):
        one = folder / NAME
        try:
            status = one.stat()
            newer = stat.S_ISREG(status.st_mode) and status.st_mtime_ns > changed
            if newer and one != path and _names(one, status.st_size, path):
                return one
        except OSError:
            continue
    return None


def mend(path: Path, written: Path) -> str:
    """Return the sentence that tells of it."""
    return (
        f"the wrapper cannot write {path} and writes {written} instead; give the server's user the right to "
        f"write {path} and {path.parent}, restart the server, and read {written} with wmtls explain"
    )


def _names(one: Path, size: int, path: Path) -> bool:
    """Tell whether a file says that it is written in place of a log."""
    fd = open_regular(one)
    try:
        text = os.pread(fd, _PIECE, 0) + b"\n" + os.pread(fd, _PIECE, max(_PIECE, size - _PIECE))
    finally:
        os.close(fd)
    at = text.rfind(_SAID)
    if at < 0:
        return False
    told = text[at + len(_SAID) :].partition(b"\n")[0]
    name = Path(os.fsdecode(told.rpartition(b" (")[0] or told)).name
    return bool(naming.members(path, [name]))
