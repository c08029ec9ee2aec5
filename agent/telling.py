"""What our own log says of a message to people."""

from agent.model.incident import Incident


def told_of(incident: Incident) -> dict[str, object]:
    """Return the keys of a log line: which incident, what it is of, and what to do."""
    keys: dict[str, object] = {"log": incident.log, "incident": incident.incident, "count": incident.count}
    if incident.resolution is not None:
        keys["resolution"] = incident.resolution.value
    if incident.failure is not None:
        diagnosis = incident.failure.diagnosis
        keys |= {
            "issue": diagnosis.issue.value,
            "cause": diagnosis.cause,
            "confidence": diagnosis.confidence.value,
            "role": incident.failure.handshake.role.value,
            "advice": diagnosis.summary,
        }
    if incident.summary is not None:
        keys |= {
            "kinds": incident.summary.kinds,
            "parts": [f"{one.issue}/{one.cause}: {one.failures}" for one in incident.summary.parts],
        }
    if incident.notice is not None:
        keys |= {
            "trouble": incident.notice.trouble.value,
            "subject": incident.notice.subject,
            **{name.replace(" ", "_"): value for name, value in incident.notice.details},
            "advice": f"{incident.notice.summary} {incident.notice.mend}",
        }
    return keys
