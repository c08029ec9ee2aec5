"""What a thread of legacy JSSE can be printing now, and what a message that is surely its own proves of it.

A thread whose handshake may have begun before the log has no role until something proves one: the first
record that the log shows of it can be any. Order of messages: RFC 5246 section 7.3. Which end prints what:
sun.security.ssl.ClientHandshaker and ServerHandshaker (JDK 7 and 8).
"""

from agent.assembly.threads import Phase, Thread
from agent.model.events import Fact, FactKind
from agent.model.tls import Message
from agent.model.vocabulary import Role

_ORDER = (
    *(Message.CLIENT_HELLO, Message.SERVER_HELLO, Message.CERTIFICATE, Message.CERTIFICATE_STATUS),
    *(Message.SERVER_KEY_EXCHANGE, Message.CERTIFICATE_REQUEST, Message.SERVER_HELLO_DONE),
    *(Message.CLIENT_KEY_EXCHANGE, Message.CERTIFICATE_VERIFY),
)
"""The order of messages within a handshake; a second Certificate is the client's."""

_RANK = {message: 2 * rank for rank, message in enumerate(_ORDER)}
_CLIENT_CERTIFICATE = _RANK[Message.SERVER_HELLO_DONE] + 1
_FROM_CLIENT = frozenset({Message.CLIENT_HELLO, Message.CLIENT_KEY_EXCHANGE, Message.CERTIFICATE_VERIFY})
_FROM_SERVER = frozenset(
    {
        *(Message.SERVER_HELLO, Message.CERTIFICATE_STATUS, Message.SERVER_KEY_EXCHANGE),
        *(Message.CERTIFICATE_REQUEST, Message.SERVER_HELLO_DONE),
    }
)


def fits(thread: Thread, message: Message, *, empty: bool = False) -> bool:
    """Return if a thread that is active can be printing a message now; an `empty` chain is a client's."""
    if thread.phase is not Phase.TALKING or message not in _RANK or thread.ciphers:
        return False
    rank = _CLIENT_CERTIFICATE if empty else _rank(thread, message)
    if rank <= max((_rank_said(thread, i) for i in range(len(thread.said))), default=-1):
        return False
    if thread.role is Role.SERVER:
        return (rank > _RANK[Message.SERVER_HELLO_DONE]) == (thread.writes > 0)
    if thread.role is Role.CLIENT:
        return (message is Message.CERTIFICATE_VERIFY) == (thread.writes > 1)
    return message is Message.CERTIFICATE_VERIFY or thread.reads > 0


def expected(thread: Thread, message: Message) -> bool:
    """Return whether nothing that must have been printed before is missing, so far as the log would show it.

    A server prints the ClientHello first, a client the ServerHello. Where a line that fitted several threads
    was left out, it may have been the one.
    """
    if thread.unsure or thread.said not in ([], [Message.CLIENT_HELLO]):
        return True
    if thread.role is Role.SERVER and not thread.writes:
        return bool(thread.said) or message in {Message.CLIENT_HELLO, Message.SERVER_HELLO}
    return True


def hears_hello(thread: Thread) -> bool:
    """Return whether a thread that is active can be printing the ClientHello that it has received."""
    fresh = thread.phase is Phase.TALKING and thread.reads == 1 and not (thread.writes or thread.said)
    return fresh and thread.role is not Role.CLIENT


def fact_fits(thread: Thread, fact: Fact) -> bool:
    """Return whether a thread that is active can be printing the line of a fact now."""
    if thread.phase is not Phase.TALKING:
        return False
    if fact.kind is FactKind.RESUMED:
        return thread.role in {fact.value or thread.role, Role.UNKNOWN} and not thread.ciphers
    if fact.kind is FactKind.NO_CLIENT_CERTIFICATE:
        return thread.role is not Role.SERVER and thread.writes <= 1
    return not thread.ciphers


def begins_session(thread: Thread, side: str) -> bool:
    """Return whether a thread that is active can be beginning a session, as that side if one is told."""
    if thread.phase is not Phase.TALKING or thread.ciphers or not thread.reads:
        return False
    if not side or thread.role == side:
        return thread.writes == (thread.role is Role.CLIENT)
    return not (thread.proven or thread.said)


def take_side(thread: Thread, side: Role) -> None:
    """Take what a line that only one end prints proves of the thread's role."""
    if thread.role is not side:
        if side is Role.CLIENT:
            thread.owed, thread.writes = None, max(thread.writes, 1)
        thread.role = side
    thread.proven = True


def ender(threads: dict[str, Thread], since: int, side: Role) -> str:
    """Return who says as that side that a session is cached which nobody was seen to begin; "" if not sure.

    Threads that were last heard of before event `since` are past it. One that has shown no end of a handshake
    may be the one as well, but is never taken for it: it may as well have begun.
    """
    fit = [name for name, thread in threads.items() if thread.heard >= since and _ends(thread, side)]
    return fit[0] if len(fit) == 1 and threads[fit[0]].tail else ""


def _ends(thread: Thread, side: Role) -> bool:
    """Return whether a thread can be printing that its session is cached.

    It does so at the end of a full handshake: a server behind the Finished that it has written, a client
    behind the one that it has read. Of one that was under way before the log began that need not be seen.
    """
    if thread.role not in {side, Role.UNKNOWN}:
        return False
    if thread.tail:
        return thread.finished[-1] is (side is Role.SERVER)
    late = thread.role is Role.UNKNOWN and thread.phase is Phase.TALKING and not thread.ciphers
    return late and thread.active


def done(thread: Thread, side: Role) -> bool:
    """Take the line by which one end says that the handshake is complete.

    Return whether it says so of a handshake that began before the log, of which no record need say it.
    """
    thread.active = thread.tail = False
    late = thread.role is Role.UNKNOWN and thread.phase is Phase.TALKING
    if late:
        thread.role, thread.phase, thread.owed = side, Phase.OPEN, None
    return late


def settle(thread: Thread, message: Message) -> None:
    """Take what the place of a message that is surely the thread's own proves of its role.

    After a record that came in, each end prints what it has read first. So a client's message without a
    server's before it shows a server, and the reverse a client.
    """
    if thread.unsure:
        return
    quiet = thread.said in ([], [Message.CLIENT_HELLO])
    if thread.role is Role.UNKNOWN:
        if message is Message.CLIENT_HELLO:
            thread.role = Role.SERVER
        elif message in _FROM_SERVER and thread.reads:
            thread.role = Role.CLIENT
        elif (message in _FROM_CLIENT and thread.reads and not _FROM_SERVER & set(thread.said)) or (
            message is Message.CERTIFICATE and quiet and thread.turns == "wr"
        ):
            thread.role, thread.owed, thread.writes = Role.SERVER, None, max(thread.writes, 1)
    elif thread.proven:
        return
    elif thread.role is Role.SERVER:
        first = thread.again is Role.UNKNOWN and not (thread.said or thread.writes)
        if first and message is Message.SERVER_HELLO:
            thread.role, thread.owed, thread.writes = Role.CLIENT, None, 1  # its own hello was before the log
    elif quiet and thread.reads and message not in _FROM_SERVER:
        thread.role, thread.said = Role.SERVER, []  # what went out first was no ClientHello


def direction(thread: Thread, message: Message, *, empty: bool = False) -> bool | None:
    """Return whether a message went out, None where that is not sure; an `empty` chain is a client's."""
    if thread.role is Role.UNKNOWN:
        first = not thread.said and thread.reads and message is Message.CERTIFICATE
        return False if first and not thread.unsure else None
    if message is Message.CERTIFICATE:
        clients = empty or _rank(thread, message) == _CLIENT_CERTIFICATE
        if not clients and thread.role is Role.CLIENT and thread.unsure:
            return None
        return clients == (thread.role is Role.CLIENT)
    return (message in _FROM_CLIENT) == (thread.role is Role.CLIENT)


def _rank(thread: Thread, message: Message) -> int:
    """Return the place of a message in the order of the thread's handshake."""
    if message is Message.CERTIFICATE and (
        message in thread.said
        or Message.SERVER_HELLO_DONE in thread.said
        or (thread.role is Role.SERVER and thread.writes)
    ):
        return _CLIENT_CERTIFICATE
    return _RANK.get(message, -1)


def _rank_said(thread: Thread, index: int) -> int:
    message = thread.said[index]
    earlier = thread.said[:index]
    second = Message.CERTIFICATE in earlier or Message.SERVER_HELLO_DONE in earlier
    return _CLIENT_CERTIFICATE if message is Message.CERTIFICATE and second else _RANK.get(message, -1)
