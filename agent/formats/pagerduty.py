"""The `pagerduty` format: an event of the Events API v2.

https://developer.pagerduty.com/docs/events-api-v2-overview: `summary` has at most 1024 characters,
`dedup_key` 255, an event 512 kB. An incident is triggered by each of its messages and resolved by the last;
all have one `dedup_key`, so that PagerDuty shows one.
"""

import json

from agent.formats import plain
from agent.formats.facts import time_text
from agent.formats.message import LINE, Message, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.formats.words import other_side
from agent.model.incident import Incident

SUMMARY = 1024
KEY = 255
_FIELD = 255


def render(incident: Incident, setting: Setting) -> Request:
    """Return the event; the routing key of the setting is part of it."""
    said = message(incident, setting)
    event: dict[str, object] = {
        "routing_key": setting.routing_key or "",
        "event_action": "resolve" if said.over else "trigger",
        "dedup_key": f"{_cut(setting.instance, 100)}/{incident.incident}"[:KEY],
        "client": "wmtls",
    }
    if not said.over:
        event |= {
            "payload": {
                "summary": plain.title(said, SUMMARY),
                "source": _cut(setting.instance, _FIELD),
                "severity": incident.severity.value,
                "timestamp": time_text(incident.last_seen),
                "component": _cut(incident.log or "wmtls", _FIELD),
                "group": _kind(incident)[0],
                "class": _cut(_kind(incident)[1], _FIELD),
                "custom_details": _details(incident, said),
            },
            "links": [{"href": url, "text": label} for label, url in said.links],
        }
    body = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
    return Request(body, {"Content-Type": "application/json"})


def _cut(text: str, limit: int) -> str:
    return plain.line(text, limit)


def _kind(incident: Incident) -> tuple[str, str]:
    if incident.failure is not None:
        return incident.failure.diagnosis.issue, incident.failure.diagnosis.cause
    if incident.notice is not None:
        return "operational", incident.notice.trouble
    return "storm", "storm"


def _details(incident: Incident, said: Message) -> dict[str, object]:
    """Return a table for people, and by name what rules of an event orchestration look for."""
    details: dict[str, object] = {
        "text": plain.text(said),
        "event": incident.event.value,
        "count": incident.count,
    }
    if incident.failure is not None:
        diagnosis = incident.failure.diagnosis
        details |= {
            "with": _cut(other_side(incident.failure.handshake) or "unknown", LINE),
            "role": incident.failure.handshake.role.value,
            "confidence": diagnosis.confidence.value,
            "acting_side": diagnosis.acting_side.value,
        }
    return details
