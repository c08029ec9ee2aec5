"""One generation of a log: a file's content, how far it is read, and the reading of it.

A chunk is read first and checked afterwards: only when the file is then still long enough, and still has the
head and the bytes before the position that are known, is the chunk what follows. So a truncation between
check and read cannot slip in.
"""

import errno
import os
import stat
from dataclasses import dataclass, field, replace

from agent.model.block import Block, Where
from agent.tail import identity
from agent.tail.identity import Fingerprint

BLOCK = 1 << 20
"""Bytes of a block at most: large enough that the work is in the bytes, small enough to keep many."""

LONGEST_LINE = 1 << 20
"""Bytes of a line, without its end, up to which it is read: no debug record of a handshake comes near."""

PATIENCE = 4
"""Looks for which younger files wait for one that cannot be read: a disk may fail once."""

_LASTING = {errno.EILSEQ, errno.EACCES, errno.EPERM}
"""Errors that the next look will meet too: nothing waits for their end."""

UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""How text in UTF-16 begins: no wrapper writes it, and half characters of it would pass for line ends."""

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


class ReplacedError(Exception):
    """The open file no longer holds what was read from it: it was truncated."""


class NotAFileError(OSError):
    """The path leads to a directory, a pipe or a device."""


@dataclass(slots=True)
class Generation:
    """One file's content and the position in it.

    `identity` is "" until the first line is handed out. `epoch` is the number of the truncation that the
    content came after, 0 for none. `line` is the number of the line at `offset`; 0 means that lines were not
    counted yet, and that `offset` may stand within a line. `size` is how long the file was when last seen.
    `skipping` says that `offset` stands within a line that is too long.
    """

    fingerprint: Fingerprint
    identity: str = ""
    epoch: int = 0
    offset: int = 0
    line: int = 1
    size: int = 0
    skipping: bool = False


@dataclass(slots=True)
class TailState:
    """The position in one log after all that was handed out; generations oldest first.

    `begun` is False until the log's directory could be looked at for the first time. `lines_read` counts the
    lines handed out, `bytes_read` also those of skipped lines. `written_ns` is when the log had been written
    to for the last time, as its files say.
    """

    begun: bool = False
    generations: list[Generation] = field(default_factory=list)
    rotations: int = 0
    truncations: int = 0
    gaps: int = 0
    bytes_read: int = 0
    lines_read: int = 0
    long_lines: int = 0
    written_ns: int = 0


def open_regular(path: str | os.PathLike[str]) -> int:
    """Return a descriptor for reading; `NotAFileError` for anything but a regular file."""
    fd = os.open(path, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise NotAFileError(0, "not a regular file", str(path))
    except OSError:
        os.close(fd)
        raise
    return fd


class Reader:
    """Reads one generation while its file is open; `fd` is None while it is not.

    `drained` says that no complete line was left at the last read. `index` and `name` are the file's place
    in the chain, as last seen; the index is -1 while it is not in the chain. `largest` is the size that the
    content reached, `written_ns` when it had been written to at the last read, `failures` how many looks in
    a row could not read it. `begun` is where a copy goes on behind what its original holds. `key` is device
    and inode of the open file, which no other file has while it is open.
    """

    def __init__(self, generation: Generation, name: str) -> None:
        self.generation = generation
        self.name = name
        self.index = 0
        self.fd: int | None = None
        self.key: tuple[int, int] | None = None
        self.drained = False
        self.unlinked = False
        self.failures = 0
        self.written_ns = 0
        self.begun = 0
        self.largest = generation.size
        self._look: tuple[int, ...] = ()
        self._drained_at: tuple[int, ...] = ()

    def attach(self, fd: int) -> None:
        """Read from this descriptor from now on; it is the reader's to close."""
        g = self.generation
        self.fd, self._look, self._drained_at, self.drained = fd, (), (), False
        status = os.fstat(fd)
        self.key, g.size = (status.st_dev, status.st_ino), status.st_size
        g.fingerprint = replace(g.fingerprint, inode=status.st_ino, btime_ns=identity.birth_time(fd))
        if not g.line and not g.fingerprint.marker_length:
            g.offset = _line_start(fd, min(g.offset, status.st_size))
            g.fingerprint = identity.take(fd, g.offset)

    def go_on_at(self, offset: int) -> None:
        """Pass over what is there up to an offset, which was read before; nothing if that is 0."""
        if self.fd is not None and offset:
            self.generation.offset = offset
            self.generation.fingerprint = identity.take(self.fd, offset)
            self.generation.line = 1 + self._lines_before()

    def recognise(self) -> None:
        """Know the file by what it holds: as a copy it may be shorter than what its original held."""
        if self.fd is not None:
            self.generation.fingerprint = identity.take(self.fd, self.generation.offset)

    def detach(self) -> int | None:
        """Let go of the descriptor and return it."""
        fd, self.fd, self.key = self.fd, None, None
        return fd

    def close(self) -> None:
        """Close the file."""
        if (fd := self.detach()) is not None:
            os.close(fd)

    def refresh(self) -> None:
        """Take note of the file's size, times and links."""
        if self.fd is not None:
            status = os.fstat(self.fd)
            self.generation.size = status.st_size
            self.largest = max(self.largest, status.st_size)
            self.unlinked = status.st_nlink == 0
            self._look = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known = self.generation.fingerprint
            if known.head_length < min(status.st_size, identity.HEAD):
                head = os.pread(self.fd, identity.HEAD, 0)
                if identity.digest(head[: known.head_length]) == known.head:
                    self.generation.fingerprint = known.grown(head)

    @property
    def awaited(self) -> bool:
        """Whether younger files wait for this one, which cannot be read just now."""
        return 0 < self.failures < PATIENCE

    def note_failure(self, error: OSError) -> None:
        """Count a look that could not read the file."""
        self.failures = PATIENCE if error.errno in _LASTING else self.failures + 1

    def unread(self) -> int:
        """Return how many bytes stand behind the position now; takes no note of what is there."""
        size = self.generation.size if self.fd is None else os.fstat(self.fd).st_size
        return max(0, size - self.generation.offset)

    @property
    def empty(self) -> bool:
        """Whether nothing was ever seen in the file."""
        return not (self.generation.size or self.generation.fingerprint.head_length)

    @property
    def unseen(self) -> bool:
        """Whether no byte of the content is known, so that another content would not be noticed."""
        return not self.generation.fingerprint.head_length

    @property
    def quiet(self) -> bool:
        """Whether nothing happened to the file since it was drained."""
        return self.drained and self._look == self._drained_at

    def next_block(self, budget: int, state: TailState, *, stretch: bool) -> Block | None:
        """Return the next whole lines, about `budget` bytes; None when they or the budget are used up.

        With `stretch`, a single line may be longer than the budget: else there would be no end to it. NUL
        bytes at the start of a line are passed over: they are the hole that a writer leaves which goes on at
        its old position in a truncated file.
        """
        g, end, looked = self.generation, state.bytes_read + budget, self._look
        usual = want = max(1, min(budget, BLOCK))
        self.drained = False
        while state.bytes_read < end:
            before, data = self._fetch(want)
            if data and not g.line:
                g.line = 1 + self._lines_before()
            if g.skipping and data:
                cut = data.find(b"\n") + 1
                self._advance(before, data, cut or len(data), state, lines=bool(cut))
                g.skipping, want = not cut, usual
            elif data.startswith(b"\0"):
                zeros = len(data) - len(data.lstrip(b"\0"))
                self._advance(before, data, zeros, state, lines=0)
                if zeros == len(data):
                    self._leap(before + data, state)
            elif cut := (data.rfind(b"\n") if want <= BLOCK else data.find(b"\n")) + 1:
                return self._hand_out(before, data, cut, state)
            elif len(data) > LONGEST_LINE:
                g.skipping, want = True, BLOCK
                state.long_lines += 1
                self._advance(before, data, len(data), state, lines=0)
            elif len(data) < want:
                self.drained, self._drained_at = True, looked
                return None
            elif stretch or want == BLOCK:
                want = LONGEST_LINE + 1
            else:
                return None
        return None

    def last_words(self, state: TailState) -> Block | None:
        """Return the line without an end that a file leaves which is gone for good, with its end added."""
        before, data = self._fetch(LONGEST_LINE)
        if not data or self.generation.skipping:
            return None
        if not self.generation.line:
            self.generation.line = 1 + self._lines_before()
        block = self._hand_out(before, data, len(data), state)
        if block.data.endswith(b"\n"):
            return block
        state.lines_read += 1
        return Block(block.start, block.data + b"\n")

    def _fetch(self, want: int) -> tuple[bytes, bytes]:
        """Return the bytes before the position and those after it."""
        if self.fd is None:
            return b"", b""
        g, known = self.generation, self.generation.fingerprint.marker_length
        data = os.pread(self.fd, known + want, g.offset - known)
        head = os.pread(self.fd, identity.HEAD, 0)
        before, data = data[:known], data[known:]
        status = os.fstat(self.fd)
        if status.st_size < g.offset or not g.fingerprint.agrees(head, before):
            raise ReplacedError
        if head.startswith(UTF16) and b"\0" in head:
            raise OSError(errno.EILSEQ, "text in UTF-16")
        if head:  # when an empty file was made says nothing of what the log holds
            self.written_ns = status.st_mtime_ns
        self.failures = 0
        return before, data

    def _advance(self, before: bytes, data: bytes, cut: int, state: TailState, *, lines: int) -> None:
        g = self.generation
        passed = data[max(0, cut - identity.MARKER) : cut]
        g.fingerprint = g.fingerprint.moved((before + passed) if len(passed) < identity.MARKER else passed)
        g.offset += cut
        g.line += lines
        if self.fd is not None:
            g.fingerprint = identity.marked(self.fd, g.fingerprint, g.offset)
        g.size = max(g.size, g.offset)
        state.bytes_read += cut

    def _leap(self, before: bytes, state: TailState) -> None:
        """Go on where the file has data again: a hole may be gigabytes of zeros that are on no disk."""
        g = self.generation
        if self.fd is not None and (hole := _data_from(self.fd, g.offset) - g.offset) > 0:
            g.fingerprint = g.fingerprint.moved(before + bytes(min(hole, identity.MARKER)))
            g.offset += hole
            g.size = max(g.size, g.offset)
            state.bytes_read += hole

    def _hand_out(self, before: bytes, data: bytes, cut: int, state: TailState) -> Block:
        g = self.generation
        if not g.identity and self.fd is not None:
            g.identity = identity.label(g.fingerprint, self.fd, g.epoch)
        block = Block(Where(self.name, g.identity, g.offset, g.line), data[:cut])
        lines = block.data.count(b"\n")
        state.lines_read += lines
        self._advance(before, data, cut, state, lines=lines)
        return block

    def _lines_before(self) -> int:
        """Count the lines before the position: once, when the first line of an older file is handed out."""
        lines, at, end = 0, 0, self.generation.offset
        while self.fd is not None and (data := os.pread(self.fd, min(BLOCK, end - at), at)):
            lines += data.count(b"\n")
            at = max(at + len(data), min(end, _data_from(self.fd, at + len(data))))
        return lines


def _line_start(fd: int, offset: int) -> int:
    """Return the start of the line in which `offset` stands; `offset` itself where a line starts there."""
    while offset > 0:
        size = min(BLOCK, offset)
        if _data_from(fd, offset - size) < offset:
            data = os.pread(fd, size, offset - size)
            if found := data.rfind(b"\n") + 1:
                return offset - size + found
        offset -= size
    return 0


def _data_from(fd: int, offset: int) -> int:
    """Return where data begins at or behind an offset: there itself outside of holes, and if in doubt."""
    try:
        return os.lseek(fd, offset, os.SEEK_DATA)
    except OSError:  # behind the last data, or a file system that cannot tell
        return offset
