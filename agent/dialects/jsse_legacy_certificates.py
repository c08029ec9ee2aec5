"""Certificates as legacy JSSE prints them: the dump of X509CertImpl, and the four lines of a trust anchor.

Only named fields are read, each the first time it comes; the hex rows between them are never touched.
Sources: sun.security.x509.X509CertImpl.toString, sun.security.ssl.X509TrustManagerImpl.showTrustedCerts.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from agent import redaction
from agent.model.events import Certificate

FIELDS = re.compile(
    r"\[? *(?:"
    r"Version: V(?P<version>\d)"
    r"|Subject: *(?P<subject>.*)"
    r"|Issuer: *(?P<issuer>.*)"
    r"|Signature Algorithm: (?P<signature_algorithm>[^,\s]+).*"
    r"|Validity: \[From: (?P<not_before>[^,]+),?"
    r"|To: (?P<not_after>[^\]]+)\]?"
    r"|SerialNumber: \[ *(?P<serial>[0-9A-Fa-f -]+)\]?"
    r"|CA: ?(?P<ca>true|false)"
    r"|Key: +Sun (?P<key>\w+) public key, (?P<bits>\d+) bits"
    r"|(?P<usage>[a-z]+[A-Z]\w+)"
    r"|Algorithm: \S+; Serial number: (?:0x)?(?P<anchor_serial>-?[0-9A-Fa-f]+)"
    r"|Valid from (?P<valid_from>.+) until (?P<valid_until>.+)"
    r")\s*$"
)

NAME_LIMIT = 500
"""Characters of a distinguished name that are kept."""

_USAGES_LIMIT = 16
"""Extended key usages of one certificate that are kept; of the names in a dump they alone begin small."""

_SERIAL_LIMIT = 60
"""Characters of a serial number: 20 octets (RFC 5280 section 4.1.2.2), in groups."""

_DATE = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\S.*?) (\d{4})\s*$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UTC_NAMES = frozenset({"UTC", "GMT", "Z", "UT"})


def read_field(line: str, fields: dict[str, str]) -> None:
    """Put the fields that a line holds, if any, into `fields`; the first value of a field stays.

    Usages stand one to a line and are all kept.
    """
    found = FIELDS.match(line)
    for name, value in found.groupdict().items() if found else ():
        if value is not None:
            printed = value.strip()
            if name == "usage":
                if fields.get(name, "").count(" ") < _USAGES_LIMIT:
                    fields[name] = f"{fields.get(name, '')} {redaction.name(printed, NAME_LIMIT)}".strip()
                continue
            fields.setdefault(
                name, printed[:_SERIAL_LIMIT] if "serial" in name else redaction.name(printed, NAME_LIMIT)
            )


def certificate(fields: Mapping[str, str], zone: tzinfo) -> Certificate:
    """Return the certificate that the fields tell of; `zone` reads dates whose zone is an abbreviation."""
    serial = fields.get("serial") or fields.get("anchor_serial")
    ca = fields.get("ca")
    version = fields.get("version")
    return Certificate(
        subject=fields.get("subject"),
        issuer=fields.get("issuer"),
        serial=serial.replace(" ", "").lower() if serial else None,
        version=int(version) if version else None,
        not_before=java_date(fields.get("not_before") or fields.get("valid_from") or "", zone),
        not_after=java_date(fields.get("not_after") or fields.get("valid_until") or "", zone),
        signature_algorithm=fields.get("signature_algorithm"),
        ca=None if ca is None else ca == "true",
        extended_key_usage=tuple(fields["usage"].split()) if "usage" in fields else None,
        key=f"{fields['key']} {fields['bits']}" if "key" in fields else None,
    )


def java_date(printed: str, zone: tzinfo) -> datetime | None:
    """Return the time of java.util.Date.toString ("Wed Jan 01 00:00:00 UTC 2020"), None if it is none.

    Date prints in the JVM's own zone by an ambiguous abbreviation ("IST"), so all but UTC is read in `zone`.
    """
    found = _DATE.match(printed)
    if not found or found[1] not in _MONTHS:
        return None
    day, hour, minute, second, year = (int(found[i]) for i in (2, 3, 4, 5, 7))
    try:
        return datetime(
            year,
            _MONTHS.index(found[1]) + 1,
            day,
            hour,
            minute,
            second,
            tzinfo=UTC if found[6] in _UTC_NAMES else zone,
        )
    except ValueError:
        return None
