"""The cases of the corpus as the laws take them: lines, blocks of lines, and what comes of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from functools import cache

from agent.framing.containers import BARE
from agent.model.block import Block, Where
from agent.pipeline import Ended, Pipeline, PipelineOutcome, restore
from tests.corpus import accept
from tests.laws.profile import ALL, spread

CASES = tuple(accept.cases())

DIALECTS = tuple(sorted({case.partition("/")[0] for case in CASES}))

PLACE = ("wrapper.log", "8:15")
"""Name and identity of the file that all lines are read from."""

BYTES = 12_000
"""Length up to which a case is a short one, to be tried at each byte."""


def split(data: bytes) -> tuple[bytes, ...]:
    """Return the lines of a log, each with its end; unlike for Python, only a line feed is one."""
    return tuple(re.findall(rb"[^\n]*\n|[^\n]+\Z", data))


@cache
def rows(case: str) -> tuple[bytes, ...]:
    """Return the lines of a case, those of its rolled files one behind the other."""
    return split(b"".join(accept.logs(case)))


@cache
def whole(case: str) -> tuple[PipelineOutcome, ...]:
    """Return the outcomes of a case that is read as one block."""
    return tuple(run(blocks(rows(case), [])))


def blocks(lines: Sequence[bytes], cuts: Iterable[int], place: tuple[str, str] = PLACE) -> Iterator[Block]:
    """Yield lines as blocks that end before the lines with these numbers (from 0)."""
    start, offset = 0, 0
    for end in [*sorted(set(cuts)), len(lines)]:
        data = b"".join(lines[start:end])
        if data:
            yield Block(Where(*place, offset, start + 1), data)
        offset, start = offset + len(data), end


def part(lines: Sequence[bytes], start: int, end: int) -> Block:
    """Return the lines from one number to before another one as a block."""
    return Block(Where(*PLACE, sum(map(len, lines[:start])), start + 1), b"".join(lines[start:end]))


def pipeline(saved: bytes | None = None) -> Pipeline:
    """Return a pipeline with the product's catalogue, new or with a memory."""
    return Pipeline(accept.catalogue(), UTC, saved=restore(saved) if saved else None)


def run(parts: Iterable[Block]) -> list[PipelineOutcome]:
    """Return the outcomes of blocks."""
    one = pipeline()
    return [outcome for block in parts for outcome in one.feed(block)] + one.finish()


def short(dialect: str = "") -> list[str]:
    """Return the short cases, of one dialect or of all."""
    return [c for c in CASES if c.startswith(dialect) and len(b"".join(rows(c))) <= BYTES]


def handshakes(outcomes: Iterable[PipelineOutcome]) -> list[Ended]:
    """Return the handshakes among outcomes."""
    return [outcome for outcome in outcomes if isinstance(outcome, Ended)]


def places(case: str, few: int) -> list[int]:
    """Return numbers of lines (from 0) to try something at: all of them, or a few of those that count."""
    return list(range(len(rows(case)))) if ALL else spread(telling(case), few)


def elsewhere(block: Block) -> Block:
    """Return a block that was really read from a file as if it were read from `PLACE`."""
    return replace(block, start=replace(block.start, file=PLACE[0], identity=PLACE[1]))


@cache
def telling(case: str) -> tuple[int, ...]:
    """Return the numbers (from 0) of the lines that tell something, and of those next to them.

    A line tells something if an event begins or a record ends there: a block of it alone, or one that ends
    with it, gives an event. All other cuts of a log fall between two lines that nobody reads.
    """
    one, lines = pipeline(), rows(case)
    told = set[int]()
    for number, block in enumerate(blocks(lines, range(len(lines)))):
        told |= {number} if [e for reader in one._streams[BARE] for e in reader.feed(block)] else set()
    near = {n + step for n in told for step in (-1, 0, 1)}
    return tuple(sorted(n for n in near if 0 <= n < len(lines)))
