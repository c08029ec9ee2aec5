"""What a run of the agent finds of the one before, and whether it can be read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from agent import codec
from agent.errors import DamagedStateError
from agent.metrics_seen import SeenState
from agent.pipeline import Saved
from agent.store import Store
from agent.tail.follower import TailState
from agent.telling import Memory

SEEN = "seen"
"""Key of the remembered gauges among the saved assemblies; the others are absolute paths."""

TOLD = "told"
"""Key of what the teller remembers beside the incidents."""

T = TypeVar("T")

_KINDS: Mapping[str, type] = MappingProxyType({SEEN: SeenState, TOLD: Memory})


def decoded(data: bytes | None, kind: type[T]) -> T | None:
    """Return a saved value; None where none was saved. Raises DamagedStateError for one that is damaged."""
    try:
        return codec.decode(data, kind) if data is not None else None
    except ValueError:
        raise DamagedStateError("the state store holds a record that cannot be read") from None


def examine(store: Store) -> None:
    """Read everything that an engine would go on with; raises DamagedStateError where that fails."""
    saved = store.load()
    for tail in saved.tails.values():
        decoded(tail, TailState)
    for key, memory in saved.assemblies.items():
        decoded(memory, _KINDS.get(key, Saved))
