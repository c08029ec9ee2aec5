"""The agent, built and run: the only module that knows all the others."""

import os
import random  # noqa: TID251  (the door: jitter of retries)
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from agent import __version__, config, formats, outbox_command
from agent.config_receiver import Receiver as ConfiguredReceiver
from agent.delivery.courier import Courier
from agent.delivery.receiver import Receiver
from agent.delivery.rehearsal import Rehearsal
from agent.delivery.sender import Change, Happening, Sender
from agent.delivery.trust import Trust
from agent.engine import Clock, Doors, Engine
from agent.errors import ConfigError, DamagedStateError, UsageError
from agent.formats.setting import Setting
from agent.knowledge import catalogue
from agent.saved import examine
from agent.store import Store
from agent.tail.waker import Waker
from agent.telemetry import log
from agent.telemetry.http import Pages, Server
from agent.telemetry.metrics import Metrics

POLL_SECONDS = 0.25
"""Longest wait between two looks at the logs; the watcher only shortens it."""

ABANDONED_DAYS = 7
"""How long messages wait for a receiver that is not configured: long enough for one taken out by mistake."""

STUCK_SECONDS = 60.0
"""A pipeline that has not turned for so long is not healthy."""


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  (the door)


CLOCK = Clock(now=_now, seconds=time.monotonic)  # noqa: TID251  (the door)


def run(path: Path) -> int:
    """Run the agent in the foreground until SIGTERM or SIGINT; return the exit code."""
    settings = config.load(path, os.environ)
    entries = catalogue.load(settings.catalogue.files())
    log.configure(settings.logging.format, settings.logging.level)
    events = log.get("agent")
    metrics = Metrics(version=__version__, revision=os.environ.get("WMTLS_REVISION", "unknown"))
    turned = [CLOCK.seconds()]
    with _stopped_by_signals() as stopping, _state(settings.state.directory) as store:
        stale = threading.Event()

        def changed(change: Change) -> None:
            stale.set()
            _tell_delivery(change)

        sender = Sender(
            _receivers(settings),
            store,
            changed,
            clock=_now,
            jitter=random.random,
            courier=partial(Courier, clock=_now, setting=_setting(settings)),
        )
        waker = Waker((), interval=POLL_SECONDS)
        doors = Doors(
            clock=CLOCK,
            watched=lambda: waker.modes,
            zone=config.machine_zone(os.environ),
            publish=metrics.publish,
            announce=sender.notify,
            deliveries=sender.deliveries,
            urgent=sender.urgent,
            stale=stale,
        )
        engine = Engine(settings, store, entries, doors)
        waker.watch(engine.directories())
        pages = Pages(
            registry=metrics.registry,
            healthy=lambda: CLOCK.seconds() - turned[0] < STUCK_SECONDS,
            ready=engine.obstacles,
            version=__version__,
        )
        server = Server(settings.http.host, settings.http.port, pages)
        _tell_abandoned(store, [one.name for one in settings.receivers])
        for receiver in settings.receivers:
            try:
                receiver.address()
            except ConfigError as error:  # the file may come later; it is read again at each attempt
                events.warning("delivery.url_missing", receiver=receiver.name, advice=str(error))
        server.start()
        sender.start()
        host, port = server.address
        events.info("agent.started", version=__version__, listen=f"{host}:{port}", watching=waker.mode)
        told: set[str | None] = {None}
        try:
            while not stopping.asked:
                more = engine.turn()
                turned[0] = CLOCK.seconds()
                if not more:
                    waker.watch(engine.directories())
                    waker.wait()
                if waker.trouble not in told:
                    told.add(waker.trouble)
                    events.warning("watch.late", polled_each=POLL_SECONDS, advice=waker.trouble)
        finally:
            waker.stop()
            engine.close()
            sender.stop()
            server.close()
            events.info("agent.stopped")
    return 0


def _state(directory: Path) -> Store:
    """Open the state; what cannot be read is set aside and begun anew, and said so until it is taken away."""
    events = log.get("store")

    def aside(path: Path, why: str) -> None:
        events.error(
            "store.set_aside",
            reason=why,
            path=str(path),
            advice="counters and positions begin anew; look at the file, then delete it or move it elsewhere",
        )

    store = Store.open(directory, aside=aside)
    try:
        examine(store)
    except DamagedStateError as error:
        aside(store.begin_anew(), str(error))
    except BaseException:
        store.close()
        raise
    return store


@dataclass(slots=True)
class _Stopping:
    """Whether a signal asked to stop; a plain flag, because a handler must take no lock."""

    asked: bool = False


@contextmanager
def _stopped_by_signals() -> Iterator[_Stopping]:
    """Give a flag that SIGTERM and SIGINT set; a second signal ends the process as it would by default.

    The handler runs in the thread that also waits and reads, at any point of it: an event's lock could be
    held there already. The flag is seen at the next turn, a quarter of a second later at most.
    """
    stopping = _Stopping()
    before = {}

    def stop(number: int, _frame: object) -> None:
        stopping.asked = True
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, stop)
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _setting(settings: config.Config) -> Setting:
    messages = settings.messages
    return Setting(messages.instance or os.uname().nodename, messages.runbook, messages.dashboard)


def _receivers(settings: config.Config) -> list[Receiver]:
    return [_receiver(one) for one in settings.receivers]


def _receiver(one: ConfiguredReceiver) -> Receiver:
    return Receiver(
        one.name,
        one.format,
        one.address,
        secret=partial(one.credential, "secret"),
        routing_key=partial(one.credential, "routing_key"),
        token=partial(one.credential, "token"),
        proxy=partial(one.credential, "proxy"),
        trust=Trust(one.ca_file, one.client_certificate, one.client_key),
        allow_link_local=one.allow_link_local,
        again=formats.AGAIN.get(one.format),
        per_minute=one.per_minute,
        max_age=timedelta(hours=one.give_up_hours),
    )


def _tell_abandoned(store: Store, receivers: list[str]) -> None:
    """Tell of messages whose receiver was taken out of the configuration; they do not wait for ever."""
    before = CLOCK.now() - timedelta(days=ABANDONED_DAYS)
    for receiver, left in store.drop_abandoned(receivers, before).items():
        log.get("delivery").warning(
            "delivery.abandoned",
            receiver=receiver,
            waiting=left.kept,
            dropped=left.dropped,
            advice="no receiver of this name is configured; put it back to have the messages sent, or they "
            f"are given up when they are {ABANDONED_DAYS} days old",
        )


def _tell_delivery(change: Change) -> None:
    events = log.get("delivery")
    tell = events.info if change.happening is Happening.DELIVERING else events.warning
    tell(
        f"delivery.{change.happening}",
        receiver=change.receiver,
        reason=change.reason,
        status=change.status,
        advice=change.advice,
    )


def outbox(path: Path, action: str, rows: Sequence[int] | None, receiver: str | None) -> list[str]:
    """List, retry or drop messages; return what to print."""
    settings = config.load(path, os.environ)
    names = [one.name for one in settings.receivers]
    if receiver is not None and receiver not in names:
        raise UsageError(f"there is no receiver {receiver}; there are: {', '.join(names) or 'none'}")
    directory = settings.state.directory
    if action == "retry":
        return [outbox_command.retried(directory, rows, receiver, _now())]
    if action == "drop":
        return [outbox_command.dropped(directory, rows, receiver)]
    return outbox_command.listed(directory, receiver)


def notify_test(path: Path, *, dry_run: bool = False) -> int:
    """Send a marked sample of every event to every receiver, or print what would be sent.

    Each answer is printed as it comes. Returns the exit code.
    """
    settings = config.load(path, os.environ)
    if not settings.receivers:
        raise ConfigError(f"receiver is missing in {path}; add a [[receiver]] with its name, format and url")
    with closing(Courier(clock=_now, setting=_setting(settings))) as courier:
        rehearsal = Rehearsal(courier, threading.Event().wait)
        act = rehearsal.show if dry_run else rehearsal.send
        for line in act(_receivers(settings), _now()):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 1 if rehearsal.failed else 0
