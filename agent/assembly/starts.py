"""Clients of legacy JSSE between the first line of their handshake and the first one that names their thread.

A client announces its handshake and prints its ClientHello before its first record, by lines without a
thread's name. They are held until a thread that has none under way writes a handshake record.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from agent.assembly.threads import Thread, begin
from agent.codec import pack_event, unpack_event
from agent.model.events import Event, Perhaps, Said
from agent.model.tls import Message
from agent.model.vocabulary import Role

STARTS_LIMIT = 100
"""Clients that are followed before their first record."""

STALE_EVENTS = 2000
"""Events after which a start is no longer pending: with this many in between, its record was missed."""

SHARED_LIMIT = 4
"""ClientHellos that may each be a client's own: more tell nothing."""


@dataclass(slots=True)
class Start:
    """A client's handshake without a record yet.

    `announced` numbers the event that began it, `told` says that this was a line which only a client prints.
    `hello` is its ClientHello, if that came. Once it can no longer be told which of several is its own, those
    are in `some`.
    """

    announced: int
    told: bool = False
    hello: dict[str, Any] | None = None
    some: list[dict[str, Any]] = field(default_factory=list)


def announce(starts: list[Start], now: int, *, told: bool = False) -> Start:
    """Add a start; the oldest ones are forgotten beyond the limits. `now` counts events."""
    starts.append(Start(now, told))
    while len(starts) > STARTS_LIMIT or starts[0].announced < now - STALE_EVENTS:
        del starts[0]
    return starts[-1]


def take_hello(starts: list[Start], event: Event, now: int) -> None:
    """Hold the ClientHello of a client that has announced itself, or announces itself by that."""
    open_one = next((s for s in starts if s.hello is None and not s.some), None)
    (open_one or announce(starts, now)).hello = pack_event(event)


def begin_client(starts: list[Start], thread: Thread, event: Event, *, late: bool) -> list[Event]:
    """Begin the handshake of a client by its first record, and return its ClientHello.

    `late` says that the thread may be amid a handshake, and the starts another one's.
    Which of several starts was this thread's is not known: what all of them say is said of it; else it stays
    open, and their hellos follow as possibly its own.
    """
    ready = [start for start in starts if start.hello or start.some]
    hellos = [start.hello for start in ready if start.hello]
    events = [unpack_event(hello) for hello in hellos]
    contents = {e.what.hello for e in events if isinstance(e.what, Said)}
    sure = len(contents) == 1 and len(hellos) == len(starts)
    at = events[0] if sure and len(starts) == 1 else event
    begin(thread, Role.CLIENT)
    thread.proven = not late and bool(starts) and all(start.told for start in starts)
    thread.writes, thread.turns, thread.said = 1, "w", [Message.CLIENT_HELLO]
    some: list[dict[str, Any]] = []
    if ready and not sure:
        some = [*hellos, *(one for start in ready[:1] for one in start.some if one not in hellos)]
        for start in ready:
            start.hello, start.some = None, some[: SHARED_LIMIT + 1]
    if starts:
        starts.remove(ready[0] if ready else starts[0])
    hello = next(iter(contents)) if sure else None
    said = Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT, hello=hello)
    told = [replace(at, speaker=event.speaker, what=said)]
    for one in map(unpack_event, some if len(some) <= SHARED_LIMIT else ()):
        if isinstance(one.what, Said) and one.what.hello:
            perhaps = Perhaps(said=replace(one.what, sent=True, role=Role.CLIENT))
            told.append(replace(one, when=event.when, speaker=event.speaker, what=perhaps))
    return told
