"""What was saved is looked at before anything is read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import codec
from agent.errors import DamagedStateError
from agent.metrics_seen import SeenState
from agent.pipeline import Saved
from agent.saved import SEEN, TOLD, decoded, examine
from agent.store import Commit, Store
from agent.tail.follower import TailState
from agent.telling import Memory

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_what_was_saved_can_be_read(tmp_path: Path) -> None:
    """Positions, the memory of the stages and the gauges are each of their kind."""
    memory = {
        "/logs/wrapper.log": codec.encode(Saved()),
        SEEN: codec.encode(SeenState()),
        TOLD: codec.encode(Memory()),
    }
    with Store.open(tmp_path) as store:
        examine(store)
        store.commit(
            Commit(at=NOW, tails={"/logs/wrapper.log": codec.encode(TailState())}, assemblies=memory)
        )
        examine(store)
    assert decoded(memory[SEEN], SeenState) == SeenState()
    assert decoded(None, SeenState) is None


@pytest.mark.parametrize("damaged", ["tails", "assemblies"])
def test_a_record_that_cannot_be_read_is_found(tmp_path: Path, damaged: str) -> None:
    """A position or memory that cannot be read is an error, not a new beginning in silence."""
    record = {"/logs/wrapper.log": b"not JSON"}
    with Store.open(tmp_path) as store:
        store.commit(
            Commit(at=NOW, tails=record) if damaged == "tails" else Commit(at=NOW, assemblies=record)
        )
        with pytest.raises(DamagedStateError, match="a record that cannot be read"):
            examine(store)
