"""The `alertmanager` format: one alert for `POST /api/v2/alerts`.

https://prometheus.io/docs/alerting/latest/alerts_api: alerts with equal labels are one alert, so labels hold
what stays the same from an incident's first message to its last, and annotations the rest. An alert is over
when its `endsAt` has passed: a message of what goes on gives it a time by which the next one has come.
"""

import json
from datetime import datetime, timedelta

from agent.formats import plain
from agent.formats.facts import time_text
from agent.formats.message import LINE, message
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.formats.words import other_side
from agent.model.incident import Incident

PATH = "/api/v2/alerts"

RESEND = timedelta(minutes=1)
"""How often an alert that fires is sent again: Alertmanager forgets all of them when it restarts."""

LASTS = 4 * RESEND
"""How long an alert fires without being sent again; Prometheus takes four times its own delay."""


def render(incident: Incident, setting: Setting) -> Request:
    """Return the alert, in a list as the API wants it."""
    said = message(incident, setting)
    now = setting.now or incident.at
    ends = min(incident.at, now) if said.over else now + LASTS
    links = {f"{label.lower()}_url": url for label, url in said.links}
    alert = {
        "labels": {name: value for name, value in _labels(incident, setting).items() if value},
        "annotations": {
            "summary": plain.title(said, LINE),
            "description": plain.text(said),
            **_annotations(incident),
            **links,
        },
        "startsAt": _time(min(incident.first_seen, ends)),
        "endsAt": _time(ends),
    }
    if "dashboard_url" in links:
        alert["generatorURL"] = links["dashboard_url"]
    body = json.dumps([alert], ensure_ascii=False).encode("utf-8", "replace")
    return Request(body, {"Content-Type": "application/json"}, PATH)


def _time(time: datetime) -> str | None:
    return time_text(time)


def _labels(incident: Incident, setting: Setting) -> dict[str, str]:
    labels = {
        "alertname": "WmtlsFailureStorm",
        "instance": plain.line(setting.instance, LINE),
        "log": plain.line(incident.log, LINE),
        "severity": incident.severity.value,
        "fingerprint": incident.fingerprint,
        "test": "true" if incident.test else "",
    }
    if incident.failure is not None:
        diagnosis = incident.failure.diagnosis
        labels |= {
            "alertname": "WmtlsHandshakesFail",
            "issue": diagnosis.issue.value,
            "cause": plain.line(diagnosis.cause, LINE),
            "role": incident.failure.handshake.role.value,
        }
    if incident.notice is not None:
        labels |= {
            "alertname": "WmtlsTrouble",
            "trouble": incident.notice.trouble.value,
            "subject": plain.line(incident.notice.subject, LINE),
        }
    return labels


def _annotations(incident: Incident) -> dict[str, str]:
    if incident.failure is None:
        return {}
    diagnosis = incident.failure.diagnosis
    return {
        "with": plain.line(other_side(incident.failure.handshake) or "unknown", LINE),
        "acting_side": diagnosis.acting_side.value,
        "confidence": diagnosis.confidence.value,
    }
