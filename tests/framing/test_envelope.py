from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.framing.envelope import CACHED_PREFIXES, Frame, Framing, moment
from tests.framing.rendering import Line, wrapped

CET = timezone(timedelta(hours=1))
SEVEN = datetime(2026, 11, 23, 7, 42, 13, tzinfo=CET)
MILLIS = SEVEN.replace(microsecond=983_000)

PREFIXES = {
    "LPTM": (b"INFO   | jvm 1    | 2026/11/23 07:42:13 | ", Frame(1, SEVEN, own=False)),
    "LPDTM": (b"INFO   | jvm 1    | main    | 2026/11/23 07:42:13 | ", Frame(1, SEVEN, own=False)),
    "LPZM": (b"INFO   | jvm 12   | 2026/11/23 07:42:13.983 | ", Frame(12, MILLIS, own=False)),
    "TPM, the order of the format": (
        b"2026/11/23 07:42:13 | jvm 2    | ",
        Frame(2, SEVEN, own=False),
    ),
    "TM": (b"2026/11/23 07:42:13 | ", Frame(None, SEVEN)),
    "PM": (b"jvm 1    | ", Frame(1, None, own=False)),
    "PM, pasted": (b"jvm 1 | ", Frame(1, None, own=False)),
    "LPTM, pasted": (b"INFO | jvm 1 | 2026/11/23 07:42:13 | ", Frame(1, SEVEN, own=False)),
    "M": (b"", Frame(None, None)),
    "five digits": (b"INFO   | jvm 12345 | 2026/11/23 07:42:13 | ", Frame(12345, SEVEN, own=False)),
    "the wrapper itself": (b"STATUS | wrapper  | 2026/11/23 07:42:13 | ", Frame(None, SEVEN, own=True)),
    "the wrapper's protocol": (
        b"DEBUG  | wrapperp | 2026/11/23 07:42:13 | ",
        Frame(None, SEVEN, own=True),
    ),
    "the JVM's version": (b"INFO   | jvm ver. | 2026/11/23 07:42:13 | ", Frame(None, SEVEN, own=False)),
    "every token": (
        (
            b"INFO   | jvm 1    | javaio  | Q | 2026/11/23 07:42:13 | 2026/11/23 07:42:13.983 "
            b"|        0 |      104 |        0 |   21872 |   21893 | "
        ),
        Frame(1, MILLIS, own=False),
    ),
    "every token, of the wrapper": (
        (
            b"STATUS | wrapper  | main    |   | 2026/11/23 07:42:13 | 2026/11/23 07:42:13.983 "
            b"| -------- |          |        0 |   21872 | ------- | "
        ),
        Frame(None, MILLIS, own=True),
    ),
    "CRI": (
        b"2026-11-23T06:42:13.123456789Z stdout F jvm 1    | ",
        Frame(1, datetime(2026, 11, 23, 6, 42, 13, 123_000, UTC), own=False),
    ),
    "a container's time, which has a zone, and the wrapper's": (
        b"2026-11-23T06:42:14.5Z | INFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, datetime(2026, 11, 23, 6, 42, 14, 500_000, UTC), own=False),
    ),
    "a container's time with an offset": (
        b"2026-11-23T07:42:13.000000001+01:00 | ",
        Frame(None, SEVEN),
    ),
    "Docker Desktop": (b"2026-11-23 07:42:13.983 | jvm 1    | ", Frame(1, MILLIS, own=False)),
    "Docker Desktop and the wrapper": (
        b"2026-11-23 07:42:14.001 | INFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, SEVEN, own=False),
    ),
    "a line torn before another one": (
        b"INFO   | jvm 1    | 2025/04/27 19:15:17 STATUS | wrapper  | 2026/11/23 07:42:13 | ",
        Frame(None, SEVEN, own=True, begin=40),
    ),
    "a line torn amid its message": (
        b"INFO   | jvm 1    | 2026/11/23 07:41:59 | foo baINFO   | jvm 2    | 2026/11/23 07:42:13 | ",
        Frame(2, SEVEN, own=False, begin=48),
    ),
    "a line torn amid its prefix": (
        b"INFO   | jvINFO   | jvm 2    | 2026/11/23 07:42:13 | ",
        Frame(2, SEVEN, own=False, begin=11),
    ),
    "a line torn, its own text after it": (
        b"INFO   | jvm 1    | 2026/11/23 07:41:59 | foINFO   | jvm 2    | 2026/11/23 07:42:13 | bar",
        Frame(2, SEVEN, own=False, begin=44, foreign=True),
    ),
    "a line of which the head is missing": (
        b"no newline here INFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, SEVEN, own=False, begin=16),
    ),
    "a hole of zeros": (
        b"\0" * 5000 + b"INFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, SEVEN, own=False),
    ),
    "a hole of zeros amid a line": (
        b"INFO   | jvm 1    | 2026/11/23 07:41:59 | fo" + b"\0" * 100 + b"INFO   | jvm 2    |"
        b" 2026/11/23 07:42:13 | ",
        Frame(2, SEVEN, own=False, begin=144),
    ),
    "a byte order mark": (
        b"\xef\xbb\xbfINFO   | jvm 1    | 2026/11/23 07:42:13 | ",
        Frame(1, SEVEN, own=False),
    ),
    "text that names another JVM": (
        b"INFO   | jvm 1    | 2026/11/23 07:42:13 | restart of jvm 2 at 2026/11/24 01:02:03 ",
        Frame(1, SEVEN, own=False, foreign=True),
    ),
    "text that names a JVM, without a prefix": (
        b"restart of jvm 2 at 2026/11/24 01:02:03 ",
        Frame(None, None, foreign=True),
    ),
    "text with bars": (
        b"jvm 1    | a | jvm 2 | 2026/11/24 01:02:03 | ",
        Frame(1, None, own=False, foreign=True),
    ),
    "text that begins like a token": (
        b"INFO   | jvm 1    | 2026/11/23 07:42:13 | INFO | jvm 2 | ",
        Frame(1, SEVEN, own=False, foreign=True),
    ),
    "text that shows an old line": (
        b"INFO   | jvm 3    | 2026/11/23 07:42:13 | > INFO   | jvm 2    | 2026/11/22 01:02:03 | ",
        Frame(3, SEVEN, own=False, foreign=True),
    ),
    "a string in a JSON object": (
        b'jvm 1    | {"level":"WARN","message":"said \\"',
        Frame(1, None, own=False, foreign=True, quoted=True),
    ),
    "behind a JSON object": (
        b'jvm 1    | {"level":"WARN","message":"said \\"nothing\\""}',
        Frame(1, None, own=False, foreign=True),
    ),
    "a container's JSON that was torn": (
        b'{"log":"jvm 1    | ',
        Frame(None, None, foreign=True, quoted=True),
    ),
    "no time": (b"INFO   | jvm 1    | 2026/13/45 07:42:13 | ", Frame(1, None, own=False)),
    "no zone": (b"2026-11-23T07:42:13+99:00 | ", Frame(None, SEVEN)),
    "not UTF-8": (b"\xff\xfe jvm 3 | \x00", Frame(None, None, foreign=True)),
}


@pytest.mark.parametrize(("prefix", "frame"), PREFIXES.values(), ids=PREFIXES)
def test_prefixes(prefix: bytes, frame: Frame) -> None:
    """Every format of the wrapper, whatever stands before and behind it, gives the JVM and the time."""
    framing = Framing(CET)
    assert framing.split(prefix) == frame
    assert framing.split(prefix) == frame  # as remembered


MESSAGES = (
    *("", "hello", "a | b", " | ", "|", "jvm 2", "> jvm 2 | x", "see 2027/01/02 03:04:05 | jvm 9 | "),
    *("{", '{"message":"jvm 2', "\ttab", "   indented", "Grüße", "main", "- main | jvm 77"),
)
"""Text before a record, some of it much like a prefix."""

formats = st.lists(st.sampled_from("LPDQTZURGWJ"), unique=True, max_size=11).map(
    lambda letters: "".join(letters) + "M"
)
lines = st.builds(
    Line,
    jvm=st.none() | st.integers(1, 99_999),
    when=st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001  (in CET below)
        lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000, tzinfo=CET)
    ),
    level=st.sampled_from(("NONE", "DEBUG", "INFO", "STATUS", "WARN", "ERROR", "FATAL", "ADVICE", "NOTICE")),
)


def expected(format: str, line: Line) -> tuple[int | None, datetime | None, bool | None]:  # noqa: A002
    """Return the JVM, the time and whose line it is, as far as a format tells."""
    when = line.when if "Z" in format else line.when.replace(microsecond=0) if "T" in format else None
    told = "P" in format
    return line.jvm if told else None, when, line.jvm is None if told else None


@settings(max_examples=300, deadline=None)
@given(formats, lines, st.sampled_from(MESSAGES) | st.text("abc |019-:/{\"'", max_size=40), st.booleans())
def test_every_format(format: str, line: Line, message: str, collapsed: bool) -> None:  # noqa: A002, FBT001
    """Any format and any text before the record give the JVM and the time that the wrapper has written."""
    # where a prefix is a time and no more, a later time in the text cannot be told from a second line
    assume("2027/" not in message or line.when.year > 2027 or set("LP") & set(format))
    prefix = wrapped(format, line, message.encode(), collapsed=collapsed)
    frame = Framing(CET).split(prefix)
    assert (frame.jvm, frame.when, frame.own) == expected(format, line)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(("LPTM", "LPDTM", "LPZM", "PTM", "TPM", "ZM", "LPDQTZURGWJM")),
    st.tuples(lines, lines),
    st.sampled_from(MESSAGES),
    st.data(),
)
def test_torn_by_a_crash(
    format: str,  # noqa: A002
    two: tuple[Line, Line],
    message: str,
    data: st.DataObject,
) -> None:
    """A line that was torn anywhere, and the next one behind it: the prefix of the next one counts."""
    earlier, later = sorted(two, key=lambda line: line.when)
    torn = wrapped(format, earlier, message.encode())
    cut = data.draw(st.integers(len("2026/11/23 07:42:13.983 | ") if format == "ZM" else 0, len(torn)))
    frame = Framing(CET).split(torn[:cut] + wrapped(format, later, b""))
    assert (frame.jvm, frame.when, frame.own) == expected(format, later)
    assert not frame.foreign


@settings(max_examples=100, deadline=None)
@given(formats, lines, st.booleans())
def test_width(format: str, line: Line, collapsed: bool) -> None:  # noqa: A002, FBT001
    """The message begins behind the prefix, whatever line came before."""
    assume(set(format) - set("QRM"))  # columns that may all be blank look like the borders of a table
    framing = Framing(CET)
    for shown in ("LM", "PM", format, format):  # those before it were torn
        for message in (b"Some words", b"  Subject: CN=a", b"***", b""):
            text = wrapped(shown, line, message, collapsed=collapsed)
            assert text[framing.width(text) :] == message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"INFO   | jvm 1    | 2026/11/23 07:42:13 |", b""),  # the last blank stripped
        (b"INFO   | jvm 1    | 2026/11/23 07:42:13 |\r", b"\r"),
        (b"2026-11-23 07:42:13.983 | main, READ: TLSv1.2 Alert", b"main, READ: TLSv1.2 Alert"),
        (b"2026-11-23T07:42:13.983Z | jvm 1    | main, called close()", b"main, called close()"),
        (b"worker | 7, called close()", b"worker | 7, called close()"),
        (b"| a | b |", b"| a | b |"),
    ],
)
def test_width_of_odd_lines(line: bytes, message: bytes) -> None:
    """Nothing of a message is taken for a prefix, and a prefix without a message is one."""
    framing = Framing(CET)
    assert line[framing.width(line) :] == message


@pytest.mark.parametrize(
    "before", [b"\0\0main, called close()", b"jvm 1    |", b"jvm 1    | main, called close()"]
)
@pytest.mark.parametrize(
    "line", [b"\0\0\0\0jvm 1    | x", b"jvm 1    |x", b"jvm 1    | 2026/11/23 07:42:13 | x"]
)
def test_width_is_that_of_the_line(before: bytes, line: bytes) -> None:
    """What the line before was makes it quicker to see, and nothing else."""
    framing = Framing(CET)
    framing.width(before)
    assert framing.width(line) == Framing(CET).width(line)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(("LPTM", "LPDTM", "LPZM", "PTM", "TPM", "PM")),
    st.lists(lines, min_size=1, max_size=4),
    st.data(),
)
def test_lines_behind_one_another(format: str, several: list[Line], data: st.DataObject) -> None:  # noqa: A002
    """A physical line falls into the lines that it holds, each of them but the last torn anywhere."""
    message = b"main, READ: 1"
    torn = [
        wrapped(format, line, message[: data.draw(st.integers(0, len(message)))])  # its prefix was not
        for line in sorted(several, key=lambda line: line.when)
    ]
    assert Framing(CET).torn(b"".join(torn)) == torn


@pytest.mark.parametrize(
    "line",
    [
        b"jvm 1    | a | b",
        b"INFO   | jvm 1    | 2026/11/23 07:42:13 | it said: INFO   | jvm 1    | 2025/11/23 07:42:13 | x",
        b"INFO   | jvm 1    | 2026/11/23 07:42:13 | see jvm 1    | x",
        b"no prefix at all",
        b"",
    ],
)
def test_line_that_is_one(line: bytes) -> None:
    """What an application quotes, or sets in columns, is no second line."""
    assert Framing(CET).torn(line) == [line]


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
    """As many different prefixes as there are lines do not fill the memory, nor do long ones."""
    framing = Framing(UTC)
    for n in range(CACHED_PREFIXES + 10):
        framing.split(b"jvm %d | " % n)
    assert len(framing._seen) <= CACHED_PREFIXES
    framing.split(b"x" * 100_000)
    assert max(map(len, framing._seen)) < 1000


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_total(prefix: bytes) -> None:
    """Any bytes are a prefix."""
    assert isinstance(Framing(UTC).split(prefix), Frame)
    assert 0 <= Framing(UTC).width(prefix) <= len(prefix)
