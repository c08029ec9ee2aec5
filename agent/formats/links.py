"""Where a message leads: the page on its diagnosis, and the dashboard."""

from urllib.parse import quote

from agent.formats.setting import Setting
from agent.model.incident import Incident

_VALUE = 100
"""Characters of a value in a URL: names of the configuration and words of closed sets are shorter."""


def runbook(incident: Incident, setting: Setting) -> str | None:
    """Return the address of the diagnosis on the published docs/diagnoses.md, None where there is none."""
    if setting.runbook is None or incident.notice is not None:
        return None
    base = harmless(setting.runbook.partition("#")[0])
    kind = _kind(incident)
    return base if kind is None else f"{base}#{_value(kind[0])}-{_value(kind[1])}"


def dashboard(incident: Incident, setting: Setting) -> str | None:
    """Return the dashboard's address with the incident's log, issue and cause in the places for them."""
    if setting.dashboard is None:
        return None
    issue, cause = _kind(incident) or ("", "")
    found = setting.dashboard
    for place, value in {"{log}": incident.log, "{issue}": issue, "{cause}": cause}.items():
        found = found.replace(place, _value(value))
    return harmless(found)


def harmless(url: str) -> str:
    """Return a URL in which nothing can end a link, mention anybody or begin markup."""
    return quote(url.encode("utf-8", "replace"), safe=":/?#[]!$&'()*+,;=%~")


def _value(value: str) -> str:
    return quote(value[:_VALUE].encode("utf-8", "replace"), safe="")


def _kind(incident: Incident) -> tuple[str, str] | None:
    """Return issue and cause, of a storm those of its most frequent part."""
    if incident.failure is not None:
        return incident.failure.diagnosis.issue, incident.failure.diagnosis.cause
    if incident.summary is not None and incident.summary.parts:
        return incident.summary.parts[0].issue, incident.summary.parts[0].cause
    return None
