"""What one file holds of another."""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.tail import chain, identity, kinship
from agent.tail.chain import Found
from agent.tail.generation import Generation, Reader
from agent.tail.identity import Fingerprint

TEXT = b"".join(b"line %06d of the log, with a length as in life\n" % number for number in range(200))

Make = Callable[[str, bytes], Found]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return what makes a file and finds it in the chain of wrapper.log."""
    made = []

    def making(name: str, text: bytes) -> Found:
        (tmp_path / name).write_bytes(text)
        found = chain.scan(tmp_path / "wrapper.log", set(), every=True)
        one = next(one for one in found if one.name == name)
        found.remove(one)
        chain.release(found)
        made.append(one)
        return one

    yield making
    chain.release(made)


def read_until(one: Found, offset: int) -> Generation:
    """Return what was read of a file when it was still whole."""
    assert one.fd is not None
    return Generation(identity.take(one.fd, offset), offset=offset)


def test_of_several_copies_the_longest_is_gone_on_with(make: Make) -> None:
    """A copy that was given up holds less."""
    read = read_until(make("wrapper.log", TEXT), 500)
    short, whole = make("wrapper.log.2", TEXT[:600]), make("wrapper.log.1", TEXT)
    assert kinship.continuation(read, [whole, short], 0) is whole
    whole.known = True
    assert kinship.continuation(read, [whole, short], 0) is short
    assert kinship.continuation(read, [whole], 0) is None


def test_a_copy_stands_behind_its_original_and_is_younger(make: Make) -> None:
    """A file that was there before is none."""
    older = make("wrapper.log.1", TEXT)
    read = read_until(make("wrapper.log", TEXT), 500)
    copy = make("wrapper.log.2", TEXT)
    assert kinship.continuation(read, [older, copy], 0) is copy
    assert kinship.continuation(read, [older], 0) is None
    assert kinship.continuation(read, [copy], 2) is None


def test_little_content_proves_nothing_without_a_truncation(make: Make) -> None:
    """Some bytes may be those of any file."""
    read = read_until(make("wrapper.log", TEXT[:20]), 20)
    copy = make("wrapper.log.1", TEXT)
    assert kinship.continuation(read, [copy], None) is None
    assert kinship.continuation(read, [copy], 0) is copy


def test_an_archive_is_unpacked_if_it_begins_alike(make: Make) -> None:
    """What it holds is then compared like any other file."""
    read = read_until(make("wrapper.log", TEXT), 500)
    other, copy = (
        make("wrapper.log.1.gz", gzip.compress(b"x" + TEXT)),
        make("wrapper.log.2.gz", gzip.compress(TEXT)),
    )
    assert kinship.continuation(read, [other, copy], None) is copy
    assert (other.fd, copy.fd is None) == (None, False)


def test_a_copy_that_is_shorter_than_what_was_read(make: Make) -> None:
    """As far as it goes it reads the same."""
    read = read_until(make("wrapper.log", TEXT), 900)
    copies = [
        make(f"wrapper.log.{number}", text) for number, text in enumerate((TEXT[:600], b"x" + TEXT[:600]), 1)
    ]
    assert [kinship.shorter_copy(read, copy) for copy in copies] == [True, False]
    assert not kinship.shorter_copy(read, make("wrapper.log.3", TEXT))


def test_a_copy_in_progress_is_no_file_of_its_own(make: Make) -> None:
    """It was made later than the file that it begins like; a rolled file was made earlier."""
    rolled = make("wrapper.log.2", TEXT[:300])
    live = make("wrapper.log", TEXT)
    copy, other = make("wrapper.log.1", TEXT[:5000]), make("wrapper.log.3", TEXT[:299] + b"x")
    found = [live, copy, rolled, other]
    assert [kinship.is_copy_of_younger(one, found, []) for one in found] == [False, True, False, False]


def test_a_copy_of_a_file_that_is_held(make: Make, tmp_path: Path) -> None:
    """The look has not opened it again."""
    held = make("wrapper.log", TEXT)
    reader = Reader(Generation(Fingerprint(held.inode, held.btime_ns)), held.name)
    reader.attach(held.take())
    copy = make("wrapper.log.1", TEXT[:300])
    (found,) = (one for one in chain.scan(tmp_path / held.name, {held.key}, every=False) if one.known)
    assert kinship.is_copy_of_younger(copy, [found, copy], [reader])
    reader.close()


def test_an_archive_of_an_open_file(make: Make, tmp_path: Path) -> None:
    """Lines may have come to the file since."""
    plain = tmp_path / "plain"
    plain.write_bytes(TEXT)
    same, shorter, longer, other = (
        make(f"wrapper.log.{number}.gz", gzip.compress(text))
        for number, text in enumerate((TEXT, TEXT[:900], TEXT + TEXT, b"x" + TEXT[1:]), 1)
    )
    fd = os.open(plain, os.O_RDONLY)
    answers = [kinship.is_archive_of(one, fd) for one in (same, shorter, longer, other)]
    os.close(fd)
    assert answers == [True, True, False, False]
