"""The live file and what rolled off it, as the directory shows them now.

The wrapper renames the highest number first and the live file last, so a file only ever moves to a higher
number while we look, and looking upwards misses none. A hole does not end the look: a roll under way leaves
one, and so does a hand that deletes a file.
"""

import os
import stat
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.tail import archive, identity, naming
from agent.tail.generation import NotAFileError, open_regular

_SECOND = 1_000_000_000

_TRIES = 3
"""Looks at the archives, and at all files, if archives roll or are made while we look."""


@dataclass(slots=True)
class Found:
    """One file of the chain; `index` 0 is the live one.

    `fd` is open if the file was wanted, or `error` says why it is not. `known` says that it is one of the
    generations. `packed` is an open archive, which is unpacked when it is asked for; its `btime_ns` is when
    its text was last written to, which gzip and logrotate preserve.
    """

    index: int
    name: str
    device: int
    inode: int
    size: int
    btime_ns: int = 0
    fd: int | None = None
    error: OSError | None = None
    known: bool = False
    packed: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        """What tells open files apart."""
        return self.device, self.inode

    @property
    def written_until(self) -> int:
        """When an archive's text was last written to at the latest, in ns: some keep whole seconds only."""
        return self.btime_ns if self.btime_ns % _SECOND else self.btime_ns + _SECOND

    def unpack(self) -> None:
        """Open the text of an archive, if it is whole; raises OSError."""
        if self.packed is not None and self.fd is None:
            self.fd = archive.unpack(self.packed)

    def take(self) -> int:
        """Hand over the descriptor."""
        if self.fd is None:
            raise ValueError(self.name)
        fd, self.fd = self.fd, None
        return fd


def scan(path: Path, held: Collection[tuple[int, int]], *, every: bool) -> list[Found]:
    """Return the files of the chain, live one first, each once.

    Files that are not held already are opened: with `every` all of them, else those that are newer than the
    newest held one. Raises OSError when the directory cannot be looked at, which proves nobody's absence.
    """
    found = list[Found]()
    archived = _places(archives := _archives(path))
    release(archives)
    for _ in range(_TRIES):
        release(found)
        found = _files(path, held, every=every)
        archives = _archives(path)
        found += archives
        if _places(archives) == archived:
            break  # otherwise something rolled meanwhile, and the places of files and archives do not fit
        archived = _places(archives)
    return sorted(found, key=lambda one: one.index)


def _places(found: Iterable[Found]) -> list[tuple[int, tuple[int, int]]]:
    return [(one.index, one.key) for one in found]


def _files(path: Path, held: Collection[tuple[int, int]], *, every: bool) -> list[Found]:
    found: dict[tuple[int, int], Found] = {}
    try:
        for index, name in _names(path):
            wanted = every or not any(one.known for one in found.values())
            one = _examine(path.with_name(name), index, held if wanted else None)
            if one is None:
                continue
            if one.key in found:
                release([one])
                found[one.key].index, found[one.key].name = index, name
            else:
                one.known = one.key in held
                found[one.key] = one
    except OSError:
        release(found.values())
        raise
    return list(found.values())


def release(found: Iterable[Found]) -> None:
    """Close what nobody took."""
    for one in found:
        if one.fd is not None:
            os.close(one.take())
        if one.packed is not None:
            os.close(one.packed)
            one.packed = None


def live(path: Path) -> Path | None:
    """Return the file that a log is written to now; None where a log of days has no file yet."""
    if naming.DAY not in path.name:
        return path
    try:
        youngest = naming.members(path, (entry.name for entry in path.parent.iterdir()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return path.with_name(youngest[0][1]) if youngest else None


def _names(path: Path) -> list[tuple[int, str]]:
    """Return place and name of what may be there, youngest first."""
    try:
        return naming.candidates(path, [entry.name for entry in path.parent.iterdir()])
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError:
        if naming.DAY in path.name:
            raise
        return [(number, naming.numbered(path, number)) for number in range(naming.PROBED)]


def _archives(path: Path) -> list[Found]:
    """Return the compressed members, open but not unpacked."""
    for _ in range(_TRIES):
        found: list[Found] = []
        try:
            for index, name in naming.archives(path, [entry.name for entry in path.parent.iterdir()]):
                with suppress(NotAFileError):
                    packed = open_regular(path.with_name(name))
                    status = os.fstat(packed)
                    one = Found(index, name, status.st_dev, status.st_ino, status.st_size, packed=packed)
                    one.btime_ns = status.st_mtime_ns
                    found.append(one)
        except OSError:  # they are rolled just now, or cannot be read
            release(found)
        else:
            return found
    return []


def _examine(path: Path, index: int, held: Collection[tuple[int, int]] | None) -> Found | None:
    """Return what is at a path, None for nothing; open unless it is held, or `held` is None."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None
        one = Found(index, path.name, status.st_dev, status.st_ino, status.st_size)
        if held is None or one.key in held:
            return one
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        one.fd = open_regular(path)
        status = os.fstat(one.fd)
    except (FileNotFoundError, NotADirectoryError, NotAFileError):
        release([one])
        return None
    except OSError as error:
        release([one])
        one.error, one.btime_ns = error, identity.birth_time(path)
        return one
    one.device, one.inode, one.size = status.st_dev, status.st_ino, status.st_size
    one.btime_ns = identity.birth_time(one.fd)
    if one.key in held:
        release([one])
    return one
