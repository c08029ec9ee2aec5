"""Distinguished names in a form that compares equal across libraries."""

import re
import unicodedata
from functools import lru_cache

_PART = re.compile(
    r'\s*([A-Za-z][\w.-]*|\d[\d.]*)\s*=\s*("(?:[^"\\]|\\.)*"|(?:\\.|[^,;+\\])*)\s*(?:[,;+>]|$)', re.DOTALL
)

_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)
"""Octets as hex pairs, which are UTF-8 together, or one character (RFC 4514 section 2.4)."""

_HEX = re.compile(r"#((?:[0-9A-Fa-f]{2})+)")
"""A value as the hex of its BER encoding: attribute types that a library does not know by name."""

_STRINGS = {
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1E: "utf-16-be",
    0x1C: "utf-32-be",
}
"""ASN.1 tags of the string types that names are made of (X.680), and their character sets."""

_SHORT_FORM = 0x80  # lengths from here on are told by further octets (X.690 section 8.1.3)

_ATTRIBUTES = {
    "s": "st",
    "sp": "st",
    "e": "emailaddress",
    "email": "emailaddress",
    "mail": "emailaddress",
    "surname": "sn",
    "dnq": "dnqualifier",
    "t": "title",
    "userid": "uid",
    "1.2.840.113549.1.9.1": "emailaddress",
    "0.9.2342.19200300.100.1.1": "uid",
    "0.9.2342.19200300.100.1.25": "dc",
    "2.5.4.3": "cn",
    "2.5.4.4": "sn",
    "2.5.4.5": "serialnumber",
    "2.5.4.6": "c",
    "2.5.4.7": "l",
    "2.5.4.8": "st",
    "2.5.4.9": "street",
    "2.5.4.10": "o",
    "2.5.4.11": "ou",
    "2.5.4.12": "title",
    "2.5.4.42": "givenname",
    "2.5.4.46": "dnqualifier",
}
"""Attribute types that libraries spell differently (RFC 4514 section 3, sun.security.x509.AVAKeyword)."""

Name = tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def normal_name(text: str | None) -> Name:
    """Return a distinguished name in its comparable form, () for none.

    Case, blanks, quotes, escapes, hex forms, the spelling of attribute types and the order of the parts do
    not count: JSSE prints the most significant part last, others first (RFC 4514 section 2.1).
    """
    parts = []
    for found in _PART.finditer(text or ""):
        kind = found[1].lower().removeprefix("oid.")
        parts.append((_ATTRIBUTES.get(kind, kind), _value(found[2])))
    if not parts and text and text.strip():
        return (("", _plain(text)),)
    return tuple(sorted(parts))


def same_name(one: str | None, other: str | None) -> bool:
    """Tell whether two printed names are the same name; an absent one equals none."""
    return bool(normal_name(one)) and normal_name(one) == normal_name(other)


def _value(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    encoded = _HEX.fullmatch(text)
    decoded = _string(bytes.fromhex(encoded[1])) if encoded else None
    return _plain(_ESCAPED.sub(_unescaped, text) if decoded is None else decoded)


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    return bytes.fromhex(found[1].replace("\\", "")).decode("utf-8", "replace")


def _string(encoding: bytes) -> str | None:
    """Return the text of a BER string of the short form, None for anything else."""
    tag, length, content = encoding[0], encoding[1] if len(encoding) > 1 else _SHORT_FORM, encoding[2:]
    if tag not in _STRINGS or length >= _SHORT_FORM or length != len(content):
        return None
    return content.decode(_STRINGS[tag], "replace")


def _plain(text: str) -> str:
    """Return text as names are compared: one form of each character, no case, single blanks (RFC 4518)."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
