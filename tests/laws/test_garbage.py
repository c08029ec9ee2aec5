"""Whatever a log holds, it is read to its end, and nothing illegal, secret or unbounded comes of it."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests.laws import noise
from tests.laws.cases import CASES, rows
from tests.laws.invariants import demand
from tests.laws.profile import DRAWN
from tests.laws.samples import SAMPLES


def test_samples() -> None:
    """What no case holds, a pattern at a time."""
    for sample in SAMPLES:
        demand(sample, [1, 2, 3])


@DRAWN
@given(noise.logs(), st.lists(st.integers(0, 999), max_size=3))
def test_pieces_of_logs(data: bytes, cuts: list[int]) -> None:
    """A log made of pieces of real ones and of garbage."""
    demand(data, cuts)


@DRAWN
@given(st.sampled_from(CASES), st.data(), noise.garbage(), st.lists(st.integers(0, 999), max_size=3))
def test_garbage_at_any_byte(case: str, data: st.DataObject, garbage: bytes, cuts: list[int]) -> None:
    """A real log with garbage at any of its bytes."""
    text = b"".join(rows(case))
    at = data.draw(st.integers(0, len(text)))
    demand(text[:at] + garbage + text[at:], cuts)


@DRAWN
@given(st.lists(noise.garbage(), max_size=30), st.lists(st.integers(0, 999), max_size=3))
@example([b"ssl_debug(1): \n", b"\n"], [1])
def test_nothing_but_garbage(pieces: list[bytes], cuts: list[int]) -> None:
    """Garbage alone."""
    demand(b"".join(pieces), cuts)
