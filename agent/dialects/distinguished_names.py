"""Distinguished names as Java prints them (RFC 2253 order of most significant last, ", " between parts)."""

import re

_PART = re.compile(r'\s*([A-Za-z][A-Za-z0-9.]*)=("(?:[^"\\]|\\.)*"|(?:\\.|[^,\\])*)(?:,|$)')

_REPEATABLE = frozenset({"OU", "DC", "O"})
"""Attributes that one name may hold more than once; any other one, repeated, begins the next name."""

NAMES_LIMIT = 1000
"""Names kept of one list: a server may send its whole trust store."""


def split_names(listed: str) -> list[str]:
    """Return the names of a list printed as "CN=a, O=b, CN=c, O=d", which does not mark where one ends.

    A name begins where an attribute comes again that a name holds only once, and at a common name, unless
    the list ends with one (then names are printed the other way round). A text that is no such list gives
    nothing.
    """
    names: list[list[str]] = []
    seen: set[str] = set()
    parts = list(_PART.finditer(listed))
    leads = "CN" if parts and parts[-1][1].upper() != "CN" else None
    for part in parts:
        kind = part[1].upper()
        begins = not names or kind in seen - _REPEATABLE or (kind == leads and bool(seen))
        if begins:
            if len(names) >= NAMES_LIMIT:
                break
            names.append([])
            seen = set()
        seen.add(kind)
        names[-1].append(f"{part[1]}={part[2].strip()}")
    return [", ".join(name) for name in names]
