from agent.assembly.bounds import CHAIN_LIMIT, weigh_chain
from agent.assembly.stores import ANCHORS_LIMIT, OWN_KEYS_LIMIT, STORES_BYTES, Stores
from agent.model.events import Certificate, StoreEntry


def test_keys_and_anchors() -> None:
    """A key goes by its alias, an anchor by its subject; what comes again takes the place of the old one."""
    stores = Stores()
    old, key = (StoreEntry("is", (Certificate(subject=name),)) for name in ("CN=old", "CN=is"))
    anchor = StoreEntry(None, (Certificate(subject="CN=Root"),))
    for entry in (anchor, old, key, anchor, StoreEntry(None, ()), StoreEntry("", ())):
        stores.remember(entry)
    assert stores.all() == (key, anchor)
    stores.clear()
    assert stores == Stores()


def test_bounded_by_number() -> None:
    """A JVM with more certificates than anybody has does not fill the memory."""
    stores = Stores()
    for n in range(ANCHORS_LIMIT + 50):
        certificate = Certificate(subject=f"CN={n}")
        stores.remember(StoreEntry(None, (certificate,)))
        stores.remember(StoreEntry(str(n), (certificate,)))
    assert (len(stores.anchors), len(stores.own_keys)) == (ANCHORS_LIMIT, OWN_KEYS_LIMIT)


def test_bounded_by_weight() -> None:
    """Nor do long names and long chains, and what comes again is not counted twice."""
    stores = Stores()
    chain = (Certificate(subject="x" * 1000, issuer="y" * 1000),) * 50
    for n in range(OWN_KEYS_LIMIT):
        for _ in range(3):
            stores.remember(StoreEntry(str(n), chain))
    assert {len(entry.chain) for entry in stores.all()} == {CHAIN_LIMIT}
    assert stores.bytes == sum(weigh_chain(entry.chain) for entry in stores.all()) <= STORES_BYTES
