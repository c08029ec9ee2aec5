"""A rolled file that was compressed: its text, in a file without a name.

logrotate compresses what it rolled, at once or one round later. What is held open is read to its end whatever
happens to its name; an archive matters where the agent was down meanwhile.
"""

import gzip
import os
import tempfile
import zlib
from pathlib import Path

from agent.tail import identity
from agent.tail.generation import open_regular

LIMIT = 4 << 30
"""Bytes of text that are unpacked: a wrapper's log is rolled at a hundredth of it."""

_PIECE = 1 << 20


def head(path: Path) -> bytes:
    """Return the first bytes of the text, as many as identify a file; raises OSError."""
    try:
        with os.fdopen(open_regular(path), "rb") as packed, gzip.GzipFile(fileobj=packed) as text:
            return text.read(identity.HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""


def unpack(path: Path) -> int | None:
    """Return an open file with the text; None for an archive that is damaged, or still being written.

    The caller closes it. Raises OSError, also for a text over `LIMIT` and where there is no room for it.
    """
    try:
        with (
            os.fdopen(open_regular(path), "rb") as packed,
            gzip.GzipFile(fileobj=packed) as text,
            tempfile.TemporaryFile(buffering=0) as plain,
        ):
            size = 0
            while data := text.read(_PIECE):
                size += len(data)
                if size > LIMIT:
                    raise OSError(0, f"holds more than {LIMIT >> 30} GiB of text", str(path))
                plain.write(data)
            return os.dup(plain.fileno())
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return None
