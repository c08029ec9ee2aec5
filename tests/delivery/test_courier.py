import json
import logging
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.delivery.courier import Courier, ProbeResult, Timeouts
from agent.delivery.receiver import Receiver
from agent.errors import ConfigError
from agent.model.incident import Incident

MakeIncident = Callable[[int], Incident]
Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
QUICK = Timeouts(connect=5.0, total=0.2)


def to(fake: Any, name: str = "ops") -> Receiver:  # see Serve
    """Return the way to a fake receiver."""
    return Receiver(name, "generic", lambda: fake.url)


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
    courier = Courier(clock=clock, timeouts=QUICK)
    results = [courier.probe(to(fake)) for _ in range(3)]
    results.append(
        courier.send_now(Receiver("ops", "generic", lambda: "https://s3cret:1:2/"), make_incident(1))
    )
    courier.close()
    assert [result.reason for result in results] == [None, "server_error", "connect", "connect"]
    assert caplog.records == []
    assert "s3cret" not in repr(results)


def test_a_transport_can_be_put_in_place_of_the_network(clock: Any, make_incident: MakeIncident) -> None:
    """The exchange with the world can be replaced, for trials without a network."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    receiver = Receiver("chat", "slack", lambda: "https://hooks.example.com/s3cret")
    courier = Courier(clock=clock, transport=httpx.MockTransport(answer))
    assert courier.send_now(receiver, make_incident(1)).ok
    courier.close()
    assert [str(request.url) for request in asked] == ["https://hooks.example.com/s3cret"]
    assert list(json.loads(asked[0].content)) == ["text", "blocks", "unfurl_links", "unfurl_media"]
