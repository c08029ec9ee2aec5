"""Ends of a connection that speak no TLS: plain text, probes, silence, half a message, a bare alert."""

import contextlib
import socket
import threading
from collections.abc import Callable

from tests.lab.relay import HEADER, IDLE, closing, exactly

HTTP_ANSWER = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no TLS here</html>"
HTTP_REQUEST = b"GET /invoke/wm.server:ping HTTP/1.1\r\nHost: is.acme.example\r\nUser-Agent: probe\r\n\r\n"
SSH_BANNER = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n"
SMTP_BANNER = b"220 mail.acme.example ESMTP ready\r\n"

SSLV2_HELLO = (
    b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"  # 2-byte length, CLIENT-HELLO, version 0.2, lengths
    b"\x07\x00\xc0\x05\x00\x80\x03\x00\x80\x01\x00\x80\x08\x00\x80\x06\x00\x40\x04\x00\x80" + bytes(range(16))
)
"""RFC 6101, appendix E: what a client of 1995 sends."""

HALF_CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(20))
HALF_SERVER_HELLO = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(range(20))
BROKEN_HELLO = b"\x16\x03\x01\x00\x09\x01\x00\x00\x05\x03\x03\xff\xff\xff"
"""A record of a handshake whose ClientHello ends amid its random."""

Talk = Callable[[socket.socket], None]


def _hello(connection: socket.socket) -> None:
    """Read the record with the other end's hello."""
    header = exactly(connection, HEADER)
    exactly(connection, int.from_bytes(header[3:], "big"))


def _rest(connection: socket.socket) -> None:
    """Read until the other end has gone."""
    while connection.recv(4096):
        pass


def _sends(data: bytes, *, first: bool) -> Talk:
    """Say something, at once or after the hello, and wait until the other end has gone."""

    def talk(connection: socket.socket) -> None:
        if not first:
            _hello(connection)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        _rest(connection)

    return talk


def _close(connection: socket.socket) -> None:
    _hello(connection)
    closing(connection)


def _reset(connection: socket.socket) -> None:
    _hello(connection)
    closing(connection, reset=True)


def _mute(connection: socket.socket) -> None:
    _hello(connection)
    _rest(connection)


def alert(number: int) -> Talk:
    """Answer the hello with a fatal alert of this number (RFC 8446, section 6)."""
    return _sends(bytes([21, 3, 3, 0, 2, 2, number]), first=False)


SERVERS: dict[str, Talk] = {
    "http": _sends(HTTP_ANSWER, first=False),
    "ssh": _sends(SSH_BANNER, first=True),
    "smtp": _sends(SMTP_BANNER, first=True),
    "close": _close,
    "reset": _reset,
    "close-at-once": closing,
    "mute": _mute,
    "half": _sends(HALF_SERVER_HELLO, first=False),
    "handshake_failure": alert(40),
    "protocol_version": alert(70),
    "insufficient_security": alert(71),
    "internal_error": alert(80),
    "inappropriate_fallback": alert(86),
    "unrecognized_name": alert(112),
    "no_application_protocol": alert(120),
}

CLIENTS: dict[str, Talk] = {
    "probe": closing,
    "probe-reset": lambda connection: closing(connection, reset=True),
    "get": _sends(HTTP_REQUEST, first=True),
    "silent": _rest,
    "sslv2": _sends(SSLV2_HELLO, first=True),
    "half": _sends(HALF_CLIENT_HELLO, first=True),
    "broken": _sends(BROKEN_HELLO, first=True),
}


def call(kind: str, port: int) -> None:
    """Be a client, once."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=IDLE) as connection,
        contextlib.suppress(OSError),
    ):
        CLIENTS[kind](connection)


class Listening:
    """Is a server until it is closed."""

    def __init__(self, kind: str) -> None:
        """Listen on a port that the kernel chooses."""
        self._talk = SERVERS[kind]
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Return where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    def close(self) -> None:
        """Take no more connections."""
        closing(self._listening)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._hold, args=(connection,), daemon=True).start()

    def _hold(self, connection: socket.socket) -> None:
        connection.settimeout(IDLE)
        with connection, contextlib.suppress(OSError):
            self._talk(connection)
