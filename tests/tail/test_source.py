"""Finished files, in order and whole."""

import gzip
import io
import os
import sys
import threading
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.errors import InputMissingError
from agent.tail import source
from agent.tail.source import LONGEST_LINE, Source, read, sources


def blocks(path: Path, size: int = 4 << 20) -> list[tuple[int, int, bytes]]:
    """Return offset, line and data of what one file reads as."""
    (one,) = sources([str(path)])
    return [(block.start.offset, block.start.line, block.data) for block in read(one, size=size)]


def text(path: Path, size: int = 4 << 20) -> bytes:
    """Return all that one file reads as."""
    return b"".join(data for _, _, data in blocks(path, size))


@pytest.mark.parametrize(
    ("given", "order"),
    [
        ("wrapper.log wrapper.log.1 wrapper.log.2 wrapper.log.10", [3, 2, 1, 0]),
        ("wrapper.log.2.gz wrapper.log wrapper.log.1", [0, 2, 1]),
        ("wrapper.log wrapper_1.log wrapper_2.log", [2, 1, 0]),
        ("wrapper_20261123.log wrapper_20261122.log", [1, 0]),
        ("wrapper.log wrapper.log-20261123 wrapper.log-20261122.gz", [2, 1, 0]),
        ("wrapper_20261123.log wrapper_20261123.log.1 wrapper_20261122.log", [2, 1, 0]),
        ("b.log a.log c.log", [0, 1, 2]),
        ("wrapper.log b.log wrapper.log.1 a.log", [2, 1, 0, 3]),
    ],
)
def test_rolled_siblings_are_put_oldest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, order: list[int]
) -> None:
    """Siblings change places among themselves; all else stays where it is."""
    monkeypatch.chdir(tmp_path)
    for name in given.split():
        Path(name).write_text(name)
    assert [one.name for one in sources(given.split())] == [given.split()[place] for place in order]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    """By its name again, and by a symbolic link."""
    path = tmp_path / "wrapper.log"
    path.write_text("line\n")
    (tmp_path / "link").symlink_to(path)
    assert sources([str(path), str(path), str(tmp_path / "link")]) == [Source("wrapper.log", path, 5)]


def test_files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    """Where base names are equal, the argument is the name."""
    paths = [tmp_path / folder / "wrapper.log" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("line\n")
    assert [one.name for one in sources([str(path) for path in paths])] == [str(path) for path in paths]


def test_what_cannot_be_read_is_said_in_a_sentence(nobody: Path) -> None:
    """A missing file, a directory and a closed file are refused before anything is read."""
    path = nobody / "wrapper.log"
    with pytest.raises(InputMissingError) as missing:
        sources([str(path)])
    assert str(missing.value) == f"{path} does not exist; name a file that does, or - for stdin"
    with pytest.raises(InputMissingError, match="a path is empty; name the file, or give - for"):
        sources([""])
    with pytest.raises(InputMissingError) as directory:
        sources([str(nobody)])
    assert str(directory.value) == f"{nobody} is a directory; name the files in it, as {path}"
    path.write_text("")
    path.chmod(0)
    with pytest.raises(InputMissingError, match=f"cannot read {path}: permission denied"):
        sources([str(path)])


@pytest.mark.parametrize("size", [1, 7, 100, 20_000, 4 << 20])
def test_blocks_are_whole_lines_whatever_their_size(tmp_path: Path, size: int) -> None:
    """Offsets and lines are right for every cut, and the last line may lack its end."""
    whole = b"".join(b"x" * (number % 50) + b"\n" for number in range(5000)) + b"no end"
    path = tmp_path / "wrapper.log"
    path.write_bytes(whole)
    found = blocks(path, size)
    assert b"".join(data for _, _, data in found) == whole
    assert all(data.endswith(b"\n") for _, _, data in found[:-1])
    assert [at for at, _, _ in found] == [0, *accumulate(len(data) for _, _, data in found)][:-1]
    assert [line for _, line, _ in found] == [1 + whole[:at].count(b"\n") for at, _, _ in found]


def test_empty_file_has_no_blocks(tmp_path: Path) -> None:
    """Nothing is nothing."""
    (tmp_path / "wrapper.log").touch()
    assert blocks(tmp_path / "wrapper.log") == []


def test_line_that_is_too_long_is_cut(tmp_path: Path) -> None:
    """Its head is kept, with a line end; the lines around it stand where they stand."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(b"before\n" + b"x" * (LONGEST_LINE + 100) + b"\nafter\nlast\n")
    found = blocks(path)
    data = b"".join(data for _, _, data in found)
    assert data == b"before\n" + b"x" * LONGEST_LINE + b"\nafter\nlast\n"
    assert found[-1] == (7 + LONGEST_LINE + 101, 3, b"after\nlast\n")


def test_endless_line_is_cut(tmp_path: Path) -> None:
    """A file without any line end costs bounded memory."""
    path = tmp_path / "wrapper.log"
    with path.open("wb") as stream:
        stream.truncate(5 * LONGEST_LINE)
    assert [(at, line, len(data)) for at, line, data in blocks(path)] == [(0, 1, LONGEST_LINE + 1)]


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    """By its first bytes, whatever its name; several members and padding are one text."""
    whole = b"".join(b"line %d\n" % number for number in range(100_000))
    for name in ("wrapper.log.1.gz", "wrapper.log.2"):
        packed = gzip.compress(whole[:500_000]) + b"\0" * 10 + gzip.compress(whole[500_000:]) + b"\0" * 100
        (tmp_path / name).write_bytes(packed)
        assert text(tmp_path / name, 100_000) == whole


@pytest.mark.parametrize("damage", ["cut", "changed", "garbage behind"])
def test_damaged_gzip_gives_what_is_readable_and_then_says_so(tmp_path: Path, damage: str) -> None:
    """The lines before the damage come first."""
    whole = b"".join(os.urandom(20).hex().encode() + b"\n" for _ in range(20_000))
    packed = gzip.compress(whole)
    half = len(packed) // 2
    path = tmp_path / "wrapper.log.1.gz"
    path.write_bytes(
        {
            "cut": packed[:half],
            "changed": packed[:half] + bytes(1000) + packed[half + 1000 :],
            "garbage behind": packed + b"garbage",
        }[damage]
    )
    (one,) = sources([str(path)])
    reading, got = read(one), list[bytes]()
    with pytest.raises(InputMissingError, match=r"wrapper.log.1.gz is a damaged gzip file"):
        got.extend(block.data for block in reading)
    third = len(whole) // 3
    assert b"".join(got)[:third] == whole[:third]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("wrapper.log", "text\n".encode("utf-16"), "is text in UTF-16"),
        ("wrapper.log.zst", b"\x28\xb5\x2f\xfd rest", "is packed with zstd; unpack it first"),
        ("wrapper.log.1.gz", b"just text\n", "is no gzip file"),
        ("wrapper.log.2.gz", gzip.compress("text\n".encode("utf-16")), "is text in UTF-16"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    """Other encodings and archives are never read as text."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputMissingError, match=said):
        blocks(tmp_path / name)


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:  # noqa: FBT001 - a parameter
    """The dash is standard input, packed or not."""
    data = b"one\ntwo\n"
    stream = io.BytesIO(gzip.compress(data) if packed else data)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    (one,) = sources(["-", "-"])
    assert one == Source("-", None, None)
    assert [(block.start.file, block.data) for block in read(one)] == [("-", data)]


def test_pipe(tmp_path: Path) -> None:
    """A named pipe is read once, from its writer."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    (one,) = sources([str(path)])
    writer = threading.Thread(target=path.write_bytes, args=(b"one\ntwo\n" * 100_000,))
    writer.start()
    assert b"".join(block.data for block in read(one)) == b"one\ntwo\n" * 100_000
    writer.join()


def test_file_that_vanished_meanwhile(tmp_path: Path) -> None:
    """A file that is gone when its turn comes is a missing input."""
    path = tmp_path / "wrapper.log"
    path.write_text("line\n")
    (one,) = sources([str(path)])
    path.unlink()
    with pytest.raises(InputMissingError, match=r"cannot read .*wrapper\.log: no such file or directory"):
        list(read(one))


def test_limits_fit_together() -> None:
    """A peek is smaller than a piece, and a piece than a line."""
    assert source._PEEK < source._PIECE < LONGEST_LINE
