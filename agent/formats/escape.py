"""Text of a log, made harmless in a receiver's markup and cut to what may be shown of it."""

import re
from collections.abc import Iterable, Mapping

from agent.formats.words import printable

_WITHIN_A_WORD = re.compile(r"(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])")
"""Underscores that no chat takes for markup, so that a setting stays one that can be copied."""

_CUT = "..."


def escaped(text: str, replacements: Mapping[str, str], limit: int) -> str:
    """Return one harmless line of at most `limit` characters; a cut never goes through a replacement.

    A blank at either end stays one, for texts that are put together.
    """
    shown = printable(text[: limit + 1])
    if shown:
        shown = " " * text.startswith(" ") + shown + " " * (text.endswith(" ") and len(text) <= limit)
    else:
        shown = " " * bool(text)
    inside = {match.start() for match in _WITHIN_A_WORD.finditer(shown)} if "_" in replacements else ()
    pieces = [char if at in inside else replacements.get(char, char) for at, char in enumerate(shown)]
    if len(text) <= limit and sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, left = [], limit - len(_CUT)
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + _CUT


def within(lines: Iterable[str], budget: int) -> list[str]:
    """Return the lines that fit into a number of characters, line ends included, and how many do not."""
    kept: list[str] = []
    lines = list(lines)
    left = budget
    for number, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            kept.append(f"... and {len(lines) - number} more")
            break
        kept.append(line)
    return kept
