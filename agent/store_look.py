"""Looks into a state directory, without changing anything, and while an agent may be using it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from agent.errors import DamagedStateError, StateError
from agent.store import APPLICATION_ID, FILE_NAME, LOCK_NAME, MIGRATIONS, begun, explained
from agent.tally import Tally

_BUSY_SECONDS = 5.0


class Health(StrEnum):
    """What can be told of a state file by looking."""

    ABSENT = "absent"
    FINE = "fine"
    OLDER = "older"  # the agent brings it up to date
    NEWER = "newer"
    DAMAGED = "damaged"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Look:
    """The state as a whole; `schema` is None where it cannot be told."""

    health: Health
    schema: int | None = None


def in_use(directory: Path) -> bool:
    """Tell whether an agent holds the directory; False too where that cannot be looked at."""
    try:
        lock = os.open(directory / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        # shared: two looks at once are no agent
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(lock)
    return False


def look(directory: Path) -> Look:
    """Say what the state file is; raises StateError where it cannot be opened."""
    path = directory / FILE_NAME
    if not os.path.lexists(path):
        return Look(Health.ABSENT)
    try:
        if not path.stat().st_size:  # new before the first start, and after it the ruin of a state
            return Look(Health.DAMAGED if begun(directory) else Health.ABSENT)
        with _opened(path) as db:
            return _examined(db)
    except OSError as error:
        raise StateError(
            f"{path}: it cannot be opened ({(error.strerror or 'no reason').lower()})"
        ) from error
    except (DamagedStateError, TypeError, ValueError):
        return Look(Health.DAMAGED)


def _examined(db: sqlite3.Connection) -> Look:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return Look(Health.ABSENT)
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        return Look(Health.FOREIGN)
    with suppress(sqlite3.OperationalError):  # there may be no such table
        return _by_schema(db, int(db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0]))
    return Look(Health.DAMAGED)


def _by_schema(db: sqlite3.Connection, schema: int) -> Look:
    if schema > len(MIGRATIONS):
        return Look(Health.NEWER, schema)
    if schema < 1 or db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        return Look(Health.DAMAGED)
    return Look(Health.FINE if schema == len(MIGRATIONS) else Health.OLDER, schema)


def tallies(directory: Path) -> dict[str, list[Tally]]:
    """Return what was counted, for each log in the order in which its files were begun, as of one commit.

    Raises StateError where there is none.
    """
    path, found = directory / FILE_NAME, look(directory)
    if found.health is not Health.FINE:
        raise StateError(f"{path} {_UNFIT[found.health]}")
    silences: dict[tuple[bytes, str], list[tuple[int, float]]] = {}
    counted: dict[str, list[Tally]] = {}
    with _opened(path) as db:
        db.execute("BEGIN")
        for log, identity, offset, seconds in db.execute(
            "SELECT log, identity, offset, seconds FROM silences ORDER BY row"
        ):
            silences.setdefault((log, identity), []).append((offset, seconds))
        for log, identity, file, *numbers, fresh, mixed, version, position in db.execute(
            "SELECT log, identity, file, first, end, bytes, lines, completed, failed, incomplete,"
            " fresh, mixed, version, position FROM tallies ORDER BY row"
        ):
            if any(not isinstance(number, int) for number in numbers):
                raise DamagedStateError(f"{path} holds a count that is no number")
            first, end, read_bytes, lines, completed, failed, incomplete = numbers
            counted.setdefault(os.fsdecode(log), []).append(
                Tally(
                    identity=identity,
                    file=os.fsdecode(file),
                    first=first,
                    end=end,
                    read_bytes=read_bytes,
                    lines=lines,
                    completed=completed,
                    failed=failed,
                    incomplete=incomplete,
                    fresh=bool(fresh),
                    mixed=bool(mixed),
                    version=version,
                    silences=tuple(silences.get((log, identity), ())),
                    position=position,
                )
            )
    return counted


_UNFIT = {
    Health.ABSENT: "is not there: nothing was counted yet; let wmtls run once, or check state.directory",
    Health.OLDER: "was written by an older wmtls, which counted nothing by file: let this one run once",
    Health.NEWER: "was written by a newer wmtls: use that version",
    Health.DAMAGED: "is damaged: wmtls run sets it aside and begins anew",
    Health.FOREIGN: "is not a state file of wmtls: check state.directory",
}


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for reading.

    While there is no journal nobody has it open, and SQLite would have to make one to read it, which leaves
    files behind; so it is read as one that nobody changes.
    """
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    try:
        uri = f"file:{quote(os.fsencode(path))}?mode=ro{still}"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as db:
            yield db
    except sqlite3.Error as error:
        raise explained(path, error) from error
