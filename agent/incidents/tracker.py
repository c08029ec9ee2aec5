"""Numbers failures among their like, and closes what is over.

A fingerprint is shared by failures of one log, issue, cause, role and other side. It is closed by a completed
handshake with the same other side, by quiet, or by eviction; the next failure of that kind counts from 1.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from agent.codec import decode, encode
from agent.incidents.severity import severity_of
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident
from agent.model.series import Series
from agent.model.vocabulary import IncidentEvent, Issue, Outcome, Role

QUIET = timedelta(hours=4)
"""Without a failure for so long it is over: Alertmanager's default `repeat_interval`, known to operators."""
MAX_OPEN = 1_000
"""Fingerprints open at once (about 1 MB); the one that failed least recently goes first."""

INCIDENTS_OPEN = "wmtls_incidents_open"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Failures of one fingerprint so far; `other_side` is None where nothing named it."""

    log: str
    issue: Issue
    role: Role
    other_side: str | None
    count: int
    first_seen: datetime
    last_seen: datetime


@dataclass(slots=True)
class TrackerState:
    """All that a tracker remembers: `open` by fingerprint, the most recent failure last.

    `changed` names the fingerprints that differ from what was saved; it is empty in what is saved.
    """

    open: dict[str, OpenIncident] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to save: open incidents as JSON by fingerprint, and fingerprints to forget."""

    opened: dict[str, bytes]
    closed: tuple[str, ...]


def restored(saved: Mapping[str, bytes]) -> TrackerState:
    """Return the state that `Tracker.changes` saved bit by bit.

    An entry that no longer fits is left out and marked to be forgotten: its kind counts from 1 again.
    """
    state = TrackerState()
    entries = []
    for fingerprint, data in saved.items():
        try:
            entries.append((fingerprint, decode(data, OpenIncident)))
        except ValueError:
            state.changed.add(fingerprint)
    state.open = dict(sorted(entries, key=lambda entry: entry[1].last_seen))
    return state


class Tracker:
    """Turns diagnosed handshakes into incidents."""

    def __init__(self, state: TrackerState | None = None) -> None:
        self.state = TrackerState() if state is None else state

    def observe(
        self, log: str, handshake: Handshake, diagnosis: Diagnosis | None, now: datetime
    ) -> Incident | None:
        """Return the incident that a failed handshake makes; None for any other, which may close some.

        The time of the handshake's end counts, `now` only where the log has no clock.
        """
        if handshake.outcome is Outcome.COMPLETED:
            self._resolve(log, handshake)
        if handshake.outcome is not Outcome.FAILED or diagnosis is None:
            return None
        at = handshake.ended_at or now
        other_side = next((side for side in _sides(handshake, _NAMED_BY)), None)
        fingerprint = _digest(
            log, diagnosis.issue, diagnosis.cause, handshake.role, "" if other_side is None else other_side
        )
        before = self.state.open.pop(fingerprint, None)
        if before is None or at - before.last_seen > QUIET:
            before = OpenIncident(log, diagnosis.issue, handshake.role, other_side, 0, at, at)
        current = replace(
            before,
            count=before.count + 1,
            first_seen=min(before.first_seen, at),
            last_seen=max(before.last_seen, at),
        )
        self.state.open[fingerprint] = current
        self.state.changed.add(fingerprint)
        while len(self.state.open) > MAX_OPEN:
            self._close(next(iter(self.state.open)))
        return Incident(
            id=_digest(log, handshake.first.identity, str(handshake.first.offset), diagnosis.issue),
            incident=fingerprint,
            fingerprint=fingerprint,
            event=IncidentEvent.OPENED if current.count == 1 else IncidentEvent.UPDATED,
            severity=severity_of(diagnosis.issue, diagnosis.cause),
            log=log,
            at=now,
            # The stores were for the diagnosis; a trust store of a hundred anchors need not travel with it.
            failure=Failure(replace(handshake, stores=()), diagnosis),
            count=current.count,
            first_seen=current.first_seen,
            last_seen=current.last_seen,
        )

    def expire(self, now: datetime) -> None:
        """Close what has been quiet."""
        for fingerprint in [f for f, one in self.state.open.items() if now - one.last_seen > QUIET]:
            self._close(fingerprint)

    def changes(self) -> Changes:
        """Return what changed since the last call."""
        changed = sorted(self.state.changed)
        self.state.changed.clear()
        return Changes(
            opened={f: encode(self.state.open[f]) for f in changed if f in self.state.open},
            closed=tuple(f for f in changed if f not in self.state.open),
        )

    def gauges(self) -> dict[Series, float]:
        """Return how many fingerprints are open, for every issue."""
        counts = dict.fromkeys(Issue, 0.0)
        for one in self.state.open.values():
            counts[one.issue] += 1
        return {(INCIDENTS_OPEN, (issue.value,)): count for issue, count in counts.items()}

    def _resolve(self, log: str, handshake: Handshake) -> None:
        sides = set(_sides(handshake, _KNOWN_AGAIN_BY))
        for fingerprint in [
            f
            for f, one in self.state.open.items()
            if one.log == log and one.role is handshake.role and one.other_side in sides
        ]:
            self._close(fingerprint)

    def _close(self, fingerprint: str) -> None:
        del self.state.open[fingerprint]
        self.state.changed.add(fingerprint)


def _digest(*parts: str) -> str:
    """Return 32 hex digits for parts; a length before each keeps ("a", "bc") and ("ab", "c") apart."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _host(handshake: Handshake) -> str | None:
    """Return the peer without its port: a client has a new one each time."""
    return handshake.peer and (handshake.peer.rpartition(":")[0] or handshake.peer)


_TRAITS: Mapping[str, Callable[[Handshake], str | None]] = MappingProxyType(
    {
        "server_name": lambda handshake: handshake.server_name and handshake.server_name.lower(),
        "peer": lambda handshake: handshake.peer,
        "host": _host,
        "subject": lambda handshake: handshake.peer_chain[0].subject if handshake.peer_chain else None,
    }
)

_NAMED_BY: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.CLIENT: ("server_name", "peer", "subject"),
        Role.SERVER: ("subject", "host", "server_name"),
        Role.UNKNOWN: ("server_name", "host", "subject"),
    }
)
"""What names the other side, best first."""

_KNOWN_AGAIN_BY: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.CLIENT: ("server_name", "peer", "subject"),
        # The name that a client asked for is ours: another client's success with it proves nothing.
        Role.SERVER: ("subject", "host"),
        Role.UNKNOWN: (),
    }
)
"""What shows in a completed handshake that it is with the same other side."""


def _sides(handshake: Handshake, traits: Mapping[Role, tuple[str, ...]]) -> list[str]:
    found = ((trait, _TRAITS[trait](handshake)) for trait in traits[handshake.role])
    return [f"{trait} {value}" for trait, value in found if value]
