"""Bytes of a log, and places in it."""

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
class Block:
    r"""Whole lines, each with its b"\n"; only the last block of a finished file may lack the last one.

    `start` is where the first byte stands.
    """

    start: Where
    data: bytes
