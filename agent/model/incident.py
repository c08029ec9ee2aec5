"""What people hear: the events in the life of an incident.

An incident begins with the first failure of a kind (its fingerprint), goes on while more of that kind come,
and ends with a success, with quiet, or when there is no more room for it. Each message is complete in itself:
the newest one tells all that those before it told.
"""

from dataclasses import dataclass
from datetime import datetime

from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.vocabulary import IncidentEvent, Issue, Resolution, Severity, Trouble


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed handshake, an example of the incident's, and what is said of it.

    `both_ends` says that the other end of the connection is in the same log: they are one incident.
    """

    handshake: Handshake
    diagnosis: Diagnosis
    both_ends: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The kinds of one issue and cause within a summary; `others` names at most three of the other sides."""

    issue: Issue
    cause: str
    kinds: int
    failures: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Many incidents told as one: how many kinds, how many failures in all, the most frequent part first."""

    kinds: int
    failures: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A trouble of the agent itself.

    `subject` is the log's or the receiver's name, "" for the agent as a whole. `summary` is a sentence,
    `mend` another that says what to do; `details` are names with values, as the file and bytes of a gap.
    """

    trouble: Trouble
    subject: str
    summary: str
    mend: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One message: an event in the life of an incident.

    `id` is the message's, made from content: a second reading of the same bytes makes the same id.
    `incident` is shared by all messages from `opened` over `reopened` to the last `resolved`. `fingerprint`
    is shared by all failures of one kind: log, issue, cause, role and the other side as far as it is known.
    `log` is a log's name, "" where it is of none. `at` is when it was made, by the agent's clock; `count`
    failures came from `first_seen` to `last_seen`, by the log's. `resolution` is None while it lasts.
    Exactly one of `failure`, `summary` and `notice` is there. `test` marks a message that only tries the way
    to a receiver. All times are aware.
    """

    id: str
    incident: str
    fingerprint: str
    event: IncidentEvent
    severity: Severity
    log: str
    at: datetime
    count: int
    first_seen: datetime
    last_seen: datetime
    resolution: Resolution | None = None
    failure: Failure | None = None
    summary: Summary | None = None
    notice: Notice | None = None
    test: bool = False
