"""Which file is this: birth time, inode, and hashes of its head and of the bytes before a position.

An inode alone proves nothing over time: with a bounded number of rolled files, each roll frees an inode that
the new live file gets at once. Together with the birth time it names a file, as long as its file system
keeps one; that the content is still the one that was read, only the content shows. Both the head and the
bytes before the position are needed: a head may be a banner that every file begins with, and the last bytes
may be a stack trace that is printed again and again.
"""

import ctypes
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

HEAD = 4096
"""Bytes of the head that are hashed: past the banner that a JVM prints at its start."""

MARKER = 4096
"""Bytes before the position that are hashed: longer than the common stack trace."""

MARKS = 8192
"""Position of the first of the marks that a file gets on its way, each at twice the position of the last."""

EVIDENCE = 64
"""Bytes of head below which content is no proof that a file of another inode is the same: about a line."""

_AT_FDCWD, _AT_EMPTY_PATH, _STATX_BTIME = -100, 0x1000, 0x800


class _Statx(ctypes.Structure):
    """Linux's `struct statx` (statx(2)): the mask, and the birth time at byte 80."""

    _fields_ = (
        ("mask", ctypes.c_uint32),
        ("before", ctypes.c_byte * 76),
        ("seconds", ctypes.c_int64),
        ("nanoseconds", ctypes.c_uint32),
        ("after", ctypes.c_byte * 164),
    )


_statx = getattr(ctypes.CDLL(None, use_errno=True), "statx", None)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A file and how it reads up to a position; `btime_ns` is 0 where no birth time is to be had.

    `head` hashes the first `head_length` bytes, which grows with the file to `HEAD`; `marker` hashes the
    `marker_length` bytes before the position. The hash of nothing is "". `rungs` are short hashes of the
    first 16, 32, 64 ... bytes, of those that are known, `marks` of the bytes before `MARKS` and its doubles.
    """

    inode: int
    btime_ns: int
    head_length: int = 0
    head: str = ""
    marker_length: int = 0
    marker: str = ""
    rungs: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def same_file(self, inode: int, btime_ns: int) -> bool:
        """Tell whether inode and birth time are these; without birth times, the inode alone."""
        return self.inode == inode and self.btime_ns == btime_ns

    def begins(self, head: bytes) -> bool:
        """Tell whether a file with this head can be the one."""
        return len(head) >= self.head_length and digest(head[: self.head_length]) == self.head

    def began(self, text: bytes) -> bool:
        """Tell whether a shorter text can be the beginning, as far as it is known; False below 16 bytes."""
        if len(text) >= self.head_length:
            return self.begins(text)
        rungs = min((len(text) // 16).bit_length(), len(self.rungs))
        return rungs > 0 and digest(text[: 8 << rungs], 4) == self.rungs[rungs - 1]

    def agrees(self, head: bytes, marker: bytes) -> bool:
        """Tell whether a file with this head, and with `marker` before the position, reads the same."""
        return len(marker) == self.marker_length and self.begins(head) and digest(marker) == self.marker

    def grown(self, head: bytes) -> "Fingerprint":
        """Return the fingerprint with a longer head, where `head` is longer."""
        if len(head) <= self.head_length:
            return self
        more = range(len(self.rungs), min(len(head), HEAD).bit_length() - 4)
        rungs = (*self.rungs, *(digest(head[: 16 << rung], 4) for rung in more))
        return replace(self, head_length=len(head), head=digest(head), rungs=rungs)

    def moved(self, before: bytes) -> "Fingerprint":
        """Return the fingerprint for a position that has `before` in front of it."""
        marker = before[-MARKER:]
        return replace(self, marker_length=len(marker), marker=digest(marker))


def digest(data: bytes, size: int = 12) -> str:
    """Return a hash of so many bytes that tells texts apart; "" for none."""
    return hashlib.blake2b(data, digest_size=size).hexdigest() if data else ""


def birth_time(file: int | Path) -> int:
    """Return when a file was born, in ns; 0 where kernel, library or file system do not tell."""
    if _statx is None:
        return 0
    found = _Statx()
    where, name, flags = (file, b"", _AT_EMPTY_PATH) if isinstance(file, int) else (_AT_FDCWD, bytes(file), 0)
    if _statx(where, name, flags, _STATX_BTIME, ctypes.byref(found)) or not found.mask & _STATX_BTIME:
        return 0
    return int(found.seconds) * 1_000_000_000 + int(found.nanoseconds)


def take(fd: int, offset: int) -> Fingerprint:
    """Return the fingerprint of an open file, read up to `offset`."""
    before = os.pread(fd, min(MARKER, offset), max(0, offset - MARKER))
    blank = Fingerprint(os.fstat(fd).st_ino, birth_time(fd))
    return marked(fd, blank.grown(os.pread(fd, HEAD, 0)).moved(before), offset)


def marked(fd: int, fingerprint: Fingerprint, offset: int) -> Fingerprint:
    """Return the fingerprint with the marks that a position has passed; nearly always it has passed none."""
    while (position := MARKS << len(fingerprint.marks)) <= offset:
        mark = digest(os.pread(fd, MARKER, position - MARKER), 4)
        fingerprint = replace(fingerprint, marks=(*fingerprint.marks, mark))
    return fingerprint


def kept(fd: int, fingerprint: Fingerprint, offset: int) -> int:
    """Return up to where an open file holds what was read of it before it was cut; 0 where that is not shown.

    What is left has to reach to a mark, beyond any banner: a file that was emptied may begin as before.
    """
    size = os.fstat(fd).st_size
    passed = (size // MARKS).bit_length()
    if not 0 < passed <= len(fingerprint.marks) or size >= offset:
        return 0
    mark = os.pread(fd, MARKER, (MARKS << passed - 1) - MARKER)
    same = digest(mark, 4) == fingerprint.marks[passed - 1] and fingerprint.begins(os.pread(fd, HEAD, 0))
    return size if same else 0


def holds(fd: int, fingerprint: Fingerprint, offset: int) -> bool:
    """Tell whether an open file is at least `offset` long and reads as the fingerprint says."""
    marker = os.pread(fd, fingerprint.marker_length, offset - fingerprint.marker_length)
    return os.fstat(fd).st_size >= offset and fingerprint.agrees(os.pread(fd, HEAD, 0), marker)


def resembles(fd: int, fingerprint: Fingerprint, offset: int) -> bool:
    """Tell whether an open file can be a copy, perhaps of less than is known but of `offset` bytes."""
    marker = os.pread(fd, fingerprint.marker_length, offset - fingerprint.marker_length)
    if os.fstat(fd).st_size < offset or digest(marker) != fingerprint.marker:
        return False
    head = os.pread(fd, HEAD, 0)
    all_read = fingerprint.marker_length == offset > 0 and len(head) < fingerprint.head_length
    return all_read or fingerprint.began(head)


def label(fingerprint: Fingerprint, fd: int, epoch: int = 0) -> str:
    """Return the name of one content of one file: the same after a rename and for the next run of the agent.

    Where there is no birth time, the hash of the first line takes its place. `epoch` tells the contents of
    one file before and after it was truncated apart.
    """
    born = (
        f"{fingerprint.btime_ns:x}" if fingerprint.btime_ns else digest(os.pread(fd, HEAD, 0).split(b"\n")[0])
    )
    return f"{fingerprint.inode:x}-{born}" + (f".{epoch}" if epoch else "")
