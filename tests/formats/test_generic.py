import json
from dataclasses import replace

from agent.formats.generic import render
from agent.formats.record import diagnosis_record, handshake_record
from agent.model.incident import Incident


def test_an_incident_as_json(incident: Incident) -> None:
    """The message tells which failure it is, what is said of it, and holds the whole record."""
    request = render(incident)
    assert request.headers == {"Content-Type": "application/json"}
    assert json.loads(request.body) == {
        "type": "incident.failed",
        "id": "00000000000000000000000000000001",
        "fingerprint": "ffffffffffffffffffffffffffffffff",
        "log": "default",
        "test": False,
        "count": 3,
        "first_seen": "2026-11-23T07:25:55.932+00:00",
        "last_seen": "2026-11-23T07:30:55.932+00:00",
        **diagnosis_record(incident.diagnosis),
        "handshake": handshake_record(incident.handshake, incident.diagnosis),
    }


def test_a_test_says_so(incident: Incident) -> None:
    """A receiver can tell a test from a failure by two keys."""
    body = json.loads(render(replace(incident, test=True)).body)
    assert (body["type"], body["test"]) == ("incident.test", True)


def test_hostile_text_stays_text(hostile: Incident) -> None:
    """Whatever a certificate says, the body is ASCII JSON that holds the same text."""
    body = json.loads(render(hostile).body.decode("ascii"))
    assert body["summary"] == hostile.diagnosis.summary
    assert body["handshake"]["server_name"] == hostile.handshake.server_name
