"""Diagnosed handshakes to messages: which failures are one incident, and what is to be told of it when.

`observe` only takes in; `tell`, once a turn, does the rest: it finds the two ends of one connection, lets
each incident live on, and returns the messages that are due. So a turn that reads a day of a backlog tells of
each incident what came of it, not each step on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from agent.codec import decode, encode
from agent.incidents.fingerprint import digest, failure_id, fingerprint, known_again, other_side
from agent.incidents.life import (
    Life,
    ended,
    event_due,
    failed,
    is_forgotten,
    next_look,
    settled,
    succeeded,
    told,
)
from agent.incidents.loopback import Pairs, View, knows_more, paired, view
from agent.incidents.severity import severity_of
from agent.incidents.storms import Storm, begun, within_budget
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident
from agent.model.series import Increments, Series
from agent.model.vocabulary import IncidentEvent, Issue, Outcome, Resolution, Role

MAX_LIVES = 1_000
"""Incidents remembered, open or lately over (some 10 MB); the one that failed least recently goes first, and
before all others one that is over or told as part of a storm."""

AHEAD = timedelta(days=1)
"""No zone that was configured wrongly puts a time so far into the future: such a clock is none."""

HOLD = timedelta(seconds=30)
"""While a backlog is read messages are made no more often, so that what is past is told as past."""

INCIDENTS_OPEN = "wmtls_incidents_open"
INCIDENTS_EVICTED = "wmtls_incidents_evicted_total"

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Book:
    """What is remembered beside the incidents themselves, by log.

    `openings` are the times of late at which a kind was first told; `views` are failures whose other end may
    follow.
    """

    storms: dict[str, Storm] = field(default_factory=dict)
    openings: dict[str, list[datetime]] = field(default_factory=dict)
    views: dict[str, list[View]] = field(default_factory=dict)


@dataclass(slots=True)
class TrackerState:
    """All that a tracker remembers: `lives` by fingerprint, the one that failed last at the end.

    `changed` names the fingerprints that differ from what was saved; it is empty in what is saved.
    """

    lives: dict[str, Life] = field(default_factory=dict)
    book: Book = field(default_factory=Book)
    changed: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to save: incidents as JSON by fingerprint, and fingerprints to forget."""

    opened: dict[str, bytes]
    closed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A handshake that ended, `at` by the log's clock if it is `dated`; one that failed has a diagnosis."""

    log: str
    handshake: Handshake
    diagnosis: Diagnosis | None
    at: datetime
    dated: bool


def restored(saved: Mapping[str, bytes], book: Book | None = None) -> TrackerState:
    """Return the state that `Tracker.changes` saved bit by bit.

    An entry that no longer fits is left out and marked to be forgotten: its kind counts from 1 again.
    """
    state = TrackerState(book=book or Book())
    entries = []
    for name, data in saved.items():
        try:
            entries.append((name, decode(data, Life)))
        except ValueError:
            state.changed.add(name)
    state.lives = dict(sorted(entries, key=lambda entry: entry[1].noticed))
    return state


class Tracker:
    """Turns diagnosed handshakes into messages."""

    def __init__(self, state: TrackerState | None = None) -> None:
        self.state = TrackerState() if state is None else state
        self._lives, self._book = self.state.lives, self.state.book
        self._also = {life.also: name for name, life in self._lives.items() if life.also}
        self._sides: dict[tuple[str, Role, str], set[str]] = {}
        for name, life in self._lives.items():
            self._index(name, life)
        self._seen: list[_Seen] = []
        self._clocks: dict[str, datetime] = {}
        self._messages: list[Incident] = []
        self._next_look = _EARLIEST
        self._told_at = _EARLIEST
        self._evicted = 0

    def observe(self, log: str, handshake: Handshake, diagnosis: Diagnosis | None, now: datetime) -> None:
        """Take in a handshake that ended.

        The time of its end counts, `now` only where the log has no clock, or one that cannot be.
        """
        at = handshake.ended_at
        dated = at is not None and at.tzinfo is not None and at - now <= AHEAD
        failure = handshake.outcome is Outcome.FAILED and diagnosis is not None
        if failure or handshake.outcome is Outcome.COMPLETED:
            self._seen.append(
                _Seen(log, handshake, diagnosis if failure else None, at if at and dated else now, dated)
            )

    def tell(self, now: datetime, *, behind: bool = False) -> list[Incident]:
        """Return the messages that are due; `behind` says that there is much more to read at once."""
        if not self._seen and now < self._next_look:
            return []
        seen, self._seen = self._seen, []
        pairs = self._paired(seen)
        for number, one in enumerate(seen):
            if one.dated:
                self._clocks[one.log] = one.at
            if one.diagnosis is None:
                self._succeed(one, now)
            elif number not in pairs.lesser:
                self._fail(one, one.diagnosis, pairs.ends.get(number), now)
        if behind and now - self._told_at < HOLD:
            self._next_look = min(self._next_look, self._told_at + HOLD)
            return self._taken()
        self._told_at = now
        for name, life in list(self._lives.items()):
            self._look(name, life, now)
        self._storms(now)
        looks = [next_look(life) for life in self._lives.values()]
        looks += [now + HOLD] if self._book.storms else []
        self._next_look = min(looks, default=now + AHEAD)
        return self._taken()

    def changes(self) -> Changes:
        """Return what changed since the last call."""
        changed = sorted(self.state.changed)
        self.state.changed.clear()
        return Changes(
            opened={name: encode(self._lives[name]) for name in changed if name in self._lives},
            closed=tuple(name for name in changed if name not in self._lives),
        )

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return bool(self.state.changed)

    def counted(self) -> Increments:
        """Return what was forgotten for want of room since the last call, as increments."""
        evicted, self._evicted = self._evicted, 0
        return {(INCIDENTS_EVICTED, ()): float(evicted)} if evicted else {}

    def gauges(self) -> dict[Series, float]:
        """Return how many incidents are open, for every issue."""
        counts = dict.fromkeys(Issue, 0.0)
        for life in self._lives.values():
            counts[life.issue] += not life.over
        return {(INCIDENTS_OPEN, (issue.value,)): count for issue, count in counts.items()}

    # -- failures and successes ---------------------------------------------------------------------------

    def _paired(self, seen: list[_Seen]) -> Pairs:
        """Find the two ends of connections among what failed now and of late."""
        failures = [
            (
                number,
                one.log,
                view(fingerprint(one.log, one.handshake, one.diagnosis), one.handshake, one.at),
                knows_more(one.handshake, one.diagnosis),
            )
            for number, one in enumerate(seen)
            if one.diagnosis is not None
        ]
        return paired(failures, self._book.views)

    def _fail(self, one: _Seen, diagnosis: Diagnosis, other_end: str | None, now: datetime) -> None:
        """Count a failure; `other_end` is the fingerprint of its other view, None where there is none."""
        own = fingerprint(one.log, one.handshake, diagnosis)
        name = self._also.get(own, own)
        if name in self._lives and is_forgotten(self._lives[name], now):
            self._drop(name)
        life = self._lives.pop(name, None)
        if life is None:
            life = Life(
                log=one.log,
                issue=diagnosis.issue,
                cause=diagnosis.cause,
                role=one.handshake.role,
                other_side=other_side(one.handshake),
                incident=failure_id(one.log, one.handshake, diagnosis),
                count=0,
                first_seen=one.at,
                last_seen=one.at,
                began=now,
                noticed=now,
            )
            self._index(name, life)
        sample = None
        if life.wants_sample:
            # The stores were for the diagnosis; a trust store of a hundred anchors need not travel with it.
            shown = replace(one.handshake, stores=())
            sample = encode(Failure(shown, diagnosis, both_ends=other_end is not None))
        life = failed(life, one.at, now, sample)
        if other_end and other_end not in (name, life.also) and other_end not in self._lives:
            life = replace(life, also=other_end)
            self._also[other_end] = name
        storm = self._book.storms.get(life.log)
        if life.crowd and storm is not None:
            storm.failed(life)
        self._lives[name] = life
        self.state.changed.add(name)
        while len(self._lives) > MAX_LIVES:
            self._evict(now)

    def _succeed(self, one: _Seen, now: datetime) -> None:
        for side in known_again(one.handshake):
            for name in self._sides.get((one.log, one.handshake.role, side), ()):
                self._keep(name, succeeded(self._lives[name], now))

    def _evict(self, now: datetime) -> None:
        """Forget one: told that it is no longer followed, if anybody was told that it is there."""
        lives = self._lives
        lesser = (name for name, life in lives.items() if life.over or life.crowd)
        name = next(lesser, next(iter(lives)))
        life = lives[name]
        if life.told and not life.over:
            self._message(name, ended(life, Resolution.FORGOTTEN, now), IncidentEvent.RESOLVED, now)
        self._drop(name)
        self._evicted += not life.over

    # -- messages -----------------------------------------------------------------------------------------

    def _look(self, name: str, life: Life, now: datetime) -> None:
        """Make the messages that are due of an incident."""
        if is_forgotten(life, now):
            self._drop(name)
            return
        clock = self._clocks.get(life.log, life.last_seen)
        life = settled(life, now, clock)
        while (event := event_due(life, now, clock)) is not None:
            if life.told == 0 and self._crowded(life, now):
                life = replace(life, crowd=True, sample=None)
                break
            life = self._message(name, life, event, now)
        self._keep(name, life)

    def _crowded(self, life: Life, now: datetime) -> bool:
        """Tell whether an incident that nobody heard of goes under in a storm, which it may begin."""
        openings = self._book.openings.setdefault(life.log, [])
        if within_budget(openings, now):
            openings.append(now)
            return False
        storm = self._book.storms.get(life.log)
        if storm is None:
            storm = self._book.storms[life.log] = begun(life, now)
        storm.join(life, now)
        return True

    def _message(self, name: str, life: Life, event: IncidentEvent, now: datetime) -> Life:
        """Make a message of an incident, which has an example; an opening has the incident's own id."""
        first = event is IncidentEvent.OPENED
        message = Incident(
            id=life.incident if first else digest(life.incident, str(life.messages + 1), event),
            incident=life.incident,
            fingerprint=name,
            event=event,
            severity=severity_of(life.issue, life.cause),
            log=life.log,
            at=now,
            count=life.count,
            first_seen=life.first_seen,
            last_seen=life.last_seen,
            resolution=life.resolution if event is IncidentEvent.RESOLVED else None,
            failure=decode(life.sample or b"", Failure),
        )
        self._messages.append(message)
        return told(life, event, now)

    def _storms(self, now: datetime) -> None:
        for log, storm in list(self._book.storms.items()):
            crowd = [(name, life) for name, life in self._lives.items() if life.crowd and life.log == log]
            event = storm.event_due(now)
            if event is not IncidentEvent.OPENED and storm.is_calm(
                now, sum(not one.over for _, one in crowd)
            ):
                event = IncidentEvent.RESOLVED
                del self._book.storms[log]
                for name, life in crowd:
                    self._keep(name, replace(life, crowd=False, told=0))
            if event is not None:
                self._messages.append(storm.told(event, now))

    def _taken(self) -> list[Incident]:
        messages, self._messages = self._messages, []
        return messages

    def _keep(self, name: str, life: Life) -> None:
        if self._lives[name] is not life:
            self._lives[name] = life
            self.state.changed.add(name)

    def _drop(self, name: str) -> None:
        life = self._lives.pop(name)
        self.state.changed.add(name)
        if life.also is not None:
            self._also.pop(life.also, None)
        if life.other_side is not None:
            key = (life.log, life.role, life.other_side)
            self._sides[key].discard(name)
            if not self._sides[key]:
                del self._sides[key]

    def _index(self, name: str, life: Life) -> None:
        if life.other_side is not None:
            self._sides.setdefault((life.log, life.role, life.other_side), set()).add(name)
