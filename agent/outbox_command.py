"""`wmtls outbox`: what waits for receivers and what was given up, to be looked at, tried again or dropped.

It works beside a running agent, which sends what is to be tried again within a minute.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from agent.codec import decode
from agent.errors import UsageError
from agent.formats.words import title
from agent.model.incident import Incident
from agent.outbox import Letter
from agent.store import Store


def listed(directory: Path, receiver: str | None) -> list[str]:
    """Return lines of text: a message each, the oldest first, and how many there are."""
    with Store.visit(directory) as store:
        letters = _of(store, receiver)
    given_up = sum(one.given_up for one in letters)
    lines = [_line(one) for one in letters]
    return [*lines, f"{len(letters) - given_up} waiting, {given_up} given up"]


def retried(directory: Path, rows: Sequence[int] | None, receiver: str | None, now: datetime) -> str:
    """Let messages be tried again, all that were given up where no numbers are given; say how many."""
    with Store.visit(directory) as store:
        count = store.retry(_chosen(store, rows, receiver), now)
    return f"{_number(count)} will be tried within a minute of the agent's running"


def dropped(directory: Path, rows: Sequence[int] | None, receiver: str | None) -> str:
    """Drop messages, all that were given up where no numbers are given; say how many."""
    with Store.visit(directory) as store:
        count = store.drop(_chosen(store, rows, receiver))
    return f"{_number(count)} dropped"


def _of(store: Store, receiver: str | None) -> list[Letter]:
    return [one for one in store.letters() if receiver in (None, one.receiver)]


def _chosen(store: Store, rows: Sequence[int] | None, receiver: str | None) -> Collection[int]:
    there = _of(store, receiver)
    if rows is None:
        return [one.row for one in there if one.given_up]
    missing = sorted(set(rows) - {one.row for one in there})
    if missing:
        raise UsageError(f"there is no message {missing[0]} in the outbox; see wmtls outbox list")
    return rows


def _line(letter: Letter) -> str:
    state = "given up" if letter.given_up else "waiting"
    tries = f"{letter.attempts} failed" + (f": {letter.reason}" if letter.reason else "")
    made = letter.created.isoformat(sep=" ", timespec="seconds")
    return f"{letter.row:>6}  {letter.receiver}  {state}  {made}  {tries}  {_subject(letter)}"


def _subject(letter: Letter) -> str:
    try:
        incident = decode(letter.incident, Incident)
    except ValueError:
        return "a message that cannot be read"
    return f"{incident.event}: {title(incident)}"


def _number(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"
