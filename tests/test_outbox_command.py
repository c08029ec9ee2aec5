from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.delivery.trial import trial_incident
from agent.errors import StateError, UsageError
from agent.outbox_command import dropped, listed, retried
from agent.store import Commit, Store

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state directory with two messages that were given up, one that waits and one that is torn."""
    messages = [replace(trial_incident(T0), id=str(n), incident=str(n)) for n in range(4)]
    names = ("ops", "chat", "ops", "ops")
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=T0, outbox=list(zip(names, messages, strict=True))))
        store.gave_up(1, "client_error")
        store.gave_up(2, "gave_up")
        store.postponed(3, T0 + timedelta(hours=1), "timeout")
        store._connection.execute("UPDATE outbox SET incident = x'00' WHERE row = 4")
    return tmp_path


def test_what_is_there_is_listed(state: Path) -> None:
    """Number, receiver, state, since when, what became of it, and what it says."""
    assert listed(state, None) == [
        (
            "     1  ops  given up  2026-11-23 07:00:00+00:00  1 failed: client_error  "
            "opened: Handshake failed, reason not known: partner.example.com"
        ),
        (
            "     2  chat  given up  2026-11-23 07:00:00+00:00  1 failed: gave_up  "
            "opened: Handshake failed, reason not known: partner.example.com"
        ),
        (
            "     3  ops  waiting  2026-11-23 07:00:00+00:00  1 failed: timeout  "
            "opened: Handshake failed, reason not known: partner.example.com"
        ),
        "     4  ops  waiting  2026-11-23 07:00:00+00:00  0 failed  a message that cannot be read",
        "2 waiting, 2 given up",
    ]
    assert len(listed(state, "chat")) == 2


def test_what_was_given_up_is_tried_again_or_dropped(state: Path) -> None:
    """All of it, or that of one receiver, or what is named; beside an agent that uses the directory."""
    with Store.open(state) as agent:
        said = retried(state, None, "ops", T0)
        assert said == "1 message will be tried within a minute of the agent's running"
        assert [one.row for one in agent.due("ops", T0, 9)] == [1, 4]
        assert dropped(state, [1, 4], None) == "2 messages dropped"
        assert dropped(state, None, None) == "1 message dropped"
        assert [one.row for one in agent.letters()] == [3]


def test_what_is_not_there_is_told(state: Path, tmp_path: Path) -> None:
    """A wrong number, and a directory without a state; neither changes anything."""
    with pytest.raises(UsageError, match="no message 99 in the outbox"):
        dropped(state, [1, 99], None)
    assert len(listed(state, None)) == 5
    with pytest.raises(StateError, match="there is no state in"):
        listed(tmp_path / "elsewhere", None)
    assert not (tmp_path / "elsewhere").exists()


def test_a_state_of_another_version_is_left_alone(state: Path) -> None:
    """The command of the agent that runs knows it."""
    with Store.open(state) as store:
        store._connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    with pytest.raises(StateError, match="another version of wmtls"):
        listed(state, None)
