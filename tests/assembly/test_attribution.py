"""Who printed the lines that name nobody, told with events as the legacy reader makes them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent import codec
from agent.assembly.attribution import THREADS_LIMIT, YOUNG_EVENTS, Attribution, State
from agent.assembly.starts import STARTS_LIMIT
from agent.model.block import Where
from agent.model.events import (
    AlertSeen,
    Certificate,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    JvmHappening,
    Perhaps,
    Said,
    Speaker,
    Started,
    StoreEntry,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Role

RECORDS = {"hs": "Handshake", "ccs": "Change Cipher Spec", "data": "Application Data", "alert": "Alert"}
START = ("", Started())
CHAIN = (Certificate(subject="CN=a"),)
EOF_ERROR = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "Remote host closed connection"),))
RESET = Failed((Throwable("java.net.SocketException", "Connection reset"),))
FATAL = AlertSeen(sent=True, level="fatal", description="unexpected_message")


def say(message: Message, **fields: object) -> tuple[str, Happening]:
    """Return a message's line, which names nobody."""
    return "", Said(message, sent=None, **fields)  # type: ignore[arg-type] # the fields are those of Said


def play(*script: str | tuple[str, Happening], whole: bool = True) -> list[tuple[str, str]]:
    """Return "thread: what" of the events that a script gives.

    A string "a > hs" is a record that thread a writes, "a < ccs" one that it reads. Where the log is `whole`
    it shows the JVM's start. The memory is saved and put back between all lines.
    """
    told: list[tuple[str, str]] = []
    state = State(whole=whole)
    for line, entry in enumerate(script, 1):
        attribution = Attribution(codec.decode(codec.encode(state), State))
        told += [(event.speaker.key, show(event.what)) for event in attribution.resolve(make(line, entry))]
        state = attribution.state
    told += [(event.speaker.key, show(event.what)) for event in Attribution(state).flush()]
    return told


def make(line: int, entry: str | tuple[str, Happening]) -> Event:
    """Return the event of one line of a script."""
    at, text = Where("w", "i", line * 80, line), ""
    if isinstance(entry, str):
        thread, direction, kind = entry.split()
        verb = "READ" if direction == "<" else "WRITE"
        text = f"{thread}, {verb}: TLSv1.2 {RECORDS[kind]}, length = 5"
        entry = thread, Fact(FactKind.PROTOCOL, "TLSv1.2")
    thread, what = entry
    if isinstance(what, Failed):
        text = f"{thread}, {'fatal error: 42: ' if what is NULL_CHAIN else 'handling exception: '}"
    elif isinstance(what, Ended):
        text = f"{thread}, called {'closeOutbound()' if thread == 'io' else 'closeSocket(true)'}"
    return Event(at, None, Speaker(Dialect.JSSE_LEGACY, None, thread or None, thread), what, text)


def show(what: Happening) -> str:
    """Return a happening in short: "c>client_hello", with the role and the direction."""
    match what:
        case Said() as said:
            arrow = {True: ">", False: "<", None: "?"}[said.sent]
            more = "" if said.hello is None else "+"
            more += "" if said.certificates is None else f"[{len(said.certificates)}]"
            return f"{said.role[0]}{arrow}{said.message}{more}"
        case Fact() as fact:
            return f"{fact.kind}={fact.value}"
        case Perhaps(said=said, fact=fact):
            return f"perhaps {show(said or fact or Started())}"
        case Failed() as failed:
            return f"failed {failed.role} reading={failed.reading}"
        case AlertSeen() as alert:
            return f"alert {alert.description}"
        case _:
            return type(what).__name__.lower()


CLIENT_HELLO = say(Message.CLIENT_HELLO, hello=Hello(("TLSv1.2",)))
SERVER_HELLO = say(Message.SERVER_HELLO, hello=Hello(("TLSv1.2",)))

DONE = say(Message.SERVER_HELLO_DONE)
EMPTY = say(Message.CERTIFICATE, certificates=())

ALONE_CLIENT = (
    START,
    CLIENT_HELLO,
    *("a > hs", "a < hs"),
    SERVER_HELLO,
    say(Message.CERTIFICATE, certificates=CHAIN),
    say(Message.SERVER_HELLO_DONE),
    say(Message.CERTIFICATE, certificates=()),
    say(Message.CLIENT_KEY_EXCHANGE),
    *("a > hs", "a > ccs", "a > hs", "a < ccs", "a < hs"),
)

CLIENT_TOLD = [
    ("a", "c>client_hello+"),
    ("a", "protocol=TLSv1.2"),
    ("a", "c<server_hello+"),
    ("a", "c<certificate[1]"),
    ("a", "c<server_hello_done"),
    ("a", "c>certificate[0]"),
    ("a", "c>client_key_exchange"),
    ("a", "protocol=TLSv1.2"),
    ("a", "c>change_cipher_spec"),
    ("a", "c>finished"),
    ("a", "protocol=TLSv1.2"),
    ("a", "c<change_cipher_spec"),
    ("a", "c<finished"),
]

ALONE_SERVER = (
    "a < hs",
    CLIENT_HELLO,
    SERVER_HELLO,
    say(Message.CERTIFICATE, certificates=CHAIN),
    say(Message.SERVER_HELLO_DONE),
    *("a > hs", "a < hs"),
    say(Message.CERTIFICATE, certificates=()),
    say(Message.CLIENT_KEY_EXCHANGE),
    *("a < ccs", "a < hs", "a > ccs", "a > hs"),
)


def test_one_client() -> None:
    """Alone, a client owns every line, the ones before its first record too."""
    assert play(*ALONE_CLIENT) == CLIENT_TOLD


def test_one_server() -> None:
    """Alone, a server owns every line; of the two certificates the second is the client's."""
    assert play(*ALONE_SERVER) == [
        ("a", "started"),
        ("a", "s<client_hello+"),
        ("a", "s>server_hello+"),
        ("a", "s>certificate[1]"),
        ("a", "s>server_hello_done"),
        ("a", "protocol=TLSv1.2"),
        ("a", "s<certificate[0]"),
        ("a", "s<client_key_exchange"),
        ("a", "protocol=TLSv1.2"),
        ("a", "s<change_cipher_spec"),
        ("a", "s<finished"),
        ("a", "protocol=TLSv1.2"),
        ("a", "s>change_cipher_spec"),
        ("a", "s>finished"),
    ]


def test_records_alone_tell_the_skeleton() -> None:
    """Without any line that names nobody, the records still prove the messages that matter."""
    records = [entry for entry in ALONE_CLIENT if isinstance(entry, str)]
    assert [what for _, what in play(*records)] == [
        "c>client_hello",
        "protocol=TLSv1.2",
        "c<server_hello",
        "c>client_key_exchange",
        "protocol=TLSv1.2",
        "c>change_cipher_spec",
        "c>finished",
        "protocol=TLSv1.2",
        "c<change_cipher_spec",
        "c<finished",
    ]


def test_line_that_fits_two_threads() -> None:
    """Two servers that both may print a ServerHello: each perhaps has; the records tell what they prove."""
    told = play("a < hs", CLIENT_HELLO, "b < hs", SERVER_HELLO, "a > hs", "b > hs")
    assert told == [
        ("a", "started"),
        ("a", "s<client_hello+"),
        ("b", "started"),
        ("a", "perhaps s>server_hello+"),
        ("b", "perhaps s>server_hello+"),
        ("a", "protocol=TLSv1.2"),
        ("a", "s>server_hello"),
        ("b", "s<client_hello"),
        ("b", "protocol=TLSv1.2"),
        ("b", "s>server_hello"),
    ]


def test_line_that_fits_only_one_of_two_threads() -> None:
    """Of two threads that compute, the one at the right place in its handshake prints the line."""
    told = play("a < hs", CLIENT_HELLO, "a > hs", "b < hs", CLIENT_HELLO, "a < hs", SERVER_HELLO)
    assert told[-1] == ("b", "s>server_hello+")


def test_hello_while_a_client_starts_and_a_server_reads() -> None:
    """It may be either's, so neither gets its contents."""
    told = play(START, "s < hs", CLIENT_HELLO, "c > hs", SERVER_HELLO, "s > hs")
    assert told == [
        ("s", "started"),
        ("s", "perhaps s<client_hello+"),
        ("c", "c>client_hello"),
        ("s", "s<client_hello"),
        ("s", "s>server_hello+"),
        ("s", "protocol=TLSv1.2"),
    ]


def test_two_clients_start() -> None:
    """Equal hellos are each client's; of unequal ones each is perhaps either's."""
    other = say(Message.CLIENT_HELLO, hello=Hello(("TLSv1.2",), server_name="b.example"))
    both = ("a > hs", "b > hs")
    assert play(START, CLIENT_HELLO, START, CLIENT_HELLO, *both) == [
        ("a", "c>client_hello+"),
        ("b", "c>client_hello+"),
    ]
    perhaps = "perhaps c>client_hello+"
    assert play(START, CLIENT_HELLO, START, other, *both) == [
        *(("a", "c>client_hello"), ("a", perhaps), ("a", perhaps)),
        *(("b", "c>client_hello"), ("b", perhaps), ("b", perhaps)),
    ]


def test_hello_in_the_old_framing() -> None:
    """A client announces such a hello by two record lines; it is one hello."""
    second = make(4, "a > hs")
    old = replace(second, text="a, WRITE: SSLv2 client hello message, length = 206")
    attribution = Attribution()
    for line, entry in enumerate((START, CLIENT_HELLO), 1):
        attribution.resolve(make(line, entry))
    assert len(attribution.resolve(make(3, "a > hs"))) == 1
    assert attribution.resolve(old) == []


def test_start_without_a_record() -> None:
    """A hello that no record followed is told at the end, as nobody's."""
    assert play(START, CLIENT_HELLO) == [("", "u?client_hello+")]


def test_client_call_out_of_a_server_thread() -> None:
    """A service that calls out: the thread of an open server connection becomes a client, and serves on."""
    call = (START, CLIENT_HELLO, "a > hs", ("a", EOF_ERROR), ("a", FATAL), ("a", Ended()))
    told = play(*ALONE_SERVER, "a < data", *call, "a > data", "a < hs")
    assert told[14:] == [
        ("a", "c>client_hello+"),
        ("a", "failed client reading=False"),
        ("a", "alert unexpected_message"),
        ("a", "ended"),
        ("a", "started"),
        ("a", "s<client_hello"),
    ]


def test_trouble_after_the_handshake() -> None:
    """What fails while data flows is marked so, and its alert is no handshake's."""
    told = play(*ALONE_CLIENT, "a > data", ("a", RESET), ("a", FATAL), ("a", Ended()))
    assert told[len(CLIENT_TOLD) :] == [("a", "failed client reading=True"), ("a", "ended")]
    assert play("b < data", ("b", RESET)) == [("b", "failed unknown reading=True")]


def test_connection_that_dies_before_its_first_record() -> None:
    """Only a server can read the end before it has written; of other errors the role is not known."""
    assert play(("a", EOF_ERROR), ("a", Ended()), ("a", RESET)) == [
        ("a", "failed server reading=None"),
        ("a", "ended"),
        ("a", "failed unknown reading=None"),
    ]


def test_exception_after_the_close_keeps_its_role() -> None:
    """The exception of a refused handshake may be printed behind the close."""
    told = play("a > hs", ("a", FATAL), ("a", Ended()), ("a", RESET), ("a", Ended()), ("a", RESET))
    assert [what for _, what in told] == [
        "c>client_hello",
        "alert unexpected_message",
        "ended",
        "failed client reading=None",
        "ended",
        "failed unknown reading=None",
    ]


def test_failures_one_after_the_other_without_exceptions() -> None:
    """Shallow output shows alerts only: a fatal one behind a close begins anew."""
    told = play(("a", FATAL), ("a", Ended()), ("a", FATAL))
    assert [what for _, what in told] == [
        "alert unexpected_message",
        "ended",
        "started",
        "alert unexpected_message",
    ]


def test_renegotiation() -> None:
    """The announcement goes to who begins again: the server that just read, the client that writes."""
    again = ("", Fact(FactKind.RENEGOTIATION))
    server = play(*ALONE_SERVER, "a < hs", again, CLIENT_HELLO)
    assert server[-3:] == [("a", "started"), ("a", "renegotiation="), ("a", "s<client_hello+")]
    client = play(*ALONE_CLIENT, again, START, CLIENT_HELLO, "a > hs")
    assert client[-2:] == [("a", "c>client_hello+"), ("a", "renegotiation=")]


def test_request_to_begin_again() -> None:
    """A HelloRequest makes no handshake by itself, on either side."""
    ask = say(Message.HELLO_REQUEST)
    assert play(*ALONE_SERVER, ask, "a > hs")[14:] == []
    client = play(*ALONE_CLIENT, "a < hs", ask, START, CLIENT_HELLO, "a > hs")
    assert client[len(CLIENT_TOLD) :] == [("a", "started"), ("a", "c>client_hello+")]


ENGINE = ("", Fact(FactKind.LIBRARY, "SSLEngine"))
NULL_CHAIN = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "null cert chain"),))


def fatal(thread: str, failed: Failed = NULL_CHAIN) -> tuple[str, Happening]:
    """Return the line by which a thread gives up an engine."""
    return thread, failed


def test_engine() -> None:
    """With SSLEngine the lines of all threads belong to the one open handshake."""
    told = play(
        ENGINE,
        *("io < hs", CLIENT_HELLO, SERVER_HELLO, DONE, "task > hs", "io < hs", EMPTY),
        *(fatal("other"), ("other", FATAL), ("io", Ended())),
    )
    assert {thread for thread, _ in told} == {"\0engine 1"}
    assert [what for _, what in told] == [
        *(
            "s<client_hello+",
            "s>server_hello+",
            "s>server_hello_done",
            "protocol=TLSv1.2",
            "s<certificate[0]",
        ),
        *("failed server reading=False", "alert unexpected_message", "ended"),
    ]


def test_engines_at_different_places() -> None:
    """Of two open handshakes a line belongs to the one that is at its place, whichever thread prints it."""
    told = play(
        *(ENGINE, "io < hs", CLIENT_HELLO, SERVER_HELLO, DONE, "t1 > hs"),
        *(ENGINE, "io < hs", CLIENT_HELLO, "io < hs", EMPTY, SERVER_HELLO, fatal("t2"), ("t2", FATAL), DONE),
        "t1 > hs",
    )
    one, other = ([what for key, what in told if key == f"\0engine {n}"] for n in (1, 2))
    assert one[4:] == ["s<certificate[0]", "failed server reading=False", "alert unexpected_message"]
    assert other == ["s<client_hello+", "s>server_hello+", "s>server_hello_done", "protocol=TLSv1.2"]


def test_engines_at_the_same_place() -> None:
    """Where two are, what was known of them is taken back, and each end is told once."""
    told = play(
        *(ENGINE, ENGINE, "io < hs", CLIENT_HELLO, SERVER_HELLO, DONE, "t1 > hs"),
        *("io < hs", CLIENT_HELLO, SERVER_HELLO, DONE, "t2 > hs"),
        *("io < hs", EMPTY, "io < hs", EMPTY, fatal("t1"), fatal("t2")),
    )
    assert [(key, what) for key, what in told if what.startswith(("mingled", "failed", "perhaps"))] == [
        ("\0engine 1", "perhaps s<certificate[0]"),
        ("\0engine 2", "perhaps s<certificate[0]"),
        ("\0engine 1", "perhaps s<certificate[0]"),
        ("\0engine 2", "perhaps s<certificate[0]"),
        ("\0engine 1", "mingled="),
        ("\0engine 2", "mingled="),
        ("\0engine 1", "failed server reading=False"),
        ("\0engine 2", "failed server reading=False"),
    ]


def test_engine_and_sockets_in_one_log() -> None:
    """A thread that is known to close sockets goes on with sockets."""
    told = play(ENGINE, ("a", Ended()), "a < hs", CLIENT_HELLO)
    assert told[-1] == ("a", "s<client_hello+")


@pytest.mark.parametrize("whole", [True, False])
def test_first_engine_of_a_log(*, whole: bool) -> None:
    """Where a log began later than the JVM, what is under way at its first engine may be an engine's too."""
    told = play("a < hs", say(Message.CLIENT_HELLO), ENGINE, ENGINE, whole=whole)
    assert ("a", "s<client_hello") in told
    assert [what for _, what in told if what == "mingled="] == ([] if whole else ["mingled="])


def test_facts() -> None:
    """A fact's line goes to the thread that computes; a client's never to a server."""
    chosen, nothing = Fact(FactKind.KEY_CHOSEN, "k"), Fact(FactKind.NO_CLIENT_CERTIFICATE)
    told = play("a < hs", CLIENT_HELLO, ("", chosen), ("", nothing))
    assert told == [("a", "started"), ("a", "s<client_hello+"), ("a", "key_chosen=k")]


def test_sessions_tell_who_is_done() -> None:
    """The line of a cached session ends the computing of the thread that began the session."""
    label = Fact(FactKind.SESSION, "Session-1")
    told = play(
        "a < hs",
        CLIENT_HELLO,
        ("", label),
        ("", Fact(FactKind.SESSION, "Session-1 server cached")),
        SERVER_HELLO,
    )
    assert told == [("a", "started"), ("a", "s<client_hello+")]


SERVER_CACHED = ("", Fact(FactKind.SESSION, "Session-9 server cached"))
CLIENT_CACHED = ("", Fact(FactKind.SESSION, "Session-9 client cached"))


@pytest.mark.parametrize(
    ("end", "cached", "told"),
    [
        (("a > ccs", "a > hs"), SERVER_CACHED, ["completed"]),
        (("a > ccs", "a > hs"), CLIENT_CACHED, []),  # a client's last line is one that it reads
        (("a < ccs", "a < hs"), CLIENT_CACHED, ["completed"]),
        (("a < ccs", "a < hs"), SERVER_CACHED, []),
        (("a > ccs", "a > hs", "a < alert"), SERVER_CACHED, []),
        (("a > ccs", "a > hs", "b > ccs", "b > hs"), SERVER_CACHED, []),
        (("a > ccs", "a > hs", "b < hs"), SERVER_CACHED, []),  # b's change of cipher may be before the log
        (("a < hs",), SERVER_CACHED, []),
        (("a < hs",), CLIENT_CACHED, []),
    ],
)
def test_whose_session_is_cached(
    end: tuple[str, ...], cached: tuple[str, Happening], told: list[str]
) -> None:
    """One whose beginning the log does not show ends a handshake only directly behind its last Finished."""
    facts = [what.partition("=")[0] for _, what in play(*end, cached, whole=False)]
    assert [what for what in facts if what == FactKind.COMPLETED] == told


def test_a_session_of_another_swallows_no_failure() -> None:
    """One who has just read what may be a ClientHello is not done because somebody else is."""
    failure = "b", Failed((Throwable("javax.net.ssl.SSLHandshakeException", "no cipher suites in common"),))
    told = play("a > hs", "a > ccs", "b < hs", SERVER_CACHED, CLIENT_HELLO, failure, whole=False)
    assert [what for thread, what in told if thread == "b"] == [
        "started",
        f"{FactKind.UNDER_WAY}=",
        "s<client_hello+",
        "failed server reading=False",
    ]


def test_new_jvm_forgets_everything() -> None:
    """Threads of the JVM before are not those of the next one."""
    attribution = Attribution()
    attribution.resolve(make(1, "a < hs"))
    restart = Event(
        Where("w", "i", 0, 2), None, Speaker(Dialect.JSSE, 1, None, ""), JvmHappening(JvmEvent.RESTART), ""
    )
    assert attribution.resolve(restart) == [restart]
    assert attribution.state == State(whole=True)


def test_other_dialects_pass() -> None:
    """An event of a dialect that names its speakers is not touched."""
    event = Event(Where("w", "i", 0, 1), None, Speaker(Dialect.JSSE, 1, "a", "1a"), Started(), "")
    assert Attribution().resolve(event) == [event]


def test_memory_is_bounded() -> None:
    """Threads and starts that never go on are forgotten."""
    attribution = Attribution()
    for n in range(THREADS_LIMIT + 10):
        attribution.resolve(make(n, f"t{n} < hs"))
        attribution.resolve(make(n, START))
    assert (len(attribution.state.threads), len(attribution.state.starts)) == (THREADS_LIMIT, STARTS_LIMIT)


def test_time_of_a_peers_hello_is_not_trusted() -> None:
    """In a log without times only the own hello's is kept."""
    now = datetime(2024, 5, 6, tzinfo=UTC)
    attribution, whens = Attribution(State(whole=True)), []
    script: list[str | tuple[str, Happening]] = ["a < hs", CLIENT_HELLO, SERVER_HELLO]
    for line, entry in enumerate(script, 1):
        event = make(line, entry)
        told = attribution.resolve(replace(event, when=None if isinstance(entry, str) else now))
        whens += [(show(e.what), e.when) for e in told]
    assert whens == [("started", None), ("s<client_hello+", None), ("s>server_hello+", now)]


def test_roles_are_told_with_the_messages() -> None:
    """Every message that leaves carries the role of its thread."""
    told = [what for _, what in play(*ALONE_CLIENT)]
    assert {what[0] for what in told if what[1:2] in {"<", ">"}} == {Role.CLIENT[0]}


LATE = [
    (  # the log begins behind the ClientHello
        (
            SERVER_HELLO,
            say(Message.SERVER_HELLO_DONE),
            "a > hs",
            "a < hs",
            say(Message.CERTIFICATE, certificates=()),
        ),
        ["started", "under_way=", "s<certificate[0]"],
    ),
    (  # behind the server's flight
        ("a < hs", EMPTY, say(Message.CLIENT_KEY_EXCHANGE)),
        ["started", "under_way=", "u<certificate[0]", "s<client_key_exchange"],
    ),
    (  # behind the client's answer
        ("a < ccs", "a < hs", "a > ccs", "a > hs"),
        [
            *("started", "under_way=", "protocol=TLSv1.2", "u<change_cipher_spec", "u<finished"),
            *("protocol=TLSv1.2", "u>change_cipher_spec", "u>finished"),
        ],
    ),
    (  # before the last record of the client
        ("a < hs", "a > ccs", "a > hs"),
        ["started", "under_way=", "u<finished", "protocol=TLSv1.2", "u>change_cipher_spec", "u>finished"],
    ),
    (  # behind a client's hello
        (
            "a < hs",
            SERVER_HELLO,
            say(Message.CERTIFICATE, certificates=CHAIN),
            say(Message.SERVER_HELLO_DONE),
        ),
        ["started", "under_way=", "c<server_hello+", "c<certificate[1]", "c<server_hello_done"],
    ),
    (  # before the record with it, when the line that names nobody is gone already
        ("a > hs", "a < hs", SERVER_HELLO, say(Message.CERTIFICATE, certificates=CHAIN)),
        ["started", "under_way=", "c<server_hello+", "c<certificate[1]"],
    ),
    (  # amid the server's flight, as a client reads it
        (
            "a < hs",
            say(Message.CERTIFICATE, certificates=CHAIN),
            say(Message.SERVER_HELLO_DONE),
            "a > hs",
            "a > ccs",
        ),
        [
            *("started", "under_way=", "u<certificate[1]", "c<server_hello_done", "c>client_key_exchange"),
            *("protocol=TLSv1.2", "c>change_cipher_spec"),
        ],
    ),
    (  # records alone: who reads again before the cipher is changed is a server
        ("a < hs", "a > hs", "a < hs"),
        ["started", "under_way=", "s<client_hello", "s>server_hello"],
    ),
    (  # who writes again is a client
        ("a > hs", "a < hs", "a > hs", "a > ccs"),
        ["started", "under_way=", "c>client_key_exchange", "protocol=TLSv1.2", "c>change_cipher_spec"],
    ),
]


@pytest.mark.parametrize(("script", "told"), LATE)
def test_begun_before_the_log(script: tuple[str | tuple[str, Happening], ...], told: list[str]) -> None:
    """The first record that a log shows of a thread can be any; the role is what the rest proves."""
    assert [what for _, what in play(*script, whole=False)] == told


def test_young_log_ends() -> None:
    """Of a thread that is heard for the first time after a while the log shows the handshake's beginning."""
    attribution = Attribution()
    for line in range(YOUNG_EVENTS):
        attribution.resolve(make(line, "b > data"))
    told = attribution.resolve(make(9000, "a < hs")) + attribution.resolve(make(9001, "a > hs"))
    assert [show(e.what) for e in told] == ["started", "s<client_hello", "protocol=TLSv1.2", "s>server_hello"]


def test_side_of_a_session() -> None:
    """The line that only one end prints of a session shows the role, be the hello lost or not."""
    server, client = Fact(FactKind.SESSION, "Session-1 server"), Fact(FactKind.SESSION, "Session-1 client")
    assert play("a < hs", ("", server), SERVER_HELLO)[-1] == ("a", "s>server_hello+")
    assert play("a < hs", ("", client), SERVER_HELLO)[-1] == ("a", "c<server_hello+")
    assert play("a < hs", SERVER_HELLO)[-1] == ("a", "c<server_hello+")


def test_text_shows_the_role() -> None:
    """What only one end says shows the role where nothing else does."""
    refused = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "null cert chain"),))
    chose = Failed((Throwable("javax.net.ssl.SSLHandshakeException", "Server chose TLSv1, but no"),))
    assert [play((name, what))[-1][1] for name, what in (("a", refused), ("b", chose), ("c", RESET))] == [
        "failed server reading=None",
        "failed client reading=None",
        "failed unknown reading=None",
    ]


def test_begun_before_the_log_and_done() -> None:
    """The log begins with the peer's Finished: the next handshake of the connection begins from there."""
    cached = ("", Fact(FactKind.SESSION, "Session-7 client cached"))
    asked = ("", Fact(FactKind.RENEGOTIATION))
    told = play("a < ccs", "a < hs", cached, asked, START, CLIENT_HELLO, "a > hs", whole=False)
    first, again = ["u<finished", "completed="], ["c>client_hello+", "renegotiation="]
    assert [what for _, what in told][-4:] == [*first, *again]
    told = play("a > hs", "a < ccs", "a < hs", "a < data", whole=False)
    assert [what for _, what in told][-2:] == ["u<finished", "completed="]


def test_client_certificate_that_was_not_read() -> None:
    """Whether a client sent one or none matters most; where a mix-up hides it, the message is left out."""
    unread = say(Message.CERTIFICATE)
    client = play(START, CLIENT_HELLO, "a > hs", "a < hs", SERVER_HELLO, unread, DONE, unread)
    assert [what for _, what in client[2:]] == ["c<server_hello+", "c<certificate", "c<server_hello_done"]
    server = play("a < hs", CLIENT_HELLO, SERVER_HELLO, unread, DONE, "a > hs", "a < hs", unread)
    assert [what for _, what in server[2:]] == [
        *("s>server_hello+", "s>certificate", "s>server_hello_done", "protocol=TLSv1.2"),
    ]


@pytest.mark.parametrize(
    ("store", "whole", "told"),
    [
        (False, False, ["under_way=", "failed unknown reading=None"]),
        (True, False, ["failed server reading=None"]),
        (False, True, ["failed server reading=None"]),
    ],
)
def test_failure_first(*, store: bool, whole: bool, told: list[str]) -> None:
    """A thread whose first line is its failure was amid a handshake, unless the log shows the JVM's start."""
    attribution = Attribution(State(whole=whole))
    if store:
        attribution.resolve(make(1, ("", StoreEntry(None, ()))))
    assert [show(e.what) for e in attribution.resolve(make(2, ("a", EOF_ERROR)))] == told


def test_failure_of_a_thread_while_a_client_begins() -> None:
    """The client has not written yet, so far as the log shows; it may be the one that fails."""
    assert play(START, CLIENT_HELLO, ("a", EOF_ERROR))[0] == ("a", "failed unknown reading=None")
    assert play(("a", EOF_ERROR)) == [("a", "failed server reading=None")]
