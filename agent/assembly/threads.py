"""One thread of legacy JSSE: its connection, what its named lines do to it, and what it can print now.

The functions change the thread that they are given and return the events that follow. Order and direction of
messages: RFC 5246 section 7.3.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from agent.codec import pack_event, unpack_event
from agent.model.events import AlertSeen, Ended, Event, Fact, FactKind, Failed, Said, Started
from agent.model.tls import Message
from agent.model.vocabulary import Role

_AT_EOF = re.compile(
    r"Remote host (?:closed|terminated)|peer shut down incorrectly|plaintext connection"
    r"|Unsupported record version"
)
"""What only a server meets before its first record: a client has written its hello before it reads."""


class Phase(StrEnum):
    """How far a thread's current connection is."""

    IDLE = "idle"  # none, or closed
    TALKING = "talking"
    OPEN = "open"  # both Finished went through, or application data was seen
    FAILED = "failed"


@dataclass(slots=True)
class Thread:
    """What is known of one thread: its connection, and whether it can be printing.

    `said` holds the messages attributed in this handshake; `reads` and `writes` count its handshake records
    up to the change of cipher. `owed` is the message that a record proved and no line has told yet. `unsure`
    says that a message may have been its own and was left out. `data` says that what failed was the traffic
    after the handshake. `again` is the role that the thread had on the open connection before. `reported` and
    `ended` say of a failure that its exception was printed, and that the connection was closed.
    """

    phase: Phase = Phase.IDLE
    role: Role = Role.UNKNOWN
    active: bool = False
    reads: int = 0
    writes: int = 0
    said: list[Message] = field(default_factory=list)
    ciphers: list[bool] = field(default_factory=list)
    finished: list[bool] = field(default_factory=list)
    owed: dict[str, Any] | None = None
    unsure: bool = False
    data: bool = False
    again: Role = Role.UNKNOWN
    reported: bool = False
    ended: bool = False
    heard: int = 0


_ORDER = (
    *(Message.CLIENT_HELLO, Message.SERVER_HELLO, Message.CERTIFICATE, Message.CERTIFICATE_STATUS),
    *(Message.SERVER_KEY_EXCHANGE, Message.CERTIFICATE_REQUEST, Message.SERVER_HELLO_DONE),
    *(Message.CLIENT_KEY_EXCHANGE, Message.CERTIFICATE_VERIFY),
)
"""The order of messages within a handshake (RFC 5246 section 7.3); a second Certificate is the client's."""

_RANK = {message: 2 * rank for rank, message in enumerate(_ORDER)}
_CLIENT_CERTIFICATE = _RANK[Message.SERVER_HELLO_DONE] + 1
_FROM_CLIENT = frozenset({Message.CLIENT_HELLO, Message.CLIENT_KEY_EXCHANGE, Message.CERTIFICATE_VERIFY})


def message_event(event: Event, thread: Thread, message: Message, *, sent: bool) -> Event:
    """Return the event with a message of the thread in place of what it said."""
    return replace(event, what=Said(message, sent=sent, role=thread.role))


def begin(thread: Thread, role: Role) -> None:
    """Forget the handshake before; what the thread was on an open connection is kept in `again`."""
    again = thread.role if thread.phase is Phase.OPEN else Role.UNKNOWN
    fresh = Thread(phase=Phase.TALKING, role=role, again=again, heard=thread.heard)
    for name in Thread.__slots__:
        setattr(thread, name, getattr(fresh, name))


def pay(thread: Thread) -> list[Event]:
    """Return the message that a record has proved, if no line has told it."""
    if thread.owed is None:
        return []
    event = unpack_event(thread.owed)
    thread.owed = None
    if isinstance(event.what, Said):
        thread.said.append(event.what.message)
    return [event]


def prove(thread: Thread, event: Event, message: Message) -> list[Event]:
    """Return the message that a record going out proves, unless a line has told it."""
    if message in thread.said or (message is Message.SERVER_HELLO and thread.writes > 1):
        return []
    thread.said.append(message)
    return [message_event(event, thread, message, sent=True)]


def finish(thread: Thread, event: Event, *, sent: bool) -> Event:
    """Take the first handshake record behind a change of cipher: it holds the Finished."""
    thread.finished.append(sent)
    thread.active = False
    if len(thread.finished) == 2:  # noqa: PLR2004 - both ends'
        thread.phase = Phase.OPEN
    return message_event(event, thread, Message.FINISHED, sent=sent)


def read_record(thread: Thread, event: Event) -> list[Event]:
    """Take a handshake record that came in."""
    if thread.phase is Phase.TALKING and False in thread.ciphers:
        return [] if False in thread.finished else [finish(thread, event, sent=False)]
    if thread.phase is not Phase.TALKING:
        begin(thread, Role.SERVER)
        thread.active = True
        thread.reads = 1
        thread.owed = pack_event(message_event(event, thread, Message.CLIENT_HELLO, sent=False))
        return [replace(event, what=Started())]
    thread.active = True
    thread.reads += 1
    if thread.role is Role.CLIENT and thread.reads == 1:
        thread.owed = pack_event(message_event(event, thread, Message.SERVER_HELLO, sent=False))
        return [event]  # the version that the server has chosen
    return []


def begun_late(thread: Thread) -> None:
    """Take a ServerHello that follows the first record with no ClientHello between: this is a client.

    The log begins behind the record with its ClientHello, so what came in was the answer.
    """
    first = thread.role is Role.SERVER and thread.again is Role.UNKNOWN
    if first and not (thread.said or thread.writes or thread.unsure):
        begin(thread, Role.CLIENT)
        thread.active, thread.reads, thread.writes = True, 1, 1


def spoken(thread: Thread, event: Event) -> list[Event]:
    """Take an alert, an exception or the end of a connection."""
    match event.what:
        case AlertSeen(level="warning"):
            thread.active = thread.phase is Phase.TALKING
        case AlertSeen():
            if thread.phase is Phase.OPEN or thread.data:
                thread.phase, thread.data = Phase.FAILED, True
                return []  # what fails on an open connection is no handshake
            next_one = thread.phase is Phase.FAILED and thread.ended
            thread.phase, thread.active = Phase.FAILED, False
            if next_one:  # the exception of the one before was not printed
                thread.ended = False
                return [replace(event, what=Started()), event]
        case Failed() as failed:
            return [replace(event, what=_judge(thread, failed))]
        case Ended():
            thread.active, thread.ended = False, True
            _forget(thread)
        case _:
            pass
    return [event]


def _judge(thread: Thread, failed: Failed) -> Failed:
    """Return a report with the role of its thread, and whether a handshake was under way."""
    role, reading = thread.role, failed.reading
    if thread.phase is Phase.OPEN or thread.data:
        reading, thread.data = True, True
    elif thread.phase is Phase.TALKING:
        reading = False
    elif thread.phase is Phase.IDLE:
        role = Role.SERVER if _AT_EOF.search(failed.throwables[-1].text) else Role.UNKNOWN
    thread.phase, thread.active, thread.reported = Phase.FAILED, False, True
    thread.role = role
    _forget(thread)
    return replace(failed, role=role, reading=reading)


def _forget(thread: Thread) -> None:
    """End a connection that is closed; one that failed is over when its exception was printed as well."""
    if thread.phase is not Phase.FAILED or (thread.reported and thread.ended):
        thread.phase, thread.role = Phase.IDLE, Role.UNKNOWN
        thread.data = thread.reported = thread.ended = False


def _rank(thread: Thread, message: Message) -> int:
    """Return the place of a message in the order of the thread's handshake."""
    if message is Message.CERTIFICATE and (
        message in thread.said
        or Message.SERVER_HELLO_DONE in thread.said
        or (thread.role is Role.SERVER and thread.writes)
    ):
        return _CLIENT_CERTIFICATE
    return _RANK.get(message, -1)


def fits(thread: Thread, message: Message) -> bool:
    """Return whether a thread that is active can be printing a message now."""
    if thread.phase is not Phase.TALKING or message not in _RANK or thread.ciphers:
        return False
    rank = _rank(thread, message)
    reached = max((_rank_said(thread, i) for i in range(len(thread.said))), default=-1)
    if rank <= reached:
        return False
    if thread.role is Role.SERVER:
        return (rank > _RANK[Message.SERVER_HELLO_DONE]) == (thread.writes > 0)
    return (message is Message.CERTIFICATE_VERIFY) == (thread.writes > 1)


def _rank_said(thread: Thread, index: int) -> int:
    message = thread.said[index]
    earlier = thread.said[:index]
    second = Message.CERTIFICATE in earlier or Message.SERVER_HELLO_DONE in earlier
    return _CLIENT_CERTIFICATE if message is Message.CERTIFICATE and second else _RANK.get(message, -1)


def direction(thread: Thread, message: Message) -> bool | None:
    """Return whether a message went out, None where that is not sure."""
    if message is Message.CERTIFICATE:
        clients = _rank(thread, message) == _CLIENT_CERTIFICATE
        if not clients and thread.role is Role.CLIENT and thread.unsure:
            return None
        return clients == (thread.role is Role.CLIENT)
    return (message in _FROM_CLIENT) == (thread.role is Role.CLIENT)


def fact_fits(thread: Thread, fact: Fact) -> bool:
    """Return whether a thread that is active can be printing the line of a fact now."""
    if thread.phase is not Phase.TALKING:
        return False
    if fact.kind is FactKind.NO_CLIENT_CERTIFICATE:
        return thread.role is Role.CLIENT and thread.writes == 1
    return not thread.ciphers
