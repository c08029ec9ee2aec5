"""Which receiver is told of what."""

from collections.abc import Collection
from dataclasses import dataclass

from agent.incidents.severity import RANKS
from agent.model.incident import Incident
from agent.model.vocabulary import Severity, Trouble


@dataclass(frozen=True, slots=True)
class Route:
    """What a receiver wants; an empty set stands for all, `severity` is the least.

    Issues and roles are those of failures: a trouble of the agent has none, and a storm passes where one of
    its issues does.
    """

    receiver: str
    issues: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    logs: frozenset[str] = frozenset()
    severity: Severity = Severity.INFO
    events: frozenset[str] = frozenset()

    def wants(self, incident: Incident) -> bool:
        """Tell whether a message is for this receiver; it is not told of its own failing."""
        notice = incident.notice
        failing = notice and notice.trouble is Trouble.RECEIVER_FAILING and notice.subject
        return (
            failing != self.receiver
            and RANKS[incident.severity] >= RANKS[self.severity]
            and (not self.events or incident.event in self.events)
            and (not self.logs or not incident.log or incident.log in self.logs)
            and _meets(self.issues, _issues(incident))
            and _meets(self.roles, _roles(incident))
        )


def _meets(wanted: Collection[str], found: Collection[str]) -> bool:
    return not wanted or not found or any(one in wanted for one in found)


def _issues(incident: Incident) -> list[str]:
    if incident.failure is not None:
        return [incident.failure.diagnosis.issue]
    return [part.issue for part in incident.summary.parts] if incident.summary else []


def _roles(incident: Incident) -> list[str]:
    return [incident.failure.handshake.role] if incident.failure is not None else []
