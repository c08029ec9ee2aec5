"""Which answer belongs to which row, so that the whole comes out best.

A maximum-weight matching: each row takes at most one answer and the other way round. Rows are added one
after the other, each along the path of alternating gains and losses that brings most (the
successive-shortest-path algorithm for the assignment problem, with Bellman and Ford's search since losses
are negative). Rows and answers that cannot meet are never compared, so that a long log falls apart into
small problems.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

R = TypeVar("R", bound=Hashable)
A = TypeVar("A", bound=Hashable)

_NOTHING = 1e-9


def best(worth: Mapping[tuple[R, A], float]) -> dict[R, A]:
    """Return the answer of each row that has one; `worth` holds the possible pairs, each above zero."""
    reach: dict[R, dict[A, float]] = {}
    for (row, answer), gain in worth.items():
        reach.setdefault(row, {})[answer] = gain
    row_of: dict[A, R] = {}
    for row in reach:
        _add(row, reach, row_of)
    return {row: answer for answer, row in row_of.items()}


def _add(start: R, reach: Mapping[R, Mapping[A, float]], row_of: dict[A, R]) -> None:
    """Give a row an answer, others changing theirs, or let one go without, whichever is worth most."""
    gain: dict[R, float] = {start: 0.0}
    best_to: dict[A, float] = {}
    came_from: dict[A, R] = {}
    held = {row: answer for answer, row in row_of.items()}
    waiting = [start]
    while waiting:
        row = waiting.pop(0)
        for answer, more in reach[row].items():
            if held.get(row) == answer:
                continue
            total = gain[row] + more
            if total <= best_to.get(answer, float("-inf")) + _NOTHING:
                continue
            best_to[answer], came_from[answer] = total, row
            holder = row_of.get(answer)
            if holder is not None and holder != start:
                freed = total - reach[holder][answer]
                if freed > gain.get(holder, float("-inf")) + _NOTHING:
                    gain[holder] = freed
                    if holder not in waiting:
                        waiting.append(holder)
    # the path ends at an answer that nobody has, or at a row that is left without
    free = [(total, answer) for answer, total in best_to.items() if answer not in row_of]
    without = max(gain, key=lambda row: gain[row])
    total, last = max(free, key=lambda end: end[0], default=(float("-inf"), None))
    if gain[without] > total:
        last = held.get(without)
        if last is not None:
            del row_of[last]
    while last is not None:
        row = came_from[last]
        row_of[last] = row
        last = held.get(row)
