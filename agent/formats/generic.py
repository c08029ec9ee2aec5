"""The `generic` format: an incident as one JSON object, described in docs/receivers.md."""

import json

from agent.formats.facts import time_text
from agent.formats.record import diagnosis_record, handshake_record
from agent.formats.request import Request
from agent.model.incident import Incident


def render(incident: Incident) -> Request:
    """Return the incident as JSON; the keys are stable."""
    body = {
        "type": "incident.test" if incident.test else "incident.failed",
        "id": incident.id,
        "fingerprint": incident.fingerprint,
        "log": incident.log,
        "test": incident.test,
        "count": incident.count,
        "first_seen": time_text(incident.first_seen),
        "last_seen": time_text(incident.last_seen),
        **diagnosis_record(incident.diagnosis),
        "handshake": handshake_record(incident.handshake, incident.diagnosis),
    }
    # json writes any str as ASCII, a lone surrogate of a file's name too.
    return Request(json.dumps(body).encode("ascii"), {"Content-Type": "application/json"})
