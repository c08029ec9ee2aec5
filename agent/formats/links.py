"""Where a message leads: the page on its diagnosis, and the dashboard."""

from urllib.parse import quote

from agent.formats.setting import Setting
from agent.model.incident import Incident


def runbook(incident: Incident, setting: Setting) -> str | None:
    """Return the address of the diagnosis on the published docs/diagnoses.md, None where there is none."""
    if setting.runbook is None or incident.notice is not None:
        return None
    base = setting.runbook.partition("#")[0]
    kind = _kind(incident)
    return base if kind is None else f"{base}#{kind[0]}-{kind[1]}"


def dashboard(incident: Incident, setting: Setting) -> str | None:
    """Return the dashboard's address with the incident's log, issue and cause in the places for them."""
    if setting.dashboard is None:
        return None
    issue, cause = _kind(incident) or ("", "")
    values = {"{log}": incident.log, "{issue}": issue, "{cause}": cause}
    found = setting.dashboard
    for place, value in values.items():
        found = found.replace(place, quote(value.encode("utf-8", "replace"), safe=""))
    return found


def _kind(incident: Incident) -> tuple[str, str] | None:
    """Return issue and cause, of a storm those of its most frequent part."""
    if incident.failure is not None:
        return incident.failure.diagnosis.issue, incident.failure.diagnosis.cause
    if incident.summary is not None and incident.summary.parts:
        return incident.summary.parts[0].issue, incident.summary.parts[0].cause
    return None


def harmless(url: str) -> str:
    """Return a URL in which nothing can end a link or begin markup: all but URL characters is encoded."""
    return quote(url.encode("utf-8", "replace"), safe=":/?#[]@!$&'()*+,;=%~")
