"""Looking at a state, in every condition that it may be in; nothing of it may change."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import StateError
from agent.store import FILE_NAME, MIGRATIONS, Commit, Store
from agent.store_look import Health, Look, in_use, look, tallies
from agent.tally import Tally

AT = datetime(2026, 11, 23, tzinfo=UTC)
TALLY = Tally(identity="5-1", file="wrapper.log", first=0, end=4)
SCHEMA = len(MIGRATIONS)


def made(folder: Path, sql: str = "") -> Path:
    """Make a state, and change it."""
    with Store.open(folder) as store:
        store.commit(Commit(at=AT, tallies=[("/l", TALLY)]))
    with closing(sqlite3.connect(folder / FILE_NAME)) as db, db:
        db.execute(sql)
    return folder


def listed(folder: Path) -> dict[str, bytes]:
    """Return all files and what is in them."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", Look(Health.FINE, SCHEMA)),
        ("UPDATE meta SET value = '1' WHERE key = 'schema'", Look(Health.OLDER, 1)),
        ("UPDATE meta SET value = '99' WHERE key = 'schema'", Look(Health.NEWER, 99)),
        ("UPDATE meta SET value = 'x' WHERE key = 'schema'", Look(Health.DAMAGED)),
        ("DELETE FROM meta", Look(Health.DAMAGED)),
        ("DROP TABLE meta", Look(Health.DAMAGED)),
        ("PRAGMA application_id = 7", Look(Health.FOREIGN)),
    ],
)
def test_what_a_state_file_is(tmp_path: Path, sql: str, expected: Look) -> None:
    """Told by looking; the file and its directory stay as they are."""
    before = listed(made(tmp_path, sql))
    assert look(tmp_path) == expected
    assert listed(tmp_path) == before


def test_what_is_no_database(tmp_path: Path) -> None:
    """Nothing there, an empty file, and a file of something else."""
    assert look(tmp_path / "absent") == Look(Health.ABSENT)
    (tmp_path / FILE_NAME).touch()
    assert look(tmp_path) == Look(Health.ABSENT)
    (tmp_path / FILE_NAME).write_bytes(b"torn" * 1000)
    assert look(tmp_path) == Look(Health.DAMAGED)
    made(tmp_path / "begun")
    (tmp_path / "begun" / FILE_NAME).write_bytes(b"")
    assert look(tmp_path / "begun") == Look(Health.DAMAGED), "it was not empty before"


def test_a_state_in_use_is_read_as_of_its_last_commit(tmp_path: Path) -> None:
    """An agent holds the directory; whoever looks holds up nobody and is not taken for one."""
    made(tmp_path)
    assert not in_use(tmp_path)
    assert not in_use(tmp_path / "absent")
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=AT, tallies=[("/l", TALLY)]))
        assert in_use(tmp_path)
        assert look(tmp_path) == Look(Health.FINE, SCHEMA)
        assert list(tallies(tmp_path)) == ["/l"]
    assert not in_use(tmp_path)


def test_a_directory_that_cannot_be_written_is_read_all_the_same(nobody: Path) -> None:
    """Closed well, the file needs no journal; and somebody who may only read can look."""
    made(nobody)
    before = listed(nobody)
    nobody.chmod(0o555)
    assert look(nobody) == Look(Health.FINE, SCHEMA)
    assert tallies(nobody)["/l"][0].end == 4
    assert listed(nobody) == before


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE meta SET value = '1' WHERE key = 'schema'", "let this one run once"),
        ("UPDATE meta SET value = '99' WHERE key = 'schema'", "newer wmtls: use that version"),
        ("PRAGMA application_id = 7", "not a state file of wmtls"),
    ],
)
def test_what_cannot_be_compared_is_told_with_its_mend(tmp_path: Path, sql: str, said: str) -> None:
    """One sentence."""
    with pytest.raises(StateError, match=said):
        tallies(made(tmp_path, sql))
    with pytest.raises(StateError, match="let wmtls run once"):
        tallies(tmp_path / "absent")
