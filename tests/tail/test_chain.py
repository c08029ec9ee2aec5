"""The files of a chain, as one look finds them."""

import os
from pathlib import Path

import pytest

from agent.tail import chain

DATED = 10_000
"""Place of the youngest dated file that rolled off an undated one."""


def look(
    path: Path, held: set[tuple[int, int]] | None = None, *, every: bool = True
) -> list[tuple[int, bool]]:
    """Return number and openness of the plain files that a look finds."""
    found = chain.scan(path, held or set(), every=every)
    seen = [(one.index, one.fd is not None) for one in found if one.packed is None]
    chain.release(found)
    return seen


def key(path: Path) -> tuple[int, int]:
    """Return device and inode."""
    return path.stat().st_dev, path.stat().st_ino


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the live path of a chain of four files with a hole, among other files."""
    for name in ("wrapper.log", "wrapper.log.1", "wrapper.log.3", "wrapper.log.12"):
        (tmp_path / name).write_text(name)
    for name in (
        "wrapper.log.gz",
        "wrapper.log.2.gz",
        "wrapper.log.01",
        "wrapper.log.20261123",
        "other.log.1",
    ):
        (tmp_path / name).write_text(name)
    (tmp_path / "wrapper.log.4").mkdir()
    return tmp_path / "wrapper.log"


def test_all_files_of_the_chain_and_no_other(path: Path) -> None:
    """Holes and directories are passed over; a dated file stands behind all numbered ones."""
    assert look(path) == [(0, True), (1, True), (3, True), (12, True), (DATED, True)]


def test_archives_are_found_where_every_file_is_wanted(path: Path) -> None:
    """An archive is unpacked when it is asked for; the one whose plain file is there does not count."""
    path.with_name("wrapper.log.3.gz").touch()
    for every, names in ((True, ["wrapper.log.2.gz"]), (False, ["wrapper.log.2.gz"])):
        found = chain.scan(path, set(), every=every)
        assert [one.name for one in found if one.packed is not None] == names
        chain.release(found)


def test_only_files_newer_than_the_newest_held_are_opened(path: Path) -> None:
    """What is held needs no second descriptor, what is behind it none at all."""
    held = {key(path.with_name("wrapper.log.1")), key(path.with_name("wrapper.log.12"))}
    assert look(path, held, every=False) == [(0, True), (1, False), (3, False), (12, False), (DATED, False)]
    assert look(path, held, every=True) == [(0, True), (1, False), (3, True), (12, False), (DATED, True)]


def test_a_hard_link_is_the_same_file(path: Path) -> None:
    """A file found under two numbers counts once."""
    os.link(path, path.with_name("wrapper.log.5"))
    assert look(path) == [(1, True), (3, True), (5, True), (12, True), (DATED, True)]


def test_a_log_of_days_begins_with_its_youngest_file(tmp_path: Path) -> None:
    """Each day has a file; the live one is that of the last day, and there may be none yet."""
    path = tmp_path / "wrapper-YYYYMMDD.log"
    assert (chain.live(path), chain.live(tmp_path / "no" / path.name), look(path)) == (None, None, [])
    for name in ("wrapper-20261231.log", "wrapper-20270101.log", "wrapper.log"):
        (tmp_path / name).write_text(name)
    assert chain.live(path) == tmp_path / "wrapper-20270101.log"
    assert look(path) == [(0, True), (1, True)]
    assert chain.live(tmp_path / "wrapper.log") == tmp_path / "wrapper.log"


def test_a_log_of_days_in_an_unlistable_directory_is_an_error(nobody: Path) -> None:
    """Its names cannot be guessed, so nothing is said of what is there."""
    nobody.chmod(0o111)
    with pytest.raises(PermissionError):
        chain.scan(nobody / "wrapper-YYYYMMDD.log", set(), every=True)


def test_nothing_there(tmp_path: Path) -> None:
    """An absent directory and an empty one hold no files."""
    assert look(tmp_path / "absent" / "wrapper.log") == []
    assert look(tmp_path / "wrapper.log") == []


def test_unlistable_directory_is_probed(nobody: Path) -> None:
    """Where names may be used but not listed, the low numbers are tried."""
    (nobody / "wrapper.log").write_text("one")
    (nobody / "wrapper.log.2").write_text("two")
    nobody.chmod(0o111)
    assert look(nobody / "wrapper.log") == [(0, True), (2, True)]


def test_unreadable_file_is_found_with_its_error(nobody: Path) -> None:
    """It cannot be opened, but it is there, and known by inode and birth time."""
    path = nobody / "wrapper.log"
    path.write_text("one")
    path.chmod(0)
    (one,) = chain.scan(path, set(), every=True)
    assert (one.key, one.fd, type(one.error)) == (key(path), None, PermissionError)


def test_closed_directory_is_an_error_not_an_absence(nobody: Path) -> None:
    """What cannot be looked at is not reported as gone."""
    folder = nobody / "logs"
    folder.mkdir()
    folder.chmod(0)
    with pytest.raises(PermissionError):
        chain.scan(folder / "wrapper.log", set(), every=True)
    folder.chmod(0o755)
