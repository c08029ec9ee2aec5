from collections.abc import Callable

import pytest

from agent.assembly.draft import Draft
from agent.assembly.pieces import alone, candidates, gone, join, proven, verdict_on
from agent.assembly.transitions import State
from agent.model.events import (
    AlertSeen,
    Certificate,
    Event,
    Fact,
    FactKind,
    Failed,
    Hello,
    Said,
    Throwable,
)
from agent.model.handshake import Shared
from agent.model.tls import Message
from agent.model.vocabulary import Outcome, Role

Tell = Callable[..., Event]

CLIENT, SERVER = Role.CLIENT, Role.SERVER


class Log:
    """A log of several threads: each call is a run of lines of one of them, and returns its draft."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._turn = 0

    def __call__(self, thread: str, *happenings: Said | AlertSeen | Failed | Fact) -> Draft:
        """Return the conversation of one run of lines."""
        events = [self._tell(what, self._turn, thread=thread) for what in happenings]
        draft = Draft(
            speaker=events[0].speaker,
            first=events[0].at,
            last=events[0].at,
            thread=thread,
            began=self._turn + 1,
        )
        for event in events:
            self._turn += 1
            draft.touch(event, self._turn)
            match event.what:
                case Said() as said:
                    draft.say(event, said)
                    draft.show(event)
                case AlertSeen() as alert:
                    draft.alert(event, alert)
                    draft.state = State.FAILED
                case Failed() as failed:
                    draft.fail(event, failed)
                    draft.state = State.FAILED
                case Fact() as fact:
                    draft.note(event, fact)
        if draft.both_finished:
            draft.state = State.FINISHED
        return draft


@pytest.fixture
def log(tell: Tell) -> Log:
    """Return what makes the drafts of one log."""
    return Log(tell)


def said(message: Message, role: Role, *, sent: bool, **more: object) -> Said:
    """Return a message."""
    return Said(message, sent=sent, role=role, **more)  # type: ignore[arg-type]  # named by each test


def hello(name: str = "is.example.com", session: str | None = None, version: str = "TLSv1.3") -> Said:
    """Return a client's hello."""
    offer = Hello((version,), ("A", "B"), name, session=session)
    return said(Message.CLIENT_HELLO, CLIENT, sent=True, hello=offer)


def answer(session: str | None = None, version: str = "TLSv1.3", suite: str = "A") -> tuple[Said, Fact]:
    """Return the server's hello, and what it settles."""
    chosen = Hello((version,), (suite,), session=session)
    return said(Message.SERVER_HELLO, CLIENT, sent=False, hello=chosen), Fact(FactKind.PROTOCOL, version)


REQUEST = said(Message.CERTIFICATE_REQUEST, CLIENT, sent=False, authorities=())
EMPTY = said(Message.CERTIFICATE, CLIENT, sent=True, certificates=())
SHOWN = said(Message.CERTIFICATE, CLIENT, sent=True, certificates=(Certificate(subject="CN=us"),))
EXTENSIONS = said(Message.ENCRYPTED_EXTENSIONS, CLIENT, sent=False)
VERIFIED = Said(Message.CERTIFICATE_VERIFY, sent=False)
THEIR_FINISHED = said(Message.FINISHED, CLIENT, sent=False)
OUR_FINISHED = said(Message.FINISHED, CLIENT, sent=True)

ALERT = AlertSeen(sent=False, level="fatal", description="certificate_required")
TOLD = Failed((Throwable("SSLHandshakeException", "Received fatal alert"),), engine=True)
TOLD_SOCKET = Failed(TOLD.throwables, reading=True, engine=False)

ASKED = said(Message.CLIENT_HELLO, SERVER, sent=False)
OLD_FLIGHT = (
    said(Message.SERVER_HELLO, SERVER, sent=True),
    said(Message.CERTIFICATE, SERVER, sent=True),
    said(Message.SERVER_HELLO_DONE, SERVER, sent=True),
)
KEY = said(Message.CLIENT_KEY_EXCHANGE, SERVER, sent=False)


def test_order_tells(log: Log) -> None:
    """A piece is of the handshake that waits for its first message, and has said nothing since."""
    talks = log("T1", hello(), *answer()), log("T2", ASKED, *OLD_FLIGHT), log("T3", hello())
    piece = log("T4", EXTENSIONS, VERIFIED)
    later = log("T5", hello(), *answer())
    assert candidates(piece, [*talks, piece, later], ()) == [talks[0]]


def test_the_session_tells(log: Log) -> None:
    """A TLS 1.3 server sends the client's session id back, whoever else waits."""
    one, two = log("T1", hello(session="1")), log("T2", hello(session="2"))
    piece = log("T3", *answer("2"))
    assert proven(piece, [one, two])
    assert candidates(piece, [one, two], ()) == [two]
    assert not proven(log("T4", *answer("3")), [one, two])
    assert not proven(log("T4", *answer()), [one, two])


@pytest.mark.parametrize("chosen", [answer(version="TLSv1.2"), answer(suite="C")], ids=["version", "suite"])
def test_what_was_not_offered_is_not_chosen(chosen: tuple[Said, Fact], log: Log) -> None:
    """A ServerHello is no answer to a ClientHello that does not offer what it chooses."""
    assert candidates(log("T2", *chosen), [log("T1", hello())], ()) == []


def test_a_second_hello(log: Log) -> None:
    """After a HelloRetryRequest the same session comes again; another one is somebody else's."""
    first = said(Message.CLIENT_HELLO, SERVER, sent=False, hello=Hello(session="1"))
    head = log("T1", first, said(Message.HELLO_RETRY_REQUEST, SERVER, sent=True))
    other = said(Message.CLIENT_HELLO, SERVER, sent=False, hello=Hello(session="2"))
    assert [proven(log("T2", hello), [head]) for hello in (first, other)] == [True, False]


def test_a_renegotiation(log: Log) -> None:
    """The hello that answers a HelloRequest says that it is one; another one begins a connection."""
    head = log("T1", said(Message.HELLO_REQUEST, SERVER, sent=True))
    pieces = log("T2", ASKED, Fact(FactKind.RENEGOTIATION)), log("T2", ASKED)
    assert [proven(piece, [head]) for piece in pieces] == [True, False]


def test_threads_that_take_turns_come_first(log: Log) -> None:
    """Of two that wait, the one on a thread known to take turns is meant, or the piece's own."""
    socket, engine = log("T1", ASKED, *OLD_FLIGHT), log("T2", ASKED, *OLD_FLIGHT)
    piece = log("T3", KEY)
    assert candidates(piece, [socket, engine], {"T2"}) == [engine]
    assert candidates(piece, [socket, engine], ()) == [socket, engine]
    assert candidates(log("T1", KEY), [socket, engine], ()) == [socket]


def test_what_a_later_piece_needs_is_left_for_it(log: Log) -> None:
    """Of two that a piece can be of, it does not take the one that another piece can only be of."""
    asks = said(Message.CERTIFICATE_REQUEST, SERVER, sent=True)
    one = log(
        "T1", ASKED, *OLD_FLIGHT[:2], asks, OLD_FLIGHT[2], said(Message.CERTIFICATE, SERVER, sent=False)
    )
    two = log("T2", ASKED, *OLD_FLIGHT)
    piece = log("T3", KEY)
    assert candidates(piece, [two, one], ())[0] is one
    three = log("T2", ASKED, *OLD_FLIGHT[:2], asks, OLD_FLIGHT[2])
    refusal = log("T4", AlertSeen(sent=False, level="fatal", description="internal_error"), TOLD)
    needs = log("T5", said(Message.CERTIFICATE, SERVER, sent=False))
    assert candidates(refusal, [two, three], ()) == [two, three]
    assert candidates(refusal, [three, one], (), [needs]) == [one, three]


ALERTS: dict[str, tuple[tuple[Said | Fact, ...], str, bool]] = {
    "a hello, refused": ((hello(),), "protocol_version", True),
    "a name that nobody knows": ((hello(), *answer()), "unrecognized_name", False),
    "a certificate, before one was shown": ((hello(), *answer()), "bad_certificate", False),
    "a certificate that was shown": (
        (
            hello(version="TLSv1.2"),
            *answer(version="TLSv1.2"),
            REQUEST,
            said(Message.SERVER_HELLO_DONE, CLIENT, sent=False),
            SHOWN,
            OUR_FINISHED,
        ),
        "bad_certificate",
        True,
    ),
    "a server's certificate, by a client that has not answered": (
        (ASKED, *OLD_FLIGHT),
        "certificate_unknown",
        True,
    ),
    "a server's certificate, by a client that has sent its key": (
        (ASKED, *OLD_FLIGHT, KEY),
        "certificate_unknown",
        False,
    ),
    "anything": ((ASKED, *OLD_FLIGHT, KEY), "internal_error", True),
    "a server that has answered nothing yet": ((ASKED,), "internal_error", False),
}


@pytest.mark.parametrize(("heard", "alert", "fits"), ALERTS.values(), ids=ALERTS)
def test_an_alert_answers_what_was_sent(heard: tuple[Said, ...], alert: str, fits: bool, log: Log) -> None:  # noqa: FBT001  (a case's column)
    """An alert alone on its thread can only be of a handshake that gave reason for it."""
    head = log("T1", *heard)
    piece = log("T2", AlertSeen(sent=False, level="fatal", description=alert), TOLD)
    assert bool(candidates(piece, [head], ())) is fits


def test_an_alert_read_from_a_socket(log: Log) -> None:
    """A socket shakes hands on one thread: another one reads nothing but the verdict on a client's end."""
    talks = log("T1", hello())
    wanted = (hello(), *answer(), EXTENSIONS, REQUEST, THEIR_FINISHED, EMPTY, OUR_FINISHED)
    finished = log("T2", *wanted)
    accepted = log("T3", *wanted, said(Message.NEW_SESSION_TICKET, CLIENT, sent=False))
    unasked = log("T4", hello(), *answer(), EXTENSIONS, THEIR_FINISHED, OUR_FINISHED)
    piece = log("T5", ALERT, TOLD_SOCKET)
    assert candidates(piece, [talks, finished, accepted, unasked], ()) == [finished]
    assert (verdict_on(finished, [piece]), verdict_on(unasked, [piece])) == (True, False)


def test_a_failure_alone_is_nobodys(log: Log) -> None:
    """What a thread reports of its own connection, without a message or an alert, ties it to no other one."""
    assert candidates(log("T2", TOLD), [log("T1", hello())], ()) == []
    assert alone(log("T2", TOLD))
    assert not alone(log("T2", EXTENSIONS))


def test_gone_on_elsewhere(log: Log) -> None:
    """A handshake that a piece fits may have gone on with it; an alert does not say so."""
    head = log("T1", hello(), *answer())
    assert gone(head, [log("T2", EXTENSIONS)])
    assert not gone(head, [log("T2", AlertSeen(sent=False, level=None, description="internal_error"), TOLD)])


def test_joined(log: Log) -> None:
    """One handshake of both: from the first line of the one to the last of the other, facts and all."""
    head = log("T1", hello(), *answer())
    piece = log("T2", EXTENSIONS, VERIFIED, THEIR_FINISHED, OUR_FINISHED)
    joined = join(piece, [head])
    handshake = joined.handshake(Outcome.COMPLETED, ())
    assert (joined.state, joined.thread, joined.spoke) == (State.FINISHED, "T2", piece.spoke)
    assert (handshake.first, handshake.last, handshake.thread) == (head.first, piece.last, "T1")
    assert (handshake.server_name, handshake.protocol, handshake.ambiguous) == (
        "is.example.com",
        "TLSv1.3",
        False,
    )
    assert [step.name for step in handshake.steps] == [
        "client_hello",
        "server_hello",
        "encrypted_extensions",
        "certificate_verify",
        "finished",
        "finished",
    ]


def test_joined_with_one_of_several(log: Log) -> None:
    """What all of them share is kept, the rest of what came before is not; its lines are shared ones."""
    one, two = log("T1", hello("a.example"), *answer()), log("T2", hello("b.example"), *answer())
    piece = log("T3", EXTENSIONS, THEIR_FINISHED)
    joined = join(piece, [one, two])
    assert joined is one
    assert (joined.mingled, joined.hello, joined.protocol, joined.cipher_suite) == (
        True,
        None,
        "TLSv1.3",
        "A",
    )
    assert (joined.speaker.thread, joined.first) == ("T3", piece.first)
    assert [step.name for step in joined.steps][:3] == [
        "client_hello",
        "server_hello",
        "encrypted_extensions",
    ]
    assert joined.shared[0] == Shared(one.steps[0].at, "line 1")
    assert (two.mingled, two.hello and two.hello.server_name) == (False, "b.example")
    # the other one is in doubt as soon as something is joined to it
    assert join(log("T4", EXTENSIONS), [two]).mingled


def test_joined_with_one_of_several_that_came_differently_far(log: Log) -> None:
    """How far it came is not known then, only that messages were exchanged."""
    one, two = log("T1", hello()), log("T2", hello(), *answer())
    piece = log("T3", AlertSeen(sent=False, level="fatal", description="handshake_failure"), TOLD)
    joined = join(piece, [one, two])
    assert ([step.name for step in joined.steps], joined.role) == (["handshake_failure"], CLIENT)
    assert joined.facts == [Fact(FactKind.UNDER_WAY)]
    assert joined.state is State.FAILED


def test_socket_told_off_amid_a_handshake(log: Log) -> None:
    """Stack frames of a socket show that the alert is of the handshake that its own thread spoke of last."""
    first, other, last = log("T1", *answer()), log("T2", hello()), log("T1", *answer())
    alert = AlertSeen(sent=False, level="fatal", description="handshake_failure")
    piece = log("T1", alert, TOLD_SOCKET)
    assert candidates(piece, [last, other, first], ()) == [last]
    assert candidates(log("T3", alert, TOLD_SOCKET), [last, other, first], ()) == []


def test_joined_by_its_session(log: Log) -> None:
    """What a session id proves is not in doubt, whatever was before."""
    one, two = log("T1", hello("a.example", "1")), log("T2", hello("b.example", "2"))
    join(log("T3", AlertSeen(sent=False, level=None, description="handshake_failure"), TOLD), [one, two])
    joined = join(log("T4", *answer("2")), [two])
    assert (joined.mingled, joined.hello and joined.hello.server_name) == (False, "b.example")


def test_a_verdict_joined(log: Log) -> None:
    """A client that had finished has failed then."""
    finished = log("T1", hello(), *answer(), EXTENSIONS, REQUEST, THEIR_FINISHED, EMPTY, OUR_FINISHED)
    joined = join(log("T2", ALERT, TOLD_SOCKET), [finished])
    assert (joined.state, joined.alerts, joined.failures) == (State.FAILED, [ALERT], [TOLD_SOCKET])
