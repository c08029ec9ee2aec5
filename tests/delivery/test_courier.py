import base64
import ipaddress
import json
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from agent.delivery.courier import Courier, ProbeResult, Timeouts
from agent.delivery.destination import ADVICE
from agent.delivery.receiver import Receiver
from agent.delivery.trust import Trust
from agent.errors import ConfigError
from agent.model.incident import Incident

MakeIncident = Callable[[int], Incident]
Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
QUICK = Timeouts(connect=5.0, total=1.0)


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


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that nobody knows."""
    return trustme.CA()


def test_a_receiver_of_a_company_is_trusted_by_its_own_authority(
    serve: Serve, clock: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    """HTTPS is verified: without the file it fails, with it it works, and a file that comes later is seen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    fake = serve(tls=context)
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(file)
    receiver = replace(to(fake), trust=Trust(ca_file=file))
    courier = Courier(clock=clock)
    found = [courier.probe(to(fake)), courier.probe(receiver)]
    authority.cert_pem.write_to_path(file)
    found.append(courier.probe(receiver))
    file.write_text("hush")
    found.append(courier.probe(receiver))
    courier.close()
    assert [(one.reason, one.advice) for one in found] == [
        ("tls", None),
        ("tls", None),
        (None, None),
        ("tls", f'receiver "ops": ca_file {file} holds no certificate in PEM; write the authority\'s there'),
    ]


def test_a_certificate_for_another_name_is_not_trusted(
    serve: Serve, clock: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    """The authority is the right one, the name is not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example.com").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    courier = Courier(clock=clock)
    result = courier.probe(replace(to(serve(tls=context)), trust=Trust(ca_file=tmp_path / "ca.pem")))
    courier.close()
    assert result.reason == "tls"


def test_a_receiver_that_asks_for_a_certificate_gets_it(
    serve: Serve, clock: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    """Without one the handshake fails, with it the message is taken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    fake = serve(tls=context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("wmtls").private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    courier = Courier(clock=clock)
    bare = Trust(ca_file=tmp_path / "ca.pem")
    shown = replace(bare, client_certificate=tmp_path / "client.pem")
    results = [courier.probe(replace(to(fake), trust=trust)).ok for trust in (bare, shown)]
    courier.close()
    assert results == [False, True]


@pytest.mark.parametrize("source", ["configuration", "environment"])
def test_a_proxy_is_asked(serve: Serve, clock: Any, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """The whole URL goes to the proxy, which knows hosts that this machine does not."""
    proxy = serve()
    receiver = Receiver("ops", "generic", lambda: "http://receiver.invalid/hook/s3cret")
    if source == "configuration":
        receiver = replace(receiver, proxy=lambda: f"http://127.0.0.1:{proxy.port}")
    else:
        monkeypatch.delenv("NO_PROXY")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    courier = Courier(clock=clock)
    assert courier.probe(receiver).ok
    courier.close()
    assert proxy.take().path == "http://receiver.invalid/hook/s3cret"


def test_credentials_of_a_message(serve: Serve, clock: Any) -> None:
    """A token and a signature arrive as headers, and each attempt asks for them anew."""
    fake = serve()
    tokens = iter(["one", "two"])
    secret = "whsec_" + "A" * 32
    receiver = replace(to(fake), token=lambda: next(tokens), secret=lambda: secret)
    courier = Courier(clock=clock)
    posted = []
    for _ in range(2):
        assert courier.probe(receiver).ok
        posted.append(fake.take().headers)
    courier.close()
    assert [one["authorization"] for one in posted] == ["Bearer one", "Bearer two"]
    assert [one["webhook-timestamp"] for one in posted] == [str(int(clock().timestamp()))] * 2
    assert [one["webhook-signature"][:3] for one in posted] == ["v1,"] * 2


def test_a_user_in_the_url_is_basic_authentication(serve: Serve, clock: Any) -> None:
    """RFC 7617: user and password are a header, and no part of the request's target."""
    fake = serve()
    courier = Courier(clock=clock)
    url = fake.url.replace("http://", "http://us:hush%21@")
    assert courier.probe(Receiver("ops", "generic", lambda: url)).ok
    courier.close()
    posted = fake.take()
    assert posted.headers["authorization"] == "Basic " + base64.b64encode(b"us:hush!").decode()
    assert posted.path == "/hook/s3cret"


def test_an_address_that_is_refused_gets_not_a_byte(
    serve: Serve, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that the DNS leads there is seen when the connection stands; the receiver hears nothing."""
    fake = serve()
    seen: list[object] = []
    monkeypatch.setattr("agent.delivery.destination.REFUSED", (ipaddress.ip_network("127.0.0.0/8"),))
    monkeypatch.setattr(
        "socket.create_connection", led_astray(socket.create_connection, fake.port, seen.append)
    )
    receiver = Receiver("ops", "generic", lambda: "http://hooks.example.com/s3cret")
    courier = Courier(clock=clock)
    results = [courier.probe(receiver), courier.probe(to(fake))]
    assert fake.posted.empty()
    results.append(courier.probe(replace(receiver, allow_link_local=True)))
    courier.close()
    assert [(one.reason, one.advice) for one in results] == [
        ("connect", ADVICE),
        ("connect", ADVICE),
        (None, None),
    ]
    assert seen == [("hooks.example.com", 80)] * 2
    assert fake.take().headers["host"] == "hooks.example.com"


def led_astray(
    connect: Callable[..., socket.socket], port: int, note: Callable[[object], None]
) -> Callable[..., socket.socket]:
    """Return a way to connect that takes every host for this machine, as a changed DNS would."""

    def connected(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        note(address)
        return connect(("127.0.0.1", port), *rest, **more)

    return connected


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/"],
)
def test_an_address_that_is_refused_by_its_spelling_is_not_asked(
    clock: Any, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Not even a connection is made."""
    monkeypatch.setattr("socket.create_connection", None)
    courier = Courier(clock=clock)
    result = courier.probe(Receiver("ops", "generic", lambda: url))
    courier.close()
    assert (result.reason, result.advice) == ("connect", ADVICE)


@pytest.mark.parametrize("url", ["http://hush@127.0.0.1:1/hush?key=hush", "https://hush.invalid/hush"])
def test_no_credential_is_in_what_is_told(
    clock: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], url: str
) -> None:
    """Whatever fails on the way: not in the answer, not in a log line of any library, not on the terminal."""
    caplog.set_level(logging.DEBUG)
    receivers = [
        Receiver("ops", "generic", lambda: url, secret=lambda: "hush", token=lambda: "hush"),
        Receiver("ops", "pagerduty", lambda: url, routing_key=lambda: "hush", proxy=lambda: "http://hush:1"),
        Receiver("ops", "generic", lambda: url, token=lambda: "hush\nX-Hush: hush"),
        Receiver("ops", "generic", lambda: "http://hush:hush:hush"),
        Receiver("ops", "google_chat", lambda: "http://[hush"),
    ]
    courier = Courier(clock=clock)
    told = []
    for receiver in receivers:
        try:
            told.append(repr(courier.probe(receiver)))
        except ValueError as error:  # an address that is none; the configuration lets none through
            told.append(type(error).__name__)
    courier.close()
    captured = capfd.readouterr()
    everything = "\n".join([*told, *(record.getMessage() for record in caplog.records), *captured])
    assert "hush" not in everything.lower()
