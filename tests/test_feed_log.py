from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agent.feed import Feed
from agent.feed_log import say
from agent.model.vocabulary import Depth, Leak
from agent.tail.gap import Gap, Reason
from agent.tail.lookout import Look
from agent.tallying import Tallying

if TYPE_CHECKING:
    from agent.pipeline import Pipeline
    from agent.tail.lookout import Lookout
    from agent.telemetry.log import Logger

STILL = {"rotations": 0, "truncations": 0}


@dataclass
class Print:
    """What a pipeline shows of a log."""

    depth: Depth = Depth.FULL
    leaks: tuple[Leak, ...] = ()


@dataclass
class Lines:
    """A log that keeps its events."""

    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, level: str) -> Any:
        """Return a way to log."""
        return lambda event, **keys: self.told.append((f"{level} {event}", keys))

    def take(self) -> list[str]:
        """Return the events since the last call."""
        taken, self.told = [event for event, _ in self.told], []
        return taken


def test_what_happens_is_told_once() -> None:
    """Rolls and gaps as they come; what is wrong with a log when that begins, not with each look."""
    shown, lines, path = Print(), Lines(), Path("/logs/wrapper.log")
    counted = Tallying(None, fresh=True, version="1")
    feed = Feed("is", path, path, cast("Lookout", None), cast("Pipeline", shown), counted, 0.0, 0.0)
    still = Look([], STILL, [], lag=0, drained=True, problem=None, missing=False, gone=False)
    say(feed, still, cast("Logger", lines))
    assert lines.take() == []
    shown.depth, shown.leaks = Depth.SHALLOW, (Leak.KEYS,)
    troubled = replace(
        still,
        moved={"rotations": 2, "truncations": 0},
        gaps=[Gap("wrapper.log.1", 100, 999, Reason.GONE)],
        problem="it cannot be read; mend it",
    )
    say(feed, troubled, cast("Logger", lines))
    assert lines.told[1] == (
        "warning tail.gap",
        {
            "log": "is",
            "path": "/logs/wrapper.log.1",
            "reason": "gone",
            "first_byte": 100,
            "bytes": 900,
            "advice": lines.told[1][1]["advice"],
        },
    )
    assert lines.take() == [
        "info tail.rotated",
        "warning tail.gap",
        "warning debug.leaking",
        "warning debug.shallow",
        "error tail.unreadable",
    ]
    say(feed, replace(troubled, moved=STILL, gaps=[]), cast("Logger", lines))
    assert lines.take() == []
