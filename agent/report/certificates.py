"""Certificates as they are shown to people: whose, by whom, and how their dates stand to the failure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.model.events import Certificate
from agent.model.handshake import Handshake

SHOWN = 4
"""Certificates of one chain that are shown; the rest is counted. The whole chain is in the JSON lines."""

_SOON = timedelta(days=30)  # the time that a renewal takes where several parties have to agree
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """One certificate of a chain; `number` counts from 1, the end entity's first.

    `remark` says what its dates mean for the failure; `spoilt` tells whether they made it unusable then.
    """

    number: int
    subject: str
    issuer: str | None
    self_issued: bool
    facts: tuple[str, ...]
    remark: str | None
    spoilt: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """What one end showed: `of` is "peer" or "own". An empty one was sent without certificates."""

    of: str
    certificates: tuple[Shown, ...]
    more: int


def chains(handshake: Handshake) -> tuple[Chain, ...]:
    """Return the chains that the log tells of, the peer's first."""
    at = handshake.ended_at or handshake.started_at
    both = (("peer", handshake.peer_chain), ("own", handshake.own_chain))
    return tuple(_chain(of, chain, at) for of, chain in both if chain is not None)


def lines(chain: Chain) -> Iterator[str]:
    """Yield a chain as one line for each certificate."""
    if not chain.certificates:
        yield f"{chain.of}: none was sent"
    for one in chain.certificates:
        remark = () if one.remark is None else (one.remark,)
        issuer: tuple[str, ...] = ()
        if one.issuer is not None:
            issuer = ("self-issued" if one.self_issued else f"issued by {one.issuer}",)
        yield "; ".join((f"{chain.of} {one.number}: {one.subject}", *remark, *issuer, *one.facts))
    if chain.more:
        yield f"{chain.of}: {chain.more} more"


def _chain(of: str, chain: Sequence[Certificate], at: datetime | None) -> Chain:
    shown = tuple(_shown(number, one, at) for number, one in enumerate(chain[:SHOWN], start=1))
    return Chain(of, shown, max(0, len(chain) - SHOWN))


def _shown(number: int, certificate: Certificate, at: datetime | None) -> Shown:
    remark, spoilt = _remark(certificate, at)
    return Shown(
        number=number,
        subject=certificate.subject or "subject not printed",
        issuer=certificate.issuer,
        self_issued=certificate.issuer is not None and certificate.issuer == certificate.subject,
        facts=tuple(_facts(certificate)),
        remark=remark,
        spoilt=spoilt,
    )


def _facts(certificate: Certificate) -> Iterator[str]:
    if certificate.serial is not None:
        yield f"serial {certificate.serial}"
    if certificate.version is not None:
        yield f"X.509 v{certificate.version}"
    if certificate.not_before and certificate.not_after:
        yield f"valid {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
    elif certificate.not_after:
        yield f"valid to {certificate.not_after:%Y-%m-%d}"


def _remark(certificate: Certificate, at: datetime | None) -> tuple[str | None, bool]:
    """Return what the dates mean at a time, and whether they forbid the use then.

    Dates are printed in the JVM's own zone by an ambiguous abbreviation, so what lies within a day is told
    without a verdict.
    """
    if at is None:
        return None, False
    end, begin = _end(certificate.not_after, at), _begin(certificate.not_before, at)
    return begin if begin[1] or end[0] is None else end


def _end(end: datetime | None, at: datetime) -> tuple[str | None, bool]:
    if end is None or end - at >= _SOON:
        return None, False
    if abs(end - at) < _DAY:
        return "expires within a day of the failure", False
    if end < at:
        return f"expired {_days(at - end)} before the failure", True
    return f"expires {_days(end - at)} after the failure", False


def _begin(begin: datetime | None, at: datetime) -> tuple[str | None, bool]:
    if begin is None or begin - at <= -_DAY:
        return None, False
    if begin - at < _DAY:
        return "becomes valid within a day of the failure", False
    return f"not valid until {_days(begin - at)} after the failure", True


def _days(span: timedelta) -> str:
    days = span // _DAY
    return f"{days} day" if days == 1 else f"{days} days"
