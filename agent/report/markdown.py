"""A report as Markdown for a ticket (CommonMark with GitHub's tables).

Everything is escaped: any ASCII punctuation may be written with a backslash before it (CommonMark 0.31,
section 2.4), and what HTML would read is written as a character reference.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from agent.formats.words import LETTER, printable
from agent.report.findings import Findings
from agent.report.outline import Change, Chapter, Facts, Rows, emergency, outline

_MARKUP = re.compile(r"[\\`*_{}\[\]()#|~!@$^]|:(?=//)|(?<=[Ww][Ww][Ww])\.")
_CODE = re.compile(r"[\w.,:;=/@+<>|'-](?:[\w.,:;=/@ +<>|'-]*[\w.,:;=/@+<>|'-])?", re.ASCII)


def render(findings: Findings) -> str:
    """Return the report."""
    return "\n".join(_lines(findings)).rstrip("\n") + "\n"


def escaped(text: str) -> str:
    """Return text of a log as one line that Markdown shows as it is, without markup, links or HTML."""
    return _MARKUP.sub(r"\\\g<0>", html.escape(printable(text), quote=False))


def _lines(findings: Findings) -> Iterator[str]:
    said = outline(findings)
    yield f"# {escaped(said.title)}"
    yield ""
    yield escaped(said.verdict)
    yield ""
    yield from _facts(said.facts)
    yield ""
    for text, changes in said.notices:
        yield escaped(text)
        yield ""
        yield from _changes(changes)
        yield ""
    if said.issues:
        yield from _table(said.issues)
    for number, chapter in enumerate(said.chapters, start=1):
        yield ""
        yield from _chapter(number, chapter)
    if said.left_out is not None:
        yield ""
        yield escaped(said.left_out)
    if said.certificates:
        yield ""
        yield "## Certificates that passed by"
        yield ""
        yield from _table(said.certificates)
    if said.others:
        yield ""
        yield "## Handshakes that did not fail"
        yield ""
        yield from _table(said.others)


def _chapter(number: int, chapter: Chapter) -> Iterator[str]:
    yield f"## {number}. {escaped(chapter.title)}"
    yield ""
    yield from _facts(chapter.facts)
    if chapter.changes:
        yield from _heading("What to change")
        yield from _changes(chapter.changes)
    if chapter.confirm:
        yield from _heading("To be sure")
        yield escaped(chapter.confirm[0])
        yield from _commands(chapter.confirm[1:])
    if chapter.letter is not None:
        yield from _heading(LETTER)
        yield escaped(chapter.letter)
    if chapter.certificates:
        yield from _heading("Certificates")
        yield from (f"- {escaped(text)}" for text in chapter.certificates)
    if chapter.details:
        yield from _heading("Details")
        yield from _facts(chapter.details)
    if chapter.evidence:
        yield from _heading("Evidence")
        yield from (f"- {escaped(place)}: {escaped(text)}" for place, text in chapter.evidence)


def _heading(text: str) -> tuple[str, ...]:
    return "", f"**{text}**", ""


def _facts(facts: Facts) -> Iterator[str]:
    yield from (f"- **{label}:** {escaped(text)}" for label, text in facts)


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    for number, change in enumerate(changes, start=1):
        text = escaped(emergency(change))
        setting = f" {_code(change.setting)}" if change.setting is not None else ""
        note = f" ({escaped(change.note)})" if change.note is not None else ""
        yield f"{number}. {text}{setting}{note}"


def _commands(commands: Sequence[str]) -> Iterator[str]:
    if commands:
        yield ""
        yield from (f"- {_code(printable(command))}" for command in commands)


def _code(setting: str) -> str:
    """Return a setting to be copied; one that could break out of a code span is escaped instead."""
    return f"`{setting}`" if _CODE.fullmatch(setting) else escaped(setting)


def _table(rows: Rows) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
        if not number:
            yield f"|{'---|' * len(row)}"
