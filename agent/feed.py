"""A followed file, and what was read and is not committed yet."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agent.model.incident import Incident
from agent.model.series import Increments
from agent.pipeline import Pipeline
from agent.tail import naming
from agent.tail.follower import Follower, TailState


@dataclass(slots=True)
class Feed:
    """One followed file and its pipeline; `passing` marks one that a glob found and that may go for good.

    `last_data` is when the file had something new, `last_heard` when that was TLS debug text.
    """

    name: str
    path: Path
    follower: Follower
    pipeline: Pipeline
    last_data: float
    last_heard: float
    passing: bool = False
    last_read: datetime | None = None
    told: str | None = None
    warned: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Return the key of the feed in the store."""
        return str(self.path)


@dataclass(slots=True)
class Pending:
    """What is read but not committed."""

    increments: Increments = field(default_factory=dict)
    outbox: list[tuple[str, Incident]] = field(default_factory=list)
    feeds: dict[str, Feed] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)

    def add(self, increments: Increments) -> None:
        """Add up increments."""
        for series, value in increments.items():
            self.increments[series] = self.increments.get(series, 0.0) + value

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (self.increments or self.outbox or self.feeds or self.forgotten)


def is_glob(path: Path) -> bool:
    """Return whether a configured path is a pattern."""
    return any(sign in str(path) for sign in "*?[")


def has_siblings(path: Path) -> bool:
    """Return whether rolled files of a log are there: it will come back, and they are read already."""
    try:
        return any(place for place, _ in naming.members(path, (one.name for one in path.parent.iterdir())))
    except OSError:
        return True  # a folder that cannot be looked at proves nothing


def counts(state: TailState) -> dict[str, int]:
    """Return the counters of a tail by the names that `metrics.count_reading` gives them."""
    return {
        "read_bytes": state.bytes_read,
        "lines": state.lines_read,
        "rotations": state.rotations,
        "truncations": state.truncations,
        "gaps": state.gaps,
    }
