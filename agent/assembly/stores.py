"""What the log has shown of a JVM's own keys and trust anchors, within limits.

Stores are dumped when they are loaded, long before a handshake that fails because of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.assembly import bounds
from agent.model.events import StoreEntry

OWN_KEYS_LIMIT = 100
ANCHORS_LIMIT = 1000
"""Certificates that are remembered: a default trust store holds about 150."""

STORES_BYTES = 1 << 20
"""Bytes of all of them: those of a default trust store take a tenth."""


@dataclass(slots=True)
class Stores:
    """Keys by alias and anchors by subject, and the bytes that they take."""

    own_keys: dict[str, StoreEntry] = field(default_factory=dict)
    anchors: dict[str, StoreEntry] = field(default_factory=dict)
    bytes: int = 0

    def remember(self, entry: StoreEntry) -> None:
        """Keep an entry, in the place of one of its name, as long as there is room."""
        kept, limit = (self.own_keys, OWN_KEYS_LIMIT)
        if entry.alias is None:
            kept, limit = (self.anchors, ANCHORS_LIMIT)
        name = entry.alias or (entry.chain[0].subject if entry.chain else None)
        if not name or (name not in kept and len(kept) >= limit):
            return
        chain = bounds.chain(entry.chain)
        size = bounds.weigh_chain(chain) - _size(kept, name)
        if self.bytes + size <= STORES_BYTES:
            self.bytes += size
            kept[name] = StoreEntry(entry.alias, chain)

    def all(self) -> tuple[StoreEntry, ...]:
        """Return the keys and then the anchors."""
        return (*self.own_keys.values(), *self.anchors.values())

    def clear(self) -> None:
        """Forget everything: the JVM is another one."""
        self.own_keys.clear()
        self.anchors.clear()
        self.bytes = 0


def _size(kept: Mapping[str, StoreEntry], name: str) -> int:
    return bounds.weigh_chain(kept[name].chain) if name in kept else 0
