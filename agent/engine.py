"""The agent's one working thread: read, assemble, diagnose, count, and commit it all in one transaction.

A turn takes a bounded piece of every log, so that none waits long for another. What a turn found is exposed
only when it is committed. While the store cannot be written nothing more is read: the log is the buffer.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from fnmatch import fnmatch
from pathlib import Path
from threading import Event
from typing import Literal, cast

from agent import codec, metrics
from agent.assembly.assembler import Limits
from agent.config import Config
from agent.config import Log as LogConfig
from agent.delivery.retry import REASONS
from agent.errors import StateError
from agent.feed import Feed, Pending, counts, has_siblings, is_glob
from agent.incidents.tracker import Book, Changes, Tracker, restored
from agent.knowledge.catalogue import Catalogue
from agent.metrics_seen import Seen, SeenState
from agent.model.series import Increments
from agent.model.vocabulary import Depth, Outcome
from agent.pipeline import Ended, Pipeline, PipelineOutcome, Saved
from agent.saved import BOOK, SEEN, decoded
from agent.store import Commit, Store
from agent.tail.discovery import expand
from agent.tail.follower import Follower, TailState
from agent.tail.gap import ADVICE
from agent.telemetry import log
from agent.telemetry.metrics import Snapshot
from agent.telling import told_of

TURN_BYTES = 4 << 20
"""Bytes taken of one log in one turn: a fraction of a second of work."""

QUIET_SECONDS = 2.0
"""Silence after which a live log is asked what it ends; the assembler's shortest patience.

What others write into the log all the time does not break it."""

DISCOVERY_SECONDS = 5.0
"""How often globs are looked at for files that are new."""

FORGET_SECONDS = 60.0
"""Silence after which a globbed file that is gone is let go; amid a roll none may be there."""

REFRESH_SECONDS = 1.0
"""How old the gauges of an idle agent may be."""

_DEPTHS = (Depth.NONE, Depth.SHALLOW, Depth.FULL)


@dataclass(frozen=True, slots=True)
class Clock:
    """The door to time: the wall clock, and seconds that never go back."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the engine meets the rest of the agent.

    `zone` is this machine's. `publish` takes what /metrics shows, `announce` is called when messages wait in
    the outbox, and whoever changes the store's counters sets `stale`.
    """

    clock: Clock
    zone: tzinfo
    publish: Callable[[Snapshot], None]
    announce: Callable[[], None]
    stale: Event = field(default_factory=Event)


class Engine:
    """Owns the feeds and everything that follows from them; used by one thread only."""

    def __init__(self, config: Config, store: Store, catalogue: Catalogue, doors: Doors) -> None:
        self._config, self._store, self._catalogue, self._doors = config, store, catalogue, doors
        self._clock = doors.clock
        self._log = log.get("engine")
        saved = store.load()
        self._tails, self._assemblies = saved.tails, saved.assemblies
        self._tracker = Tracker(restored(saved.open_incidents, decoded(saved.assemblies.get(BOOK), Book)))
        self._seen = Seen(decoded(saved.assemblies.get(SEEN), SeenState))
        self._names = [one.name for one in config.logs]
        self._receivers = [one.name for one in config.receivers]
        self._zeros = metrics.initial(self._names, self._receivers, REASONS)
        self._feeds: dict[str, Feed] = {}
        self._pending = Pending()
        self._twice: set[str] = set()
        self._discovered = float("-inf")
        self._failing: str | None = None
        self._changes = Changes({}, ())
        self._published = float("-inf")
        self._turns = 0
        self._discover()

    # -- seen from outside --------------------------------------------------------------------------------

    def directories(self) -> set[Path]:
        """Return the directories in which the followed files live."""
        found = {feed.path.parent for feed in self._feeds.values()}
        return found | {one.path.parent for one in self._config.logs if not is_glob(one.path)}

    def obstacles(self) -> list[str]:
        """Return why the agent does not do its work fully, a sentence each; safe to call from any thread."""
        found = [] if self._turns else ["the logs have not been looked at yet"]
        found += [
            f"the state was damaged, so counters and positions began anew; what was there is in {path}: "
            "look at it, then delete it or move it elsewhere to acknowledge the loss"
            for path in self._store.unacknowledged()
        ]
        if self._failing:
            found.append(self._failing)
        feeds = list(self._feeds.values())
        found.extend(
            f"log {one.name}: no file matches {one.path}"
            for one in self._config.logs
            if not any(feed.name == one.name for feed in feeds)
        )
        for feed in feeds:
            if feed.follower.problem:
                found.append(f"log {feed.name}: {feed.follower.problem}")
            elif feed.follower.missing and not feed.passing:
                found.append(f"log {feed.name}: waiting for {feed.path}")
        return found

    # -- a turn -------------------------------------------------------------------------------------------

    def turn(self) -> bool:
        """Do one round over all logs and commit it; True when more is waiting to be read."""
        now, seconds = self._clock.now(), self._clock.seconds()
        if self._failing is None:
            if seconds - self._discovered >= DISCOVERY_SECONDS:
                self._discover()
            more = [self._read(feed, now, seconds) for feed in list(self._feeds.values())]
            self._tell(now)
        else:
            more = []
        self._turns += 1
        return self._commit(now) and any(more)

    def close(self) -> None:
        """Commit what is pending and let the files go."""
        self._commit(self._clock.now())
        for feed in self._feeds.values():
            feed.follower.close()

    def _discover(self) -> None:
        """Follow what is new; only what a log's very first look finds begins where its `start` says."""
        first = self._discovered == float("-inf")
        self._discovered = self._clock.seconds()
        followed = {feed.path.resolve() for feed in self._feeds.values()}
        for one in self._config.logs:
            known = not first or any(fnmatch(key, str(one.path)) for key in self._tails)
            for path in expand(str(one.path)):
                if str(path) in self._feeds or str(path) in self._twice:
                    continue
                if path.resolve() in followed:
                    self._twice.add(str(path))
                    self._log.warning(
                        "tail.followed_already", log=one.name, path=str(path), advice="name each file once"
                    )
                    continue
                followed.add(path.resolve())
                feed = self._feed(one, path, "beginning" if known else one.start)
                # committed at once: killed before its first line, it must not begin anew at a later end
                self._feeds[feed.key] = self._pending.feeds[feed.key] = feed

    def _forget(self, feed: Feed, now: datetime) -> None:
        """Let go of a file that a glob found, that is read to its end, and that is gone."""
        self._take(feed, feed.pipeline.finish(), now)
        feed.follower.close()
        del self._feeds[feed.key]
        self._pending.feeds.pop(feed.key, None)
        self._pending.forgotten.add(feed.key)
        self._log.info("tail.forgotten", log=feed.name, path=feed.key)

    def _feed(self, one: LogConfig, path: Path, start: str) -> Feed:
        key = str(path)
        limits = self._config.limits
        tail = decoded(self._tails.pop(key, None), TailState)
        memory = self._assemblies.pop(key, None)
        self._log.info("tail.following", log=one.name, path=key, resumed=tail is not None)
        return Feed(
            name=one.name,
            path=path,
            follower=Follower(path, start=cast('Literal["end", "beginning"]', start), saved=tail),
            pipeline=Pipeline(
                self._catalogue,
                one.zone(self._doors.zone),
                limits=Limits(limits.open_handshakes, float(limits.handshake_seconds)),
                product_version=one.product_version,
                saved=decoded(memory, Saved),
            ),
            last_data=self._clock.seconds(),
            last_heard=self._clock.seconds(),
            passing=is_glob(one.path),
        )

    def _read(self, feed: Feed, now: datetime, seconds: float) -> bool:
        before, heard = counts(feed.follower.state), feed.pipeline.heard
        blocks = feed.follower.poll(TURN_BYTES)
        outcomes = [outcome for block in blocks for outcome in feed.pipeline.feed(block)]
        if blocks:
            feed.last_data, feed.last_read = seconds, now
        if feed.pipeline.heard != heard:
            feed.last_heard = seconds
        elif feed.follower.drained and seconds - feed.last_heard >= QUIET_SECONDS:
            outcomes.extend(feed.pipeline.quiet(seconds - feed.last_heard))
        after = counts(feed.follower.state)
        moved = {name: after[name] - before[name] for name in after}
        if blocks or outcomes or any(moved.values()):
            self._pending.feeds[feed.key] = feed
            self._pending.add(metrics.count_reading(feed.name, **moved))
        self._take(feed, outcomes, now)
        self._say(feed, moved)
        silent = seconds - feed.last_data >= FORGET_SECONDS
        gone = feed.passing and feed.follower.missing and not feed.follower.lag()
        if gone and silent and not has_siblings(feed.path):
            self._forget(feed, now)
            return False
        return any(moved.values()) and feed.follower.lag() > 0

    def _take(self, feed: Feed, outcomes: Iterable[PipelineOutcome], now: datetime) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Ended):
                self._pending.add(metrics.count_jvm_event(feed.name, outcome.event))
                continue
            handshake, diagnosis = outcome.handshake, outcome.diagnosis
            self._pending.add(metrics.count_handshake(feed.name, handshake, diagnosis))
            if handshake.outcome is not Outcome.INCOMPLETE:
                self._seen.handshake(feed.name, handshake, diagnosis, now)
            self._tracker.observe(feed.name, handshake, diagnosis, now)
            if diagnosis is not None:
                self._log.debug(
                    "handshake.failed",
                    log=feed.name,
                    issue=diagnosis.issue,
                    cause=diagnosis.cause,
                    role=handshake.role,
                )

    def _tell(self, now: datetime) -> None:
        """Put what is to be told into the outbox, and into our own log."""
        behind = any(feed.follower.lag() > TURN_BYTES for feed in self._feeds.values())
        for incident in self._tracker.tell(now, behind=behind):
            self._pending.outbox.extend((name, incident) for name in self._receivers)
            self._log.warning(f"incident.{incident.event}", **told_of(incident))
        self._pending.add(self._tracker.counted())

    def _say(self, feed: Feed, moved: dict[str, int]) -> None:
        """Log what happened to a file, and its problem when that changes."""
        for name, event in _TOLD.items():
            if moved[name]:
                self._log.info(event, log=feed.name, path=feed.key, count=moved[name])
        for gap in feed.follower.gaps:
            self._log.warning(
                "tail.gap",
                log=feed.name,
                path=str(feed.path.with_name(gap.file)),
                reason=gap.reason,
                first_byte=gap.first,
                bytes=gap.bytes,
                advice=ADVICE[gap.reason],
            )
        debug = {"debug.leaking" for _ in feed.pipeline.leaks}
        if feed.pipeline.depth is Depth.SHALLOW:
            debug.add("debug.shallow")
        for event in sorted(debug - feed.warned):
            feed.warned.add(event)
            self._log.warning(event, log=feed.name, path=feed.key, advice=_DEBUG[event])
        if feed.follower.problem != feed.told:
            feed.told = feed.follower.problem
            if feed.told:
                self._log.error("tail.unreadable", log=feed.name, path=feed.key, advice=feed.told)

    def _commit(self, now: datetime) -> bool:
        """Commit and expose; False while the store cannot be written."""
        pending = self._pending
        if not pending.empty or self._tracker.changed:
            if self._failing is None:
                self._changes = self._tracker.changes()
            feeds = pending.feeds.values()
            try:
                self._store.commit(
                    Commit(
                        at=now,
                        tails={feed.key: codec.encode(feed.follower.state) for feed in feeds},
                        forgotten_logs=pending.forgotten,
                        assemblies={
                            SEEN: codec.encode(self._seen.state),
                            BOOK: codec.encode(self._tracker.state.book),
                            **{feed.key: feed.pipeline.save() for feed in feeds},
                        },
                        increments=pending.increments,
                        open_incidents=self._changes.opened,
                        closed_incidents=self._changes.closed,
                        outbox=pending.outbox,
                    )
                )
            except StateError as error:
                if self._failing is None:
                    self._log.error("store.failed", advice=str(error))
                self._failing = str(error)
                return False
            if self._failing is not None:
                self._log.info("store.recovered")
            self._failing = None
            self._pending = Pending()
            self._doors.stale.set()
            if pending.outbox:
                self._doors.announce()
        seconds = self._clock.seconds()
        if self._doors.stale.is_set() or seconds - self._published >= REFRESH_SECONDS:
            self._doors.stale.clear()
            self._published = seconds
            with suppress(StateError):  # told at the next commit
                self._doors.publish(Snapshot({**self._zeros, **self._store.counters()}, self._gauges()))
        return True

    def _gauges(self) -> Increments:
        gauges = metrics.initial_gauges(self._names, self._receivers)
        for name in self._names:
            feeds = [feed for feed in self._feeds.values() if feed.name == name]
            gauges |= metrics.gauge_log(
                name,
                open_handshakes=sum(feed.pipeline.open for feed in feeds),
                lag_bytes=sum(feed.follower.lag() for feed in feeds),
                last_read=max((feed.last_read for feed in feeds if feed.last_read), default=None),
                depth=max((feed.pipeline.depth for feed in feeds), key=_DEPTHS.index, default=Depth.NONE),
            )
            gauges |= metrics.gauge_leaks(name, {leak for feed in feeds for leak in feed.pipeline.leaks})
        for receiver in self._receivers:
            backlog = self._store.backlog(receiver)
            gauges |= metrics.gauge_receiver(
                receiver, queue_length=backlog.length, oldest=backlog.oldest_created
            )
        return gauges | self._seen.gauges() | self._tracker.gauges()


_DEBUG = {
    "debug.leaking": "the TLS debug text holds application data or session keys; wmtls explain tells more",
    "debug.shallow": "the TLS debug text shows alerts and exceptions only; wmtls check tells what to set",
}

_TOLD = {"rotations": "tail.rotated", "truncations": "tail.truncated"}
