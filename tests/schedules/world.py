"""One log, its writer, the real follower over the real store, and an exact account of every line.

A line is outstanding from when it is written until it is handed out, and again if what was handed out was
not committed when the agent was killed. It is lost when the last file that holds it goes: no name of the log
leads to it, and the agent, if it runs, does not hold it open. What is neither must come, once. What is lost
must be counted as a gap, unless nobody can know of it: a file that a hand deleted before anybody looked.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from agent import codec
from agent.store import Commit, Store
from agent.tail.follower import Follower, TailState
from tests.schedules.disk import LIVE, Disk, File

KEY = "log"
LINES = ("lines", ())
_AT = datetime(2026, 11, 23, tzinfo=UTC)
_ENOUGH = 1 << 20


class BrokenError(AssertionError):
    """The account does not hold."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a schedule is played with.

    `keep` rolled files, a `banner` of so many bytes at the head of each new file, lines of about `line`
    bytes; `style` is "chain", "rollnum" or "linked"; `holes` is 1 for a writer that does not append.
    """

    style: str = "chain"
    keep: int = 3
    banner: int = 0
    line: int = 80
    holes: int = 0


class World:
    """Plays operations; each is a method, takes whole numbers, and does nothing where it does not apply."""

    def __init__(self, logs: Path, state: Path, setting: Setting) -> None:
        self.setting = setting
        self.disk = Disk(
            logs,
            keep=setting.keep,
            rollnum=setting.style == "rollnum",
            linked=setting.style == "linked",
            holes=bool(setting.holes),
        )
        self._path, self._state = logs / LIVE, state
        self._banner = b"#" * (setting.banner - 1) + b"\n" if setting.banner else b""
        self._number = 0
        self._device = logs.stat().st_dev
        self._half: tuple[File, int] | None = None
        self.handed: list[str] = []
        self.outstanding: set[str] = set()
        self.lost: set[str] = set()
        self._told: set[str] = set()
        self._gaps = 0
        self._harmless = True
        self._where: dict[str, tuple[File, int]] = {}
        self._met: set[tuple[File, int]] = set()
        self._met_before: set[tuple[File, int]] = set()
        self._committed = 0
        self._looked = False
        self._halves: set[str] = set()
        self._held: set[File] = set()
        self._store: Store | None = None
        self._follower: Follower | None = None
        self.up()
        self.poll(1)
        self.commit()

    # -- the writer ---------------------------------------------------------------------------------------

    def append(self, count: int) -> None:
        """Write so many lines."""
        for _ in range(count):
            self._write(self._line())

    def half(self) -> None:
        """Write the first half of a line."""
        if self._half is None:
            self._number += 1
            text = f"{self._number:06} half " + "h" * self.setting.line
            self._half = (self._put(text.encode()), self._number)
            self._halves.add(text)

    def finish(self) -> None:
        """Write the second half."""
        if self._half is not None:
            self._write("")

    def late(self, number: int) -> None:
        """Let another process write a line into a rolled file."""
        name = self.disk.numbered(number)
        file = self.disk.names.get(name)
        if file is not None and not (file.copy or self.disk.holes) and file.text.endswith(b"\n"):
            self.disk.append(name, f"{self._line()}\n".encode())
            self._wrote(file)

    def reopen(self) -> None:
        """Let the writer open the live name anew for its next line."""
        self.disk.reopen()

    def _line(self) -> str:
        self._number += 1
        return f"{self._number:06} " + "x" * (self.setting.line * (2 + self._number % 3) // 3)

    def _write(self, text: str) -> None:
        if self._half is not None:
            text = f", {self._half[1]:06} second half " + "h" * self.setting.line
            self._half = None
        self._wrote(self._put(f"{text}\n".encode()))

    def _wrote(self, file: File) -> None:
        line = file.lines()[-1]
        self.outstanding.add(line)
        if file is self.disk.names.get(LIVE):  # nobody can know that a file which was read to its end grew
            self._where[line] = (file, file.content)

    def _put(self, data: bytes) -> File:
        return self.disk.write(data, banner=self._banner)

    # -- what happens to the files ------------------------------------------------------------------------

    def roll(self) -> None:
        """Roll as the wrapper does, between two lines; it opens the new file with the next one."""
        self.finish()
        self.reopen()
        self.disk.roll()

    def mv(self) -> None:
        """Roll from outside: the writer goes on in the file that it has open."""
        self.disk.roll()

    def aside(self) -> None:
        """Move the live file away."""
        self._take_away(LIVE)
        self.disk.aside()

    def delete(self, number: int) -> None:
        """Delete a file."""
        self._take_away(self.disk.numbered(number) if number else LIVE)
        self.disk.delete(number)

    def _take_away(self, name: str) -> None:
        """Note that what a file held before it was truncated can no longer be missed."""
        file = self.disk.names.get(name)
        self.lost -= {
            line
            for line in self.lost
            if (at := self._where.get(line)) and at[0] is file and at[1] != file.content
        }

    def copy(self, percent: int) -> None:
        """Begin what logrotate does with copytruncate."""
        self.disk.copy(percent)

    def copied(self) -> None:
        """Finish the copy."""
        self.disk.copied()

    def truncate(self) -> None:
        """Empty the live file."""
        self.disk.truncate()

    def copytruncate(self) -> None:
        """Copy and empty the live file, with nothing written between."""
        self.disk.copy(100)
        self.disk.copied()
        self.disk.truncate()

    def swap(self) -> None:
        """Let the live link lead to a new file."""
        self.disk.swap()

    def compress(self, number: int) -> None:
        """Compress a rolled file."""
        self.disk.compress(number)

    # -- the agent ----------------------------------------------------------------------------------------

    def poll(self, limit: int) -> None:
        """Look once, reading about so many bytes."""
        if self._follower is None:
            return
        self._looked = True
        for block in self._follower.poll(limit):
            for line in block.data.decode().removesuffix("\n").split("\n"):
                self._take(line.lstrip("\0"))
        if not self._met and self.disk.chain() - {self.disk.names.get(LIVE)}:
            self._harmless = False  # whether more rolled before the first look, nobody can tell
        self._held |= self._opened(self.disk.chain())
        self._met |= {(file, file.content) for file in self._held if file.text}

    def race(self, call: int, step: Callable[[], None]) -> None:
        """Look once, and let something happen in front of one of the look's system calls."""
        if self._follower is None:
            step()
            return
        before, names = set(self._held), self.disk.chain()

        def weighed() -> None:
            step()
            self.weigh()

        with _in_front_of(call, weighed):
            self.poll(_ENOUGH)
        there = {file for file in names & self.disk.chain() if not file.copy}
        opened = self._inodes()
        self._held = before | {one for one in self._held | names if one in there or one.inode in opened}

    def commit(self) -> None:
        """Commit position, count and lines together."""
        if self._follower is None or self._store is None or not self._looked:
            return
        self._store.commit(
            Commit(
                at=_AT,
                tails={KEY: codec.encode(self._follower.state)},
                assemblies={KEY: b"%d" % len(self.handed)},
                increments={LINES: len(self.handed) - self._committed},
            )
        )
        self._committed = len(self.handed)
        self._met_before = set(self._met)

    def settle(self) -> None:
        """Look until there is no lag, commit, and demand every line that could be had."""
        if self._follower is None:
            return
        before = -1
        while before < len(self.handed):
            before = len(self.handed)
            self.poll(_ENOUGH)
        self.commit()
        if self._follower.lag() and self.disk.names and not self._halves:
            raise BrokenError(f"the lag stays at {self._follower.lag()} bytes")
        if self.outstanding:
            raise BrokenError(f"never came: {_named(self.outstanding)}, {len(self.outstanding)} lines")
        if self._follower.state.lines_read != len(self.handed):
            raise BrokenError(f"{self._follower.state.lines_read} lines counted, {len(self.handed)} came")
        gaps = self._follower.state.gaps
        if gaps and self._harmless and not self.disk.harmed:
            raise BrokenError("a gap where nothing is lost")
        lost = self._knowable() - self._told
        if gaps > self._gaps:
            self._told |= lost
        elif lost and self.disk.names:
            raise BrokenError(f"lost without a word: {_named(lost)}, {len(lost)} lines")
        self._gaps = gaps

    def down(self) -> None:
        """Kill the agent: what is not committed is undone."""
        if self._follower is not None and self._store is not None:
            self._follower.close()
            self._store.close()
            self._follower = self._store = None
            self._looked = False
            self._held, self._met = set(), set(self._met_before)
            self.outstanding |= {line for line in self.handed[self._committed :] if self._is_line(line)}
            del self.handed[self._committed :]

    def up(self) -> None:
        """Start the agent with what it committed."""
        if self._follower is not None:
            return
        self._store = Store.open(self._state)
        saved = self._store.load()
        count = int(saved.assemblies.get(KEY, b"0"))
        if count != self._committed or saved.counters.get(LINES, 0) != count:
            raise BrokenError(f"{self._committed} lines were committed, the store has {count}")
        tail = codec.decode(saved.tails[KEY], TailState) if KEY in saved.tails else None
        self._follower = Follower(self._path, start="beginning", saved=tail)

    def kill(self) -> None:
        """Kill the agent and start it again at once."""
        self.down()
        self.weigh()
        self.up()

    def stop(self) -> None:
        """End the agent in order."""
        self.commit()
        self.down()

    def close(self) -> None:
        """Let everything go."""
        self.down()
        self.disk.close()

    # -- the account --------------------------------------------------------------------------------------

    def weigh(self) -> None:
        """Write off the lines that nobody can have any more."""
        if not self.outstanding:
            return
        there = {line for file in self.disk.chain() | self._held for line in file.lines()}
        gone = self.outstanding - there
        self.outstanding -= gone
        self.lost |= gone

    def _knowable(self) -> set[str]:
        """Return the lost lines that the agent must tell of.

        It knows of what it saw and of what follows in the same content, and that the oldest make room for
        others. Nobody can know that a file which was read to its end grew, or of one that came and went.
        """
        where = {line: self._where.get(line) for line in self.lost}
        return {
            line
            for line, at in where.items()
            if at is not None and (at in self._met or (at[0].dropped and at[0].content == at[1]))
        }

    def _take(self, line: str) -> None:
        self.handed.append(line)
        if line in self.outstanding:
            self.outstanding.remove(line)
        elif line in self.lost:
            self.lost.remove(line)
        elif self._is_line(line):
            raise BrokenError(
                f"{'came again' if line in self.handed[:-1] else 'nobody wrote'}: {line[:40]!r}"
            )

    def _is_line(self, text: str) -> bool:
        """Tell a whole line from a banner, and from the first half of a line whose file is gone."""
        return text not in self._halves and text != self._banner.decode()[:-1]

    def _opened(self, files: set[File]) -> set[File]:
        """Return the files that a reader has to hold now: those with a name; of copies, what it does hold."""
        inodes = self._inodes() if any(file.copy for file in files) else set()
        return {file for file in files if not file.copy or file.inode in inodes}

    def _inodes(self) -> set[int]:
        """Return the inodes that this process has open, but for the writer's."""
        found = set()
        for path in Path("/proc/self/fd").iterdir():
            if self.disk.pen is None or path.name != str(self.disk.pen.fd):
                with suppress(OSError):
                    status = os.fstat(int(path.name))
                    found |= {status.st_ino} if status.st_dev == self._device else set()
        return found


def _named(lines: Iterable[str]) -> str:
    return ", ".join(line[:8] for line in sorted(lines)[:5])


@contextmanager
def _in_front_of(call: int, step: Callable[[], None]) -> Iterator[None]:
    """Do a step in front of the so-many-th system call, or at the end if there are fewer."""
    left = call

    def profile(_: FrameType, event: str, what: object) -> None:
        nonlocal left
        if event == "c_call" and getattr(what, "__module__", None) == "posix":
            left -= 1
            if left == 0:
                sys.setprofile(None)
                step()

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)
    if left > 0:
        step()
