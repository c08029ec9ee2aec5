"""The order of a handshake's messages, as far as it tells which of several a message can belong to."""

from types import MappingProxyType

from agent.assembly.draft import Draft
from agent.assembly.transitions import State
from agent.model.events import Event, Happening, Said
from agent.model.handshake import Step
from agent.model.tls import Message
from agent.model.vocabulary import Role

_BESIDE = frozenset({Message.CHANGE_CIPHER_SPEC, Message.NEW_SESSION_TICKET, Message.KEY_UPDATE})
"""Messages without a place of their own in the order, or behind it."""

_NONE: frozenset[Message] = frozenset()
_CLIENT, _SERVER = Role.CLIENT, Role.SERVER

_AWAITED = MappingProxyType(
    {
        (_CLIENT, Message.CLIENT_HELLO, True): ({Message.SERVER_HELLO}, {Message.SERVER_HELLO}),
        (_CLIENT, Message.SERVER_HELLO, False): (
            {Message.CERTIFICATE, Message.SERVER_KEY_EXCHANGE, Message.FINISHED},
            {Message.ENCRYPTED_EXTENSIONS},
        ),
        (_CLIENT, Message.ENCRYPTED_EXTENSIONS, False): (
            _NONE,
            {Message.CERTIFICATE_REQUEST, Message.CERTIFICATE, Message.FINISHED},
        ),
        (_CLIENT, Message.CERTIFICATE_REQUEST, False): ({Message.SERVER_HELLO_DONE}, {Message.CERTIFICATE}),
        (_CLIENT, Message.CERTIFICATE, False): (
            {
                Message.CERTIFICATE_STATUS,
                Message.SERVER_KEY_EXCHANGE,
                Message.CERTIFICATE_REQUEST,
                Message.SERVER_HELLO_DONE,
            },
            {Message.CERTIFICATE_VERIFY},
        ),
        (_CLIENT, Message.CERTIFICATE_STATUS, False): (
            {Message.SERVER_KEY_EXCHANGE, Message.CERTIFICATE_REQUEST, Message.SERVER_HELLO_DONE},
            _NONE,
        ),
        (_CLIENT, Message.SERVER_KEY_EXCHANGE, False): (
            {Message.CERTIFICATE_REQUEST, Message.SERVER_HELLO_DONE},
            _NONE,
        ),
        (_CLIENT, Message.CERTIFICATE_VERIFY, False): (_NONE, {Message.FINISHED}),
        (_CLIENT, Message.FINISHED, True): ({Message.FINISHED}, _NONE),
        (_SERVER, Message.HELLO_REQUEST, True): ({Message.CLIENT_HELLO}, _NONE),
        (_SERVER, Message.HELLO_RETRY_REQUEST, True): (_NONE, {Message.CLIENT_HELLO}),
        (_SERVER, Message.SERVER_HELLO_DONE, True): (
            {Message.CERTIFICATE, Message.CLIENT_KEY_EXCHANGE},
            _NONE,
        ),
        (_SERVER, Message.FINISHED, True): ({Message.FINISHED}, {Message.CERTIFICATE, Message.FINISHED}),
        (_SERVER, Message.CERTIFICATE, False): (
            {Message.CLIENT_KEY_EXCHANGE},
            {Message.CERTIFICATE_VERIFY, Message.FINISHED},
        ),
        (_SERVER, Message.CLIENT_KEY_EXCHANGE, False): (
            {Message.CERTIFICATE_VERIFY, Message.FINISHED},
            _NONE,
        ),
        (_SERVER, Message.CERTIFICATE_VERIFY, False): ({Message.FINISHED}, {Message.FINISHED}),
    }
)
"""Role and last message with its direction -> what is received next, until TLS 1.2 and in TLS 1.3.

RFC 5246 section 7.3, RFC 8446 section 2. What a side produces follows on the same thread: nobody waits
for it.
"""


def awaits(draft: Draft) -> frozenset[Message]:
    """Return the messages of which the next one can be that a handshake receives."""
    last = next((step for step in reversed(draft.steps) if placed(step)), None)
    if last is None or last.sent is None:
        return _NONE
    older, newest = _AWAITED.get((draft.role, Message(last.name), last.sent), (_NONE, _NONE))
    awaited = older | newest if draft.modern is None else newest if draft.modern else older
    if draft.role is _SERVER and Message.CERTIFICATE in awaited:
        awaited = {Message.CERTIFICATE} if asked(draft) else awaited - {Message.CERTIFICATE}
    return frozenset(awaited - set(draft.received))


def placed(step: Step) -> bool:
    """Return whether a step is a message that has its place in the order."""
    return step.name in _ORDERED


_ORDERED = frozenset(Message) - _BESIDE


def first_of(draft: Draft) -> Step | None:
    """Return the first message with a place in the order."""
    return next((step for step in draft.steps if placed(step)), None)


def heard(draft: Draft) -> bool:
    """Return whether a message came in since the last hello."""
    return any(name in _ORDERED for name in draft.received)


def asked(draft: Draft) -> bool:
    """Return whether a certificate was asked for."""
    return any(step.name == Message.CERTIFICATE_REQUEST for step in draft.steps)


def shown(draft: Draft, *, empty: bool | None = None) -> bool:
    """Return whether a Certificate message went out, one without a certificate or any."""
    sent = (step for step in draft.steps if step.name == Message.CERTIFICATE and step.sent)
    return any(empty in {None, step.empty} for step in sent)


def amid(draft: Draft) -> bool:
    """Return whether a handshake is amid what the peer has sent at once: its thread goes on with that."""
    last = next((step for step in reversed(draft.steps) if placed(step)), None)
    return last is not None and last.sent is False


def agree(one: Draft, other: Draft | Said) -> bool:
    """Return whether neither role nor version keeps two apart."""
    roles = Role.UNKNOWN in {one.role, other.role} or one.role is other.role
    return roles and (None in {one.modern, other.modern} or one.modern is other.modern)


def received(what: Happening) -> bool:
    """Return whether something is a message that another handshake can be waiting for."""
    return isinstance(what, Said) and what.sent is False and what.message not in _ELSEWHERE


_ELSEWHERE = _BESIDE | {Message.CLIENT_HELLO, Message.HELLO_REQUEST, Message.HELLO_RETRY_REQUEST}


def invites(said: Said) -> bool:
    """Return whether a message asks for another ClientHello, which may come in on another thread."""
    return bool(said.sent) and said.message in {Message.HELLO_RETRY_REQUEST, Message.HELLO_REQUEST}


def beside(said: Said) -> bool:
    """Return whether a message came in that has no place of its own in a handshake's order."""
    return said.sent is False and said.message in _BESIDE


def goes_on(draft: Draft, said: Said) -> bool:
    """Return whether a thread's own handshake can go on with a message, some in between being lost."""
    return draft.state is State.TALKING and agree(draft, said) and said.message not in draft.received


def waits_for(draft: Draft, said: Said) -> bool:
    """Return whether a message is what a handshake waits for."""
    return draft.state is State.TALKING and agree(draft, said) and said.message in awaits(draft)


def repeats(draft: Draft, event: Event) -> bool:
    """Return whether an event is the one before it again: a line that stands twice in the log."""
    said, last = event.what, draft.steps[-1] if draft.steps else None
    if not isinstance(said, Said) or not received(said) or last is None or event.when is None:
        return False
    return (last.name, last.sent, draft.ended_at) == (said.message, said.sent, event.when)
