"""One canonical incident of each event, for goldens and for receivers that are tried."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from agent.formats.setting import Setting
from agent.model.incident import Incident
from agent.model.vocabulary import IncidentEvent, Resolution
from tests.formats import conftest

SETTING = Setting(
    "is-prod-1",
    "https://docs.example.com/wmtls/diagnoses.md",
    "https://grafana.example.com/d/wmtls?var-log={log}&var-issue={issue}",
    routing_key="R0UT1NGKEY" * 3 + "00",
    now=conftest.T0 + timedelta(minutes=7),
)


def samples(incident: Incident, storm: Incident, gap: Incident) -> Mapping[str, Incident]:
    """Return an incident of each event by its name, each as it follows from the one before."""
    told = replace(incident, failure=incident.failure and replace(incident.failure, both_ends=True))
    letter = "Dear colleagues,\n\nyour certificate expired. Please renew it.\n"
    if told.failure is not None:
        diagnosis = replace(told.failure.diagnosis, partner_message=letter)
        told = replace(told, failure=replace(told.failure, diagnosis=diagnosis))
    return {
        "opened": replace(told, count=1, last_seen=told.first_seen),
        "updated": replace(told, event=IncidentEvent.UPDATED),
        "resolved": replace(told, event=IncidentEvent.RESOLVED, resolution=Resolution.SUCCESS),
        "reopened": replace(told, event=IncidentEvent.REOPENED),
        "storm": storm,
        "operational": gap,
        "mended": replace(gap, resolution=Resolution.MENDED),
        "test": replace(told, test=True),
    }
