"""One thread: what the records that carry its name do to it."""

from agent.assembly.threads import (
    Phase,
    Thread,
    change_cipher,
    enter_writing,
    flow,
    read_record,
    spoken,
    write_record,
)
from agent.model.block import Where
from agent.model.events import (
    AlertSeen,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Said,
    Speaker,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Role

VERSION = Fact(FactKind.PROTOCOL, "TLSv1.2")


def event(what: Happening = VERSION) -> Event:
    """Return a line of a thread."""
    return Event(Where("w", "i", 0, 1), None, Speaker(Dialect.JSSE_LEGACY, 1, "a", "a"), what, "")


def test_server_from_the_beginning() -> None:
    """Its first record holds the ClientHello, and what it writes next the ServerHello."""
    thread = Thread()
    read_record(thread, event(), late=False)
    told = write_record(thread, event())
    assert (thread.role, thread.phase, thread.active) == (Role.SERVER, Phase.TALKING, True)
    assert [e.what for e in told] == [VERSION, Said(Message.SERVER_HELLO, sent=True, role=Role.SERVER)]


def test_server_that_the_log_begins_amid() -> None:
    """Who reads, writes and reads again before the cipher is changed is a server."""
    thread = Thread()
    read_record(thread, event(), late=True)
    write_record(thread, event())
    assert thread.role is Role.UNKNOWN
    read_record(thread, event(), late=False)
    assert (thread.role, thread.said) == (Role.SERVER, [Message.CLIENT_HELLO, Message.SERVER_HELLO])


def test_server_whose_peer_leaves() -> None:
    """An end of the connection is read, too."""
    thread = Thread()
    read_record(thread, event(), late=True)
    write_record(thread, event())
    gone = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "Remote host closed connection"),))
    said = [e.what for e in spoken(thread, event(gone))]
    assert [s.message for s in said if isinstance(s, Said)] == [Message.CLIENT_HELLO, Message.SERVER_HELLO]
    assert said[-1] == Failed(gone.throwables, role=Role.SERVER, reading=False)


def test_client_that_the_log_begins_amid() -> None:
    """Who writes, reads and writes again is a client."""
    thread = Thread()
    enter_writing(thread, event())
    read_record(thread, event(), late=False)
    write_record(thread, event())
    assert (thread.role, thread.said) == (Role.CLIENT, [Message.CLIENT_KEY_EXCHANGE])


def test_end_of_a_handshake_that_the_log_begins_amid() -> None:
    """Application data shows that it is complete."""
    thread = Thread()
    change_cipher(thread, event(), sent=False)
    read_record(thread, event(), late=False)
    assert [e.what for e in flow(thread, event())] == [Fact(FactKind.COMPLETED)]
    assert (thread.phase, flow(thread, event())) == (Phase.OPEN, [])


def test_connection_that_is_closed() -> None:
    """It leaves nothing behind, and the thread's next one begins anew."""
    thread = Thread()
    read_record(thread, event(), late=False)
    spoken(thread, event(Ended()))
    assert (thread.phase, thread.role, thread.active) == (Phase.IDLE, Role.UNKNOWN, False)


LEFT = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "Remote host closed connection"),))


def test_end_of_a_connection_before_its_first_record() -> None:
    """Only a server reads before it has written: a client that the peer leaves has sent its hello."""
    told = spoken(Thread(), event(LEFT))
    assert [e.what for e in told] == [Failed(LEFT.throwables, role=Role.SERVER)]


def test_end_of_a_connection_that_the_log_begins_amid() -> None:
    """Of a thread that was not heard of before nobody knows what it has written."""
    told = spoken(Thread(), event(LEFT), late=True)
    assert [e.what for e in told] == [Fact(FactKind.UNDER_WAY), LEFT]


def test_close_of_a_connection_that_the_log_begins_amid() -> None:
    """A warning or the end of a connection begins nothing; the thread's next one is known from there."""
    thread, warning = Thread(), AlertSeen(sent=False, level="warning", description="close_notify")
    told = [e.what for what in (warning, Ended()) for e in spoken(thread, event(what), late=True)]
    assert told == [warning, Ended()]
    assert [e.what for e in spoken(thread, event(LEFT))] == [Failed(LEFT.throwables, role=Role.SERVER)]
