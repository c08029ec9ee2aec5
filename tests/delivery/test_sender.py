import json
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from agent import __version__
from agent.delivery.receiver import Receiver
from agent.delivery.sender import Change, Happening, Sender
from agent.errors import StateError
from agent.model.delivery import Delivery
from agent.model.incident import Incident
from agent.model.vocabulary import Resolution
from agent.outbox import Backlog
from agent.store import Commit, Store

MakeIncident = Callable[[int], Incident]
Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
MINUTE = timedelta(minutes=1)


class Told:
    """The changes that a sender told, to be waited for."""

    def __init__(self, patience: float) -> None:
        self._queue: queue.Queue[Change] = queue.Queue()
        self._patience = patience

    def __call__(self, change: Change) -> None:
        """Take a change."""
        self._queue.put(change)

    def next(self) -> Change:
        """Return the next change."""
        return self._queue.get(timeout=self._patience)

    def rest(self) -> list[Change]:
        """Return what is there and was not asked for."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]


@pytest.fixture
def told(patience: float) -> Told:
    """Return a listener to changes."""
    return Told(patience)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a store."""
    with Store.open(tmp_path) as opened:
        yield opened


def to(fake: Any, name: str = "ops") -> Receiver:  # see Serve
    """Return the way to a fake receiver."""
    return Receiver(name, "generic", lambda: fake.url)


@contextmanager
def running(sender: Sender) -> Iterator[Sender]:
    """Run a sender's threads."""
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def failures(store: Store) -> dict[tuple[str, ...], float]:
    """Return the counters of deliveries by their labels."""
    return {labels: value for (_, labels), value in store.counters().items()}


def test_a_message_is_delivered(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """It arrives with its id, is counted and gone from the outbox; nothing is told of what goes well."""
    fake = serve()
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)):
        posted = fake.take()
    assert posted.path == "/hook/s3cret"
    assert json.loads(posted.body)["id"] == f"{1:032x}"
    expected = {
        "webhook-id": f"{1:032x}",
        "user-agent": f"wmtls/{__version__}",
        "content-type": "application/json",
    }
    assert {name: posted.headers[name] for name in expected} == expected
    assert store.backlog("ops") == Backlog(0, None)
    assert failures(store) == {("ops",): 1}
    assert told.rest() == []


def test_a_message_is_tried_until_it_is_taken(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """Over errors, a restart, a rate limit and a redirect the id stays; a new reason is told once."""
    fake = serve(500, 500, (429, "Retry-After", "30"), (302, "Location", "/elsewhere"))
    seen = []
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        seen.append(fake.take())
        assert told.next() == Change("ops", Happening.FAILING, "server_error", 500)
        assert store.backlog("ops").next_try == clock() + timedelta(seconds=5)
        clock.now += timedelta(seconds=5)
        sender.notify()
        seen.append(fake.take())
    assert told.rest() == []
    assert store.backlog("ops").next_try == clock() + timedelta(seconds=10)

    clock.now += MINUTE
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        seen.append(fake.take())
        assert told.next() == Change("ops", Happening.FAILING, "rate_limited", 429)
        assert store.backlog("ops").next_try == clock() + timedelta(seconds=30)
        clock.now += MINUTE
        sender.notify()
        seen.append(fake.take())
        assert told.next() == Change("ops", Happening.FAILING, "redirect", 302)
        clock.now += 10 * MINUTE
        sender.notify()
        seen.append(fake.take())
        assert told.next() == Change("ops", Happening.DELIVERING)
    assert [posted.headers["webhook-id"] for posted in seen] == [f"{1:032x}"] * 5
    assert {posted.path for posted in seen} == {"/hook/s3cret"}
    assert failures(store) == {
        ("ops",): 5,
        ("ops", "server_error"): 2,
        ("ops", "rate_limited"): 1,
        ("ops", "redirect"): 1,
    }


def test_a_failing_receiver_is_left_alone_until_its_pause_is_over(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """One failure holds back all messages of that receiver; then those never tried go first."""
    fake = serve(503)
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(n)) for n in (1, 2, 3)]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        assert fake.take().headers["webhook-id"] == f"{1:032x}"
        assert told.next().happening is Happening.FAILING
        sender.notify()
    assert fake.posted.empty()
    assert store.backlog("ops").length == 3
    clock.now += MINUTE
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)):
        assert [fake.take().headers["webhook-id"][-1] for _ in range(3)] == ["2", "3", "1"]


def test_a_message_that_is_refused_holds_up_no_other(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """After a refusal of one message the next goes at once; after an hour of refusals it is given up."""
    fake = serve(413, 200, 413)
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(n)) for n in (1, 2)]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        assert [fake.take().headers["webhook-id"][-1] for _ in range(2)] == ["1", "2"]
        assert told.next() == Change("ops", Happening.FAILING, "client_error", 413)
        assert told.next() == Change("ops", Happening.DELIVERING)
        clock.now += 61 * MINUTE
        sender.notify()
        fake.take()
        assert told.next() == Change("ops", Happening.GAVE_UP, "client_error", 413)
    assert store.backlog("ops").length == 0
    assert failures(store) == {("ops",): 3, ("ops", "client_error"): 1, ("ops", "gave_up"): 1}


def test_a_message_that_cannot_be_read_is_put_aside(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """A row of another shape is given up and kept, and those behind it are sent."""
    fake = serve()
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(n)) for n in (1, 2)]))
    store._connection.execute("UPDATE outbox SET incident = '{}' WHERE row = 1")
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)):
        assert fake.take().headers["webhook-id"] == f"{2:032x}"
    assert told.rest() == [Change("ops", Happening.GAVE_UP, "gave_up")]
    assert failures(store) == {("ops",): 2, ("ops", "gave_up"): 1}


def test_a_hanging_receiver_delays_no_other(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """While one receiver holds its answer back, the others get theirs and the store can be written."""
    hanging = serve()
    hanging.answers.append(lambda _: hanging.release.wait())
    healthy = serve()
    receivers = [to(hanging, "a"), to(healthy, "b")]
    store.commit(Commit(at=clock(), outbox=[("a", make_incident(1))]))
    with running(Sender(receivers, store, told, clock, lambda: 0.5)) as sender:
        hanging.take()
        store.commit(Commit(at=clock(), outbox=[("b", make_incident(2))]))
        sender.notify()
        assert healthy.take().headers["webhook-id"] == f"{2:032x}"
        hanging.release.set()
    assert store.backlog("b").length == 0


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Keep the caller waiting until it goes away."""
    handler.connection.recv(1)


def test_stopping_cuts_an_attempt_off_and_counts_nothing(
    serve: Serve, store: Store, clock: Any, make_incident: MakeIncident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hanging attempt does not keep the agent from stopping, and its message waits for the next start."""
    monkeypatch.setattr("agent.delivery.sender._GRACE_SECONDS", 0.0)
    fake = serve(hang)
    changes: list[Change] = []
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    sender = Sender([to(fake)], store, changes.append, clock, lambda: 0.5)
    sender.start()
    fake.take()
    sender.stop()
    assert [worker.thread.is_alive() for worker in sender._workers.values()] == [False]
    assert store.backlog("ops") == Backlog(1, clock(), clock())
    assert (failures(store), changes) == ({}, [])


def test_a_broken_store_is_told_and_looked_at_again(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """A thread outlives a store that cannot be used, and goes on when it can."""
    fake = serve()
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    store._connection.execute("ALTER TABLE outbox RENAME TO elsewhere")
    with pytest.raises(StateError):
        store.backlog("ops")
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        assert told.next() == Change("ops", Happening.STORE_FAILED)
        store._connection.execute("ALTER TABLE elsewhere RENAME TO outbox")
        clock.now += MINUTE
        sender.notify()
        fake.take()
        assert told.next() == Change("ops", Happening.DELIVERING)


def test_what_is_urgent_goes_out_at_once(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """Past an outbox that cannot be read, not waiting for any pause; once, whatever comes of it."""
    fake = serve(503, 200)
    sender = Sender([to(fake)], store, told, clock, lambda: 0.5)
    assert sender.deliveries() == {}
    store.close()
    with running(sender):
        assert told.next().happening is Happening.STORE_FAILED
        sender.urgent([("ops", make_incident(1)), ("nobody", make_incident(2))])
        assert fake.take().headers["webhook-id"] == f"{1:032x}"
        sender.urgent([("ops", make_incident(3))])
        assert fake.take().headers["webhook-id"] == f"{3:032x}"
    assert fake.posted.empty()
    assert sender.deliveries() == {"ops": Delivery(None, 200)}


def test_a_story_is_told_in_order(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """What comes after a message that failed waits for it; other stories do not."""
    fake = serve(413)
    first, second = make_incident(1), replace(make_incident(2), incident=make_incident(1).incident)
    store.commit(Commit(at=clock(), outbox=[("ops", one) for one in (first, second, make_incident(3))]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        assert [fake.take().headers["webhook-id"][-1] for _ in range(2)] == ["1", "3"]
        told.next()
        clock.now += MINUTE
        sender.notify()
        assert [fake.take().headers["webhook-id"][-1] for _ in range(2)] == ["1", "2"]


def test_a_receiver_gets_so_many_within_a_minute(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """The rest waits for its turn."""
    fake = serve()
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(n)) for n in range(5)]))
    receiver = replace(to(fake), per_minute=2)
    with running(Sender([receiver], store, told, clock, lambda: 0.5)) as sender:
        for _ in range(2):
            fake.take()
            fake.take()
            clock.now += MINUTE
            sender.notify()
        fake.take()
    assert fake.posted.empty()


def test_a_message_that_is_too_old_is_not_sent(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """It is given up without an attempt, told, and kept."""
    fake = serve()
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    clock.now += 60 * MINUTE
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(2))]))
    receiver = replace(to(fake), max_age=60 * MINUTE)
    with running(Sender([receiver], store, told, clock, lambda: 0.5)):
        assert fake.take().headers["webhook-id"] == f"{2:032x}"
        change = told.next()
    assert (change.happening, change.reason) == (Happening.GAVE_UP, "gave_up")
    assert [one.given_up for one in store.letters()] == [True]
    assert failures(store) == {("ops",): 1, ("ops", "gave_up"): 1}


def test_who_was_away_for_long_gets_what_matters(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """A hundred incidents that came and went while nobody answered are one message, the last another."""
    fake = serve(503)
    over = [replace(make_incident(n), resolution=Resolution.QUIET) for n in range(100)]
    store.commit(Commit(at=clock(), outbox=[("ops", one) for one in over]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.5)) as sender:
        fake.take()
        told.next()
        clock.now += 3 * 24 * 60 * MINUTE
        store.commit(Commit(at=clock(), outbox=[("ops", make_incident(200))]))
        sender.notify()
        bodies = [json.loads(fake.take().body) for _ in range(2)]
        told.next()
    assert {(one["type"], one["count"]) for one in bodies} == {
        ("incident.resolved", 100),
        ("incident.opened", 1),
    }
    assert fake.posted.empty()
    assert store.counters()["wmtls_delivery_compacted_total", ("ops",)] == 100


def test_what_goes_on_is_sent_again(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """Each minute under its id, for a receiver that would forget it, until its end was sent; then no more."""
    fake = serve()
    opened, over = make_incident(1), replace(make_incident(2), incident=make_incident(1).incident)
    over = replace(over, resolution=Resolution.SUCCESS)
    store.commit(Commit(at=clock(), outbox=[("ops", opened)]))
    receiver = replace(to(fake), again=MINUTE)
    seen = []
    with running(Sender([receiver], store, told, clock, lambda: 0.5)) as sender:
        seen.append(fake.take())
        for _ in range(2):
            clock.now += MINUTE
            sender.notify()
            seen.append(fake.take())
        store.commit(Commit(at=clock(), outbox=[("ops", over)]))
        sender.notify()
        seen.append(fake.take())
        clock.now += 10 * MINUTE
        sender.notify()
    assert [one.headers["webhook-id"][-1] for one in seen] == ["1", "1", "1", "2"]
    assert fake.posted.empty()
    assert store.next_again("ops") is None
    assert failures(store) == {("ops",): 4}


def test_what_is_sent_again_is_no_message_that_waits(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """Where it fails the receiver is left alone for a while, and it is sent in its turn; not for ever."""
    fake = serve(200, 503)
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    receiver = replace(to(fake), again=MINUTE, max_age=60 * MINUTE)
    with running(Sender([receiver], store, told, clock, lambda: 0.5)) as sender:
        fake.take()
        clock.now += MINUTE
        sender.notify()
        fake.take()
        assert told.next() == Change("ops", Happening.FAILING, "server_error", 503)
        assert (store.backlog("ops").length, store.letters()) == (0, [])
        clock.now += MINUTE
        sender.notify()
        fake.take()
        assert told.next().happening is Happening.DELIVERING
        clock.now += 58 * MINUTE
        sender.notify()
    assert fake.posted.empty()
    assert failures(store) == {("ops",): 3, ("ops", "server_error"): 1}
