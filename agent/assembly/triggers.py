"""What an event means for a conversation, whatever its dialect: the left side of the table of transitions."""

import re

from agent.assembly.draft import Draft, within
from agent.assembly.transitions import State, Trigger
from agent.model.events import (
    AlertSeen,
    Ended,
    Event,
    Fact,
    FactKind,
    Failed,
    Happening,
    Perhaps,
    Said,
    Started,
)
from agent.model.tls import BENIGN_ALERTS, CERTIFICATE_ALERTS, Message
from agent.model.vocabulary import Dialect, Role

LATE_VERDICT_SECONDS = 30.0
"""How long after its Finished a TLS 1.3 client still hears the server's verdict on its certificate."""

DELIVERY_SECONDS = 2.0
"""How long after it printed its Finished a side can still learn that it was not delivered."""

_VERDICTS = CERTIFICATE_ALERTS | {"handshake_failure", "decrypt_error"}
"""Alerts that a TLS 1.3 server answers a client's last flight with; others are of the data that follows."""

_FIRST_RECORD = re.compile(r"plaintext connection\?|Unsupported or unrecognized SSL message|SSLv2Hello is ")
"""Said of the first record of a connection alone, so never of one whose handshake is complete.

Once a record was well formed, the format is no longer asked about (`formatVerified` in
sun.security.ssl.SSLEngineInputRecord and SSLSocketInputRecord).
"""

_TURNS = frozenset({Message.CLIENT_HELLO, Message.FINISHED, Message.HELLO_REQUEST})


def ordinary(what: Happening) -> bool:
    """Return whether an event changes no state of a conversation under way, as most do not."""
    if isinstance(what, Said):
        return what.message not in _TURNS
    return isinstance(what, Fact) and what.kind not in {FactKind.COMPLETED, FactKind.SERVER_NAME_WITHHELD}


def begins(event: Event, draft: Draft) -> bool:
    """Return whether an event starts a new conversation of a speaker that is in one already."""
    what = event.what
    if isinstance(what, Started):
        return bool(draft.steps or draft.failures)
    if isinstance(what, Fact) and what.kind is not FactKind.MINGLED:
        # printed while the next ClientHello is being put together, or read
        over = {State.CLOSED, State.DONE}
        return draft.state in over or (what.kind is FactKind.SERVER_NAME_WITHHELD and bool(draft.failures))
    if isinstance(what, Said) and what.message is Message.CLIENT_HELLO:
        return bool(draft.steps or draft.failures) and not draft.invited
    if isinstance(what, Said) and what.message is Message.HELLO_REQUEST:
        return draft.state is not State.TALKING
    return isinstance(what, Failed) and _of_another(what, draft)


def _of_another(failed: Failed, draft: Draft) -> bool:
    """Return whether a report is of a connection's first record, and the conversation is beyond that."""
    text = failed.throwables[-1].text if failed.throwables else ""
    if not _FIRST_RECORD.search(text):
        return False
    if draft.state in {State.FINISHED, State.DONE} or any(step.sent is False for step in draft.steps):
        return True
    said = {throwable.text for other in draft.failures for throwable in other.throwables}
    return bool(draft.failures) and text not in said


def opens(event: Event, trigger: Trigger) -> bool:
    """Return whether an event of a speaker that is in no conversation makes one."""
    what = event.what
    if isinstance(what, Perhaps) or (isinstance(what, Fact) and what.kind is FactKind.MINGLED):
        return False
    if isinstance(what, AlertSeen):
        return trigger is Trigger.FATAL  # a close_notify on an idle connection is no handshake
    if trigger is Trigger.TROUBLE:
        return isinstance(what, Failed) and what.reading is False
    return trigger is not Trigger.END and not (
        isinstance(what, Said) and what.message in {Message.NEW_SESSION_TICKET, Message.KEY_UPDATE}
    )


def begun_before(event: Event, *, young: bool) -> bool:
    """Return whether a conversation can have begun before the first event of it that the log shows.

    IAIK announces each handshake. JSSE announces none, so there `young` tells: that its thread was not heard
    of before, in a log that has only begun. Of legacy JSSE it is known who was heard.
    """
    what = event.what
    if isinstance(what, Started) or (isinstance(what, Said) and what.message is Message.CLIENT_HELLO):
        return False
    dialect = event.speaker.dialect
    return dialect is Dialect.IAIK or (dialect is Dialect.JSSE and young)


def trigger_of(event: Event, draft: Draft | None) -> Trigger:
    """Return what an event means for the state of a conversation."""
    match event.what:
        case Ended():
            return Trigger.FINISH if draft is not None and _ended_well(draft) else Trigger.END
        case Said(message=Message.FINISHED) as said if draft is not None and draft.finished_sides:
            other = said.sent is None or said.sent not in draft.finished_sides
            return Trigger.FINISH if other else Trigger.MESSAGE
        case Fact(kind=FactKind.COMPLETED):
            return Trigger.FINISH
        case AlertSeen() as alert:
            return _alert_trigger(event, alert, draft)
        case Failed() as failed:
            return _failure_trigger(event, failed, draft)
        case _:
            return Trigger.MESSAGE


def _ended_well(draft: Draft) -> bool:
    """Return whether the end of an IAIK connection shows that its handshake had completed.

    Not every release says so in words. Who has received the other side's Finished and closes in peace had
    sent its own, or sends it at once; an alert or an exception would have made the conversation a failed one.
    """
    iaik = draft.speaker.dialect is Dialect.IAIK
    return iaik and draft.state is State.TALKING and False in draft.finished_sides


def _failure_trigger(event: Event, failed: Failed, draft: Draft | None) -> Trigger:
    finished = draft is not None and draft.state is State.FINISHED
    if draft is not None and failed.reading is True and _only_alerts(draft):
        return Trigger.AFTERWARDS
    if draft is not None and finished and failed.reading is False and _refutes(event, failed, draft):
        return Trigger.LATE_VERDICT
    trouble = failed.reading is True or not failed.final or (finished and failed.reading is None)
    return Trigger.TROUBLE if trouble else Trigger.FATAL


def _only_alerts(draft: Draft) -> bool:
    """Return whether nothing but alerts was heard that no handshake is refused with."""
    return (
        draft.state is State.FAILED
        and not draft.failures
        and len(draft.alerts) == len(draft.steps)
        and not any(alert.description in _VERDICTS for alert in draft.alerts)
    )


def _refutes(event: Event, failed: Failed, draft: Draft) -> bool:
    """Return whether a report shows that a handshake had not completed, though both Finished were printed.

    JSSE prints its own Finished before it writes it and the peer's before it verifies it
    (sun.security.ssl.Finished). Any other report of a handshake is that of the thread's next connection.
    """
    if failed.word == "decrypt_error":
        return True
    return bool(draft.finished_sides[-1:] == [True] and within(draft.ended_at, event.when, DELIVERY_SECONDS))


def _alert_trigger(event: Event, alert: AlertSeen, draft: Draft | None) -> Trigger:
    if alert.level == "warning" or alert.description in BENIGN_ALERTS:
        return Trigger.MESSAGE
    if draft is None or draft.state is not State.FINISHED:
        over = draft is None or draft.state is State.DONE
        # JSSE writes its alert after the report that it belongs to, and that report has said it all
        echo = over and alert.sent and event.speaker.dialect is Dialect.JSSE
        return Trigger.MESSAGE if echo else Trigger.FATAL
    late = (
        not alert.sent
        and draft.role is Role.CLIENT
        and draft.protocol in {"TLSv1.3", None}
        and draft.speaker.dialect is not Dialect.IAIK  # which does not speak TLS 1.3
        and within(draft.ended_at, event.when, LATE_VERDICT_SECONDS)
        and (alert.description in _VERDICTS or not draft.ticketed)
    )
    return Trigger.LATE_VERDICT if late else Trigger.TROUBLE
