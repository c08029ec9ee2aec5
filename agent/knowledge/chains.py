"""Comparisons of certificates: names, dates, chains."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache

from agent.model.events import Certificate

_PART = re.compile(
    r'\s*([A-Za-z][\w.-]*|\d[\d.]*)\s*=\s*("(?:[^"\\]|\\.)*"|(?:\\.|[^,;+\\])*)\s*(?:[,;+>]|$)'
)

_ATTRIBUTES = {
    "s": "st",
    "sp": "st",
    "e": "emailaddress",
    "email": "emailaddress",
    "1.2.840.113549.1.9.1": "emailaddress",
    "oid.1.2.840.113549.1.9.1": "emailaddress",
    "surname": "sn",
    "dnq": "dnqualifier",
}
"""Attribute types that libraries spell differently (RFC 4514 section 3, sun.security.x509.AVAKeyword)."""

Name = tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def normal_name(text: str | None) -> Name:
    """Return a distinguished name in a form that compares equal across libraries, () for none.

    Case, blanks, quotes, the spelling of attribute types and the order of the parts do not count: JSSE
    prints the most significant part last, others first (RFC 4514 section 2.1).
    """
    parts = []
    for found in _PART.finditer(text or ""):
        kind = found[1].lower()
        value = re.sub(r"\\(.)", r"\1", found[2].strip().strip('"'))
        parts.append((_ATTRIBUTES.get(kind, kind), " ".join(value.split()).casefold()))
    if not parts and text and text.strip():
        return (("", " ".join(text.split()).casefold()),)
    return tuple(sorted(parts))


def same_name(one: str | None, other: str | None) -> bool:
    """Tell whether two printed names are the same name; an absent one equals none."""
    return bool(normal_name(one)) and normal_name(one) == normal_name(other)


def self_signed(certificate: Certificate) -> bool:
    """Tell whether a certificate names itself as its issuer."""
    return same_name(certificate.subject, certificate.issuer)


def expired(chain: Iterable[Certificate], at: datetime | None) -> Certificate | None:
    """Return the first certificate that was past its end at a time."""
    return next((c for c in chain if _before(c.not_after, at)), None)


def not_yet_valid(chain: Iterable[Certificate], at: datetime | None) -> Certificate | None:
    """Return the first certificate whose time had not begun."""
    return next((c for c in chain if _before(at, c.not_before)), None)


def _before(one: datetime | None, other: datetime | None) -> bool:
    """Compare two times; False where one is absent or only one carries a zone."""
    if one is None or other is None or (one.tzinfo is None) != (other.tzinfo is None):
        return False
    return one < other


def issuers(chain: tuple[Certificate, ...]) -> Iterator[Certificate]:
    """Yield what stands above the leaf; a self-signed root is no part of what is checked."""
    yield from (c for c in chain[1:] if not self_signed(c))


def v1_issuer(chain: tuple[Certificate, ...]) -> Certificate | None:
    """Return the first X.509 version 1 certificate that is asked to be an intermediate CA."""
    return next((c for c in issuers(chain) if c.version == 1), None)


def unfit_issuer(chain: tuple[Certificate, ...]) -> Certificate | None:
    """Return the first intermediate of version 3 that says itself that it is no CA."""
    return next((c for c in issuers(chain) if c.version != 1 and c.ca is False), None)


def anchored(chain: tuple[Certificate, ...], anchors: Iterable[Certificate]) -> bool:
    """Tell whether the names of a chain lead to one of the anchors."""
    known = {normal_name(a.subject) for a in anchors} - {()}
    return any(normal_name(name) in known for c in chain for name in (c.issuer, c.subject))


def accepted(chain: tuple[Certificate, ...], authorities: Iterable[str]) -> bool:
    """Tell whether a key's chain holds an issuer that a CertificateRequest names.

    What JSSE's key managers ask (sun.security.ssl.SunX509KeyManagerImpl); a named subject counts too.
    """
    named = {normal_name(name) for name in authorities} - {()}
    return any(normal_name(name) in named for c in chain for name in (c.issuer, c.subject))
