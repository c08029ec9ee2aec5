"""Comparisons of certificates: dates, chains, and the trust anchors of this JVM."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from agent.knowledge.names import normal_name, same_name
from agent.model.events import Certificate


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


def path(chain: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    """Return the certificates that lead upwards from the leaf, in whatever order they were sent."""
    above = {normal_name(c.subject): c for c in reversed(chain[1:])}
    found = list(chain[:1])
    while found and not self_signed(found[-1]):
        higher = above.pop(normal_name(found[-1].issuer), None)
        if higher is None:
            break
        found.append(higher)
    return tuple(found)


def complete(chain: tuple[Certificate, ...]) -> bool:
    """Tell whether the leaf leads to a self-signed root that was sent too."""
    led = path(chain)
    return bool(led) and self_signed(led[-1])


def whole(chain: tuple[Certificate, ...]) -> bool:
    """Tell whether several certificates are printed whole, and each but the first issued one before it."""
    named = all(c.subject and c.issuer and c.version for c in chain)
    return len(chain) > 1 and named and len(path(chain)) == len(chain)


def gap(chain: tuple[Certificate, ...]) -> bool:
    """Tell whether certificates came with the leaf, and none of them is its issuer."""
    return len(chain) > 1 and len(path(chain)) == 1 and bool(chain[0].issuer) and not self_signed(chain[0])


def named_root(name: str | None) -> bool:
    """Tell whether a CA calls itself a root, which proves nothing but is seldom wrong."""
    return "root" in (name or "").casefold()


def anchored(chain: tuple[Certificate, ...], anchors: Iterable[Certificate]) -> bool:
    """Tell whether the names of a chain lead to one of the anchors."""
    known = {normal_name(a.subject) for a in anchors} - {()}
    return any(normal_name(name) in known for c in path(chain) for name in (c.issuer, c.subject))


def trusted(chain: tuple[Certificate, ...], anchors: Iterable[Certificate]) -> Certificate | None:
    """Return the certificate of a chain that is itself among the anchors: same name, same serial number."""
    known = {(normal_name(a.subject), normal_serial(a.serial)) for a in anchors if normal_serial(a.serial)}
    return next((c for c in chain if (normal_name(c.subject), normal_serial(c.serial)) in known), None)


def namesake(
    chain: tuple[Certificate, ...], anchors: Iterable[Certificate]
) -> tuple[Certificate, Certificate] | None:
    """Return a certificate of a chain and an anchor of its name with another serial number."""
    by_name = {normal_name(a.subject): a for a in anchors if normal_serial(a.serial)}
    for one in chain:
        other = by_name.get(normal_name(one.subject) or (("", ""),))
        serial = normal_serial(one.serial)
        if other is not None and serial and serial != normal_serial(other.serial):
            return one, other
    return None


def accepted(chain: tuple[Certificate, ...], authorities: Iterable[str]) -> bool:
    """Tell whether a key's chain holds an issuer that a CertificateRequest names.

    What JSSE's key managers ask (sun.security.ssl.SunX509KeyManagerImpl); a named subject counts too.
    """
    named = {normal_name(name) for name in authorities} - {()}
    return any(normal_name(name) in named for c in chain for name in (c.issuer, c.subject))


def normal_serial(text: str | None) -> str:
    """Return a serial number as hex digits alone: libraries print "6C D3 EC", "6c:d3:ec" and "0x6cd3ec"."""
    digits = re.sub(r"[^0-9a-f]", "", (text or "").lower().replace("0x", ""))
    return digits.lstrip("0") or ("0" if digits else "")


def weak(chain: tuple[Certificate, ...]) -> Certificate | None:
    """Return the first certificate that every current JDK refuses for its signature or the size of its key.

    After jdk.certpath.disabledAlgorithms: MD2 and MD5, RSA and DSA below 1024 bits, EC below 224. A root's
    own signature is never checked.
    """
    return next((one for one in chain if weakness(one)), None)


def weakness(certificate: Certificate) -> str | None:
    """Return what of a certificate is weak, in words."""
    kind, _, bits = (certificate.key or "").partition(" ")
    if bits.isdecimal() and int(bits) < _SMALLEST.get(kind, 0):
        return f"an {kind} key of {bits} bits" if kind in {"RSA", "EC"} else f"a {kind} key of {bits} bits"
    algorithm = certificate.signature_algorithm or ""
    if algorithm.upper().startswith(("MD2WITH", "MD5WITH")) and not self_signed(certificate):
        return f"a signature by {algorithm}"
    return None


_SMALLEST = {"RSA": 1024, "DSA": 1024, "EC": 224}


def serves(certificate: Certificate, purpose: str) -> bool:
    """Tell whether the extended key usage permits a purpose; an absent one permits all."""
    usages = certificate.extended_key_usage
    return not usages or any(purpose.casefold() in _purpose(usage) for usage in usages)


def _purpose(usage: str) -> str:
    """Return a purpose's name; any purpose (RFC 5280 section 4.2.1.12) is the sum of all."""
    name = usage.strip().casefold()
    return _PURPOSES.get(name, name)


_ANY = "clientauth serverauth"
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverauth",
    "1.3.6.1.5.5.7.3.2": "clientauth",
    "2.5.29.37.0": _ANY,
    "anyextendedkeyusage": _ANY,
}
