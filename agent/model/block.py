"""Bytes of a log, and places in it."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """The start of a line: `offset` in bytes and `line` from 1, both within one file.

    `file` is the name to show; `identity` tells two files of that name apart (it survives a rename and a
    restart of the agent).
    """

    file: str
    identity: str
    offset: int
    line: int


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the lines of a text that is not in the file as it stands came from.

    For each line its begin in the text; the offset and number, in the file of the block's start, of the line
    in which it begins; and the offset of the one in which it ends, where it was in several. All ascend.
    `first` is where the first line began when that was in an earlier block, perhaps of another file.
    `exact` says that each line is one of the file's, from which something was taken: what stands amid it is
    then placed there, too.
    """

    begins: list[int]
    offsets: list[int]
    lines: list[int]
    ends: list[int]
    first: Where | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    r"""Whole lines, each with its b"\n"; only the last block of a finished file may lack the last one.

    `start` is where the first byte stands. A text that is not in the file as it stands has `origins`.
    """

    start: Where
    data: bytes
    origins: Origins | None = None

    def where(self, begin: int, line: int) -> Where:
        """Return the place in the file of the line that begins at data[begin].

        `line` is counted from `start.line` in this text; whoever walks through it knows it anyway.
        """
        start, origins = self.start, self.origins
        if origins is None:
            return Where(start.file, start.identity, start.offset + begin, line)
        index = line - start.line
        if index == 0 and origins.first is not None:
            return origins.first
        return Where(start.file, start.identity, origins.offsets[index], origins.lines[index])

    def reached(self, position: int) -> int:
        """Return the offset in the file of data[position]; in a text that was taken out, that of its line."""
        origins = self.origins
        if origins is None:
            return self.start.offset + position
        index = max(bisect_right(origins.begins, position) - 1, 0)
        return origins.ends[index] + (position - origins.begins[index] if origins.exact else 0)
