"""Troubles of the agent itself as incidents: told once each begins to matter, and once when it is over.

Some stand, and are reported with each look as long as they do: a log that cannot be read. Others happen: a
gap. `RULES` has how long one must stand before anybody is told, and for how long it must be heard of no more
to be over, so that a roll of the log or a receiver's hiccup wakes nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from agent.incidents.fingerprint import digest
from agent.incidents.severity import TROUBLES
from agent.model.incident import Incident, Notice
from agent.model.series import Series
from agent.model.vocabulary import IncidentEvent, Resolution, Trouble

OPEN = "wmtls_operational_incidents_open"

AGAIN = timedelta(days=1)
"""What stands is told again so often."""

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a trouble is told, and when it is over; `happens` marks one that ends by quiet alone."""

    stands: timedelta
    gone: timedelta
    happens: bool = False


RULES: Mapping[Trouble, Rule] = MappingProxyType(
    {
        Trouble.LOG_UNREADABLE: Rule(_MINUTE, timedelta(0)),
        Trouble.LOG_GAP: Rule(timedelta(0), _HOUR, happens=True),
        Trouble.DEBUG_OFF: Rule(_HOUR, timedelta(0)),
        Trouble.DEBUG_SHALLOW: Rule(_HOUR, timedelta(0)),
        Trouble.DEBUG_LEAKING: Rule(timedelta(0), timedelta(0)),
        Trouble.STATE_FULL: Rule(timedelta(seconds=10), timedelta(0)),
        Trouble.RECEIVER_FAILING: Rule(5 * _MINUTE, timedelta(0)),
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A trouble that was heard of: since when, when last, and how often where it happens.

    All times are the agent's; `told_count` is the count of the last message.
    """

    notice: Notice
    log: str
    since: datetime
    heard: datetime
    count: int = 1
    messages: int = 0
    told_at: datetime | None = None
    told_count: int = 0


@dataclass(slots=True)
class Troubles:
    """All troubles of the agent, by what they are and of whom; `standing` is what has to be saved."""

    standing: dict[str, Standing] = field(default_factory=dict)

    def report(self, notice: Notice, now: datetime, *, log: str = "") -> None:
        """Take in that a trouble stands, or has happened once more."""
        key = _key(notice.trouble, notice.subject)
        before = self.standing.get(key)
        if before is None:
            self.standing[key] = Standing(notice, log, now, now)
            return
        count = before.count + RULES[notice.trouble].happens
        self.standing[key] = replace(before, notice=notice, heard=now, count=count)

    def keep(self, trouble: Trouble, subject: str, now: datetime) -> None:
        """Let a trouble stand on of which nothing is known now, if it stood."""
        before = self.standing.get(_key(trouble, subject))
        if before is not None:
            self.standing[_key(trouble, subject)] = replace(before, heard=now)

    def tell(self, now: datetime) -> list[Incident]:
        """Return the messages that are due."""
        messages = []
        for key, one in list(self.standing.items()):
            rule = RULES[one.notice.trouble]
            if now - one.heard > rule.gone:
                del self.standing[key]
                if one.messages:
                    over = Resolution.QUIET if rule.happens else Resolution.MENDED
                    messages.append(_message(key, one, now, over))
            elif _is_due(one, rule, now):
                messages.append(_message(key, one, now, None))
                self.standing[key] = replace(
                    one, messages=one.messages + 1, told_at=now, told_count=one.count
                )
        return messages

    def gauges(self) -> dict[Series, float]:
        """Return how many of each trouble people know of."""
        counts = dict.fromkeys(Trouble, 0.0)
        for one in self.standing.values():
            counts[one.notice.trouble] += bool(one.messages)
        return {(OPEN, (trouble.value,)): count for trouble, count in counts.items()}


def _key(trouble: Trouble, subject: str) -> str:
    return digest(trouble, subject)


def _is_due(one: Standing, rule: Rule, now: datetime) -> bool:
    if one.told_at is None:
        return now - one.since >= rule.stands
    if rule.happens:
        return one.count > one.told_count and now - one.told_at >= rule.gone
    return now - one.told_at >= AGAIN


def _message(key: str, one: Standing, now: datetime, resolution: Resolution | None) -> Incident:
    incident = digest(key, one.since.isoformat())
    return Incident(
        id=digest(incident, str(one.messages + 1)),
        incident=incident,
        fingerprint=key,
        event=IncidentEvent.OPERATIONAL,
        severity=TROUBLES[one.notice.trouble],
        log=one.log,
        at=now,
        count=one.count,
        first_seen=one.since,
        last_seen=one.heard,
        resolution=resolution,
        notice=one.notice,
    )
