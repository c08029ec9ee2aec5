"""However a log is cut into what is read at once, it says the same: every field of every outcome."""

import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.block import Block
from agent.pipeline import PipelineOutcome
from agent.tail.follower import Follower
from agent.tail.source import read, sources
from tests.laws.cases import CASES, blocks, elsewhere, rows, run, short, whole
from tests.laws.profile import DRAWN, spread


@pytest.mark.parametrize("case", CASES)
def test_line_by_line(case: str) -> None:
    """A log fed line by line gives what it gives as one block."""
    assert run(blocks(rows(case), range(len(rows(case))))) == list(whole(case))


@DRAWN
@given(st.sampled_from(CASES), st.data())
def test_blocks_of_any_size(case: str, data: st.DataObject) -> None:
    """So does one that is cut before any of its lines."""
    cuts = data.draw(st.sets(st.integers(0, len(rows(case))), max_size=30))
    assert run(blocks(rows(case), cuts)) == list(whole(case))


def followed(path: Path, pieces: Iterable[bytes]) -> list[PipelineOutcome]:
    """Return the outcomes of a log that is followed while it is written piece by piece."""
    follower, found = Follower(path, start="beginning"), list[Block]()
    with path.open("ab", buffering=0) as log:
        for piece in pieces:
            log.write(piece)
            found += follower.poll(1 << 20)
    follower.close()
    return run(map(elsewhere, found))


def pieces(data: bytes, sizes: list[int]) -> Iterable[bytes]:
    """Yield data in pieces of these sizes, over and over."""
    start, turn = 0, 0
    while start < len(data):
        size = sizes[turn % len(sizes)]
        yield data[start : start + size]
        start, turn = start + size, turn + 1


@pytest.mark.parametrize("case", spread(short(), 8))
def test_followed_byte_by_byte(case: str, tmp_path: Path) -> None:
    """So does one that is followed while it grows by single bytes."""
    data = b"".join(rows(case))
    assert followed(tmp_path / "wrapper.log", pieces(data, [1])) == list(whole(case))


@DRAWN
@given(st.sampled_from(CASES), st.lists(st.integers(1, 5000), min_size=1, max_size=20))
def test_followed_in_pieces(tmp_path_factory: pytest.TempPathFactory, case: str, sizes: list[int]) -> None:
    """So does one that is written in pieces of any size; the wrapper's have 16 bytes."""
    path = tmp_path_factory.mktemp("followed") / "wrapper.log"
    assert followed(path, pieces(b"".join(rows(case)), [*sizes, 5000])) == list(whole(case))


@pytest.mark.parametrize("size", [1, 16, 4097])
@pytest.mark.parametrize("case", spread(short(), 4))
def test_finished_file(case: str, size: int, tmp_path: Path) -> None:
    """So does a finished file that is read so many bytes at a time, packed or not."""
    plain, packed = tmp_path / "plain.log", tmp_path / "packed.log.gz"
    plain.write_bytes(b"".join(rows(case)))
    packed.write_bytes(gzip.compress(b"".join(rows(case))))
    for path in (plain, packed):
        found = [elsewhere(block) for source in sources([str(path)]) for block in read(source, size=size)]
        assert run(found) == list(whole(case))


class Drops(io.RawIOBase):
    """A pipe that never holds more than a few bytes."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = io.BytesIO(data), size

    def read(self, size: int = -1) -> bytes:
        """Return the few bytes there are."""
        return self._data.read(min(size, self._size))


@pytest.mark.parametrize("size", [1, 16, 4097])
@pytest.mark.parametrize("case", spread(short(), 4))
def test_standard_input(case: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does standard input, however little it has at a time."""
    pipe = Drops(b"".join(rows(case)), size)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=pipe))
    found = [elsewhere(block) for source in sources(["-"]) for block in read(source)]
    assert run(found) == list(whole(case))
