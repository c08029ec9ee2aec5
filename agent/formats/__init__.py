"""Incidents to requests: a file per receiver format. A format renders; it never sends."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from agent.formats import alertmanager, generic, google_chat, mattermost, pagerduty, slack, teams
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident

FORMATS: Mapping[str, Callable[[Incident, Setting], Request]] = MappingProxyType(
    {
        "generic": generic.render,
        "slack": slack.render,
        "mattermost": mattermost.render,
        "teams": teams.render,
        "google_chat": google_chat.render,
        "pagerduty": pagerduty.render,
        "alertmanager": alertmanager.render,
    }
)
"""The values that `format` of a receiver may have."""

AGAIN: Mapping[str, timedelta] = MappingProxyType({"alertmanager": alertmanager.RESEND})
"""How often what goes on is sent again; the other receivers remember what they were told."""
