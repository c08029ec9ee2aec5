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

_YOUNG = timedelta(seconds=30)
"""From the log's beginning, in which a thread's first line may be amid a handshake.

A handshake takes a few seconds. One that hangs for longer ends by a time-out, which is told by its name.
"""

_SURE = 3
"""Events in a row that are that late. One alone is a message that was held back until its end was seen."""


class Move(Enum):
    """What an event's time shows."""

    NONE = auto()
    ON = auto()
    BACK = auto()


@dataclass(slots=True)
class Clock:
    """`at` is the time to which the clock was moved last, `behind` how many events in a row were late.

    `since` is when it began, which is moved along where the clock is set back.
    """

    at: datetime | None = None
    behind: int = 0
    since: datetime | None = None

    def move(self, now: datetime) -> Move:
        """Take the time of an event; return whether the clock was moved, which it is by whole seconds."""
        if self.at is None:
            self.at = self.since = now
            return Move.ON
        if self.at - now > _SET_BACK:
            self.behind += 1
            if self.behind < _SURE:
                return Move.NONE
            self.since = self.since and _before(now, self.at - self.since)
            self.at, self.behind = now, 0
            return Move.BACK
        self.behind = 0
        if now - self.at < _SECOND:
            return Move.NONE
        self.at = now
        return Move.ON

    @property
    def young(self) -> bool:
        """Whether the log has only begun, or has no time: what is heard may have begun before."""
        return self.at is None or self.since is None or (self.at - self.since) < _YOUNG


def _before(now: datetime, age: timedelta) -> datetime:
    """Return the time so long before, as far as it matters: a garbled year makes an age of thousands."""
    return now - min(age, _YOUNG, now - datetime.min.replace(tzinfo=now.tzinfo))


def by_record(event: Event) -> bool:
    """Return whether an event's time is its record's own: only JSSE prints one with each."""
    return event.speaker.dialect is Dialect.JSSE and event.clocks is None
