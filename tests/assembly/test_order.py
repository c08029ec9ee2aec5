from collections.abc import Callable

import pytest

from agent.assembly.draft import Draft
from agent.assembly.order import (
    agree,
    amid,
    asked,
    awaits,
    beside,
    first_of,
    goes_on,
    heard,
    invites,
    received,
    repeats,
    shown,
    waits_for,
)
from agent.assembly.transitions import State
from agent.model.events import Event, Fact, FactKind, Hello, Said
from agent.model.tls import Message
from agent.model.vocabulary import Role

Tell = Callable[..., Event]

CLIENT, SERVER, UNKNOWN = Role.CLIENT, Role.SERVER, Role.UNKNOWN


def draft_of(tell: Tell, role: Role, conversation: str) -> Draft:
    """Return a conversation, written as messages with their direction: "client_hello> server_hello<"."""
    events = [
        tell(Said(Message(word[:-1]), sent=word[-1] == ">", role=role, hello=hello_of(word)), n)
        for n, word in enumerate(conversation.split())
    ]
    draft = Draft(speaker=events[0].speaker, first=events[0].at, last=events[0].at, role=role)
    for event in events:
        draft.touch(event)
        draft.say(event, event.what)  # type: ignore[arg-type]  # all are messages
    return draft


def hello_of(word: str) -> Hello | None:
    """Return a hello for a message that is one."""
    return Hello() if word[:-1] in {Message.CLIENT_HELLO, Message.SERVER_HELLO} else None


def words(text: str) -> set[str]:
    """Return the words of a text."""
    return set(text.split())


OLD_FLIGHT = "client_hello< server_hello> certificate> server_key_exchange>"
NEW_FLIGHT = "client_hello< server_hello> encrypted_extensions>"

WAITING: dict[str, tuple[Role, str, str]] = {
    "a client that has said hello": (CLIENT, "client_hello>", "server_hello"),
    "a client, version unknown": (
        CLIENT,
        "client_hello> server_hello<",
        "certificate server_key_exchange finished encrypted_extensions",
    ),
    "a client of TLS 1.3": (
        CLIENT,
        "client_hello> server_hello< encrypted_extensions<",
        "certificate_request certificate finished",
    ),
    "a client asked for a certificate": (
        CLIENT,
        "client_hello> server_hello< encrypted_extensions< certificate_request<",
        "certificate",
    ),
    "a client before TLS 1.3, after the key": (
        CLIENT,
        "client_hello> server_hello< certificate< server_key_exchange<",
        "certificate_request server_hello_done",
    ),
    "a client that has finished first": (
        CLIENT,
        "client_hello> server_hello< server_hello_done< client_key_exchange> change_cipher_spec> finished>",
        "finished",
    ),
    "a client that has heard the server's Finished": (
        CLIENT,
        "client_hello> server_hello< encrypted_extensions< finished< finished>",
        "",
    ),
    "a client asked to try again": (
        CLIENT,
        "client_hello> server_hello< hello_retry_request< client_hello>",
        "server_hello",
    ),
    "a server at work": (SERVER, "client_hello<", ""),
    "a server that has asked to try again": (SERVER, "client_hello< hello_retry_request>", "client_hello"),
    "a server that has asked for a renegotiation": (SERVER, "hello_request>", "client_hello"),
    "a server before TLS 1.3": (SERVER, f"{OLD_FLIGHT} server_hello_done>", "client_key_exchange"),
    "a server before TLS 1.3 that has asked": (
        SERVER,
        f"{OLD_FLIGHT} certificate_request> server_hello_done>",
        "certificate",
    ),
    "a server with the client's key": (
        SERVER,
        f"{OLD_FLIGHT} server_hello_done> client_key_exchange< change_cipher_spec<",
        "certificate_verify finished",
    ),
    "a server of TLS 1.3": (SERVER, f"{NEW_FLIGHT} certificate> finished>", "finished"),
    "a server of TLS 1.3 that has asked": (
        SERVER,
        f"{NEW_FLIGHT} certificate_request> certificate> finished>",
        "certificate",
    ),
    "a server of TLS 1.3 with a certificate": (
        SERVER,
        f"{NEW_FLIGHT} certificate_request> finished> certificate<",
        "certificate_verify finished",
    ),
    "nobody knows who": (UNKNOWN, "change_cipher_spec<", ""),
}


@pytest.mark.parametrize(("role", "conversation", "next_ones"), WAITING.values(), ids=WAITING)
def test_awaits(role: Role, conversation: str, next_ones: str, tell: Tell) -> None:
    """What is received next follows from the role, the version and the last message."""
    assert awaits(draft_of(tell, role, conversation)) == words(next_ones)


def test_what_is_received() -> None:
    """Another handshake can wait for a message that came in, not for what begins one or has no place."""
    names = {m for m in Message if received(Said(m, sent=False))}
    assert names == set(Message) - words(
        "client_hello hello_request hello_retry_request change_cipher_spec new_session_ticket key_update"
    )
    assert not received(Said(Message.FINISHED, sent=True))
    assert not received(Fact(FactKind.RESUMED))


def test_what_has_no_place() -> None:
    """A change of cipher, a ticket and an update of keys, when they come in."""
    assert {m for m in Message if beside(Said(m, sent=False))} == words(
        "change_cipher_spec new_session_ticket key_update"
    )
    assert not beside(Said(Message.NEW_SESSION_TICKET, sent=True))


def test_what_invites() -> None:
    """Who sends a request for a hello."""
    assert {m for m in Message if invites(Said(m, sent=True))} == words("hello_request hello_retry_request")
    assert not invites(Said(Message.HELLO_REQUEST, sent=False))


def test_what_a_thread_goes_on_with(tell: Tell) -> None:
    """A message that is not heard already, of the same role and version, even if some are missing."""
    draft = draft_of(tell, SERVER, f"{OLD_FLIGHT} server_hello_done> client_key_exchange<")
    others = (
        Said(Message.CERTIFICATE_VERIFY, sent=False),
        Said(Message.FINISHED, sent=False, role=SERVER),
        Said(Message.CERTIFICATE, sent=False, role=SERVER),
        Said(Message.CERTIFICATE, sent=False, role=SERVER, modern=True),
        Said(Message.CLIENT_KEY_EXCHANGE, sent=False, role=SERVER),
        Said(Message.SERVER_HELLO, sent=False, role=CLIENT),
    )
    assert [goes_on(draft, said) for said in others] == [True, True, True, False, False, False]
    assert [waits_for(draft, said) for said in others] == [True, True, False, False, False, False]
    draft.state = State.FAILED
    assert not goes_on(draft, others[0])
    assert not waits_for(draft, others[0])


def test_two_that_agree(tell: Tell) -> None:
    """What is unknown of one keeps nothing apart."""
    new, old = draft_of(tell, CLIENT, "encrypted_extensions<"), draft_of(tell, CLIENT, "server_hello_done<")
    unknown = draft_of(tell, UNKNOWN, "certificate_verify<")
    server = draft_of(tell, SERVER, "certificate_verify<")
    assert [agree(new, other) for other in (new, old, unknown, server)] == [True, False, True, False]


def test_where_a_handshake_is(tell: Tell) -> None:
    """Amid what the peer sends, or at its own turn."""
    draft = draft_of(tell, CLIENT, "change_cipher_spec< client_hello> server_hello< certificate_request<")
    assert (first_of(draft) or draft.steps[0]).name == Message.CLIENT_HELLO
    assert (amid(draft), heard(draft), asked(draft), shown(draft)) == (True, True, True, False)
    draft = draft_of(tell, CLIENT, "client_hello>")
    assert (amid(draft), heard(draft), asked(draft)) == (False, False, False)
    draft = draft_of(tell, UNKNOWN, "change_cipher_spec<")
    assert (first_of(draft), amid(draft), heard(draft)) == (None, False, False)


def test_what_was_shown(tell: Tell) -> None:
    """A Certificate message went out, with a certificate or without."""
    draft = draft_of(tell, CLIENT, "client_hello>")
    event = tell(None)
    draft.say(event, Said(Message.CERTIFICATE, sent=True, role=CLIENT, certificates=()))
    assert [shown(draft), shown(draft, empty=True), shown(draft, empty=False)] == [True, True, False]


def test_a_line_that_stands_twice(tell: Tell) -> None:
    """The same message at the same time is the same line; one without a time may be another."""
    draft = draft_of(tell, CLIENT, "client_hello> server_hello<")
    again = Said(Message.SERVER_HELLO, sent=False, role=CLIENT)
    times = [repeats(draft, tell(again, second)) for second in (1, 2, None)]
    assert times == [True, False, False]
    assert not repeats(draft, tell(Said(Message.CERTIFICATE, sent=False), 1))
    assert not repeats(draft, tell(Fact(FactKind.RESUMED), 1))
