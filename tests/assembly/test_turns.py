"""What a thread can be printing."""

import pytest

from agent.assembly.threads import Phase, Thread
from agent.assembly.turns import direction, fits, settle
from agent.model.tls import Message
from agent.model.vocabulary import Role

HELLO, DONE = Message.CLIENT_HELLO, Message.SERVER_HELLO_DONE


@pytest.mark.parametrize(
    ("role", "writes", "said", "message", "sent"),
    [
        (Role.SERVER, 0, [HELLO], Message.SERVER_HELLO, True),
        (Role.SERVER, 0, [HELLO], Message.CERTIFICATE, True),
        (Role.SERVER, 1, [HELLO, DONE], Message.CERTIFICATE, False),
        (Role.SERVER, 1, [HELLO, DONE], Message.CERTIFICATE_VERIFY, False),
        (Role.CLIENT, 1, [HELLO], Message.CERTIFICATE, False),
        (Role.CLIENT, 1, [HELLO, Message.CERTIFICATE], Message.CERTIFICATE, True),
        (Role.CLIENT, 1, [HELLO, DONE], Message.CERTIFICATE, True),
        (Role.CLIENT, 1, [HELLO, DONE], Message.CLIENT_KEY_EXCHANGE, True),
        (Role.CLIENT, 2, [HELLO, Message.CLIENT_KEY_EXCHANGE], Message.CERTIFICATE_VERIFY, True),
    ],
)
def test_fitting_messages(
    role: Role, writes: int, said: list[Message], message: Message, *, sent: bool
) -> None:
    """A message fits in its place in the handshake, and its direction follows from role and place."""
    thread = Thread(phase=Phase.TALKING, role=role, writes=writes, said=said)
    assert (fits(thread, message), direction(thread, message)) == (True, sent)


@pytest.mark.parametrize(
    ("thread", "message"),
    [
        (Thread(), Message.SERVER_HELLO),
        (Thread(phase=Phase.OPEN, role=Role.CLIENT), Message.SERVER_HELLO),
        (Thread(phase=Phase.TALKING, role=Role.SERVER, writes=1), Message.SERVER_HELLO),
        (Thread(phase=Phase.TALKING, role=Role.SERVER), Message.CLIENT_KEY_EXCHANGE),
        (Thread(phase=Phase.TALKING, role=Role.CLIENT, writes=2), Message.SERVER_HELLO),
        (Thread(phase=Phase.TALKING, role=Role.CLIENT, writes=1, said=[DONE]), Message.SERVER_HELLO),
        (Thread(phase=Phase.TALKING, role=Role.CLIENT, writes=2, ciphers=[True]), Message.CERTIFICATE_VERIFY),
        (Thread(phase=Phase.TALKING, role=Role.CLIENT, writes=1), Message.FINISHED),
    ],
)
def test_messages_out_of_place(thread: Thread, message: Message) -> None:
    """A message that the thread's records rule out is another's."""
    assert not fits(thread, message)


def test_direction_that_is_not_sure() -> None:
    """After a message that may have been the thread's own and was left out, a Certificate may be either's."""
    thread = Thread(phase=Phase.TALKING, role=Role.CLIENT, writes=1, said=[HELLO], unsure=True)
    assert direction(thread, Message.CERTIFICATE) is None


@pytest.mark.parametrize(("proven", "role"), [(True, Role.CLIENT), (False, Role.SERVER)])
def test_certificate_without_a_server_hello(*, proven: bool, role: Role) -> None:
    """Who has announced its hello is a client that lost a line; else what went out first was none."""
    thread = Thread(phase=Phase.TALKING, role=Role.CLIENT, reads=1, writes=1, said=[HELLO], proven=proven)
    settle(thread, Message.CERTIFICATE)
    assert thread.role is role
