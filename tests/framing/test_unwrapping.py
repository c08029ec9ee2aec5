from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent import codec
from agent.framing.containers import BARE
from agent.framing.unwrapping import PARTIAL_BYTES, Part, State, Unwrapping, settled
from agent.model.block import Block, Where
from agent.model.events import Event, Speaker, Started
from agent.model.vocabulary import Dialect
from tests.framing.rendering import cri, docker

WHEN = datetime(2026, 11, 23, 7, 42, 13, 123_456, UTC)
CLOCK = b"2026-11-23T07:42:13.123Z | "


def block(data: bytes, offset: int = 1000, line: int = 40) -> Block:
    """Return a block of the log."""
    return Block(Where("wrapper.log", "8:15", offset, line), data)


Row = tuple[str, bytes, int, int]
"""The stream of a line, its text, its offset and its number."""


def rows(parts: Iterable[Part]) -> list[Row]:
    """Return the lines of a text that was taken out of a log, with their places."""
    found = list[Row]()
    for stream, text in parts:
        begin = 0
        for number, line in enumerate(text.data.splitlines(keepends=True), text.start.line):
            at = text.where(begin, number)
            found.append((stream, line, at.offset, at.line))
            begin += len(line)
    return found


def test_no_container() -> None:
    """A block of no container is handed on as it is."""
    whole = block(b"INFO   | jvm 1    | 2026/11/23 07:42:13 | hello\n" * 3)
    ((stream, same),) = Unwrapping().feed(whole)
    assert (stream, same is whole) == (BARE, True)


def test_streams() -> None:
    """Each stream is a text of its own, whose lines know their places."""
    log = [
        cri("stderr", WHEN, b"javax.net.ssl|..."),
        cri("stdout", WHEN, b"hello"),
        cri("stderr", WHEN, b")"),
        b"bare\n",
    ]
    size = [len(line) for line in log]
    assert rows(Unwrapping().feed(block(b"".join(log)))) == [
        ("stderr", CLOCK + b"javax.net.ssl|...\n", 1000, 40),
        ("stderr", CLOCK + b")\n", 1000 + size[0] + size[1], 42),
        ("stdout", CLOCK + b"hello\n", 1000 + size[0], 41),
        (BARE, b"bare\n", 1000 + sum(size[:3]), 43),
    ]


def test_partial_lines() -> None:
    """A line in several pieces begins where the first one does, and is known where the last one ends it."""
    log = [
        cri("stderr", WHEN, b"hel", whole=False),
        cri("stdout", WHEN, b"other"),
        cri("stderr", WHEN, b"lo", whole=False),
        cri("stderr", WHEN, b""),
    ]
    parts = dict(Unwrapping().feed(block(b"".join(log))))
    assert rows(parts.items())[1] == ("stderr", CLOCK + b"hello\n", 1000, 40)
    assert parts["stderr"].reached(3) == 1000 + sum(map(len, log[:3]))


def test_a_line_over_two_files() -> None:
    """The first piece of a line may be in the file that was rolled away."""
    unwrapping = Unwrapping()
    assert rows(unwrapping.feed(block(docker("stdout", WHEN, b"hel", whole=False), 7000, 90))) == []
    rolled = Block(Where("wrapper.log", "8:16", 0, 1), docker("stdout", WHEN, b"lo") * 2)
    ((_, text),) = unwrapping.feed(rolled)
    assert text.where(0, 1) == Where("wrapper.log", "8:15", 7000, 90)
    assert text.where(len(CLOCK) + 6, 2) == Where("wrapper.log", "8:16", len(rolled.data) // 2, 2)
    told = [
        Event(at, None, Speaker(Dialect.JSSE, None, None, ""), Started(), "")
        for at in (text.where(0, 1), text.where(len(CLOCK) + 6, 2))
    ]
    assert [event.known for event in settled(text, told)] == [0, len(rolled.data) // 2]


def test_lines_within_a_log() -> None:
    """A log of several lines at once, as other programs write it, is these lines."""
    line = docker("stdout", WHEN, b"one\ntwo")
    assert rows(Unwrapping().feed(block(line))) == [
        ("stdout", CLOCK + b"one\n", 1000, 40),
        ("stdout", CLOCK + b"two\n", 1000, 40),
    ]


def test_a_line_that_never_ends() -> None:
    """A line that is not ended is taken as it is when it is too long, or when the input is over."""
    unwrapping = Unwrapping()
    piece = cri("stdout", WHEN, b"x" * 16_384, whole=False)
    told = [row for _ in range(40) for row in rows(unwrapping.feed(block(piece)))]
    assert [len(text) - len(CLOCK) - 1 for _, text, _, _ in told] == [PARTIAL_BYTES + 16_384] * 2
    ((_, rest, offset, line),) = rows(unwrapping.finish())
    assert (len(rest) - len(CLOCK) - 1, offset, line) == (6 * 16_384, 1000, 40)
    assert unwrapping.finish() == []


pieces = st.lists(
    st.one_of(
        st.builds(
            lambda stream, text, whole, form: form(stream, WHEN, text, whole=whole),
            st.sampled_from(("stdout", "stderr")),
            st.sampled_from((b"", b"a", b"  b", b'"c"', b"{}", b"d | e")),
            st.booleans(),
            st.sampled_from((cri, docker)),
        ),
        st.sampled_from((b"bare\n", b'{"log":"torn\n', b"2026-11-23T07:42:13Z timed\n", b"\n")),
    ),
    max_size=12,
)


def sorted_rows(found: list[Row]) -> list[Row]:
    """Return lines by stream, in the order in which they came."""
    return sorted(found, key=lambda row: row[0])


@given(pieces, st.data())
def test_cut_anywhere(lines: list[bytes], data: st.DataObject) -> None:
    """It does not matter how the log is cut into blocks, and a restart of the agent loses nothing."""
    whole = Unwrapping()
    expected = [*rows(whole.feed(block(b"".join(lines)))), *rows(whole.finish())]
    cuts = sorted({0, len(lines), *data.draw(st.sets(st.integers(0, len(lines))))})
    state, found = State(), list[Row]()
    for begin, end in pairwise(cuts):
        unwrapping = Unwrapping(codec.decode(codec.encode(state), State))
        offset = 1000 + sum(map(len, lines[:begin]))
        found += rows(unwrapping.feed(block(b"".join(lines[begin:end]), offset, 40 + begin)))
        state = unwrapping.state
    found += rows(Unwrapping(state).finish())
    assert sorted_rows(found) == sorted_rows(expected)
