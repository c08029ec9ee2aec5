from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.framing.containers import BARE, EXACT_BYTES, Piece, framed, read
from tests.framing.rendering import cri, docker

WHEN = datetime(2026, 11, 23, 7, 42, 13, 123_456, UTC)
CLOCK = b"2026-11-23T07:42:13.123Z | "
TIME = b'"time":"2026-11-23T07:42:13.123456789Z"'


def piece(line: bytes) -> Piece | None:
    """Return the piece in a line."""
    return read(line, 0, len(line))


LINES = {
    "CRI": (
        b"2026-11-23T07:42:13.123456789Z stdout F hello",
        Piece("stdout", CLOCK, b"hello", whole=True),
    ),
    "CRI, a line that goes on": (
        b"2026-11-23T07:42:13.123456789Z stderr P hel",
        Piece("stderr", CLOCK, b"hel", whole=False),
    ),
    "CRI, its end": (
        b"2026-11-23T07:42:13.123456789Z stderr F ",
        Piece("stderr", CLOCK, b"", whole=True),
    ),
    "CRI, its end, stripped": (
        b"2026-11-23T07:42:13.123456789Z stderr F",
        Piece("stderr", CLOCK, b"", whole=True),
    ),
    "CRI with a tag": (
        b"2026-11-23T07:42:13.123456789Z stdout F:tag hello",
        Piece("stdout", CLOCK, b"hello", whole=True),
    ),
    "podman, with an offset": (
        b"2026-11-23T07:42:13.1+01:00 stdout F   hello\r",
        Piece("stdout", b"2026-11-23T07:42:13.100+01:00 | ", b"  hello", whole=True),
    ),
    "no bytes but UTF-8's": (
        b"2026-11-23T07:42:13.123456789Z stdout F M\xfcller",
        Piece("stdout", CLOCK, b"M\xfcller", whole=True),
    ),
    "docker logs --timestamps": (
        b"2026-11-23T07:42:13.123456789Z jvm 1    | hello",
        Piece(BARE, CLOCK, b"jvm 1    | hello", whole=True),
    ),
    "docker": (
        b'{"log":"hello\\n","stream":"stdout",' + TIME + b"}",
        Piece("stdout", CLOCK, b"hello", whole=True),
    ),
    "docker, a line that goes on": (
        b'{"log":"hel","stream":"stderr",' + TIME + b"}",
        Piece("stderr", CLOCK, b"hel", whole=False),
    ),
    "docker, a backslash before an n": (
        b'{"log":"hel\\\\n","stream":"stderr",' + TIME + b"}",
        Piece("stderr", CLOCK, b"hel\\n", whole=False),
    ),
    "docker, a backslash before the end": (
        b'{"log":"hel\\\\\\n","stream":"stderr",' + TIME + b"}",
        Piece("stderr", CLOCK, b"hel\\", whole=True),
    ),
    "docker, a line end of Windows": (
        b'{"log":"hello\\r\\n","stream":"stderr",' + TIME + b"}\r",
        Piece("stderr", CLOCK, b"hello", whole=True),
    ),
    "docker, escaped": (
        b'{"log":"\\t\\"a\\" \\u003c\\u0026\\u003e \\ud83d\\ude00 \\u00fc \\\\\\n","stream":"stderr",'
        + TIME
        + b"}",
        Piece("stderr", CLOCK, '\t"a" <&> 😀 ü \\'.encode(), whole=True),
    ),
    "docker, half a character": (
        b'{"log":"\\ud83d\\n","stream":"stderr",' + TIME + b"}",
        Piece("stderr", CLOCK, b"?", whole=True),
    ),
    "docker, bytes of no character": (
        b'{"log":"\\u0041\xfc\\n","stream":"stderr",' + TIME + b"}",
        Piece("stderr", CLOCK, "A\N{REPLACEMENT CHARACTER}".encode(), whole=True),
    ),
    "docker, no escape": (
        b'{"log":"\\x\\n","stream":"stderr",' + TIME + b"}",
        Piece("stderr", CLOCK, b"\\x", whole=True),
    ),
    "docker, with attributes": (
        b'{"log":"hello\\n","stream":"stdout","attrs":{"tag":"is"},' + TIME + b"}",
        Piece("stdout", CLOCK, b"hello", whole=True),
    ),
    "docker, in another order": (
        b'{ "stream": "stderr", ' + TIME + b', "log": "hel\\tlo\\n" }',
        Piece("stderr", CLOCK, b"hel\tlo", whole=True),
    ),
    "docker, without a stream": (
        b'{"log":"hello\\n",' + TIME + b"}",
        Piece(BARE, CLOCK, b"hello", whole=True),
    ),
    "docker, without a time": (
        b'{"log":"hello\\n","stream":"stdout"}',
        Piece("stdout", b"", b"hello", whole=True),
    ),
    "docker, behind a hole of zeros": (
        b"\0" * 4096 + b'{"log":"hello\\n","stream":"stdout",' + TIME + b"}",
        Piece("stdout", CLOCK, b"hello", whole=True),
    ),
    "docker, torn": (b'{"log":"hello\\n","stream":"stdo', None),
    "docker, glued": (b'{"log":"hel{"log":"hello\\n","stream":"stdout",' + TIME + b"}", None),
    "an object of somebody else": (b'{"log":"a.log","level":"INFO"}', None),
    "the product's own": (b'{"timestamp":"2026-11-23T07:42:13Z","message":"hello"}', None),
    "no object": (b'{"log"', None),
    "too deep": (b'{"log":' + b"[" * 100_000, None),
    "the wrapper's": (b"INFO   | jvm 1    | 2026/11/23 07:42:13 | hello", None),
    "a date": (b"2026-11-23 07:42:13.123 | hello", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("line", "told"), LINES.values(), ids=LINES)
@pytest.mark.parametrize("end", [b"\n", b""], ids=["", "at the end"])
def test_lines(line: bytes, told: Piece | None, end: bytes) -> None:
    """Each runtime's line gives its stream, its time and its text; a line of none, nothing."""
    assert piece(line + end) == told


@pytest.mark.parametrize("line", [line for line, told in LINES.values() if told is not None])
def test_a_line_of_a_container_is_seen(line: bytes) -> None:
    """Every line that would be read is seen, wherever it stands in a small block."""
    bare = b"INFO   | jvm 1    | 2026/11/23 07:42:13 | hello\n"
    assert framed(line)
    assert framed(bare * 2 + line + b"\n" + bare)
    assert not framed(bare * 3)


def test_a_large_block_is_sampled() -> None:
    """Of a large block the beginning and some lines are looked at."""
    bare = b"INFO   | jvm 1    | 2026/11/23 07:42:13 | hello\n"
    line = cri("stdout", WHEN, b"hello")
    many = 8 * EXACT_BYTES // len(bare)
    assert not framed(bare * many)
    assert framed(line + bare * many)
    assert framed(bare * many + line * (many // 16))
    assert framed(line * many)


@given(st.text().filter(lambda text: "\n" not in text and not text.endswith("\r")), st.booleans())
def test_what_docker_escapes(text: str, whole: bool) -> None:  # noqa: FBT001
    """Any text that dockerd has escaped comes back."""
    encoded = text.encode("utf-8", "replace")
    for order in ("lst", "slt", "tsl"):
        line = docker("stderr", WHEN, encoded, whole=whole, order=order)
        assert piece(line) == Piece("stderr", CLOCK, encoded, whole)


@given(
    st.binary(max_size=200), st.sampled_from((b"", b"{", b'{"log":"', b"2026-11-23T07:42:13.1Z stdout P "))
)
def test_total(data: bytes, begin: bytes) -> None:
    """Any line can be asked for its piece."""
    line = begin + data.replace(b"\n", b"")
    assert piece(line + b"\n") == piece(line) or line.endswith(b"\r")
