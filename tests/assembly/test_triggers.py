from collections.abc import Callable

import pytest

from agent.assembly.draft import Draft
from agent.assembly.transitions import State, Trigger
from agent.assembly.triggers import begins, begun_before, opens, ordinary, trigger_of
from agent.model.events import (
    AlertSeen,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Said,
    Started,
    Throwable,
)
from agent.model.tls import Message
from agent.model.vocabulary import Dialect, Role

Tell = Callable[..., Event]

HELLO = Said(Message.CLIENT_HELLO, sent=True, role=Role.CLIENT)
FINISHED = Said(Message.FINISHED, sent=True, role=Role.CLIENT)
TOLD_OFF = AlertSeen(sent=False, level="fatal", description="unknown_ca")
WARNED = AlertSeen(sent=False, level="warning", description="no_certificate")
RESET = (Throwable("SocketException", "Connection reset"),)


def draft_of(event: Event, state: State = State.TALKING, role: Role = Role.CLIENT) -> Draft:
    """Return a conversation that is where a test wants it."""
    return Draft(speaker=event.speaker, first=event.at, last=event.at, state=state, role=role)


@pytest.mark.parametrize(
    ("what", "state", "meaning"),
    [
        (Ended(), State.TALKING, Trigger.END),
        (HELLO, State.TALKING, Trigger.MESSAGE),
        (FINISHED, State.TALKING, Trigger.MESSAGE),  # the first of the two
        (Fact(FactKind.COMPLETED), State.TALKING, Trigger.FINISH),
        (TOLD_OFF, State.TALKING, Trigger.FATAL),
        (
            AlertSeen(sent=False, level="warning", description="no_certificate"),
            State.TALKING,
            Trigger.MESSAGE,
        ),
        (AlertSeen(sent=False, level="fatal", description="close_notify"), State.TALKING, Trigger.MESSAGE),
        (
            AlertSeen(sent=False, level="fatal", description="unknown_ca"),
            State.FINISHED,
            Trigger.LATE_VERDICT,
        ),
        (AlertSeen(sent=True, level="fatal", description="internal_error"), State.FINISHED, Trigger.TROUBLE),
        (Failed(RESET), State.TALKING, Trigger.FATAL),
        (Failed(RESET, reading=True), State.TALKING, Trigger.TROUBLE),
        (Failed(RESET, final=False), State.TALKING, Trigger.TROUBLE),
        (Failed(RESET), State.FINISHED, Trigger.TROUBLE),
        (Failed(RESET, "decrypt_error", reading=False), State.FINISHED, Trigger.LATE_VERDICT),
    ],
)
def test_what_an_event_means(tell: Tell, what: Happening, state: State, meaning: Trigger) -> None:
    """The same report is a failure during the handshake and mere trouble after it."""
    event = tell(what)
    assert trigger_of(event, draft_of(event, state)) is meaning


@pytest.mark.parametrize(
    ("order", "seconds", "meaning"),
    [
        ((False, True), 0.1, Trigger.LATE_VERDICT),
        ((False, True), 5, Trigger.FATAL),
        ((True, False), 0.1, Trigger.FATAL),
    ],
)
def test_a_broken_connection_after_both_finished(
    tell: Tell, order: tuple[bool, bool], seconds: float, meaning: Trigger
) -> None:
    """It is this handshake's where our Finished was the last one, and only at once; else the next one's."""
    draft = draft_of(tell(HELLO), State.FINISHED)
    for sent in order:
        event = tell(Said(Message.FINISHED, sent=sent))
        draft.touch(event)
        draft.say(event, Said(Message.FINISHED, sent=sent))
    assert trigger_of(tell(Failed(RESET, reading=False), seconds), draft) is meaning


@pytest.mark.parametrize(
    ("dialect", "sides", "meaning"),
    [
        (Dialect.IAIK, (False,), Trigger.FINISH),
        (Dialect.IAIK, (True,), Trigger.END),
        (Dialect.IAIK, (), Trigger.END),
        (Dialect.JSSE, (False,), Trigger.END),
    ],
)
def test_an_end_in_peace(tell: Tell, dialect: Dialect, sides: tuple[bool, ...], meaning: Trigger) -> None:
    """An IAIK connection that has received Finished and is closed without a complaint had completed."""
    event = tell(Ended(), dialect=dialect)
    draft = draft_of(event)
    for sent in sides:
        draft.say(event, Said(Message.FINISHED, sent=sent))
    assert trigger_of(event, draft) is meaning


def test_no_late_verdict_in_a_dialect_without_tls_1_3(tell: Tell) -> None:
    """An alert on an established IAIK connection is trouble of that connection, whatever its version."""
    event = tell(AlertSeen(sent=False, level="fatal", description="handshake_failure"), dialect=Dialect.IAIK)
    draft = draft_of(event, State.FINISHED)
    draft.role = Role.CLIENT
    assert trigger_of(event, draft) is Trigger.TROUBLE


def test_what_begins_a_conversation_of_a_speaker_that_is_in_one(tell: Tell) -> None:
    """A hello after messages, a start after messages, a fact after the end."""
    event = tell(HELLO)
    fresh, talking = draft_of(event), draft_of(event)
    talking.say(event, HELLO)
    over = draft_of(event, State.DONE)
    withheld = tell(Fact(FactKind.SERVER_NAME_WITHHELD))
    assert [begins(event, fresh), begins(event, talking)] == [False, True]
    assert [begins(tell(Started()), fresh), begins(tell(Started()), talking)] == [False, True]
    assert [begins(withheld, talking), begins(withheld, over)] == [False, True]


def test_what_opens_a_conversation(tell: Tell) -> None:
    """Not the end of one, not what is said after it, and trouble only where frames show a handshake."""
    ticket = tell(Said(Message.NEW_SESSION_TICKET, sent=True))
    assert opens(tell(HELLO), Trigger.MESSAGE)
    assert not opens(ticket, Trigger.MESSAGE)
    assert not opens(tell(Ended()), Trigger.END)
    assert opens(tell(Failed(RESET, reading=False, final=False)), Trigger.TROUBLE)
    assert not opens(tell(Failed(RESET, final=False)), Trigger.TROUBLE)


def test_most_events_are_ordinary() -> None:
    """They change no state: the assembler need not ask what they mean."""
    assert ordinary(Said(Message.SERVER_HELLO, sent=False))
    assert ordinary(Fact(FactKind.PROTOCOL, "TLSv1.3"))
    telling: tuple[Happening, ...] = (HELLO, FINISHED, Ended(), Failed(RESET), Fact(FactKind.COMPLETED))
    assert [ordinary(what) for what in telling] == [False] * 5


@pytest.mark.parametrize(
    ("what", "before"),
    [
        (Started(), "none"),
        (HELLO, "none"),
        (TOLD_OFF, "iaik jsse"),
        (Failed(RESET), "iaik jsse"),
        (FINISHED, "iaik jsse"),
        (Fact(FactKind.KEY_MANAGER), "iaik jsse"),
    ],
)
def test_begun_before(tell: Tell, what: Happening, before: str) -> None:
    """IAIK announces its handshakes; of JSSE's a young log does not show how they began."""
    told = [d for d in Dialect if begun_before(tell(what, dialect=d), young=True)]
    assert (" ".join(sorted(told)) or "none") == before
    seasoned = [d for d in Dialect if begun_before(tell(what, dialect=d), young=False)]
    assert seasoned == ([Dialect.IAIK] if before != "none" else [])
