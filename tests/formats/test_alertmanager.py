import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agent.formats.alertmanager import LASTS, RESEND, render
from agent.formats.facts import time_text
from agent.formats.setting import Setting
from agent.model.incident import Incident
from agent.model.vocabulary import IncidentEvent, Resolution
from tests.formats.conftest import T0
from tests.formats.samples import SETTING

NOW = T0 + timedelta(minutes=7)


def alert(incident: Incident, setting: Setting = SETTING) -> dict[str, Any]:
    """Return the one alert of a message."""
    (made,) = json.loads(render(incident, setting).body)
    assert isinstance(made, dict)
    return made


def test_labels_stay_the_same_from_the_first_message_to_the_last(incident: Incident) -> None:
    """Alerts with equal labels are one; what changes stands in annotations."""
    later = replace(incident, id="2" * 32, incident="3" * 32, event=IncidentEvent.REOPENED, count=9)
    over = replace(later, event=IncidentEvent.RESOLVED, resolution=Resolution.QUIET)
    assert alert(incident)["labels"] == alert(later)["labels"] == alert(over)["labels"]
    assert alert(incident)["labels"] == {
        "alertname": "WmtlsHandshakesFail",
        "instance": "is-prod-1",
        "log": "default",
        "severity": "error",
        "fingerprint": "f" * 32,
        "issue": "server_certificate_rejected",
        "cause": "expired",
        "role": "client",
    }


def test_an_alert_fires_until_it_should_have_been_sent_again(incident: Incident) -> None:
    """It outlives three messages that get lost; one that is over has ended when it was over."""
    firing, over = alert(incident), alert(replace(incident, resolution=Resolution.MENDED))
    assert (firing["startsAt"], firing["endsAt"]) == (time_text(T0), time_text(NOW + LASTS))
    assert over["endsAt"] == time_text(incident.at)
    assert LASTS == 4 * RESEND


def test_an_alert_never_ends_before_it_starts(incident: Incident) -> None:
    """A log whose clock is ahead of ours would make one that Alertmanager refuses."""
    ahead = replace(incident, first_seen=NOW + timedelta(hours=1), resolution=Resolution.QUIET)
    made = alert(ahead)
    assert made["startsAt"] == made["endsAt"] == time_text(incident.at)


def test_each_kind_has_its_name(incident: Incident, storm: Incident, gap: Incident) -> None:
    """A storm, a trouble of the agent, a test; what is not there is no label."""
    test = replace(incident, test=True)
    found = [alert(one)["labels"] for one in (storm, gap, test)]
    assert found[0] == {
        "alertname": "WmtlsFailureStorm",
        "instance": "is-prod-1",
        "log": "default",
        "severity": "error",
        "fingerprint": "f" * 32,
    }
    assert found[1] == {
        "alertname": "WmtlsTrouble",
        "instance": "is-prod-1",
        "log": "default",
        "severity": "error",
        "fingerprint": "f" * 32,
        "trouble": "log_gap",
        "subject": "default",
    }
    assert found[2]["test"] == "true"


def test_links_are_annotations(incident: Incident) -> None:
    """The dashboard is where the alert comes from, too; without links there are none."""
    made = alert(incident)
    assert made["generatorURL"] == made["annotations"]["dashboard_url"]
    assert made["annotations"]["runbook_url"].endswith("#server_certificate_rejected-expired")
    assert "generatorURL" not in alert(incident, Setting(now=NOW))
