"""The `slack` format: a Block Kit message for an incoming webhook.

Limits: header 150, section text 3000, at most 10 fields of 2000 characters, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks); a message of more than some 13 000 characters is
answered with `msg_blocks_too_long`. The budgets of `message.py` stay inside all of them together, even where
every character of the log has to be escaped.

What comes from a log may hold anything. `&`, `<` and `>` are escaped, so that no link and no mention
(`<!channel>`) can be formed; Slack has no escape for its markup, so in running text a look-alike stands for
the character, and in code, where names are to be copied from, only for the backtick.
"""

import json
from types import MappingProxyType

from agent.formats.escape import escaped, within
from agent.formats.fitting import fitted, shared
from agent.formats.message import LOCK_SCREEN, Line, Message, Paragraph, Span, Style, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

HEADER = 150
CHARACTERS = 12_500
_URL = 2900

_ENTITIES = MappingProxyType({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_IN_CODE = MappingProxyType({**_ENTITIES, "`": "\u02cb"})
_IN_TEXT = MappingProxyType({**_IN_CODE, "*": "\u2217", "_": "\u02cd", "~": "\u223c", "@": "\uff20"})


def render(incident: Incident, setting: Setting) -> Request:
    """Return the message; its text is what a telephone shows, its blocks what a channel shows."""
    said = message(incident, setting)
    body = fitted(lambda share: _body(said, share), CHARACTERS)
    return Request(body.encode("utf-8", "replace"), {"Content-Type": "application/json; charset=utf-8"})


def _body(said: Message, share: float) -> str:
    links = " - ".join(f"<{escaped(url, _ENTITIES, _URL)}|{label}>" for label, url in said.links)
    facts = [_markdown(f"*{label}*\n{_span(fact, share)}") for label, fact in said.facts]
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _title(said, HEADER), "emoji": False}},
        {"type": "section", "fields": facts},
        *(_section(_paragraph(one, share)) for one in said.paragraphs),
        *([_section(links)] if links else []),
        {"type": "context", "elements": [_markdown(_line(said.origin, share))]},
    ]
    told = {
        "text": _title(said, LOCK_SCREEN),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(told, ensure_ascii=False)


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": _markdown(text)}


def _title(said: Message, limit: int) -> str:
    return said.mark + escaped(said.title, _IN_TEXT, limit - len(said.mark))


def _paragraph(one: Paragraph, share: float) -> str:
    budget = int(one.budget * share)
    if one.verbatim:
        lines = [
            "".join(escaped(span.text, _IN_CODE, shared(span.limit, share)) for span in line)
            for line in one.lines
        ]
        return f"*{one.label}*\n```" + "\n".join(within(lines, budget)) + "```"
    return "\n".join([f"*{one.label}*", *within((_line(line, share) for line in one.lines), budget)])


def _line(line: Line, share: float) -> str:
    return "".join(_span(span, share) for span in line)


def _span(span: Span, share: float) -> str:
    limit = shared(span.limit, share)
    if span.style is Style.CODE:
        return f"`{escaped(span.text, _IN_CODE, limit - 2).strip() or ' '}`"
    if span.style is Style.STRONG:
        return f"*{escaped(span.text, _IN_TEXT, limit - 2)}*"
    return escaped(span.text, _IN_TEXT, limit)


def _markdown(text: str) -> dict[str, object]:
    """`verbatim` keeps Slack from making links of what looks like an address or a channel."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
