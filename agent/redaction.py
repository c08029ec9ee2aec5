"""What of a log's text may be shown: never keys, hex dumps, plaintext or credentials.

Redaction goes by the shape of the text, anywhere in it, because lines get torn: a hex row can stand far from
the header that would have announced it.
"""

import re

LIMIT = 300
"""Characters of one evidence line: enough for an exception with two distinguished names."""

_MARK = "[redacted]"

_SHAPES = (
    # rows of HexDumpEncoder ("0000: 07 74 AB ...  .t.."), with their text column to the end of the line
    re.compile(r"\b[0-9A-Fa-f]{4}: (?:[0-9A-Fa-f]{2}(?: {1,3}|$)){1,}.*"),
    # any run of eight or more hex pairs, however separated
    re.compile(r"\b(?:[0-9A-Fa-f]{2}[ :,]{1,2}){7,}[0-9A-Fa-f]{2}\b"),
    re.compile(r"\b[0-9A-Fa-f]{32,}\b"),
    # byte lists of the legacy dialect: { 57, 241, -14, ... }
    re.compile(r"\{ *(?:-?\d{1,3}, *){3,}[^}]*\}?"),
    # everything after the name of a secret
    re.compile(
        r"(?i)\b(?:(?:pre)?master secret|(?:client|server) (?:mac write secret|write key|write iv)"
        r"|authorization *:|cookie *:|password *[=:]|passwd *[=:]|passphrase *[=:]).*"
    ),
    re.compile(r"(?<=://)[^/@\s]+@"),  # user and password in a URL
    re.compile(r"\b[A-Za-z0-9+/]{60,}={0,2}"),  # base64 of more than a name's length
)

_UNPRINTABLE = re.compile(
    r"\x1b\[[0-9;]*[A-Za-z]"  # colours
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"  # control characters
    r"|[\u2028\u2029\u202a-\u202e\u2066-\u2069]"  # line breaks and changes of direction
)


def text(raw: bytes) -> str:
    """Return the text of a name or message of the log: UTF-8 with replacement, without control characters."""
    decoded = raw.decode("utf-8", "replace")
    return decoded if decoded.isprintable() else _UNPRINTABLE.sub("", decoded)


def clean(shown: str) -> str:
    """Return the text with everything of a secret's shape replaced by a mark."""
    for shape in _SHAPES:
        shown = shape.sub(_MARK, shown)
    return shown


def evidence(raw: bytes) -> str:
    """Return one line of the log fit to be shown: decoded, cleaned, at most `LIMIT` characters."""
    shown = clean(text(raw[: 4 * LIMIT]).strip())
    return shown if len(shown) <= LIMIT else shown[: LIMIT - 1] + "…"
