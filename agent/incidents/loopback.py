"""Both ends of one connection in one log: two views of one failure.

A server that calls itself prints each handshake twice, as the client and as the server. That the two are one
is said only where something that both ends saw is the same: a certificate with its serial number, or the
whole ClientHello; where nothing that both saw differs; and where the times fit. A failure that is taken for
another's view would be told to nobody, so a doubt keeps them apart.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.incidents.fingerprint import digest, host
from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import Confidence, Role

SLACK = timedelta(seconds=2)
"""By so much the two ends may differ: a wrapper's prefix tells whole seconds."""
MAX_VIEWS = 32
"""Failures of one log that wait for their other end."""

Rank = tuple[bool, int, bool]
"""How much a view tells, to be compared: a cause, certainty, the client's names."""

_OPPOSITE = {Role.CLIENT: Role.SERVER, Role.SERVER: Role.CLIENT}
_RANKS = {Confidence.CERTAIN: 2, Confidence.LIKELY: 1, Confidence.POSSIBLE: 0}


@dataclass(frozen=True, slots=True)
class View:
    """What one end saw of a connection, as far as the other end must have seen the same.

    `hello` stands for what the ClientHello offered, `own` and `peer` for the first certificate of a side.
    """

    fingerprint: str
    role: Role
    jvm: int | None
    began: datetime
    ended: datetime
    hello: str | None
    server_name: str | None
    protocol: str | None
    sent: tuple[str, ...]
    received: tuple[str, ...]
    own: str | None
    peer: str | None
    address: str | None


def view(fingerprint: str, handshake: Handshake, at: datetime) -> View:
    """Return what a failed handshake shows; `at` is its end, or when it was read."""
    fatal = [alert for alert in handshake.alerts if (alert.level or "fatal").lower() == "fatal"]
    offered = (*handshake.offered_versions, "", *handshake.offered_suites)
    return View(
        fingerprint=fingerprint,
        role=handshake.role,
        jvm=handshake.jvm,
        began=handshake.started_at or at,
        ended=at,
        hello=digest(*offered) if handshake.offered_suites else None,
        server_name=handshake.server_name and handshake.server_name.lower(),
        protocol=handshake.protocol,
        sent=tuple(alert.description for alert in fatal if alert.sent),
        received=tuple(alert.description for alert in fatal if not alert.sent),
        own=_identity(handshake.own_chain),
        peer=_identity(handshake.peer_chain),
        address=_address(handshake.peer),
    )


def same_connection(one: View, two: View) -> bool:
    """Tell whether two failures of one log are the two ends of one connection."""
    if one.role is Role.UNKNOWN or two.role is not _OPPOSITE[one.role] or one.jvm != two.jvm:
        return False
    if one.began > two.ended + SLACK or two.began > one.ended + SLACK or abs(one.ended - two.ended) > SLACK:
        return False
    told = (
        (one.hello, two.hello),
        (one.server_name, two.server_name),
        (one.protocol, two.protocol),
        (one.own, two.peer),
        (one.peer, two.own),
        (one.address, two.address),
    )
    if any(a is not None and b is not None and a != b for a, b in told):
        return False
    if _crossed(one.sent, two.received) is False or _crossed(two.sent, one.received) is False:
        return False
    certificate = any(a is not None and a == b for a, b in ((one.own, two.peer), (one.peer, two.own)))
    hello = one.hello is not None and one.hello == two.hello and one.server_name == two.server_name
    alert = _crossed(one.sent, two.received) or _crossed(two.sent, one.received)
    return certificate or (hello and (alert is True or one.server_name is not None))


def knows_more(handshake: Handshake, diagnosis: Diagnosis) -> Rank:
    """Return how much a view tells of its connection."""
    return diagnosis.cause != "undetermined", _RANKS[diagnosis.confidence], handshake.role is Role.CLIENT


@dataclass(frozen=True, slots=True)
class Pairs:
    """Of numbered failures, those that are the `lesser` view of a connection, and what the better ones have.

    `ends` has the fingerprint of the other view.
    """

    lesser: frozenset[int]
    ends: Mapping[int, str]


def paired(failures: Iterable[tuple[int, str, View, Rank]], views: dict[str, list[View]]) -> Pairs:
    """Return which failures are two ends of one connection; each has a number, its log, a view and a rank.

    The better view of the two tells of both, but one of `views`, which were taken in before, stays what it
    is. `views` is brought up to date: the failures of each log whose other end may follow.
    """
    lesser: set[int] = set()
    ends: dict[int, str] = {}
    waiting: dict[str, list[tuple[int | None, View, Rank]]] = {
        log: [(None, one, (False, 0, False)) for one in ones] for log, ones in views.items()
    }
    for number, log, mine, rank in failures:
        others = waiting.setdefault(log, [])
        place = next((at for at, (_, other, _) in enumerate(others) if same_connection(other, mine)), None)
        if place is None:
            others.append((number, mine, rank))
            del others[:-MAX_VIEWS]
            continue
        before, other, others_rank = others.pop(place)
        if before is None:
            lesser.add(number)
        elif rank > others_rank:
            lesser.add(before)
            ends[number] = other.fingerprint
        else:
            lesser.add(number)
            ends[before] = mine.fingerprint
    views.clear()
    views.update({log: [one for _, one, _ in ones] for log, ones in waiting.items() if ones})
    return Pairs(frozenset(lesser), ends)


def _crossed(sent: tuple[str, ...], received: tuple[str, ...]) -> bool | None:
    """Tell whether an alert that went out came in at the other end; None where one end tells of none."""
    return bool(set(sent) & set(received)) if sent and received else None


def _identity(chain: tuple[Certificate, ...] | None) -> str | None:
    if not chain or not chain[0].serial:
        return None
    return digest(chain[0].issuer or "", chain[0].serial)


def _address(peer: str | None) -> str | None:
    """Return the address of the other end where the log has one: a machine that calls itself has but one."""
    try:
        return str(ipaddress.ip_address((host(peer) or "").strip("[]")))
    except ValueError:
        return None
