"""The life of one incident: a state machine in which time is an argument.

    open --success that lasts, quiet, age--> over --a failure within a day--> open again

Two clocks. Failures are dated by the log's, which may be days behind (a backlog) or hours off (a zone that
nobody configured): it is what people are shown. What paces messages is the agent's own, since it is people's
patience that counts. The two are never compared: what is past is told by how far the log itself went on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.model.vocabulary import IncidentEvent, Issue, Resolution, Role

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

UPDATES: Sequence[timedelta] = (5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, _DAY)
"""From one message to the next while failures go on: the n-th wait after the n-th, the last for ever."""

STABLE: Sequence[timedelta] = (timedelta(0), 5 * _MINUTE, 15 * _MINUTE, _HOUR, 4 * _HOUR)
"""How long a success must stay the last word, by how often it came back: what flaps is told less and less."""

QUIET = timedelta(hours=4)
"""Without a failure for so long it is over: Alertmanager's default `repeat_interval`, known to operators."""

PAST = timedelta(minutes=10)
"""What was over before anybody heard of it, so far back in the log, is told by one message."""

RETURNS_WITHIN = timedelta(days=1)
"""A failure so soon after the end reopens the incident, a later one opens another."""

MAX_AGE = timedelta(days=30)
"""A failure that never ends is begun anew after so long, so that it is not lost among updates."""


@dataclass(frozen=True, slots=True)
class Life:
    """One incident as it stands.

    `count`, `first_seen` and `last_seen` are the failures' (the log's clock); `began` (anew with each
    reopening), `noticed` (the last failure), `succeeded`, `over_at` and `told_at` the agent's. `returns`
    counts reopenings. `messages` were made of it in all, `told` since it was (re)opened, the last of them at
    `told_count` failures; `told_over` says that its end was told. `crowd` marks one that is told as part of
    a storm. `sample` is a failure as JSON, the first since the last message. `also` is the fingerprint under
    which the other end of the same connections fails.
    """

    log: str
    issue: Issue
    cause: str
    role: Role
    other_side: str | None
    incident: str
    count: int
    first_seen: datetime
    last_seen: datetime
    began: datetime
    noticed: datetime
    resolution: Resolution | None = None
    over_at: datetime | None = None
    succeeded: datetime | None = None
    returns: int = 0
    messages: int = 0
    told: int = 0
    told_count: int = 0
    told_at: datetime | None = None
    told_over: bool = False
    crowd: bool = False
    sample: bytes | None = None
    also: str | None = None

    @property
    def over(self) -> bool:
        """Whether it is resolved."""
        return self.resolution is not None

    @property
    def wants_sample(self) -> bool:
        """Whether the next failure is to be its example."""
        return not self.crowd and (self.sample is None or self.count == self.told_count)


def failed(life: Life, at: datetime, now: datetime, sample: bytes | None) -> Life:
    """Return the life after one more failure, dated `at` by the log; `sample` replaces the one it has."""
    reopened = life.over and life.told_over
    return replace(
        life,
        count=life.count + 1,
        first_seen=min(life.first_seen, at),
        last_seen=max(life.last_seen, at),
        began=now if reopened else life.began,
        noticed=now,
        resolution=None,
        over_at=None,
        succeeded=None,
        returns=life.returns + reopened,
        told=0 if reopened else life.told,
        told_over=False,
        sample=sample or life.sample,
    )


def succeeded(life: Life, now: datetime) -> Life:
    """Return the life after a success with the same other side."""
    return life if life.over or life.succeeded else replace(life, succeeded=now)


def is_quiet(life: Life, now: datetime, log_clock: datetime) -> bool:
    """Tell whether no failure came for long, by either clock; `log_clock` is the last handshake's time."""
    return now - life.noticed > QUIET or _past(life, log_clock) > QUIET


def settled(life: Life, now: datetime, log_clock: datetime) -> Life:
    """Return the life, over if it is."""
    if life.over:
        return life
    resolution = None
    if life.succeeded is not None and now >= life.succeeded + _at(STABLE, life.returns):
        resolution = Resolution.SUCCESS
    elif is_quiet(life, now, log_clock):
        resolution = Resolution.QUIET
    elif now - life.began > MAX_AGE:
        resolution = Resolution.FORGOTTEN
    return life if resolution is None else ended(life, resolution, now)


def ended(life: Life, resolution: Resolution, now: datetime) -> Life:
    """Return the life, over."""
    return replace(life, resolution=resolution, over_at=now)


def event_due(life: Life, now: datetime, log_clock: datetime) -> IncidentEvent | None:
    """Return what is to be told now; None for nothing, as long as there is no example to tell it by."""
    if life.crowd or life.sample is None:
        return None
    if life.told == 0:
        past = life.over and _past(life, log_clock) > PAST
        begun = IncidentEvent.REOPENED if life.messages else IncidentEvent.OPENED
        return IncidentEvent.RESOLVED if past else begun
    if life.over:
        return None if life.told_over else IncidentEvent.RESOLVED
    more = life.count > life.told_count
    return IncidentEvent.UPDATED if more and now >= _next_update(life) else None


def told(life: Life, event: IncidentEvent, now: datetime) -> Life:
    """Return the life after a message was made of it."""
    return replace(
        life,
        messages=life.messages + 1,
        told=life.told + 1,
        told_count=life.count,
        told_at=now,
        told_over=event is IncidentEvent.RESOLVED,
    )


def is_forgotten(life: Life, now: datetime) -> bool:
    """Tell whether it is over for so long that another failure makes another incident."""
    return life.over_at is not None and now - life.over_at > RETURNS_WITHIN


def next_look(life: Life) -> datetime:
    """Return when time alone may next change something, by the agent's clock."""
    if life.over_at is not None:
        return life.over_at + RETURNS_WITHIN
    times = [life.noticed + QUIET, life.began + MAX_AGE]
    if life.succeeded is not None:
        times.append(life.succeeded + _at(STABLE, life.returns))
    if life.count > life.told_count and life.told:
        times.append(_next_update(life))
    return min(times)


def _past(life: Life, log_clock: datetime) -> timedelta:
    """Return how far the log went on since the last failure; a jump beyond all backlogs is another clock."""
    went = log_clock - life.last_seen
    return went if went < MAX_AGE else timedelta(0)


def _next_update(life: Life) -> datetime:
    return (life.told_at or life.noticed) + _at(UPDATES, life.told - 1)


def _at(steps: Sequence[timedelta], number: int) -> timedelta:
    return steps[min(number, len(steps) - 1)]
