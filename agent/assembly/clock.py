"""The time of the log: how far it has come, and whether it was set back.

Every line of the wrapper's has its time, without a zone; JSSE's records have one of their own besides, in the
zone of the JVM. Where the zones differ, or the log is read in a third, the two are hours apart, though both
dialects of a JVM print at once. So they are never compared: the prefix's time counts for all, and the
records' own for those alone that come without a prefix.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from agent.model.events import Event
from agent.model.vocabulary import Dialect

_SECOND = timedelta(seconds=1)
_SET_BACK = timedelta(seconds=5)
"""Threads read the clock before they take turns to print, under a second apart; more is a clock set back."""

_SURE = 3
"""Events in a row that are that late. One alone is a message that was held back until its end was seen."""


class Move(Enum):
    """What an event's time shows."""

    NONE = auto()
    ON = auto()
    BACK = auto()


@dataclass(slots=True)
class Clock:
    """`at` is the time to which the clock was moved last, `behind` how many events in a row were late."""

    at: datetime | None = None
    behind: int = 0

    def move(self, now: datetime) -> Move:
        """Take the time of an event; return whether the clock was moved, which it is by whole seconds."""
        if self.at is None:
            self.at = now
            return Move.ON
        if self.at - now > _SET_BACK:
            self.behind += 1
            if self.behind < _SURE:
                return Move.NONE
            self.at, self.behind = now, 0
            return Move.BACK
        self.behind = 0
        if now < self.at + _SECOND:
            return Move.NONE
        self.at = now
        return Move.ON


def by_record(event: Event) -> bool:
    """Return whether an event's time is its record's own: only JSSE prints one with each."""
    return event.speaker.dialect is Dialect.JSSE and event.clocks is None
