"""What was found in finished logs: counts, and failures that are alike told once.

Memory is bounded: at most `MAX_GROUPS` kinds of failure with one example each, however long the logs are.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from agent.formats.facts import decisive_exception
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.vocabulary import Confidence, Depth, Dialect, Issue, Leak, Outcome, Role
from agent.report.inventory import Inventory, Listed
from agent.report.timeline import Tally, Timeline

MAX_GROUPS = 1_000
"""Kinds of failure that are told apart, and of other handshakes likewise: some 20 MB at the very most, and
more than anybody reads."""

_SUREST = tuple(Confidence)  # certain, likely, possible
_DIGITS = re.compile(r"\d+")  # ports, delays and garbage versions make no new kind of failure


@dataclass(frozen=True, slots=True)
class Group:
    """Failures that are alike in issue, cause, role, other side and innermost exception.

    `first_seen` and `last_seen` are None where the log has no clock. `handshake` and `diagnosis` are those
    of the first failure among the surest.
    """

    count: int
    first_seen: datetime | None
    last_seen: datetime | None
    handshake: Handshake
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class Peaceful:
    """Handshakes that did not fail and are alike; `count` numbers them."""

    outcome: Outcome
    role: Role
    other_side: str | None
    protocol: str | None
    cipher_suite: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that one reading found.

    `bytes` and `lines` are those of `files` together. `leaks` are the secrets that the debug output holds;
    `wrapped` says that its lines have the wrapper's prefix. `timeline` is None where no failure has a time.
    `groups` and `peaceful` stand most frequent first; `ungrouped` counts the failures of further kinds, for
    which there was no room. `evicted` numbers the handshakes that were given up since too much was open;
    they are among the incomplete ones. `product_version` is that of Integration Server by which remedies were
    chosen, `product_named` the one that the log itself names.
    """

    files: tuple[str, ...]
    bytes: int
    lines: int
    depth: Depth
    dialects: tuple[Dialect, ...]
    leaks: tuple[Leak, ...] = ()
    wrapped: bool = False
    outcomes: Mapping[Outcome, int]
    failures: Mapping[Issue, int]
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    timeline: Timeline | None = None
    groups: tuple[Group, ...] = ()
    ungrouped: int = 0
    peaceful: tuple[Peaceful, ...] = ()
    certificates: tuple[Listed, ...] = ()
    product_version: str | None = None
    product_named: str | None = None
    evicted: int = 0


@dataclass(slots=True)
class _Gathered:
    """A group while it grows."""

    count: int
    first_seen: datetime | None
    last_seen: datetime | None
    handshake: Handshake
    diagnosis: Diagnosis


_GroupKey = tuple[Issue, str, Role, str | None, str | None]
_PeacefulKey = tuple[Outcome, Role, str | None, str | None, str | None]


@dataclass(slots=True)
class Collector:
    """Takes handshakes as they end and tells what they come to.

    `max_groups` 0 keeps counts only; `keep_peaceful` keeps what did not fail, too, and every certificate.
    """

    max_groups: int = MAX_GROUPS
    keep_peaceful: bool = False
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    failures: Counter[Issue] = field(default_factory=Counter)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    ungrouped: int = 0
    tally: Tally = field(default_factory=Tally)
    inventory: Inventory = field(default_factory=Inventory)
    _groups: dict[_GroupKey, _Gathered] = field(default_factory=dict)
    _peaceful: Counter[_PeacefulKey] = field(default_factory=Counter)

    def add(self, handshake: Handshake, diagnosis: Diagnosis | None) -> None:
        """Take a handshake that ended."""
        self.outcomes[handshake.outcome] += 1
        began, ended = _times(handshake)
        self.first_seen = _earlier(self.first_seen, began)
        self.last_seen = _later(self.last_seen, ended)
        for time in (began, ended):
            if time is not None:
                self.tally.see(time)
        if self.keep_peaceful:
            self.inventory.add(handshake)
        if diagnosis is not None:
            self.failures[diagnosis.issue] += 1
            self.tally.add(ended, diagnosis.issue)
            self._group(handshake, diagnosis, began, ended)
        elif self.keep_peaceful:
            other = other_side(handshake)
            key = (handshake.outcome, handshake.role, other, handshake.protocol, handshake.cipher_suite)
            if key in self._peaceful or len(self._peaceful) < self.max_groups:
                self._peaceful[key] += 1

    def _group(
        self, handshake: Handshake, diagnosis: Diagnosis, began: datetime | None, ended: datetime | None
    ) -> None:
        said = decisive_exception(handshake)
        kind = None if said is None else _DIGITS.sub("0", said)
        key = (diagnosis.issue, diagnosis.cause, handshake.role, other_side(handshake), kind)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) < self.max_groups:
                self._groups[key] = _Gathered(1, began, ended, handshake, diagnosis)
            else:
                self.ungrouped += 1
            return
        group.count += 1
        group.first_seen = _earlier(group.first_seen, began)
        group.last_seen = _later(group.last_seen, ended)
        if _SUREST.index(diagnosis.confidence) < _SUREST.index(group.diagnosis.confidence):
            group.handshake, group.diagnosis = handshake, diagnosis

    def findings(  # noqa: PLR0913  (what only the reading knows, by name)
        self,
        *,
        files: tuple[str, ...],
        bytes: int,  # noqa: A002  (the contract's word for it)
        lines: int,
        depth: Depth,
        dialects: tuple[Dialect, ...],
        leaks: tuple[Leak, ...] = (),
        wrapped: bool = False,
        product_version: str | None = None,
        product_named: str | None = None,
        evicted: int = 0,
    ) -> Findings:
        """Return what was found."""
        groups = sorted(self._groups.values(), key=lambda group: -group.count)  # stable: the oldest first
        return Findings(
            files=files,
            bytes=bytes,
            lines=lines,
            depth=depth,
            dialects=dialects,
            leaks=leaks,
            wrapped=wrapped,
            outcomes={outcome: self.outcomes[outcome] for outcome in Outcome},
            failures=dict(self.failures.most_common()),
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            timeline=self.tally.timeline(),
            groups=tuple(Group(g.count, g.first_seen, g.last_seen, g.handshake, g.diagnosis) for g in groups),
            ungrouped=self.ungrouped,
            peaceful=tuple(Peaceful(*key, count) for key, count in self._peaceful.most_common()),
            certificates=self.inventory.listed(self.last_seen),
            product_version=product_version,
            product_named=product_named,
            evicted=evicted,
        )


def other_side(handshake: Handshake) -> str | None:
    """Return what tells the other end from others, or None.

    A client knows the server by the name it asked for. A server knows a client by its certificate, then by
    its address without the port, which is a new one each time, then by the name that it asked for.
    """
    return next((found for trait in _TRAITS[handshake.role] if (found := trait(handshake))), None)


def _name(handshake: Handshake) -> str | None:
    return handshake.server_name and handshake.server_name.lower()


def _peer(handshake: Handshake) -> str | None:
    return handshake.peer


def _host(handshake: Handshake) -> str | None:
    return handshake.peer and (handshake.peer.rpartition(":")[0] or handshake.peer)


def _subject(handshake: Handshake) -> str | None:
    return handshake.peer_chain[0].subject if handshake.peer_chain else None


_TRAITS = MappingProxyType(
    {
        Role.CLIENT: (_name, _peer, _subject),
        Role.SERVER: (_subject, _host, _name),
        Role.UNKNOWN: (_name, _host, _subject),
    }
)


def _times(handshake: Handshake) -> tuple[datetime | None, datetime | None]:
    return handshake.started_at or handshake.ended_at, handshake.ended_at or handshake.started_at


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
