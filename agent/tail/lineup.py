"""The generations of a log beside the files of its chain: which file is whose, and what stands before it."""

import math
import os
from collections.abc import Collection, Sequence

from agent.tail import kinship
from agent.tail.chain import Found
from agent.tail.generation import Generation, Reader
from agent.tail.identity import Fingerprint


def belongs(reader: Reader, one: Found) -> bool:
    """Tell whether a file is a reader's: exactly while it is open, by inode and birth time otherwise."""
    if one.known or reader.fd is not None:
        return one.key == reader.key
    return reader.generation.fingerprint.same_file(one.inode, one.btime_ns)


def place(reader: Reader, found: Sequence[Found]) -> Found | None:
    """Note where a reader's file stands in the chain and return it; its archive if it was compressed."""
    reader.index = -1
    for one in found:
        if belongs(reader, one) or (
            reader.fd is not None
            and not one.known
            and not os.fstat(reader.fd).st_nlink
            and kinship.is_archive_of(one, reader.fd)
        ):
            reader.index, reader.name, one.known = one.index, one.name, True
            return one
    return None


def replaced(reader: Reader, found: Sequence[Found]) -> list[Reader]:
    """Find the copy that was put in the place of a file which is still held, or kept where it rolled to.

    A rolled copy is history like its original. One in the live place goes on by itself, behind what is held:
    its reader is returned. That happens where an editor saves the file, and where it comes from a backup.
    """
    copied = kinship.continuation(reader.generation, found, None)
    if copied is None or copied.fd is None or reader.fd is None or copied.packed is not None:
        return []
    size = os.fstat(reader.fd).st_size
    if kinship.text_size(copied) < size:
        return []
    if copied.index:
        reader.index, reader.name, copied.known = copied.index, copied.name, True
        return []
    fresh = Reader(Generation(Fingerprint(copied.inode, copied.btime_ns), offset=size, line=0), copied.name)
    attach(fresh, copied)
    fresh.begun = fresh.generation.offset
    return [fresh]


def continued(reader: Reader, found: Sequence[Found], *, behind: int | None = None) -> bool:
    """Go on in a file that holds what the reader's held, if there is one.

    `behind` is the place of the reader's own file if that was truncated: copies of it stand behind it.
    """
    copied = kinship.continuation(reader.generation, found, behind)
    if copied is None:
        return False
    attach(reader, copied)
    reader.recognise()
    return True


def known_from(readers: Collection[Reader], renewed: Collection[Reader]) -> float:
    """Return the first place in the chain of a file that was known; what stands behind it is history.

    A file in which nothing was seen, or that was truncated (`renewed`), makes none behind it known.
    """
    places = [one.index for one in readers if one.index >= 0 and not one.unseen and one not in renewed]
    return min(places, default=math.inf)


def take_up(readers: list[Reader], reader: Reader) -> None:
    """Put a reader where its file stands in the chain."""
    younger = (at for at, one in enumerate(readers) if 0 <= one.index < reader.index)
    readers.insert(next(younger, len(readers)), reader)


def reader_of(one: Found, *, at_end: bool) -> Reader:
    """Return a reader for a file not known before."""
    generation = Generation(Fingerprint(one.inode, one.btime_ns), size=one.size)
    if at_end:
        generation.offset, generation.line = one.size, 0
    reader = Reader(generation, one.name)
    reader.index = one.index
    if one.fd is not None:
        attach(reader, one)
    return reader


def attach(reader: Reader, one: Found) -> None:
    """Go on in a file that turned out to be a reader's."""
    reader.index, reader.name, one.known = one.index, one.name, True
    reader.attach(one.take())
