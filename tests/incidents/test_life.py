"""The life of one incident, told as transcripts: minute, event, count, why it is over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agent.incidents.life import Life, ended, event_due, is_forgotten, next_look, settled
from agent.model.vocabulary import Issue, Resolution, Role

HOUR = 60
Story = Any  # of conftest.py, which cannot be imported


def test_it_goes_on_and_is_told_less_and_less(story: Story) -> None:
    """A failure each minute for two days: seven messages."""
    for _ in range(48 * HOUR):
        story.fails()
        story.passes(1)
    assert story.lines == [
        "    0 opened 1",
        "    5 updated 5",
        "   35 updated 35",
        "  155 updated 155",
        "  395 updated 395",
        "  875 updated 875",
        " 2315 updated 2315",
    ]
    assert len({one.id for one in story.messages}) == 7
    assert {one.incident for one in story.messages} == {story.messages[0].id}


def test_nothing_new_is_not_told(story: Story) -> None:
    """Without another failure there is no update, and after four hours it is over."""
    story.fails()
    story.passes(6 * HOUR)
    assert story.lines == ["    0 opened 1", "  241 resolved 1 quiet"]


def test_a_success_ends_it(story: Story) -> None:
    """The first success with the same other side resolves it at once, with all that was counted."""
    story.fails(3)
    story.passes(1)
    story.succeeds()
    story.passes(1)
    assert story.lines == ["    0 opened 3", "    1 resolved 3 success"]


def test_it_returns(story: Story) -> None:
    """A failure within a day reopens it, under the same incident; a later one is another."""
    story.fails()
    story.passes(1)
    story.succeeds()
    story.passes(HOUR)
    story.fails()
    story.passes(5 * HOUR)
    assert story.lines == [
        "    0 opened 1",
        "    1 resolved 1 success",
        "   61 reopened 2",
        "  302 resolved 2 quiet",
    ]
    assert len({one.incident for one in story.messages}) == 1
    story.passes(25 * HOUR, step=30)
    story.fails()
    story.tell()
    assert story.messages[-1].event == "opened"
    assert story.messages[-1].count == 1
    assert len({one.incident for one in story.messages}) == 2


def test_what_flaps_is_told_less_and_less(story: Story) -> None:
    """A failure and a success each minute for a day: once it has come back a success has to last."""
    for _ in range(24 * HOUR):
        story.fails()
        story.tell()
        story.succeeds()
        story.passes(1)
    assert story.lines == [
        "    0 opened 1",
        "    0 resolved 1 success",
        "    1 reopened 2",
        "    6 updated 6",
        "   36 updated 36",
        "  156 updated 156",
        "  396 updated 396",
        "  876 updated 876",
    ]
    story.passes(10)
    assert story.lines[-1] == " 1444 resolved 1440 success"


def test_what_was_over_before_anybody_heard_is_told_once(story: Story) -> None:
    """A day of a backlog, read in one turn: one message, which says that it is over."""
    long_ago = story.now - timedelta(days=3)
    for hour in range(24):
        story.fails(at=long_ago + timedelta(hours=hour))
        story.succeeds(at=long_ago + timedelta(hours=hour, minutes=30))
    story.succeeds(at=story.now, server_name="other.example.com")
    story.passes(2 * HOUR)
    assert story.lines == ["    0 resolved 24 success"]


def test_a_backlog_that_ends_in_failures_is_open(story: Story) -> None:
    """Nothing in the log says that it is over, however old its times are: a clock may be wrong."""
    story.fails(2, at=story.now - timedelta(days=3))
    story.passes(2 * HOUR)
    assert story.lines == ["    0 opened 2"]


def test_a_log_whose_clock_is_wrong_lives_like_any_other(story: Story) -> None:
    """Times nine hours off in either direction pace nothing: people's patience does."""
    for hours in (-9, 9):
        story.fails(at=story.now + timedelta(hours=hours))
        story.passes(1)
        story.fails(at=story.now + timedelta(hours=hours))
        story.passes(5 * HOUR)
        story.passes(25 * HOUR, step=60)
    assert story.lines == [
        "    0 opened 1",
        "    5 updated 2",
        "  242 resolved 2 quiet",
        " 1801 opened 1",
        " 1806 updated 2",
        " 2043 resolved 2 quiet",
    ]


def test_a_clock_that_leaps_is_another_clock(story: Story) -> None:
    """Ten years from one handshake to the next are no backlog: nothing was quiet for so long."""
    story.fails(at=story.now - timedelta(days=3650))
    story.succeeds(server_name="other.example.com")
    story.passes(1)
    assert story.lines == ["    0 opened 1"]


def test_a_handshake_without_a_time_sets_no_clock(story: Story) -> None:
    """A failure of yesterday is not over because an undated handshake is read today."""
    story.fails(at=story.now - timedelta(days=1))
    story.succeeds(server_name="other.example.com", ended_at=None)
    story.passes(1)
    assert story.lines == ["    0 opened 1"]


def test_a_log_without_a_clock_is_dated_by_the_agents(story: Story) -> None:
    """The same goes for a clock that cannot be."""
    story.fails(ended_at=None)
    story.fails(ended_at=story.now + timedelta(days=400))
    story.tell()
    assert (story.messages[0].first_seen, story.messages[0].last_seen) == (story.now, story.now)


@pytest.fixture
def life() -> Life:
    """Return an incident that was never told."""
    at = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
    return Life("default", Issue.SNI, "undetermined", Role.CLIENT, None, "i", 1, at, at, at, at)


def test_without_an_example_nothing_is_told(life: Life) -> None:
    """What was in a storm that is over waits for its next failure."""
    assert event_due(life, life.noticed, life.last_seen) is None


def test_a_failure_that_never_ends_is_begun_anew(life: Life) -> None:
    """After thirty days it is closed, and not for a success."""
    now = life.began + timedelta(days=30, minutes=1)
    fresh = Life(
        *(life.log, life.issue, life.cause, life.role, life.other_side, life.incident, 9),
        *(life.first_seen, now, life.began, now),
    )
    assert settled(fresh, now, now).resolution is Resolution.FORGOTTEN


def test_the_end_is_remembered_for_a_day(life: Life) -> None:
    """So long a failure makes it the same incident."""
    over = ended(life, Resolution.SUCCESS, life.noticed)
    assert next_look(over) == life.noticed + timedelta(days=1)
    assert not is_forgotten(over, life.noticed + timedelta(days=1))
    assert is_forgotten(over, life.noticed + timedelta(days=1, seconds=1))
