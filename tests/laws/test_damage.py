"""A log that begins late, ends early, or has one line wrong: it is read, and raises no false alarm."""

from collections.abc import Callable, Sequence

import pytest

from agent.pipeline import PipelineOutcome
from tests.laws.alarms import failures_of_what_completed, false_alarms
from tests.laws.cases import CASES, blocks, part, pipeline, places, rows, run

cases = pytest.mark.parametrize("case", CASES)

Lines = Sequence[bytes]


def without(lines: Lines, at: int) -> Lines:
    """Return the lines without one."""
    return (*lines[:at], *lines[at + 1 :])


def twice(lines: Lines, at: int) -> Lines:
    """Return the lines with one twice."""
    return (*lines[: at + 1], *lines[at:])


def swapped(lines: Lines, at: int) -> Lines:
    """Return the lines with one before the line that it follows."""
    return (*lines[:at], *lines[at + 1 : at + 2], lines[at], *lines[at + 2 :])


@cases
def test_ended_early(case: str) -> None:
    """A log that ends before any of its lines tells of no certain failure that is none of the whole log."""
    steady, told, begin = pipeline(), list[PipelineOutcome](), 0
    for end in places(case, 60):
        told += steady.feed(part(rows(case), begin, end))
        begin = end
        outcomes = told + pipeline(steady.save()).finish()
        assert false_alarms(case, outcomes) == [], f"cut before line {end + 1}"


@cases
def test_begun_late(case: str) -> None:
    """Nor does a log that begins with any of its lines."""
    for start in places(case, 15):
        outcomes = run(blocks(rows(case)[start:], []))
        assert false_alarms(case, outcomes) == [], f"begun with line {start + 1}"


@pytest.mark.parametrize("damage", [without, twice, swapped])
@cases
def test_one_line_wrong(case: str, damage: Callable[[Lines, int], Lines]) -> None:
    """A log in which one line is missing, is there twice or too early makes no failure of a success."""
    for at in places(case, 12):
        outcomes = run(blocks(damage(rows(case), at), []))
        assert failures_of_what_completed(case, outcomes) == [], f"line {at + 1}"
