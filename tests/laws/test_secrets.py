"""No secret of a log reaches anything that leaves it, wherever it stands and however it was torn.

A line of a real log gets a piece of a key dump or a credential at any of its bytes, so that the piece lands
in names, exceptions and threads as well as between lines. What is looked at is everything that the agent
makes of the log: what is saved between blocks, handshakes, incidents as receivers get them, metrics, reports.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent import codec
from agent.formats import FORMATS
from agent.formats.record import handshake_record
from agent.formats.setting import Setting
from agent.incidents.tracker import Tracker
from agent.metrics import count_handshake
from agent.metrics_seen import Seen
from agent.pipeline import Ended
from agent.report import html, markdown, text
from agent.report.findings import Collector
from tests.corpus import accept
from tests.laws.cases import CASES, part, pipeline, rows, short, split, telling
from tests.laws.profile import DRAWN
from tests.test_redaction import ENCODINGS, FORMS, pieces

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)

DUMPED = [case for case in CASES if re.search(r"\.all$|jsse_legacy/", case)]
"""Cases that hold dumps of their own."""

_ROW = re.compile(rb"\b[0-9A-F]{4}: ((?:[0-9A-F]{2} {1,3}){16})", re.IGNORECASE)


@dataclass
class Told:
    """All that is made of a log, as text."""

    saved: list[str]
    shown: list[str]

    def everything(self) -> str:
        """Return it in one piece, in lower case."""
        return "\n".join(chain(self.saved, self.shown)).lower()


def told(lines: Sequence[bytes], cuts: Sequence[int]) -> Told:
    """Return what is made of a log that is read in blocks, and saved behind each of them."""
    one, tracker, seen, collector = pipeline(), Tracker(), Seen(), Collector(keep_peaceful=True)
    made = Told([], [])
    ends = [*sorted({cut for cut in cuts if 0 < cut < len(lines)}), len(lines)]
    outcomes = []
    for start, end in zip([0, *ends], ends, strict=False):
        outcomes += one.feed(part(lines, start, end))
        made.saved.append(one.save().decode())
    for outcome in outcomes + one.finish():
        if isinstance(outcome, Ended):
            made.shown += _shown(outcome, tracker, seen)
            collector.add(outcome.handshake, outcome.diagnosis)
    made.saved += [
        codec.encode(seen.state).decode(),
        *(v.decode() for v in tracker.changes().opened.values()),
    ]
    made.shown.append(str(seen.gauges()))
    found = collector.findings(
        files=("wrapper.log",), bytes=1, lines=1, depth=one.depth, dialects=one.dialects
    )
    made.shown += [text.render(found), markdown.render(found), html.render(found)]
    return made


def _shown(outcome: Ended, tracker: Tracker, seen: Seen) -> Iterator[str]:
    """Yield a handshake in each form in which it is stored, posted or counted."""
    handshake, diagnosis = outcome.handshake, outcome.diagnosis
    yield repr(outcome)
    yield codec.encode(handshake_record(handshake, diagnosis)).decode()
    yield str(count_handshake("default", handshake, diagnosis))
    seen.handshake("default", handshake, diagnosis, NOW)
    tracker.observe("default", handshake, diagnosis, NOW)
    for incident in tracker.tell(NOW):
        yield codec.encode(incident).decode()
        yield from (render(incident, Setting()).body.decode() for render in FORMATS.values())


def bare(shown: str) -> str:
    """Return a text in lower case without what separates bytes."""
    return re.sub(r"[\s:\-]|\\u200b|, ?(?=0x)|, (?=-?\d{1,3}\b)", "", shown)


def leaks(key: bytes, everything: str) -> list[str]:
    """Return six bytes of a key each, as they show in a text."""
    close = bare(everything)
    return [piece for piece in pieces(key) if piece in close]


def inserted(lines: tuple[bytes, ...], number: int, share: float, piece: bytes) -> tuple[bytes, ...]:
    """Return lines with a piece at a byte of one of them."""
    line = lines[number]
    at = int(share * (len(line) - 1))
    return (*lines[:number], *split(line[:at] + piece + line[at:]), *lines[number + 1 :])


@DRAWN
@given(
    st.sampled_from(short()), st.binary(min_size=24, max_size=48), st.sampled_from(list(ENCODINGS)), st.data()
)
def test_keys(case: str, key: bytes, encoding: str, data: st.DataObject) -> None:
    """Six bytes of a key never show, written in any way, torn anywhere, put anywhere."""
    assume(list(pieces(key)))
    dump = ENCODINGS[encoding](key)
    start = data.draw(st.integers(0, len(dump) - 1))
    end = data.draw(st.integers(start + 1, len(dump)))
    number = data.draw(st.sampled_from(telling(case)))
    torn = inserted(rows(case), number, data.draw(st.floats(0, 1)), dump[start:end].encode())
    clean = told(rows(case), [number]).everything()
    assert leaks(key, told(torn, [number, number + 1]).everything()) == leaks(key, clean)


@DRAWN
@given(
    st.sampled_from(short()),
    st.text("QXZJWK0589%$", min_size=8, max_size=24),
    st.sampled_from(FORMS),
    st.data(),
)
def test_credentials(case: str, credential: str, form: str, data: st.DataObject) -> None:
    """What stands behind the name of a credential never shows, whichever field it got into."""
    number = data.draw(st.sampled_from(telling(case)))
    piece = form.format(credential).encode()
    torn = inserted(rows(case), number, data.draw(st.floats(0, 1)), piece)
    everything = told(torn, [number, number + 1]).everything()
    windows = {credential[i : i + 6].lower() for i in range(len(credential) - 5)}
    assert [window for window in windows if window in everything] == []


@pytest.mark.parametrize("case", DUMPED)
def test_dumps_of_real_logs(case: str) -> None:
    """The rows that the JDK itself dumped never show, be they keys, tickets or plaintext."""
    lines = rows(case)
    dumped = {bytes.fromhex(found[1].decode()) for line in lines for found in _ROW.finditer(line)}
    close = bare(told(lines, range(0, len(lines), 1 + len(lines) // 7)).everything())
    shown = [row for row in dumped if row.hex()[:12] in close or row.hex()[-12:] in close]
    # a certificate's serial number and its own dump begin alike: those few bytes are told on purpose
    serials = bare(" ".join(re.findall(r'"serial":"([^"]+)"', told(lines, []).everything())))
    assert [row for row in shown if row.hex()[:12] not in serials and row.hex()[-12:] not in serials] == []


def test_plaintext_of_a_real_log() -> None:
    """The request that a JDK dumped before it was encrypted never shows, nor a word of its password."""
    case = "jsse/17.srv-unknown-ca.client.all"
    everything = told(rows(case), []).everything()
    assert accept.logs(case)
    assert [word for word in ("authorization", "c2vjcmv0", "plaintext before") if word in everything] == []
