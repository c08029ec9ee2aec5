"""What a message needs besides its incident."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Setting:
    """Whose message it is and where it leads, None where there are none.

    `instance` tells this agent from those of other machines. `runbook` is where docs/diagnoses.md is
    published, `dashboard` a URL in which {log}, {issue} and {cause} stand for those of the incident.
    `routing_key` is a credential. `now` is when the message is sent.
    """

    instance: str = "wmtls"
    runbook: str | None = None
    dashboard: str | None = None
    routing_key: str | None = field(default=None, repr=False)
    now: datetime | None = None
