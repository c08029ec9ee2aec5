"""The `mattermost` format: Markdown for an incoming webhook of Mattermost, which ignores Slack's blocks.

https://developers.mattermost.com/integrate/webhooks/incoming: a message has at most 16383 characters. In what
a webhook sends, Mattermost also takes Slack's `<...>` for links and mentions, wherever it stands, and it has
no escape for that nor for `@`: look-alikes stand for them. Of the rest, what Markdown knows is escaped.
"""

import json
from types import MappingProxyType

from agent.formats.escape import escaped, within
from agent.formats.message import LOCK_SCREEN, Line, Paragraph, Span, Style, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

CHARACTERS = 16_383

_EVERYWHERE = MappingProxyType({"@": "\uff20", "<": "\u2039", ">": "\u203a"})
_IN_CODE = MappingProxyType({"`": "\u02cb", **_EVERYWHERE})
_IN_TEXT = MappingProxyType({**{mark: f"\\{mark}" for mark in "\\`*_~[]#|!"}, **_EVERYWHERE})


def render(incident: Incident, setting: Setting) -> Request:
    """Return the message: a headline, then what a channel shows."""
    said = message(incident, setting)
    title = said.mark + escaped(said.title, _IN_TEXT, 2 * LOCK_SCREEN)
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
        lines = ["".join(escaped(span.text, _IN_CODE, span.limit) for span in line) for line in one.lines]
        return "\n".join([f"**{one.label}**", "```text", *within(lines, one.budget), "```"])
    return "\n".join([f"**{one.label}**", *within(map(_line, one.lines), one.budget)])


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    if span.style is Style.CODE:
        return f"`{escaped(span.text, _IN_CODE, span.limit - 2).strip() or ' '}`"
    if span.style is Style.STRONG:
        return f"**{escaped(span.text, _IN_TEXT, span.limit)}**"
    return escaped(span.text, _IN_TEXT, span.limit)
