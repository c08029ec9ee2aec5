"""Two conversations in one log: what is told of each is what is told of it alone.

Both are of one dialect, by different threads or connections of one JVM, with the wrapper's prefix or bare.
Legacy JSSE, of which less than that can be demanded, has its law in test_interleaved.py.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from agent.codec import to_builtins
from agent.model.vocabulary import Depth
from agent.pipeline import Ended
from tests.laws.cases import CASES, blocks, handshakes, pipeline, rows, run
from tests.laws.profile import DRAWN

Line = tuple[str, bytes]
"""Where a line is from, and its text without the wrapper's prefix."""

PREFIXES = (b"", b"jvm 1    | ")

_ENVELOPE = re.compile(
    rb"(?:[A-Z]+ *\| )?(?:wrapperp?|jvm +\d+) *\| ?(?:main *\| )?(?:[\d/]+ [\d:.]+ *\| ?)?"
)
_HEADER = re.compile(
    rb"(javax\.net\.ssl\|[A-Z]+\|)([0-9A-F]*)(\|[^\n]*?\|)(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})"
)
_STORE = re.compile(rb"javax\.net\.ssl\|[^\n]*\|(?:found key for|adding as trusted)")
_NUMBER = re.compile(rb"ssl_debug\((\d+)\)")


@cache
def printed(case: str, who: str) -> list[Line]:
    """Return what the JVM printed in a case; `who` marks where the lines are from."""
    enveloped = any(_ENVELOPE.match(line) for line in rows(case))
    lines = []
    for number, line in enumerate(rows(case), 1):
        envelope = _ENVELOPE.match(line)
        if not enveloped or (envelope and b"jvm" in envelope[0]):
            lines.append((f"{who}{number}", line[envelope.end() if envelope else 0 :]))
    return lines


@cache
def of(dialect: str) -> list[str]:
    """Return the cases of a dialect, but for those that quote a wrapper: bare, nobody could tell."""
    found = [case for case in CASES if case.startswith(f"{dialect}/")]
    return [case for case in found if not any(b"jvm " in text for _, text in printed(case, ""))]


def outcomes(lines: Iterable[Line], prefix: bytes) -> list[Ended]:
    """Return the handshakes of a log."""
    return handshakes(run(blocks([prefix + text for _, text in lines], [])))


def in_full(ended: Iterable[Ended], lines: Sequence[Line]) -> Counter[str]:
    """Return handshakes with every field, each place told by where its line is from."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            if value.keys() >= {"offset", "line"}:
                return lines[value["line"] - 1][0]
            return {name: plain(part) for name, part in value.items()}
        return [plain(part) for part in value] if isinstance(value, list | tuple) else value

    return Counter(
        json.dumps([plain(to_builtins(one.handshake)), to_builtins(one.diagnosis)]) for one in ended
    )


def check_union(one: list[Line], two: list[Line], both: list[Line], prefix: bytes) -> None:
    """Assert that two logs give together what each gives alone."""
    alone = [in_full(outcomes(lines, prefix), lines) for lines in (one, two)]
    assert in_full(outcomes(both, prefix), both) == alone[0] + alone[1]


def merged(one: Sequence[list[Line]], two: Sequence[list[Line]], turns: Sequence[bool]) -> list[Line]:
    """Return the records of two logs as one log; each turn says whose next records follow."""
    left, made = {False: list(one), True: list(two)}, list[Line]()
    for turn in turns:
        if left[turn]:
            made += left[turn].pop(0)
    return made + [line for some in left.values() for record in some for line in record]


# -- IAIK -------------------------------------------------------------------------------------------------


@DRAWN
@given(st.sampled_from(of("iaik")), st.sampled_from(of("iaik")), st.data(), st.sampled_from(PREFIXES))
def test_iaik(first: str, second: str, data: st.DataObject, prefix: bytes) -> None:
    """Connections of IAIK, line by line in any order."""
    one = printed(first, "A")
    two = [(who, _NUMBER.sub(rb"ssl_debug(100\1)", text)) for who, text in printed(second, "B")]
    turns = data.draw(st.lists(st.booleans(), min_size=20, max_size=60))
    check_union(one, two, merged([[line] for line in one], [[line] for line in two], turns), prefix)


# -- JSSE -------------------------------------------------------------------------------------------------


def moment(text: bytes) -> datetime | None:
    """Return the time of a line with a JSSE header; hour 24 is midnight."""
    header = _HEADER.search(text)
    shown = header[4].decode().replace(" 24:", " 00:") if header else None
    return datetime.fromisoformat(shown).replace(tzinfo=UTC) if shown else None


@cache
def jsse(case: str, who: str) -> list[list[Line]]:
    """Return the records of a case, without those of the JVM's own stores, which both would share."""
    records: list[list[Line]] = [[]]
    for line in printed(case, who):
        records += [[]] if b"javax.net.ssl|" in line[1] else []
        records[-1].append(line)
    return [record for record in records[1:] if not _STORE.search(record[0][1])]


def when(record: list[Line]) -> datetime:
    """Return the time of a record."""
    return moment(record[0][1]) or datetime.min.replace(tzinfo=UTC)


def begins(records: Sequence[list[Line]]) -> datetime:
    """Return the first time of a log."""
    return next(when(record) for record in records if moment(record[0][1]))


def disguised(records: Sequence[list[Line]], later: timedelta) -> list[list[Line]]:
    """Return records as another thread of the same name prints them, so much later."""

    def header(found: re.Match[bytes]) -> bytes:
        time = (moment(found[0]) or datetime.max.replace(tzinfo=UTC)) + later
        return b"".join(
            (found[1], b"7E", found[2], found[3], time.isoformat(" ", "milliseconds")[:23].encode())
        )

    return [[(who, _HEADER.sub(header, text)) for who, text in record] for record in records]


@cache
def depth(case: str) -> Depth:
    """Return how much a case shows: what is said of a failure may depend on that of the whole log."""
    one = pipeline()
    for block in blocks([text for record in jsse(case, "A") for _, text in record], []):
        one.feed(block)
    return one.depth


@DRAWN
@given(st.data(), st.integers(-4000, 4000), st.sampled_from(PREFIXES))
def test_jsse(data: st.DataObject, later: int, prefix: bytes) -> None:
    """Threads of JSSE that share a name, record by record in the order of their clocks."""
    first = data.draw(st.sampled_from(of("jsse")))
    second = data.draw(st.sampled_from([case for case in of("jsse") if depth(case) is depth(first)]))
    one = jsse(first, "A")
    shift = begins(one) - begins(jsse(second, "B")) + timedelta(milliseconds=later)
    two = disguised(jsse(second, "B"), shift)
    both = sorted([*one, *two] if later % 2 else [*two, *one], key=when)
    check_union(list(chain(*one)), list(chain(*two)), list(chain(*both)), prefix)
