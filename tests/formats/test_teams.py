import json
from dataclasses import replace
from typing import Any

from agent.formats.teams import BYTES, render
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import Resolution, Severity
from tests.formats.samples import SETTING


def card(incident: Incident) -> dict[str, Any]:
    """Return the card of a message."""
    content: dict[str, Any] = json.loads(render(incident, SETTING).body)["attachments"][0]["content"]
    return content


def runs(incident: Incident) -> list[str]:
    """Return every text of a card."""
    return [run["text"] for block in card(incident)["body"] for run in block["inlines"]]


def test_what_is_copied_is_exact(incident: Incident, failure: Failure) -> None:
    """Runs know no markup, so that nothing of a setting or a name is replaced."""
    handshake = replace(failure.handshake, server_name="*.a_b.example[1](x)<at>y</at>`")
    shown = runs(replace(incident, failure=replace(failure, handshake=handshake)))
    assert "*.a_b.example[1](x)<at>y</at>`" in shown
    assert "watt.security.ignoreExpiredChains=true" in shown


def test_the_colour_is_that_of_the_severity(incident: Incident) -> None:
    """Red, yellow, blue, and green for what is over."""
    severities = [replace(incident, severity=one) for one in Severity]
    over = replace(incident, resolution=Resolution.SUCCESS)
    assert [card(one)["body"][0]["inlines"][0]["color"] for one in (*severities, over)] == [
        *("accent", "warning", "attention", "attention"),
        "good",
    ]


def test_a_full_message_is_cut_evenly(incident: Incident, failure: Failure) -> None:
    """Every part of it is still there, and all of it is below what Teams takes."""
    long = replace(failure.diagnosis, summary="\U0001f525" * 5000, partner_message="\U0001f525" * 5000)
    full = replace(incident, failure=replace(failure, diagnosis=long))
    assert len(render(full, SETTING).body) <= BYTES
    labels = [block["inlines"][0]["text"] for block in card(full)["body"] if block["spacing"] == "medium"]
    assert labels[:-1] == [
        *("Seen", "Why", "Who must act", "What to change", "To send to the other side", "In the log"),
    ]
