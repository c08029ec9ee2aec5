"""Random schedules of a log, and of what is done to it, against an exact account of each line.

`make fuzz-follow` plays ten thousand; here are a few hundred, all that ever failed, and proof that the
account finds what is wrong.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.tail import identity, kinship
from agent.tail.chain import Found
from agent.tail.generation import Reader
from agent.tail.identity import Fingerprint
from tests.schedules import play

FOUND = [
    line
    for line in Path(__file__).with_name("found.txt").read_text().splitlines()
    if line.startswith("style")
]
CHUNK = 25

Break = Callable[[pytest.MonkeyPatch], None]


def failing(count: int) -> play.Schedule | None:
    """Return the first drawn schedule that fails."""
    return next((one for one in map(play.draw, range(count)) if play.play(one)), None)


@pytest.mark.parametrize("start", range(0, 300, CHUNK))
def test_each_line_comes_once_or_is_missed_aloud(start: int) -> None:
    """Whatever happens to the files, and whenever the agent looks, commits, dies and is away."""
    for seed in range(start, start + CHUNK):
        broken = play.play(play.draw(seed))
        if broken:
            pytest.fail(f"seed {seed}: {broken}\n{play.shortened(play.draw(seed))}")


@pytest.mark.parametrize("text", FOUND)
def test_what_failed_once_holds(text: str) -> None:
    """Schedules that were found by playing many."""
    assert play.play(play.parse(text)) == ""


@pytest.mark.parametrize("seed", range(20))
def test_a_schedule_is_written_as_it_is_read(seed: int) -> None:
    """What is printed can be played again."""
    drawn = play.draw(seed)
    assert play.parse(str(drawn)) == drawn


def inode_is_enough(patch: pytest.MonkeyPatch) -> None:
    """Take a file for the same as long as it is long enough."""
    patch.setattr(identity, "holds", lambda fd, _, offset: identity.os.fstat(fd).st_size >= offset)  # type: ignore[attr-defined]
    patch.setattr(Fingerprint, "agrees", lambda *_: True)


def no_copy_is_known(patch: pytest.MonkeyPatch) -> None:
    """Look for no copy of what was truncated."""
    patch.setattr(kinship, "continuation", lambda *_: None)


def a_copy_in_progress_is_new(patch: pytest.MonkeyPatch) -> None:
    """Take up the copy of a file that is not truncated yet."""
    patch.setattr(kinship, "is_copy_of_younger", lambda *_: False)


def archives_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    """Unpack no archive."""

    def unpack(_: Found) -> None:
        """Do nothing."""

    patch.setattr(Found, "unpack", unpack)


def the_first_bytes_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    """Know a file by what stands before the position alone."""
    patch.setattr(Fingerprint, "begins", lambda *_: True)


def deleted_files_are_let_go(patch: pytest.MonkeyPatch) -> None:
    """Read nothing from a file that has no name any more."""
    refresh = Reader.refresh

    def refreshed(self: Reader) -> None:
        refresh(self)
        if self.unlinked:
            self.generation.offset = self.generation.size

    patch.setattr(Reader, "refresh", refreshed)


@pytest.mark.parametrize(
    "spoil",
    [
        inode_is_enough,
        no_copy_is_known,
        a_copy_in_progress_is_new,
        archives_are_not_looked_at,
        the_first_bytes_are_not_compared,
        deleted_files_are_let_go,
    ],
)
def test_a_follower_that_is_wrong_is_found_out(spoil: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one of its means it fails, and what it fails at is short enough to be understood."""
    spoil(monkeypatch)
    found = failing(300)
    assert found is not None
    short = play.shortened(found)
    assert play.play(short) != ""
    assert len(short.steps) <= 12
