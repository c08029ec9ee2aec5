"""What the ends noted of their connections, and what kind of evidence each of them had."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Evidence = Literal["own", "peer-alert", "transport-only"]

_RECEIVED = re.compile(r"Received fatal alert: ")
_TRANSPORT = re.compile(
    r"^java\.(net\.SocketException|net\.SocketTimeoutException|io\.EOFException)"
    r"|Connection reset|Broken pipe|Remote host terminated the handshake|Read timed out"
    r"|(?i:closing inbound before receiving peer's close_notify)|Connection or inbound has closed"
)


@dataclass(frozen=True, slots=True)
class Note:
    """What one end of one connection saw; times in milliseconds since 1970, 0 if it did not happen."""

    step: str
    role: Literal["client", "server"]
    thread: str
    threads: tuple[int, ...]
    """The ids of the connection's own thread and of those that helped."""
    helped: bool
    began: int
    agreed: int
    ended: int
    completed: int
    trouble: tuple[str, ...]
    """The exception and its causes, outermost first."""

    @property
    def evidence(self) -> Evidence | None:
        """Return what the trouble came from: this end, an alert of the other one, or the connection."""
        if not self.trouble:
            return None
        if any(_RECEIVED.search(text) for text in self.trouble):
            return "peer-alert"
        if _TRANSPORT.search(self.trouble[-1]) or _TRANSPORT.search(self.trouble[0]):
            return "transport-only"
        return "own"


def read(path: Path) -> list[Note]:
    """Return the notes of one JVM; none if it made none."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Note(**{**row, "threads": tuple(row["threads"]), "trouble": tuple(row["trouble"])}) for row in rows
    ]
