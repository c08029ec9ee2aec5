"""Readers beside the files of a chain."""

import math
from pathlib import Path

import pytest

from agent.tail import chain, lineup
from agent.tail.chain import Found
from agent.tail.generation import Generation, Reader, TailState

TEXT = "".join(f"line {number:06} of the log, with a length as in life\n" for number in range(20))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the live path of a log with two rolled files."""
    live = tmp_path / "wrapper.log"
    for name in ("wrapper.log.2", "wrapper.log.1", "wrapper.log"):
        live.with_name(name).write_text(name + TEXT)
    return live


def look(path: Path, *readers: Reader) -> list[Found]:
    """Return the files of the chain."""
    return chain.scan(path, {one.key for one in readers if one.key}, every=True)


def followed(path: Path) -> list[Reader]:
    """Return readers of all files, oldest first, which have seen what they read."""
    readers = [lineup.reader_of(one, at_end=False) for one in reversed(look(path))]
    for reader in readers:
        reader.refresh()
        reader.next_block(1 << 20, TailState(), stretch=True)
    return readers


def test_an_open_file_is_found_wherever_it_went(path: Path) -> None:
    """By its descriptor; one that has left the chain has no place."""
    readers = followed(path)
    path.with_name("wrapper.log.2").rename(path.with_name("elsewhere"))
    path.with_name("wrapper.log.1").rename(path.with_name("wrapper.log.7"))
    found = look(path, *readers)
    assert [lineup.place(reader, found) is None for reader in readers] == [True, False, False]
    assert [(reader.index, reader.name) for reader in readers] == [
        (-1, "wrapper.log.2"),
        (7, "wrapper.log.7"),
        (0, "wrapper.log"),
    ]
    for reader in readers:
        reader.close()


def test_what_makes_the_files_behind_it_history(path: Path) -> None:
    """The youngest place of a file in which something was seen and that was not truncated."""
    oldest, older, live = readers = followed(path)
    assert lineup.known_from(readers, []) == 0
    assert lineup.known_from(readers, [live]) == 1
    older.index = -1
    assert lineup.known_from(readers, [live]) == 2
    assert (
        lineup.known_from([Reader(Generation(live.generation.fingerprint.__class__(1, 1)), "x")], [])
        == math.inf
    )
    for reader in (oldest, older, live):
        reader.close()


def test_a_file_is_taken_up_in_its_place(path: Path) -> None:
    """Between the older and the younger ones."""
    oldest, older, live = followed(path)
    readers = [oldest, live]
    lineup.take_up(readers, older)
    assert readers == [oldest, older, live]
    for reader in readers:
        reader.close()


def test_a_file_that_came_back_is_gone_on_with(path: Path) -> None:
    """Under another inode, with the same content; the file that is there then names it."""
    readers = followed(path)
    reader = readers[-1]
    for one in readers:
        one.close()
    path.rename(path.with_name("old"))
    path.write_bytes(path.with_name("old").read_bytes() + b"more\n")
    found = look(path)
    assert lineup.continued(reader, found)
    block = reader.next_block(1 << 20, TailState(), stretch=True)
    assert block is not None
    assert block.data == b"more\n"
    assert reader.generation.fingerprint.inode == path.stat().st_ino
    assert not lineup.continued(readers[0], found[:1])
    reader.close()
    chain.release(found)


def test_the_copy_of_a_file_that_is_still_held(path: Path) -> None:
    """In the live place it goes on behind what is held; rolled it is history; shorter it is none."""
    live = followed(path)[-1]
    text = path.read_bytes()
    path.unlink()
    path.write_bytes(text[:-1])
    found = look(path, live)
    assert lineup.replaced(live, found) == []
    chain.release(found)

    path.write_bytes(text + b"more\n")
    found = look(path, live)
    (fresh,) = lineup.replaced(live, found)
    assert (fresh.begun, fresh.unread(), live.index) == (len(text), 5, 0)
    chain.release(found)
    fresh.close()

    path.rename(path.with_name("wrapper.log.3"))
    found = look(path, live)
    assert lineup.replaced(live, found) == []
    assert (live.index, live.name) == (3, "wrapper.log.3")
    chain.release(found)
    live.close()


def test_a_reader_from_the_end(path: Path) -> None:
    """Nothing of what is there is read."""
    reader = lineup.reader_of(look(path)[0], at_end=True)
    assert reader.unread() == 0
    assert not reader.unseen
    reader.close()
