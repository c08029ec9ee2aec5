"""What an event means for a conversation, whatever its dialect: the left side of the table of transitions."""

from datetime import datetime

from agent.assembly.draft import Draft
from agent.assembly.transitions import State, Trigger
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
)
from agent.model.tls import BENIGN_ALERTS, Message
from agent.model.vocabulary import Role

LATE_VERDICT_SECONDS = 30.0
"""How long after its Finished a TLS 1.3 client still hears the server's verdict on its certificate."""

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
    if isinstance(what, Fact):
        # printed while the next ClientHello is being put together, or read
        over = {State.CLOSED, State.DONE}
        return draft.state in over or (what.kind is FactKind.SERVER_NAME_WITHHELD and bool(draft.failures))
    if isinstance(what, Said) and what.message is Message.CLIENT_HELLO:
        return bool(draft.steps or draft.failures) and not draft.retried
    if isinstance(what, Said) and what.message is Message.HELLO_REQUEST:
        return draft.state is not State.TALKING
    return False


def opens(event: Event, trigger: Trigger) -> bool:
    """Return whether an event of a speaker that is in no conversation makes one."""
    what = event.what
    if trigger is Trigger.TROUBLE:
        return isinstance(what, Failed) and what.reading is False
    return trigger is not Trigger.END and not (
        isinstance(what, Said) and what.message in {Message.NEW_SESSION_TICKET, Message.KEY_UPDATE}
    )


def trigger_of(event: Event, draft: Draft | None) -> Trigger:
    """Return what an event means for the state of a conversation."""
    match event.what:
        case Ended():
            return Trigger.END
        case Said(message=Message.FINISHED) as said if draft is not None and draft.finished_sides:
            other = said.sent is None or said.sent not in draft.finished_sides
            return Trigger.FINISH if other else Trigger.MESSAGE
        case Fact(kind=FactKind.COMPLETED):
            return Trigger.FINISH
        case AlertSeen() as alert:
            return _alert_trigger(event, alert, draft)
        case Failed() as failed:
            return _failure_trigger(failed, draft)
        case _:
            return Trigger.MESSAGE


def _failure_trigger(failed: Failed, draft: Draft | None) -> Trigger:
    finished = draft is not None and draft.state is State.FINISHED
    if draft is not None and finished and failed.reading is False and draft.role is Role.CLIENT:
        return Trigger.LATE_VERDICT  # its Finished could not be delivered: the server had gone
    trouble = failed.reading is True or not failed.final or (finished and failed.reading is None)
    return Trigger.TROUBLE if trouble else Trigger.FATAL


def _alert_trigger(event: Event, alert: AlertSeen, draft: Draft | None) -> Trigger:
    if alert.level == "warning" or alert.description in BENIGN_ALERTS:
        return Trigger.MESSAGE
    if draft is None or draft.state is not State.FINISHED:
        return Trigger.FATAL
    late = (
        not alert.sent
        and draft.role is Role.CLIENT
        and draft.protocol in {"TLSv1.3", None}
        and _within(draft.ended_at, event.when)
    )
    return Trigger.LATE_VERDICT if late else Trigger.TROUBLE


def _within(earlier: datetime | None, later: datetime | None) -> bool:
    if earlier is None or later is None:
        return True
    return (later - earlier).total_seconds() <= LATE_VERDICT_SECONDS
