"""One generation, read through its descriptor."""

from pathlib import Path

import pytest

from agent import codec
from agent.model.block import Block, Where
from agent.tail.generation import (
    Generation,
    NotAFileError,
    Reader,
    ReplacedError,
    TailState,
    open_regular,
)
from agent.tail.identity import Fingerprint


def reader(path: Path) -> Reader:
    """Return a reader at the start of a file."""
    one = Reader(Generation(Fingerprint(0, 0)), path.name)
    one.attach(open_regular(path))
    return one


def test_blocks_follow_one_another(tmp_path: Path) -> None:
    """Each begins where the last ended, in bytes and lines, under the name that the file has then."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(b"one\ntwo\nthree\nfo")
    one, state = reader(path), TailState()
    first = one.next_block(9, state, stretch=True)
    one.name = "wrapper.log.1"
    second = one.next_block(100, state, stretch=True)
    name = one.generation.identity
    assert first == Block(Where("wrapper.log", name, 0, 1), b"one\ntwo\n")
    assert second == Block(Where("wrapper.log.1", name, 8, 3), b"three\n")
    assert one.next_block(100, state, stretch=True) is None
    assert one.drained
    assert one.last_words(state) == Block(Where("wrapper.log.1", name, 14, 4), b"fo\n")
    assert (state.lines_read, state.bytes_read) == (4, 16)
    one.close()


def test_line_longer_than_what_is_left_of_the_budget_waits(tmp_path: Path) -> None:
    """Only the first line of a turn may be longer than the budget."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(b"a longer line\n")
    one, state = reader(path), TailState()
    assert one.next_block(5, state, stretch=False) is None
    assert not one.drained
    block = one.next_block(5, state, stretch=True)
    assert block is not None
    assert block.data == b"a longer line\n"
    one.close()


def test_changed_content_is_not_handed_out(tmp_path: Path) -> None:
    """A file that no longer holds what was read from it is refused, whatever its size."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(b"one\n")
    one, state = reader(path), TailState()
    one.next_block(100, state, stretch=True)
    path.write_bytes(b"two\nthree\n")
    with pytest.raises(ReplacedError):
        one.next_block(100, state, stretch=True)
    one.close()


def test_a_hole_is_stepped_over(tmp_path: Path) -> None:
    """Zeros that are on no disk are passed without being read, and a saved position behind them holds."""
    path = tmp_path / "wrapper.log"
    with path.open("wb") as stream:
        stream.seek(1 << 40)
        stream.write(b"one\n")
    one, state = reader(path), TailState()
    assert one.next_block(100, state, stretch=True) is None
    assert (one.generation.offset, state.bytes_read) == (1 << 40, 1 << 40)
    one.attach(open_regular(path))
    block = one.next_block(100, state, stretch=True)
    assert block is not None
    assert (block.start.offset, block.start.line, block.data) == (1 << 40, 1, b"one\n")
    one.close()


def test_lines_are_counted_and_their_start_found_over_a_hole(tmp_path: Path) -> None:
    """A position within a line that began before a hole goes back to that line's start."""
    path = tmp_path / "wrapper.log"
    with path.open("wb") as stream:
        stream.write(b"one\ntwo\n")
        stream.seek(1 << 36)
        stream.write(b"three\n")
    one = Reader(Generation(Fingerprint(0, 0), offset=(1 << 36) + 2, line=0), path.name)
    one.attach(open_regular(path))
    assert one.generation.offset == 8
    assert one._lines_before() == 2
    one.close()


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
def test_text_in_utf_16_is_refused(tmp_path: Path, code: str) -> None:
    """Its bytes are no lines; a lone mark of byte order before other text is."""
    path = tmp_path / "wrapper.log"
    path.write_bytes("\ufeffone\n".encode(code))
    one = reader(path)
    with pytest.raises(OSError, match="UTF-16"):
        one.next_block(100, TailState(), stretch=True)
    path.write_bytes("\ufeff".encode(code) + b"one\n")
    block = one.next_block(100, TailState(), stretch=True)
    assert block is not None
    one.close()


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    """A directory is refused, and nothing stays open."""
    with pytest.raises(NotAFileError):
        open_regular(tmp_path)


def test_state_survives_json(tmp_path: Path) -> None:
    """What is saved is what comes back."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(b"one\ntw")
    one, state = reader(path), TailState(begun=True)
    state.generations.append(one.generation)
    one.next_block(100, state, stretch=True)
    one.close()
    assert codec.decode(codec.encode(state), TailState) == state
