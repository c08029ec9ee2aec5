"""Many kinds of failures at once: one summary instead of a message for each.

A log may tell of so many new kinds within so long; those beyond are a crowd, of which one incident of its own
tells: how many kinds, how many failures, of what they are. It is over when no kind has joined for a while and
few enough are left to be told one by one when they fail again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.incidents.fingerprint import digest
from agent.incidents.life import Life
from agent.incidents.severity import RANKS, severity_of
from agent.model.incident import Incident, Part, Summary
from agent.model.vocabulary import IncidentEvent, Issue, Resolution, Severity

BUDGET = 20
"""Kinds of failures that are told one by one within `WINDOW`, for each log."""
WINDOW = timedelta(minutes=10)
CALM = timedelta(minutes=30)
"""Without a new kind for so long a storm can be over."""
UPDATES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(days=1),
)
"""From one message of a storm to the next, while it goes on."""
EXAMPLES = 3
PARTS = 10
"""Parts that a message names, the most frequent ones; the totals hold all."""


@dataclass(slots=True)
class Tally:
    """The crowd's share of one issue and cause."""

    issue: Issue
    cause: str
    kinds: int = 0
    failures: int = 0
    others: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Storm:
    """The crowd of one log. `joined` is when the last kind did, by the agent's clock.

    A kind that was forgotten for want of room and comes again is counted again.
    """

    log: str
    incident: str
    first_seen: datetime
    last_seen: datetime
    joined: datetime
    kinds: int = 0
    failures: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    messages: int = 0
    told_failures: int = 0
    told_at: datetime | None = None

    def join(self, life: Life, now: datetime) -> None:
        """Take in a kind, with the failures of it that nobody was told of."""
        self.joined = now
        self.kinds += 1
        tally = self._tally(life)
        tally.kinds += 1
        other = (life.other_side or "").partition(" ")[2]
        if other and len(tally.others) < EXAMPLES and other not in tally.others:
            tally.others.append(other)
        self._add(life, life.count - life.told_count)

    def failed(self, life: Life) -> None:
        """Take one more failure of a kind that is in it."""
        self._add(life, 1)

    def is_calm(self, now: datetime, still_open: int) -> bool:
        """Tell whether it is over; `still_open` of its kinds are not."""
        return now - self.joined > CALM and still_open <= BUDGET

    def event_due(self, now: datetime) -> IncidentEvent | None:
        """Return what is to be told now, its end apart."""
        if self.told_at is None:
            return IncidentEvent.OPENED
        wait = UPDATES[min(self.messages - 1, len(UPDATES) - 1)]
        more = self.failures > self.told_failures
        return IncidentEvent.UPDATED if more and now >= self.told_at + wait else None

    def told(self, event: IncidentEvent, now: datetime) -> Incident:
        """Return the message of an event."""
        self.messages += 1
        self.told_at = now
        self.told_failures = self.failures
        return Incident(
            id=self.incident if event is IncidentEvent.OPENED else digest(self.incident, str(self.messages)),
            incident=self.incident,
            fingerprint=digest(self.log, "storm"),
            event=event,
            severity=self._severity(),
            log=self.log,
            at=now,
            count=self.failures,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            resolution=Resolution.QUIET if event is IncidentEvent.RESOLVED else None,
            summary=Summary(self.kinds, self.failures, tuple(self._parts())),
        )

    def _severity(self) -> Severity:
        found = (severity_of(tally.issue, tally.cause) for tally in self.tallies.values())
        return max(found, key=RANKS.__getitem__, default=Severity.WARNING)

    def _parts(self) -> Iterable[Part]:
        ordered = sorted(self.tallies.values(), key=lambda one: (-one.failures, one.issue, one.cause))
        for one in ordered[:PARTS]:
            yield Part(one.issue, one.cause, one.kinds, one.failures, tuple(one.others))

    def _tally(self, life: Life) -> Tally:
        key = f"{life.issue} {life.cause}"
        return self.tallies.setdefault(key, Tally(life.issue, life.cause))

    def _add(self, life: Life, failures: int) -> None:
        self.failures += failures
        self._tally(life).failures += failures
        self.first_seen = min(self.first_seen, life.first_seen)
        self.last_seen = max(self.last_seen, life.last_seen)


def begun(life: Life, now: datetime) -> Storm:
    """Return the storm that a kind begins."""
    return Storm(
        life.log, digest(life.incident, str(life.count), "storm"), life.first_seen, life.last_seen, now
    )


def within_budget(openings: list[datetime], now: datetime) -> bool:
    """Tell whether one more kind may be told by itself, and forget the openings that no longer count."""
    openings[:] = [at for at in openings if now - at < WINDOW]
    return len(openings) < BUDGET
