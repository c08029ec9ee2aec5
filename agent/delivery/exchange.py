"""The time limit of one attempt as a whole."""

import socket
from contextlib import suppress
from threading import Lock, Timer
from typing import Any

_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Exchange:
    """Ends an attempt that takes too long, as a context around it.

    The HTTP library's read timeout starts anew with each byte, so that a receiver that drips could hold a
    thread for ever. When the time is up the socket is shut, which ends the read.
    """

    def __init__(self, seconds: float) -> None:
        self.cut_off = False
        self._turn = Lock()
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: dict[str, Any]) -> None:  # the library gives it no narrower type
        """Take the socket out of the library's trace (https://www.encode.io/httpcore/extensions/#trace)."""
        if event in _OPENED:
            with self._turn:
                self._socket = info["return_value"].get_extra_info("socket")
            if self.cut_off:
                self.cut()

    def cut(self) -> None:
        """Shut the socket now."""
        self.cut_off = True
        with self._turn, suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
