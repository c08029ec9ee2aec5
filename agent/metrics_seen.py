"""Gauges that remember handshakes: when each issue failed last, and when peers' certificates expire. Pure.

The memory is bounded. A peer chooses its own subject and dates, so a hostile one can push others out of its
log's hundred, but not grow it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.series import Increments
from agent.model.vocabulary import Issue, Outcome

SUBJECTS = 100
"""Subjects kept for each log: what Prometheus' own advice calls many for one metric; soonest expiry stays."""

SUBJECT_CHARACTERS = 200
"""Longest label value: a distinguished name is seldom longer, and every scrape carries it."""

FORGOTTEN_AFTER = timedelta(days=35)
"""A certificate not seen for so long is no longer shown: its owner renewed it. A monthly job still fits."""


@dataclass(slots=True)
class SeenCertificate:
    """Unix times: when a certificate expires, and when it was last seen."""

    not_after: float
    seen: float


@dataclass(slots=True)
class SeenState:
    """What is remembered, by log: last failure by issue (unix time), certificates by subject."""

    failures: dict[str, dict[str, float]] = field(default_factory=dict)
    certificates: dict[str, dict[str, SeenCertificate]] = field(default_factory=dict)


def _unix(when: datetime) -> float:
    """Return unix time; a date without a zone is read as UTC, as certificates print theirs."""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


class Seen:
    """Keeps the gauges that follow from handshakes; `state` can be saved and given back."""

    def __init__(self, state: SeenState | None = None) -> None:
        self.state = state if state is not None else SeenState()

    def handshake(self, log: str, handshake: Handshake, diagnosis: Diagnosis | None, now: datetime) -> None:
        """Take note of a handshake; `now` stands in where the log tells no time."""
        at = _unix(handshake.ended_at or now)
        if handshake.outcome is Outcome.FAILED:
            issue = diagnosis.issue if diagnosis else Issue.UNCLASSIFIED
            self.state.failures.setdefault(log, {})[issue.value] = at
        if handshake.peer_chain:
            leaf = handshake.peer_chain[0]
            if leaf.subject and leaf.not_after:
                seen = SeenCertificate(not_after=_unix(leaf.not_after), seen=at)
                self._certificate(log, leaf.subject[:SUBJECT_CHARACTERS], seen)

    def _certificate(self, log: str, subject: str, certificate: SeenCertificate) -> None:
        kept = self.state.certificates.setdefault(log, {})
        kept[subject] = certificate
        oldest = certificate.seen - FORGOTTEN_AFTER.total_seconds()
        for gone in [name for name, one in kept.items() if one.seen < oldest]:
            del kept[gone]
        if len(kept) > SUBJECTS:
            del kept[max(kept, key=lambda name: kept[name].not_after)]

    def gauges(self) -> Increments:
        """Return the gauges of everything remembered."""
        found: Increments = {}
        for log, failures in self.state.failures.items():
            for issue, at in failures.items():
                found["wmtls_last_failure_timestamp_seconds", (log, issue)] = at
        for log, certificates in self.state.certificates.items():
            for subject, one in certificates.items():
                name = "wmtls_peer_certificate_not_after_timestamp_seconds"
                found[name, (log, subject)] = one.not_after
        return found
