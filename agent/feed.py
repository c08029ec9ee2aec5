"""A followed file, and what was read and is not committed yet."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agent.model.incident import Incident
from agent.model.series import Increments
from agent.pipeline import Pipeline
from agent.tail.lookout import Lookout
from agent.tallying import Tallying


@dataclass(slots=True)
class Feed:
    """One followed file and its pipeline.

    `real` is the path without links, `elsewhere` the file that the wrapper writes in its place. `passing`
    marks a file that a glob found and that may go for good. `last_data` is when the file had something new,
    `last_heard` when that was TLS debug text. `tail` is the position after all that the pipeline was fed,
    None before the first look. `asked` is when the last look began and `served` the number of its turn;
    `behind` says that more waits to be read, `late` that the answer is not waited for any more, and `hung`
    that this is told.
    """

    name: str
    path: Path
    real: Path
    lookout: Lookout
    pipeline: Pipeline
    tallying: Tallying
    last_data: float
    last_heard: float
    passing: bool = False
    tail: bytes | None = None
    asked: float = 0.0
    served: int = 0
    behind: bool = False
    late: bool = False
    hung: bool = False
    lag: int = 0
    missing: bool = False
    problem: str | None = None
    elsewhere: Path | None = None
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
