"""The `mattermost` format: Markdown for an incoming webhook of Mattermost, which ignores Slack's blocks.

https://developers.mattermost.com/integrate/webhooks/incoming: a message has at most 16383 characters. In what
a webhook sends, Mattermost also takes Slack's `<https://...|...>`, `<!channel>` and `<@user>`, wherever they
stand, and it has no escape for them nor for `@`: look-alikes stand for `@`, and for a `<` that could begin
one. Any other `<` stays, so that commands can be copied. Of the rest, what Markdown knows is escaped.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from agent.formats.escape import escaped, within
from agent.formats.message import LOCK_SCREEN, Line, Paragraph, Span, Style, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

CHARACTERS = 16_383

_LOOK_ALIKE = "\u2039"
_BEGINS = re.compile("<(?=[!@#A-Za-z])")
_IN_CODE = MappingProxyType({"`": "\u02cb", "@": "\uff20"})
_IN_TEXT = MappingProxyType({**{mark: f"\\{mark}" for mark in "\\`*_~[]#|!"}, "@": "\uff20"})


def render(incident: Incident, setting: Setting) -> Request:
    """Return the message: a headline, then what a channel shows."""
    said = message(incident, setting)
    title = said.mark + _harmless(said.title, _IN_TEXT, 2 * LOCK_SCREEN)
    facts = [f"{label}: {_span(fact)}" for label, fact in said.facts]
    links = [f"[{label}]({_address(url)})" for label, url in said.links]
    parts = [
        f"#### {title}",
        "\n".join(f"- {fact}" for fact in facts),
        *map(_paragraph, said.paragraphs),
        " - ".join(links),
        _line(said.origin),
    ]
    text = "\n\n".join(part for part in parts if part)
    body = json.dumps({"text": text}, ensure_ascii=False).encode("utf-8", "replace")
    return Request(body, {"Content-Type": "application/json; charset=utf-8"})


def _address(url: str) -> str:
    """Return a URL that does not end where a parenthesis of it does."""
    return url.replace("(", "%28").replace(")", "%29")


def _paragraph(one: Paragraph) -> str:
    if one.verbatim:
        lines = ["".join(_harmless(span.text, _IN_CODE, span.limit) for span in line) for line in one.lines]
        return "\n".join([f"**{one.label}**", "```text", *within(lines, one.budget), "```"])
    return "\n".join([f"**{one.label}**", *within(map(_line, one.lines), one.budget)])


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    if span.style is Style.CODE:
        return f"`{_harmless(span.text, _IN_CODE, span.limit - 2).strip() or ' '}`"
    if span.style is Style.STRONG:
        return f"**{_harmless(span.text, _IN_TEXT, span.limit)}**"
    return _harmless(span.text, _IN_TEXT, span.limit)


def _harmless(text: str, replacements: Mapping[str, str], limit: int) -> str:
    return escaped(_BEGINS.sub(_LOOK_ALIKE, text[: limit + 2]), replacements, limit)
