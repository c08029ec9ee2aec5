"""A report as one HTML page that loads nothing and runs nothing."""

from collections.abc import Iterable, Iterator
from html import escape

from agent.formats.words import printable
from agent.report.findings import Findings
from agent.report.outline import Change, Chapter, Facts, Rows, emergency, outline

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    "dl{display:grid;grid-template-columns:9em 1fr;margin:0}dt{font-weight:600}dd{margin:0}"
    "td,th{padding:.2em 1em .2em 0;text-align:left}section{border-top:1px solid;margin-top:2em}"
    "code,.evidence{font-family:monospace;overflow-wrap:anywhere}.emergency{color:#a40000}"
)


def render(findings: Findings) -> str:
    """Return the report."""
    return "".join(line + "\n" for line in _lines(findings))


def escaped(text: str) -> str:
    """Return text of a log as one line that HTML shows as it is."""
    return escape(printable(text))


def _lines(findings: Findings) -> Iterator[str]:
    said = outline(findings)
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>{escaped(said.title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escaped(said.title)}</h1>"
    yield from _facts(said.facts)
    if said.verdict is not None:
        yield f"<p>{escaped(said.verdict)}</p>"
    if said.lead is not None:
        yield f"<p>{escaped(said.lead)}</p>"
    yield from _changes(said.deeper)
    yield from _table(said.issues)
    for number, chapter in enumerate(said.chapters, start=1):
        yield from _chapter(number, chapter)
    if said.left_out is not None:
        yield f"<p>{escaped(said.left_out)}</p>"
    if said.others:
        yield "<h2>Handshakes that did not fail</h2>"
        yield from _table(said.others)
    yield "</body></html>"


def _chapter(number: int, chapter: Chapter) -> Iterator[str]:
    yield f"<section><h2>{number}. {escaped(chapter.title)}</h2>"
    yield from _facts(chapter.facts)
    if chapter.changes:
        yield "<h3>What to change</h3>"
        yield from _changes(chapter.changes)
    if chapter.certificates:
        yield "<h3>Certificates</h3><ul>"
        yield from (f"<li>{escaped(text)}</li>" for text in chapter.certificates)
        yield "</ul>"
    if chapter.evidence:
        yield '<h3>Evidence</h3><ul class="evidence">'
        yield from (f"<li>{escaped(place)}: {escaped(text)}</li>" for place, text in chapter.evidence)
        yield "</ul>"
    yield "</section>"


def _facts(facts: Facts) -> Iterator[str]:
    yield "<dl>"
    yield from (f"<dt>{escaped(label)}</dt><dd>{escaped(text)}</dd>" for label, text in facts)
    yield "</dl>"


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    items = []
    for change in changes:
        setting = f" <code>{escaped(change.setting)}</code>" if change.setting is not None else ""
        note = f" ({escaped(change.note)})" if change.note is not None else ""
        kind = ' class="emergency"' if change.emergency else ""
        items.append(f"<li{kind}>{escaped(emergency(change))}{setting}{note}</li>")
    if items:
        yield "<ol>"
        yield from items
        yield "</ol>"


def _table(rows: Rows) -> Iterator[str]:
    for number, row in enumerate(rows):
        cell = "td" if number else "th"
        start = "" if number else "<table>"
        yield start + "<tr>" + "".join(f"<{cell}>{escaped(text)}</{cell}>" for text in row) + "</tr>"
    if rows:
        yield "</table>"
