"""Lines that fit several threads."""

from agent.assembly.sharing import share
from agent.assembly.threads import Phase, Thread
from agent.model.block import Where
from agent.model.events import Event, Fact, FactKind, Happening, Perhaps, Said, Speaker
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Role


def event(what: Happening) -> Event:
    """Return a line that names nobody."""
    return Event(Where("w", "i", 0, 1), None, Speaker(Dialect.JSSE_LEGACY, 1, None, ""), what, "a line")


def threads() -> dict[str, Thread]:
    """Return a server and a client amid a handshake."""
    return {role: Thread(Phase.TALKING, role, writes=1) for role in (Role.SERVER, Role.CLIENT)}


def test_message() -> None:
    """Each thread gets it, with the direction that it would have there, and is marked."""
    both = threads()
    empty = Said(Message.CERTIFICATE, sent=None, certificates=())
    told = share(event(empty), both, list(both))
    assert [(e.speaker.key, e.what) for e in told] == [
        ("server", Perhaps(Said(Message.CERTIFICATE, sent=False, role=Role.SERVER, certificates=()))),
        ("client", Perhaps(Said(Message.CERTIFICATE, sent=True, role=Role.CLIENT, certificates=()))),
    ]
    assert [thread.unsure for thread in both.values()] == [True, True]


def test_what_says_nothing() -> None:
    """A message of which only the name is known, and a fact that explains no failure, are left out."""
    done, resumed = Said(Message.SERVER_HELLO_DONE, sent=None), Fact(FactKind.RESUMED)
    assert share(event(done), threads(), ["server"]) + share(event(resumed), threads(), ["server"]) == []


def test_fact() -> None:
    """One that may explain a failure is told."""
    fact = Fact(FactKind.NO_CLIENT_CERTIFICATE)
    assert [e.what for e in share(event(fact), threads(), ["client"])] == [Perhaps(fact=fact)]
