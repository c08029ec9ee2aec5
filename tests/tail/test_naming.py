"""Which names in a directory are those of one log, and in which order they were written."""

from pathlib import Path

import pytest

from agent.tail import naming

PATH = Path("/logs/wrapper.log")


def names(path: str, *listed: str) -> list[tuple[int, str]]:
    """Return the members of a log."""
    return naming.members(Path("/logs") / path, listed)


def test_numbers_behind_the_name() -> None:
    """The wrapper's usual way: the higher the number, the older."""
    listed = ["wrapper.log.10", "wrapper.log.2", "wrapper.log", "wrapper.log.1"]
    ordered = [(0, "wrapper.log"), (1, "wrapper.log.1"), (2, "wrapper.log.2"), (10, "wrapper.log.10")]
    assert names("wrapper.log", *listed) == ordered


@pytest.mark.parametrize("sign", ["_", "-", "."])
def test_numbers_within_the_name(sign: str) -> None:
    """The wrapper's way with ROLLNUM in the name."""
    listed = [f"wrapper{sign}2.log", "wrapper.log", f"wrapper{sign}1.log"]
    ordered = [(0, "wrapper.log"), (1, f"wrapper{sign}1.log"), (2, f"wrapper{sign}2.log")]
    assert names("wrapper.log", *listed) == ordered


def test_dates_behind_and_within_the_name() -> None:
    """Other programs' ways: the later the date, the younger, whatever its form."""
    listed = ["wrapper.log-20261121", "wrapper.log", "wrapper.2026-11-23.log", "wrapper.log.20261122-1330"]
    assert names("wrapper.log", *listed) == [
        (0, "wrapper.log"),
        (10_000, "wrapper.2026-11-23.log"),
        (10_001, "wrapper.log.20261122-1330"),
        (10_002, "wrapper.log-20261121"),
    ]


def test_a_file_for_each_day() -> None:
    """The youngest is the live one; within a day a higher number is older."""
    listed = ["wrapper-20261123.log", "wrapper-20261122.log.1", "wrapper-20261122.log", "wrapper.log", "x"]
    assert names("wrapper-YYYYMMDD.log", *listed) == [
        (0, "wrapper-20261123.log"),
        (1, "wrapper-20261122.log"),
        (2, "wrapper-20261122.log.1"),
    ]


def test_what_is_no_member() -> None:
    """Archives, other logs, numbers with a leading zero and dates that are none."""
    others = ["wrapper.log.1.gz", "wrapper.log.gz", "wrapper.log.01", "wrapper.log.20269931", "wrappers.log"]
    assert names("wrapper.log", *others, "wrapper_x.log", "other.log.1", "wrapper.log~") == []


def test_candidates_reach_past_the_next_rolls() -> None:
    """A roll may happen while we look, so the names that it gives are looked at too."""
    assert naming.candidates(PATH, []) == [
        (0, "wrapper.log"),
        *((n, f"wrapper.log.{n}") for n in (1, 2, 3, 4)),
    ]
    assert naming.candidates(PATH, ["wrapper_9.log"])[5:] == [(n, f"wrapper_{n}.log") for n in range(9, 14)]


def test_candidates_of_a_log_whose_name_holds_its_number() -> None:
    """Only the last number counts: it is the one that rolls."""
    listed = naming.candidates(Path("/logs/is_2.log"), ["is_2_2.log"])
    assert [name for place, name in listed if place > 4] == ["is_2_5.log", "is_2_6.log"]
    assert "is_2_4.log" in [name for _, name in listed]


def test_the_log_that_a_dated_file_belongs_to() -> None:
    """The date's place is named by the wrapper's own token."""
    assert naming.family(Path("/logs/wrapper_20261123.log")) == Path("/logs/wrapper_YYYYMMDD.log")
    assert naming.family(PATH) == PATH


def test_the_live_name_of_a_dated_file() -> None:
    """The wrapper leaves a token out together with the sign before it."""
    assert naming.undated(Path("/logs/wrapper_20261123.log")) == PATH
    assert naming.undated(Path("/logs/20261123.log")) == Path("/logs/.log")
    assert naming.undated(PATH) is None
