"""What was counted of one content of one file, so that it can be counted again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was read of one content of one file, and what came of it.

    `file` is its name when it was last read, `first` and `end` are offsets: of the first byte that was handed
    out, and behind the last one. `read_bytes` and `lines` are of the whole lines that were handed out; the
    three counts are of handshakes that came to an end in these lines. `silences` are the offsets at which
    silence ended a handshake, and how many seconds it had lasted.

    `fresh` says that nothing was remembered of earlier lines, `mixed` that lines came to a file whose
    successor was being read. `version` is that of the agent, "" for several. `position` is what the file is
    known by.
    """

    identity: str
    file: str
    first: int
    end: int
    read_bytes: int = 0
    lines: int = 0
    completed: int = 0
    failed: int = 0
    incomplete: int = 0
    fresh: bool = False
    mixed: bool = False
    version: str = ""
    silences: tuple[tuple[int, float], ...] = ()
    position: bytes | None = None


def of_block(data: bytes) -> tuple[int, int]:
    """Return the bytes and lines to be counted of whole lines.

    Zero bytes are none: those of a hole are passed over where a block begins in it.
    """
    return len(data) - data.count(b"\0"), data.count(b"\n")
