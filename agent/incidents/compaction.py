"""What a receiver that was away for long is told: what still matters, and the rest as one message.

A later message of an incident tells all that an earlier one told. So of each incident the last message is
enough, all that is over fits into one summary, and so does what is open beyond the newest few.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from agent.incidents.fingerprint import digest
from agent.incidents.severity import RANKS
from agent.model.incident import Incident, Part, Summary
from agent.model.vocabulary import IncidentEvent, Issue, Resolution

KEPT = 50
"""Incidents that are still told one by one."""
OTHERS = 3
PARTS = 10


def compacted(messages: Sequence[Incident], now: datetime) -> tuple[Collection[str], Collection[Incident]]:
    """Return the ids of messages that need not be sent, and the summaries to send instead.

    `messages` wait for one receiver, the oldest first. Troubles of the agent itself stay as they are.
    """
    latest = {one.incident: one for one in messages}
    tellable = [one for one in latest.values() if one.notice is None]
    if len(tellable) <= KEPT:
        return (), ()
    over = [one for one in tellable if one.resolution is not None]
    still = sorted((one for one in tellable if one.resolution is None), key=lambda one: one.last_seen)
    older = still[:-KEPT]
    summaries = [_summary(group, now) for group in (over, older) if len(group) > 1]
    told = {one.incident for group in (over, older) if len(group) > 1 for one in group}
    gone = {one.id for one in messages if one.incident in told or one.id != latest[one.incident].id}
    return gone, summaries


def goes_on(incident: Incident) -> bool:
    """Tell whether a later message will end what this one tells: it is not over, and no summary of ours."""
    ours = incident.summary is not None and incident.event is IncidentEvent.UPDATED
    return (
        incident.resolution is None and not incident.test and not (ours and incident.id == incident.incident)
    )


def _summary(group: Sequence[Incident], now: datetime) -> Incident:
    """Return one message for many: all of them over, or none."""
    name = digest(*sorted(one.id for one in group))
    logs = {one.log for one in group}
    over = group[0].resolution is not None
    parts = [part for one in group for part in _parts(one)]
    return Incident(
        id=name,
        incident=name,
        fingerprint=name,
        event=IncidentEvent.RESOLVED if over else IncidentEvent.UPDATED,
        severity=max((one.severity for one in group), key=RANKS.__getitem__),
        log=logs.pop() if len(logs) == 1 else "",
        at=now,
        count=sum(one.count for one in group),
        first_seen=min(one.first_seen for one in group),
        last_seen=max(one.last_seen for one in group),
        resolution=Resolution.QUIET if over else None,
        summary=Summary(
            kinds=sum(one.summary.kinds if one.summary else 1 for one in group),
            failures=sum(one.count for one in group),
            parts=_added(parts),
        ),
    )


def _parts(one: Incident) -> Sequence[Part]:
    if one.summary is not None:
        return one.summary.parts
    if one.failure is None:
        return ()
    handshake, diagnosis = one.failure.handshake, one.failure.diagnosis
    name = handshake.server_name or handshake.peer
    return (Part(diagnosis.issue, diagnosis.cause, 1, one.count, (name,) if name else ()),)


def _added(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the sum of parts by issue and cause, the most frequent first."""
    found: dict[tuple[Issue, str], Part] = {}
    for part in parts:
        key = part.issue, part.cause
        before = found.get(key, Part(part.issue, part.cause, 0, 0))
        others = tuple(dict.fromkeys((*before.others, *part.others)))[:OTHERS]
        found[key] = Part(*key, before.kinds + part.kinds, before.failures + part.failures, others)
    ordered = sorted(found.values(), key=lambda part: (-part.failures, part.issue, part.cause))
    return tuple(ordered[:PARTS])
