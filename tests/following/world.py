"""One log on a real disk, and the real agent behind it: engine, follower and store.

Only time is made up. A kill leaves what SIGKILL leaves: what was committed.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self

from agent import codec, config
from agent.engine import Clock, Doors, Engine
from agent.errors import StateError
from agent.knowledge import catalogue
from agent.knowledge.catalogue import Catalogue
from agent.model.block import Block
from agent.model.series import Series
from agent.pipeline import Pipeline
from agent.store import Commit, Store
from agent.tail.follower import Follower, TailState
from agent.telemetry.metrics import Snapshot

POLL = 0.25
"""Seconds that a turn takes by the clock of these tests."""

PATIENCE = 2_000
"""Turns after which an agent that still reads is taken for one that never ends."""


@cache
def known() -> Catalogue:
    """Return the catalogue, read once."""
    return catalogue.load()


def lines(first: int, count: int) -> list[str]:
    """Return numbered lines as the wrapper prints them."""
    return [
        f"INFO   | jvm 1    | 2026/11/23 12:00:00 | seq={number:08}" for number in range(first, first + count)
    ]


def text(listed: Iterable[str]) -> str:
    """Return lines with their ends."""
    return "".join(f"{line}\n" for line in listed)


def append(path: Path, data: str | bytes) -> None:
    """Append to a file, made if absent, in one write."""
    with path.open("ab", buffering=0) as stream:
        stream.write(data.encode() if isinstance(data, str) else data)


class Tapped(Store):
    """The real store, which also tells what text was committed."""

    committed: Callable[[], None]
    failing: StateError | None = None

    def commit(self, change: Commit) -> None:
        """Commit, then tell."""
        if self.failing is not None:
            raise self.failing
        super().commit(change)
        self.committed()


@dataclass
class World:
    """A log's directory, a state directory, and an agent that may run.

    `path` is the part of the configuration about logs, by default that of the live file. `read` is all that
    was committed, in the order in which it was handed out; without `keep_read` it is not kept. `most` are the
    bytes that a turn takes at most: with few of them the agent falls behind. `written` is how many numbered
    lines there are, `jumped` by how many seconds the machine's clock is wrong.
    """

    place: Path
    state: Path
    tap: Any
    path: str = ""
    start: str = "beginning"
    keep: int = 10
    more: str = ""
    catalogue: Catalogue | None = None
    most: int = 1 << 40
    keep_read: bool = True
    publish: Callable[[Snapshot], None] = lambda _: None
    send: Callable[[], None] = lambda: None
    seconds: float = 0.0
    jumped: float = 0.0
    written: int = 0
    read: list[Block] = field(default_factory=list)
    shown: list[Snapshot] = field(default_factory=list)
    said: list[MutableMapping[str, Any]] = field(default_factory=list)
    engine: Engine | None = None
    store: Tapped | None = None
    _pending: list[Block] = field(default_factory=list)
    _taken: int = 0

    def __post_init__(self) -> None:
        """Make the directory, and listen in to what comes from it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        feed, poll = Pipeline.feed, Follower.poll

        def tapped(pipeline: Pipeline, block: Block) -> Any:
            self._pending += [block] if self.keep_read else []
            return feed(pipeline, block)

        def throttled(follower: Follower, limit: int) -> list[Block]:
            blocks = poll(follower, max(0, min(limit, self.most - self._taken)))
            self._taken += sum(len(block.data) for block in blocks)
            return blocks

        self.tap.setattr(Pipeline, "feed", tapped)
        self.tap.setattr(Follower, "poll", throttled)

    @property
    def folder(self) -> Path:
        """The log's directory."""
        return self.place / "logs"

    @property
    def log(self) -> Path:
        """The live file."""
        return self.folder / "wrapper.log"

    # -- the writer ---------------------------------------------------------------------------------------

    def write(self, count: int, path: Path | None = None) -> list[str]:
        """Append the next numbered lines to a file, the live one by default, in one write; return them."""
        found = self.next(count)
        append(path or self.log, text(found))
        return found

    def next(self, count: int) -> list[str]:
        """Return the next numbered lines, written by whoever asks."""
        self.written += count
        return lines(self.written - count, count)

    def rolled(self, number: int) -> Path:
        """Return the path of a rolled file."""
        return self.log.with_name(f"{self.log.name}.{number}")

    def roll(self, keep: int | None = None) -> None:
        """Rename the chain as the wrapper does: the highest number first, the live file last."""
        keep = keep or self.keep
        self.rolled(keep).unlink(missing_ok=True)
        for number in range(keep - 1, 0, -1):
            if self.rolled(number).exists():
                self.rolled(number).rename(self.rolled(number + 1))
        if self.log.exists():
            self.log.rename(self.rolled(1))

    def copy(self) -> None:
        """Move the numbers up and copy the live file to number 1, as copytruncate begins."""
        for number in range(self.keep - 1, 0, -1):
            if self.rolled(number).exists():
                self.rolled(number).rename(self.rolled(number + 1))
        shutil.copyfile(self.log, self.rolled(1))

    def cut(self, size: int = 0) -> None:
        """Truncate the live file in place."""
        os.truncate(self.log, size)

    # -- the agent ----------------------------------------------------------------------------------------

    def run(self) -> Self:
        """Start the agent; it has not looked at the log yet but to see where it ends."""
        logs = self.path or f'[[log]]\nname = "is"\npath = "{self.log}"\nstart = "{self.start}"\n'
        receiver = '[[receiver]]\nname = "ops"\nurl = "http://127.0.0.1:9/"\n'
        file = self.place / "config.toml"
        file.write_text(logs + receiver + self.more)
        start = datetime(2026, 11, 23, 12, tzinfo=UTC)
        clock = Clock(
            now=lambda: start + timedelta(seconds=self.seconds + self.jumped),
            seconds=lambda: self.seconds,
            patience=30.0,
        )
        self.open_store()
        assert self.store is not None
        doors = Doors(clock=clock, zone=UTC, publish=self._publish, announce=lambda: None)
        self.engine = Engine(config.load(file, {}), self.store, self.catalogue or known(), doors)
        return self

    def open_store(self) -> None:
        """Open the state, unless it is open."""
        if self.store is None:
            self.store = Tapped.open(self.state)
            self.store.committed = self._committed

    def turn(self, count: int = 1) -> bool:
        """Let the agent do a few turns; tell whether it would go on at once."""
        more = False
        for _ in range(count):
            self.seconds += POLL
            self._taken = 0
            more = self.agent.turn()
        return more

    def settle(self) -> list[str]:
        """Turn until the agent has read all that it can; return all lines that were ever committed."""
        quiet = 0
        for _ in range(PATIENCE):
            before = len(self.read)
            more = self.turn()
            quiet = 0 if more or len(self.read) > before else quiet + 1
            if quiet > 2:
                break
        else:
            raise AssertionError("the agent never comes to an end")
        self.hold()
        return self.lines()

    def stop(self) -> None:
        """Stop the agent as SIGTERM does."""
        self.agent.close()
        self._close()

    def kill(self) -> None:
        """End the agent as SIGKILL does."""
        assert self.store is not None
        self.store.failing = StateError("the process is gone")
        self.agent.close()
        self._pending.clear()
        self._close()

    def restart(self, *, kill: bool = False) -> None:
        """End the agent and start it again."""
        if kill:
            self.kill()
        else:
            self.stop()
        self.run()

    def close(self) -> None:
        """End whatever runs."""
        if self.engine is not None:
            with suppress(Exception):
                self.kill()

    def _close(self) -> None:
        if self.store is not None:
            self.store.close()
        self.engine = self.store = None

    def _publish(self, snapshot: Snapshot) -> None:
        self.shown.append(snapshot)
        self.publish(snapshot)

    def _committed(self) -> None:
        self.read += self._pending
        self._pending.clear()

    # -- what came of it ----------------------------------------------------------------------------------

    @property
    def agent(self) -> Engine:
        """The engine that runs."""
        assert self.engine is not None
        return self.engine

    def lines(self, name: str | None = None) -> list[str]:
        """Return all committed lines, or those of the files that begin with a name."""
        blocks = [one for one in self.read if name is None or one.start.file.startswith(name)]
        return b"".join(one.data for one in blocks).decode("utf-8", "replace").split("\n")[:-1]

    def counter(self, name: str, log: str = "is") -> int:
        """Return a counter of a log as /metrics shows it."""
        return int(self.shown[-1].counters[f"wmtls_log_{name}_total", (log,)])

    def gauge(self, name: str, log: str = "is") -> float:
        """Return a gauge of a log as /metrics shows it."""
        return self.shown[-1].gauges[f"wmtls_log_{name}", (log,)]

    def counted(self, series: Series) -> int:
        """Return any counter as /metrics shows it."""
        return int(self.shown[-1].counters[series])

    def failures(self) -> int:
        """Return all failed handshakes as /metrics shows them."""
        counters = self.shown[-1].counters
        return int(sum(counters[one] for one in counters if one[0] == "wmtls_handshake_failures_total"))

    def tail(self) -> TailState:
        """Return the committed position in the only log."""
        assert self.store is not None
        (state,) = self.store.load().tails.values()
        return codec.decode(state, TailState)

    def sent(self) -> str:
        """Return what waits to be sent, as text."""
        assert self.store is not None
        late = datetime(2027, 11, 23, tzinfo=UTC)
        return "\n".join(one.incident.decode() for one in self.store.due("ops", late, 1_000))

    @property
    def gaps(self) -> int:
        """Gaps that were counted."""
        return self.counter("gaps")

    def obstacles(self) -> list[str]:
        """Return what keeps the agent from doing its work."""
        return self.agent.obstacles()

    def told(self, event: str) -> list[MutableMapping[str, Any]]:
        """Return what the agent's own log has of an event."""
        return [one for one in self.said if one["event"] == event]

    def hold(self) -> None:
        """Check that no place was read twice, and that the counters are those of the lines."""
        places = Counter((one.start.identity, one.start.offset) for one in self.read)
        assert [place for place, times in places.items() if times > 1] == []
        read = "wmtls_log_lines_read_total"
        logs = {labels[0] for name, labels in self.shown[-1].counters if name == read}
        assert sum(self.counter("lines_read", log) for log in logs) == len(self.lines())
