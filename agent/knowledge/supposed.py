"""A handshake as it would be if a line that it shares with others were its own: for alternatives only."""

from collections.abc import Iterator
from dataclasses import replace

from agent.model.events import Hello, Said
from agent.model.handshake import Handshake, Shared, Step
from agent.model.tls import Message


def supposed(handshake: Handshake) -> Iterator[Handshake]:
    """Yield the handshake once for each shared line that would add to it, with that line as its own."""
    for line in handshake.shared:
        one = _with(handshake, line)
        if one is not None:
            yield replace(one, shared=())


def _with(handshake: Handshake, line: Shared) -> Handshake | None:
    if line.fact is not None:
        return replace(handshake, facts=(*handshake.facts, line.fact))
    said = line.said
    one = _step(handshake, line, said) if said else handshake
    match said:
        case Said(certificates=(*_,) as chain, sent=True) if handshake.own_chain is None:
            return replace(one, own_chain=chain)
        case Said(certificates=(*_,) as chain, sent=False) if handshake.peer_chain is None:
            return replace(one, peer_chain=chain)
        case Said(authorities=(*_,) as names) if handshake.authorities is None:
            return replace(one, authorities=names)
        case Said(message=Message.CLIENT_HELLO, hello=Hello() as hello) if not handshake.offered_versions:
            return replace(
                handshake,
                offered_versions=hello.versions,
                offered_suites=hello.suites,
                server_name=hello.server_name,
            )
        case _:
            return None


def _step(handshake: Handshake, line: Shared, said: Said) -> Handshake:
    """Return the handshake with a message where it stands in the log."""
    empty = said.certificates == () or said.authorities == ()
    steps = [*handshake.steps, Step(said.message, said.sent, line.at, empty)]
    if len({step.at.identity for step in steps}) == 1:
        steps.sort(key=lambda step: step.at.offset)
    return replace(handshake, steps=tuple(steps))
