import queue
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from agent.delivery.trial import trial_incident
from agent.model.incident import Incident

PATIENCE = 10.0
"""Seconds after which a test that waits for another thread has failed."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@dataclass
class Clock:
    """A clock that goes only when told."""

    now: datetime = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@dataclass(frozen=True)
class Posted:
    """What a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeReceiver:
    """A web server that answers as told: a status, one with a header, or a function that misbehaves."""

    server: ThreadingHTTPServer
    answers: list[int | tuple[int, str, str] | Callable[[BaseHTTPRequestHandler], None]]
    scheme: str = "http"
    posted: "queue.Queue[Posted]" = field(default_factory=queue.Queue)
    release: Event = field(default_factory=Event)

    @property
    def port(self) -> int:
        """Return where it listens."""
        return self.server.server_address[1]

    @property
    def url(self) -> str:
        """Return its secret address."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hook/s3cret"

    def take(self) -> Posted:
        """Return the next request."""
        return self.posted.get(timeout=PATIENCE)


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeReceiver]]:
    """Start receivers that give the answers of their list in turn, then 200."""
    started: list[FakeReceiver] = []

    def start(
        *answers: int | tuple[int, str, str] | Callable[[BaseHTTPRequestHandler], None],
        tls: ssl.SSLContext | None = None,
    ) -> FakeReceiver:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.posted.put(Posted(self.path, headers, body))
                answer = fake.answers.pop(0) if fake.answers else 200
                if callable(answer):
                    answer(self)
                    return
                status, name, value = answer if isinstance(answer, tuple) else (answer, "X-Nothing", "")
                self.send_response(status)
                self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Say nothing of callers that hang up."""

        fake = FakeReceiver(Server(("127.0.0.1", 0), Handler), list(answers), "https" if tls else "http")
        if tls is not None:
            fake.server.socket = tls.wrap_socket(
                fake.server.socket, server_side=True, do_handshake_on_connect=False
            )
        Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        started.append(fake)
        return fake

    yield start
    for fake in started:
        fake.release.set()
        fake.server.shutdown()
        fake.server.server_close()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def make_incident(clock: Clock) -> Callable[[int], Incident]:
    """Return incidents by number."""

    def make(number: int) -> Incident:
        name = f"{number:032x}"
        return replace(trial_incident(clock.now), id=name, incident=name, test=False)

    return make


@pytest.fixture
def patience() -> float:
    """Return the seconds after which waiting has failed."""
    return PATIENCE
