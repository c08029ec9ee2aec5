import json
from dataclasses import replace

from agent.formats.generic import render
from agent.formats.record import diagnosis_record, handshake_record
from agent.formats.setting import Setting
from agent.model.incident import Failure, Incident

SETTING = Setting(
    "is-prod-1",
    "https://docs.example.com/diagnoses.md",
    "https://grafana.example.com/d/x?var-log={log}",
)


def test_an_incident_as_json(incident: Incident, failure: Failure) -> None:
    """The message tells which failure it is, what is said of it, and holds the whole record."""
    request = render(incident, SETTING)
    assert request.headers == {"Content-Type": "application/json"}
    assert json.loads(request.body) == {
        "type": "incident.opened",
        "id": "00000000000000000000000000000001",
        "incident": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        "fingerprint": "ffffffffffffffffffffffffffffffff",
        "severity": "error",
        "instance": "is-prod-1",
        "log": "default",
        "test": False,
        "at": "2026-11-23T07:31:55.932+00:00",
        "count": 3,
        "first_seen": "2026-11-23T07:25:55.932+00:00",
        "last_seen": "2026-11-23T07:30:55.932+00:00",
        "resolution": None,
        **diagnosis_record(failure.diagnosis),
        "handshake": handshake_record(failure.handshake, failure.diagnosis),
        "runbook": "https://docs.example.com/diagnoses.md#server_certificate_rejected-expired",
        "dashboard": "https://grafana.example.com/d/x?var-log=default",
        "storm": None,
        "notice": None,
    }


def test_a_test_says_so(incident: Incident) -> None:
    """A receiver can tell a test from a failure by two keys."""
    body = json.loads(render(replace(incident, test=True), SETTING).body)
    assert (body["type"], body["test"]) == ("incident.test", True)


def test_hostile_text_stays_text(hostile: Incident) -> None:
    """Whatever a certificate says, the body is ASCII JSON that holds the same text."""
    body = json.loads(render(hostile, SETTING).body.decode("ascii"))
    assert hostile.failure is not None
    assert body["summary"] == hostile.failure.diagnosis.summary
    assert body["handshake"]["server_name"] == hostile.failure.handshake.server_name


def test_what_is_no_single_failure(storm: Incident, gap: Incident) -> None:
    """A storm and a notice have a key of their own; those of a failure are null."""
    one, two = (json.loads(render(incident, SETTING).body) for incident in (storm, gap))
    assert one["storm"] == {
        "kinds": 32,
        "failures": 304,
        "parts": [
            {
                "issue": "sni",
                "cause": "name_not_sent",
                "kinds": 30,
                "failures": 300,
                "others": ["server_name a.example.com"],
            },
            {"issue": "not_tls", "cause": "undetermined", "kinds": 2, "failures": 4, "others": []},
        ],
    }
    assert two["notice"] == {
        "trouble": "log_gap",
        "subject": "default",
        "summary": "Part of the log was gone before it could be read.",
        "mend": "Keep more rolled files.",
        "details": {"file": "wrapper.log.3", "first byte": "100", "bytes": "900"},
    }
    assert (one["handshake"], one["issue"], one["notice"], two["type"]) == (
        None,
        None,
        None,
        "incident.operational",
    )
