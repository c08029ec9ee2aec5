"""A log's directory: what wrappers, logrotate and people do to it, done for real and noted beside it.

The note says what is in each file and under which name. From it follows what a reader could have, without
asking the reader.
"""

import gzip
import os
from dataclasses import dataclass, field
from pathlib import Path

LIVE = "wrapper.log"
PACKED = ".gz"


@dataclass(eq=False, slots=True)
class File:
    """The content of one inode, the so-many-th since the file was first emptied.

    `copy` says that it was made from another file's content, `dropped` that it was the oldest and made room
    for another.
    """

    inode: int
    text: bytearray = field(default_factory=bytearray)
    copy: bool = False
    dropped: bool = False
    content: int = 0

    def lines(self) -> list[str]:
        """Return the complete lines, without the zeros of a hole before them."""
        whole, _, _ = bytes(self.text).rpartition(b"\n")
        return [line.lstrip(b"\0").decode() for line in whole.split(b"\n")] if whole else []


@dataclass(slots=True)
class Pen:
    """A writer's open file, and its position where it does not append."""

    file: File
    fd: int
    at: int = 0


class Disk:
    """One log of up to `keep` rolled files, named as the wrapper does (`rollnum`: wrapper_1.log).

    With `linked` the live name is a symbolic link to a file elsewhere. `holes` makes the writer go on at its
    own position, as one does that has not opened its file for appending. `harmed` says that something
    happened that can lose lines.
    """

    def __init__(self, folder: Path, *, keep: int, rollnum: bool, linked: bool, holes: bool) -> None:
        self.folder, self.keep, self.linked, self.holes = folder, keep, linked, holes
        self._rollnum = rollnum
        self.names: dict[str, File] = {}
        self.pen: Pen | None = None
        self._targets = 0
        self._dropped: list[File] = []
        self.harmed = False
        self._copying: File | None = None
        self._clock = 1_700_000_000_000_000_000

    def numbered(self, number: int) -> str:
        """Return the name of the file that rolled so often."""
        return f"wrapper_{number}.log" if self._rollnum else f"{LIVE}.{number}"

    def chain(self) -> set[File]:
        """Return the files that have a name of the log."""
        return set(self.names.values())

    # -- the writer ---------------------------------------------------------------------------------------

    def write(self, data: bytes, *, banner: bytes = b"") -> File:
        """Write through the open file; a new file begins with the banner."""
        if self.pen is None:
            self._open(banner)
        pen = self.pen
        if pen is None:
            raise ValueError
        at = pen.at if self.holes else len(pen.file.text)
        if at > len(pen.file.text):
            pen.file.text += bytes(at - len(pen.file.text))
        pen.file.text[at : at + len(data)] = data
        os.pwrite(pen.fd, data, at)
        self._stamp(pen.fd)
        pen.at = at + len(data)
        return pen.file

    def append(self, name: str, data: bytes) -> None:
        """Write at the end of a file by its name, as another process may."""
        self.names[name].text += data
        with (self.folder / name).open("ab") as stream:
            stream.write(data)
        self._stamp(self.folder / name)

    def _stamp(self, file: Path | int) -> None:
        """Let no two writings have the same time: ours follow one another faster than the kernel's clock."""
        self._clock += 1_000_000
        os.utime(file, ns=(self._clock, self._clock))

    def reopen(self) -> None:
        """Let the writer close its file; its next line goes to what has the live name then."""
        if self.pen is not None:
            os.close(self.pen.fd)
            self.pen = None

    def _open(self, banner: bytes) -> None:
        new = LIVE not in self.names
        if new and self.linked:
            self._link()
        path = self.folder / LIVE
        fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        if new:
            self.names[LIVE] = File(os.fstat(fd).st_ino)
        file = self.names[LIVE]
        self.pen = Pen(file, fd, len(file.text))
        if new and banner:
            self.write(banner)

    def _link(self) -> None:
        self._targets += 1
        target = self.folder / "data" / f"{self._targets}.log"
        target.parent.mkdir(exist_ok=True)
        fresh = self.folder / "fresh"
        fresh.symlink_to(target)
        fresh.rename(self.folder / LIVE)

    @property
    def _there(self) -> bool:
        """Whether there is a live file that is not being copied: nobody does two such things at once."""
        return LIVE in self.names and self._copying is None

    # -- what happens to files ----------------------------------------------------------------------------

    def shift(self) -> None:
        """Make room for a first rolled file: the last goes, the others move up, highest number first."""
        for packed in ("", PACKED):
            last = self.numbered(self.keep) + packed
            if last in self.names:
                self.names[last].dropped = True
                self._dropped.append(self.names[last])
                self._unlink(last)
        for number in range(self.keep - 1, 0, -1):
            for packed in ("", PACKED):
                self._rename(self.numbered(number) + packed, self.numbered(number + 1) + packed)

    def roll(self) -> None:
        """Give the live file the first number; whoever has it open keeps it."""
        if self._there:
            self.shift()
            self._rename(LIVE, self.numbered(1))

    def aside(self) -> None:
        """Move the live file to where it is no part of the log, if it holds something."""
        if self._there and self.names[LIVE].text:
            self.harmed = True
            (self.folder / LIVE).rename(self.folder / "elsewhere")
            del self.names[LIVE]

    def delete(self, number: int) -> None:
        """Delete the live file (0) or a rolled one, if it holds something."""
        name = self.numbered(number) if number else LIVE
        if self._copying is None and name in self.names and self.names[name].text:
            self._unlink(name)
            for file in self._dropped:  # that there were more shows no longer
                file.dropped = False

    def copy(self, percent: int) -> None:
        """Begin a copy of the live file under the first number."""
        if self._there:
            self.shift()
            live = self.names[LIVE]
            text = live.text[: len(live.text) * percent // 100]
            path = self.folder / self.numbered(1)
            path.write_bytes(text)
            self._stamp(path)
            self._copying = self.names[path.name] = File(path.stat().st_ino, text, copy=True)

    def copied(self) -> None:
        """Finish the copy with what the live file holds now."""
        live = self.names.get(LIVE)
        for name, file in self.names.items():
            if file is self._copying and live is not None and live.text.startswith(file.text):
                self.append(name, bytes(live.text[len(file.text) :]))

    def truncate(self) -> None:
        """Empty the live file."""
        if LIVE in self.names:
            if self._copying is not None and not self._copying.text.endswith(b"\n"):
                self.copied()
            self._copying = None
            self.harmed = True
            self.names[LIVE].text.clear()
            self.names[LIVE].content += 1
            os.truncate(self.folder / LIVE, 0)
            self._stamp(self.folder / LIVE)

    def swap(self) -> None:
        """Let the live link lead to a new file."""
        if self.linked and self._there:
            self.harmed = True
            self.reopen()
            del self.names[LIVE]
            self._open(b"")

    def compress(self, number: int) -> None:
        """Replace a rolled file that holds something by its archive."""
        name = self.numbered(number)
        if name in self.names and self.names[name].text and self._copying is None:
            text = self.names[name].text
            packed = self.folder / (name + PACKED)
            packed.write_bytes(gzip.compress(bytes(text), 1))
            written = (self.folder / name).stat().st_mtime_ns
            os.utime(packed, ns=(written, written))  # as gzip does
            self.names[packed.name] = File(packed.stat().st_ino, text[:], copy=True)
            self._unlink(name)

    def close(self) -> None:
        """Close what is open and delete everything."""
        self.reopen()
        for path in sorted(self.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    def _rename(self, old: str, new: str) -> None:
        if old in self.names:
            (self.folder / old).rename(self.folder / new)
            self.names[new] = self.names.pop(old)

    def _unlink(self, name: str) -> None:
        if name in self.names:
            self.harmed = True
            (self.folder / name).unlink()
            del self.names[name]
