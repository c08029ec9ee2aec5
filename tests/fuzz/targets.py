"""What is fuzzed: each takes the bytes of a log and raises AssertionError where an invariant is broken."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.laws.cases import rows, split
from tests.laws.invariants import demand

RESTARTS = 30
"""Restarts in one input at most: each costs as much as a few lines."""

IBM = b"IBMJSSEProvider2 Build-Level: -20130318\n"
"""The line by which IBM's variant of legacy JSSE is known."""

_ENVELOPED = ("jsse/8.proto-c10-disabled.client.ssl-handshake", "iaik/article-issue-4")


def text(data: bytes) -> None:
    """Read a log, and again in blocks with a restart behind each; the length says how large they are."""
    lines = len(split(data))
    step = max(1 + len(data) % 7, lines // RESTARTS)
    demand(data, range(step, lines, step))


def ibm(data: bytes) -> None:
    """Read a log of IBM's variant."""
    text(IBM + data)


def framing(data: bytes) -> None:
    """Read real lines behind a prefix, which is the first line of the input, then what follows it."""
    prefix, _, rest = data.partition(b"\n")
    bare = [line.rpartition(b" | ")[2] for case in _ENVELOPED for line in rows(case)]
    text(b"".join(prefix + line for line in bare) + rest)


TARGETS: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {"jsse": text, "jsse_legacy": text, "ibm": ibm, "iaik": text, "framing": framing}
)
