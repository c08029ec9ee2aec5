"""Follows one log: across rolls, truncation, deletion, absence and restarts of the agent.

What is followed is a list of generations, oldest first, each with its file held open: an inode that is held
is not given to another file, so device and inode name it exactly, and what is deleted can still be read to
its end. A generation goes only when its file is deleted and read to the end and its successor has data, or
when `KEPT` younger ones are there; never by a clock. A file is new when it stands before the newest known one
in the chain; one that stands behind is history.

What is lost is counted in `gaps`: the log that was followed is not found again, was truncated (nobody can
tell what was written before that and after the last look), or a whole chain of files came and went unseen.

A little longer than most modules: what becomes of each file is decided here.
"""

import copy
import stat
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Literal

from agent.model.block import Block
from agent.tail import access, chain, identity, kinship, lineup
from agent.tail.chain import Found
from agent.tail.gap import Gap, Reason
from agent.tail.generation import Generation, Reader, ReplacedError, TailState
from agent.tail.identity import Fingerprint

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
        while self._drain(blocks, end):
            self._look(truncated=True)
        self.state.generations = [reader.generation for reader in self._readers]
        for reader in self._readers:
            self._note_time(reader)
        return blocks

    @property
    def drained(self) -> bool:
        """Whether the last poll left no complete line in any file that can be read."""
        return all(one.drained or one.empty for one in self._readers if one.fd is not None)

    def lag(self) -> int:
        """Return how many bytes of the known files were not handed out yet."""
        return sum(reader.unread() for reader in self._readers)

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers:
            reader.close()

    # -- reading ------------------------------------------------------------------------------------------

    def _drain(self, blocks: list[Block], end: int) -> bool:
        """Append blocks until all is read or the budget used up; True when a file turns out to be truncated.

        All sizes are taken before the first read: so when a younger file is read, it had data before the
        older one was read to its end, and what was written earlier comes earlier.
        """
        for reader in self._readers:
            self._refresh(reader)
        try:
            for reader in tuple(self._readers):
                if not self._read(reader, blocks, end):
                    break
        except ReplacedError:
            return True
        return False

    def _read(self, reader: Reader, blocks: list[Block], end: int) -> bool:
        """Append blocks of one file; True when it is the next one's turn."""
        if reader.fd is None:
            return not reader.awaited
        newest = reader is self._readers[-1]
        try:
            if not reader.empty and (newest or not reader.quiet):
                state = self.state
                while block := reader.next_block(end - state.bytes_read, state, stretch=not blocks):
                    blocks.append(block)
                if not reader.drained:
                    return False
            if not newest and self._superseded(reader):
                if block := reader.last_words(self.state):
                    blocks.append(block)
                self._drop(reader)
        except OSError as error:
            self._lose_hold(reader, error)
            return not reader.awaited
        reader.failures = 0
        return True

    def _superseded(self, reader: Reader) -> bool:
        """Tell whether a drained reader, not the newest, may go."""
        younger = self._readers[self._readers.index(reader) + 1 :]
        succeeded = any(one.generation.size > one.begun for one in younger)
        return succeeded and (reader.unlinked or len(self._readers) > KEPT)

    def _note_time(self, reader: Reader) -> None:
        self.state.written_ns = max(self.state.written_ns, reader.written_ns)

    def _drop(self, reader: Reader) -> None:
        self._note_time(reader)
        reader.close()
        self._readers.remove(reader)

    def _refresh(self, reader: Reader) -> None:
        try:
            reader.refresh()
        except OSError as error:
            self._lose_hold(reader, error)

    def _lose_hold(self, reader: Reader, error: OSError) -> None:
        """Let go of a file that cannot be read; the next look finds it again by what it is."""
        self._tell(reader, error)
        reader.close()

    def _tell(self, reader: Reader, error: OSError) -> None:
        self.problem = access.mend(self.path.with_name(reader.name), error)
        reader.note_failure(error)

    # -- looking ------------------------------------------------------------------------------------------

    def _look(self, *, truncated: bool = False) -> None:
        """Bring the list of generations in line with the disk; `truncated` says that some file was."""
        self.problem = None
        try:
            if self._undisturbed() and not truncated:
                return
            found, cut = self._scan()
        except OSError as error:
            self.problem = access.mend(self.path, error)
            return
        first = not self._readers
        try:
            renewed = self._bind(found, cut)
            self._accept(found, renewed, first=first)
        finally:
            chain.release(found)
        self.state.generations = [reader.generation for reader in self._readers]

    def _scan(self) -> tuple[list[Found], list[Reader]]:
        """Return the files of the chain, and the readers whose file was truncated.

        A copy is made before its original is truncated: a look that begins when this was seen finds the copy.
        """
        cut = self._cut(())
        every = not self.state.begun or any(one.fd is None or one.unseen for one in self._readers)
        every = every or bool(cut)
        while True:
            found = chain.scan(self.path, self._keys(), every=every)
            if (later := self._cut(found)) == cut:
                return found, cut
            chain.release(found)
            cut, every = later, True

    def _cut(self, found: Sequence[Found]) -> list[Reader]:
        """Return the readers whose file no longer holds what was read from it."""
        cut = []
        for reader in self._readers:
            here = (one.fd for one in found if lineup.belongs(reader, one))
            fd = next(here, None) if reader.fd is None else reader.fd
            known = reader.generation.fingerprint
            try:
                if fd is not None and not identity.holds(fd, known, reader.generation.offset):
                    cut.append(reader)
            except OSError as error:
                self.problem = access.mend(self.path.with_name(reader.name), error)
        return cut

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
        newest = self._readers[-1]
        return newest.key == (status.st_dev, status.st_ino) and not newest.unseen

    def _keys(self) -> set[tuple[int, int]]:
        return {reader.key for reader in self._readers if reader.key is not None}

    def _bind(self, found: Sequence[Found], cut: Collection[Reader]) -> list[Reader]:
        """Find the generations among the files: by descriptor, by inode and birth time, then by content.

        A generation that is nowhere is lost; but an empty directory proves nothing, it may not be mounted.
        `cut` are the readers whose file was truncated. Returns the readers of what truncated files hold now.
        """
        newest = self._readers[-1] if self._readers else None
        renewed: dict[Reader, Reader] = {}
        missing = []
        for reader in tuple(self._readers):
            here = lineup.place(reader, found)
            if reader in cut and here is not None and reader.fd is None and not here.btime_ns:
                reader.index, here.known, here = -1, False, None  # another file may have got the inode
            elif reader in cut:
                renewed[reader] = self._anew(reader, here)
            elif reader.fd is None and here is not None:
                self._go_on(reader, here)
            if reader.fd is None and here is None:
                missing.append(reader)
            elif here is None and reader is newest and reader not in cut:
                self._readers += lineup.replaced(reader, found)
        for reader, fresh in renewed.items():
            self._finish(reader, found, fresh, renewed.values())
        lost = self._lost([one for one in missing if found and one not in renewed], found)
        if newest in lost or any(one.generation.size > one.generation.offset for one in lost):
            self._miss(lost[-1].name, Reason.GONE, lost[-1].generation.offset, lost[-1].largest)
        elif self._rolled_unseen(newest, found):
            self._miss(self.path.name, Reason.UNSEEN)
        for reader in lost:
            self._drop(reader)
        return list(renewed.values())

    def _lost(self, missing: Iterable[Reader], found: Sequence[Found]) -> list[Reader]:
        """Go on in copies of what is nowhere, as far as they go; return what has none."""
        lost = []
        for reader in missing:
            if not lineup.continued(reader, found):
                lost.append(reader)
            elif reader.largest > reader.generation.size:
                self._miss(reader.name, Reason.GONE, reader.generation.size, reader.largest)
        return lost

    def _go_on(self, reader: Reader, here: Found) -> None:
        """Open a reader's file, or wait for it if it cannot be read."""
        if here.error is not None:
            self._tell(reader, here.error)
        elif here.fd is not None:
            reader.attach(here.take())

    def _anew(self, reader: Reader, here: Found | None) -> Reader:
        """Begin a truncated file anew, behind what it held before, which may go on in a copy."""
        self.state.truncations += 1
        known = reader.generation.fingerprint
        fresh = Reader(
            Generation(Fingerprint(known.inode, known.btime_ns), epoch=self.state.truncations), reader.name
        )
        fresh.index = reader.index
        fd = reader.detach()
        if fd is None and here is not None and here.fd is not None:
            fd = here.take()
        if fd is not None:
            fresh.attach(fd)
            fresh.go_on_at(identity.kept(fd, known, reader.generation.offset))
        self._readers.insert(self._readers.index(reader) + 1, fresh)
        return fresh

    def _finish(
        self, reader: Reader, found: Sequence[Found], fresh: Reader, renewed: Collection[Reader]
    ) -> None:
        """Go on in the copy of a file that was truncated, or let go of what it held; count the gap.

        A copy that holds no more than what was read is passed over.
        """
        first, end = reader.generation.offset, reader.largest
        if lineup.continued(reader, found, behind=fresh.index):
            first = end = max(end, reader.generation.size)
        else:
            self._drop(reader)
            known = lineup.known_from(self._readers, renewed)
            unknown = [one for one in found if fresh.index < one.index < known and not one.known]
            copies = [one for one in unknown if one.packed is None and one.size]
            if copies and kinship.shorter_copy(reader.generation, copies[-1]):
                older = lineup.reader_of(copies[-1], at_end=True)
                self._readers.insert(self._readers.index(fresh), older)
        self._miss(reader.name, Reason.TRUNCATED, first, end)

    def _rolled_unseen(self, newest: Reader | None, found: Sequence[Found]) -> bool:
        """Tell whether files may have come and gone between the newest generation and what is there."""
        if not any(one.index and not one.known and self._maybe_new(one) for one in found):
            return False
        return self.state.begun if newest is None else newest.fd is not None and newest.index < 0

    def _maybe_new(self, one: Found) -> bool:
        """Tell whether a file can be one that was not read.

        Nobody holds the archives that were read before; but one whose text was written after all that was
        followed is none of them.
        """
        if one.packed is None:
            return one.fd is not None or one.error is not None
        return one.written_until > self.state.written_ns

    def _accept(self, found: Sequence[Found], renewed: Collection[Reader], *, first: bool) -> None:
        """Take up the files that stand before the newest known one, oldest first."""
        known = lineup.known_from(self._readers, renewed)
        at_end = not self.state.begun and self._start == "end"
        new = [
            one
            for one in found
            if one.index < known
            and not one.known
            and self._maybe_new(one)
            and not (at_end and one.packed is not None)
            and not kinship.is_copy_of_younger(one, found, self._readers)
        ]
        for one in reversed(new[:KEPT] if at_end else new):
            if one.packed is not None and not self._unpacked(one):
                continue
            self.state.rotations += not first
            reader = lineup.reader_of(one, at_end=at_end)
            if one.error is not None:
                self._tell(reader, one.error)
            lineup.take_up(self._readers, reader)
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
