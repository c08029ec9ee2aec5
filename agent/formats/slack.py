"""The `slack` format: a Block Kit message for an incoming webhook.

Limits: header 150, section text 3000, at most 10 fields of 2000 characters, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks); a message of more than some 13 000 characters is
answered with `msg_blocks_too_long`. The budgets below stay inside all of them together, even where every
character of the log has to be escaped.

What comes from a log may hold anything. `&`, `<` and `>` are escaped, so that no link and no mention
(`<!channel>`) can be formed; Slack has no escape for its markup, so in running text a look-alike stands for
the character, and in code, where names are to be copied from, only for the backtick.
"""

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agent.formats.facts import time_text
from agent.formats.links import dashboard, harmless, runbook
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.formats.words import (
    ACTING,
    CERTAINTY,
    EMERGENCY,
    ROLES,
    TITLES,
    cause_words,
    conditions,
    in_order,
    other_side,
    printable,
    setting_text,
    title,
)
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.handshake import Handshake
from agent.model.incident import Incident
from agent.model.vocabulary import ARTICLE, Issue

HEADER = 150
FALLBACK = 140  # two lines of a lock screen
_NAME = 200
_SENTENCE = 900
_REMEDY = 500
_REMEDIES = 2800
_EVIDENCE_LINE = 300
_EVIDENCE_LINES = 3
_PARTS = 8
_URL = 3000

_ENTITIES = MappingProxyType({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_IN_CODE = MappingProxyType({**_ENTITIES, "`": "\u02cb"})
_IN_TEXT = MappingProxyType({**_IN_CODE, "*": "\u2217", "_": "\u02cd", "~": "\u223c", "@": "\uff20"})


_WITHIN_A_WORD = re.compile(r"(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])")
"""Underscores that Slack leaves alone, so that a command stays one that can be copied."""


def render(incident: Incident, setting: Setting) -> Request:
    """Return the message: what and with whom, since when, why, who must act, what to change, the proof."""
    if incident.failure is None:
        told = [*_of_many(incident), *_of_the_agent(incident), *_links(incident, setting)]
        return _request(incident, [_header(incident), *told])
    handshake, diagnosis = incident.failure.handshake, incident.failure.diagnosis
    blocks: list[dict[str, object]] = [
        _header(incident),
        _facts(incident.log, handshake),
        _section(_seen(incident)),
        _section(_why(diagnosis)),
        _section(f"*Who must act*\n{ACTING[diagnosis.acting_side]}"),
    ]
    if diagnosis.remedies:
        blocks.append(_section(_what_to_change(diagnosis.remedies)))
    if handshake.evidence:
        blocks.append(_section(_evidence(handshake)))
    blocks.extend(_links(incident, setting))
    blocks.append({"type": "context", "elements": [_markdown(_origin(incident, diagnosis.issue))]})
    return _request(incident, blocks)


def _request(incident: Incident, blocks: list[dict[str, object]]) -> Request:
    message = {
        "text": _mark(incident) + _text(title(incident), FALLBACK - len(_mark(incident))),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    return Request(body, {"Content-Type": "application/json; charset=utf-8"})


def _mark(incident: Incident) -> str:
    return "TEST - " if incident.test else ""


def _header(incident: Incident) -> dict[str, object]:
    mark = _mark(incident)
    text = mark + _text(title(incident), HEADER - len(mark))
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _of_many(incident: Incident) -> list[dict[str, object]]:
    parts = [] if incident.summary is None else incident.summary.parts[:_PARTS]
    lines = [
        f"{TITLES[part.issue]} ({_text(cause_words(part.cause), _NAME)}): {part.failures} failures of "
        f"{part.kinds} kinds"
        for part in parts
    ]
    return [_section(_seen(incident)), _section("\n".join(lines))] if lines else []


def _links(incident: Incident, setting: Setting) -> list[dict[str, object]]:
    links = {"Runbook": runbook(incident, setting), "Dashboard": dashboard(incident, setting)}
    found = [f"<{_escaped(harmless(url), _ENTITIES, _URL)}|{name}>" for name, url in links.items() if url]
    return [_section(" - ".join(found))] if found else []


def _of_the_agent(incident: Incident) -> list[dict[str, object]]:
    notice = incident.notice
    if notice is None:
        return []
    details = [f"{_text(name, _NAME)}: {_code(value, _REMEDY)}" for name, value in notice.details[:_PARTS]]
    told = [_section("\n".join([_text(notice.summary, _SENTENCE), *details]))]
    if incident.resolution is None:
        told.append(_section(f"*What to change*\n{_text(notice.mend, _SENTENCE)}"))
    return told


def _facts(log: str, handshake: Handshake) -> dict[str, object]:
    fields = [
        f"*With*\n{_code(other_side(handshake) or 'unknown', _NAME)}",
        f"*This side is*\n{ROLES[handshake.role]}",
        f"*Log*\n{_code(log, _NAME)}",
    ]
    if handshake.server_name is not None:
        fields.append(f"*Server name*\n{_code(handshake.server_name, _NAME)}")
    return {"type": "section", "fields": [_markdown(field) for field in fields]}


def _seen(incident: Incident) -> str:
    if incident.count == 1:
        return f"*Seen*\nOnce, {time_text(incident.last_seen)}"
    since, last = time_text(incident.first_seen), time_text(incident.last_seen)
    return f"*Seen*\n{incident.count} times since {since}, last {last}"


def _why(diagnosis: Diagnosis) -> str:
    lines = [
        f"*Why*\n{_text(diagnosis.summary, _SENTENCE)}",
        f"Cause: {_text(cause_words(diagnosis.cause), _NAME)} ({CERTAINTY[diagnosis.confidence]})",
    ]
    if diagnosis.alternatives:
        lines.append(f"Or: {'; '.join(_alternative(other) for other in diagnosis.alternatives[:3])}")
    if diagnosis.would_confirm is not None:
        lines.append(f"To be sure: {_text(diagnosis.would_confirm, _REMEDY)}")
    return "\n".join(lines)


def _alternative(other: Alternative) -> str:
    return f"{TITLES[other.issue]}, {_text(cause_words(other.cause), _NAME)} ({other.confidence})"


def _what_to_change(remedies: Iterable[Remedy]) -> str:
    lines = ["*What to change*"]
    left = _REMEDIES - len(lines[0])
    ordered = in_order(remedies)
    for number, remedy in enumerate(ordered, start=1):
        line = f"{number}. {_remedy(remedy)}"
        if len(line) >= left:
            lines.append(f"... and {len(ordered) - number + 1} more")
            break
        left -= len(line) + 1
        lines.append(line)
    return "\n".join(lines)


def _remedy(remedy: Remedy) -> str:
    setting, when = setting_text(remedy), conditions(remedy)
    parts = [
        f"*{EMERGENCY}:*" if remedy.weakens_security else None,
        _text(remedy.text, _REMEDY),
        None if setting is None else _code(setting, _REMEDY),
        None if when is None else f"({_text(when, _NAME)})",
    ]
    return " ".join(part for part in parts if part is not None)


def _evidence(handshake: Handshake) -> str:
    lines = [
        _escaped(f"{line.at.file}:{line.at.line} {line.text}", _IN_CODE, _EVIDENCE_LINE)
        for line in handshake.evidence[:_EVIDENCE_LINES]
    ]
    return "*In the log*\n```{}```".format("\n".join(lines))


def _origin(incident: Incident, issue: Issue) -> str:
    if incident.test:
        return "A test of the way from wmtls to this channel. Nothing failed."
    article = f", issue {ARTICLE[issue]} of the vendor's article" if issue in ARTICLE else ""
    return f"`{issue}`{article} - incident `{incident.id}`"


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": _markdown(text)}


def _markdown(text: str) -> dict[str, object]:
    """`verbatim` keeps Slack from making links of what looks like an address or a channel."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _text(text: str, limit: int) -> str:
    return _escaped(text, _IN_TEXT, limit)


def _code(text: str, limit: int) -> str:
    return f"`{_escaped(text, _IN_CODE, limit - 2) or ' '}`"


def _escaped(text: str, replacements: Mapping[str, str], limit: int) -> str:
    """Return harmless text of at most `limit` characters; a cut never goes through an entity."""
    shown = printable(text[: limit + 1])
    inside = {match.start() for match in _WITHIN_A_WORD.finditer(shown)}
    pieces = [char if at in inside else replacements.get(char, char) for at, char in enumerate(shown)]
    if len(text) <= limit and sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, left = [], limit - 3
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + "..."
