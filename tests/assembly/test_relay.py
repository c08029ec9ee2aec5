"""Handshakes that several threads print: what SSLEngine does with a pool, seen through the assembler."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import codec
from agent.assembly.assembler import Assembler, Limits, Memory
from agent.assembly.relay import THREADS_LIMIT
from agent.model.events import (
    AlertSeen,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Hello,
    Said,
    Throwable,
)
from agent.model.handshake import Handshake
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Outcome, Role
from tests.assembly.conftest import Teller

Tell = Callable[..., Event]

Line = tuple[str, Happening]
"""A thread, and what it prints."""


def client(message: Message, *, sent: bool, hello: Hello | None = None, modern: bool | None = None) -> Said:
    """Return a message as a client hears it."""
    return Said(message, sent=sent, role=Role.CLIENT, hello=hello, modern=modern)


def server(message: Message, *, sent: bool, hello: Hello | None = None) -> Said:
    """Return a message as a server hears it."""
    return Said(message, sent=sent, role=Role.SERVER, hello=hello)


def hello(name: str, session: str | None = None) -> Said:
    """Return a client's hello."""
    return client(Message.CLIENT_HELLO, sent=True, hello=Hello(server_name=name, session=session))


def answer(version: str = "TLSv1.3", session: str | None = None) -> Said:
    """Return the server's hello."""
    return client(Message.SERVER_HELLO, sent=False, hello=Hello((version,), session=session))


NEW = Fact(FactKind.PROTOCOL, "TLSv1.3")
OLD = Fact(FactKind.PROTOCOL, "TLSv1.2")
EXTENSIONS = client(Message.ENCRYPTED_EXTENSIONS, sent=False)
REQUEST = Said(Message.CERTIFICATE_REQUEST, sent=False, role=Role.CLIENT, authorities=())
EMPTY = Said(Message.CERTIFICATE, sent=True, role=Role.CLIENT, certificates=())
DONE = client(Message.SERVER_HELLO_DONE, sent=False)
THEIR_FINISHED = client(Message.FINISHED, sent=False)
OUR_FINISHED = client(Message.FINISHED, sent=True)
CHANGE = Said(Message.CHANGE_CIPHER_SPEC, sent=False)
TICKET = client(Message.NEW_SESSION_TICKET, sent=False)

ASKED = server(Message.CLIENT_HELLO, sent=False)
FLIGHT = (server(Message.SERVER_HELLO, sent=True), OLD, server(Message.SERVER_HELLO_DONE, sent=True))
KEY = server(Message.CLIENT_KEY_EXCHANGE, sent=False)
CLIENTS_FINISHED = server(Message.FINISHED, sent=False)
SERVERS_FINISHED = server(Message.FINISHED, sent=True)

REFUSED = AlertSeen(sent=False, level="fatal", description="handshake_failure")
BAD = AlertSeen(sent=False, level="fatal", description="bad_certificate")
CLOSED = AlertSeen(sent=False, level="warning", description="close_notify")
TOLD = Failed((Throwable("SSLHandshakeException", "Received fatal alert"),), engine=True)
FOUND = Failed((Throwable("SSLHandshakeException", "PKIX"),), reading=False, engine=True)
PLAIN = Failed((Throwable("SSLException", "Unsupported or unrecognized SSL message"),), engine=True)
SOCKET = Failed((Throwable("SSLHandshakeException", "Received fatal alert"),), reading=True, engine=False)
TIMED_OUT = Failed((Throwable("SocketTimeoutException", "Read timed out"),), reading=False, final=False)


def lines(thread: str, *happenings: Happening) -> list[Line]:
    """Return a run of lines of a thread."""
    return [(thread, what) for what in happenings]


CLIENT_TLS13 = [
    *lines("main", hello("a.example")),
    *lines("task-1", answer(), NEW),
    *lines("io-1", CHANGE),
    *lines("task-2", EXTENSIONS, THEIR_FINISHED, OUR_FINISHED),
    *lines("io-2", TICKET, Ended()),
]
SERVER_TLS12 = [
    *lines("task-3", ASKED, *FLIGHT),
    *lines("task-4", KEY),
    *lines("io-1", CHANGE, CLIENTS_FINISHED, SERVERS_FINISHED, Ended()),
]
CLIENT_EMPTY = [
    *lines("main", hello("b.example")),
    *lines("task-1", answer(), NEW),
    *lines("task-2", EXTENSIONS, REQUEST, THEIR_FINISHED, EMPTY, OUR_FINISHED),
    *lines("io-1", BAD, TOLD),
]
SERVER_REFUSES = [
    *lines("task-3", ASKED, *FLIGHT),
    *lines("task-4", KEY, FOUND),
]

COMPLETED, FAILED, INCOMPLETE = Outcome.COMPLETED, Outcome.FAILED, Outcome.INCOMPLETE

Told = tuple[Outcome, Role, str | None]


def told(handshakes: Sequence[Handshake]) -> list[Told]:
    """Return how handshakes ended, who this side was, and the server's name."""
    return [(h.outcome, h.role, h.server_name) for h in handshakes]


def assemble(script: Sequence[Line], *, pause: float = 0.01) -> list[Handshake]:
    """Return the handshakes of lines; before another thread's line there is a pause, in seconds."""
    tell, assembler = Teller(), Assembler()
    handshakes, second, before = [], 0.0, ""
    for thread, what in script:
        second += 0.001 if thread == before else pause
        before = thread
        handshakes += assembler.feed(tell(what, second, thread=thread))
    return handshakes + assembler.finish()


SCRIPTS: dict[str, tuple[list[Line], list[Told]]] = {
    "a client": (CLIENT_TLS13, [(COMPLETED, Role.CLIENT, "a.example")]),
    "a server": (SERVER_TLS12, [(COMPLETED, Role.SERVER, None)]),
    "a client whose certificate is missed": (CLIENT_EMPTY, [(FAILED, Role.CLIENT, "b.example")]),
    "a server that finds fault": (SERVER_REFUSES, [(FAILED, Role.SERVER, None)]),
    "a client that is refused at once": (
        [*lines("main", hello("c.example")), *lines("io-1", REFUSED, TOLD)],
        [(FAILED, Role.CLIENT, "c.example")],
    ),
    "a hello, tried again on another thread": (
        [
            ("task-1", server(Message.CLIENT_HELLO, sent=False, hello=Hello(session="1"))),
            ("task-1", server(Message.HELLO_RETRY_REQUEST, sent=True)),
            ("task-2", server(Message.CLIENT_HELLO, sent=False, hello=Hello(session="1"))),
            *lines("task-2", server(Message.SERVER_HELLO, sent=True), NEW, SERVERS_FINISHED),
            *lines("io-1", CLIENTS_FINISHED),
        ],
        [(COMPLETED, Role.SERVER, None)],
    ),
    "a renegotiation that is asked for on one thread, and goes on on another": (
        [
            ("io-1", server(Message.HELLO_REQUEST, sent=True)),
            *lines("task-1", ASKED, Fact(FactKind.RENEGOTIATION), *FLIGHT),
            *lines("task-2", KEY),
            *lines("io-1", CLIENTS_FINISHED, SERVERS_FINISHED),
        ],
        [(COMPLETED, Role.SERVER, None)],
    ),
    "a client whose tasks alone are another thread's": (
        [
            *lines("main", hello("d.example")),
            *lines("task-1", answer(), OLD, DONE, OUR_FINISHED),
            *lines("main", TICKET, CHANGE, THEIR_FINISHED),
        ],
        [(COMPLETED, Role.CLIENT, "d.example")],
    ),
    "the same client, refused": (
        [
            *lines("main", hello("d.example")),
            *lines("task-1", answer(), OLD, DONE, EMPTY, OUR_FINISHED),
            *lines("main", BAD, TOLD),
        ],
        [(FAILED, Role.CLIENT, "d.example")],
    ),
    "what closing prints": (
        [*CLIENT_TLS13, ("io-1", CLOSED), ("io-1", Ended()), ("io-2", CLOSED)],
        [(COMPLETED, Role.CLIENT, "a.example")],
    ),
    "a piece of a handshake that began before the log": (
        [*lines("task-2", EXTENSIONS, THEIR_FINISHED, OUR_FINISHED)],
        [(COMPLETED, Role.CLIENT, None)],
    ),
    "plaintext to a server while another one shakes hands": (
        [*lines("task-3", ASKED, *FLIGHT), *lines("io-1", PLAIN), *SERVER_TLS12[4:]],
        [(FAILED, Role.UNKNOWN, None), (COMPLETED, Role.SERVER, None)],
    ),
}


@pytest.mark.parametrize(("script", "ends"), SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("pause", [0.01, 3.0], ids=["at once", "slowly"])
def test_one_handshake_on_several_threads(script: list[Line], ends: list[Told], pause: float) -> None:
    """It is told once, with all its facts."""
    assert told(assemble(script, pause=pause)) == ends


@pytest.mark.parametrize("pause", [0.01, 0.3])
def test_one_after_the_other(pause: float) -> None:
    """The threads of a pool go from one handshake to the next."""
    script = [*CLIENT_TLS13, *SERVER_TLS12, *CLIENT_EMPTY, *SERVER_REFUSES, *CLIENT_TLS13, *SERVER_TLS12]
    assert sorted(told(assemble(script, pause=pause)), key=str) == [
        (COMPLETED, Role.CLIENT, "a.example"),
        (COMPLETED, Role.CLIENT, "a.example"),
        (COMPLETED, Role.SERVER, None),
        (COMPLETED, Role.SERVER, None),
        (FAILED, Role.CLIENT, "b.example"),
        (FAILED, Role.SERVER, None),
    ]


def test_whose_task_it_was_is_not_known() -> None:
    """Where two clients wait for the same, an alert that either can have got is joined to no guess."""
    script = [
        *lines("main", hello("a.example")),
        *lines("other", hello("b.example")),
        *lines("task-1", answer(), OLD, DONE, EMPTY, OUR_FINISHED),
        *lines("main", REFUSED, TOLD),
    ]
    assert (FAILED, Role.CLIENT, "a.example") in told(assemble(script))


def test_plaintext_after_others() -> None:
    """What is said of the first record of a connection alone is of no connection that had one."""
    after = [*lines("T1", ASKED, *FLIGHT, KEY, CLIENTS_FINISHED, SERVERS_FINISHED, PLAIN), ("T1", PLAIN)]
    assert told(assemble(after)) == [(COMPLETED, Role.SERVER, None), (FAILED, Role.UNKNOWN, None)]
    after = lines("T1", ASKED, *FLIGHT, KEY, FOUND, Failed(()), PLAIN, PLAIN)
    assert told(assemble(after)) == [(FAILED, Role.SERVER, None), (FAILED, Role.UNKNOWN, None)]


def test_two_at_once() -> None:
    """Each is counted once; a name that can be of either is of neither, and so their lines are shared."""
    handshakes = assemble(
        [
            *lines("main", hello("a.example"), hello("b.example")),
            *lines("task-1", answer(), NEW),
            *lines("task-2", answer(), NEW),
            *lines("task-1", EXTENSIONS, THEIR_FINISHED, OUR_FINISHED),
            *lines("task-2", EXTENSIONS, FOUND),
        ]
    )
    assert sorted((h.outcome, h.role, h.server_name, h.protocol, h.ambiguous) for h in handshakes) == [
        (COMPLETED, Role.CLIENT, None, "TLSv1.3", True),
        (FAILED, Role.CLIENT, None, "TLSv1.3", True),
    ]


def test_two_at_once_told_apart_by_their_sessions() -> None:
    """With session ids nothing is in doubt."""
    handshakes = assemble(
        [
            *lines("main", hello("a.example", "1"), hello("b.example", "2")),
            *lines("task-1", answer(session="2"), NEW),
            *lines("task-2", answer(session="1"), NEW),
            *lines("task-1", EXTENSIONS, FOUND),
            *lines("task-2", EXTENSIONS, THEIR_FINISHED, OUR_FINISHED),
        ]
    )
    assert sorted(told(handshakes)) == [
        (COMPLETED, Role.CLIENT, "a.example"),
        (FAILED, Role.CLIENT, "b.example"),
    ]


def test_a_socket_goes_on_by_itself() -> None:
    """A line of a thread whose beginning was lost takes nothing from another one that waits for the like."""
    script = [
        *lines("T1", hello("a.example")),
        *lines("T2", answer(), NEW, EXTENSIONS, FOUND, Ended()),
        *lines("T1", answer(), NEW, EXTENSIONS, THEIR_FINISHED, OUR_FINISHED, Ended()),
    ]
    assert told(assemble(script)) == [
        (COMPLETED, Role.CLIENT, "a.example"),
        (FAILED, Role.CLIENT, None),
    ]


def test_the_verdict_read_by_another_thread() -> None:
    """A socket's client that has finished, and another thread that reads why it was refused: one failure."""
    script = [
        *lines("T1", hello("a.example"), answer(), NEW, EXTENSIONS, REQUEST),
        *lines("T1", THEIR_FINISHED, EMPTY, OUR_FINISHED),
        *lines("reader", BAD, SOCKET, Ended()),
        *lines("T1", Ended()),
    ]
    assert told(assemble(script)) == [(FAILED, Role.CLIENT, "a.example")]
    assert told(assemble(script, pause=3)) == [(FAILED, Role.CLIENT, "a.example")]


def test_a_read_that_timed_out_and_was_tried_again() -> None:
    """A socket's read may time out and go on: that was no failure."""
    script = lines(
        "T1", hello("a.example"), TIMED_OUT, answer(), NEW, EXTENSIONS, THEIR_FINISHED, OUR_FINISHED
    )
    assert told(assemble(script)) == [(COMPLETED, Role.CLIENT, "a.example")]
    assert told(assemble(script[:2])) == [(FAILED, Role.CLIENT, "a.example")]


def test_a_line_that_stands_twice() -> None:
    """It begins no second handshake."""
    script = lines("T1", hello("a.example"), answer(), NEW, EXTENSIONS, THEIR_FINISHED, OUR_FINISHED)
    assembler, tell = Assembler(), Teller()
    handshakes = []
    for n, (thread, what) in enumerate(script):
        for _ in range(2 if isinstance(what, Said) and not what.sent else 1):
            handshakes += assembler.feed(tell(what, n, thread=thread))
    assert told(handshakes + assembler.finish()) == [(COMPLETED, Role.CLIENT, "a.example")]


def test_in_a_silent_log(tell: Tell) -> None:
    """What no line will end is joined and told when nothing came for a while."""
    assembler = Assembler()
    for thread, what in CLIENT_EMPTY:
        assert assembler.feed(tell(what, thread=thread)) == []
    assert told(assembler.quiet(1)) == []
    assert told(assembler.quiet(2)) == [(FAILED, Role.CLIENT, "b.example")]


def test_bounds(tell: Tell) -> None:
    """A log of pieces that belong to nothing fills no memory."""
    assembler = Assembler(Limits(open_handshakes=50))
    for n in range(500):
        assembler.feed(tell(EXTENSIONS, n * 0.001, thread=f"T{n}"))
    memory = assembler.state
    assert (len(memory.drafts), len(memory.relay.pieces)) == (50, 50)
    for n in range(THREADS_LIMIT):
        for thread, what in (("main", hello("a", str(n))), (f"T{n}", answer(session=str(n)))):
            assembler.feed(tell(what, 1 + n, thread=thread))
    assert len(memory.drafts) <= 50
    assert len(memory.relay.turning) == THREADS_LIMIT
    assembler.finish()
    assert (memory.relay.pieces, memory.relay.turning) == ({}, {})


def test_other_dialects_are_left_alone(tell: Tell) -> None:
    """Their lines name who speaks, or go through an attribution of their own."""
    assembler = Assembler()
    for thread, what in CLIENT_TLS13:
        assembler.feed(tell(what, thread=thread, dialect=Dialect.JSSE_LEGACY))
    assert sorted(h.outcome for h in assembler.finish()) == [COMPLETED, INCOMPLETE, INCOMPLETE, INCOMPLETE]


ALL = [*CLIENT_TLS13, *SERVER_TLS12, *CLIENT_EMPTY, *SERVER_REFUSES, ("io-1", SOCKET), ("T1", TIMED_OUT)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ALL), max_size=40), st.sampled_from([0.01, 0.7]), st.data())
def test_saved_and_restored(script: list[Line], pause: float, data: st.DataObject) -> None:
    """Any lines of any threads are assembled, and the memory can be saved and restored at any point."""
    tell = Teller()
    events = [tell(what, n * pause, thread=thread) for n, (thread, what) in enumerate(script)]
    cut = data.draw(st.integers(0, len(events)))
    before = Assembler()
    handshakes = [h for event in events[:cut] for h in before.feed(event)]
    after = Assembler(state=codec.decode(codec.encode(before.state), Memory))
    handshakes += [h for event in events[cut:] for h in after.feed(event)] + after.finish()
    whole = Assembler()
    assert handshakes == [h for event in events for h in whole.feed(event)] + whole.finish()
    failures = sum(isinstance(what, Failed) and what.final for _, what in script)
    alerts = sum(isinstance(what, AlertSeen) for _, what in script)
    assert sum(h.outcome is FAILED for h in handshakes) <= failures + alerts + script.count(("T1", TIMED_OUT))
