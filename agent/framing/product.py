r"""The version of Integration Server, where the server itself prints it when it starts.

It counts only in a message that begins with the product's name, behind what the server's own log puts before
each message ("2018-12-04 16:53:37 EST [ISS.0025.0001I] ", on a console with "ISSERVER|| " before it) and a
word such as "Starting": anybody may speak of a version in the middle of a sentence, of the other end's too.
Both products count alike: Microservices Runtime is Integration Server without the wrapper. No public page
shows the line of every release, so the number may follow at once, or behind "Version" or "Release".
"""

import re
from collections.abc import Iterator

from agent.framing.envelope import Framing

_NAMES = (b"Integration Server", b"Microservices Runtime")
"""What is searched for, before any line is looked at."""

_VERSION = re.compile(
    rb"(?:,|:| -)?(?: (?:[Vv]ersion|[Rr]elease))?:? ?[Vv]?(?<=[ :Vv])"
    # six to ninety-nine: what was ever called Integration Server, and is to come
    rb"((?:[6-9]|[1-9]\d)\.\d{1,2}(?:\.\d{1,5}){0,3})(?!\.?\d)"
)

_BEFORE = re.compile(
    rb"(?:ISSERVER *\|\|? *)?"
    rb"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,3})? (?:[A-Z][\w/+:-]{0,9} |[+-]\d\d:?\d\d )?)?"
    rb"(?:\[[A-Z]{3}\.\d{4}\.\d{4}[A-Z]?\] *)?"
    rb"(?:(?:Starting(?: up)?|Initializing|Welcome to|This is|Product:?) )?(?:[Tt]he )?"
    rb"(?:(?:IBM|Software AG) )?(?:webMethods )?"
)


_FAR = 400
"""Bytes before the name in which its line must begin: more than any prefix and the words behind it."""


def versions(data: bytes, framing: Framing) -> Iterator[tuple[int, str]]:
    """Yield where in whole lines the product is named with its version, and the version."""
    for name in _NAMES:
        at = data.find(name)
        while at >= 0:
            end = at + len(name)
            found = _VERSION.match(data, end)
            if found is not None and _begins(data, at, framing):
                yield at, found[1].decode()
            at = data.find(name, end)


def _begins(data: bytes, at: int, framing: Framing) -> bool:
    """Tell whether the message of a line begins with the name at a place."""
    start = data.rfind(b"\n", max(0, at - _FAR), at) + 1
    if at - start > _FAR:
        return False
    message = framing.torn(data[start:at])[-1]
    return _BEFORE.fullmatch(message, framing.width(message)) is not None
