"""What people hear: one failed handshake, diagnosed, with its place in the row of its like."""

from dataclasses import dataclass
from datetime import datetime

from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake


@dataclass(frozen=True, slots=True)
class Incident:
    """A diagnosed failure of the log named `log`.

    `id` is made from content (log, file identity, offset of the first line, issue), so a second reading
    of the same bytes makes the same id. `fingerprint` is shared by failures of one kind: log, issue, cause,
    role and the other side as far as it is known. `count` numbers the failure among its like since
    `first_seen`; times are aware. `test` marks a message that only tries the way to a receiver.
    """

    id: str
    fingerprint: str
    log: str
    handshake: Handshake
    diagnosis: Diagnosis
    count: int
    first_seen: datetime
    last_seen: datetime
    test: bool = False
