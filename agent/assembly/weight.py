"""What a conversation weighs: about how many bytes it takes, in memory and each time it is saved."""

from agent.assembly import bounds
from agent.assembly.draft import Common, Draft

_BASE, _LINE = 1_500, 200
"""Bytes of a conversation of which nothing was heard yet, and of one step of it with its place."""

_SHOWN = 3
"""Times a line that is shown takes what a step takes."""


def weigh(draft: Draft) -> int:
    """Return the weight of a conversation."""
    lines = len(draft.steps) + len(draft.alerts) + len(draft.facts)
    shown = len(draft.evidence) + len(draft.shared)
    texts = sum(bounds.weigh_throwables(failure.throwables) for failure in draft.failures)
    texts += sum(bounds.weight(line.said) for line in draft.shared if line.said)
    told: list[Draft | Common] = [draft] if draft.common is None else [draft, draft.common]
    lists = sum(
        bounds.weigh_chain(one.own_chain)
        + bounds.weigh_chain(one.peer_chain)
        + bounds.weigh_names(one.authorities)
        + bounds.weigh_hello(one.hello)
        for one in told
    )
    return _BASE + _LINE * (lines + _SHOWN * shown) + texts + lists
