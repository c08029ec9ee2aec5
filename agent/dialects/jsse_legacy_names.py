r"""Names of threads in legacy JSSE's lines, freed from the pieces of other lines that stand before them.

Java prints a whole line with one call, but lists of bytes, the types of a CertificateRequest and hex dumps
piece by piece. Another thread's line can therefore begin behind such a piece: "verify_data:  { 86, 29,
61Worker 12, READ: ...". What is behind the piece is always whole. Where a piece ends is told by a name that
is known already, else by the shape of the piece; where neither tells, the name is not known.
Sources: sun.security.ssl.HandshakeMessage, Debug.println, sun.misc.HexDumpEncoder (JDK 7 and 8).
"""

import re

from agent import redaction

NAMES_LIMIT = 2000
"""Thread names remembered; a server has some hundreds of threads."""

_ITEM = r"(?:\d{1,3}|RSA|DSS|ECDSA|RSA Fixed DH|DSS Fixed DH|RSA Fixed ECDH|ECDSA Fixed ECDH)"
_PIECE = re.compile(
    # of a list: its label and first items, or items alone
    rf"(?:[A-Z][\w ]{{0,30}}: {{1,2}}|verify_data:  )?(?:GMT: -?\d+ bytes = )?(?:\{{ ?)?"
    rf"(?:, )?(?:{_ITEM}, )*(?:{_ITEM})?"
    # a row of a hex dump, which may have lost its beginning, and its text column behind a gap
    r"|(?:[0-9A-Fa-f]{0,4}: )?(?:[0-9A-Fa-f]{1,2} {1,3}){0,16}[0-9A-Fa-f]{0,2}"
    r"|(?:[0-9A-Fa-f]{0,4}: )?(?:[0-9A-Fa-f]{1,2} {1,3}){0,16} {1,60}.{0,16}"
)
"""A piece as a whole; it is tried on what stands before a name that is known."""

_COLUMN = re.compile(
    r"(?:[0-9A-Fa-f]{0,4}: )?(?:[0-9A-Fa-f]{1,2} {1,3}){0,15}[0-9A-Fa-f]{1,2}(?: {2}| {4,60})(?! )"
)
"""A row of a hex dump as far as the gap before its text column, of two blanks behind the last of 16 bytes and
of five and more behind fewer; those behind the eighth are three. What the column shows is the secret itself,
and a name behind it cannot be told from it."""

_LIKELY = re.compile(r"[{}\[]|^, |^[A-Z][\w ]*:  |^(?:verify_data|Cert Types|[0-9A-Fa-f]{4}): |^\d{1,3}, \d")
_SUSPECT = re.compile(r"^[\d, ]|[{:]|^(?:RSA|DSS|ECDSA)|^[0-9A-Fa-f]{1,2} ")
"""What may begin with a piece; `_LIKELY` does, even where no known name follows."""

_LIST = re.compile(
    r"(?:[^{]*\{ ?|, )(?:\d{1,3}, )*\d{0,3}|(?:\d{1,3}, )+\d{0,3}|Cert Types: (?:[A-Z]{3,5}, )*|Session ID:  "
)
_ROW = re.compile(r"[0-9A-Fa-f]{4}: (?:[0-9A-Fa-f]{2} {1,3})*[0-9A-Fa-f]{0,2}")
_HEX = frozenset("0123456789ABCDEFabcdef")
_BYTE = 255


def thread_name(printed: str, familiar: dict[str, int]) -> str | None:
    """Return the thread's name, freed from a torn line's beginning; None where it cannot be told.

    `familiar` counts the names seen, and is updated.
    """
    name: str | None = printed.strip()
    if name not in familiar and _SUSPECT.search(printed):
        name = _known(printed.rstrip(), familiar)
        if name is None:
            name = _cut(printed.strip())
    name = redaction.name(name or "", redaction.LIMIT) or None  # one of blanks tells nobody apart
    if name is not None:
        if len(familiar) >= NAMES_LIMIT and name not in familiar:
            del familiar[next(iter(familiar))]
        familiar[name] = familiar.get(name, 0) + 1
    return name


def _known(printed: str, familiar: dict[str, int]) -> str | None:
    """Return the longest known name that stands behind a piece of another line."""
    ends = [
        known
        for known in familiar
        if printed.endswith(known)
        and not (known[0].isdigit() or _LIKELY.search(known))
        and _PIECE.fullmatch(printed[: -len(known)])
    ]
    return max(ends, key=len, default=None)


def _cut(printed: str) -> str | None:
    """Return what stands behind the piece, if its shape tells where it ends; all of it if there is none."""
    if _COLUMN.match(printed):
        return None
    if not _LIKELY.search(printed):
        return printed
    row = _ROW.match(printed)
    piece = row or _LIST.match(printed)
    if piece is None:
        return None
    name = printed[piece.end() :].removeprefix(", ")
    last = re.search(r"\d+$", piece[0])
    unsure = (
        not name
        or _LIKELY.search(name)
        or name[0].isdigit()
        or (row is not None and name[0] in _HEX)
        or (row is None and last and int(last[0]) > _BYTE)
    )
    return None if unsure else name
