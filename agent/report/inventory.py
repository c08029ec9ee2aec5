"""Every certificate that passed by: whose, how long it is good, and what is wrong with it.

A certificate that fails tomorrow is seen today in handshakes that complete, so the inventory is made of all
of them. Sources of the verdicts: RFC 5280 section 4.2.1.12 (extended key usage), the JDK's
jdk.certpath.disabledAlgorithms.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from agent.formats.facts import time_text
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import Role

LIMIT = 1_000
"""Certificates kept: a peer chooses its own subjects. The ones that are good for longest are left out."""

ROWS = 100
"""Rows of a report's table; the rest is in the JSON lines."""

SOON = timedelta(days=30)
"""Before its end a certificate is due: the time that a renewal takes where several parties have to agree."""

_WEAK_HASH = re.compile(r"MD2|MD5|SHA-?1(?!\d)", re.IGNORECASE)
_ANY = "anyExtendedKeyUsage"
_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}
"""Bits below which a public key is weak (NIST SP 800-131A)."""
_DAY = timedelta(days=1)

Owner = Literal["own", "peer"]
Presenter = Literal["client", "server"]
_OWN: Owner = "own"
_PEER: Owner = "peer"


@dataclass(frozen=True, slots=True)
class Listed:
    """One certificate: whose it is, in which role its owner showed it, and whether as the end entity's.

    `handshakes` counts those in which it was seen, `last_seen` is the end of the last one. `remarks` say what
    is wrong with it, as of the last line of the log.
    """

    of: Owner
    presented_by: Presenter | None
    end_entity: bool
    certificate: Certificate
    handshakes: int
    last_seen: datetime | None
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Kept:
    listed: Listed
    count: int = 0
    last_seen: datetime | None = None


@dataclass(slots=True)
class Inventory:
    """Takes handshakes as they end."""

    left_out: int = 0
    _kept: dict[tuple[str, str | None, str, str | None, bool], _Kept] = field(default_factory=dict)

    def add(self, handshake: Handshake) -> None:
        """Take note of both ends' chains."""
        at = handshake.ended_at or handshake.started_at
        for chain, of in ((handshake.peer_chain, _PEER), (handshake.own_chain, _OWN)):
            presenter = _presenter(of, handshake.role)
            for number, certificate in enumerate(chain or ()):
                self._see(Listed(of, presenter, number == 0, certificate, 0, None), at)

    def _see(self, one: Listed, at: datetime | None) -> None:
        certificate = one.certificate
        if certificate.subject is None:
            return
        key = (one.of, one.presented_by, certificate.subject, certificate.serial, one.end_entity)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _Kept(one)
            if len(self._kept) > LIMIT:
                self.left_out += 1
                del self._kept[max(self._kept, key=lambda one: _end(self._kept[one].listed))]
        kept.count += 1
        kept.last_seen = at or kept.last_seen

    def listed(self, now: datetime | None) -> tuple[Listed, ...]:
        """Return all, the one that ends first at the head; `now` is the end of the log."""
        found = [
            replace(
                one.listed,
                handshakes=one.count,
                last_seen=one.last_seen,
                remarks=tuple(_remarks(one.listed, now)),
            )
            for one in self._kept.values()
        ]
        return tuple(sorted(found, key=lambda one: (_end(one), one.certificate.subject or "")))


def _presenter(of: Owner, role: Role) -> Presenter | None:
    """Return the role of the end that showed a certificate."""
    if role is Role.UNKNOWN:
        return None
    return "client" if (of == "own") is (role is Role.CLIENT) else "server"


def _end(one: Listed) -> float:
    end = one.certificate.not_after
    return end.timestamp() if end else float("inf")


def _remarks(one: Listed, now: datetime | None) -> Iterator[str]:
    certificate = one.certificate
    if now is not None:
        yield from _dates(certificate, now)
    if certificate.signature_algorithm and _WEAK_HASH.search(certificate.signature_algorithm):
        yield f"weak signature: {certificate.signature_algorithm}"
    if certificate.key and _weak(certificate.key):
        yield f"weak key: {certificate.key} bits"
    if certificate.version in {1, 2}:
        yield f"X.509 v{certificate.version}"
    wanted = f"{one.presented_by}Auth"
    usages = certificate.extended_key_usage
    if one.end_entity and one.presented_by and usages and not {wanted, _ANY} & set(usages):
        yield f"no {wanted}"


def _weak(key: str) -> bool:
    """Return whether a key is below what the JDK disables (jdk.certpath.disabledAlgorithms) or soon will."""
    algorithm, _, bits = key.partition(" ")
    return bits.isdigit() and int(bits) < _BITS.get(algorithm, 0)


def _dates(certificate: Certificate, now: datetime) -> Iterator[str]:
    """Tell of dates; JSSE prints them in an ambiguous zone, so a day is given either way."""
    end, begin = certificate.not_after, certificate.not_before
    if end is not None and end < now - _DAY:
        yield f"expired {(now - end) // _DAY} days ago"
    elif end is not None and end - now < SOON:
        days = (end - now) // _DAY
        yield f"expires in {days} days" if days > 1 else "expires within two days"
    if begin is not None and begin > now + _DAY:
        yield f"not valid for {(begin - now) // _DAY} days yet"


def _usages(certificate: Certificate) -> list[str] | None:
    return None if certificate.extended_key_usage is None else list(certificate.extended_key_usage)


def records(listed: Sequence[Listed]) -> list[dict[str, object]]:
    """Return the inventory as JSON-like data."""
    return [
        {
            "of": one.of,
            "presented_by": one.presented_by,
            "end_entity": one.end_entity,
            "subject": one.certificate.subject,
            "issuer": one.certificate.issuer,
            "serial": one.certificate.serial,
            "version": one.certificate.version,
            "key": one.certificate.key,
            "extended_key_usage": _usages(one.certificate),
            "signature_algorithm": one.certificate.signature_algorithm,
            "not_before": time_text(one.certificate.not_before),
            "not_after": time_text(one.certificate.not_after),
            "handshakes": one.handshakes,
            "last_seen": time_text(one.last_seen),
            "remarks": list(one.remarks),
        }
        for one in listed
    ]


def rows(listed: Sequence[Listed]) -> tuple[tuple[str, ...], ...]:
    """Return the inventory as a table with its head, or nothing."""
    if not listed:
        return ()
    head = ("Valid to", "Shown by", "As", "Handshakes", "Subject", "Remarks")
    return (
        head,
        *(
            (
                f"{one.certificate.not_after:%Y-%m-%d}" if one.certificate.not_after else "-",
                "this side" if one.of == "own" else "the other side",
                (one.presented_by or "-") if one.end_entity else "issuer",
                str(one.handshakes),
                one.certificate.subject or "-",
                "; ".join(one.remarks) or "-",
            )
            for one in listed[:ROWS]
        ),
    )
