import json
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import agent.formats
from agent.formats.generic import render
from agent.formats.record import diagnosis_record, handshake_record
from agent.formats.setting import Setting
from agent.model.incident import Failure, Incident, Notice
from agent.model.vocabulary import (
    ActingSide,
    Confidence,
    Dialect,
    IncidentEvent,
    Issue,
    Outcome,
    Resolution,
    Role,
    Severity,
    Trouble,
)
from agent.pipeline import Ended
from tests.corpus import accept

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
        "both_ends": False,
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


SCHEMA = json.loads((Path(agent.formats.__file__).parent / "generic.schema.json").read_text())


def strict(schema: Any) -> Any:
    """Return a schema that takes no key which is not described."""
    if isinstance(schema, dict):
        closed = {"additionalProperties": False} if "properties" in schema else {}
        return {**closed, **{key: strict(value) for key, value in schema.items()}}
    return [strict(value) for value in schema] if isinstance(schema, list) else schema


STRICT = jsonschema.Draft202012Validator(strict(SCHEMA))


def faults(incident: Incident) -> list[str]:
    """Return what of a message the schema does not describe."""
    body = json.loads(render(incident, SETTING).body)
    return [f"{error.json_path}: {error.message}" for error in STRICT.iter_errors(body)]


def test_every_sample_is_as_the_schema_says(
    incident: Incident, bare: Incident, hostile: Incident, storm: Incident, gap: Incident
) -> None:
    """Failures, storms and notices, in each event of their lives, with every key described."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    samples = [
        *(incident, bare, hostile, storm, gap, replace(gap, log="")),
        *(replace(incident, event=event) for event in IncidentEvent),
        *(replace(incident, event=IncidentEvent.RESOLVED, resolution=one) for one in Resolution),
        *(replace(gap, notice=Notice(trouble, "", "x", "y")) for trouble in Trouble),
        replace(incident, test=True),
    ]
    assert [faults(one) for one in samples] == [[]] * len(samples)


@pytest.mark.parametrize("case", accept.cases())
def test_every_real_failure_is_as_the_schema_says(case: str, incident: Incident) -> None:
    """What real logs hold is described too."""
    told = [
        replace(incident, failure=Failure(one.handshake, one.diagnosis))
        for one in accept.outcomes(accept.logs(case))
        if isinstance(one, Ended) and one.diagnosis is not None
    ]
    assert [fault for one in told for fault in faults(one)] == []


def test_the_schema_refuses_what_is_none_of_ours(incident: Incident) -> None:
    """A key that is missing, a word of no closed set, a time without a zone."""
    body = json.loads(render(incident, SETTING).body)
    loose = jsonschema.Draft202012Validator(SCHEMA)
    assert loose.is_valid({**body, "added": "later"})
    for wrong in (
        {key: value for key, value in body.items() if key != "count"},
        {**body, "issue": "tls"},
        {**body, "at": "2026-11-23T07:31:55.932"},
        {**body, "id": "1"},
    ):
        assert not loose.is_valid(wrong)


def enumerated(schema: Any) -> Iterator[frozenset[str]]:
    """Yield every closed set of words in a schema."""
    if isinstance(schema, dict):
        if "enum" in schema:
            yield frozenset(word for word in schema["enum"] if word is not None)
        for value in schema.values():
            yield from enumerated(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from enumerated(value)


@pytest.mark.parametrize(
    "words",
    [ActingSide, Confidence, Dialect, Issue, Outcome, Resolution, Role, Severity, Trouble],
)
def test_closed_sets_are_those_of_the_vocabulary(words: type[StrEnum]) -> None:
    """A word that is added to the vocabulary is added to the schema."""
    assert frozenset(words) in set(enumerated(SCHEMA))
    events = frozenset(f"incident.{event}" for event in (*IncidentEvent, "test"))
    assert events in set(enumerated(SCHEMA))
