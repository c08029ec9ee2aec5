"""What tells files and contents apart."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.tail import identity
from agent.tail.identity import EVIDENCE, HEAD, MARKER, Fingerprint


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file of 10 000 bytes that are all different from their neighbours."""
    file = tmp_path / "wrapper.log"
    file.write_bytes(b"".join(b"%07d\n" % number for number in range(1250)))
    return file


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    """Return the file, open."""
    number = os.open(path, os.O_RDWR)
    yield number
    os.close(number)


def test_what_is_left_of_a_file_that_was_cut(tmp_path: Path) -> None:
    """It is known by the last mark that it reaches to; less than that, or another text, shows nothing."""
    path = tmp_path / "log"
    text = b"".join(b"line %06d\n" % number for number in range(10_000))
    path.write_bytes(text)
    with path.open("rb") as file:
        known = identity.take(file.fileno(), len(text))
        assert len(known.marks) == 4
        for size in (60_000, 8192):
            os.truncate(path, size)
            assert identity.kept(file.fileno(), known, len(text)) == size
        os.truncate(path, 8191)
        assert identity.kept(file.fileno(), known, len(text)) == 0
        path.write_bytes(text[:4096] + b"another\n" * 1000)
        assert identity.kept(file.fileno(), known, len(text)) == 0
        path.write_bytes(text + text)
        assert identity.kept(file.fileno(), known, len(text)) == 0


def test_birth_time_is_the_files_own(path: Path, fd: int) -> None:
    """It is the same by name and by descriptor, and stays when the file is written to and renamed."""
    born = identity.birth_time(fd)
    os.pwrite(fd, b"x", 20_000)
    moved = path.rename(path.with_name("wrapper.log.1"))
    assert identity.birth_time(moved) == identity.birth_time(fd) == born
    assert identity.birth_time(path) == 0


def test_fingerprint_is_of_head_and_of_the_bytes_before_the_position(fd: int) -> None:
    """Both are bounded, and shorter where there is less."""
    blank = Fingerprint(os.fstat(fd).st_ino, identity.birth_time(fd))
    whole = os.pread(fd, 10_000, 0)
    assert identity.take(fd, 0) == Fingerprint(
        blank.inode,
        blank.btime_ns,
        HEAD,
        identity.digest(whole[:HEAD]),
        rungs=tuple(identity.digest(whole[: 16 << rung], 4) for rung in range(9)),
    )
    assert identity.take(fd, 8_000) == Fingerprint(
        blank.inode,
        blank.btime_ns,
        HEAD,
        identity.digest(whole[:HEAD]),
        MARKER,
        identity.digest(whole[8_000 - MARKER : 8_000]),
        tuple(identity.digest(whole[: 16 << rung], 4) for rung in range(9)),
    )
    assert identity.take(fd, 80) == blank.grown(whole[:HEAD]).moved(whole[:80])


def test_appending_keeps_a_fingerprint_and_rewriting_breaks_it(fd: int) -> None:
    """One changed byte in head or marker is seen, one elsewhere is not, a cut is."""
    taken = identity.take(fd, 10_000)
    os.pwrite(fd, b"more\n", 10_000)
    assert identity.holds(fd, taken, 10_000)
    os.pwrite(fd, b"X", 5_000)
    assert identity.holds(fd, taken, 10_000)
    os.pwrite(fd, b"X", 9_000)
    assert not identity.holds(fd, taken, 10_000)
    os.pwrite(fd, b"0", 9_000)
    assert identity.holds(fd, taken, 10_000)
    os.pwrite(fd, b"X", 10)
    assert not identity.holds(fd, taken, 10_000)
    os.pwrite(fd, b"0", 10)
    os.ftruncate(fd, 9_999)
    assert not identity.holds(fd, taken, 10_000)


def test_head_grows_and_never_shrinks() -> None:
    """A longer head replaces a shorter one only."""
    one = Fingerprint(1, 2).grown(b"abc")
    assert one.grown(b"abcdef") == Fingerprint(1, 2, 6, identity.digest(b"abcdef"))
    assert one.grown(b"ab") == one


def test_label_names_inode_birth_and_truncation() -> None:
    """The name is the same for the same content at all times."""
    assert identity.label(Fingerprint(0xAB, 0xCD), -1) == "ab-cd"
    assert identity.label(Fingerprint(0xAB, 0xCD), -1, 2) == "ab-cd.2"


def test_label_without_birth_time_takes_the_first_line(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file system keeps no birth time the first line stands in, which no growth changes."""
    monkeypatch.setattr(identity, "_statx", None)
    taken = identity.take(fd, 80)
    assert taken.btime_ns == 0
    before = identity.label(taken, fd)
    os.pwrite(fd, b"more\n", 10_000)
    assert identity.label(taken, fd) == before == f"{taken.inode:x}-{identity.digest(b'0000000')}"


def test_evidence_is_less_than_what_is_hashed() -> None:
    """A head long enough to be believed is no longer than a head."""
    assert EVIDENCE < HEAD


@pytest.mark.parametrize(
    ("size", "same", "other"),
    [(10, False, False), (16, True, False), (100, True, False), (4096, True, False)],
)
def test_a_beginning_is_known_by_rungs(fd: int, size: int, *, same: bool, other: bool) -> None:
    """Of a text that is shorter than the head that is known, the first 16, 32, 64 ... bytes are compared."""
    known = identity.take(fd, 5_000)
    text = os.pread(fd, size, 0)
    assert (known.began(text), known.began(b"x" + text[1:])) == (same, other)


def test_what_resembles_a_file(fd: int, tmp_path: Path) -> None:
    """A copy that holds what was read, though not all that was seen."""
    copy = tmp_path / "copy"
    answers = {}
    known = identity.take(fd, 500)
    for size in (499, 500, 600, 10_000):
        copy.write_bytes(os.pread(fd, size, 0))
        with copy.open("rb") as stream:
            answers[size] = (
                identity.resembles(stream.fileno(), known, 500),
                identity.holds(stream.fileno(), known, 500),
            )
    assert answers == {499: (False, False), 500: (True, False), 600: (True, False), 10_000: (True, True)}
