"""What the outbox does, through the store that owns its file."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.delivery.trial import trial_incident
from agent.model.incident import Incident
from agent.outbox import COMPACTED, STALE
from agent.store import Commit, Store

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a store."""
    with Store.open(tmp_path) as opened:
        yield opened


def message(number: int, story: str) -> Incident:
    """Return a message of a story."""
    return replace(trial_incident(T0), id=str(number), incident=story, count=number)


def put(store: Store, at: datetime, *messages: Incident) -> None:
    """Let messages wait for the one receiver."""
    store.commit(Commit(at=at, outbox=[("ops", one) for one in messages]))


def waiting(store: Store) -> list[str]:
    """Return what waits: row and receiver, and who was given up."""
    return [f"{one.row} {one.receiver}{' given up' if one.given_up else ''}" for one in store.letters()]


def due(store: Store, at: datetime) -> list[int]:
    """Return the rows to be sent now."""
    return [one.row for one in store.due("ops", at, 10)]


def test_a_story_is_sent_in_order(store: Store) -> None:
    """The second message of a story is not due before the first is settled, whatever became of it."""
    put(store, T0, message(1, "a"), message(2, "a"), message(3, "b"), message(4, "a"))
    assert due(store, T0) == [1, 3]
    store.postponed(1, T0 + MINUTE, "timeout")
    assert due(store, T0) == [3]
    assert store.next_try("ops") == T0
    store.delivered(3)
    assert store.next_try("ops") == T0 + MINUTE
    store.delivered(1)
    assert due(store, T0) == [2]
    store.gave_up(2, "client_error")
    assert due(store, T0) == [4]
    store.delivered(4)
    assert store.next_try("ops") is None


def test_what_waits_for_long_makes_room(store: Store) -> None:
    """A later message of the story tells all; a fresh one, another story and another receiver stay."""
    store.commit(Commit(at=T0, outbox=[("chat", message(1, "a"))]))
    put(store, T0, message(1, "a"), message(2, "b"))
    put(store, T0 + MINUTE, message(3, "a"))
    assert waiting(store) == ["1 chat", "2 ops", "3 ops", "4 ops"]
    put(store, T0 + STALE, message(4, "a"))
    assert waiting(store) == ["1 chat", "3 ops", "4 ops", "5 ops"]
    assert store.counters()[COMPACTED, ("ops",)] == 1
    put(store, T0 + STALE, message(4, "a"))
    assert waiting(store) == ["1 chat", "3 ops", "4 ops", "5 ops"], "a message is no room for itself"


def test_some_messages_stand_for_many(store: Store) -> None:
    """Those that wait for long are handed over, the oldest first; what cannot be read is left alone."""
    put(store, T0, *(message(number, str(number)) for number in range(1, 5)))
    put(store, T0 + STALE, message(5, "5"))
    store._connection.execute("UPDATE outbox SET incident = x'00' WHERE row = 2")
    seen: list[str] = []

    def fold(messages: Sequence[Incident]) -> tuple[Collection[str], Collection[Incident]]:
        seen.extend(one.id for one in messages)
        return ["1", "3"], [message(9, "sum")]

    store.fold("ops", T0 + STALE, fold)
    assert seen == ["1", "3", "4"]
    assert waiting(store) == ["2 ops", "4 ops", "5 ops", "6 ops"]
    assert store.counters() == {(COMPACTED, ("ops",)): 2}


def test_what_was_given_up_can_be_tried_again(store: Store) -> None:
    """Under its id, as if it was made now; what was delivered or is not there cannot."""
    put(store, T0, message(1, "a"), message(2, "b"), message(3, "c"))
    store.gave_up(1, "client_error")
    store.postponed(2, T0 + 60 * MINUTE, "timeout")
    store.delivered(3)
    assert [(one.reason, one.attempts) for one in store.letters()] == [("client_error", 1), ("timeout", 1)]
    assert store.retry([1, 2, 3, 99], T0 + MINUTE) == 2
    assert due(store, T0 + MINUTE) == [1, 2]
    (first, _) = store.letters()
    assert (first.given_up, first.created, first.attempts, first.reason) == (False, T0 + MINUTE, 0, None)


def test_what_nobody_wants_can_be_dropped(store: Store) -> None:
    """It goes unsent, and does not come back when the same is read again."""
    put(store, T0, message(1, "a"), message(2, "b"))
    store.gave_up(1, "client_error")
    assert store.drop([1, 2, 99]) == 2
    put(store, T0, message(1, "a"))
    assert waiting(store) == []


def test_what_goes_on_is_kept_to_be_sent_again(store: Store) -> None:
    """Until a later message of its story was taken; while one waits it rests."""
    put(store, T0, message(1, "a"), message(2, "b"))
    store.delivered(1, T0 + MINUTE)
    store.delivered(2)
    assert store.next_again("ops") == T0 + MINUTE
    assert store.standing("ops", T0, 9) == []
    assert [one.row for one in store.standing("ops", T0 + MINUTE, 9)] == [1]
    store.sent_again("ops", 1, T0 + 2 * MINUTE)
    assert store.standing("ops", T0 + MINUTE, 9) == []
    put(store, T0, message(3, "a"))
    assert store.standing("ops", T0 + 2 * MINUTE, 9) == []
    store.delivered(3, T0 + 3 * MINUTE)
    assert [one.row for one in store.standing("ops", T0 + 3 * MINUTE, 9)] == [3]
    store.send_no_more(3)
    assert store.next_again("ops") is None
    assert waiting(store) == []
