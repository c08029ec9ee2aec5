from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.incidents.tracker import Tracker
from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Incident
from agent.model.vocabulary import ActingSide, Confidence, Dialect, Issue, Outcome, Role

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def failed() -> Handshake:
    """Return an outbound call that failed."""
    return Handshake(
        dialect=Dialect.JSSE,
        role=Role.CLIENT,
        outcome=Outcome.FAILED,
        jvm=1,
        thread="main",
        connection=None,
        first=Where("wrapper.log", "dev:1", 100, 3),
        last=Where("wrapper.log", "dev:1", 900, 9),
        started_at=T0,
        ended_at=T0,
        server_name="is.example.com",
    )


@pytest.fixture
def expired() -> Diagnosis:
    """Return what is said of it."""
    return Diagnosis(
        "server_certificate_expired",
        Issue.SERVER_CERTIFICATE_REJECTED,
        "expired",
        Confidence.CERTAIN,
        ActingSide.PEER,
        "The certificate of is.example.com has expired.",
    )


@dataclass
class Story:
    """A log and an agent's clock: what happens by hours and minutes, and what people are told of it.

    A line of the transcript is the minute, the event, the count and the resolution.
    """

    handshake: Handshake
    diagnosis: Diagnosis
    tracker: Tracker = field(default_factory=Tracker)
    now: datetime = T0
    lines: list[str] = field(default_factory=list)
    messages: list[Incident] = field(default_factory=list)
    offset: int = 100

    def fails(self, times: int = 1, *, at: datetime | None = None, **changes: Any) -> None:
        """Let handshakes fail, now or at another time of the log; `changes` are of the handshake."""
        diagnosis = changes.pop("diagnosis", self.diagnosis)
        for _ in range(times):
            self.tracker.observe(changes.get("log", "default"), self.one(at, **changes), diagnosis, self.now)

    def succeeds(self, *, at: datetime | None = None, **changes: Any) -> None:
        """Let a handshake come to its good end."""
        done = self.one(at, outcome=Outcome.COMPLETED, **changes)
        self.tracker.observe(changes.get("log", "default"), done, None, self.now)

    def one(self, at: datetime | None = None, **changes: Any) -> Handshake:
        """Return a handshake further on in the log."""
        self.offset += 100
        changes.pop("log", None)
        when = at or self.now
        first = replace(self.handshake.first, offset=self.offset)
        return replace(self.handshake, **{"first": first, "started_at": when, "ended_at": when, **changes})

    def tell(self, *, behind: bool = False) -> list[str]:
        """Return what is told now, a line for each message, which the transcript keeps too."""
        told = self.tracker.tell(self.now, behind=behind)
        minute = int((self.now - T0) / timedelta(minutes=1))
        lines = [
            f"{minute:>5} {one.event} {one.count}" + (f" {one.resolution}" if one.resolution else "")
            for one in told
        ]
        self.lines += lines
        self.messages += told
        return lines

    def passes(self, minutes: float, *, step: float = 1.0) -> None:
        """Look now, and while time passes every `step` minutes."""
        self.tell()
        end = self.now + timedelta(minutes=minutes)
        while self.now < end:
            self.now += timedelta(minutes=step)
            self.tell()


@pytest.fixture
def story(failed: Handshake, expired: Diagnosis) -> Story:
    """Return a story that has not begun."""
    return Story(failed, expired)


@pytest.fixture
def again(failed: Handshake, expired: Diagnosis) -> Callable[[Tracker], Story]:
    """Return a story that goes on with another tracker."""
    return lambda tracker: Story(failed, expired, tracker)
