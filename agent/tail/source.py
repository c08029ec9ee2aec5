"""Finished files for one reading: in the right order, unpacked, in blocks of whole lines."""

import os
import re
import shlex
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from agent.errors import InputMissingError
from agent.model.block import Block, Where
from agent.tail import access
from agent.tail.discovery import ROLL_NUMBER

LONGEST_LINE = 16 << 20
"""Bytes of a line that are kept; what follows in the line is left out, so that memory stays bounded."""

_PIECE = 64 << 10
"""Bytes unpacked at a time: what a damaged archive can cost at most of what is before the damage."""

_PEEK = 16 << 10
"""Bytes in which the last line end of a block is looked for, before the block is read up to there."""

_GZIP = b"\x1f\x8b"
_PACKED = MappingProxyType(
    {b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_DATE = re.compile(r"[-_.]((?:19|20)\d\d-?[01]\d-?[0-3]\d(?:[-T_]?\d{2,6})?)(?!\d)")
_NUMBER = re.compile(r"\.([1-9]\d{0,3})$")


@dataclass(frozen=True, slots=True)
class Source:
    """One input. `name` is the base name, or the argument where two files share one; `path` None is stdin.

    `size` counts the bytes that `read` will hand out, None where nobody knows them before.
    """

    name: str
    path: Path | None
    size: int | None


def sources(arguments: Sequence[str]) -> list[Source]:
    """Return the inputs that arguments name, each file once.

    Files that rolled off one another are put oldest first, in the places that they have among the
    arguments; all others stay where they are. Raises InputMissingError for what cannot be read.
    """
    found: dict[object, Source] = {}
    names: dict[object, str] = {}
    for argument in arguments:
        key, source = _examine(argument)
        found.setdefault(key, source)
        names.setdefault(key, argument)
    bases = [source.name for source in found.values()]
    listed = [
        replace(source, name=names[key]) if bases.count(source.name) > 1 else source
        for key, source in found.items()
    ]
    return _oldest_first(listed)


def read(source: Source, *, size: int = 4 << 20) -> Iterator[Block]:
    """Yield an input in blocks of whole lines, about `size` bytes each; only the last may lack a line end.

    Raises InputMissingError, after all that is readable, for a damaged archive, and at once for text in
    UTF-16 and for archives other than gzip.
    """
    line = 1
    for offset, data in _whole_lines(_text(source, min(size, LONGEST_LINE))):
        yield Block(Where(source.name, "", offset, line), data)
        line += data.count(b"\n")


# -- names ------------------------------------------------------------------------------------------------


def _examine(argument: str) -> tuple[object, Source]:
    """Return what tells an input from others, and the input."""
    if argument == "-":
        return argument, Source(argument, None, None)
    if not argument:
        raise InputMissingError("a path is empty; name the file, or give - for standard input")
    path = Path(argument)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputMissingError(
                f"{argument} is a directory; name the files in it, as {path / 'wrapper.log'}"
            )
        size = None
        if stat.S_ISREG(status.st_mode):
            with path.open("rb") as stream:
                size = None if stream.read(2) == _GZIP else status.st_size
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputMissingError(
            f"{argument} does not exist; name a file that does, or - for stdin"
        ) from error
    except OSError as error:
        raise InputMissingError(access.mend(path, error)) from error
    return (status.st_dev, status.st_ino), Source(path.name, path, size)


def _oldest_first(listed: Sequence[Source]) -> list[Source]:
    """Order the files of each family among the places that they have."""
    ranks = [_rank(source.path) if source.path else (("", "-"), ("", 0)) for source in listed]
    ordered = list(listed)
    for family in {family for family, _ in ranks}:
        places = [place for place, (one, _) in enumerate(ranks) if one == family]
        for place, origin in zip(places, sorted(places, key=lambda at: ranks[at][1]), strict=True):
            ordered[place] = listed[origin]
    return ordered


def _rank(path: Path) -> tuple[tuple[str, str], tuple[str, int]]:
    """Return what rolled files share, and how young each is: date, then the number, which is higher if older.

    The wrapper writes wrapper.log.1, wrapper_1.log (ROLLNUM) and wrapper_20261123.log (YYYYMMDD); logrotate
    wrapper.log-20261123. A file without a date is the live one.
    """
    name, date, number = path.name.removesuffix(".gz"), "9", 0
    if dated := _DATE.search(name):
        name, date = name[: dated.start()] + name[dated.end() :], re.sub(r"\D", "", dated[1])
    if numbered := _NUMBER.search(name) or ROLL_NUMBER.search(name):
        name, number = name[: numbered.start()] + name[numbered.end() :], int(numbered[1])
    return (str(path.parent), name), (date, -number)


# -- bytes ------------------------------------------------------------------------------------------------


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines with the offset of the first; what is readable before an error, then the error."""
    start, carry, held, dropping = 0, list[bytes](), 0, False
    problem = None
    try:
        for chunk in chunks:
            data, line_end = chunk, chunk.find(b"\n")
            if held and held + (len(data) if line_end < 0 else line_end) > LONGEST_LINE:
                yield start, b"".join(carry) + data[: LONGEST_LINE - held] + b"\n"
                start += held
                carry, held, dropping = [], 0, True
            if dropping:
                dropping = line_end < 0
                start += len(data) if dropping else line_end + 1
                data = b"" if dropping else data[line_end + 1 :]
            cut = len(data) if data.endswith(b"\n") else data.rfind(b"\n") + 1
            if cut:
                whole = b"".join((*carry, data[:cut]))
                carry, held = [], 0
                yield start, whole
                start += len(whole)
            if rest := data[cut:] if cut else data:
                carry.append(rest)
                held += len(rest)
    except InputMissingError as error:
        problem = error
    if carry:
        yield start, b"".join(carry)
    if problem is not None:
        raise problem


def _text(source: Source, size: int) -> Iterator[bytes]:
    """Yield the text of an input in pieces of at most `size` bytes."""
    try:
        with _opened(source) as stream:
            first = stream.read(_PIECE)
            for magic, kind in _PACKED.items():
                if first.startswith(magic):
                    raise InputMissingError(f"{source.name} is packed with {kind}; unpack it first")
            if first.startswith(_GZIP):
                chunks = _unpacked(stream, first, source.name, size)
            elif source.path and source.path.suffix == ".gz":
                raise InputMissingError(f"{source.name} is no gzip file; get a whole copy of it")
            elif source.size is None:
                chunks = _streamed(stream, first, size)
            else:
                chunks = _in_place(stream.fileno(), size)
            begin = True
            for chunk in chunks:
                if begin and chunk.startswith(_UTF16):
                    mend = f"convert it: iconv -f UTF-16 -t UTF-8 {shlex.quote(str(source.path or '-'))}"
                    raise InputMissingError(
                        f"{source.name} is text in UTF-16, which no wrapper writes; {mend}"
                    )
                begin = False
                yield chunk
    except OSError as error:
        raise InputMissingError(access.mend(source.path or Path(source.name), error)) from error


def _opened(source: Source) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if source.path is None else source.path.open("rb")


def _streamed(stream: BinaryIO, first: bytes, size: int) -> Iterator[bytes]:
    yield first
    while chunk := stream.read(size):
        yield chunk


def _in_place(fd: int, size: int) -> Iterator[bytes]:
    """Yield a regular file's bytes, ending with a line where one ends near: that saves copying each chunk."""
    offset = 0
    while True:
        want, peek = size, b""
        if size > _PEEK:
            peek = os.pread(fd, _PEEK, offset + size - _PEEK)
        if len(peek) == _PEEK and (line_end := peek.rfind(b"\n") + 1):
            want = size - _PEEK + line_end
        chunk = os.pread(fd, want, offset)
        if not chunk:
            return
        offset += len(chunk)
        yield chunk


def _unpacked(stream: BinaryIO, first: bytes, name: str, size: int) -> Iterator[bytes]:
    """Yield what gzip members hold; zeros behind a member are padding (RFC 1952 knows no other)."""
    unpacker, packed, pieces, held = zlib.decompressobj(wbits=31), first, list[bytes](), 0
    whole = True
    while True:
        packed = packed or stream.read(_PIECE)
        if unpacker.eof:
            packed = packed.lstrip(b"\0") or stream.read(_PIECE).lstrip(b"\0")
            if not packed:
                break
            unpacker = zlib.decompressobj(wbits=31)
        at_end = not packed
        try:
            piece = unpacker.decompress(packed, _PIECE)
        except zlib.error:
            whole = False
            break
        packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        pieces.append(piece)
        held += len(piece)
        if held >= size:
            yield b"".join(pieces)
            pieces, held = [], 0
        if at_end and not piece and not unpacker.eof:
            whole = False
            break
    if held:
        yield b"".join(pieces)
    if not whole:
        raise InputMissingError(
            f"{name} is a damaged gzip file, read as far as it goes; get a whole copy of it"
        )
