"""The whole chain, driven by real logs: what holds however a log is cut, torn, interleaved or damaged."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.block import Block, Where
from agent.model.vocabulary import Confidence, Depth, Dialect, Issue, JvmEvent, Outcome
from agent.pipeline import Ended, Heard, Pipeline, PipelineOutcome, restore
from tests.corpus import accept

SAMPLES = (
    "iaik/article-issue-4",
    "jsse/17.cli-none.client.ssl",
    "jsse/17.ossl-need-nocert.client.ssl-handshake",
    "jsse/25.proto-c10-s12.client.ssl-handshake",
    "jsse/25.srv-md5.client.ssl-handshake",
    "jsse/8.cli-none-engine.server.ssl-handshake",
    "jsse/8.ok-resume12.client.ssl-handshake",
    "jsse/8.x-plaintext-to-tls.server.ssl-handshake",
    "jsse_legacy/clicert_expired.server",
    "jsse_legacy/clicert_none.client",
    "jsse_legacy/ok_resume.client",
    "jsse_legacy/srvcert_v1_intermediate_8u40.client",
)
"""A few of the corpus, of every dialect, both roles, both depths, with and without failures."""

LATE = [case for case in SAMPLES if not (case.startswith("jsse_legacy") and case.endswith(".server"))]
"""Those whose beginning may be missing. Legacy JSSE proves the role of a thread by which record comes first,
so a server whose handshake began before the log is taken for a client."""

samples = pytest.mark.parametrize("case", SAMPLES)

FAMILY = {
    Issue.X509_V1_CERTIFICATE: {Issue.SERVER_CERTIFICATE_REJECTED, Issue.CLIENT_CERTIFICATE_REJECTED},
}
"""What an issue is rightly called when the lines that make it more special are missing."""


@cache
def rows(case: str) -> tuple[bytes, ...]:
    """Return the lines of a case."""
    return tuple(b"".join(accept.logs(case)).splitlines(keepends=True))


@cache
def whole(case: str) -> tuple[PipelineOutcome, ...]:
    """Return the outcomes of a case that is read as one block."""
    return tuple(run(blocks(rows(case), [])))


def blocks(lines: Iterable[bytes], cuts: Iterable[int], identity: str = "8:15") -> Iterator[Block]:
    """Yield lines as blocks that end before the lines with these numbers (from 0)."""
    lines, start, offset = list(lines), 0, 0
    for end in [*sorted(set(cuts)), len(lines)]:
        data = b"".join(lines[start:end])
        if data:
            yield Block(Where("wrapper.log", identity, offset, start + 1), data)
        offset, start = offset + len(data), end


def run(parts: Iterable[Block], *, saved: bool = False) -> list[PipelineOutcome]:
    """Return the outcomes of blocks; with `saved`, from a pipeline that is saved and restored after each."""
    pipeline, outcomes = Pipeline(accept.catalogue(), UTC), []
    for block in parts:
        outcomes += pipeline.feed(block)
        if saved:
            pipeline = Pipeline(accept.catalogue(), UTC, saved=restore(pipeline.save()))
    return outcomes + pipeline.finish()


def ended(outcomes: Iterable[PipelineOutcome]) -> list[dict[str, str | None]]:
    """Return the handshakes among outcomes, by what matters most."""
    return [accept.row(outcome) for outcome in outcomes if isinstance(outcome, Ended)]


def false_alarms(case: str, outcomes: Iterable[PipelineOutcome]) -> list[dict[str, str | None]]:
    """Return failures that are called certain although the undamaged log shows none of that kind."""
    true = {o.diagnosis.issue for o in whole(case) if isinstance(o, Ended) and o.diagnosis}
    true |= {general for issue in true for general in FAMILY.get(issue, ())}
    return [o for o in ended(outcomes) if o["confidence"] == Confidence.CERTAIN and o["issue"] not in true]


@samples
def test_line_by_line(case: str) -> None:
    """A log fed line by line gives what it gives as one block."""
    assert run(blocks(rows(case), range(len(rows(case))))) == list(whole(case))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_random_blocks(case: str, data: st.DataObject) -> None:
    """So does one that is cut into any blocks of whole lines."""
    cuts = data.draw(st.sets(st.integers(0, len(rows(case))), max_size=20))
    assert run(blocks(rows(case), cuts)) == list(whole(case))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_saved_and_restored(case: str, data: st.DataObject) -> None:
    """So does a pipeline that is saved and restored between any two blocks."""
    cuts = data.draw(st.sets(st.integers(0, len(rows(case))), max_size=10))
    assert run(blocks(rows(case), cuts), saved=True) == list(whole(case))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_rolled(case: str, data: st.DataObject) -> None:
    """A log that was rolled at any line, in the midst of a record too, tells the same of each handshake."""
    lines = rows(case)
    cut = data.draw(st.integers(0, len(lines)))
    outcomes = run([*blocks(lines[:cut], [], "8:15"), *blocks(lines[cut:], [], "8:16")])
    assert ended(outcomes) == ended(whole(case))


def test_place_of_a_handshake_over_a_roll() -> None:
    """A handshake over two files begins in the one and ends in the other."""
    lines = rows("jsse/25.proto-c10-s12.client.ssl-handshake")
    fatal = next(n for n, line in enumerate(lines) if b"|Fatal (" in line)
    (outcome,) = run([*blocks(lines[: fatal + 2], [], "8:15"), *blocks(lines[fatal + 2 :], [], "8:16")])
    assert isinstance(outcome, Ended)
    handshake = outcome.handshake
    assert (handshake.first.identity, handshake.last.identity) == ("8:15", "8:16")


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(LATE), st.data())
def test_begun_late(case: str, data: st.DataObject) -> None:
    """A log without its beginning is read all the same, and nothing is called certain that did not happen."""
    start = data.draw(st.integers(0, len(rows(case))))
    assert false_alarms(case, run(blocks(rows(case)[start:], []))) == []


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_ended_early(case: str, data: st.DataObject) -> None:
    """Nor of a log without its end."""
    end = data.draw(st.integers(0, len(rows(case))))
    assert false_alarms(case, run(blocks(rows(case)[:end], []))) == []


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([case for case in SAMPLES if ".ok-" in case or "/ok_" in case]), st.data())
def test_one_line_missing(case: str, data: st.DataObject) -> None:
    """A log of handshakes that went well shows no failure, whichever line is missing."""
    gone = data.draw(st.integers(0, len(rows(case)) - 1))
    outcomes = run(blocks((*rows(case)[:gone], *rows(case)[gone + 1 :]), []))
    assert [o for o in ended(outcomes) if o["outcome"] == Outcome.FAILED] == []


@samples
def test_each_line_missing(case: str) -> None:
    """No log is too broken to be read, whichever line is missing."""
    lines = rows(case)
    for gone in range(0, len(lines), 1 + len(lines) // 60):
        run(blocks((*lines[:gone], *lines[gone + 1 :]), []))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.data(), st.binary(max_size=80))
def test_garbage_between_lines(case: str, data: st.DataObject, garbage: bytes) -> None:
    """Garbage between two lines never raises, and makes nothing certain that did not happen."""
    place = data.draw(st.integers(0, len(rows(case))))
    lines = (*rows(case)[:place], garbage.replace(b"\n", b"") + b"\n", *rows(case)[place:])
    assert false_alarms(case, run(blocks(lines, []))) == []


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.data(), st.binary(max_size=20))
def test_garbage_within_a_line(case: str, data: st.DataObject, garbage: bytes) -> None:
    """Garbage at any byte, line ends included, never raises."""
    text = b"".join(rows(case))
    place = data.draw(st.integers(0, len(text)))
    run(blocks((text[:place] + garbage + text[place:]).splitlines(keepends=True), []))


def records(case: str) -> list[bytes]:
    """Return the records of a JSSE log: a header and the lines up to the next one."""
    return re.split(rb"^(?=[^\n]*javax\.net\.ssl\|)", b"".join(rows(case)), flags=re.MULTILINE)[1:]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_interleaved_threads(data: st.DataObject) -> None:
    """The two ends of one connection in one log, their records in any order, give what each gives alone."""
    ends = ("jsse/8.srv-int-not-ca.client.ssl-handshake", "jsse/8.srv-int-not-ca.server.ssl-handshake")
    one, two = map(records, ends)
    turns = data.draw(st.permutations([False] * 20 + [True] * 20))
    merged: list[bytes] = []
    for turn in turns:
        queue, size = (two, len(two) // 20) if turn else (one, len(one) // 20)
        merged, queue[:size] = merged + queue[:size], []
    both = ended(run(blocks(b"".join(merged + one + two).splitlines(keepends=True), [])))
    assert sorted(both, key=str) == sorted(ended(whole(ends[0])) + ended(whole(ends[1])), key=str)


def test_unfinished_last_line() -> None:
    """The last line of a finished file may lack its line end."""
    lines = rows("iaik/article-issue-4")
    cut = (*lines[:-1], lines[-1].rstrip(b"\r\n"))
    assert ended(run(blocks(cut, []))) == ended(whole("iaik/article-issue-4"))


def test_depth_and_dialects() -> None:
    """The pipeline knows how much the debug output has shown, and whose it was, over a restart too."""
    pipeline = Pipeline(accept.catalogue(), UTC)
    seen = [(pipeline.depth, pipeline.dialects)]
    for case in ("jsse/17.srv-expired.client.ssl", "iaik/article-issue-3"):
        for block in blocks(rows(case), []):
            pipeline.feed(block)
        pipeline = Pipeline(accept.catalogue(), UTC, saved=restore(pipeline.save()))
        seen.append((pipeline.depth, pipeline.dialects))
    assert seen == [
        (Depth.NONE, ()),
        (Depth.SHALLOW, (Dialect.JSSE,)),
        (Depth.FULL, (Dialect.JSSE, Dialect.IAIK)),
    ]


def test_restart_of_the_jvm() -> None:
    """A launch is heard, and ends what was open as incomplete."""
    launch = b"STATUS | wrapper  | 2026/11/23 07:59:59 | Launching a JVM...\n"
    lines = rows("jsse/25.proto-c10-s12.client.ssl-handshake")
    fatal = next(n for n, line in enumerate(lines) if b"alert" in line.lower())
    outcomes = run(blocks((*lines[:fatal], launch), []))
    assert [o.event if isinstance(o, Heard) else o.handshake.outcome for o in outcomes] == [
        JvmEvent.RESTART,
        Outcome.INCOMPLETE,
    ]


def test_restart_within_a_record() -> None:
    """A record that the end of its JVM cut off is told before the launch, however the log is cut."""
    launch = b"STATUS | wrapper  | 2026/11/23 07:59:59 | Launching a JVM...\n"
    lines = rows("jsse/25.proto-c10-s12.client.ssl-handshake")
    hello = next(n for n, line in enumerate(lines) if b"Produced ClientHello" in line)
    torn = (*lines[: hello + 3], launch, *(line.replace(b"jvm 1", b"jvm 2") for line in lines))
    assert run(blocks(torn, range(len(torn)))) == run(blocks(torn, []))


def test_quiet() -> None:
    """A failure that no further line follows is told after a silence."""
    pipeline = Pipeline(accept.catalogue(), UTC)
    case = "jsse/25.proto-c10-s12.client.ssl-handshake"
    for block in blocks(rows(case), []):
        assert pipeline.feed(block) == []
    assert (pipeline.open, pipeline.quiet(0.5)) == (1, [])
    assert (ended(pipeline.quiet(3)), pipeline.open) == (ended(whole(case)), 0)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"lifecycle": 3}'])
def test_memory_of_another_release(data: bytes) -> None:
    """What is no memory of a pipeline is a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        restore(data)
