r"""The line formats of container runtimes: whose output a line is, when it came, and what it says.

Kubernetes' runtimes and podman (CRI): `2026-11-23T07:42:13.123456789Z stdout F text`, where P in place of F
says that the line goes on in the next one of its stream, and tags may follow (`F:tag`). Docker's json-file:
`{"log":"text\n","stream":"stderr","time":"..."}`, where a log without a line end goes on. What lists lines
with their times (`docker logs --timestamps`, `kubectl logs --timestamps`): `2026-11-23T07:42:13.123456789Z
text`, of no stream that could be told.
"""

import json
import re
from dataclasses import dataclass

BARE = ""
"""The stream of a line that tells none."""

STREAMS = frozenset({"stdout", "stderr"})

_DOCKER = re.compile(
    rb'\x00*+\{"log":"([^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+)","stream":"(stdout|stderr)"'
    rb'(?:,"attrs":\{[^{}\n]*\})?,"time":"([^"\\\n]{20,40})"\}\r?(?:\n|\Z)'
)
"""As dockerd writes it; anything else that is such an object is read as JSON."""

_TIMED = re.compile(
    rb"\x00*+(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) "
    rb"(?:(stdout|stderr) ([FP])(?::[^ \n]*)?(?: |(?=\r?(?:\n|\Z))))?([^\n]*)(?:\n|\Z)"
)

_KEYS = rb'\{[ \t]*"(?:log|stream|time|attrs)"'
_OBJECT = re.compile(rb"\x00*+" + _KEYS)
"""An object of Docker's, its keys in any order."""

_CLOCK = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")

_BEGINNING = rb"\x00*+(?:" + _KEYS + rb"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.Z+-])"
_LINE = re.compile(_BEGINNING)
_AMID = re.compile(rb"\n" + _BEGINNING)
"""How a line begins that may be a container's."""

EXACT_BYTES = 128 << 10
"""Blocks up to this size are searched for lines of a container; of larger ones samples are looked at, which
costs nothing beside reading them. A container's log has nothing but such lines, so that samples tell."""

_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """What one line holds: the stream, the time as a prefix, and the text; `whole` if its line ends here."""

    stream: str
    clock: bytes
    text: bytes
    whole: bool


def framed(data: bytes) -> bool:
    """Return whether lines of a container's log may be among the lines of a block."""
    if _LINE.match(data):
        return True
    if len(data) <= EXACT_BYTES:
        return _AMID.search(data) is not None
    step = len(data) // _SAMPLES
    starts = (data.find(b"\n", at) + 1 for at in range(step // 2, len(data), step))
    return any(start and _LINE.match(data, start) for start in starts)


def read(data: bytes, start: int, end: int) -> Piece | None:
    """Return the piece in the line data[start:end], None for a line of no container."""
    found = _DOCKER.match(data, start)
    if found is not None and found.end() >= end:
        return _docker(found[1], found[2].decode(), found[3])
    found = _TIMED.match(data, start)
    if found is not None:
        clock = _clock(found[1], found[2], found[3])
        stream, text = (found[4] or b"").decode(), found[6]
        return Piece(stream, clock, text.removesuffix(b"\r"), found[5] != b"P")
    if _OBJECT.match(data, start, end):
        return _object(data[start:end].strip(b"\0\r\n"))
    return None


def _clock(second: bytes, fraction: bytes | None, zone: bytes) -> bytes:
    """Return a time as the prefix of a line, to the millisecond, so that all of a log are equally wide."""
    return b"%s.%s%s | " % (second, (fraction or b"").ljust(3, b"0")[:3], zone)


def _docker(escaped: bytes, stream: str, time: bytes) -> Piece:
    whole = escaped.endswith(b"\\n") and (escaped[-3:-2] != b"\\" or _ends(escaped))
    text = escaped[:-2] if whole else escaped
    if b"\\" in text:
        text = _unescaped(text)
    return Piece(stream, _docker_clock(time), text.removesuffix(b"\r") if whole else text, whole)


def _ends(escaped: bytes) -> bool:
    r"""Return whether a JSON string ends in \n and not in a backslash before an n."""
    body = escaped[:-1]
    return (len(body) - len(body.rstrip(b"\\"))) % 2 == 1


def _docker_clock(time: bytes) -> bytes:
    if len(time) > 23 and time[19:20] == b"." and time.endswith(b"Z"):  # noqa: PLR2004 - up to milliseconds
        return time[:23] + b"Z | "
    found = _CLOCK.match(time)
    return _clock(found[1], found[2], found[3]) if found else b""


def _unescaped(text: bytes) -> bytes:
    """Return the text of a JSON string; what is no JSON stays as it is."""
    if b"\\\\" not in text and b"\\u" not in text:
        # nearly all: quotes and tabs
        plain = text.replace(b'\\"', b'"').replace(b"\\t", b"\t")
        if b"\\" not in plain:
            return plain
    try:
        told = json.loads(b'"%s"' % text, strict=False)
    except ValueError:  # a byte that is no UTF-8, for one
        try:
            told = json.loads('"' + text.decode("utf-8", "replace") + '"', strict=False)
        except ValueError:
            return text
    return _encoded(str(told))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _object(line: bytes) -> Piece | None:
    """Return the piece in an object whose keys stand in any order; None if it is no line of Docker's."""
    try:
        told = json.loads(line.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    log, stream, time = (told.get(key) for key in ("log", "stream", "time"))
    if not (isinstance(log, str) and (stream in STREAMS or isinstance(time, str))):
        return None
    whole = log.endswith("\n")
    text = _encoded(log.removesuffix("\n"))
    clock = _docker_clock(_encoded(time)) if isinstance(time, str) else b""
    return Piece(str(stream or BARE) if stream in STREAMS else BARE, clock, text, whole)
