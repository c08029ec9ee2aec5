"""The outbox's SQL: messages that wait for a receiver, that were taken, and that were given up.

Each function works within a transaction of `store.py`, which owns the connection. A row holds an incident and
its receiver's name, never a request, so that no receiver's secret is on disk and a corrected format heals the
backlog. Of a story (all messages of one incident) a receiver is sent one after the other.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.codec import decode, encode
from agent.model.incident import Incident
from agent.model.series import Increments, Series

MAX_WAITING = 2_000
"""Messages kept for one receiver (some 20 MB of disk); the longest waiting is given up beyond it."""
MAX_DEAD = 1_000
"""Given-up messages kept for a look or another try."""
MAX_REMEMBERED = 10_000
"""Messages whose ids are kept, without content, so that a second reading sends nothing twice."""
STALE = timedelta(minutes=5)
"""What waits for so long makes room for a later message of its story, which tells all that it told."""

DELIVERIES = "wmtls_deliveries_total"
FAILURES = "wmtls_delivery_failures_total"
COMPACTED = "wmtls_delivery_compacted_total"
GAVE_UP = "gave_up"

_DELIVERED, _DEAD = "delivered", "dead"

MIGRATION = (
    "ALTER TABLE outbox ADD COLUMN story TEXT NOT NULL DEFAULT ''",
    "UPDATE outbox SET story = incident_id",
    "CREATE INDEX outbox_story ON outbox (receiver, story, row) WHERE state = 'waiting'",
    """CREATE VIEW outbox_heads AS SELECT * FROM outbox WHERE state = 'waiting' AND NOT EXISTS (
        SELECT 1 FROM outbox AS earlier WHERE earlier.receiver = outbox.receiver
        AND earlier.story = outbox.story AND earlier.state = 'waiting' AND earlier.row < outbox.row)""",
)
"""From an outbox of single messages to one of stories; `outbox_heads` has the first that waits of each."""


REPEATING = (
    """CREATE INDEX outbox_standing ON outbox (receiver, next_try)
        WHERE state = 'delivered' AND length(incident) > 0""",
)
"""To an outbox that keeps what is sent again while it goes on."""


Fold = Callable[[Sequence[Incident]], tuple[Collection[str], Collection[Incident]]]
"""Takes messages that wait, the oldest first; returns the ids of those to be told by others, and these."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that waits for its receiver: an incident as JSON; `attempts` already failed.

    `refused_since` is the first of an unbroken row of refusals, None after any other failure.
    """

    row: int
    incident: bytes
    attempts: int
    created: datetime
    refused_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages wait for a receiver, since when, and when the next one is due."""

    length: int
    oldest_created: datetime | None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Messages of a receiver that is configured no more: those that wait on, and those given up now."""

    kept: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as a person looks at it: `given_up` or waiting, tried so often, last failed for `reason`."""

    row: int
    receiver: str
    given_up: bool
    created: datetime
    next_try: datetime
    attempts: int
    reason: str | None
    incident: bytes


def put(db: sqlite3.Connection, at: datetime, messages: Collection[tuple[str, Incident]]) -> Increments:
    """Let messages wait; return what to count of others that had to make room.

    One that waits for long already makes room for a later one of its story.
    """
    counted: Increments = {}
    for receiver, incident in messages:
        superseded = db.execute(
            "UPDATE outbox SET state = 'delivered', incident = x'', reason = 'superseded' WHERE receiver = ?"
            " AND story = ? AND state = 'waiting' AND created <= ? AND incident_id != ?",
            (receiver, incident.incident, (at - STALE).timestamp(), incident.id),
        ).rowcount
        db.execute(
            "INSERT INTO outbox (incident_id, receiver, story, incident, created, next_try)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (incident_id, receiver) DO NOTHING",
            (incident.id, receiver, incident.incident, encode(incident), at.timestamp(), at.timestamp()),
        )
        _count(counted, (COMPACTED, (receiver,)), superseded)
    for receiver in {receiver for receiver, _ in messages}:
        _count(counted, (FAILURES, (receiver, GAVE_UP)), _give_up_overflow(db, receiver))
    return counted


def due(db: sqlite3.Connection, receiver: str, now: datetime, limit: int) -> list[Outgoing]:
    """Return messages to be sent now, the longest due first, of each story the first alone.

    A message that was never tried is due since it was made; one that failed goes behind those, so that a
    message its receiver chokes on holds up no other story.
    """
    rows = db.execute(
        "SELECT row, incident, attempts, created, refused_since FROM outbox_heads"
        " WHERE receiver = ? AND next_try <= ? ORDER BY next_try, row LIMIT ?",
        (receiver, now.timestamp(), limit),
    )
    return [
        Outgoing(row, incident, attempts, _time(created), _maybe_time(refused))
        for row, incident, attempts, created, refused in rows
    ]


def next_try(db: sqlite3.Connection, receiver: str) -> datetime | None:
    """Return when the next message is due, None where none waits."""
    found = db.execute(
        "SELECT next_try FROM outbox_heads WHERE receiver = ? ORDER BY next_try LIMIT 1", (receiver,)
    ).fetchone()
    return _time(found[0]) if found else None


def backlog(db: sqlite3.Connection, receiver: str) -> Backlog:
    """Return what waits for a receiver."""
    length, oldest = db.execute(
        "SELECT count(*), min(created) FROM outbox WHERE receiver = ? AND state = 'waiting'", (receiver,)
    ).fetchone()
    return Backlog(length, _maybe_time(oldest), next_try(db, receiver))


def receiver_of(db: sqlite3.Connection, row: int) -> str | None:
    """Return the receiver of a message that still waits, None for one that is settled."""
    found = db.execute("SELECT receiver FROM outbox WHERE row = ? AND state = 'waiting'", (row,)).fetchone()
    return None if found is None else str(found[0])


def delivered(db: sqlite3.Connection, row: int, again: datetime | None = None) -> None:
    """Note that the receiver has taken the message; only its id is kept, unless it is to be sent `again`.

    What was kept of its story until now is kept no longer.
    """
    db.execute(
        "UPDATE outbox SET incident = x'' WHERE state = 'delivered' AND length(incident) > 0"
        " AND (receiver, story) = (SELECT receiver, story FROM outbox WHERE row = ?)",
        (row,),
    )
    if again is None:
        db.execute("UPDATE outbox SET incident = x'' WHERE row = ?", (row,))
    db.execute(
        "UPDATE outbox SET state = 'delivered', reason = NULL, next_try = ? WHERE row = ?",
        (again.timestamp() if again else 0.0, row),
    )
    _forget(db, _DELIVERED, MAX_REMEMBERED)


def standing(db: sqlite3.Connection, receiver: str, now: datetime, limit: int) -> list[Outgoing]:
    """Return messages that were taken and are to be sent again now; not those of which a later one waits."""
    rows = db.execute(
        "SELECT row, incident, attempts, created FROM outbox WHERE receiver = ? AND state = 'delivered'"
        " AND length(incident) > 0 AND next_try <= ? AND NOT EXISTS (SELECT 1 FROM outbox AS later"
        " WHERE later.receiver = outbox.receiver AND later.story = outbox.story AND later.state = 'waiting')"
        " ORDER BY next_try, row LIMIT ?",
        (receiver, now.timestamp(), limit),
    )
    return [Outgoing(row, incident, attempts, _time(created)) for row, incident, attempts, created in rows]


def next_again(db: sqlite3.Connection, receiver: str) -> datetime | None:
    """Return when the next message is to be sent again, None where none is."""
    found = db.execute(
        "SELECT min(next_try) FROM outbox WHERE receiver = ? AND state = 'delivered'"
        " AND length(incident) > 0",
        (receiver,),
    ).fetchone()
    return _maybe_time(found[0])


def sent_again(db: sqlite3.Connection, row: int, again: datetime | None) -> None:
    """Note that a message was sent once more, and when to do so next; None for never."""
    if again is None:
        db.execute("UPDATE outbox SET incident = x'' WHERE row = ? AND state = 'delivered'", (row,))
    else:
        db.execute("UPDATE outbox SET next_try = ? WHERE row = ?", (again.timestamp(), row))


def postponed(
    db: sqlite3.Connection, row: int, at: datetime, reason: str, refused_since: datetime | None
) -> None:
    """Note a failed attempt and when to make the next one."""
    refused = None if refused_since is None else refused_since.timestamp()
    db.execute(
        "UPDATE outbox SET attempts = attempts + 1, next_try = ?, reason = ?, refused_since = ?"
        " WHERE row = ?",
        (at.timestamp(), reason, refused, row),
    )


def gave_up(db: sqlite3.Connection, row: int, reason: str) -> None:
    """Note that a message will not be tried again."""
    db.execute(
        "UPDATE outbox SET attempts = attempts + 1, state = 'dead', reason = ? WHERE row = ?", (reason, row)
    )
    _forget(db, _DEAD, MAX_DEAD)


def folded(db: sqlite3.Connection, receiver: str, at: datetime, fold: Fold) -> Increments:
    """Let some messages stand for many that wait for long; return what to count of these."""
    rows = db.execute(
        "SELECT row, incident FROM outbox WHERE receiver = ? AND state = 'waiting' AND created <= ?"
        " ORDER BY row",
        (receiver, (at - STALE).timestamp()),
    ).fetchall()
    waiting: dict[str, int] = {}
    messages = []
    for row, data in rows:
        try:
            incident = decode(data, Incident)
        except ValueError:
            continue  # whoever sends it will say so
        waiting[incident.id] = row
        messages.append(incident)
    gone, instead = fold(messages)
    db.executemany(
        "UPDATE outbox SET state = 'delivered', incident = x'', reason = 'superseded' WHERE row = ?",
        [(waiting[one],) for one in gone],
    )
    counted = put(db, at, [(receiver, one) for one in instead])
    _count(counted, (COMPACTED, (receiver,)), len(gone))
    return counted


def letters(db: sqlite3.Connection) -> list[Letter]:
    """Return what waits and what was given up, the oldest first."""
    rows = db.execute(
        "SELECT row, receiver, state, created, next_try, attempts, reason, incident FROM outbox"
        " WHERE state IN ('waiting', 'dead') ORDER BY row"
    )
    return [
        Letter(row, receiver, state == _DEAD, _time(created), _time(at), attempts, reason, incident)
        for row, receiver, state, created, at, attempts, reason, incident in rows
    ]


def retried(db: sqlite3.Connection, rows: Collection[int], now: datetime) -> int:
    """Let messages be tried now, as if they were made now; return how many there were."""
    changed = 0
    for row in rows:
        changed += db.execute(
            "UPDATE outbox SET state = 'waiting', next_try = ?, created = ?, attempts = 0,"
            " refused_since = NULL, reason = NULL WHERE row = ? AND state IN ('waiting', 'dead')",
            (now.timestamp(), now.timestamp(), row),
        ).rowcount
    return changed


def dropped(db: sqlite3.Connection, rows: Collection[int]) -> int:
    """Let messages go unsent; return how many there were."""
    changed = 0
    for row in rows:
        changed += db.execute(
            "UPDATE outbox SET state = 'delivered', incident = x'', reason = 'dropped'"
            " WHERE row = ? AND state IN ('waiting', 'dead')",
            (row,),
        ).rowcount
    return changed


def abandoned(db: sqlite3.Connection, receivers: Collection[str], before: datetime) -> dict[str, Abandoned]:
    """Give up what was made before a time for receivers other than these; return what all others have."""
    waiting = db.execute("SELECT DISTINCT receiver FROM outbox WHERE state = 'waiting'").fetchall()
    found = {}
    for name in sorted({one for (one,) in waiting} - set(receivers)):
        given_up = db.execute(
            "UPDATE outbox SET state = 'dead', reason = ?"
            " WHERE receiver = ? AND state = 'waiting' AND created < ?",
            (GAVE_UP, name, before.timestamp()),
        )
        kept = db.execute("SELECT count(*) FROM outbox WHERE receiver = ? AND state = 'waiting'", (name,))
        found[name] = Abandoned(kept.fetchone()[0], given_up.rowcount)
    _forget(db, _DEAD, MAX_DEAD)
    return found


def _count(counted: Increments, series: Series, number: int) -> None:
    if number:
        counted[series] = counted.get(series, 0.0) + number


def _give_up_overflow(db: sqlite3.Connection, receiver: str) -> int:
    length: int = db.execute(
        "SELECT count(*) FROM outbox WHERE receiver = ? AND state = 'waiting'", (receiver,)
    ).fetchone()[0]
    if length <= MAX_WAITING:
        return 0
    db.execute(
        "UPDATE outbox SET state = 'dead', reason = 'gave_up' WHERE row IN (SELECT row FROM outbox"
        " WHERE receiver = ? AND state = 'waiting' ORDER BY row LIMIT ?)",
        (receiver, length - MAX_WAITING),
    )
    _forget(db, _DEAD, MAX_DEAD)
    return length - MAX_WAITING


def _forget(db: sqlite3.Connection, state: str, kept: int) -> None:
    db.execute(
        "DELETE FROM outbox WHERE state = ? AND row <= (SELECT row FROM outbox"
        " WHERE state = ? ORDER BY row DESC LIMIT 1 OFFSET ?)",
        (state, state, kept),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe_time(seconds: float | None) -> datetime | None:
    return None if seconds is None else _time(seconds)
