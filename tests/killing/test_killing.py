"""The agent as a process, killed while another writes and rolls its log; `make bench-follow` plays more."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.killing import handshakes, storm, writer
from tests.killing.tapped import Numbers


@pytest.mark.parametrize("style", writer.STYLES)
def test_killed_while_the_log_is_written_and_rolled(tmp_path: Path, style: str) -> None:
    """No line is lost or read twice, no scraped counter goes back; of copytruncate, what survived it."""
    if style == "copytruncate" and writer.LOGROTATE is None:
        pytest.skip("logrotate is not installed")
    outcome = storm.play(tmp_path, style, writer.Pace(seconds=4, size=1 << 19, rate=5_000, keep=20))
    assert outcome.exact, outcome
    assert outcome.kills
    assert outcome.rolls
    assert (outcome.gaps, outcome.gone) == (0, 0) or style == "copytruncate"


def test_killed_amid_handshakes(tmp_path: Path) -> None:
    """Each failure is counted once, and each incident told under one id."""
    outcome = handshakes.play(tmp_path, copies=handshakes.HOSTS, kills=3)
    assert outcome.exact, outcome
    assert (sum(outcome.written.values()), outcome.kills, outcome.ids) == (24, 3, handshakes.HOSTS)
    assert outcome.rolls


def test_what_is_not_exact_shows() -> None:
    """A line lost, read twice or miscounted, and a counter that fell, are each noticed."""
    right = storm.Outcome(
        "mv",
        written=3,
        rolls=1,
        kills=1,
        scrapes=1,
        lost=(),
        doubled=(),
        gone=0,
        gaps=0,
        fell=(),
        counted=3,
        read=3,
    )
    wrong: list[dict[str, Any]] = [
        {"lost": (1,)},
        {"doubled": (1,)},
        {"counted": 4},
        {"fell": (("wmtls_log_lines_read_total", 2.0, 1.0),)},
    ]
    assert right.exact
    assert not any(dataclasses.replace(right, **one).exact for one in wrong)


def test_numbers_that_come_again() -> None:
    """Spans grow, holes begin new ones, and what was there is told."""
    numbers = Numbers()
    for number in (0, 1, 2, 5, 6, 1, 3):
        numbers.add(number)
    assert (numbers.spans, numbers.again) == ([[0, 3], [5, 7], [3, 4]], [1])
    assert numbers.all() == {0, 1, 2, 3, 5, 6}
