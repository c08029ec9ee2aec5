"""Whatever a log is framed in, its handshakes are the same, and their places are those of the file."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agent.model.block import Where
from agent.model.vocabulary import JvmEvent
from agent.pipeline import Ended, PipelineOutcome
from tests.corpus import accept
from tests.framing.rendering import Line, cri, docker, wrapped
from tests.laws.cases import CASES, blocks, rows, run, whole
from tests.laws.profile import DRAWN

WHEN = datetime(2026, 11, 23, 7, 42, 13, 123_000, UTC)

_WRAPPED = re.compile(
    rb"(?P<level>[A-Z]+) *\| (?:jvm (?P<jvm>\d+)|wrapper) *\| (?P<time>[\d/]{10} [\d:]{8}) \| (?P<text>.*)"
)

WRAPPED = [case for case in CASES if all(_WRAPPED.match(line) for line in rows(case))]
"""The cases whose every line has the wrapper's prefix in its default format."""

OTHERS = (
    *(
        b")",
        b"",
        b"}",
        b"java.lang.IllegalStateException: elsewhere",
        b"\tat a.b.Client.startHandshake(C.java:1)",
    ),
    *(b'  "subject"            : "CN=elsewhere",', b"Caused by: java.io.IOException: elsewhere", b"***"),
    *(b"chain [0] = [", b"  Subject: CN=elsewhere", b'"description": "bad_certificate"', b"half a li"),
)
"""Lines that would do harm within a record."""

Rendered = list[tuple[bytes, int | None]]
"""Lines of a framed log, each with the number (from 0) of the line that begins in it."""

Seen = tuple[dict[str, str | None], int | None, list[tuple[str, int | None]]]
"""What matters most of a handshake, its JVM, and the lines that it names with their numbers."""


def seen(outcomes: Iterable[PipelineOutcome], lines: Rendered) -> list[Seen | JvmEvent]:
    """Return outcomes by what framing must not change; every place has to be that of a line."""
    starts, offset = list[int](), 0
    for line, _ in lines:
        starts.append(offset)
        offset += len(line)

    def number(at: Where) -> int | None:
        assert at.offset == starts[at.line - 1]
        return lines[at.line - 1][1]

    found = list[Seen | JvmEvent]()
    for outcome in outcomes:
        if not isinstance(outcome, Ended):
            found.append(outcome.event)
            continue
        one = outcome.handshake
        named = [("first", number(one.first)), ("last", number(one.last))]
        named += [(evidence.text, number(evidence.at)) for evidence in one.evidence]
        found.append((accept.row(outcome), one.jvm, named))
    return found


def same(case: str, framed: Rendered, cuts: Iterable[int]) -> None:
    """Demand that a framed log says what the case says, however it is cut."""
    plain: Rendered = [(line, n) for n, line in enumerate(rows(case))]
    lines = [line for line, _ in framed]
    outcomes = run(blocks(lines, (cut % (len(lines) + 1) for cut in cuts)))
    # in what order they are told depends on the clock, and a bare log has none
    assert sorted(seen(outcomes, framed), key=repr) == sorted(seen(whole(case), plain), key=repr)


def pieces(text: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Return a text in pieces of these sizes, the last of which takes the rest."""
    parts, start = list[bytes](), 0
    for size in sizes:
        parts.append(text[start : start + size])
        start += size
    return [*parts, text[start:]]


def in_container(case: str, stream: str, data: st.DataObject) -> Rendered:
    """Return a case as the output of a container on one stream, with other lines on the other one."""
    form = data.draw(st.sampled_from((cri, docker)))
    random = Random(data.draw(st.integers(0, 1_000_000)))  # noqa: S311 - no secret
    other = "stdout" if stream == "stderr" else "stderr"
    lines = Rendered()
    for number, line in enumerate(rows(case)):
        text = line.rstrip(b"\n")
        found = _WRAPPED.match(text)
        when = WHEN
        if found:
            when = datetime.strptime(found["time"].decode(), "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
        sizes = (
            [random.randrange(len(text) + 1) for _ in range(random.randrange(3))]
            if random.random() < 0.1
            else []
        )
        begun = pieces(text, sizes)
        for turn, piece in enumerate(begun):
            while random.random() < 0.05:
                lines.append((form(other, when, random.choice(OTHERS), whole=random.random() < 0.8), None))
            lines.append((form(stream, when, piece, whole=turn + 1 == len(begun)), None if turn else number))
    return lines


@DRAWN
@given(st.sampled_from(CASES), st.data(), st.sets(st.integers(0, 10_000), max_size=4))
def test_container(case: str, data: st.DataObject, cuts: set[int]) -> None:
    """So in a container's log, with lines in pieces and others of the other stream between them."""
    stream = "stderr" if case.startswith("jsse/") else "stdout"
    same(case, in_container(case, stream, data), cuts)


def reframed(line: bytes, format: str, end: bytes) -> bytes:  # noqa: A002
    """Return a line of the wrapper's default format in another one."""
    found = _WRAPPED.match(line)
    assert found
    when = datetime.strptime(found["time"].decode(), "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
    of = Line(int(found["jvm"]) if found["jvm"] else None, when, found["level"].decode())
    return wrapped(format, of, found["text"]) + end


formats = st.permutations("LPDQTZURGWJ").flatmap(
    lambda order: st.integers(0, len(order)).map(lambda size: "".join(order[:size]) + "M")
)


@DRAWN
@given(
    st.sampled_from(WRAPPED),
    formats.filter(lambda letters: "P" in letters and set("TZ") & set(letters)),  # else it says less
    st.sampled_from((b"\n", b"\r\n")),
    st.sets(st.integers(0, 10_000), max_size=4),
)
def test_format_of_the_wrapper(case: str, format: str, end: bytes, cuts: set[int]) -> None:  # noqa: A002
    """So in every format of the wrapper, with the line ends of either system."""
    same(case, [(reframed(line, format, end), n) for n, line in enumerate(rows(case))], cuts)


COLOURS = (b"\x1b[32m", b"\x1b[0m", b"\x1b[1;38;5;208m", b"\x1b[m\x1b[K", b"\x1b(B\x1b[m")
"""What colours a line and takes the colour back, as consoles, `grep --color` and `tput sgr0` do."""


def coloured(line: bytes, random: Random) -> bytes:
    """Return a line with colours before it, behind it or amid it."""
    text = line.rstrip(b"\n")
    for _ in range(random.randrange(4)):
        at = random.choice((0, len(text), random.randrange(len(text) + 1)))
        if b"\x1b" not in text[max(0, at - 16) : at]:  # else it could tear another one
            text = text[:at] + random.choice(COLOURS) + text[at:]
    return text + b"\n"


@DRAWN
@given(
    st.sampled_from(CASES),
    st.floats(0, 1),
    st.integers(0, 1_000_000),
    st.sets(st.integers(0, 10_000), max_size=4),
)
def test_colours(case: str, share: float, seed: int, cuts: set[int]) -> None:
    """So where some or all of its lines are coloured."""
    random = Random(seed)  # noqa: S311 - no secret
    lines = [coloured(line, random) if random.random() < share else line for line in rows(case)]
    same(case, [(line, n) for n, line in enumerate(lines)], cuts)
