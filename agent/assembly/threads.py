"""One thread of legacy JSSE: its connection, and what its named lines do to it.

The functions change the thread that they are given and return the events that follow.
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

_TEXTS = (
    (
        Role.SERVER,
        re.compile(
            r"null cert chain|no cipher suites in common|Client requested protocol|TLS client authentication"
            r"|Unrecognized server name indication|Client initiated renegotiation"
        ),
    ),
    (
        Role.CLIENT,
        re.compile(r"Server chose |TLS server authentication|No subject alternative|No name matching"),
    ),
)
"""What only one end says (ServerHandshaker, ClientHandshaker, EndEntityChecker, HostnameChecker)."""


class Phase(StrEnum):
    """How far a thread's current connection is."""

    IDLE = "idle"  # none, or closed
    TALKING = "talking"
    OPEN = "open"  # both Finished went through, or application data was seen
    FAILED = "failed"


@dataclass(slots=True)
class Thread:
    """What is known of one thread: its connection, and whether it can be printing.

    `role` is unknown while the handshake may have begun before the log; `proven` says that a line showed it
    that only one end prints. `said` holds the messages attributed in this handshake; `reads` and `writes`
    count its handshake records up to the change of cipher, `turns` has the last two turns of them ("rw").
    `owed` is the message that a record proved and no line has told yet. `unsure` says that a message may have
    been its own and was left out. `data` says that what failed was the traffic after the handshake. `again`
    is the role that the thread had on the open connection before. `reported` and `ended` say of a failure
    that its exception was printed, and that the connection was closed; `late` says that the log may have
    begun behind messages of this connection, `tail` that its last named line was a Finished.
    """

    phase: Phase = Phase.IDLE
    role: Role = Role.UNKNOWN
    active: bool = False
    reads: int = 0
    writes: int = 0
    turns: str = ""
    proven: bool = False
    said: list[Message] = field(default_factory=list)
    ciphers: list[bool] = field(default_factory=list)
    finished: list[bool] = field(default_factory=list)
    owed: dict[str, Any] | None = None
    unsure: bool = False
    data: bool = False
    again: Role = Role.UNKNOWN
    reported: bool = False
    ended: bool = False
    late: bool = False
    tail: bool = False
    heard: int = 0


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
    """Return the message that a record has proved, if no line has told it and the role is known by now."""
    if thread.owed is None:
        return []
    event = unpack_event(thread.owed)
    if not isinstance(event.what, Said) or event.what.role is not thread.role:
        return []
    thread.owed = None
    thread.said.append(event.what.message)
    return [event]


def prove(thread: Thread, event: Event, message: Message) -> list[Event]:
    """Return the message that a record going out proves, unless a line has told it."""
    if message in thread.said or (message is Message.SERVER_HELLO and thread.writes > 1):
        return []
    thread.said.append(message)
    return [message_event(event, thread, message, sent=True)]


def turn(thread: Thread, event: Event, *, read: bool) -> list[Event]:
    """Take note that the thread reads or writes now; return what the order of its records proves by that.

    A client that has answered the server's flight changes its cipher before it reads again: who reads is a
    server. A server that has read the client's answer changes its cipher before it writes: who writes is a
    client. (RFC 5246 section 7.3; in a resumed handshake both change it even sooner.)
    """
    before, now = thread.turns, "r" if read else "w"
    if not before.endswith(now):
        thread.turns = (before + now)[-2:]
    if thread.role is not Role.UNKNOWN or thread.ciphers or thread.phase is not Phase.TALKING:
        return []
    if before == "rw" and read:
        thread.role = Role.SERVER
        return [*pay(thread), *prove(thread, event, Message.SERVER_HELLO)]
    if before == "wr" and not read:
        thread.role = Role.CLIENT
    return []


def finish(thread: Thread, event: Event, *, sent: bool) -> Event:
    """Take the first handshake record behind a change of cipher: it holds the Finished."""
    thread.finished.append(sent)
    thread.active, thread.tail = False, True
    if len(thread.finished) == 2:  # noqa: PLR2004 - both ends'
        thread.phase = Phase.OPEN
    return message_event(event, thread, Message.FINISHED, sent=sent)


def change_cipher(thread: Thread, event: Event, *, sent: bool) -> list[Event]:
    """Take a change of cipher; where the log began behind the messages before it, a handshake begins here."""
    told = []
    if thread.phase is Phase.IDLE:
        told = enter(thread, event)
    thread.active = False
    if thread.phase is not Phase.TALKING:
        return told
    late = thread.role is Role.UNKNOWN and not thread.said and not thread.ciphers
    if late and sent and thread.turns == "r" and not thread.unsure:
        # a handshake record directly before this one was the peer's Finished: an answer would lie between
        thread.ciphers.append(False)
        told.append(finish(thread, event, sent=False))
    if sent not in thread.ciphers:
        thread.ciphers.append(sent)
    return [*told, event, message_event(event, thread, Message.CHANGE_CIPHER_SPEC, sent=sent)]


def flow(thread: Thread, event: Event) -> list[Event]:
    """Take application data: the handshake is over, be it another thread's, or one whose end is not shown."""
    thread.active = False
    if thread.phase is Phase.TALKING and thread.finished:
        thread.phase = Phase.OPEN
        return [replace(event, what=Fact(FactKind.COMPLETED))]
    if thread.phase is Phase.IDLE:
        thread.phase = Phase.OPEN
    return []


def enter(thread: Thread, event: Event) -> list[Event]:
    """Begin a handshake that may have begun before the log: nothing is known of it but that it is there."""
    begin(thread, Role.UNKNOWN)
    return [replace(event, what=Started()), replace(event, what=Fact(FactKind.UNDER_WAY))]


def read_record(thread: Thread, event: Event, *, late: bool) -> list[Event]:
    """Take a handshake record that came in; `late` says that it need not be its handshake's first."""
    if thread.phase is Phase.TALKING and False in thread.ciphers:
        return [] if False in thread.finished else [finish(thread, event, sent=False)]
    if thread.phase is not Phase.TALKING:
        if late:
            told = enter(thread, event)
        else:
            begin(thread, Role.SERVER)
            told = [replace(event, what=Started())]
        thread.active, thread.reads, thread.turns = True, 1, "r"
        hello = Said(Message.CLIENT_HELLO, sent=False, role=Role.SERVER)
        thread.owed = pack_event(replace(event, what=hello))
        return told
    thread.active = True
    thread.reads += 1
    told = turn(thread, event, read=True)
    if thread.role is Role.CLIENT and thread.reads == 1:
        thread.owed = pack_event(message_event(event, thread, Message.SERVER_HELLO, sent=False))
        return [event]  # the version that the server has chosen
    return told


def write_record(thread: Thread, event: Event) -> list[Event]:
    """Take a handshake record that went out amid a handshake."""
    thread.writes += 1
    told = turn(thread, event, read=False)
    if thread.role is Role.SERVER:
        return [*told, event, *prove(thread, event, Message.SERVER_HELLO)]
    thread.active = True  # a client goes on printing until it changes its cipher
    if thread.role is Role.CLIENT:
        told += prove(thread, event, Message.CLIENT_KEY_EXCHANGE)
    return told


def enter_writing(thread: Thread, event: Event) -> list[Event]:
    """Begin a handshake that the log does not show the beginning of with a record that went out."""
    told = enter(thread, event)
    thread.writes, thread.turns = 1, "w"
    return told


def spoken(thread: Thread, event: Event, *, late: bool = False) -> list[Event]:
    """Take an alert, an exception or the end of a connection.

    `late` says that the thread was not heard of before, and may be amid a handshake.
    """
    if late:
        return _spoken_late(thread, event)
    if (isinstance(event.what, AlertSeen) and not event.what.sent) or _is_eof(event):
        told = turn(thread, event, read=True)
        return told + _spoken(thread, event)
    return _spoken(thread, event)


def _spoken_late(thread: Thread, event: Event) -> list[Event]:
    ends = isinstance(event.what, Failed) or (
        isinstance(event.what, AlertSeen) and event.what.level == "fatal"
    )
    begun = [replace(event, what=Fact(FactKind.UNDER_WAY))] if ends else []
    thread.late = True
    return begun + _spoken(thread, event)


def _is_eof(event: Event) -> bool:
    return isinstance(event.what, Failed) and bool(_AT_EOF.search(event.what.throwables[-1].text))


def _spoken(thread: Thread, event: Event) -> list[Event]:
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
    elif thread.phase is Phase.IDLE and not thread.late:
        role = Role.SERVER if _AT_EOF.search(failed.throwables[-1].text) else Role.UNKNOWN
    if role is Role.UNKNOWN:
        text = failed.throwables[-1].text
        role = next((side for side, says in _TEXTS if says.search(text)), role)
    thread.phase, thread.active, thread.reported = Phase.FAILED, False, True
    thread.role = role
    _forget(thread)
    return replace(failed, role=role, reading=reading)


def _forget(thread: Thread) -> None:
    """End a connection that is closed; one that failed is over when its exception was printed as well."""
    if thread.phase is not Phase.FAILED or (thread.reported and thread.ended):
        thread.phase, thread.role = Phase.IDLE, Role.UNKNOWN
        thread.data = thread.reported = thread.ended = thread.late = False
