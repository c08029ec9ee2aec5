"""A conversation, told line by line."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model.block import Where
from agent.model.events import Event, Happening, Speaker
from agent.model.vocabulary import Dialect

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@dataclass
class Teller:
    """Makes events: each on a line of its own, at a given second of the log."""

    lines: int = 0
    told: list[Event] = field(default_factory=list)

    def __call__(  # noqa: PLR0913  (a test names what it is about, the rest has defaults)
        self,
        what: Happening,
        second: float | None = 0.0,
        *,
        thread: str = "T1",
        jvm: int | None = 1,
        dialect: Dialect = Dialect.JSSE,
        text: str | None = None,
        written: float | None = None,
    ) -> Event:
        """Return the event of the next line; `second` is None where the line has no time.

        `written` is the second that the line's prefix tells, None where it has none.
        """
        self.lines += 1
        event = Event(
            at=Where("wrapper.log", "8:15", 100 * (self.lines - 1), self.lines),
            when=None if second is None else START + timedelta(seconds=second),
            speaker=Speaker(dialect, jvm, thread, thread),
            what=what,
            text=f"line {self.lines}" if text is None else text,
        )
        if event.when is not None and written is not None:
            event = replace(event, clocks=(event.when, START + timedelta(seconds=written)))
        self.told.append(event)
        return event


@pytest.fixture
def tell() -> Callable[..., Event]:
    """Return what makes the events of one log."""
    return Teller()
