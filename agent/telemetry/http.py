"""Serves /metrics, /-/healthy, /-/ready and a landing page, on threads of its own.

Nothing a caller sends reaches the pipeline. A connection lives ten seconds at most however slowly it talks,
and sixteen are served at once; the next one gets a 503.
"""

import errno
import html
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from agent.errors import ConfigError
from agent.telemetry import log

CONNECTION_SECONDS = 10.0
"""Life of a connection: Prometheus' own default scrape timeout."""

CONNECTIONS = 16
"""Served at once: a pair of Prometheus servers, probes, and a person with several tabs."""

_LOOK_SECONDS = 0.25  # how often the serving thread looks whether to stop, and for old connections
_TEXT = "text/plain; charset=utf-8"
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_HEADERS = (
    ("Connection", "close"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
_LANDING = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>wmtls</title></head>
<body>
<h1>wmtls {version}</h1>
<p>Diagnoses failed TLS handshakes of webMethods Integration Server.</p>
<ul>
<li><a href="/metrics">/metrics</a>: metrics for Prometheus</li>
<li><a href="/-/healthy">/-/healthy</a>: does the agent live?</li>
<li><a href="/-/ready">/-/ready</a>: does it do its work?</li>
</ul>
</body>
</html>
"""
_BIND_ERRORS = {
    errno.EADDRINUSE: ("is in use by another program", "stop that program or choose another port"),
    errno.EACCES: ("needs rights that this user lacks", "choose a port from 1024 on"),
    errno.EADDRNOTAVAIL: ("is no address of this machine", "name one of its addresses"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What is served: `healthy` tells whether the pipeline turns, `ready` gives what stands in the way."""

    registry: CollectorRegistry
    healthy: Callable[[], bool]
    ready: Callable[[], Sequence[str]]
    version: str

    def page(self, path: str, accept: str) -> tuple[int, str, bytes]:
        """Return status, content type and body for a path."""
        make = {
            "/": self._landing,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
        }.get(path)
        if path == "/metrics":
            encode, content_type = choose_encoder(accept)
            return 200, content_type, encode(self.registry)
        status, content_type, text = make() if make else (404, _TEXT, "not found\n")
        return status, content_type, text.encode()

    def _landing(self) -> tuple[int, str, str]:
        return 200, "text/html; charset=utf-8", _LANDING.format(version=html.escape(self.version))

    def _healthy(self) -> tuple[int, str, str]:
        if self.healthy():
            return 200, _TEXT, "wmtls is healthy\n"
        return 503, _TEXT, "wmtls is not healthy: the log pipeline stands still\n"

    def _ready(self) -> tuple[int, str, str]:
        reasons = self.ready()
        if not reasons:
            return 200, _TEXT, "wmtls is ready\n"
        return 503, _TEXT, "".join(f"{reason}\n" for reason in reasons)


def bind_error(host: str, port: int, error: OSError) -> ConfigError:
    """Return the sentence for an address that cannot be bound."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if isinstance(error, socket.gaierror):
        what, mend = "has a host name that cannot be resolved", "write an IP address instead"
    else:
        what, mend = _BIND_ERRORS.get(
            error.errno or 0, (f"cannot be bound ({error.strerror})", "choose another address")
        )
    return ConfigError(f"http.listen {place} {what}; {mend}")


def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Return family and numeric address to bind; raises OSError where the name is unknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError:  # IDNA refuses the name before any look-up
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with a page, and any other method with a refusal."""

    protocol_version = "HTTP/1.1"
    timeout = CONNECTION_SECONDS
    server: "Server"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - http.server's words quote the request
        """Refuse a request in plain text that repeats nothing of it; 501 is any method but GET and HEAD."""
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code)
        self._write(status, _TEXT, f"{status.phrase.lower()}\n".encode())

    def _answer(self) -> None:
        try:
            status, content_type, body = self.server.pages.page(
                urlsplit(self.path).path, self.headers.get("Accept", "")
            )
        except ValueError:  # a target that is no URL
            status, content_type, body = 404, _TEXT, b"not found\n"
        except Exception as error:  # noqa: BLE001 - a broken page must not end the thread without an answer
            log.get("http").error("http.page_failed", error=type(error).__name__)
            status, content_type, body = 500, _TEXT, b"internal error\n"
        self._write(status, content_type, body)

    def _write(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        for name, value in _HEADERS:
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        return "wmtls"

    def log_message(self, *_: object) -> None:
        """Log no request: callers choose what is in it."""


class Server(ThreadingHTTPServer):
    """The HTTP server: bound when made, serving after `start`, gone after `close`.

    Raises ConfigError where the address cannot be bound. Port 0 takes any free one, see `address`.
    """

    request_queue_size = 2 * CONNECTIONS  # so that one too many is answered, not left to try again

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.pages = pages
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        self._begun: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        try:
            self.address_family, address = resolve(host, port)
            super().__init__(address, _Handler)
        except OSError as error:
            raise bind_error(host, port, error) from None

    @property
    def address(self) -> tuple[str, int]:
        """Return the host and port that are really listened on."""
        return str(self.server_address[0]), int(self.server_address[1])

    def start(self) -> None:
        """Serve on a thread of its own from now on."""
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_LOOK_SECONDS,), name="http", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving, close every connection and free the address."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
            self._thread = None
        self.server_close()
        self._cut(before=float("inf"))

    def server_bind(self) -> None:
        """Bind without the look-up of this machine's name that http.server does, which can hang for long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.address

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client: object) -> None:
        """Serve a connection on a thread, if there is a place for it."""
        assert isinstance(request, socket.socket)  # noqa: S101 - TCP, not UDP: narrows the inherited type
        if not self._places.acquire(blocking=False):
            with suppress(OSError):
                request.setblocking(False)  # noqa: FBT003 - the standard library's own flag
                request.sendall(_BUSY)
            self.shutdown_request(request)
            return
        with self._lock:
            self._begun[request] = time.monotonic()  # noqa: TID251 - a door: the age of a connection
        try:
            super().process_request(request, client)
        except RuntimeError:  # no thread can be started
            self._leave(request)
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client: object
    ) -> None:
        """Serve a connection, then give its place back."""
        assert isinstance(request, socket.socket)  # noqa: S101 - TCP, not UDP: narrows the inherited type
        try:
            super().process_request_thread(request, client)
        finally:
            self._leave(request)

    def _leave(self, request: socket.socket) -> None:
        with self._lock:
            self._begun.pop(request, None)
        self._places.release()

    def service_actions(self) -> None:
        """Cut connections that outlived their time; called by serve_forever on each look."""
        self._cut(before=time.monotonic() - CONNECTION_SECONDS)  # noqa: TID251 - a door: the age of a connection

    def _cut(self, *, before: float) -> None:
        with self._lock:
            for request in [one for one, begun in self._begun.items() if begun < before]:
                del self._begun[request]
                with suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client: object) -> None:
        """Say nothing of callers that hang up: it is theirs to do."""
