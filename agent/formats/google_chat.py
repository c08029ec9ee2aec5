"""The `google_chat` format: a card for an incoming webhook of Google Chat.

https://developers.google.com/workspace/chat/api/reference/rest/v1/cards: a card is at most 32 kB and 100
widgets. Text of a card is HTML with few tags, so the log's `&`, `<` and `>` are escaped, and no mention
(`<users/all>`) and no link can be formed. All messages of an incident are in one thread.
"""

import json
from types import MappingProxyType

from agent.formats.escape import escaped, within
from agent.formats.fitting import fitted, shared, size_in_bytes
from agent.formats.message import LOCK_SCREEN, Line, Message, Paragraph, Span, Style, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

BYTES = 30_000
_TITLE = 200

_ENTITIES = MappingProxyType({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_TITLES = MappingProxyType({"<": "\u2039", ">": "\u203a"})
"""Titles are said to be plain text: look-alikes are right whether they are or not."""
_PLAIN = MappingProxyType({**_TITLES, "*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
"""The text that telephones show is no HTML, has a markup of its own, and no escape for it."""


def render(incident: Incident, setting: Setting) -> Request:
    """Return the message."""
    said = message(incident, setting)
    thread = f"{escaped(setting.instance, {}, 100)}/{incident.incident}"
    body = fitted(lambda share: _body(said, thread, share), BYTES, size_in_bytes)
    return Request(
        body.encode("utf-8", "replace"),
        {"Content-Type": "application/json; charset=UTF-8"},
        query={"messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"},
    )


def _body(said: Message, thread: str, share: float) -> str:
    facts = [
        {"decoratedText": {"topLabel": label, "text": _span(fact, share), "wrapText": True}}
        for label, fact in said.facts
    ]
    sections = [
        {"widgets": facts},
        *(_section(one, share) for one in said.paragraphs),
        {"widgets": [*_buttons(said), _paragraph(_line(said.origin, share))]},
    ]
    card = {
        "header": {"title": said.mark + escaped(said.title, _TITLES, shared(_TITLE, share) - len(said.mark))},
        "sections": sections,
    }
    told = {
        "fallbackText": said.mark + escaped(said.title, _PLAIN, LOCK_SCREEN - len(said.mark)),
        "cardsV2": [{"cardId": "wmtls", "card": card}],
        "thread": {"threadKey": thread},
    }
    return json.dumps(told, ensure_ascii=False)


def _buttons(said: Message) -> list[dict[str, object]]:
    buttons = [{"text": label, "onClick": {"openLink": {"url": url}}} for label, url in said.links]
    return [{"buttonList": {"buttons": buttons}}] if buttons else []


def _section(one: Paragraph, share: float) -> dict[str, object]:
    lines = within((_line(line, share) for line in one.lines), int(one.budget * share))
    return {"header": one.label, "widgets": [_paragraph("<br>".join(lines) or " ")]}


def _paragraph(text: str) -> dict[str, object]:
    return {"textParagraph": {"text": text}}


def _line(line: Line, share: float) -> str:
    return "".join(_span(span, share) for span in line)


def _span(span: Span, share: float) -> str:
    text = escaped(span.text, _ENTITIES, shared(span.limit, share))
    return f"<b>{text}</b>" if span.style is Style.STRONG else text
