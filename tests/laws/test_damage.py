"""A log that begins late, ends early, or has one line wrong: it is read, and raises no false alarm."""

from collections.abc import Callable, Sequence

import pytest

from agent.model.handshake import Handshake
from agent.model.vocabulary import Confidence
from agent.pipeline import PipelineOutcome
from tests.laws.alarms import failures_of_what_completed, false_alarms
from tests.laws.cases import CASES, blocks, handshakes, part, pipeline, places, rows, run, whole
from tests.laws.profile import spread

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


@cases
def test_begun_amid_a_handshake(case: str) -> None:
    """Of the handshake that a log begins amid it guesses at nothing that is none of the whole log's truth.

    What it holds likely or certain is that, or is said with that beside it.
    """
    told = [(o.handshake, o.diagnosis) for o in handshakes(whole(case)) if o.diagnosis]
    issues = {diagnosis.issue for _, diagnosis in told}
    for start in spread(reports(told[0][0]), 5) if told else ():
        first = next(
            (o.diagnosis for o in handshakes(run(blocks(rows(case)[start:], []))) if o.diagnosis), None
        )
        if first is not None and first.confidence is not Confidence.POSSIBLE:
            said = {first.issue, *(other.issue for other in first.alternatives)}
            assert said & issues, f"begun with line {start + 1}: {first.entry}"


def reports(handshake: Handshake) -> list[int]:
    """Return the numbers (from 0) of the lines that tell of a handshake, the first one left out."""
    lines = {step.at.line for step in handshake.steps} | {at.line for at in handshake.failed_at}
    return sorted(line - 1 for line in lines if line > handshake.first.line)


@pytest.mark.parametrize("damage", [without, twice, swapped])
@cases
def test_one_line_wrong(case: str, damage: Callable[[Lines, int], Lines]) -> None:
    """A log in which one line is missing, is there twice or too early makes no failure of a success."""
    for at in places(case, 12):
        outcomes = run(blocks(damage(rows(case), at), []))
        assert failures_of_what_completed(case, outcomes) == [], f"line {at + 1}"
