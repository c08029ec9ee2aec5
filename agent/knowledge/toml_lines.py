"""Where in a TOML text a table or a key stands: tomllib tells it of syntax errors only."""

import re
from collections.abc import Iterator

_SKIPPED = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*', re.DOTALL
)
"""Strings and comments, which may hold anything, a header among it."""

_HEADER = re.compile(r"^[ \t]*\[{1,2}[ \t]*([^\[\]\n]+?)[ \t]*\]{1,2}[ \t]*$", re.MULTILINE)


def line_of(text: str, table: str, number: int = 1, key: str | None = None) -> int:
    """Return the line, from 1, of a table or of a key in it.

    `table` is the header's dotted name; `number` counts tables of that name from 1. The key may stand in a
    table below it ("entry.when"). What is not found falls back to the table, then to line 1.
    """
    bare = _SKIPPED.sub(_blank, text)
    start, end = _span(bare, table, number)
    if key is not None:
        found = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=", re.MULTILINE).search(bare, start, end)
        start = found.start() if found else start
    return bare.count("\n", 0, start) + 1


def _span(bare: str, table: str, number: int) -> tuple[int, int]:
    """Return where a table begins and where the next one that is not below it does."""
    start, seen = 0, 0
    for name, at in _headers(bare):
        if seen == number and name != table and name.startswith(f"{table}."):
            continue
        if seen == number:
            return start, at
        if name == table:
            seen += 1
            start = at
    return start, len(bare)


def _headers(bare: str) -> Iterator[tuple[str, int]]:
    for found in _HEADER.finditer(bare):
        yield ".".join(part.strip() for part in found[1].split(".")), found.start()


def _blank(found: re.Match[str]) -> str:
    """Return as many lines with nothing in them."""
    return "\n" * found[0].count("\n")
