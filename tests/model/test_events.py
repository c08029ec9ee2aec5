from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent.model.block import Where
from agent.model.events import Event, Speaker, Started
from agent.model.vocabulary import Dialect


def test_when_a_line_was_written() -> None:
    """The prefix tells when a line was written, else the record itself, if anything does."""
    record = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    prefix = record + timedelta(hours=1)
    bare = Event(
        Where("wrapper.log", "1", 0, 1), record, Speaker(Dialect.JSSE, 1, "main", "main"), Started(), ""
    )
    lines = (bare, replace(bare, clocks=(record, prefix)), replace(bare, when=None))
    assert [event.written for event in lines] == [record, prefix, None]
