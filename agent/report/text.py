"""A report as plain text for a terminal.

The layout is ASCII without boxes. What the log says reaches the terminal without control characters; the only
escape sequences are our own, around whole words of ours, where colour is asked for.
"""

import textwrap
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from agent.formats.words import LETTER, printable
from agent.report.findings import Findings
from agent.report.outline import Change, Chapter, Outline, Rows, emergency, outline

NARROWEST = 40
"""Columns below which nothing is wrapped any closer: words would be torn."""

_LABEL = 15
_INDENT = 3
_NUMBERS = frozenset({"Count", "Distinct", "Article"})  # columns set to the right

_STYLES = MappingProxyType(
    {"strong": "\x1b[1m", "failed": "\x1b[1;31m", "warning": "\x1b[33m", "faint": "\x1b[2m"}
)
_PLAIN = "\x1b[0m"


def render(findings: Findings, *, width: int = 100, colour: bool = False) -> str:
    """Return the report, lines of at most `width` columns; settings and words stay whole."""
    return "".join(
        line + "\n" for line in _Page(max(width, NARROWEST), colour=colour).lines(outline(findings))
    )


class _Page:
    """Sets an outline line by line."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def lines(self, said: Outline) -> Iterator[str]:
        yield from self._styled(self._wrapped(said.title), "strong")
        yield from self._wrapped(said.verdict)
        yield ""
        for label, text in said.facts:
            failed = label == "Handshakes" and not text.startswith("0 ")
            yield from self._fact(0, label, text, "failed" if failed else None)
        for text, changes in said.notices:
            yield ""
            yield from self._wrapped(text)
            for change in changes:
                yield from self._change(change)
        if said.issues:
            yield ""
            yield from self._table(said.issues)
        for number, chapter in enumerate(said.chapters, start=1):
            yield ""
            yield from self._chapter(number, chapter)
        if said.left_out is not None:
            yield ""
            yield from self._wrapped(said.left_out)
        if said.certificates:
            yield ""
            yield from self._styled(["Certificates that passed by"], "strong")
            yield from self._table(said.certificates)
        if said.others:
            yield ""
            yield from self._styled(["Handshakes that did not fail"], "strong")
            yield from self._table(said.others)

    def _chapter(self, number: int, chapter: Chapter) -> Iterator[str]:
        yield from self._styled(self._wrapped(chapter.title, f"{number}. ", " " * _INDENT), "strong")
        for label, text in chapter.facts:
            yield from self._fact(_INDENT, label, text)
        if chapter.changes:
            yield from self._heading("What to change")
            for change in chapter.changes:
                yield from self._change(change)
        if chapter.confirm:
            yield from self._heading("To be sure")
            yield from self._item(chapter.confirm[0])
            yield from (self._whole(command) for command in chapter.confirm[1:])
        if chapter.letter is not None:
            yield from self._heading(LETTER)
            yield from self._wrapped(chapter.letter, " " * (_INDENT + 2), " " * (_INDENT + 2))
        if chapter.certificates:
            yield from self._heading("Certificates")
            for text in chapter.certificates:
                yield from self._item(text)
        if chapter.details:
            yield from self._heading("Details")
            for label, text in chapter.details:
                yield from self._fact(_INDENT, label, text)
        if chapter.evidence:
            yield from self._heading("Evidence")
            for place, text in chapter.evidence:
                yield from self._item(f"{place}  {text}", "faint")

    def _heading(self, text: str) -> Iterator[str]:
        yield from self._styled([" " * _INDENT + text], "strong")

    def _fact(self, indent: int, label: str, text: str, style: str | None = None) -> Iterator[str]:
        first = " " * indent + label.ljust(_LABEL)
        yield from self._styled(self._wrapped(text, first, " " * (indent + _LABEL)), style)

    def _change(self, change: Change) -> Iterator[str]:
        style = "warning" if change.emergency else None
        alone = change.setting is None and change.note is not None
        text = emergency(change) + (f" ({change.note})" if alone else "")
        yield from self._item(text, style)
        if change.setting is not None:
            note = f"   ({printable(change.note)})" if change.note else ""
            yield from self._styled([self._whole(change.setting) + note], style)

    def _whole(self, text: str) -> str:
        """Return a line that is not wrapped, so that it can be copied."""
        return " " * (_INDENT + 4) + printable(text)

    def _item(self, text: str, style: str | None = None) -> Iterator[str]:
        yield from self._styled(self._wrapped(text, " " * _INDENT + "- ", " " * (_INDENT + 2)), style)

    def _table(self, rows: Rows) -> Iterator[str]:
        cells = [[printable(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
        for number, row in enumerate(cells):
            set_row = "  ".join(
                cell.rjust(width) if head in _NUMBERS else cell.ljust(width)
                for head, cell, width in zip(cells[0], row, widths, strict=True)
            )
            yield from self._styled([f"  {set_row}".rstrip()], None if number else "strong")

    def _wrapped(self, text: str, first: str = "", rest: str = "") -> Sequence[str]:
        shown = printable(text)
        return textwrap.wrap(
            shown,
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_on_hyphens=False,
            break_long_words=False,
        ) or [first.rstrip()]

    def _styled(self, lines: Sequence[str], style: str | None) -> Iterator[str]:
        if not self._colour or style is None:
            yield from lines
            return
        for line in lines:
            text = line.lstrip(" ")
            yield " " * (len(line) - len(text)) + _STYLES[style] + text + _PLAIN
