"""This side's own keys: which were passed over, and why, where the server asked for a certificate."""

import re
from dataclasses import dataclass

from agent.knowledge import chains
from agent.model.events import FactKind, StoreEntry
from agent.model.handshake import Handshake

ISSUER = "issuers do not match"
TYPE = "key algorithm does not match"
WEAK = "does not conform to algorithm constraints"
"""Why JSSE's key managers pass over an alias (sun.security.ssl.X509KeyManagerImpl.getAliases)."""

_NUMBERS = re.compile(r"^\d+\.\d+\.")
"""X509KeyManagerImpl puts the numbers of builder and key store before an alias."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was not used: its alias, and the issuer of its certificate where the log showed it."""

    alias: str
    issuer: str | None


def alias_of(value: str) -> str:
    """Return the alias as the key store knows it, of what a key manager says about one."""
    return _NUMBERS.sub("", value.rpartition(":")[0] or value)


def all_ignored_for(handshake: Handshake, reason: str) -> bool:
    """Tell whether aliases were passed over, each of them for this reason."""
    ignored = [f.value for f in handshake.facts if f.kind is FactKind.ALIAS_IGNORED]
    return bool(ignored) and all(reason in value for value in ignored)


def own(handshake: Handshake) -> list[StoreEntry]:
    """Return the keys that the log showed with their chains."""
    return [store for store in handshake.stores if store.alias is not None and store.chain]


def unaccepted(handshake: Handshake) -> list[Key]:
    """Return the keys of which no issuer is an authority that the server names.

    The key manager's own word comes first, then the comparison of the chains that the log showed.
    """
    issuers = {store.alias: store.chain[0].issuer for store in own(handshake)}
    said = [f.value for f in handshake.facts if f.kind is FactKind.ALIAS_IGNORED and ISSUER in f.value]
    found = [Key(alias, issuers.get(alias)) for alias in map(alias_of, said)]
    named = handshake.authorities
    if not found and named:
        found = [
            Key(store.alias or "", store.chain[0].issuer)
            for store in own(handshake)
            if not chains.accepted(store.chain, named)
        ]
    return list(dict.fromkeys(found))


def none_accepted(handshake: Handshake) -> bool:
    """Tell whether no key leads to an authority that the server names."""
    if all_ignored_for(handshake, ISSUER):
        return True
    named, keys = handshake.authorities, own(handshake)
    return bool(named and keys) and not any(chains.accepted(key.chain, named or ()) for key in keys)
