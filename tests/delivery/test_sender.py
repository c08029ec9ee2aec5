import json
import logging
import queue
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent import __version__
from agent.delivery.receiver import Receiver
from agent.delivery.sender import Change, Courier, Happening, ProbeResult, Sender, Timeouts
from agent.errors import ConfigError, StateError
from agent.model.incident import Incident
from agent.store import Backlog, Commit, Store

MakeIncident = Callable[[int], Incident]
Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
MINUTE = timedelta(minutes=1)
QUICK = Timeouts(connect=5.0, total=0.2)


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
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)):
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
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)) as sender:
        seen.append(fake.take())
        assert told.next() == Change("ops", Happening.FAILING, "server_error", 500)
        assert store.backlog("ops").next_try == clock() + timedelta(seconds=5)
        clock.now += timedelta(seconds=5)
        sender.notify()
        seen.append(fake.take())
    assert told.rest() == []
    assert store.backlog("ops").next_try == clock() + timedelta(seconds=10)

    clock.now += MINUTE
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)) as sender:
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
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)) as sender:
        assert fake.take().headers["webhook-id"] == f"{1:032x}"
        assert told.next().happening is Happening.FAILING
        sender.notify()
    assert fake.posted.empty()
    assert store.backlog("ops").length == 3
    clock.now += MINUTE
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)):
        assert [fake.take().headers["webhook-id"][-1] for _ in range(3)] == ["2", "3", "1"]


def test_a_message_that_is_refused_holds_up_no_other(
    serve: Serve, store: Store, told: Told, clock: Any, make_incident: MakeIncident
) -> None:
    """After a refusal of one message the next goes at once; after an hour of refusals it is given up."""
    fake = serve(413, 200, 413)
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(n)) for n in (1, 2)]))
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)) as sender:
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
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)):
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
    with running(Sender(receivers, store, told, clock, lambda: 0.0)) as sender:
        hanging.take()
        store.commit(Commit(at=clock(), outbox=[("b", make_incident(2))]))
        sender.notify()
        assert healthy.take().headers["webhook-id"] == f"{2:032x}"
        hanging.release.set()
    assert store.backlog("b").length == 0


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Keep the caller waiting until it goes away."""
    handler.connection.recv(1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a header that never ends, each byte soon enough to be no silence, until the caller goes away."""
    handler.connection.settimeout(0.02)
    handler.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while True:
        handler.connection.sendall(b"x")
        try:
            if handler.connection.recv(1) == b"":
                return
        except TimeoutError:
            continue


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (204, (True, 204, None)),
        (301, (False, 301, "redirect")),
        (404, (False, 404, "client_error")),
        (429, (False, 429, "rate_limited")),
        (502, (False, 502, "server_error")),
        (hang, (False, None, "timeout")),
        (drip, (False, None, "timeout")),
        (hang_up, (False, None, "connect")),
    ],
)
def test_how_an_attempt_can_go(
    serve: Serve, clock: Any, answer: object, result: tuple[bool, int | None, str | None]
) -> None:
    """Every answer, and every way not to answer, ends within the time limit and has its reason."""
    fake = serve(answer)
    courier = Courier(clock=clock, timeouts=QUICK)
    assert courier.probe(to(fake)) == ProbeResult(*result, seconds=0.0)
    courier.close()
    body = json.loads(fake.take().body)
    assert (body["type"], body["test"]) == ("incident.test", True)


UNREADABLE = 7  # the place of the URL that cannot be had


def test_ways_not_to_connect(serve: Serve, clock: Any) -> None:
    """A closed port, a plaintext port behind https, and URLs that are none, each have their reason."""
    plain = serve()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed_port = unused.getsockname()[1]

    def unreadable() -> str:
        raise PermissionError(13, "Permission denied", "/secret/place")

    def misconfigured() -> str:
        raise ConfigError("receiver.url_file: is empty")

    urls: list[tuple[Callable[[], str], str]] = [
        (lambda: f"http://127.0.0.1:{closed_port}/", "connect"),
        (lambda: f"https://127.0.0.1:{plain.port}/", "tls"),
        (lambda: "ftp://127.0.0.1/", "connect"),
        (lambda: "http://127.0.0.1:99999/", "connect"),
        (lambda: "", "connect"),
        (lambda: "http://\n", "connect"),
        (unreadable, "connect"),
        (misconfigured, "connect"),
    ]
    courier = Courier(clock=clock, timeouts=Timeouts(connect=5.0, total=5.0))
    results = [courier.probe(Receiver("ops", "generic", url)) for url, _ in urls]
    courier.close()
    assert results == [
        ProbeResult(
            ok=False,
            status=None,
            reason=reason,
            seconds=0.0,
            advice="receiver.url_file: is empty" if number == UNREADABLE else None,
        )
        for number, (_, reason) in enumerate(urls)
    ]


def test_the_url_is_read_at_each_attempt(serve: Serve, clock: Any, tmp_path: Path) -> None:
    """A rotated file is picked up without a restart; a line end in it does no harm."""
    one, two = serve(), serve()
    file = tmp_path / "url"
    receiver = Receiver("ops", "generic", file.read_text)
    courier = Courier(clock=clock)
    for fake in (one, two):
        file.write_text(fake.url + "\n")
        assert courier.probe(receiver).ok
        fake.take()
    courier.close()


def test_the_url_is_never_logged(
    serve: Serve, clock: Any, make_incident: MakeIncident, caplog: pytest.LogCaptureFixture
) -> None:
    """Not on success, not on failure, not at the chattiest level of the libraries."""
    caplog.set_level(logging.DEBUG)
    fake = serve(200, 500, hang_up)
    sender = Sender([], None, lambda _: None, clock, lambda: 0.0, timeouts=QUICK)  # type: ignore[arg-type]  # no thread reads it
    results = [sender.probe(to(fake)) for _ in range(3)]
    results.append(
        sender.send_now(Receiver("ops", "generic", lambda: "https://s3cret:1:2/"), make_incident(1))
    )
    assert [result.reason for result in results] == [None, "server_error", "connect", "connect"]
    assert caplog.records == []
    assert "s3cret" not in repr(results)


def test_stopping_cuts_an_attempt_off_and_counts_nothing(
    serve: Serve, store: Store, clock: Any, make_incident: MakeIncident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hanging attempt does not keep the agent from stopping, and its message waits for the next start."""
    monkeypatch.setattr("agent.delivery.sender._GRACE_SECONDS", 0.0)
    fake = serve(hang)
    changes: list[Change] = []
    store.commit(Commit(at=clock(), outbox=[("ops", make_incident(1))]))
    sender = Sender([to(fake)], store, changes.append, clock, lambda: 0.0)
    sender.start()
    fake.take()
    sender.stop()
    assert [worker.thread.is_alive() for worker in sender._workers] == [False]
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
    with running(Sender([to(fake)], store, told, clock, lambda: 0.0)) as sender:
        assert told.next() == Change("ops", Happening.STORE_FAILED)
        store._connection.execute("ALTER TABLE elsewhere RENAME TO outbox")
        clock.now += MINUTE
        sender.notify()
        fake.take()
        assert told.next() == Change("ops", Happening.DELIVERING)


def test_a_transport_can_be_put_in_place_of_the_network(
    store: Store, told: Told, clock: Any, make_incident: MakeIncident, patience: float
) -> None:
    """The exchange with the world can be replaced, for trials without a network."""
    asked: queue.Queue[httpx.Request] = queue.Queue()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.put(request)
        return httpx.Response(200)

    receiver = Receiver("chat", "slack", lambda: "https://hooks.example.com/s3cret")
    store.commit(Commit(at=clock(), outbox=[("chat", make_incident(1))]))
    with running(Sender([receiver], store, told, clock, lambda: 0.0, transport=httpx.MockTransport(answer))):
        request = asked.get(timeout=patience)
    assert str(request.url) == "https://hooks.example.com/s3cret"
    assert list(json.loads(request.content)) == ["text", "blocks", "unfurl_links", "unfurl_media"]
