from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import codec
from agent.assembly.assembler import SETTLE_EVENTS, Assembler, Limits, Memory
from agent.assembly.stores import Stores
from agent.assembly.weight import weigh
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
    Said,
    Started,
    StoreEntry,
    Throwable,
)
from agent.model.handshake import Handshake
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, JvmEvent, Outcome, Role
from tests.assembly.conftest import Teller

Tell = Callable[..., Event]

COMPLETED, FAILED, INCOMPLETE = Outcome.COMPLETED, Outcome.FAILED, Outcome.INCOMPLETE


def client(message: Message, *, sent: bool, hello: Hello | None = None) -> Said:
    """Return a message as a client hears it."""
    return Said(message, sent=sent, role=Role.CLIENT, hello=hello)


HELLO = client(Message.CLIENT_HELLO, sent=True)
ANSWER = client(Message.SERVER_HELLO, sent=False, hello=Hello(("TLSv1.3",), ("TLS_AES_128_GCM_SHA256",)))
RETRY = client(Message.HELLO_RETRY_REQUEST, sent=False)
OUR_FINISHED = client(Message.FINISHED, sent=True)
THEIR_FINISHED = client(Message.FINISHED, sent=False)
TICKET = client(Message.NEW_SESSION_TICKET, sent=False)
DONE: tuple[Happening, ...] = (HELLO, ANSWER, THEIR_FINISHED, OUR_FINISHED)

ALERT = AlertSeen(sent=False, level="fatal", description="handshake_failure")
REPORT = Failed(
    (Throwable("SSLHandshakeException", "Received fatal alert: handshake_failure"),), "handshake_failure"
)
REPEATED = Failed(REPORT.throwables, final=False)
BROKEN = Failed((Throwable("SocketException", "Broken pipe"),))
ON_READ = Failed((Throwable("SocketException", "Connection reset"),), reading=True)

REFUSED = AlertSeen(sent=False, level="fatal", description="certificate_required")
MALFORMED = AlertSeen(sent=False, level="fatal", description="decode_error")
DATA_ALERTED = Failed((Throwable("SSLException", "Received fatal alert: decode_error"),), reading=True)
OUR_ALERT = AlertSeen(sent=True, level=None, description="unexpected_message")
ASKED = Said(Message.CLIENT_HELLO, sent=False, role=Role.SERVER)
CLIENTS_FINISHED = Said(Message.FINISHED, sent=False, role=Role.SERVER)
SERVERS_FINISHED = Said(Message.FINISHED, sent=True, role=Role.SERVER)
NOT_WRITTEN = Failed(BROKEN.throwables, "handshake_failure", reading=False)
NOT_VERIFIED = Failed(
    (Throwable("SSLHandshakeException", "The Finished message cannot be verified."),),
    "decrypt_error",
    reading=False,
)


def feed(assembler: Assembler, events: Sequence[Event]) -> list[Handshake]:
    """Return what events end."""
    return [handshake for event in events for handshake in assembler.feed(event)]


def assemble(events: Sequence[Event]) -> list[Handshake]:
    """Return the handshakes of a log that is these events."""
    assembler = Assembler()
    return feed(assembler, events) + assembler.finish()


def told(*happenings: Happening, tell: Tell) -> list[tuple[Outcome, int, int]]:
    """Return how the handshakes of one thread ended, and their lines; each happening is a line."""
    handshakes = assemble([tell(what) for what in happenings])
    return [(h.outcome, h.first.line, h.last.line) for h in handshakes]


TRANSCRIPTS: dict[str, tuple[tuple[Happening, ...], list[tuple[Outcome, int, int]]]] = {
    # how a handshake ends
    "completed": (DONE, [(COMPLETED, 1, 4)]),
    "completed, in so many words": ((HELLO, Fact(FactKind.COMPLETED)), [(COMPLETED, 1, 2)]),
    "completed, then closed": ((*DONE, Ended()), [(COMPLETED, 1, 4)]),
    "completed, then trouble on reading": ((*DONE, ON_READ, REPEATED, ON_READ), [(COMPLETED, 1, 4)]),
    "completed, then a warning": (
        (*DONE, AlertSeen(sent=True, level="warning", description="user_canceled"), Ended()),
        [(COMPLETED, 1, 5)],
    ),
    "refused": ((HELLO, ALERT), [(FAILED, 1, 2)]),
    "given up": ((HELLO, ANSWER, BROKEN), [(FAILED, 1, 3)]),
    "no end was seen": ((HELLO, ANSWER), [(INCOMPLETE, 1, 2)]),
    "closed before the end": ((HELLO, Ended()), [(INCOMPLETE, 1, 2)]),
    "both Finished messages from one side": ((HELLO, OUR_FINISHED, OUR_FINISHED), [(INCOMPLETE, 1, 3)]),
    # one failure, several reports
    "alert, report, repetition": ((HELLO, ALERT, REPORT, REPEATED, Ended()), [(FAILED, 1, 5)]),
    "repetitions after closing": ((HELLO, ALERT, REPORT, Ended(), REPEATED, REPEATED), [(FAILED, 1, 6)]),
    "our alert, then the report": (
        (HELLO, AlertSeen(sent=True, level=None, description="certificate_unknown"), BROKEN),
        [(FAILED, 1, 3)],
    ),
    # how one starts
    "a failure without a hello": ((REPORT, REPEATED, Ended()), [(FAILED, 1, 3)]),
    "an alert without a hello": ((ALERT,), [(FAILED, 1, 1)]),
    "a failure while shaking hands": ((Failed((), reading=False, final=False),), [(FAILED, 1, 1)]),
    "trouble with data, without a hello": ((ON_READ, Ended()), []),
    "a repetition alone": ((REPEATED,), []),
    "an end alone": ((Ended(),), []),
    "facts alone": ((Fact(FactKind.PEER, "192.0.2.9:443"), Fact(FactKind.KEY_CHOSEN, "is"), Ended()), []),
    "facts, then a hello": ((Fact(FactKind.PEER, "192.0.2.9:443"), HELLO, ALERT), [(FAILED, 1, 3)]),
    "a ticket alone": ((TICKET, client(Message.KEY_UPDATE, sent=True)), []),
    "in the middle": ((ANSWER, THEIR_FINISHED, OUR_FINISHED), [(COMPLETED, 1, 3)]),
    "a start without a message": ((Started(), Fact(FactKind.PEER, "x"), Ended()), []),
    # one after the other
    "two": ((*DONE, HELLO, ALERT), [(COMPLETED, 1, 4), (FAILED, 5, 6)]),
    "two, the second announced": ((HELLO, ALERT, Started(), HELLO, ALERT), [(FAILED, 1, 2), (FAILED, 3, 5)]),
    "two failures, the first one closed": (
        (REPORT, Ended(), REPORT, Ended()),
        [(FAILED, 1, 2), (FAILED, 3, 4)],
    ),
    "abandoned for another": ((HELLO, HELLO, ALERT), [(INCOMPLETE, 1, 1), (FAILED, 2, 3)]),
    "closed, then a fact of the next": (
        (HELLO, ALERT, Ended(), Fact(FactKind.SERVER_NAME_WITHHELD), HELLO, ALERT),
        [(FAILED, 1, 3), (FAILED, 4, 6)],
    ),
    "a HelloRequest begins another, with the hello that answers it": (
        (*DONE, client(Message.HELLO_REQUEST, sent=False), HELLO, ALERT),
        [(COMPLETED, 1, 4), (FAILED, 5, 7)],
    ),
    "a second hello is not what a HelloRequest asked for": (
        (client(Message.HELLO_REQUEST, sent=False), HELLO, HELLO, ALERT),
        [(INCOMPLETE, 1, 2), (FAILED, 3, 4)],
    ),
    # HelloRetryRequest
    "asked to try again": ((HELLO, RETRY, HELLO, ANSWER, THEIR_FINISHED, OUR_FINISHED), [(COMPLETED, 1, 6)]),
    "asked to try again, then refused": ((HELLO, RETRY, HELLO, ALERT), [(FAILED, 1, 4)]),
    "a third hello is another": ((HELLO, RETRY, HELLO, HELLO, ALERT), [(INCOMPLETE, 1, 3), (FAILED, 4, 5)]),
    # TLS 1.3: the server judges after the client has finished
    "a late verdict": ((*DONE, ALERT, REPORT, REPEATED, Ended()), [(FAILED, 1, 8)]),
    "a late verdict after a ticket": ((*DONE, TICKET, REFUSED, Ended()), [(FAILED, 1, 7)]),
    "an alert that is no verdict, after a ticket": (
        (*DONE, TICKET, MALFORMED, DATA_ALERTED, Ended()),
        [(COMPLETED, 1, 5)],
    ),
    "an alert amid the data of a connection whose handshake was not seen": (
        (MALFORMED, DATA_ALERTED, REPEATED, Ended()),
        [],
    ),
    "a verdict amid the data of such a connection": (
        (REFUSED, DATA_ALERTED, Ended()),
        [(FAILED, 1, 3)],
    ),
    "closing an idle connection": (
        (AlertSeen(sent=False, level="warning", description="close_notify"), Ended()),
        [],
    ),
    # the alert that JSSE writes behind a report of trouble
    "our alert behind trouble": ((*DONE, ON_READ, OUR_ALERT, REPEATED, Ended()), [(COMPLETED, 1, 4)]),
    "our alert behind trouble with a connection whose handshake was not seen": (
        (ON_READ, OUR_ALERT, REPEATED, Ended()),
        [],
    ),
    "our alert alone, the report being torn": ((HELLO, ANSWER, OUR_ALERT), [(FAILED, 1, 3)]),
    # JSSE prints its own Finished before it writes it, and the other one before it verifies it
    "a server's Finished that was not delivered": (
        (ASKED, CLIENTS_FINISHED, SERVERS_FINISHED, NOT_WRITTEN),
        [(FAILED, 1, 4)],
    ),
    "a Finished that was not verified": (
        (ASKED, SERVERS_FINISHED, CLIENTS_FINISHED, NOT_VERIFIED),
        [(FAILED, 1, 4)],
    ),
    "the next connection of a server's thread": (
        (ASKED, SERVERS_FINISHED, CLIENTS_FINISHED, NOT_WRITTEN),
        [(COMPLETED, 1, 3), (FAILED, 4, 4)],
    ),
    "the last Finished was not delivered": (
        (*DONE, Failed(BROKEN.throwables, reading=False)),
        [(FAILED, 1, 5)],
    ),
    "no verdict, but closing": (
        (*DONE, AlertSeen(sent=False, level="fatal", description="close_notify")),
        [(COMPLETED, 1, 5)],
    ),
}


@pytest.mark.parametrize(("happenings", "ends"), TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_transcripts(
    happenings: tuple[Happening, ...], ends: list[tuple[Outcome, int, int]], tell: Tell
) -> None:
    """One thread's lines make these handshakes."""
    assert told(*happenings, tell=tell) == ends


def test_renegotiation_asked_for(tell: Tell) -> None:
    """What a HelloRequest asks for is told as one handshake with the hello that answers it."""
    request = client(Message.HELLO_REQUEST, sent=False)
    assert [h.outcome for h in assemble([tell(w) for w in (request, HELLO, *DONE[1:])])][-1] is COMPLETED


def test_no_late_verdict_before_tls_1_3(tell: Tell) -> None:
    """Up to TLS 1.2 the server has judged before it finishes: a later alert is trouble of the connection."""
    older = client(Message.SERVER_HELLO, sent=False, hello=Hello(("TLSv1.2",)))
    assert told(HELLO, older, OUR_FINISHED, THEIR_FINISHED, ALERT, REPORT, tell=tell)[0] == (COMPLETED, 1, 4)


def test_no_late_verdict_on_a_server(tell: Tell) -> None:
    """A server that has finished has judged."""
    lines = [
        Said(Message.CLIENT_HELLO, sent=False, role=Role.SERVER),
        Said(Message.FINISHED, sent=True, role=Role.SERVER),
        Said(Message.FINISHED, sent=False, role=Role.SERVER),
    ]
    assert told(*lines, ALERT, tell=tell)[0] == (COMPLETED, 1, 3)


def test_a_verdict_too_late(tell: Tell) -> None:
    """An alert an hour after the handshake is none of it."""
    handshakes = assemble([*(tell(what, 0) for what in DONE), tell(ALERT, 3600)])
    assert handshakes[0].outcome is COMPLETED


def test_reports_of_one_failure(tell: Tell) -> None:
    """All reports are kept with the one handshake, in their order."""
    (handshake,) = assemble([tell(what) for what in (HELLO, ALERT, REPORT, REPEATED, Ended())])
    assert (handshake.alerts, handshake.failures) == ((ALERT,), (REPORT, REPEATED))


def test_threads_at_once(tell: Tell) -> None:
    """Each thread of each dialect has its own conversation."""
    speakers = [("T1", Dialect.JSSE), ("T2", Dialect.JSSE), ("T1", Dialect.IAIK)]
    lines = [tell(what, thread=t, dialect=d) for what in (HELLO, ANSWER, ALERT) for t, d in speakers]
    assert [(h.thread, h.dialect, h.outcome, h.first.line, h.last.line) for h in assemble(lines)] == [
        ("T1", Dialect.JSSE, FAILED, 1, 7),
        ("T2", Dialect.JSSE, FAILED, 2, 8),
        ("T1", Dialect.IAIK, FAILED, 3, 9),
    ]


def test_nobodys_line(tell: Tell) -> None:
    """A line that names nobody belongs to no conversation."""
    assert assemble([tell(ALERT, thread="")]) == []


def test_restart_of_the_jvm(tell: Tell) -> None:
    """A launch ends everything open; what had not ended is incomplete, not failed."""
    assembler = Assembler()
    lines = [tell(HELLO), tell(HELLO, thread="T2"), tell(ALERT, thread="T2"), tell(StoreEntry("is", ()))]
    assert feed(assembler, lines) == []
    launch = tell(JvmHappening(JvmEvent.RESTART), thread="", jvm=None)
    assert [(h.thread, h.outcome) for h in assembler.feed(launch)] == [("T1", INCOMPLETE), ("T2", FAILED)]
    assert (assembler.open, assembler.state.stores) == (0, Stores())


@pytest.mark.parametrize("event", sorted(set(JvmEvent) - {JvmEvent.RESTART}))
def test_other_news_of_the_jvm(event: JvmEvent, tell: Tell) -> None:
    """Nothing but a launch ends a conversation."""
    assert told(HELLO, JvmHappening(event), ALERT, tell=tell) == [(FAILED, 1, 3)]


def test_another_jvm(tell: Tell) -> None:
    """A higher index ends the conversations of the one before, even if the launch was not seen."""
    handshakes = assemble([tell(HELLO), tell(ALERT, jvm=2)])
    assert [(h.jvm, h.outcome) for h in handshakes] == [(1, INCOMPLETE), (2, FAILED)]


def test_settled(tell: Tell) -> None:
    """A failure is told when the log's clock shows that no more reports follow."""
    assembler = Assembler()
    assert feed(assembler, [tell(HELLO, 0), tell(ALERT, 0.1), tell(HELLO, 1.5, thread="T2")]) == []
    assert [h.outcome for h in assembler.feed(tell(ANSWER, 4, thread="T2"))] == [FAILED]


def test_too_long(tell: Tell) -> None:
    """A handshake that says nothing more for longer than the limit is incomplete."""
    assembler = Assembler(Limits(handshake_seconds=60))
    assert feed(assembler, [tell(HELLO, 0), tell(HELLO, 59, thread="T2")]) == []
    assert [h.outcome for h in assembler.feed(tell(ANSWER, 61, thread="T2"))] == [INCOMPLETE]


def test_clock_set_back(tell: Tell) -> None:
    """A log whose clock is set back an hour goes on: what is open ends by the new clock."""
    assembler = Assembler()
    feed(assembler, [tell(HELLO, 3600), tell(ALERT, 3600)])
    assert feed(assembler, [tell(HELLO, n, thread=f"T{2 + n}") for n in range(3)]) == []
    assert [h.thread for h in assembler.feed(tell(ANSWER, 5, thread="T2"))] == ["T1"]


def test_zones_that_differ(tell: Tell) -> None:
    """A JVM whose zone is not the wrapper's speaks two dialects at once: nothing of that ends a handshake."""
    hour = 3600
    lines = [
        event
        for second, what in enumerate(DONE)
        for event in (
            tell(what, second, written=second + hour),
            tell(what, second + hour, thread="1", dialect=Dialect.IAIK),
        )
    ]
    told = [(h.dialect, h.outcome) for h in assemble(lines)]
    assert told == [(Dialect.JSSE, COMPLETED), (Dialect.IAIK, COMPLETED)]


def test_told_by_the_time_of_all(tell: Tell) -> None:
    """A failure of one dialect is told when the lines of another show that time has passed."""
    assembler = Assembler()
    feed(assembler, [tell(HELLO, 0, written=3600), tell(ALERT, 0, written=3600)])
    later = tell(HELLO, 3603, thread="1", dialect=Dialect.IAIK)
    assert [h.dialect for h in assembler.feed(later)] == [Dialect.JSSE]


def test_told_without_times(tell: Tell) -> None:
    """In a log without times a failure is told when enough of others came since, though it never rests."""

    def line(what: Happening, thread: str) -> Event:
        return tell(what, None, thread=thread, dialect=Dialect.IAIK)

    assembler = Assembler()
    feed(assembler, [line(HELLO, "1"), line(ALERT, "1"), line(HELLO, "2")])
    others = [line(HELLO, "3"), *(line(ANSWER, "3") for _ in range(2 * SETTLE_EVENTS))]
    assert [(h.thread, h.outcome) for h in feed(assembler, others)] == [("1", FAILED)]
    assert assembler.open == 2
    assert feed(assembler, [line(REPORT, "1"), line(Ended(), "1")]) == []


def test_record_that_was_held_back(tell: Tell) -> None:
    """A message that is known late, for its end was not seen before, is told late and sets no clock back."""
    assembler = Assembler()
    feed(assembler, [tell(HELLO, 0), tell(ALERT, 0), tell(HELLO, 1, thread="T2")])
    assert feed(assembler, [tell(ANSWER, -20, thread="T3")]) == []
    assert [h.thread for h in assembler.feed(tell(ANSWER, 2, thread="T2"))] == ["T1"]


def test_no_clock(tell: Tell) -> None:
    """A log without times gives the same handshakes, when their next one begins or the input ends."""
    handshakes = assemble([tell(what, None) for what in (HELLO, ALERT, *DONE)])
    assert [(h.outcome, h.started_at) for h in handshakes] == [(FAILED, None), (COMPLETED, None)]


def test_eviction(tell: Tell) -> None:
    """With too many open at once, the one not heard of for longest is given up as it stands, and counted."""
    assembler = Assembler(Limits(open_handshakes=2))
    lines = [
        tell(HELLO, thread="T1"),
        tell(HELLO, thread="T2"),
        tell(ANSWER, thread="T1"),
        tell(HELLO, thread="T3"),
    ]
    assert [(h.thread, h.outcome) for h in feed(assembler, lines)] == [("T2", INCOMPLETE)]
    assert (assembler.open, assembler.state.evicted) == (2, 1)


def test_eviction_of_what_was_told(tell: Tell) -> None:
    """A conversation that is told already makes room without being counted."""
    assembler = Assembler(Limits(open_handshakes=1))
    lines = [*(tell(what) for what in (*DONE, Ended())), tell(HELLO, thread="T2")]
    assert [h.outcome for h in feed(assembler, lines)] == [COMPLETED]
    assert (assembler.open, assembler.state.evicted) == (1, 0)


def test_eviction_by_weight(tell: Tell) -> None:
    """So is the one not heard of for longest when what is open weighs too much, however few there are."""
    heavy = Said(Message.CERTIFICATE, sent=False, certificates=(Certificate(subject="x" * 1000),) * 12)
    assembler = Assembler(Limits(open_bytes=60_000))
    told = feed(assembler, [tell(what, thread=f"T{n}") for n in range(20) for what in (HELLO, heavy)])
    assert [(h.thread, h.outcome) for h in told[:2]] == [("T0", INCOMPLETE), ("T1", INCOMPLETE)]
    assert assembler.state.evicted == len(told)
    assert assembler.open == 20 - len(told)
    assert sum(weigh(draft) for draft in assembler.state.drafts.values()) <= 60_000 * 9 // 8


def test_one_alone_is_never_too_heavy(tell: Tell) -> None:
    """The only conversation goes on, however much it says."""
    assembler = Assembler(Limits(open_bytes=1000))
    assert feed(assembler, [tell(HELLO), *(tell(REPORT) for _ in range(50))]) == []
    assert (assembler.open, assembler.state.evicted) == (1, 0)


def test_what_was_told_takes_no_room(tell: Tell) -> None:
    """A conversation that is told lets go of its contents, and still absorbs what closing prints."""
    chain = Said(Message.CERTIFICATE, sent=False, certificates=(Certificate(subject="x" * 1000),) * 12)
    assembler = Assembler()
    feed(assembler, [tell(what) for what in (HELLO, chain, *DONE[1:])])
    (draft,) = assembler.state.drafts.values()
    before = weigh(draft)
    (handshake,) = feed(assembler, [tell(Ended())])
    assert handshake.peer_chain == chain.certificates
    assert weigh(draft) < before // 4
    assert feed(assembler, [tell(REPEATED), tell(Ended())]) == []


def test_quiet(tell: Tell) -> None:
    """In a silent log, what has failed ends soon, what has finished later, the rest at the limit."""
    assembler = Assembler()
    for thread, lines in (("T1", (HELLO, ALERT)), ("T2", DONE), ("T3", (HELLO,))):
        feed(assembler, [tell(what, thread=thread) for what in lines])
    ended = [[(h.thread, h.outcome) for h in assembler.quiet(seconds)] for seconds in (1, 2, 10, 299, 300)]
    assert ended == [[], [("T1", FAILED)], [("T2", COMPLETED)], [], [("T3", INCOMPLETE)]]
    assert assembler.open == 0


def test_finish_tells_once(tell: Tell) -> None:
    """The end of the input tells what is open, and only once."""
    assembler = Assembler()
    feed(assembler, [tell(HELLO), *(tell(what, thread="T2") for what in (*DONE, Ended()))])
    assert [h.outcome for h in assembler.finish()] == [INCOMPLETE]
    assert assembler.finish() == []


def test_stores(tell: Tell) -> None:
    """The JVM's own keys and anchors, as far as they were shown before, go with a failure only."""
    key = StoreEntry("is", (Certificate(subject="CN=is"),))
    anchor = StoreEntry(None, (Certificate(subject="CN=Root"),))
    lines = [tell(anchor), tell(key), tell(key), tell(StoreEntry(None, ())), *(tell(what) for what in DONE)]
    completed, failed = assemble([*lines, tell(HELLO), tell(ALERT)])
    assert (completed.stores, failed.stores) == ((), (key, anchor))


STEPS = [
    *DONE,
    RETRY,
    TICKET,
    ALERT,
    REPORT,
    REPEATED,
    BROKEN,
    ON_READ,
    Ended(),
    Started(),
    Fact(FactKind.RESUMED),
]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(["T1", "T2"])), max_size=20), st.data())
def test_saved_and_restored(lines: list[tuple[Happening, str]], data: st.DataObject) -> None:
    """Saved as JSON and restored at any point, the same handshakes follow; and no order of lines raises."""
    tell = Teller()
    events = [tell(what, second, thread=thread) for second, (what, thread) in enumerate(lines)]
    cut = data.draw(st.integers(0, len(events)))
    before = Assembler()
    handshakes = feed(before, events[:cut])
    after = Assembler(state=codec.decode(codec.encode(before.state), Memory))
    assert handshakes + feed(after, events[cut:]) + after.finish() == assemble(events)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=20, max_size=20))
def test_interleaved(order: list[bool]) -> None:
    """Two threads at once, in any order of their lines, give what each gives alone."""
    rest: dict[str, list[Happening]] = {
        "T1": [HELLO, ALERT, REPORT, Ended()],
        "T2": [*DONE, HELLO, BROKEN, Ended()],
    }
    tell = Teller()
    lines = []
    for first in order:
        thread = "T1" if first else "T2"
        if rest[thread]:
            lines.append(tell(rest[thread].pop(0), thread=thread))
    lines += [tell(what, thread=thread) for thread, left in rest.items() for what in left]
    ends = sorted((h.thread, h.outcome) for h in assemble(lines) if h.thread)
    assert ends == [("T1", FAILED), ("T2", COMPLETED), ("T2", FAILED)]


def test_a_pause_amid_the_reports_of_one_failure(tell: Tell) -> None:
    """Told when nothing came for a while; what the writer held back is no second failure, a new hello is."""
    assembler = Assembler()
    assert feed(assembler, [tell(HELLO), tell(ALERT)]) == []
    assert [h.outcome for h in assembler.quiet(3)] == [FAILED]
    assert assembler.open == 0
    assert feed(assembler, [tell(REPORT), tell(REPEATED), tell(Ended())]) == []
    assert [h.outcome for h in feed(assembler, [tell(HELLO), tell(ALERT), tell(HELLO)])] == [FAILED]


def test_variant_that_shows_late(tell: Teller) -> None:
    """A log that shows only amid a handshake that it is IBM's tells one handshake, and it is IBM's."""
    assembler = Assembler()
    hello = Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT)
    told = assembler.feed(tell(hello, dialect=Dialect.JSSE_LEGACY))
    told += assembler.feed(tell(Said(Message.SERVER_HELLO, sent=False), dialect=Dialect.IBM_JSSE))
    told += assembler.finish()
    assert [(h.dialect, len(h.steps)) for h in told] == [(Dialect.IBM_JSSE, 2)]


def begun_before(handshakes: Sequence[Handshake]) -> list[bool]:
    """Return of each handshake whether it may have begun before the log."""
    return [handshake.fact(FactKind.UNDER_WAY) is not None for handshake in handshakes]


def test_begun_before_the_log(tell: Tell) -> None:
    """A thread that is heard for the first time in a young log may be amid a handshake; later none is."""
    events = [*(tell(what, 0, thread="T1") for what in (*DONE, Ended())), tell(REPORT, 5, thread="T1")]
    events += [tell(REPORT, 29, thread="T2"), tell(REPORT, 40, thread="T3")]
    handshakes = [handshake for handshake in assemble(events) if handshake.outcome is FAILED]
    assert [handshake.thread for handshake in handshakes] == ["T1", "T2", "T3"]
    assert begun_before(handshakes) == [False, True, False]


STARTS: dict[str, tuple[int | None, Happening]] = {
    "a launch": (None, JvmHappening(None)),
    "a restart": (None, JvmHappening(JvmEvent.RESTART)),
    "another JVM's line": (7, HELLO),
    "stores that are read": (1, StoreEntry(None, (Certificate("CN=a"),))),
}


@pytest.mark.parametrize(("jvm", "start"), STARTS.values(), ids=STARTS)
def test_begun_with_its_jvm(jvm: int | None, start: Happening, tell: Tell) -> None:
    """Where the log shows how the JVM began, nothing was before."""
    *_, last = assemble([tell(start, 0, jvm=jvm, thread="T9"), tell(REPORT, 1)])
    assert begun_before([last]) == [False]


def test_stores_that_are_read_later(tell: Tell) -> None:
    """A store that is read when somebody has spoken shows no beginning."""
    stored = StoreEntry(None, (Certificate("CN=a"),))
    events = [tell(HELLO, 0, thread="T9"), tell(stored, 0), tell(REPORT, 1)]
    assert begun_before([h for h in assemble(events) if h.outcome is FAILED]) == [True]


def test_iaik_announces_its_handshakes(tell: Tell) -> None:
    """One that it did not announce began before the log, however long that is."""
    iaik = Dialect.IAIK
    events = [tell(Started(), 0, thread="1", dialect=iaik), tell(REPORT, 1, thread="1", dialect=iaik)]
    events += [tell(REPORT, 3600, thread="2", dialect=iaik)]
    assert begun_before(assemble(events)) == [False, True]


def test_part_of_a_handshake(tell: Tell) -> None:
    """What a thread is heard of after a handshake that it left amid, need not begin with its first line."""
    answer = client(Message.SERVER_HELLO, sent=False)
    told = assemble(
        [tell(HELLO, 0, thread="T9"), *(tell(what, 100) for what in (answer, answer, ALERT, REPORT))]
    )
    assert [begun_before([h]) for h in told if h.outcome is FAILED] == [[True]]
