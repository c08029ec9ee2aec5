"""The whole chain, driven by real logs: rolled, interleaved, restarted; tests/laws has what always holds."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.block import Block, Where
from agent.model.vocabulary import Depth, Dialect, JvmEvent, Leak, Outcome
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


def run(parts: Iterable[Block]) -> list[PipelineOutcome]:
    """Return the outcomes of blocks."""
    pipeline, outcomes = Pipeline(accept.catalogue(), UTC), []
    for block in parts:
        outcomes += pipeline.feed(block)
    return outcomes + pipeline.finish()


def ended(outcomes: Iterable[PipelineOutcome]) -> list[dict[str, str | None]]:
    """Return the handshakes among outcomes, by what matters most."""
    return [accept.row(outcome) for outcome in outcomes if isinstance(outcome, Ended)]


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


def records(case: str) -> list[bytes]:
    """Return the records of a JSSE log: a header and the lines up to the next one."""
    return re.split(rb"^(?=[^\n]*javax\.net\.ssl\|)", b"".join(spoken(case)), flags=re.MULTILINE)[1:]


def spoken(case: str) -> list[bytes]:
    """Return the lines of a case without those of the wrapper itself."""
    return [line for line in rows(case) if b"| wrapper  |" not in line]


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


def test_secrets_in_the_debug_output() -> None:
    """Their kinds are known, over a restart too, and nothing of them is."""
    found = {}
    for case in (
        "jsse/17.srv-unknown-ca.client.all",
        "jsse_legacy/ok_mutual_7.server",
        "jsse/25.ok-hrr.client.ssl-handshake",
    ):
        pipeline = Pipeline(accept.catalogue(), UTC)
        for block in blocks(rows(case), []):
            pipeline.feed(block)
        pipeline = Pipeline(accept.catalogue(), UTC, saved=restore(pipeline.save()))
        found[case.partition("/")[2]] = (pipeline.leaks, pipeline.wrapped)
    assert found == {
        "17.srv-unknown-ca.client.all": ((Leak.PLAINTEXT,), True),
        "ok_mutual_7.server": ((Leak.KEYS,), True),
        "25.ok-hrr.client.ssl-handshake": ((), True),
    }


LAUNCH = b"STATUS | wrapper  | 2026/11/23 07:59:59 | Launching a JVM...\n"
STARTED = b"STATUS | wrapper  | 2026/11/23 07:59:59 | --> Wrapper Started as Service\n"
EXITED = b"ERROR  | wrapper  | 2026/11/23 07:59:59 | JVM exited unexpectedly.\n"
RESTARTS = {
    "launch": (LAUNCH,),
    "launch and another index": (LAUNCH, b"INFO   | jvm 2    | 2026/11/23 07:59:59 | hello\n"),
    "end and launch": (EXITED, LAUNCH),
    "start of the wrapper": (STARTED, LAUNCH),
    "start of the wrapper, behind a torn line": (
        b"INFO   | jvm 1    | 2026/11/23 07:59:58 " + STARTED,
        LAUNCH,
    ),
    "another index alone": (),
}
"""What stands between two lives of a JVM."""

HELLOS = "jsse/25.proto-c10-s12.client.ssl-handshake"


def life(jvm: int) -> list[bytes]:
    """Return what a JVM prints that dies while it waits for the answer to its ClientHello."""
    lines = spoken(HELLOS)
    answer = next(n for n, line in enumerate(lines) if b"Received alert message" in line)
    return [line.replace(b"jvm 1  ", b"jvm %-3d" % jvm) for line in lines[:answer]]


def told(outcomes: Iterable[PipelineOutcome]) -> list[str]:
    """Return the kinds of outcomes."""
    return [o.event if isinstance(o, Heard) else o.handshake.outcome for o in outcomes]


@pytest.mark.parametrize(("between", "jvm"), [(b, 1 if "wrapper" in n else 2) for n, b in RESTARTS.items()])
def test_restart_of_the_jvm(between: tuple[bytes, ...], jvm: int) -> None:
    """A restart is heard once, and ends what was open: the same thread then starts anew."""
    lines = [*life(1), *between, *life(jvm)]
    outcomes = run(blocks(lines, []))
    assert sorted(told(outcomes)) == [Outcome.INCOMPLETE, Outcome.INCOMPLETE, JvmEvent.RESTART]
    assert run(blocks(lines, range(len(lines)))) == outcomes


def test_late_lines() -> None:
    """Lines of the old JVM behind the launch of the next one end nothing, and no restart is told for them."""
    old = [line.replace(b"|main|", b"|late|") for line in life(1)]
    outcomes = run(blocks([*life(1), LAUNCH, *old, *life(2)], []))
    assert told(outcomes) == [JvmEvent.RESTART, *[Outcome.INCOMPLETE] * 3]


def test_stores_of_another_jvm() -> None:
    """The keys and trust anchors of a JVM are forgotten with it."""
    pipeline = Pipeline(accept.catalogue(), UTC)
    kept = []
    for lines in (spoken("jsse/25.srv-v1-intermediate.client.ssl-handshake"), [LAUNCH]):
        for block in blocks(lines, []):
            pipeline.feed(block)
        saved = restore(pipeline.save()).assembler
        kept.append(bool(saved.stores.all()))
    assert kept == [True, False]


@pytest.mark.parametrize("record", ["Produced ClientHello", "Consuming server Certificate"])
def test_restart_within_a_record(record: str) -> None:
    """A record that the end of its JVM cut off is told before the launch, however the log is cut."""
    lines = rows("jsse/25.srv-v1-intermediate.client.ssl-handshake")
    begin = next(n for n, line in enumerate(lines) if record.encode() in line)
    torn = (*lines[: begin + 3], LAUNCH, *(line.replace(b"jvm 1", b"jvm 2") for line in lines))
    assert run(blocks(torn, range(len(torn)))) == run(blocks(torn, []))


def test_end_of_the_jvm_and_quiet() -> None:
    """When a JVM has ended and nothing follows, what was open is told after a short silence."""
    pipeline = Pipeline(accept.catalogue(), UTC)
    for block in blocks([*life(1), EXITED], []):
        assert pipeline.feed(block) == []
    assert (pipeline.quiet(1.0), pipeline.open) == ([], 1)
    assert (told(pipeline.quiet(2.0)), pipeline.open) == ([Outcome.INCOMPLETE], 0)


def test_end_of_the_wrapper() -> None:
    """Nothing follows the wrapper's last line."""
    stopped = b"STATUS | wrapper  | 2026/11/23 07:59:59 | <-- Wrapper Stopped\n"
    pipeline = Pipeline(accept.catalogue(), UTC)
    (block,) = blocks([*life(1), stopped], [])
    assert (told(pipeline.feed(block)), pipeline.open) == ([Outcome.INCOMPLETE], 0)


def test_other_dialect_within_a_record() -> None:
    """Lines of IAIK in the midst of a JSSE record come before it, however the log is cut."""
    lines = rows("jsse/25.proto-c10-s12.client.ssl-handshake")
    fatal = next(n for n, line in enumerate(lines) if b"|Fatal (" in line)
    late = [b"ssl_debug(3): Starting handshake\n", b"ssl_debug(3): Remote client:192.0.2.1:443, Timestamp:"]
    torn = (*lines[: fatal + 2], late[0], late[1] + b"Wed Nov 25 18:51:40 UTC 2026\n", *lines[fatal + 2 :])
    assert run(blocks(torn, range(len(torn)))) == run(blocks(torn, []))


def test_quiet() -> None:
    """A failure that no further line follows is told after a silence."""
    pipeline = Pipeline(accept.catalogue(), UTC)
    case = "jsse/25.proto-c10-s12.client.ssl-handshake"
    for block in blocks(spoken(case), []):
        assert pipeline.feed(block) == []
    assert (pipeline.open, pipeline.quiet(0.5)) == (1, [])
    assert (ended(pipeline.quiet(3)), pipeline.open) == (ended(whole(case)), 0)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"lifecycle": 3}'])
def test_memory_of_another_release(data: bytes) -> None:
    """What is no memory of a pipeline is a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        restore(data)


def test_the_version_that_the_server_names_is_remembered() -> None:
    """A restart of the agent does not forget it; one that was given goes before, a later one replaces it."""
    line = b"INFO   | jvm 1    | 2026/11/23 07:42:12 | Integration Server %s\n"
    pipeline = Pipeline(accept.catalogue(), UTC)
    (block,) = blocks([line % b"10.3.0.0"], [])
    pipeline.feed(block)
    again = Pipeline(accept.catalogue(), UTC, saved=restore(pipeline.save()))
    given = Pipeline(accept.catalogue(), UTC, product_version="10.7", saved=restore(pipeline.save()))
    assert [(one.product_version, one.named_version) for one in (again, given)] == [
        ("10.3.0.0", "10.3.0.0"),
        ("10.7", "10.3.0.0"),
    ]
    (block,) = blocks([line % b"10.15.0.0"], [])
    again.feed(block)
    assert again.product_version == "10.15.0.0"


@pytest.mark.parametrize("case", [case for case in accept.cases() if case.startswith("jsse/17.x-peer-gone")])
def test_what_iaik_shows_says_nothing_of_jsse(case: str) -> None:
    """IAIK always prints its messages; that JSSE prints none is no silence of its peers then, either."""
    both = [*rows("iaik/article-issue-3"), *rows(case)]
    told = [row for row in ended(run(blocks(both, []))) if row["dialect"] == Dialect.JSSE]
    assert told == ended(whole(case))
    assert {row["outcome"] for row in told} == {Outcome.FAILED}


def test_the_debug_output_is_that_of_the_jvm_that_speaks() -> None:
    """A restart may change what is printed: what the new JVM prints counts then, for the log the most."""
    full, shallow = spoken("jsse/8.ok-resume12.client.ssl-handshake"), spoken("jsse/17.cli-none.client.ssl")
    leaking = spoken("jsse_legacy/ok_mutual_7.server")
    pipeline = Pipeline(accept.catalogue(), UTC)
    seen = []
    for lines in (leaking, [LAUNCH], full, [LAUNCH], shallow):
        for block in blocks(lines, []):
            pipeline.feed(block)
        pipeline = Pipeline(accept.catalogue(), UTC, saved=restore(pipeline.save()))
        seen.append((pipeline.depth, pipeline.leaks, pipeline.deepest, pipeline.all_leaks))
    keys = (Leak.KEYS,)
    assert seen == [
        (Depth.FULL, keys, Depth.FULL, keys),
        (Depth.FULL, keys, Depth.FULL, keys),  # nothing is known of the new one yet
        (Depth.FULL, (), Depth.FULL, keys),
        (Depth.FULL, (), Depth.FULL, keys),
        (Depth.SHALLOW, (), Depth.FULL, keys),
    ]
