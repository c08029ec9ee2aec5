"""Random histories of a log against an exact account of what has to come out."""

import random  # noqa: TID251 - seeded: the same schedules at each run
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SCHEDULES = 100
STEPS = 60


@dataclass
class World:
    """Writes numbered lines, does to the log what wrappers and people do, and keeps the account.

    `due` are the lines that some poll of the present run could see, `committed` those handed out before the
    last commit. A line that is neither may be lost with a kill, or if its file vanished unseen.
    """

    log: Any
    tail: Any
    dice: random.Random
    keep: int
    written: int = 0
    open_line: bool = False
    handed: list[str] = field(default_factory=list)
    committed: int = 0
    saved: bytes = b""
    due: set[str] = field(default_factory=set)
    deleted: bool = False

    def append(self) -> None:
        """Write a few lines."""
        for _ in range(self.dice.randint(1, 8)):
            self.log.append(self._line() + "\n")

    def partial(self) -> None:
        """Write the first half of a line; the next append finishes it."""
        if not self.open_line:
            self.log.append(f"{self.written:06} half ")
            self.open_line = True

    def _line(self) -> str:
        self.written += 1
        if self.open_line:
            self.open_line = False
            return "and half"
        return f"{self.written - 1:06} " + "x" * self.dice.randint(0, 60)

    def roll(self) -> None:
        """Roll as the wrapper does, between two lines."""
        if self.open_line:
            self.append()
        if self.log.path.exists():
            self.log.roll(keep=self.keep)

    def delete(self) -> None:
        """Delete the live file."""
        if self.log.path.exists():
            self.log.path.unlink()
            self.deleted, self.open_line = True, False

    def truncate(self) -> None:
        """Empty the live file, once it was seen: of a file never seen nobody can know what it held."""
        if self.log.path.exists():
            self.poll()
            self.commit()
            self.log.truncate()
            self.open_line = False

    def poll(self) -> None:
        """Look once, with a small or a large limit."""
        self.due |= self.on_disk()
        self.handed += self.tail.poll(limit=self.dice.choice([1, 100, 1000, 1 << 20])).splitlines()

    def commit(self) -> None:
        """Save the state; what was handed out is done."""
        self.saved, self.committed = self.tail.save(), len(self.handed)

    def kill(self) -> None:
        """Lose what is not committed, stay down for a while, and start again."""
        del self.handed[self.committed :]
        self.tail.follower.close()
        for _ in range(self.dice.randint(0, 6)):
            self.dice.choice([self.append, self.append, self.roll])()
        self.due = set(whole(self.handed))
        self.tail.restart(self.saved)

    def on_disk(self) -> set[str]:
        """Return all complete lines in the chain."""
        files = [self.log.path, *(self.log.sibling(number) for number in range(1, self.keep + 1))]
        text = [file.read_text() for file in files if file.exists()]
        return {line for one in text for line in one[: one.rfind("\n") + 1].splitlines()}


def run(log: Any, tail: Any, seed: int, *, truncating: bool) -> World:
    """Play one schedule to its end, and read on until nothing comes."""
    dice = random.Random(seed)  # noqa: S311 - dice, no secret
    world = World(log, tail, dice, keep=dice.choice([1, 2, 3, 10]))
    world.append()
    world.poll()
    world.commit()
    steps = [world.append, world.append, world.partial, world.roll, world.poll, world.poll]
    steps += [world.commit, world.kill, world.truncate if truncating else world.delete]
    weights = [6, 6, 3, 4, 6, 6, 3, 1, 1]
    for step in dice.choices(steps, weights, k=STEPS):
        step()
    world.append()
    for _ in range(3):
        world.due |= world.on_disk()
        world.handed += tail.poll(limit=1 << 20).splitlines()
    return world


@pytest.mark.parametrize("start", range(0, 2 * SCHEDULES, SCHEDULES // 4))
def test_every_line_seen_on_disk_comes_once_and_in_order(log: Any, tail: Any, start: int) -> None:
    """Over rolls, deletions, kills and small limits: none lost, none twice, none out of order."""
    for seed in range(start, start + SCHEDULES // 4):
        clear(log.path.parent)
        following = tail("beginning")
        world = run(log, following, seed, truncating=False)
        lines = whole(world.handed)
        assert lines == sorted(set(lines)), seed
        assert world.due <= set(lines), seed
        assert following.state.lines_read == len(world.handed), seed
        lost = world.written - len(lines)
        assert following.state.gaps or world.deleted or not lost, seed
        following.follower.close()


@pytest.mark.parametrize("start", range(0, SCHEDULES, SCHEDULES // 4))
def test_truncation_makes_no_line_come_twice_and_no_loss_silent(log: Any, tail: Any, start: int) -> None:
    """With truncations too: what is on disk at the end has come, nothing twice, and losses are counted."""
    for seed in range(start, start + SCHEDULES // 4):
        clear(log.path.parent)
        following = tail("beginning")
        world = run(log, following, seed, truncating=True)
        lines = whole(world.handed)
        assert lines == sorted(set(lines)), seed
        assert world.on_disk() <= set(lines), seed
        assert following.state.gaps or world.written == len(lines), seed
        following.follower.close()


def whole(handed: list[str]) -> list[str]:
    """Return the lines without the unfinished ones of deleted files."""
    return [line for line in handed if not line.endswith("half ")]


def clear(folder: Path) -> None:
    """Delete all files of the schedule before."""
    for file in folder.iterdir():
        file.unlink()
