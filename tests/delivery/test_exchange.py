import socket
from typing import Any

from agent.delivery.exchange import Exchange


class Stream:
    """A stream of the HTTP library, as far as the trace needs it."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def get_extra_info(self, name: str) -> Any:  # as the library types it
        """Return the socket."""
        assert name == "socket"
        return self._end


def test_a_cut_ends_a_read_that_is_under_way() -> None:
    """The socket of the latest opening is shut, so that a reader gets the end of the stream."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        exchange = Exchange(60.0)
        with exchange:
            exchange.trace("connection.connect_tcp.started", {})
            exchange.trace("connection.connect_tcp.complete", {"return_value": Stream(ours)})
            exchange.cut()
            assert exchange.cut_off
            assert ours.recv(1) == b""


def test_a_socket_that_opens_after_the_cut_is_shut_too() -> None:
    """Time that is up while connecting is up for what comes after."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        exchange = Exchange(60.0)
        exchange.cut()
        exchange.trace("connection.start_tls.complete", {"return_value": Stream(ours)})
        assert ours.recv(1) == b""


def test_a_cut_of_a_closed_socket_does_no_harm() -> None:
    """The attempt may have ended by itself in the meantime."""
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.close()
    exchange = Exchange(60.0)
    exchange.trace("connection.connect_tcp.complete", {"return_value": Stream(ours)})
    exchange.cut()
    assert exchange.cut_off
