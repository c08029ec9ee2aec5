"""Whatever a log holds, it is read to its end, and nothing illegal, secret or unbounded comes of it."""

from hypothesis import example, given
from hypothesis import strategies as st

from agent.pipeline import PipelineOutcome
from tests.laws import noise
from tests.laws.cases import CASES, blocks, pipeline, rows, run, split
from tests.laws.invariants import MEMORY, faults
from tests.laws.profile import DRAWN


def read(data: bytes, cuts: list[int]) -> None:
    """Read a log whole and in pieces, with a restart at each cut, and demand what always holds."""
    lines = split(data)
    outcomes = run(blocks(lines, []))
    assert faults(outcomes) == []
    assert run(blocks(lines, range(len(lines)))) == outcomes
    one, restored = pipeline(), list[PipelineOutcome]()
    for block in blocks(lines, [cut % (len(lines) + 1) for cut in cuts]):
        restored += one.feed(block)
        saved = one.save()
        assert len(saved) <= MEMORY
        one = pipeline(saved)
    assert restored + one.finish() == outcomes


@DRAWN
@given(noise.logs(), st.lists(st.integers(0, 999), max_size=3))
def test_pieces_of_logs(data: bytes, cuts: list[int]) -> None:
    """A log made of pieces of real ones and of garbage."""
    read(data, cuts)


@DRAWN
@given(st.sampled_from(CASES), st.data(), noise.garbage(), st.lists(st.integers(0, 999), max_size=3))
def test_garbage_at_any_byte(case: str, data: st.DataObject, garbage: bytes, cuts: list[int]) -> None:
    """A real log with garbage at any of its bytes."""
    text = b"".join(rows(case))
    at = data.draw(st.integers(0, len(text)))
    read(text[:at] + garbage + text[at:], cuts)


@DRAWN
@given(st.lists(noise.garbage(), max_size=30), st.lists(st.integers(0, 999), max_size=3))
@example([b"ssl_debug(1): \n", b"\n"], [1])
def test_nothing_but_garbage(pieces: list[bytes], cuts: list[int]) -> None:
    """Garbage alone."""
    read(b"".join(pieces), cuts)
