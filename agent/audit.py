"""Counts the files at hand again and compares that with what the agent has counted.

It shares no code with the reading of a growing log: lines are found by a walk of its own, in files that are
found by their content. What came of the lines is found by a fresh pipeline, fed in the order of the files,
with the silences that the agent has noted. A file that is gone cannot be compared, and the handshakes of one
whose beginning depends on a file that is gone prove nothing where they differ.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent import codec
from agent.errors import DamagedStateError
from agent.model.block import Block, Where
from agent.model.vocabulary import Outcome
from agent.pipeline import Ended, Pipeline, PipelineOutcome
from agent.tail import archive, chain, identity
from agent.tail.chain import Found
from agent.tail.generation import LONGEST_LINE, Generation
from agent.tally import Tally, of_block

CHUNK = 1 << 20

LINES = ("read_bytes", "lines")
HANDSHAKES = ("completed", "failed", "incomplete")


class Verdict(StrEnum):
    """What became of a comparison."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNPROVEN = "unproven"  # lines are equal; handshakes differ, and may because of what is gone
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Counts:
    """What can be compared."""

    read_bytes: int = 0
    lines: int = 0
    completed: int = 0
    failed: int = 0
    incomplete: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """One file: what was counted up to `end`, what is found now, and in which counts they differ.

    `found` is None for a file that cannot be read. `waiting` are bytes behind `end`.
    """

    path: Path
    file: str
    identity: str
    first: int
    end: int
    verdict: Verdict
    counted: Counts
    found: Counts | None = None
    differences: tuple[str, ...] = ()
    waiting: int = 0
    reason: str | None = None


def audit(
    path: Path, tallies: Sequence[Tally], pipeline: Callable[[], Pipeline], *, version: str
) -> Iterator[Compared]:
    """Compare the files of one log, oldest first.

    `path` is that of its live file, `pipeline` makes a fresh one, `version` is the agent's.
    """
    try:
        found = chain.scan(path, (), every=True)
    except OSError as error:
        for tally in tallies:
            yield _without(path, tally, Verdict.UNREADABLE, error.strerror)
        return
    fresh: Pipeline | None = None
    proven = False
    try:
        for tally in tallies:
            here = _here(tally, found)
            if here is None or here.fd is None:
                denied = next((one.error for one in found if _same(tally, one) and one.error), None)
                verdict = Verdict.UNREADABLE if denied else Verdict.GONE
                yield _without(path, tally, verdict, denied.strerror if denied else None)
                fresh = None
                continue
            if fresh is None or tally.fresh:
                fresh, proven = pipeline(), tally.fresh
            proven = proven and not tally.mixed and tally.version == version
            yield _compared(path, here, tally, fresh, proven=proven)
    finally:
        chain.release(found)


def recount(fd: int, tally: Tally) -> Iterator[Block]:
    """Return the whole lines between the first byte and the last one that were handed out.

    A line that is too long is left out, and so are zeros ahead of a line. The last line may lack its end,
    where its file was given up. A block ends wherever silence fell.
    """
    ends = sorted({tally.end, *(offset for offset, _ in tally.silences)})
    at = tally.first
    while at < tally.end:
        end = next(one for one in ends if one > at)
        data = os.pread(fd, min(CHUNK, end - at), at)
        if not data:
            return
        if data[0] == 0:
            at += len(data) - len(data.lstrip(b"\0"))
            continue
        if whole := data.rfind(b"\n") + 1:
            data = data[:whole]
        elif (length := _line_length(fd, at, end)) > LONGEST_LINE + 1:
            at += length
            continue
        else:
            data = os.pread(fd, length, at)
        yield Block(Where(tally.file, tally.identity, at, 1), data.removesuffix(b"\n") + b"\n")
        at += len(data)


def _line_length(fd: int, at: int, end: int) -> int:
    """Return the bytes of a line with its end, up to `end`."""
    length = 0
    while data := os.pread(fd, min(CHUNK, end - at - length), at + length):
        if cut := data.find(b"\n") + 1:
            return length + cut
        length += len(data)
    return length


def _here(tally: Tally, found: Sequence[Found]) -> Found | None:
    """Return the file, open, that holds what was counted; None where none does."""
    try:
        known = codec.decode(tally.position, Generation) if tally.position else None
    except ValueError:
        raise DamagedStateError("the state store holds a position that cannot be read") from None
    for one in sorted(found, key=lambda one: not _same(tally, one)):
        if known is None:
            if one.fd is not None and _same(tally, one):
                return one
            continue
        if not _same(tally, one) and known.fingerprint.head_length < identity.EVIDENCE:
            continue
        with suppress(OSError):
            if one.packed is not None and known.fingerprint.begins(archive.head(one.packed)):
                one.unpack()
            if one.fd is not None and identity.holds(one.fd, known.fingerprint, known.offset):
                return one
    return None


def _same(tally: Tally, one: Found) -> bool:
    """Tell whether inode and birth time are those of the file that was counted."""
    return tally.identity.partition(".")[0] == f"{one.inode:x}-{one.btime_ns:x}"


def _without(path: Path, tally: Tally, verdict: Verdict, reason: str | None) -> Compared:
    return Compared(
        path, tally.file, tally.identity, tally.first, tally.end, verdict, _counts(tally), reason=reason
    )


def _counts(tally: Tally) -> Counts:
    return Counts(tally.read_bytes, tally.lines, tally.completed, tally.failed, tally.incomplete)


def _compared(path: Path, here: Found, tally: Tally, pipeline: Pipeline, *, proven: bool) -> Compared:
    fd = here.fd
    assert fd is not None  # noqa: S101  (the caller has looked)
    silences = iter([*tally.silences, (-1, 0.0)])
    silence = next(silences)
    sums, outcomes = [0, 0], list[PipelineOutcome]()
    for block in recount(fd, tally):
        size, lines = of_block(block.data)
        sums = [sums[0] + size, sums[1] + lines]
        outcomes += pipeline.feed(block)
        while silence[0] == block.start.offset + len(block.data):
            outcomes += pipeline.quiet(silence[1])
            silence = next(silences)
    ended = [one.handshake.outcome for one in outcomes if isinstance(one, Ended)]
    found = Counts(*sums, *(ended.count(o) for o in (Outcome.COMPLETED, Outcome.FAILED, Outcome.INCOMPLETE)))
    counted = _counts(tally)
    differences = tuple(
        name for name in (*LINES, *HANDSHAKES) if getattr(found, name) != getattr(counted, name)
    )
    verdict = Verdict.EQUAL
    if differences:
        lines = any(name in LINES for name in differences)
        verdict = Verdict.DIFFERENT if lines or proven else Verdict.UNPROVEN
    return Compared(
        path=path,
        file=here.name,
        identity=tally.identity,
        first=tally.first,
        end=tally.end,
        verdict=verdict,
        counted=counted,
        found=found,
        differences=differences,
        waiting=max(0, os.fstat(fd).st_size - tally.end),
    )
