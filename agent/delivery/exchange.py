"""The limits of one attempt: how long it may take as a whole, and where its connection may lead."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Timer
from typing import Any

from agent.delivery.destination import RefusedAddressError

_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Exchange:
    """Ends an attempt that takes too long, as a context around it.

    The HTTP library's read timeout starts anew with each byte, so that a receiver that drips could hold a
    thread for ever. When the time is up the socket is shut, which ends the read.

    `refused` tells whether an IP address is one that no connection may be made to.
    """

    def __init__(self, seconds: float, refused: Callable[[str], bool] | None = None) -> None:
        self.cut_off = False
        self._refused = refused
        self._turn = Lock()
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: dict[str, Any]) -> None:  # the library gives it no narrower type
        """Take the socket out of the library's trace (https://www.encode.io/httpcore/extensions/#trace).

        Raises RefusedAddressError once the connection stands, before anything is sent on it.
        """
        if event in _OPENED:
            with self._turn:
                self._socket = info["return_value"].get_extra_info("socket")
            self._look()
            if self.cut_off:
                self.cut()

    def cut(self) -> None:
        """Shut the socket now."""
        self.cut_off = True
        with self._turn, suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def _look(self) -> None:
        if self._socket is not None and self._refused is not None:
            with suppress(OSError):  # gone already, so that nothing can be sent
                if self._refused(str(self._socket.getpeername()[0])):
                    self._socket.close()
                    raise RefusedAddressError
