"""The state directory: one SQLite file that holds all that must survive a restart, and one lock.

The law: what belongs together changes in one transaction or not at all. A read position never moves without
the counters, incidents and outgoing messages that were made of the bytes before it.

One connection serves all threads behind one lock; every statement here is short. `synchronous=FULL` makes a
commit survive a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).

The module is longer than most because SQL is spoken nowhere else.
"""

import fcntl
import json
import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Self

from agent import outbox
from agent.errors import DamagedStateError, StateError
from agent.model.incident import Incident
from agent.model.series import Increments, Series
from agent.outbox import DELIVERIES, FAILURES, GAVE_UP, Abandoned, Backlog, Fold, Letter, Outgoing
from agent.tally import Tally

FILE_NAME = "wmtls.db"
LOCK_NAME = "wmtls.lock"
APPLICATION_ID = 0x776D746C
"""Marks the file as ours ("wmtl"), https://www.sqlite.org/pragma.html#pragma_application_id."""

MAX_TALLIES = 256
"""Files of one log whose tallies are kept, more than a wrapper keeps files."""

_PRIVATE = 0o600
_BEGUN = b"begun\n"
"""Content of the lock's file once there was a state."""

_ASIDE = ".corrupt-"
_READ = "BEGIN"
_WRITE = "BEGIN IMMEDIATE"
_BUSY_MILLISECONDS = 5_000
_JOURNAL_BYTES = 16 * 1024 * 1024

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE tails (log BLOB PRIMARY KEY, state BLOB NOT NULL)",
        "CREATE TABLE assemblies (log BLOB PRIMARY KEY, state BLOB NOT NULL)",
        "CREATE TABLE counters (name TEXT, labels TEXT, value REAL NOT NULL, PRIMARY KEY (name, labels))",
        "CREATE TABLE gauges (name TEXT, labels TEXT, value REAL NOT NULL, PRIMARY KEY (name, labels))",
        "CREATE TABLE open_incidents (fingerprint TEXT PRIMARY KEY, state BLOB NOT NULL)",
        """CREATE TABLE outbox (
            row INTEGER PRIMARY KEY,
            incident_id TEXT NOT NULL,
            receiver TEXT NOT NULL,
            incident BLOB NOT NULL,
            created REAL NOT NULL,
            next_try REAL NOT NULL,
            refused_since REAL,
            attempts INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
            reason TEXT,
            UNIQUE (incident_id, receiver))""",
        "CREATE INDEX outbox_waiting ON outbox (receiver, next_try, created) WHERE state = 'waiting'",
        "CREATE INDEX outbox_state ON outbox (state)",
        "INSERT INTO meta VALUES ('schema', '1')",
    ),
    outbox.MIGRATION,
    outbox.REPEATING,
    (
        """CREATE TABLE tallies (
            row INTEGER PRIMARY KEY,
            log BLOB NOT NULL,
            identity TEXT NOT NULL,
            file BLOB NOT NULL,
            first INTEGER NOT NULL,
            end INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            completed INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            incomplete INTEGER NOT NULL,
            fresh INTEGER NOT NULL,
            mixed INTEGER NOT NULL,
            version TEXT NOT NULL,
            position BLOB,
            UNIQUE (log, identity))""",
        """CREATE TABLE silences (
            row INTEGER PRIMARY KEY,
            log BLOB NOT NULL,
            identity TEXT NOT NULL,
            offset INTEGER NOT NULL,
            seconds REAL NOT NULL)""",
        "CREATE INDEX silences_of_tally ON silences (log, identity)",
    ),
)
"""Entry n holds the statements that lead from schema n to schema n + 1; each runs in one transaction."""

_MENDS = MappingProxyType(
    {
        "SQLITE_FULL": "the disk is full: free some space",
        "SQLITE_READONLY": "it cannot be written: give this user the right to write it and its directory",
        "SQLITE_PERM": "it cannot be opened: give this user the right to read and write it",
        "SQLITE_CANTOPEN": "it cannot be opened: give this user the right to write it and its directory",
        "SQLITE_IOERR": "reading or writing it failed: check the disk under it",
        "SQLITE_BUSY": "another program holds it locked: close that program",
    }
)


@dataclass(frozen=True, slots=True)
class Saved:
    """All that was committed before, but for the outbox. `tails` and `assemblies` go by log key."""

    tails: dict[str, bytes]
    assemblies: dict[str, bytes]
    counters: dict[Series, float]
    gauges: dict[Series, float]
    open_incidents: dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What changes together. Series and keys that are not named stay as they are.

    `at` is the time given to new outbox rows. `gauges` replace the series' value, None removes the series.
    `forgotten_logs` lose their tail, assembly and tallies. `outbox` pairs a receiver's name with an incident,
    `tallies` a log with what is added to the tally of one of its files.
    """

    at: datetime
    tails: Mapping[str, bytes] = field(default_factory=dict)
    assemblies: Mapping[str, bytes] = field(default_factory=dict)
    forgotten_logs: Collection[str] = ()
    increments: Mapping[Series, float] = field(default_factory=dict)
    gauges: Mapping[Series, float | None] = field(default_factory=dict)
    open_incidents: Mapping[str, bytes] = field(default_factory=dict)
    closed_incidents: Collection[str] = ()
    outbox: Collection[tuple[str, Incident]] = ()
    tallies: Collection[tuple[str, Tally]] = ()


class Store:
    """The open state directory. Every method raises StateError, with nothing changed, where it fails."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.path = path
        self._connection = connection
        self._lock_descriptor = lock
        self._turn = Lock()
        self._aside: tuple[Path, ...] = ()

    @classmethod
    def open(cls, directory: Path, *, aside: Callable[[Path, str], None] | None = None) -> Self:
        """Open the directory, made if absent, for this process alone.

        A file that is damaged or not ours raises DamagedStateError; with `aside` it is set aside instead, an
        empty one is begun, and `aside` told where the old one is now and what is wrong with it.
        """
        _make_directory(directory)
        lock = _lock(directory)
        path = directory / FILE_NAME
        try:
            try:
                _refuse_emptied(path, lock)
                connection = _connect(path)
            except DamagedStateError as error:
                if aside is None:
                    raise
                aside(_set_aside(path), str(error))
                connection = _connect(path)
            os.pwrite(lock, _BEGUN, 0)
            return cls(path, connection, lock)
        except BaseException:
            os.close(lock)
            raise

    @classmethod
    def visit(cls, directory: Path) -> Self:
        """Open a directory that an agent may be using, for a look at its outbox or a change there.

        Nothing is made and no schema changed: raises StateError where there is no state of this version.
        """
        path = directory / FILE_NAME
        if not path.exists():
            raise StateError(f"there is no state in {directory}: run the agent first, or name its config")
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
            _must_be_current(path, connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise explained(path, error) from error
            raise
        return cls(path, connection, -1)

    def begin_anew(self) -> Path:
        """Set the file aside, because of a record in it, and begin an empty one; return where it is now."""
        with self._turn:
            self._connection.close()
            aside = _set_aside(self.path)
            self._connection = _connect(self.path)
        return aside

    def unacknowledged(self) -> tuple[Path, ...]:
        """Return the files that were set aside and that nobody has taken away yet, as last seen."""
        with suppress(OSError):  # no descriptor is free, or the disk fails: that takes nothing away
            self._aside = tuple(sorted(self.path.parent.glob(f"{FILE_NAME}{_ASIDE}*[0-9]")))
        return self._aside

    def close(self) -> None:
        """Close the file and let another process have the directory."""
        with self._turn:
            self._connection.close()
            if self._lock_descriptor >= 0:
                os.close(self._lock_descriptor)
                self._lock_descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self) -> Saved:
        """Return what the last commit left."""
        with self._transaction(_READ) as db:
            return Saved(
                tails=_by_log(db.execute("SELECT log, state FROM tails")),
                assemblies=_by_log(db.execute("SELECT log, state FROM assemblies")),
                counters=_by_series(db.execute("SELECT name, labels, value FROM counters")),
                gauges=_by_series(db.execute("SELECT name, labels, value FROM gauges")),
                open_incidents=dict(
                    db.execute("SELECT fingerprint, state FROM open_incidents ORDER BY rowid")
                ),
            )

    def counters(self) -> dict[Series, float]:
        """Return the committed counters, those of deliveries among them."""
        with self._transaction(_READ) as db:
            return _by_series(db.execute("SELECT name, labels, value FROM counters"))

    def commit(self, change: Commit) -> None:
        """Make all of a change, or nothing of it."""
        with self._transaction() as db:
            forgotten = [(_key(log),) for log in change.forgotten_logs]
            db.executemany("DELETE FROM tails WHERE log = ?", forgotten)
            db.executemany("DELETE FROM assemblies WHERE log = ?", forgotten)
            db.executemany("DELETE FROM tallies WHERE log = ?", forgotten)
            db.executemany("DELETE FROM silences WHERE log = ?", forgotten)
            for log, tally in change.tallies:
                _tally(db, _key(log), tally)
            db.executemany(
                "INSERT OR REPLACE INTO tails VALUES (?, ?)",
                [(_key(log), state) for log, state in change.tails.items()],
            )
            db.executemany(
                "INSERT OR REPLACE INTO assemblies VALUES (?, ?)",
                [(_key(log), state) for log, state in change.assemblies.items()],
            )
            _add(db, change.increments)
            db.executemany(
                "DELETE FROM gauges WHERE name = ? AND labels = ?",
                [(name, _labels(labels)) for (name, labels), value in change.gauges.items() if value is None],
            )
            db.executemany(
                "INSERT OR REPLACE INTO gauges VALUES (?, ?, ?)",
                [(n, _labels(labels), v) for (n, labels), v in change.gauges.items() if v is not None],
            )
            db.executemany(
                "DELETE FROM open_incidents WHERE fingerprint = ?", [(f,) for f in change.closed_incidents]
            )
            db.executemany(
                "INSERT OR REPLACE INTO open_incidents VALUES (?, ?)", change.open_incidents.items()
            )
            _add(db, outbox.put(db, change.at, change.outbox))

    # -- the outbox ---------------------------------------------------------------------------------------

    def due(self, receiver: str, now: datetime, limit: int) -> list[Outgoing]:
        """Return messages to be sent now: `outbox.due`."""
        with self._transaction(_READ) as db:
            return outbox.due(db, receiver, now, limit)

    def next_try(self, receiver: str) -> datetime | None:
        """Return when the next message is due, None where none waits."""
        with self._transaction(_READ) as db:
            return outbox.next_try(db, receiver)

    def backlog(self, receiver: str) -> Backlog:
        """Return what waits for a receiver."""
        with self._transaction(_READ) as db:
            return outbox.backlog(db, receiver)

    def delivered(self, row: int, again: datetime | None = None) -> None:
        """Note that the receiver has taken the message; None where it is not to be sent `again`."""
        with self._settling(row) as (db, receiver):
            if receiver is not None:
                outbox.delivered(db, row, again)
                _add(db, _attempt(receiver))

    def standing(self, receiver: str, now: datetime, limit: int) -> list[Outgoing]:
        """Return messages that were taken and are to be sent again now: `outbox.standing`."""
        with self._transaction(_READ) as db:
            return outbox.standing(db, receiver, now, limit)

    def next_again(self, receiver: str) -> datetime | None:
        """Return when the next message is to be sent again, None where none is."""
        with self._transaction(_READ) as db:
            return outbox.next_again(db, receiver)

    def sent_again(
        self, receiver: str, row: int, again: datetime | None, failed_for: str | None = None
    ) -> None:
        """Note that a message was sent once more, or that this failed, and when to do so next."""
        with self._transaction() as db:
            outbox.sent_again(db, row, again)
            _add(db, _attempt(receiver, failed_for))

    def send_no_more(self, row: int) -> None:
        """Note that a message is not sent again."""
        with self._transaction() as db:
            outbox.sent_again(db, row, None)

    def postponed(
        self, row: int, next_try: datetime, reason: str, refused_since: datetime | None = None
    ) -> None:
        """Note a failed attempt and when to make the next one."""
        with self._settling(row) as (db, receiver):
            if receiver is not None:
                outbox.postponed(db, row, next_try, reason, refused_since)
                _add(db, _attempt(receiver, reason))

    def gave_up(self, row: int, reason: str, *, attempted: bool = True) -> None:
        """Note that the last attempt failed, or that none is made; the reason stays in the row."""
        with self._settling(row) as (db, receiver):
            if receiver is not None:
                outbox.gave_up(db, row, reason)
                _add(db, _attempt(receiver, GAVE_UP) if attempted else {(FAILURES, (receiver, GAVE_UP)): 1})

    def fold(self, receiver: str, at: datetime, fold: Fold) -> None:
        """Let some messages stand for many that wait for long: `outbox.folded`."""
        with self._transaction() as db:
            _add(db, outbox.folded(db, receiver, at, fold))

    def letters(self) -> list[Letter]:
        """Return what waits and what was given up, the oldest first."""
        with self._transaction(_READ) as db:
            return outbox.letters(db)

    def retry(self, rows: Collection[int], now: datetime) -> int:
        """Let messages be tried now; return how many there were."""
        with self._transaction() as db:
            return outbox.retried(db, rows, now)

    def drop(self, rows: Collection[int]) -> int:
        """Let messages go unsent; return how many there were."""
        with self._transaction() as db:
            return outbox.dropped(db, rows)

    @contextmanager
    def _settling(self, row: int) -> Iterator[tuple[sqlite3.Connection, str | None]]:
        """Give a transaction and the receiver of a message that still waits, None for one that is settled."""
        with self._transaction() as db:
            yield db, outbox.receiver_of(db, row)

    def drop_abandoned(self, receivers: Collection[str], before: datetime) -> dict[str, Abandoned]:
        """Give up what was made before a time for receivers other than these; return what all others have."""
        with self._transaction() as db:
            return outbox.abandoned(db, receivers, before)

    @contextmanager
    def _transaction(self, begin: str = _WRITE) -> Iterator[sqlite3.Connection]:
        with self._turn:
            try:
                with _transaction(self._connection, begin) as db:
                    yield db
            except sqlite3.Error as error:
                raise explained(self.path, error) from error


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
    connection.execute(begin)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back on some errors, a full disk among them
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _connect(path: Path) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        _make_file(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        _prepare(path, connection)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise explained(path, error) from error
        raise
    return connection


def set_aside(directory: Path) -> tuple[Path, ...]:
    """Return the files that were set aside and that nobody has taken away yet."""
    return tuple(sorted(directory.glob(f"{FILE_NAME}{_ASIDE}*[0-9]")))


def _set_aside(path: Path) -> Path:
    """Rename a file and its journals to the next free name."""
    taken = {other.name for other in path.parent.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"{FILE_NAME}{_ASIDE}{n}" not in taken)
    aside = path.with_name(f"{FILE_NAME}{_ASIDE}{number}")
    try:
        path.rename(aside)
        for journal in ("-wal", "-shm"):  # committed pages may be in them
            with suppress(FileNotFoundError):
                path.with_name(path.name + journal).rename(aside.with_name(aside.name + journal))
    except OSError as error:
        raise StateError(
            f"{path} is damaged and cannot be set aside ({error.strerror}): move it away yourself"
        ) from error
    return aside


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"state.directory {directory} cannot be made ({error.strerror}):"
            " make it yourself, owned by the user that runs wmtls"
        ) from error


def _lock(directory: Path) -> int:
    path = directory / LOCK_NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE)
    except OSError as error:
        raise StateError(
            f"{path} cannot be opened ({error.strerror}): give the user that runs wmtls the right to write"
            f" in {directory}"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise StateError(
                f"another wmtls is using {directory}: stop it, or give this one a state.directory of its own"
            ) from error
        raise StateError(
            f"{path} cannot be locked ({error.strerror}): set state.directory to a place on a local disk"
        ) from error
    return descriptor


def begun(directory: Path) -> bool:
    """Tell whether an agent has ever worked with a state directory."""
    try:
        return (directory / LOCK_NAME).read_bytes() == _BEGUN
    except OSError:
        return False


def _refuse_emptied(path: Path, lock: int) -> None:
    """Refuse a file without a byte, which SQLite would take for new: only before the first start it is."""
    with suppress(FileNotFoundError):
        if os.pread(lock, len(_BEGUN), 0) == _BEGUN and not path.stat().st_size:
            raise DamagedStateError(f"{path} is empty, and was not before")


def _make_file(path: Path) -> None:
    """Make the file before SQLite does, so that it and its journals are never open to others."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE)
        try:
            if stat.S_IMODE(os.fstat(descriptor).st_mode) != _PRIVATE:
                os.fchmod(descriptor, _PRIVATE)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StateError(
            f"{path} cannot be opened ({error.strerror}): make it a file owned by the user that runs wmtls"
        ) from error


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Check whose file it is before anything in it is changed, then bring it up to date."""
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not empty and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise DamagedStateError(f"{path} is not a state file of wmtls")
    version = 0 if empty else _version(path, connection)
    if version > len(MIGRATIONS):
        raise StateError(
            f"{path} was written by a newer wmtls (schema {version}, this one knows {len(MIGRATIONS)}):"
            f" install that version again, or move the file away: counters and positions then begin anew"
        )
    if not empty and connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise DamagedStateError(f"{path} is damaged")
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StateError(
            f"{path} cannot have a write-ahead log there: set state.directory to a place on a local disk"
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")
    for reached, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        with _transaction(connection, _WRITE) as db:
            for statement in statements:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(reached),))


def _must_be_current(path: Path, connection: sqlite3.Connection) -> None:
    version = _version(path, connection)
    if version != len(MIGRATIONS):
        raise StateError(
            f"{path} is of another version of wmtls (schema {version}, this one knows {len(MIGRATIONS)}): "
            "use the command of the agent that runs"
        )


def _version(path: Path, connection: sqlite3.Connection) -> int:
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        version = int(row[0])
    except (sqlite3.OperationalError, TypeError, ValueError):
        version = 0
    if version < 1:
        raise DamagedStateError(f"{path} does not tell its schema")
    return version


def explained(path: Path, error: sqlite3.Error) -> StateError:
    """Return the sentence for an error of SQLite."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return DamagedStateError(f"{path} is damaged or no SQLite file")
    if "Could not decode to UTF-8" in str(error):  # the module's own word, without a code of SQLite
        return DamagedStateError(f"{path} holds text that is none")
    mend = next((text for prefix, text in _MENDS.items() if name.startswith(prefix)), None)
    return StateError(f"{path}: {mend or f'SQLite refuses ({error}): check the disk and the file'}")


def _add(db: sqlite3.Connection, increments: Mapping[Series, float]) -> None:
    db.executemany(
        "INSERT INTO counters VALUES (?, ?, ?)"
        " ON CONFLICT (name, labels) DO UPDATE SET value = value + excluded.value",
        [(name, _labels(labels), value) for (name, labels), value in increments.items()],
    )


def _tally(db: sqlite3.Connection, log: bytes, one: Tally) -> None:
    """Add to the tally of a file; with a new file the oldest may have to go."""
    known = db.execute("SELECT 1 FROM tallies WHERE log = ? AND identity = ?", (log, one.identity)).fetchone()
    db.execute(
        "INSERT INTO tallies (log, identity, file, first, end, bytes, lines, completed, failed, incomplete,"
        " fresh, mixed, version, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (log, identity) DO UPDATE SET file = iif(excluded.file = x'', file, excluded.file),"
        " end = max(end, excluded.end),"
        " bytes = bytes + excluded.bytes, lines = lines + excluded.lines,"
        " completed = completed + excluded.completed, failed = failed + excluded.failed,"
        " incomplete = incomplete + excluded.incomplete, mixed = mixed OR excluded.mixed,"
        " version = iif(version = excluded.version, version, ''),"
        " position = coalesce(excluded.position, position)",
        (
            *(log, one.identity, _key(one.file), one.first, one.end, one.read_bytes, one.lines),
            *(one.completed, one.failed, one.incomplete, one.fresh, one.mixed, one.version, one.position),
        ),
    )
    db.executemany(
        "INSERT INTO silences (log, identity, offset, seconds) VALUES (?, ?, ?, ?)",
        [(log, one.identity, offset, seconds) for offset, seconds in one.silences],
    )
    if known:
        return
    dropped = db.execute(
        "DELETE FROM tallies WHERE log = ? AND row <= (SELECT row FROM tallies WHERE log = ?"
        " ORDER BY row DESC LIMIT 1 OFFSET ?) RETURNING log, identity",
        (log, log, MAX_TALLIES),
    ).fetchall()
    db.executemany("DELETE FROM silences WHERE log = ? AND identity = ?", dropped)


def _attempt(receiver: str, failed_for: str | None = None) -> Increments:
    """Return what one attempt adds to the counters."""
    added: Increments = {(DELIVERIES, (receiver,)): 1}
    if failed_for is not None:
        added[FAILURES, (receiver, failed_for)] = 1
    return added


def _key(log: str) -> bytes:
    """Return a path as the system knows it: a name need not be UTF-8."""
    return os.fsencode(log)


def _labels(values: tuple[str, ...]) -> str:
    return json.dumps(values)


def _by_log(rows: Iterator[Any]) -> dict[str, bytes]:  # rows of sqlite3 have no type
    return {os.fsdecode(log): state for log, state in rows}


def _by_series(rows: Iterator[Any]) -> dict[Series, float]:  # rows of sqlite3 have no type
    try:
        return {(_text(name), _texts(labels)): float(value) for name, labels, value in rows}
    except (TypeError, ValueError, RecursionError):
        raise DamagedStateError("the state store holds a counter that cannot be read") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(labels: object) -> tuple[str, ...]:
    values = json.loads(_text(labels))
    if not isinstance(values, list):
        raise TypeError
    return tuple(_text(value) for value in values)
