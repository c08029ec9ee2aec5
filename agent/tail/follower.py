"""Follows one log: across rolls, truncation, deletion, absence and restarts of the agent.

What is followed is a list of generations, oldest first, each with its file held open: an inode that is held
is not given to another file, so device and inode name it exactly, and what is deleted can still be read to
its end. A generation goes only when its file is deleted and read to the end and its successor has data, or
when `KEPT` younger ones are there; never by a clock. A file is new when it stands before the newest known one
in the chain; one that stands behind is history.

What is lost is counted in `gaps`: the log that was followed is not found again, was truncated (nobody can
tell what was written before that and after the last look), or a whole chain of files came and went unseen.
"""

import copy
import math
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from agent.model.block import Block
from agent.tail import access, archive, chain, identity
from agent.tail.chain import Found
from agent.tail.gap import Gap, Reason
from agent.tail.generation import Generation, Reader, ReplacedError, TailState
from agent.tail.identity import EVIDENCE, Fingerprint

__all__ = ["KEPT", "Follower", "TailState"]

KEPT = 8
"""Generations that are followed for late lines, and saved; a busy writer seldom holds more than one back."""


class Follower:
    """One log, from its live path; used by one thread.

    `start` says where a log that was never seen begins: "beginning" is the oldest rolled file there is, "end"
    after the last complete line of each file. `saved` is a state of an earlier run. `missing` says that there
    was no live file at the last look, `problem` what keeps us from reading, with its mend,
    `gaps` what was lost since the last poll began.

    Counters in `state` move only in `poll`. `state` is the live one: encode it before the next poll.
    """

    def __init__(
        self, path: Path, *, start: Literal["end", "beginning"], saved: TailState | None = None
    ) -> None:
        self.path = path
        self.missing = False
        self.problem: str | None = None
        self.gaps: list[Gap] = []
        self.state = copy.deepcopy(saved) or TailState()
        self._start = start
        self._readers = [Reader(generation, path.name) for generation in self.state.generations]
        if not self.state.begun:
            self._look()

    def poll(self, limit: int) -> list[Block]:
        """Look at the disk once; return about `limit` bytes of whole lines at most, older files first."""
        self.gaps = []
        self._look()
        blocks: list[Block] = []
        end = self.state.bytes_read + limit
        while (replaced := self._drain(blocks, end)) is not None:
            self._truncated(replaced)
        self.state.generations = [reader.generation for reader in self._readers]
        return blocks

    @property
    def drained(self) -> bool:
        """Whether the last poll left no complete line in any file that can be read."""
        return all(one.drained or one.empty for one in self._readers if one.fd is not None)

    def lag(self) -> int:
        """Return how many bytes of the known files were not handed out yet."""
        behind = 0
        for reader in self._readers:
            self._refresh(reader)
            behind += max(0, reader.generation.size - reader.generation.offset)
        return behind

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers:
            reader.close()

    # -- reading ------------------------------------------------------------------------------------------

    def _drain(self, blocks: list[Block], end: int) -> Reader | None:
        """Append blocks until all is read or the budget used up; return a reader whose file was truncated.

        All sizes are taken before the first read: so when a younger file is read, it had data before the
        older one was read to its end, and what was written earlier comes earlier.
        """
        for reader in self._readers:
            self._refresh(reader)
        for reader in tuple(self._readers):
            if reader.fd is None:
                continue
            newest = reader is self._readers[-1]
            try:
                if not reader.empty and (newest or not reader.quiet):
                    while block := self._next(reader, end, stretch=not blocks):
                        blocks.append(block)
                    if not reader.drained:
                        return None
                if not newest and self._superseded(reader):
                    if block := reader.last_words(self.state):
                        blocks.append(block)
                    self._drop(reader)
            except ReplacedError:
                return reader
            except OSError as error:
                self._lose_hold(reader, error)
        return None

    def _next(self, reader: Reader, end: int, *, stretch: bool) -> Block | None:
        return reader.next_block(end - self.state.bytes_read, self.state, stretch=stretch)

    def _superseded(self, reader: Reader) -> bool:
        """Tell whether a drained reader, not the newest, may go."""
        younger = self._readers[self._readers.index(reader) + 1 :]
        succeeded = any(one.generation.size for one in younger)
        return succeeded and (reader.unlinked or len(self._readers) > KEPT)

    def _drop(self, reader: Reader) -> None:
        reader.close()
        self._readers.remove(reader)

    def _refresh(self, reader: Reader) -> None:
        try:
            reader.refresh()
        except OSError as error:
            self._lose_hold(reader, error)

    def _lose_hold(self, reader: Reader, error: OSError) -> None:
        """Let go of a file that cannot be read; the next look finds it again by what it is."""
        self.problem = access.mend(self.path.with_name(reader.name), error)
        reader.close()

    def _truncated(self, reader: Reader) -> None:
        """Begin the file anew; what it held before may go on in a copy that was taken of it."""
        self.state.truncations += 1
        name, first, end = reader.name, reader.generation.offset, reader.largest
        fresh = Reader(_blank(reader.generation.fingerprint, self.state.truncations), reader.name)
        fresh.index = reader.index
        if (fd := reader.detach()) is not None:
            fresh.attach(fd)
        place = self._readers.index(reader)
        self._readers[place] = fresh
        try:
            found = chain.scan(self.path, self._keys(), every=True)
        except OSError as error:
            self.problem = access.mend(self.path, error)
            self._miss(name, Reason.TRUNCATED, first, end)
            return
        try:
            older = [one for one in found if one.index > fresh.index]
            if (copied := _same_content(reader.generation, older)) is not None:
                _attach(reader, copied)
                self._readers.insert(place, reader)
                first = end = max(end, copied.size)
            self._miss(name, Reason.TRUNCATED, first, end)
            history = [one for one in older if one.fd is not None and not one.known][:KEPT]
            self._readers[place:place] = [_reader(one, at_end=True) for one in reversed(history)]
        finally:
            chain.release(found)

    # -- looking ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Bring the list of generations in line with the disk."""
        self.problem = None
        try:
            if self._undisturbed():
                return
            every = not self.state.begun or any(reader.fd is None for reader in self._readers)
            found = chain.scan(self.path, self._keys(), every=every)
        except OSError as error:
            self.problem = access.mend(self.path, error)
            return
        first = not self._readers
        try:
            self._bind(found)
            self._accept(found, first=first)
        finally:
            chain.release(found)
        self.state.generations = [reader.generation for reader in self._readers]

    def _undisturbed(self) -> bool:
        """Tell whether the live path still leads to the newest generation, with all others at hand."""
        live = chain.live(self.path)
        try:
            status = live.stat() if live is not None else None
        except (FileNotFoundError, NotADirectoryError):
            status = None
        self.missing = status is None
        if status is None:
            return False
        if not stat.S_ISREG(status.st_mode):
            self.problem = access.not_a_file(live or self.path)
        if not self._readers or any(reader.fd is None for reader in self._readers):
            return False
        return self._readers[-1].key == (status.st_dev, status.st_ino)

    def _keys(self) -> set[tuple[int, int]]:
        return {reader.key for reader in self._readers if reader.key is not None}

    def _bind(self, found: Sequence[Found]) -> None:
        """Find the generations among the files: by descriptor, by inode and birth time, then by content.

        A generation that is nowhere is lost; but an empty directory proves nothing, it may not be mounted.
        """
        waiting, truncated = [], None
        for reader in tuple(self._readers):
            reader.index = -1
            here = next((one for one in found if _is(reader, one)), None)
            if here is None:
                waiting += [reader] if reader.fd is None else []
            elif reader.fd is not None or self._continues(reader, here):
                reader.index, reader.name, here.known = here.index, here.name, True
            else:
                waiting.append(reader)
                if here.btime_ns:
                    truncated = reader
                    self.state.truncations += 1
                    fresh = _reader(here, at_end=False, epoch=self.state.truncations)
                    self._readers.insert(self._readers.index(reader) + 1, fresh)
        for reader in tuple(waiting):
            if (copied := _same_content(reader.generation, found)) is not None:
                _attach(reader, copied)
                waiting.remove(reader)
        lost = waiting if found else []
        if truncated is not None:
            self._miss(truncated.name, Reason.TRUNCATED, truncated.generation.offset, truncated.largest)
        elif self._lossy(lost, found):
            if lost:
                self._miss(lost[-1].name, Reason.GONE, lost[-1].generation.offset, lost[-1].largest)
            else:
                self._miss(self.path.name, Reason.UNSEEN)
        for reader in lost:
            self._drop(reader)

    def _continues(self, reader: Reader, here: Found) -> bool:
        """Go on in a file if it reads as it did, or wait for it if it cannot be read."""
        generation = reader.generation
        try:
            if here.fd is not None and not identity.holds(here.fd, generation.fingerprint, generation.offset):
                return False
        except OSError as error:
            here.error = error
        if here.error is not None:
            self.problem = access.mend(self.path.with_name(here.name), here.error)
        elif here.fd is not None:
            reader.attach(here.take())
        return True

    def _lossy(self, lost: Sequence[Reader], found: Sequence[Found]) -> bool:
        """Tell whether lines may be lost with `lost`, or between the newest generation and the files."""
        rolled_unseen = any(one.index and one.fd is not None for one in found)
        if not self._readers:
            return self.state.begun and rolled_unseen
        newest = self._readers[-1]
        if newest in lost or any(one.generation.size > one.generation.offset for one in lost):
            return True
        gone = newest.fd is not None and newest.index < 0 and os.fstat(newest.fd).st_nlink == 0
        return gone and rolled_unseen

    def _accept(self, found: Sequence[Found], *, first: bool) -> None:
        """Take up the files that stand before the newest known one, oldest first.

        An archive is new only behind a known file, or where all is: nobody holds those that were read before.
        """
        known = min((one.index for one in found if one.known), default=math.inf)
        at_end = not self.state.begun and self._start == "end"
        archives = not at_end and (known < math.inf or not self.state.begun)
        new = [
            one
            for one in found
            if one.index < known
            and (archives if one.packed else (one.fd is not None or one.error is not None))
        ]
        for one in reversed(new[:KEPT] if at_end else new):
            if one.packed is not None and not self._unpacked(one):
                continue
            if one.error is not None:
                self.problem = access.mend(self.path.with_name(one.name), one.error)
            self.state.rotations += not first
            self._readers.append(_reader(one, at_end=at_end))
        self.state.begun = True

    def _unpacked(self, one: Found) -> bool:
        """Open an archive that nobody has read; False, and a gap, where it cannot be."""
        try:
            one.unpack()
        except OSError as error:
            self.problem = access.mend(self.path.with_name(one.name), error)
        if one.fd is None:
            self._miss(one.name, Reason.ARCHIVE)
        return one.fd is not None

    def _miss(self, file: str, reason: Reason, first: int = 0, end: int = 0) -> None:
        """Count a gap, and keep what is known of it: bytes from `first` up to before `end`."""
        self.state.gaps += 1
        self.gaps.append(Gap(file, first, max(first, end) - 1, reason))


def _is(reader: Reader, one: Found) -> bool:
    """Tell whether a file is a reader's: exactly while it is open, by inode and birth time otherwise."""
    if one.known or reader.fd is not None:
        return one.key == reader.key
    return reader.generation.fingerprint.same_file(one.inode, one.btime_ns)


def _same_content(generation: Generation, found: Sequence[Found]) -> Found | None:
    """Return the oldest file nobody has that reads as a generation did, if that is enough evidence."""
    if generation.fingerprint.head_length < EVIDENCE:
        return None
    for one in reversed(found):
        try:
            if one.packed is not None and generation.fingerprint.begins(archive.head(one.packed)):
                one.unpack()
            if one.fd is not None and identity.holds(one.fd, generation.fingerprint, generation.offset):
                return one
        except OSError as error:
            one.error = error
    return None


def _attach(reader: Reader, one: Found) -> None:
    """Go on in a file that turned out to be a reader's."""
    reader.index, reader.name, one.known = one.index, one.name, True
    reader.attach(one.take())


def _reader(one: Found, *, at_end: bool, epoch: int = 0) -> Reader:
    """Return a reader for a file, or a content of it, not known before."""
    generation = _blank(Fingerprint(one.inode, one.btime_ns), epoch)
    generation.size = one.size
    if at_end:
        generation.offset, generation.line = one.size, 0
    reader = Reader(generation, one.name)
    reader.index = one.index
    if one.fd is not None:
        _attach(reader, one)
    return reader


def _blank(file: Fingerprint, epoch: int) -> Generation:
    return Generation(Fingerprint(file.inode, file.btime_ns), epoch=epoch)
