"""The agent's one working thread: read, assemble, diagnose, count, and commit it all in one transaction.

A turn takes a bounded piece of every log, so that none waits long for another. What a turn found is exposed
only when it is committed. While the store cannot be written nothing more is read: the log is the buffer.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from threading import Event
from typing import Literal, cast

from agent import __version__, codec, metrics, notices
from agent.assembly.assembler import Limits
from agent.config import Config
from agent.config import Log as LogConfig
from agent.config_receiver import Receiver as ReceiverConfig
from agent.delivery.retry import REASONS
from agent.doors import Clock, Doors
from agent.errors import StateError
from agent.feed import Feed, Pending, is_glob
from agent.feed_log import say
from agent.incidents.routing import Route
from agent.incidents.tracker import Changes
from agent.knowledge.catalogue import Catalogue
from agent.metrics_seen import Seen, SeenState
from agent.model.incident import Incident
from agent.model.series import Increments
from agent.model.vocabulary import Depth, Outcome, Severity, Trouble
from agent.pipeline import Ended, Pipeline, PipelineOutcome, Saved
from agent.roster import Roster
from agent.rounds import Rounds
from agent.saved import SEEN, TOLD, decoded
from agent.store import Commit, Store
from agent.tail.follower import TailState
from agent.tail.lookout import Look, Lookout
from agent.tallying import Tallying
from agent.telemetry import log
from agent.telemetry.metrics import Snapshot
from agent.telling import Memory, Teller, told_of

__all__ = ["Clock", "Doors", "Engine"]

QUIET_SECONDS = 2.0
"""Silence after which a live log is asked what it ends; the assembler's shortest patience.

What others write into the log all the time does not break it."""

BEHIND_BYTES = 4 << 20
"""Unread bytes of a log from which on what is told now is old, and more of it is to come."""

FORGET_SECONDS = 60.0
"""Silence after which a globbed file that is gone is let go; amid a roll none may be there."""

REFRESH_SECONDS = 1.0
"""How old the gauges of an idle agent may be."""

_DEPTHS = (Depth.NONE, Depth.SHALLOW, Depth.FULL)


class Engine:
    """Owns the feeds and everything that follows from them; used by one thread only."""

    def __init__(self, config: Config, store: Store, catalogue: Catalogue, doors: Doors) -> None:
        self._config, self._store, self._catalogue, self._doors = config, store, catalogue, doors
        self._clock = doors.clock
        self._log = log.get("engine")
        saved = store.load()
        self._tails, self._assemblies = saved.tails, saved.assemblies
        self._seen = Seen(decoded(saved.assemblies.get(SEEN), SeenState))
        self._names = [one.name for one in config.logs]
        self._receivers = [one.name for one in config.receivers]
        routes = [_route(one) for one in config.receivers]
        self._teller = Teller(routes, saved.open_incidents, decoded(saved.assemblies.get(TOLD), Memory))
        self._zeros = metrics.initial(self._names, self._receivers, REASONS)
        self._pending = Pending()
        self._news = Event()
        self._roster = Roster(config.logs, self._feed, self._known, self._news)
        self._rounds = Rounds(self._clock.seconds, self._clock.patience, self._news)
        self._failing: str | None = None
        self._changes = Changes({}, ())
        self._published = float("-inf")
        self._turns = 0
        self._begin()

    # -- seen from outside --------------------------------------------------------------------------------

    def directories(self) -> set[Path]:
        """Return the directories in which the followed files live."""
        return self._roster.directories()

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
        return [*found, *self._roster.obstacles()]

    # -- a turn -------------------------------------------------------------------------------------------

    def turn(self) -> bool:
        """Do one round over all logs and commit it; True when more is waiting to be read."""
        now = self._clock.now()
        feeds = self._roster.feeds
        if self._failing is None:
            for feed in self._roster.discover(self._clock.seconds(), self._clock.patience):
                self._pending.feeds[feed.key] = feed
            for feed, look in self._rounds.answers(list(feeds.values())):
                self._read(feed, look, now)
            self._report(now)
            behind = any(feed.lag > BEHIND_BYTES for feed in feeds.values())
            self._send(self._teller.tell(now, behind=behind))
        else:
            self._report(now)
            self._teller.report(notices.state_full(self._failing), now)
            self._doors.urgent(self._send(self._teller.tell_troubles(now)))
        self._turns += 1
        return self._commit(now) and any(one.behind and not one.late for one in feeds.values())

    def close(self) -> None:
        """Commit what is pending and let the files go."""
        self._commit(self._clock.now())
        self._roster.close()

    def _begin(self) -> None:
        """Take up each log at its position, committed at once, or a kill would have it begin later."""
        for feed in self._roster.begin(self._clock.seconds(), 4 * self._clock.patience):
            self._pending.feeds[feed.key] = feed
            if feed.lookout.errand.answered:
                self._read(feed, feed.lookout.errand.take(), self._clock.now())

    def _known(self, one: LogConfig) -> bool:
        return any(fnmatch(key, str(one.path)) for key in self._tails)

    def _forget(self, feed: Feed, now: datetime) -> None:
        """Let go of a file that a glob found, that is read to its end, and that is gone."""
        self._take(feed, feed.pipeline.finish(), now)
        feed.lookout.close()
        del self._roster.feeds[feed.key]
        self._pending.feeds.pop(feed.key, None)
        self._pending.forgotten.add(feed.key)
        self._log.info("tail.forgotten", log=feed.name, path=feed.key)

    def _feed(self, one: LogConfig, path: Path, real: Path, new: bool) -> Feed:  # noqa: FBT001  (a Roster asks it)
        key = str(path)
        limits = self._config.limits
        tail = decoded(self._tails.pop(key, None), TailState)
        memory = self._assemblies.pop(key, None)
        tallying = Tallying(tail, fresh=memory is None, version=__version__)
        self._log.info("tail.following", log=one.name, path=key, resumed=tail is not None)
        start = "beginning" if new else one.start
        return Feed(
            name=one.name,
            path=path,
            real=real,
            lookout=Lookout(
                path, start=cast('Literal["end", "beginning"]', start), saved=tail, news=self._news
            ),
            pipeline=Pipeline(
                self._catalogue,
                one.zone(self._doors.zone),
                limits=Limits(limits.open_handshakes, float(limits.handshake_seconds)),
                product_version=one.product_version,
                saved=decoded(memory, Saved),
            ),
            tallying=tallying,
            last_data=self._clock.seconds(),
            last_heard=self._clock.seconds(),
            passing=is_glob(one.path),
            asked=self._clock.seconds(),
        )

    def _read(self, feed: Feed, look: Look, now: datetime) -> None:
        """Take what a look found."""
        heard, outcomes = feed.pipeline.heard, list[PipelineOutcome]()
        for block in look.blocks:
            told = feed.pipeline.feed(block)
            feed.tallying.read(block, told)
            outcomes += told
        quiet, silent = feed.asked - feed.last_heard, feed.asked - feed.last_data
        if look.blocks:
            feed.last_data, feed.last_read = self._clock.seconds(), now
        if feed.pipeline.heard != heard:
            feed.last_heard = self._clock.seconds()
        elif look.drained and quiet >= QUIET_SECONDS:
            outcomes += (told := feed.pipeline.quiet(quiet))
            feed.tallying.silent(quiet, told)
        if feed.tail is None or look.blocks or any(look.moved.values()):
            feed.tail = codec.encode(feed.lookout.state)
            feed.tallying.known_by(feed.lookout.state.generations if feed.lookout.state else ())
        if look.blocks or outcomes or any(look.moved.values()):
            self._pending.feeds[feed.key] = feed
            self._pending.add(metrics.count_reading(feed.name, **look.moved))
        feed.behind = any(look.moved.values()) and look.lag > 0
        feed.lag, feed.missing, feed.problem = look.lag, look.missing, look.problem
        self._take(feed, outcomes, now)
        say(feed, look, self._log)
        for gap in look.gaps:
            self._teller.report(notices.gap(feed.name, gap), now, log=feed.name)
        if feed.passing and look.gone and silent >= FORGET_SECONDS:
            self._forget(feed, now)

    def _take(self, feed: Feed, outcomes: Iterable[PipelineOutcome], now: datetime) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Ended):
                self._pending.add(metrics.count_jvm_event(feed.name, outcome.event))
                continue
            handshake, diagnosis = outcome.handshake, outcome.diagnosis
            self._pending.add(metrics.count_handshake(feed.name, handshake, diagnosis))
            if handshake.outcome is not Outcome.INCOMPLETE:
                self._seen.handshake(feed.name, handshake, diagnosis, now)
            self._teller.observe(feed.name, handshake, diagnosis, now)
            if diagnosis is not None:
                self._log.debug(
                    "handshake.failed",
                    log=feed.name,
                    issue=diagnosis.issue,
                    cause=diagnosis.cause,
                    role=handshake.role,
                )

    def _report(self, now: datetime) -> None:
        """Report what stands of logs and receivers; of one that was not tried yet nothing new is known."""
        for feed in self._roster.feeds.values():
            if feed.tail is None:
                self._teller.keep(Trouble.LOG_UNREADABLE, feed.name, now)
            for notice in notices.of_log(feed):
                self._teller.report(notice, now, log=feed.name)
        deliveries = self._doors.deliveries()
        for name in self._receivers:
            delivery = deliveries.get(name)
            if delivery is None:
                self._teller.keep(Trouble.RECEIVER_FAILING, name, now)
            elif delivery.reason is not None:
                self._teller.report(notices.receiver_failing(name, delivery), now)

    def _send(self, messages: list[Incident]) -> list[tuple[str, Incident]]:
        """Put messages into the outbox, and into our own log; return them with their receivers."""
        for incident in messages:
            self._log.warning(f"incident.{incident.event}", **told_of(incident))
        addressed = self._teller.addressed(messages)
        self._pending.outbox.extend(addressed)
        self._pending.add(self._teller.counted())
        return addressed

    def _commit(self, now: datetime) -> bool:
        """Commit and expose; False while the store cannot be written."""
        pending = self._pending
        if not pending.empty or self._teller.changed or self._failing is not None:
            if self._failing is None:
                self._changes = self._teller.changes()
            feeds = pending.feeds.values()
            try:
                self._store.commit(
                    Commit(
                        at=now,
                        tails={feed.key: feed.tail for feed in feeds if feed.tail is not None},
                        forgotten_logs=pending.forgotten,
                        assemblies={
                            SEEN: codec.encode(self._seen.state),
                            TOLD: codec.encode(self._teller.memory),
                            **{feed.key: feed.pipeline.save() for feed in feeds},
                        },
                        increments=pending.increments,
                        open_incidents=self._changes.opened,
                        closed_incidents=self._changes.closed,
                        outbox=pending.outbox,
                        tallies=[(feed.key, one) for feed in feeds for one in feed.tallying.since_commit()],
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
            for feed in feeds:
                feed.tallying.committed()
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
            feeds = [feed for feed in self._roster.feeds.values() if feed.name == name]
            gauges |= metrics.gauge_log(
                name,
                open_handshakes=sum(feed.pipeline.open for feed in feeds),
                lag_bytes=sum(feed.lag for feed in feeds),
                last_read=max((feed.last_read for feed in feeds if feed.last_read), default=None),
                depth=max((feed.pipeline.depth for feed in feeds), key=_DEPTHS.index, default=Depth.NONE),
            )
            gauges |= metrics.gauge_problems(name, self._roster.problems(name))
            gauges |= metrics.gauge_leaks(name, {leak for feed in feeds for leak in feed.pipeline.leaks})
        for receiver in self._receivers:
            backlog = self._store.backlog(receiver)
            gauges |= metrics.gauge_receiver(
                receiver, queue_length=backlog.length, oldest=backlog.oldest_created
            )
        gauges |= metrics.gauge_watched(self._doors.watched())
        return gauges | self._seen.gauges() | self._teller.gauges()


def _route(one: ReceiverConfig) -> Route:
    severity = Severity(one.severity)
    return Route(one.name, one.issues, one.roles, one.logs, severity, one.events)
