"""Stands between the two ends of a connection: delays, cuts, or damages what passes, record by record.

A cut is made when a record is about to pass, which is then lost: `("client", 1)` is the second record of
the client. Record 0 of either end is the one with its hello.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEADER = 5
"""Bytes before the fragment of a TLS record: type, version, length (RFC 8446, section 5.1)."""

HANDSHAKE = 22

IDLE = 8.0
"""Seconds without a byte after which a connection is given up."""

NO_LINGER = struct.pack("ii", 1, 0)
"""A socket that is closed with this sends a reset."""


@dataclass(frozen=True, slots=True)
class Relay:
    """What happens on the way: to one record of one end, and how long each record takes."""

    end: str = ""
    record: int = -1
    does: str = ""
    """`close`, `reset`, or `damage`."""
    delay: float = 0.0
    """Seconds that each record takes."""
    at: int = -1
    """Which byte of the record is damaged, from its start or, negative, from its end."""


def closing(connection: socket.socket, *, reset: bool = False) -> None:
    """Close a socket, by a reset if that is wanted."""
    with contextlib.suppress(OSError):
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        else:
            connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def exactly(connection: socket.socket, length: int) -> bytes:
    """Return so many bytes, or what there is before the end."""
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            break
        data += piece
    return data


def records(connection: socket.socket) -> Iterator[bytes]:
    """Yield whole records until the connection ends."""
    while True:
        header = exactly(connection, HEADER)
        if len(header) < HEADER:
            return
        yield header + exactly(connection, int.from_bytes(header[3:], "big"))


class Relaying:
    """A relay at work: a port of its own, and a pair of threads per connection."""

    def __init__(self, relay: Relay, target: Callable[[], int]) -> None:
        """Listen; `target` tells the port behind, at the first connection."""
        self._relay = relay
        self._target = target
        self._pause = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Return where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    def close(self) -> None:
        """Take no more connections; those that are there end with their ends."""
        closing(self._listening)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target()))
            for connection in (client, server):
                connection.settimeout(IDLE)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for end, source, sink in (("client", client, server), ("server", server, client)):
                threading.Thread(target=self._pump, args=(end, source, sink), daemon=True).start()

    def _pump(self, end: str, source: socket.socket, sink: socket.socket) -> None:
        relay = self._relay
        try:
            for number, record in enumerate(records(source)):
                passing = record
                if (end, number) == (relay.end, relay.record):
                    if relay.does != "damage":
                        closing(source, reset=relay.does == "reset")
                        closing(sink, reset=relay.does == "reset")
                        return
                    passing = damaged(record, relay.at)
                self._pause.wait(relay.delay)
                sink.sendall(passing)
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
        except ConnectionResetError:
            closing(sink, reset=True)
        except OSError:
            closing(sink)


def damaged(record: bytes, at: int) -> bytes:
    """Return a record with one bit of one byte changed."""
    place = at % len(record)
    return record[:place] + bytes([record[place] ^ 1]) + record[place + 1 :]
