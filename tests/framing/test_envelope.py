from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.framing.envelope import CACHED_PREFIXES, Frame, Framing, moment

CET = timezone(timedelta(hours=1))
SEVEN = datetime(2026, 11, 23, 7, 42, 13, tzinfo=CET)

PREFIXES = {
    "LPTM": (b"INFO   | jvm 1    | 2026/11/23 07:42:13 | ", Frame(1, SEVEN)),
    "LPDTM": (b"INFO   | jvm 1    | main    | 2026/11/23 07:42:13 | ", Frame(1, SEVEN)),
    "LPZM": (
        b"INFO   | jvm 12   | 2026/11/23 07:42:13.983 | ",
        Frame(12, SEVEN.replace(microsecond=983_000)),
    ),
    "TPM, the order of the format": (b"2026/11/23 07:42:13 | jvm 2    | ", Frame(2, SEVEN)),
    "TM": (b"2026/11/23 07:42:13 | ", Frame(None, SEVEN)),
    "PM": (b"jvm 1    | ", Frame(1, None)),
    "PM, pasted": (b"jvm 1 | ", Frame(1, None)),
    "LPTM, pasted": (b"INFO | jvm 1 | 2026/11/23 07:42:13 | ", Frame(1, SEVEN)),
    "M": (b"", Frame(None, None)),
    "five digits": (b"INFO   | jvm 12345| 2026/11/23 07:42:13 | ", Frame(12345, SEVEN)),
    "the wrapper itself": (b"STATUS | wrapper  | 2026/11/23 07:42:13 | ", Frame(None, SEVEN)),
    "CRI": (
        b"2026-11-23T06:42:13.123456789Z stdout F jvm 1    | ",
        Frame(1, datetime(2026, 11, 23, 6, 42, 13, 123_000, UTC)),
    ),
    "CRI, the wrapper's time first": (
        b"2026-11-23T06:42:14.5Z stdout F INFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, SEVEN),
    ),
    "docker's JSON": (b'{"log":"jvm 1    | ', Frame(1, None)),
    "foreign text before it": (
        b"no newline here INFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, SEVEN),
    ),
    "no time": (b"INFO   | jvm 1    | 2026/13/45 07:42:13 | ", Frame(1, None)),
    "not UTF-8": (b"\xff\xfe jvm 3 | \x00", Frame(3, None)),
}


@pytest.mark.parametrize(("prefix", "frame"), PREFIXES.values(), ids=PREFIXES)
def test_prefixes(prefix: bytes, frame: Frame) -> None:
    """Every format of the wrapper, and a container's time before it, gives the JVM and the time."""
    framing = Framing(CET)
    assert framing.split(prefix) == frame
    assert framing.split(prefix) == frame  # as remembered


def test_midnight_as_hour_24() -> None:
    """JSSE prints midnight as hour 24 of the day that begins."""
    fields = (b"2026", b"11", b"23", b"24", b"14", b"22", b"116")
    assert moment(fields, UTC) == datetime(2026, 11, 23, 0, 14, 22, 116_000, UTC)


@pytest.mark.parametrize(
    "fields", ["0 1 1 0 0 0 0", "2026 2 30 0 0 0 0", "2026 1 1 0 60 0 0", "2026 1 1 0 0 61 0"]
)
def test_no_moment(fields: str) -> None:
    """What is no time on any clock is None."""
    assert moment(tuple(f.encode() for f in fields.split()), UTC) is None


def test_memory_is_bounded() -> None:
    """As many different prefixes as there are lines do not fill the memory."""
    framing = Framing(UTC)
    for n in range(CACHED_PREFIXES + 10):
        framing.split(b"jvm %d | " % n)
    assert len(framing._seen) <= CACHED_PREFIXES


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_total(prefix: bytes) -> None:
    """Any bytes are a prefix."""
    assert isinstance(Framing(UTC).split(prefix), Frame)
