"""What people are told, and which of them: incidents, and the agent's own troubles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent.incidents.routing import Route
from agent.incidents.tracker import Book, Changes, Tracker, restored
from agent.incidents.troubles import Troubles
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Incident, Notice
from agent.model.series import Increments
from agent.model.vocabulary import Trouble


@dataclass(slots=True)
class Memory:
    """What is saved of it beside the incidents themselves."""

    book: Book = field(default_factory=Book)
    troubles: Troubles = field(default_factory=Troubles)


class Teller:
    """Makes messages of what it is told and addresses them; `incidents` are those saved, as JSON."""

    def __init__(
        self, routes: Sequence[Route], incidents: Mapping[str, bytes], memory: Memory | None = None
    ) -> None:
        self.memory = memory or Memory()
        self._routes = routes
        self._troubles = self.memory.troubles
        self._tracker = Tracker(restored(incidents, self.memory.book))

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self._tracker.changed

    def observe(self, log: str, handshake: Handshake, diagnosis: Diagnosis | None, now: datetime) -> None:
        """Take in a handshake that ended."""
        self._tracker.observe(log, handshake, diagnosis, now)

    def report(self, notice: Notice, now: datetime, *, log: str = "") -> None:
        """Take in that a trouble stands, or has happened once more."""
        self._troubles.report(notice, now, log=log)

    def keep(self, trouble: Trouble, subject: str, now: datetime) -> None:
        """Let a trouble stand on of which nothing is known now, if it stood."""
        self._troubles.keep(trouble, subject, now)

    def tell(self, now: datetime, *, behind: bool = False) -> list[Incident]:
        """Return the messages that are due; `behind` says that there is much more to read at once."""
        return [*self._tracker.tell(now, behind=behind), *self._troubles.tell(now)]

    def tell_troubles(self, now: datetime) -> list[Incident]:
        """Return only the messages of the agent itself: all that can be told while nothing can be saved."""
        return self._troubles.tell(now)

    def addressed(self, messages: Sequence[Incident]) -> list[tuple[str, Incident]]:
        """Return each message with each receiver that wants it."""
        return [(route.receiver, one) for one in messages for route in self._routes if route.wants(one)]

    def changes(self) -> Changes:
        """Return the incidents that changed since the last call."""
        return self._tracker.changes()

    def counted(self) -> Increments:
        """Return what to add to the counters since the last call."""
        return self._tracker.counted()

    def gauges(self) -> Increments:
        """Return what is open now."""
        return self._tracker.gauges() | self._troubles.gauges()


def told_of(incident: Incident) -> dict[str, object]:
    """Return the keys of a line in our own log: which incident, what it is of, and what to do."""
    keys: dict[str, object] = {"log": incident.log, "incident": incident.incident, "count": incident.count}
    if incident.resolution is not None:
        keys["resolution"] = incident.resolution.value
    if incident.failure is not None:
        diagnosis = incident.failure.diagnosis
        keys |= {
            "issue": diagnosis.issue.value,
            "cause": diagnosis.cause,
            "confidence": diagnosis.confidence.value,
            "role": incident.failure.handshake.role.value,
            "advice": diagnosis.summary,
        }
    if incident.summary is not None:
        keys |= {
            "kinds": incident.summary.kinds,
            "parts": [f"{one.issue}/{one.cause}: {one.failures}" for one in incident.summary.parts],
        }
    if incident.notice is not None:
        keys |= {
            "trouble": incident.notice.trouble.value,
            "subject": incident.notice.subject,
            **{name.replace(" ", "_"): value for name, value in incident.notice.details},
            "advice": f"{incident.notice.summary} {incident.notice.mend}",
        }
    return keys
