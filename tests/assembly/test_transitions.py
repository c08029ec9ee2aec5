from itertools import product

import pytest

from agent.assembly.transitions import TRANSITIONS, Action, State, Trigger, step

TABLE = {
    State.TALKING: {
        Trigger.MESSAGE: (State.TALKING, Action.NOTHING),
        Trigger.FINISH: (State.FINISHED, Action.NOTHING),
        Trigger.FATAL: (State.FAILED, Action.NOTHING),
        Trigger.LATE_VERDICT: (State.TALKING, Action.NOTHING),
        Trigger.TROUBLE: (State.FAILED, Action.NOTHING),
        Trigger.AFTERWARDS: (State.TALKING, Action.NOTHING),
        Trigger.END: (State.TALKING, Action.NOTHING),
        Trigger.SILENCE: (State.DONE, Action.TELL),
    },
    State.FINISHED: {
        Trigger.MESSAGE: (State.FINISHED, Action.NOTHING),
        Trigger.FINISH: (State.FINISHED, Action.NOTHING),
        Trigger.FATAL: (State.DONE, Action.AGAIN),
        Trigger.LATE_VERDICT: (State.FAILED, Action.NOTHING),
        Trigger.TROUBLE: (State.DONE, Action.TELL),
        Trigger.AFTERWARDS: (State.FINISHED, Action.NOTHING),
        Trigger.END: (State.DONE, Action.TELL),
        Trigger.SILENCE: (State.DONE, Action.TELL),
    },
    State.FAILED: {
        Trigger.MESSAGE: (State.FAILED, Action.NOTHING),
        Trigger.FINISH: (State.FAILED, Action.NOTHING),
        Trigger.FATAL: (State.FAILED, Action.NOTHING),
        Trigger.LATE_VERDICT: (State.FAILED, Action.NOTHING),
        Trigger.TROUBLE: (State.FAILED, Action.NOTHING),
        Trigger.AFTERWARDS: (State.DONE, Action.NOTHING),
        Trigger.END: (State.CLOSED, Action.NOTHING),
        Trigger.SILENCE: (State.TOLD, Action.TELL),
    },
    State.CLOSED: {
        Trigger.MESSAGE: (State.CLOSED, Action.NOTHING),
        Trigger.FINISH: (State.CLOSED, Action.NOTHING),
        Trigger.FATAL: (State.CLOSED, Action.AGAIN),
        Trigger.LATE_VERDICT: (State.CLOSED, Action.NOTHING),
        Trigger.TROUBLE: (State.CLOSED, Action.NOTHING),
        Trigger.AFTERWARDS: (State.CLOSED, Action.NOTHING),
        Trigger.END: (State.CLOSED, Action.NOTHING),
        Trigger.SILENCE: (State.DONE, Action.TELL),
    },
    State.TOLD: {
        Trigger.MESSAGE: (State.TOLD, Action.NOTHING),
        Trigger.FINISH: (State.TOLD, Action.NOTHING),
        Trigger.FATAL: (State.TOLD, Action.NOTHING),
        Trigger.LATE_VERDICT: (State.TOLD, Action.NOTHING),
        Trigger.TROUBLE: (State.TOLD, Action.NOTHING),
        Trigger.AFTERWARDS: (State.TOLD, Action.NOTHING),
        Trigger.END: (State.DONE, Action.NOTHING),
        Trigger.SILENCE: (State.DONE, Action.NOTHING),
    },
    State.DONE: {
        Trigger.MESSAGE: (State.DONE, Action.NOTHING),
        Trigger.FINISH: (State.DONE, Action.NOTHING),
        Trigger.FATAL: (State.DONE, Action.AGAIN),
        Trigger.LATE_VERDICT: (State.DONE, Action.AGAIN),
        Trigger.TROUBLE: (State.DONE, Action.NOTHING),
        Trigger.AFTERWARDS: (State.DONE, Action.NOTHING),
        Trigger.END: (State.DONE, Action.NOTHING),
        Trigger.SILENCE: (State.DONE, Action.NOTHING),
    },
}


@pytest.mark.parametrize(("state", "trigger"), list(product(State, Trigger)))
def test_total(state: State, trigger: Trigger) -> None:
    """Every state has an answer to every trigger, and it is this one."""
    assert step(state, trigger) == TABLE[state][trigger]


def test_every_state_is_reached() -> None:
    """There is a way from the first state to each."""
    reached, new = set[State](), {State.TALKING}
    while new:
        reached |= new
        new = {step(state, trigger)[0] for state, trigger in product(reached, Trigger)} - reached
    assert reached == set(State)


def test_no_entry_says_nothing() -> None:
    """The table holds what differs from leaving things as they are, or says so on purpose: an early end."""
    idle = {key for key, value in TRANSITIONS.items() if value == (key[0], Action.NOTHING)}
    assert idle == {(State.TALKING, Trigger.END)}
