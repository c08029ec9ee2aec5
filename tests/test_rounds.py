"""Whose turn it is, by a clock that the work itself moves."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from threading import Event

from agent.feed import Feed
from agent.knowledge import catalogue
from agent.pipeline import Pipeline
from agent.rounds import LEAST_BYTES, SHARE_BYTES, TURN_SECONDS, Rounds
from agent.tail.errand import wait_all
from agent.tail.lookout import Look, Lookout
from agent.tallying import Tallying
from tests.hanging import hanging

LINE = b"x" * 1023 + b"\n"
ENTRIES = catalogue.load()
LONG = 30.0
WORK = 0.2
"""Seconds that a megabyte costs, as in the densest debug text."""


class World:
    """Logs, their feeds, and a clock that goes on by the bytes that were worked on."""

    def __init__(self, place: Path, sizes: dict[str, int], patience: float) -> None:
        self.place, self.patience, self.seconds, self.news = place, patience, 0.0, Event()
        self.feeds = [self._feed(name, size) for name, size in sizes.items()]
        self.rounds = Rounds(lambda: self.seconds, self.patience, self.news)

    def _feed(self, name: str, size: int) -> Feed:
        folder = self.place / name
        folder.mkdir()
        path = folder / "wrapper.log"
        path.write_bytes(LINE * (size // len(LINE)))
        lookout = Lookout(path, start="beginning", news=self.news)
        tallying = Tallying(None, fresh=True, version="1")
        return Feed(name, path, path, lookout, Pipeline(ENTRIES, UTC), tallying, 0.0, 0.0)

    def turn(self) -> Iterator[tuple[str, Look]]:
        """Do the work of a turn as the engine does."""
        for feed, look in self.rounds.answers(self.feeds):
            self.seconds += look.moved["read_bytes"] / (1 << 20) * WORK
            feed.behind = look.lag > 0
            wait_all((one.lookout.errand for one in self.feeds if not one.late), self.patience)
            yield feed.name, look

    def append(self, name: str) -> None:
        """Write a line."""
        with (self.place / name / "wrapper.log").open("ab") as file:
            file.write(LINE)


@contextmanager
def world(place: Path, sizes: dict[str, int], patience: float = LONG) -> Iterator[World]:
    """Give a world and let its files go."""
    one = World(place, sizes, patience)
    yield one
    for feed in one.feeds:
        feed.lookout.errand.wait(one.patience)
        feed.lookout.close()


def test_a_backlog_leaves_the_turn_to_what_is_written_now(tmp_path: Path) -> None:
    """With thirty logs far behind, a new line of another is taken first in the very next turn, soon."""
    behind = {f"behind{number}": 4 << 20 for number in range(30)}
    with world(tmp_path, {**behind, "live": 0}) as one:
        for _ in range(3):
            assert [name for name, _ in one.turn()]
        assert {feed.name for feed in one.feeds if feed.behind} == set(behind)
        for _ in range(3):
            began = one.seconds
            one.append("live")
            taken = [name for name, look in one.turn() if look.blocks]
            assert "live" in taken[:2]
            assert one.seconds - began < TURN_SECONDS + WORK * (LEAST_BYTES + SHARE_BYTES) / (1 << 20)


def test_those_that_are_behind_take_turns(tmp_path: Path) -> None:
    """Nobody gets a second share before all have had their first."""
    with world(tmp_path, {f"behind{number}": 2 << 20 for number in range(20)}) as one:
        taken = Counter[str]()
        while any(feed.behind for feed in one.feeds) or not taken:
            taken += Counter(name for name, look in one.turn() if look.blocks)
            counts = [taken[feed.name] for feed in one.feeds]
            assert max(counts) - min(counts) <= 1
        assert [feed.lookout.state.bytes_read for feed in one.feeds if feed.lookout.state] == [2 << 20] * 20


def test_one_log_alone_is_read_in_large_pieces(tmp_path: Path) -> None:
    """Nobody else waits, so a turn is as long as a turn may be."""
    with world(tmp_path, {"alone": 4 << 20}) as one:
        sizes = [look.moved["read_bytes"] for _, look in one.turn()]
        assert sizes[:2] == [LEAST_BYTES, SHARE_BYTES]


def test_a_log_whose_disk_hangs_holds_up_no_other(tmp_path: Path) -> None:
    """It answers when it can; turns go on, and wait for it no more."""
    with world(tmp_path, {"hangs": 0, "live": 0}, patience=2.0) as one:
        hangs, live = one.feeds
        with hanging(tmp_path / "hangs"):
            for number in range(1, 4):
                one.append("live")
                assert [name for name, _ in one.turn()] == ["live"]
                assert live.lookout.state is not None
                assert live.lookout.state.lines_read == number
            assert hangs.late
            assert hangs.lookout.errand.out
        assert hangs.lookout.errand.wait(LONG)
        assert "hangs" in [name for name, _ in one.turn()]
