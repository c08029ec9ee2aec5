"""What makes failures alike, and what shows a success to be with the same other side."""

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.vocabulary import Role


def digest(*parts: str) -> str:
    """Return 32 hex digits for parts; a length before each keeps ("a", "bc") and ("ab", "c") apart."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def fingerprint(log: str, handshake: Handshake, diagnosis: Diagnosis) -> str:
    """Return what failures of one kind share: log, issue, cause, role, and the other side if it is named."""
    return digest(log, diagnosis.issue, diagnosis.cause, handshake.role, other_side(handshake) or "")


def failure_id(log: str, handshake: Handshake, diagnosis: Diagnosis) -> str:
    """Return the id of one failure, made of content: the same bytes read again make the same id."""
    return digest(log, handshake.first.identity, str(handshake.first.offset), diagnosis.issue)


def other_side(handshake: Handshake) -> str | None:
    """Return what names the other side best, with the name of the trait; None where nothing does."""
    return next(iter(_sides(handshake, _NAMED_BY)), None)


def known_again(handshake: Handshake) -> set[str]:
    """Return every name by which a completed handshake shows who its other side is."""
    return set(_sides(handshake, _KNOWN_AGAIN_BY))


def host(peer: str | None) -> str | None:
    """Return a peer without its port: a client has a new one each time."""
    return peer and (peer.rpartition(":")[0] or peer)


_TRAITS: Mapping[str, Callable[[Handshake], str | None]] = MappingProxyType(
    {
        "server_name": lambda handshake: handshake.server_name and handshake.server_name.lower(),
        "peer": lambda handshake: handshake.peer,
        "host": lambda handshake: host(handshake.peer),
        "subject": lambda handshake: handshake.peer_chain[0].subject if handshake.peer_chain else None,
    }
)

_NAMED_BY: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.CLIENT: ("server_name", "peer", "subject"),
        Role.SERVER: ("subject", "host", "server_name"),
        Role.UNKNOWN: ("server_name", "host", "subject"),
    }
)
"""What names the other side, best first."""

_KNOWN_AGAIN_BY: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.CLIENT: ("server_name", "peer", "subject"),
        # The name that a client asked for is ours: another client's success with it proves nothing.
        Role.SERVER: ("subject", "host"),
        Role.UNKNOWN: (),
    }
)
"""What shows in a completed handshake that it is with the same other side."""


def _sides(handshake: Handshake, traits: Mapping[Role, tuple[str, ...]]) -> list[str]:
    found = ((trait, _TRAITS[trait](handshake)) for trait in traits[handshake.role])
    return [f"{trait} {value}" for trait, value in found if value]
