from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from agent import codec
from agent.assembly.bounds import LIST_LIMIT
from agent.assembly.draft import FACTS_LIMIT, REPORTS_LIMIT, STEPS_LIMIT, Draft
from agent.assembly.transitions import State
from agent.model.block import Where
from agent.model.events import (
    AlertSeen,
    Certificate,
    Event,
    Fact,
    FactKind,
    Failed,
    Hello,
    Said,
    Speaker,
    Throwable,
)
from agent.model.handshake import Evidence, Handshake, Step
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Outcome, Role

Tell = Callable[..., Event]

HERE = Where("wrapper.log", "8:15", 0, 1)
SPEAKER = Speaker(Dialect.IAIK, 1, "T1", "T1", 7)


def fresh() -> Draft:
    """Return a draft of which nothing is known."""
    return Draft(speaker=SPEAKER, first=HERE, last=HERE)


def test_a_handshake(tell: Tell) -> None:
    """All that was heard is in the handshake, under the same names."""
    draft = fresh()
    hello = Hello(("TLSv1.3", "TLSv1.2"), ("A", "B"), "is.example.com", ("h2",), v2=True)
    certificate = Certificate(subject="CN=peer")
    heard: list[Said | AlertSeen | Failed | Fact] = [
        Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT, hello=hello),
        Said(Message.SERVER_HELLO, sent=False, role=Role.CLIENT, hello=Hello(("TLSv1.2",), ("B",))),
        Said(Message.CERTIFICATE, sent=False, certificates=(certificate,)),
        Said(Message.CERTIFICATE_REQUEST, sent=False, authorities=()),
        Said(Message.CERTIFICATE, sent=True, certificates=()),
        Fact(FactKind.PEER, "192.0.2.9:443"),
        Fact(FactKind.RESUMED),
        Fact(FactKind.RENEGOTIATION),
        AlertSeen(sent=False, level="fatal", description="handshake_failure"),
        Failed((Throwable("SSLException", "x"),), role=Role.SERVER),
    ]
    events = [tell(what, second) for second, what in enumerate(heard)]
    for event in events:
        draft.touch(event)
        match event.what:
            case Said() as said:
                draft.say(event, said)
            case AlertSeen() as alert:
                draft.alert(event, alert)
            case Failed() as failed:
                draft.fail(event, failed)
            case Fact() as fact:
                draft.note(event, fact)
    draft.show(events[-1])
    assert draft.handshake(Outcome.FAILED, ()) == Handshake(
        dialect=Dialect.IAIK,
        role=Role.CLIENT,
        outcome=Outcome.FAILED,
        jvm=1,
        thread="T1",
        connection=7,
        first=HERE,
        last=events[-1].at,
        started_at=events[0].when,
        ended_at=events[-1].when,
        offered_versions=("TLSv1.3", "TLSv1.2"),
        offered_suites=("A", "B"),
        application_protocols=("h2",),
        v2_hello=True,
        protocol="TLSv1.2",
        cipher_suite="B",
        server_name="is.example.com",
        peer="192.0.2.9:443",
        resumed=True,
        renegotiation=True,
        own_chain=(),
        peer_chain=(certificate,),
        authorities=(),
        steps=(
            Step("client_hello", True, events[0].at),  # noqa: FBT003  (as in the model)
            Step("server_hello", False, events[1].at),  # noqa: FBT003  (as in the model)
            Step("certificate", False, events[2].at),  # noqa: FBT003  (as in the model)
            Step("certificate_request", False, events[3].at, empty=True),  # noqa: FBT003  (as in the model)
            Step("certificate", True, events[4].at, empty=True),  # noqa: FBT003  (as in the model)
            Step("handshake_failure", False, events[8].at),  # noqa: FBT003  (as in the model)
        ),
        alerts=(AlertSeen(sent=False, level="fatal", description="handshake_failure"),),
        failures=(Failed((Throwable("SSLException", "x"),), role=Role.SERVER),),
        facts=(Fact(FactKind.PEER, "192.0.2.9:443"), Fact(FactKind.RESUMED), Fact(FactKind.RENEGOTIATION)),
        read_at=(
            ("role", events[0].at),
            ("hello", events[0].at),
            ("protocol", events[1].at),
            ("cipher_suite", events[1].at),
            ("peer_chain", events[2].at),
            ("authorities", events[3].at),
            ("own_chain", events[4].at),
            ("peer", events[5].at),
            ("resumed", events[6].at),
            ("renegotiation", events[7].at),
        ),
        failed_at=(events[9].at,),
        evidence=(Evidence(events[-1].at, "line 10"),),
    )


def test_role_of_a_failure_alone(tell: Tell) -> None:
    """Where no message proves the role, what the failure proves counts."""
    draft = fresh()
    draft.fail(tell(None), Failed((), role=Role.SERVER))
    assert (draft.role, draft.handshake(Outcome.FAILED, ()).shallow) == (Role.SERVER, True)


def test_negotiated_by_facts(tell: Tell) -> None:
    """A fact may tell what was negotiated, where no ServerHello was seen."""
    draft = fresh()
    draft.note(tell(None), Fact(FactKind.PROTOCOL, "TLSv1.2"))
    draft.note(tell(None), Fact(FactKind.CIPHER_SUITE, "A"))
    assert (draft.protocol, draft.cipher_suite) == ("TLSv1.2", "A")


def test_finished_on_both_sides(tell: Tell) -> None:
    """Both sides' Finished make it finished; one side's, told twice, does not."""
    draft = fresh()
    for sent, finished in ((True, False), (True, False), (False, True)):
        draft.say(tell(None), Said(Message.FINISHED, sent=sent))
        assert draft.handshake(Outcome.FAILED, ()).finished is finished


def test_understood_late(tell: Tell) -> None:
    """What stands earlier in the log and is told later widens the span, and sets no time back."""
    first, second, third = (tell(Fact(FactKind.RESUMED), n) for n in range(3))
    draft = Draft(speaker=SPEAKER, first=second.at, last=second.at)
    for event in (second, third, first):
        draft.touch(event)
    assert (draft.first, draft.last) == (first.at, third.at)
    assert (draft.started_at, draft.ended_at, draft.heard) == (second.when, third.when, third.when)


def test_time(tell: Tell) -> None:
    """The first and the last line that have a time tell it."""
    draft = fresh()
    events = [tell(None, None), tell(None, 1), tell(None, 3), tell(None, None)]
    for event in events:
        draft.touch(event)
    assert draft.started_at is not None
    assert draft.ended_at == draft.started_at + timedelta(seconds=2)
    assert draft.last == events[-1].at


def test_invited(tell: Tell) -> None:
    """A request for a hello, first or second, is unanswered until the next ClientHello."""
    draft, invited = fresh(), []
    hello, retry, request = Message.CLIENT_HELLO, Message.HELLO_RETRY_REQUEST, Message.HELLO_REQUEST
    for message in (hello, retry, hello, request, hello):
        draft.say(tell(None), Said(message, sent=None))
        invited.append(draft.invited)
    assert (invited, draft.renegotiation) == ([False, True, False, True, False], True)


def test_ticketed(tell: Tell) -> None:
    """A ticket that came in says that the server had no objection; one that went out says nothing."""
    draft, ticketed = fresh(), []
    for sent in (True, False):
        draft.say(tell(None), Said(Message.NEW_SESSION_TICKET, sent=sent))
        ticketed.append(draft.ticketed)
    assert ticketed == [False, True]


def test_evidence(tell: Tell) -> None:
    """A line is shown once; the first ones stay, and the last place is the latest line's."""
    draft = fresh()
    for text in ["", "a", "a", *map(str, range(20))]:
        draft.show(tell(None, text=text))
    assert [e.text for e in draft.evidence] == ["a", "0", "1", "2", "3", "4", "5", "19"]


def test_limits(tell: Tell) -> None:
    """A conversation that does not end does not fill the memory."""
    draft = fresh()
    for n in range(200):
        draft.say(tell(None), Said(Message.FINISHED, sent=None, authorities=("CN=x",) * 1000))
        draft.say(tell(None), Said(Message.CLIENT_HELLO, sent=True, hello=Hello((), ("A",) * 1000)))
        draft.alert(tell(None), AlertSeen(sent=True, level=None, description="unknown_ca"))
        draft.fail(tell(None), Failed((Throwable("X", str(n)),)))
        draft.note(tell(None), Fact(FactKind.KEY_CHOSEN, str(n)))
        draft.show(tell(None))
    done = draft.handshake(Outcome.FAILED, ())
    sizes = (
        done.steps,
        done.alerts,
        done.failures,
        done.facts,
        done.evidence,
        done.offered_suites,
        done.authorities,
    )
    assert [len(kept or ()) for kept in sizes] == [
        STEPS_LIMIT,
        REPORTS_LIMIT,
        REPORTS_LIMIT,
        FACTS_LIMIT,
        REPORTS_LIMIT,
        LIST_LIMIT,
        LIST_LIMIT,
    ]
    assert len(draft.finished_sides) == 2
    assert [f.throwables[0].text for f in done.failures] == list("01234567")


def test_a_stray_alert(tell: Tell) -> None:
    """An alert alone need not belong to a handshake; a message or a report beside it shows that it does."""
    alert = AlertSeen(sent=False, level="fatal", description="bad_record_mac")
    drafts = [
        fresh(),
        fresh(),
        fresh(),
        Draft(speaker=Speaker(Dialect.JSSE, 1, "T1", "T1"), first=HERE, last=HERE),
    ]
    for draft in drafts:
        draft.alert(tell(alert), alert)
    drafts[1].say(tell(None), Said(Message.SERVER_HELLO, sent=False))
    drafts[2].fail(tell(None), Failed((Throwable("", "x"),)))
    assert [draft.stray for draft in drafts] == [True, False, False, False]


def test_extensions_of_a_server(tell: Tell) -> None:
    """Only a client withholds a server name."""
    draft = fresh()
    draft.say(tell(None), Said(Message.SERVER_HELLO, sent=True, role=Role.SERVER))
    draft.note(tell(None), Fact(FactKind.SERVER_NAME_UNSUPPORTED))
    assert draft.facts == []


def test_both_clocks(tell: Tell) -> None:
    """The first line that tells two times is kept, with its place."""
    draft = fresh()
    first, second = tell(None, 1), tell(None, 2)
    for event in (first, second):
        assert event.when is not None
        draft.touch(replace(event, clocks=(event.when, event.when - timedelta(hours=1))))
    assert first.when is not None
    assert (draft.clocks, draft.read_at) == (
        (first.when, first.when - timedelta(hours=1)),
        {"clocks": first.at},
    )


def test_saved_and_restored(tell: Tell) -> None:
    """A draft comes back equal from JSON."""
    draft = fresh()
    draft.state = State.FINISHED
    draft.touch(tell(None))
    draft.say(
        tell(None), Said(Message.CERTIFICATE, sent=True, certificates=(Certificate(subject="ü", version=1),))
    )
    draft.alert(tell(None), AlertSeen(sent=True, level=None, description="unknown_ca"))
    draft.fail(tell(None), Failed((Throwable("", "x"),)))
    draft.note(tell(None), Fact(FactKind.RESUMED))
    draft.show(tell(None))
    assert codec.decode(codec.encode(draft), Draft) == draft
