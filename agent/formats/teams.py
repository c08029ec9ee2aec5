"""The `teams` format: an Adaptive Card for a Workflows webhook ("When a Teams webhook request is received").

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook: a
message is at most 28 kB; some were refused from 21 kB on. Text stands in TextRun elements alone, which know
no markup (https://adaptivecards.io/explorer/TextRun.html), so nothing has to be escaped and what is copied is
exact. Version 1.2 is what Teams shows on every device.
"""

import json
from collections.abc import Iterable
from types import MappingProxyType

from agent.formats.escape import escaped
from agent.formats.fitting import fitted, shared, size_in_bytes
from agent.formats.message import Line, Message, Paragraph, Span, Style, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident
from agent.model.vocabulary import Severity

BYTES = 20_000
_TITLE = 300

_COLOURS = MappingProxyType(
    {
        Severity.INFO: "accent",
        Severity.WARNING: "warning",
        Severity.ERROR: "attention",
        Severity.CRITICAL: "attention",
    }
)


def render(incident: Incident, setting: Setting) -> Request:
    """Return the card; its first line is what a telephone shows."""
    said = message(incident, setting)
    body = fitted(lambda share: _body(said, share), BYTES, size_in_bytes)
    return Request(body.encode("utf-8", "replace"), {"Content-Type": "application/json; charset=utf-8"})


def _body(said: Message, share: float) -> str:
    title = said.mark + escaped(said.title, {}, shared(_TITLE, share) - len(said.mark))
    colour = "good" if said.over else _COLOURS[said.severity]
    elements: list[dict[str, object]] = [
        _rich([{**_run(title), "size": "large", "weight": "bolder", "color": colour}]),
        *(_rich([_strong(f"{label}: "), _span(fact, share)]) for label, fact in said.facts),
    ]
    for one in said.paragraphs:
        elements += _paragraph(one, share)
    elements.append(_rich([{**run, "isSubtle": True} for run in _line(said.origin, share)], apart=True))
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "fallbackText": title,
        "body": elements,
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": url} for label, url in said.links],
        "msteams": {"width": "full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    told = {"type": "message", "attachments": [attachment]}
    return json.dumps(told, ensure_ascii=False)


def _paragraph(one: Paragraph, share: float) -> list[dict[str, object]]:
    lines, left = [], int(one.budget * share)
    for number, line in enumerate(one.lines):
        runs = _line(line, share, monospace=one.verbatim) or [_run(" ")]
        left -= sum(len(str(run["text"])) for run in runs)
        if left < 0:
            lines.append(_rich([_run(f"... and {len(one.lines) - number} more")]))
            break
        lines.append(_rich(runs))
    return [_rich([_strong(one.label)], apart=True), *lines]


def _line(line: Line, share: float, *, monospace: bool = False) -> list[dict[str, object]]:
    runs = [run for run in (_span(span, share) for span in line) if run["text"]]
    return [{**run, "fontType": "monospace"} for run in runs] if monospace else runs


def _span(span: Span, share: float) -> dict[str, object]:
    run = _run(escaped(span.text, {}, shared(span.limit, share)))
    if span.style is Style.CODE:
        run["fontType"] = "monospace"
    if span.style is Style.STRONG:
        run["weight"] = "bolder"
    return run


def _strong(text: str) -> dict[str, object]:
    return {**_run(text), "weight": "bolder"}


def _run(text: str) -> dict[str, object]:
    return {"type": "TextRun", "text": text}


def _rich(runs: Iterable[dict[str, object]], *, apart: bool = False) -> dict[str, object]:
    return {"type": "RichTextBlock", "spacing": "medium" if apart else "none", "inlines": list(runs)}
