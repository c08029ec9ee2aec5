"""A rolled file that was compressed: its text, in a file without a name.

logrotate compresses what it rolled, at once or one round later. What is held open is read to its end whatever
happens to its name; an archive matters where the agent was down meanwhile.
"""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from agent.tail import identity

LIMIT = 4 << 30
"""Bytes of text that are unpacked: a wrapper's log is rolled at a hundredth of it."""

_PIECE = 1 << 20


def head(packed: int) -> bytes:
    """Return the first bytes of the text, as many as identify a file; raises OSError."""
    try:
        with _text(packed) as text:
            return text.read(identity.HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""


def text_size(packed: int) -> int:
    """Return how long the text is, modulo 4 GiB: what gzip notes behind it (RFC 1952, ISIZE)."""
    return int.from_bytes(os.pread(packed, 4, max(0, os.fstat(packed).st_size - 4)), "little")


def unpack(packed: int) -> int | None:
    """Return an open file with the text; None for an archive that is damaged, or still being written.

    It was written to when the archive says; the caller closes it. Raises OSError, also for a text over
    `LIMIT` and where there is no room for it.
    """
    try:
        with _text(packed) as text, tempfile.TemporaryFile(buffering=0) as plain:
            size = 0
            while data := text.read(_PIECE):
                size += len(data)
                if size > LIMIT:
                    raise OSError(0, f"holds more than {LIMIT >> 30} GiB of text")
                plain.write(data)
            written = os.fstat(packed).st_mtime_ns
            os.utime(plain.fileno(), ns=(written, written))
            return os.dup(plain.fileno())
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return None


@contextmanager
def _text(packed: int) -> Iterator[gzip.GzipFile]:
    """Read an open archive from its beginning; the descriptor stays open."""
    with open(packed, "rb", closefd=False) as stream:
        stream.seek(0)
        with gzip.GzipFile(fileobj=stream) as text:
            yield text
