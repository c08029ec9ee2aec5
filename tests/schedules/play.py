"""Schedules: drawn from a seed, written as one line of text, played, and shortened when they fail.

A schedule reads `style=chain keep=3 banner=0 line=80 holes=0: append 3; poll 100; roll; race 7 roll; kill`.
What its words mean is told by the methods of `World` that have these names.
"""

import os
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.schedules.world import BrokenError, Setting, World

STEPS = 60
"""Operations of a schedule."""

_MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - made there by mkdtemp
"""Where the store lives: what it costs to be safe from a power cut would be most of the time."""

_RACES = 3
"""Of ten looks, those during which something happens."""

_TINY = 10
"""Bytes of lines of which a file holds too few to be told from others by its content."""

_ENDING = ("up", "settle", "append 2", "settle")
"""What every schedule ends with: the agent runs, and has had the time that it needs."""

_WRITING = {"append": 9, "half": 3, "finish": 3}
_AGENT = {"poll": 10, "commit": 4, "settle": 2, "kill": 2, "down": 1, "up": 3, "stop": 1}
_CHAIN = {"roll": 4, "mv": 2, "reopen": 2, "late": 1, "compress": 1}
_HANDS = {"aside": 1, "delete": 1}
_TRUNCATING = {"copytruncate": 2, "copy": 1, "copied": 2, "truncate": 2}

KINDS = {
    "chain": _CHAIN,
    "hands": {**_CHAIN, **_HANDS},
    "copytruncate": {"copytruncate": 3, "copy": 2, "copied": 3, "compress": 1},
    "all": {**_CHAIN, **_HANDS, **_TRUNCATING},
    "linked": {"swap": 4, "truncate": 1},
}
"""Which operations happen together, and how often each."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A setting and the operations."""

    setting: Setting
    steps: tuple[str, ...]

    def __str__(self) -> str:
        setting = " ".join(f"{name}={value}" for name, value in asdict(self.setting).items())
        return f"{setting}: {'; '.join(self.steps)}"


def parse(text: str) -> Schedule:
    """Return the schedule that a line of text means."""
    head, _, steps = text.partition(":")
    given = dict(one.split("=") for one in head.split())
    numbers = {name: int(value) for name, value in given.items() if name != "style"}
    return Schedule(
        Setting(style=given["style"], **numbers), tuple(step.strip() for step in steps.split(";"))
    )


def draw(seed: int) -> Schedule:
    """Return the schedule of a seed."""
    dice = random.Random(seed)  # noqa: S311 - dice, no secret
    kind = dice.choice(list(KINDS))
    setting = Setting(
        style="linked" if kind == "linked" else dice.choice(["chain", "chain", "rollnum"]),
        keep=dice.choice([1, 2, 3, 10]),
        banner=dice.choice([0, 0, 300, 2000]),
        line=dice.choice([_TINY, 100, 100, 1500]),
    )
    if kind == "copytruncate" and dice.randrange(5) == 0:
        setting = replace(setting, banner=0, line=_TINY, holes=1)
    moves = {
        step: weight for step, weight in KINDS[kind].items() if step != "compress" or setting.line > _TINY
    }
    weights = {**_WRITING, **_AGENT, **moves}
    steps = dice.choices(list(weights), list(weights.values()), k=STEPS)
    return Schedule(setting, tuple(_with_numbers(step, dice, list(moves)) for step in steps))


def _with_numbers(step: str, dice: random.Random, moves: Sequence[str]) -> str:
    if step == "poll" and dice.randrange(10) < _RACES:
        return f"race {dice.randint(1, 40)} {_with_numbers(dice.choice(moves), dice, moves)}"
    numbers = {
        "append": range(1, 9),
        "poll": (1, 100, 1000, 1 << 20),
        "delete": (0, 0, 1, 2),
        "late": (1, 1, 2),
        "compress": (1, 1, 2),
        "copy": (0, 50, 100),
    }
    return f"{step} {dice.choice(numbers[step])}" if step in numbers else step


def play(schedule: Schedule) -> str:
    """Play a schedule to its end; return what is broken, "" for nothing."""
    with _folder() as logs, _folder(_MEMORY) as state:
        world = World(logs, state, schedule.setting)
        try:
            for step in (*schedule.steps, *_ENDING):
                _do(world, step.split())
                world.weigh()
        except BrokenError as error:
            return str(error)
        finally:
            world.close()
    return ""


def _do(world: World, words: Sequence[str]) -> None:
    if words[0] == "race":
        world.race(int(words[1]), lambda: _do(world, words[2:]))
    else:
        getattr(world, words[0])(*map(int, words[1:]))


def shortened(schedule: Schedule) -> Schedule:
    """Return a failing schedule without all that it fails without too."""
    size = len(schedule.steps) // 2
    while size:
        at = 0
        while at < len(schedule.steps):
            less = Schedule(schedule.setting, schedule.steps[:at] + schedule.steps[at + size :])
            if play(less):
                schedule = less
            else:
                at += size
        size //= 2
    for plain in (Setting(style=schedule.setting.style), Setting(style=schedule.setting.style, keep=10)):
        if play(Schedule(plain, schedule.steps)):
            return Schedule(plain, schedule.steps)
    return schedule


@contextmanager
def _folder(place: Path | None = None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="schedule-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
