"""The IAIK reader, on transcripts in its wording."""

from datetime import UTC, datetime

from agent import codec
from agent.dialects.iaik import MAX_AUTHORITIES, MAX_NAMES, MAX_OPEN, Reader, State
from agent.framing.envelope import Framing
from agent.model.block import Block, Where
from agent.model.events import (
    AlertSeen,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Hello,
    Said,
    Started,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Role

CLIENT = """\
jvm 2    | ssl_debug(7): Starting handshake (iSaSiLk 3.03)...
jvm 2    | ssl_debug(7): Remote client:192.0.2.9:443, Timestamp:Fri Jun 07 08:09:10 CEST 2019
jvm 2    | ssl_debug(7): Sending v2 client_hello message, requesting version 3.1...
jvm 2    | a line of the application
jvm 2    | ssl_debug(7): Received v3 server_hello handshake message.
jvm 2    | ssl_debug(7): Server selected SSL version 3.1.
jvm 2    | ssl_debug(7): CipherSuite selected by server: SSL_RSA_WITH_AES_128_CBC_SHA
jvm 2    | ssl_debug(7): Received certificate handshake message with server certificate.
jvm 2    | ssl_debug(7): Server sent a 2048 bit RSA certificate, chain has 3 elements.
jvm 2    | ssl_debug(7): Received certificate_request handshake message.
jvm 2    | ssl_debug(7): Accepted certificate types: RSA
jvm 2    | ssl_debug(7): Accepted certificate authorities:
jvm 2    | ssl_debug(7): cn=Partner Root,o=Partner,c=DE
jvm 2    | ssl_debug(8): Closing transport...
jvm 2    | ssl_debug(7): cn=Other Root,o=Other,c=FR
jvm 2    | ssl_debug(7): Received server_hello_done handshake message.
jvm 2    | ssl_debug(7): No client certificate available, sending empty certificate message...
jvm 2    | ssl_debug(7): Received alert message: Alert Fatal: unexpected Message
jvm 2    | ssl_debug(7): SSLException while handshaking: Peer sent alert: Alert Fatal: unexpected Message
jvm 2    | ssl_debug(7): Shutting down SSL layer...
jvm 2    | ssl_debug(7): Closing transport...
"""


def read(text: str, state: State | None = None) -> list[Event]:
    """Return the events of a text read at once."""
    start = Where("wrapper.log", "id", 0, 1)
    return Reader(Framing(UTC), state).feed(Block(start, text.encode()))


def read_by_line(text: str) -> list[Event]:
    """Return the events of a text read line by line, the memory saved and put back between all of them."""
    state, events, offset = State(), [], 0
    for number, line in enumerate(text.encode().splitlines(keepends=True), 1):
        reader = Reader(Framing(UTC), codec.decode(codec.encode(state), State))
        events += reader.feed(Block(Where("wrapper.log", "id", offset, number), line))
        state, offset = reader.state, offset + len(line)
    return events


def test_client_conversation() -> None:
    """Every line of a client's refused handshake becomes what it says, the list of authorities as a whole."""
    events = [e for e in read(CLIENT) if e.speaker.key == "7"]
    authorities = ("cn=Partner Root,o=Partner,c=DE", "cn=Other Root,o=Other,c=FR")
    assert [(e.at.line, e.what) for e in events] == [
        (1, Started()),
        (1, Fact(FactKind.LIBRARY, "iSaSiLk 3.03")),
        (2, Fact(FactKind.PEER, "192.0.2.9:443")),
        (3, Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT, hello=Hello(("TLSv1",), v2=True))),
        (5, Said(Message.SERVER_HELLO, sent=False, role=Role.CLIENT)),
        (6, Fact(FactKind.PROTOCOL, "TLSv1")),
        (7, Fact(FactKind.CIPHER_SUITE, "TLS_RSA_WITH_AES_128_CBC_SHA")),
        (8, Said(Message.CERTIFICATE, sent=False, role=Role.CLIENT)),
        (9, Fact(FactKind.PEER_KEY, "2048 bit RSA")),
        (9, Fact(FactKind.PEER_CHAIN_LENGTH, "3")),
        (10, Said(Message.CERTIFICATE_REQUEST, sent=False, role=Role.CLIENT, authorities=authorities)),
        (16, Said(Message.SERVER_HELLO_DONE, sent=False, role=Role.CLIENT)),
        (17, Fact(FactKind.NO_CLIENT_CERTIFICATE)),
        (17, Said(Message.CERTIFICATE, sent=True, role=Role.CLIENT, certificates=())),
        (18, AlertSeen(sent=False, level="fatal", description="unexpected_message")),
        (
            19,
            Failed(
                (Throwable("SSLException", "Peer sent alert: Alert Fatal: unexpected Message"),),
                word="unexpected_message",
                final=False,
            ),
        ),
        (21, Ended()),
    ]
    assert {(e.speaker.jvm, e.speaker.connection, e.speaker.thread) for e in events} == {(2, 7, None)}


def test_place_and_time_of_an_event() -> None:
    """An event stands at the start of its line; a line without a time takes the one it prints, as local."""
    second = read(CLIENT)[2]
    assert second.at == Where("wrapper.log", "id", CLIENT.index("jvm 2    | ssl_debug(7): Remote"), 2)
    assert second.when == datetime(2019, 6, 7, 8, 9, 10, tzinfo=UTC)
    assert second.text.startswith("Remote client:192.0.2.9:443")


def test_list_of_authorities_that_is_empty() -> None:
    """No name after the heading is an empty list; no heading is no knowledge of it."""
    request = "ssl_debug(3): Received certificate_request handshake message.\n"
    done = "ssl_debug(3): Received server_hello_done handshake message.\n"
    heading = "ssl_debug(3): Accepted certificate authorities:\n"
    lists = [read(request + middle + done)[0].what for middle in (heading, "")]
    assert [said.authorities for said in lists if isinstance(said, Said)] == [(), None]


def test_open_list_is_told_at_the_end() -> None:
    """A list that no message ends is told when the input is over."""
    reader = Reader(Framing(UTC))
    text = b"ssl_debug(3): Received certificate_request handshake message.\n"
    assert reader.feed(Block(Where("w", "i", 0, 1), text)) == []
    assert [type(e.what) for e in reader.finish()] == [Said]


def test_open_lists_are_bounded() -> None:
    """Connections that never go on with their handshake do not fill the memory."""
    state = State()
    text = "".join(
        f"ssl_debug({n}): Received certificate_request handshake message.\n" for n in range(2 * MAX_OPEN)
    )
    assert len(read(text, state)) == MAX_OPEN
    assert len(state.open) == MAX_OPEN


def test_names_of_open_lists_are_bounded() -> None:
    """Nor do lists of names without an end, whether in one connection or in many."""
    state = State()
    request = "Received certificate_request handshake message."
    names = "".join(f"ssl_debug(0): cn={i}\n" for i in range(2 * MAX_AUTHORITIES))
    read(f"ssl_debug(0): {request}\nssl_debug(0): Accepted certificate authorities:\n{names}", state)
    kept = [len(opened.names or ()) for opened in state.open.values()]
    assert kept == [MAX_AUTHORITIES]
    heads = "".join(
        f"ssl_debug({n}): {line}\n"
        for n in range(200)
        for line in (request, "Accepted certificate authorities:")
    )
    read(heads + "".join(f"ssl_debug({n}): cn={'x' * 2000}\n" for n in range(200) for _ in range(30)), state)
    longest = max(len(name) for opened in state.open.values() for name in opened.names or ())
    assert (sum(len(opened.names or ()) for opened in state.open.values()), longest) == (MAX_NAMES, 300)


def test_pieces_make_no_difference() -> None:
    """Read line by line, with the memory saved in between, the events are the same."""
    assert read_by_line(CLIENT) == read(CLIENT)


def test_what_a_json_line_quotes() -> None:
    """A line within a string of a JSON object is told of by somebody."""
    line = "ssl_debug(4): Sending alert: Alert Fatal: bad certificate"
    assert read('{"level":"WARN","message":"' + line + '"}\n') == []
    assert read('{"level":"WARN"}' + line + "\n") != []


def test_late_start_and_torn_lines() -> None:
    """No beginning or ending of a log, and no rubbish, raises."""
    for cut in range(0, len(CLIENT), 11):
        read(CLIENT[cut:])
        read(CLIENT[:cut])
    assert read("ssl_debug(): x\nssl_debug(1\nssl_debug(99999999999999999999): y\n\x00\xff\n") == []
