"""The states of a conversation and what an event does in each: the state machine, as one table.

`step` is total: a trigger without an entry leaves the state as it is. A log begins late, skips and repeats;
nothing here raises.
"""

from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a conversation is."""

    TALKING = "talking"  # messages go to and fro
    FINISHED = "finished"  # both Finished messages went through
    FAILED = "failed"  # one end gave up; later reports still join
    CLOSED = "closed"  # failed, and the connection is closed
    TOLD = "told"  # failed and told, while the rest of its reports may still come
    DONE = "done"  # told already; kept to absorb what its closing prints


class Trigger(StrEnum):
    """What an event means for the state, whatever its dialect."""

    MESSAGE = "message"  # a handshake message that completes nothing
    FINISH = "finish"  # the second Finished
    FATAL = "fatal"  # a fatal alert received, or the library giving up, during the handshake
    LATE_VERDICT = "late_verdict"  # TLS 1.3: the server judges after the client has finished
    TROUBLE = "trouble"  # an exception in the data phase or while closing
    AFTERWARDS = "afterwards"  # an alert that came alone turns out to be of the data phase
    END = "end"  # the connection was closed
    SILENCE = "silence"  # nothing was heard for as long as this state is given


class Action(StrEnum):
    """What the assembler does besides taking over the event's facts."""

    NOTHING = "nothing"
    TELL = "tell"  # the handshake can be told now
    AGAIN = "again"  # the event belongs to a new conversation


TRANSITIONS = MappingProxyType(
    {
        (State.TALKING, Trigger.FINISH): (State.FINISHED, Action.NOTHING),
        (State.TALKING, Trigger.FATAL): (State.FAILED, Action.NOTHING),
        (State.TALKING, Trigger.TROUBLE): (State.FAILED, Action.NOTHING),
        (State.TALKING, Trigger.END): (State.TALKING, Action.NOTHING),
        (State.FINISHED, Trigger.LATE_VERDICT): (State.FAILED, Action.NOTHING),
        (State.FINISHED, Trigger.TROUBLE): (State.DONE, Action.TELL),
        (State.FINISHED, Trigger.END): (State.DONE, Action.TELL),
        (State.FINISHED, Trigger.FATAL): (State.DONE, Action.AGAIN),
        (State.FAILED, Trigger.END): (State.CLOSED, Action.NOTHING),
        (State.FAILED, Trigger.AFTERWARDS): (State.DONE, Action.NOTHING),
        (State.CLOSED, Trigger.FATAL): (State.CLOSED, Action.AGAIN),
        (State.TALKING, Trigger.SILENCE): (State.DONE, Action.TELL),
        (State.FINISHED, Trigger.SILENCE): (State.DONE, Action.TELL),
        (State.FAILED, Trigger.SILENCE): (State.TOLD, Action.TELL),
        (State.CLOSED, Trigger.SILENCE): (State.DONE, Action.TELL),
        (State.TOLD, Trigger.SILENCE): (State.DONE, Action.NOTHING),
        (State.TOLD, Trigger.END): (State.DONE, Action.NOTHING),
        (State.DONE, Trigger.FATAL): (State.DONE, Action.AGAIN),
        (State.DONE, Trigger.LATE_VERDICT): (State.DONE, Action.AGAIN),
    }
)


def step(state: State, trigger: Trigger) -> tuple[State, Action]:
    """Return the next state and the action; (state, NOTHING) where the table says nothing."""
    return TRANSITIONS.get((state, trigger), (state, Action.NOTHING))
