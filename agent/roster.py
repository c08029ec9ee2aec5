"""Which files are followed: those that the configured paths and globs mean.

They are looked for in the background, so that a disk that hangs holds up no log on another.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.config import Log as LogConfig
from agent.feed import Feed, is_glob
from agent.model.vocabulary import Problem
from agent.tail import fallback, lookout
from agent.tail.discovery import Sighting, sighted
from agent.tail.errand import Errand, wait_all
from agent.telemetry import log

DISCOVERY_SECONDS = 5.0
"""How often globs are looked at for files that are new."""

HUNG_SECONDS = 10.0
"""A look that takes longer is told of: a file system that does not answer, or a huge archive."""

HUNG = "its file system has not answered for 10 seconds; look at the mount, and at the server behind it"


@dataclass(slots=True)
class _Scout:
    """Looks for the files of one configured log; `looked` once it, or an earlier run, has found some."""

    log: LogConfig
    errand: Errand[str, Sighting]
    looked: bool
    asked: float = float("-inf")
    hung: bool = False
    problem: str | None = None


class Roster:
    """The feeds, by key; used by one thread, but for `obstacles`.

    `make` makes a feed of a path and its path without links, and is told whether the file is new, or was
    there before its log was ever looked at. `known` says whether an earlier run followed a file of a log.
    """

    def __init__(
        self,
        logs: Iterable[LogConfig],
        make: Callable[[LogConfig, Path, Path, bool], Feed],
        known: Callable[[LogConfig], bool],
        news: threading.Event,
    ) -> None:
        self.feeds: dict[str, Feed] = {}
        self._make = make
        self._log = log.get("engine")
        self._scouts = [_Scout(one, Errand(sighted, news), known(one)) for one in logs]
        self._twice: set[str] = set()

    def begin(self, seconds: float, patience: float) -> list[Feed]:
        """Return what is followed from the start, each with its position unless its disk hangs.

        `patience` is how many seconds disks are waited for, once for the look and once for the positions.
        """
        found = self.discover(seconds, patience)
        for feed in found:
            feed.lookout.errand.ask(None)
        wait_all((feed.lookout.errand for feed in found), patience)
        return found

    def discover(self, seconds: float, patience: float) -> list[Feed]:
        """Return the feeds of what was found since the last call; see that all is looked for in time.

        `patience` is how many seconds a look that has just begun is waited for.
        """
        wait_all(self._ask(seconds), patience)
        found: list[Feed] = []
        for scout in self._scouts:
            if scout.errand.answered:
                scout.hung = False
                found.extend(self._follow(scout, scout.errand.take()))
            elif scout.errand.out and seconds - scout.asked >= HUNG_SECONDS and not scout.hung:
                scout.hung = True
                self._log.error("tail.hung", log=scout.log.name, path=str(scout.log.path), advice=HUNG)
        for feed in self.feeds.values():
            errand = feed.lookout.errand
            hung = errand.out and not errand.answered and seconds - feed.asked >= HUNG_SECONDS
            if hung and not feed.hung:
                self._log.error("tail.hung", log=feed.name, path=feed.key, advice=HUNG)
            elif feed.hung and not hung:
                self._log.info("tail.answered", log=feed.name, path=feed.key)
            feed.hung = hung
        return found

    def obstacles(self) -> Iterator[str]:
        """Return why logs are not read, a sentence each; safe to call from any thread."""
        feeds = list(self.feeds.values())
        for scout in self._scouts:
            one = scout.log
            if scout.hung:
                yield f"log {one.name}: cannot look for {one.path}: {HUNG}"
            elif not any(feed.name == one.name for feed in feeds):
                yield f"log {one.name}: {scout.problem or f'no file matches {one.path}'}"
        for feed in feeds:
            if feed.hung:
                yield f"log {feed.name}: cannot read {feed.path}: {HUNG}"
            elif feed.problem:
                yield f"log {feed.name}: {feed.problem}"
            elif feed.elsewhere:
                yield f"log {feed.name}: {fallback.mend(feed.path, feed.elsewhere)}"
            elif feed.missing and not feed.passing:
                yield f"log {feed.name}: waiting for {feed.path}"

    def problems(self, name: str) -> dict[Problem, int]:
        """Return how many files of a log have which problem; the look for its files counts as one."""
        feeds = [feed for feed in self.feeds.values() if feed.name == name]
        scouts = [scout for scout in self._scouts if scout.log.name == name]
        hung, closed = sum(scout.hung for scout in scouts), sum(bool(scout.problem) for scout in scouts)
        return {
            Problem.HUNG: hung + sum(feed.hung for feed in feeds),
            Problem.UNREADABLE: closed + sum(bool(feed.problem) and not feed.hung for feed in feeds),
            Problem.MISSING: sum(one.missing and not (one.hung or one.problem) for one in feeds),
        }

    def directories(self) -> set[Path]:
        """Return the directories in which the followed files live."""
        found = {feed.path.parent for feed in self.feeds.values()}
        return found | {one.log.path.parent for one in self._scouts if not is_glob(one.log.path)}

    def close(self) -> None:
        """Let go of the files."""
        wait_all((feed.lookout.errand for feed in self.feeds.values()), lookout.END_SECONDS)
        for feed in self.feeds.values():
            feed.lookout.close()
        for scout in self._scouts:
            scout.errand.end()

    def _ask(self, seconds: float) -> list[Errand[str, Sighting]]:
        """Send out whose time has come, and return them."""
        due = [one for one in self._scouts if not one.errand.out and seconds - one.asked >= DISCOVERY_SECONDS]
        for scout in due:
            scout.asked = seconds
            scout.errand.ask(str(scout.log.path))
        return [scout.errand for scout in due]

    def _follow(self, scout: _Scout, sighting: Sighting) -> Iterator[Feed]:
        """Follow what is new; only what a log's very first look finds begins where its `start` says."""
        new, scout.looked = scout.looked, True
        if sighting.problem not in {None, scout.problem}:
            self._log.error("tail.unreadable", log=scout.log.name, advice=sighting.problem)
        scout.problem = sighting.problem
        for path, real in sighting.files:
            if (known := self.feeds.get(str(path))) is not None:
                known.real = real  # a link may have been turned
                self._tell_elsewhere(known, sighting.elsewhere.get(path))
        followed = {feed.real for feed in self.feeds.values()}
        for path, real in sighting.files:
            if str(path) in self.feeds or str(path) in self._twice:
                continue
            if real in followed:
                self._twice.add(str(path))
                self._log.warning(
                    "tail.followed_already", log=scout.log.name, path=str(path), advice="name each file once"
                )
                continue
            followed.add(real)
            feed = self._make(scout.log, path, real, new)
            self.feeds[feed.key] = feed
            self._tell_elsewhere(feed, sighting.elsewhere.get(path))
            yield feed

    def _tell_elsewhere(self, feed: Feed, elsewhere: Path | None) -> None:
        if elsewhere is not None and feed.elsewhere is None:
            advice = fallback.mend(feed.path, elsewhere)
            self._log.error("tail.written_elsewhere", log=feed.name, path=feed.key, advice=advice)
        feed.elsewhere = elsewhere
