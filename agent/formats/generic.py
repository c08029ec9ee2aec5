"""The `generic` format: an incident as one JSON object.

docs/receivers.md describes it for people, generic.schema.json beside this file for programs.
"""

import json

from agent.formats.facts import time_text
from agent.formats.links import dashboard, runbook
from agent.formats.record import diagnosis_record, handshake_record
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Failure, Incident, Notice, Summary


def render(incident: Incident, setting: Setting) -> Request:
    """Return the incident as JSON; the keys are stable."""
    body = {
        "type": f"incident.{'test' if incident.test else incident.event}",
        "id": incident.id,
        "incident": incident.incident,
        "fingerprint": incident.fingerprint,
        "severity": incident.severity.value,
        "instance": setting.instance,
        "log": incident.log or None,
        "test": incident.test,
        "at": time_text(incident.at),
        "count": incident.count,
        "first_seen": time_text(incident.first_seen),
        "last_seen": time_text(incident.last_seen),
        "resolution": incident.resolution and incident.resolution.value,
        **_failure(incident.failure),
        "runbook": runbook(incident, setting),
        "dashboard": dashboard(incident, setting),
        "storm": incident.summary and _storm(incident.summary),
        "notice": incident.notice and _notice(incident.notice),
    }
    # json writes any str as ASCII, a lone surrogate of a file's name too.
    return Request(json.dumps(body).encode("ascii"), {"Content-Type": "application/json"})


def _failure(failure: Failure | None) -> dict[str, object]:
    if failure is None:
        return {**diagnosis_record(None), "both_ends": None, "handshake": None}
    return {
        **diagnosis_record(failure.diagnosis),
        "both_ends": failure.both_ends,
        "handshake": handshake_record(failure.handshake, failure.diagnosis),
    }


def _storm(summary: Summary) -> dict[str, object]:
    parts = [
        {
            "issue": part.issue.value,
            "cause": part.cause,
            "kinds": part.kinds,
            "failures": part.failures,
            "others": list(part.others),
        }
        for part in summary.parts
    ]
    return {"kinds": summary.kinds, "failures": summary.failures, "parts": parts}


def _notice(notice: Notice) -> dict[str, object]:
    return {
        "trouble": notice.trouble.value,
        "subject": notice.subject,
        "summary": notice.summary,
        "mend": notice.mend,
        "details": dict(notice.details),
    }
