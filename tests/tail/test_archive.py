"""Rolled files that were compressed: what was not read of them is read from the archive, once."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.tail import archive, identity


def numbered(first: int, count: int) -> str:
    """Return lines that tell their number."""
    return "".join(f"INFO   | jvm 1    | line {number:08}\n" for number in range(first, first + count))


def compress(path: Path) -> Path:
    """Compress a file as gzip(1) does."""
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    written = path.stat().st_mtime_ns
    os.utime(packed, ns=(written, written))
    path.unlink()
    return packed


def test_text_of_an_archive(tmp_path: Path) -> None:
    """Members and the zeros behind them are one text, in a file that has no name."""
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n" * 5000) + bytes(512))
    os.utime(packed, ns=(5, 7))
    with packed.open("rb") as stream:
        fd = archive.unpack(stream.fileno())
        assert fd is not None
        with os.fdopen(fd, "rb") as text:
            text.seek(0)
            assert text.read() == b"one\n" + b"two\n" * 5000
            assert os.fstat(fd).st_mtime_ns == 7
        assert archive.head(stream.fileno()) == (b"one\n" + b"two\n" * 5000)[: identity.HEAD]
    assert list(tmp_path.iterdir()) == [packed]


@pytest.mark.parametrize("damage", ["cut", "torn", "none"])
def test_archive_that_is_not_whole(tmp_path: Path, damage: str) -> None:
    """One that is being written, or is damaged, has no text."""
    whole = gzip.compress(b"line\n" * 50_000)
    packed = tmp_path / "a.gz"
    data = {"cut": whole[:-20], "torn": whole[:40] + bytes(20) + whole[60:], "none": b"plain text"}
    packed.write_bytes(data[damage])
    with packed.open("rb") as stream:
        assert archive.unpack(stream.fileno()) is None


def test_size_of_a_text(tmp_path: Path) -> None:
    """The archive notes it."""
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(b"line\n" * 1000))
    with packed.open("rb") as stream:
        assert archive.text_size(stream.fileno()) == 5000


def test_text_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive may hold a thousand times its size."""
    monkeypatch.setattr(archive, "LIMIT", 1000)
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(bytes(5000)))
    with packed.open("rb") as stream, pytest.raises(OSError, match="holds more than"):
        archive.unpack(stream.fileno())


def test_compressed_while_running(log: Any, tail: Callable[..., Any]) -> None:
    """What is held open is read to its end, and its archive not again."""
    log.append(numbered(0, 3))
    following = tail("beginning")
    assert following.poll(limit=40) == numbered(0, 1)
    log.roll()
    compress(log.sibling(1))
    assert following.poll() == numbered(1, 2)
    log.append(numbered(3, 1))
    assert following.poll() == numbered(3, 1)
    following.restart()
    assert (following.poll(), following.state.gaps) == ("", 0)


def test_compressed_while_down(log: Any, tail: Callable[..., Any]) -> None:
    """The rest of the archive of the file that was read, then the archives after it, then the live file."""
    log.append(numbered(0, 3))
    following = tail("beginning")
    assert following.poll(limit=70) == numbered(0, 2)
    saved = following.save()
    log.roll()
    log.append(numbered(3, 2))
    log.roll()
    log.append(numbered(5, 1))
    compress(log.sibling(1))
    compress(log.sibling(2))
    following.restart(saved)
    assert following.poll() == numbered(2, 4)
    assert following.places()[-3:] == [
        ("wrapper.log.2.gz", 68, 3),
        ("wrapper.log.1.gz", 0, 1),
        ("wrapper.log", 0, 1),
    ]
    assert following.state.gaps == 0
    following.restart()
    log.roll()
    log.append(numbered(6, 1))
    assert (following.poll(), following.state.gaps) == (numbered(6, 1), 0)


def test_killed_within_an_archive(log: Any, tail: Callable[..., Any]) -> None:
    """An archive is gone on with like any other file."""
    log.append(numbered(0, 4))
    following = tail("beginning")
    assert following.poll(limit=70) == numbered(0, 2)
    saved = following.save()
    log.roll()
    compress(log.sibling(1))
    log.append(numbered(4, 1))
    following.restart(saved)
    assert following.poll(limit=20) == numbered(2, 1)
    following.restart()
    assert following.poll() == numbered(3, 2)
    assert following.state.gaps == 0


def test_copied_truncated_and_compressed(log: Any, tail: Callable[..., Any]) -> None:
    """The unread rest of a truncated file is found in the archive of its copy."""
    log.append(numbered(0, 4))
    following = tail("beginning")
    assert following.poll(limit=70) == numbered(0, 2)
    log.sibling(1).write_bytes(log.path.read_bytes())
    compress(log.sibling(1))
    log.truncate()
    log.append(numbered(4, 1))
    assert following.poll() == numbered(2, 3)


def test_archives_at_the_start(log: Any, tail: Callable[..., Any]) -> None:
    """The beginning of a log is the first line of its oldest file, compressed or not."""
    log.append(numbered(0, 2))
    log.roll()
    compress(log.sibling(1))
    log.append(numbered(2, 1))
    assert tail("beginning").poll() == numbered(0, 3)
    following = tail("end")
    log.append(numbered(3, 1))
    assert following.poll() == numbered(3, 1)


def test_archive_that_cannot_be_read(log: Any, tail: Callable[..., Any]) -> None:
    """A damaged archive between what was read and the live file is a gap, and costs nothing else."""
    log.append(numbered(0, 3))
    following = tail("beginning")
    assert following.poll() == numbered(0, 3)
    saved = following.save()
    log.roll()
    log.append(numbered(3, 2))
    log.roll()
    log.append(numbered(5, 1))
    log.sibling(1).rename(log.path.with_name("wrapper.log.1.gz"))
    following.restart(saved)
    assert (following.poll(), following.state.gaps) == (numbered(5, 1), 1)
