from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from agent.assembly.clock import Clock, Move, by_record
from agent.model.events import Started
from agent.model.vocabulary import Dialect
from tests.assembly.conftest import START, Teller

NONE, ON, BACK = Move.NONE, Move.ON, Move.BACK

RUNS = {
    "goes on by whole seconds": ([0, 0.4, 1.1, 1.9, 2.1], [ON, NONE, ON, NONE, ON]),
    "a thread that printed late": ([10, 9.5, 10.2, 11], [ON, NONE, NONE, ON]),
    "one message that was held back": ([100, 60, 101, 61, 102], [ON, NONE, ON, NONE, ON]),
    "set back": ([3600, 0, 1, 2, 3], [ON, NONE, NONE, BACK, ON]),
}
"""Seconds of the log's time, in the order of its lines, and what each one shows."""


@pytest.mark.parametrize(("seconds", "moves"), RUNS.values(), ids=RUNS)
def test_moves(seconds: list[float], moves: list[Move]) -> None:
    """The clock goes on with the events, and is set back by several that are late, not by one."""
    clock = Clock()
    assert [clock.move(START + timedelta(seconds=s)) for s in seconds] == moves


AGES = {
    "no time yet": ([], True),
    "half a minute": ([0, 20, 29.9], True),
    "more": ([0, 20, 31], False),
    "set back while young": ([3600, 3610, 10, 11, 12, 20], True),
    "set back when old": ([3600, 3700, 10, 11, 12, 13], False),
}
"""Seconds of the log's time, and whether it is young then."""


@pytest.mark.parametrize(("seconds", "young"), AGES.values(), ids=AGES)
def test_young(seconds: list[float], *, young: bool) -> None:
    """A log is young for half a minute of its own time, wherever the clock is set."""
    clock = Clock()
    for second in seconds:
        clock.move(START + timedelta(seconds=second))
    assert clock.young is young


def test_garbled_years() -> None:
    """A year is text like any other: whichever comes, and goes again, there is a time to go on with."""
    clock = Clock()
    years = [START.replace(year=year) for year in (2026, 9999, 1, 1, 1, 9999, 2026, 2026, 2026)]
    assert [clock.move(now) for now in years] == [ON, ON, NONE, NONE, BACK, ON, NONE, NONE, BACK]
    assert (clock.at, clock.young) == (START.replace(year=2026), False)


def test_last_moment_there_is() -> None:
    """Behind the last second that can be told none is asked for."""
    clock = Clock()
    last = datetime.max.replace(tzinfo=START.tzinfo)
    assert [clock.move(last), clock.move(last)] == [ON, NONE]


def test_whose_time() -> None:
    """Only a record of JSSE tells its own time where its line has no prefix."""
    tell = Teller()
    bare = {dialect: by_record(tell(Started(), dialect=dialect)) for dialect in Dialect}
    framed = by_record(tell(Started(), written=3600))
    assert (bare, framed) == ({dialect: dialect is Dialect.JSSE for dialect in Dialect}, False)


def test_never_goes_back_by_itself() -> None:
    """Unless it is set back, the clock never shows an earlier time than before."""
    clock = Clock()
    shown = []
    for second in (0, 7, 3, 12, 8, 40, 36, 41):
        clock.move(START + timedelta(seconds=second))
        shown.append(clock.at)
    assert all(one is not None and two is not None and one <= two for one, two in pairwise(shown))
