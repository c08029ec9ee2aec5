import json
from dataclasses import replace
from typing import Any

from agent.formats.pagerduty import render
from agent.formats.setting import Setting
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import IncidentEvent, Resolution
from tests.formats.samples import SETTING


def event(incident: Incident, setting: Setting = SETTING) -> dict[str, Any]:
    """Return the event of a message."""
    parsed: dict[str, Any] = json.loads(render(incident, setting).body)
    return parsed


def test_an_incident_is_triggered_and_resolved_under_one_key(incident: Incident) -> None:
    """Every message but the last triggers; the last has nothing but the key."""
    updated = replace(incident, event=IncidentEvent.UPDATED)
    over = replace(incident, event=IncidentEvent.RESOLVED, resolution=Resolution.SUCCESS)
    key = "is-prod-1/" + "e" * 32
    assert [(event(one)["event_action"], event(one)["dedup_key"]) for one in (incident, updated, over)] == [
        ("trigger", key),
        ("trigger", key),
        ("resolve", key),
    ]
    assert event(over) == {
        "routing_key": SETTING.routing_key,
        "event_action": "resolve",
        "dedup_key": key,
        "client": "wmtls",
    }


def test_two_agents_do_not_share_an_incident(incident: Incident) -> None:
    """The same failure in logs of the same name on two machines is two incidents."""
    one, two = (event(incident, replace(SETTING, instance=name)) for name in ("a", "b"))
    assert one["dedup_key"] != two["dedup_key"]


def test_what_rules_look_at(incident: Incident, storm: Incident, gap: Incident) -> None:
    """Severity, component, group and class have the words of the vocabulary."""
    found = [event(one)["payload"] for one in (incident, storm, gap)]
    assert [[one[key] for key in ("severity", "component", "group", "class")] for one in found] == [
        ["error", "default", "server_certificate_rejected", "expired"],
        ["error", "default", "storm", "storm"],
        ["error", "default", "operational", "log_gap"],
    ]
    details = found[0]["custom_details"]
    del details["text"]
    assert details == {
        "event": "opened",
        "count": 3,
        "with": "is.example.com",
        "role": "client",
        "confidence": "certain",
        "acting_side": "peer",
    }


def test_a_summary_is_within_its_limit(incident: Incident, failure: Failure) -> None:
    """1024 characters, cut with dots; a long name of an agent does not make the key too long."""
    handshake = replace(failure.handshake, server_name="x" * 5000)
    made = event(
        replace(incident, failure=replace(failure, handshake=handshake)), replace(SETTING, instance="i" * 500)
    )
    assert made["payload"]["summary"].endswith("xx...")
    assert len(made["payload"]["summary"]) <= 1024
    assert len(made["dedup_key"]) <= 255
