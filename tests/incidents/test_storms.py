from datetime import datetime, timedelta
from typing import Any

import pytest

from agent.incidents.life import Life
from agent.incidents.storms import BUDGET, WINDOW, begun, within_budget
from agent.model.incident import Part, Summary
from agent.model.vocabulary import IncidentEvent, Issue, Resolution, Role, Severity

T0 = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
MINUTE = timedelta(minutes=1)
Story = Any  # of conftest.py, which cannot be imported


def life(issue: Issue, cause: str, other: str | None, count: int) -> Life:
    """Return an incident that nobody heard of."""
    return Life("default", issue, cause, Role.CLIENT, other, "i", count, T0, T0 + MINUTE, T0, T0)


def test_the_budget_comes_back_with_time() -> None:
    """So many openings within the window; one that is older than that counts no more."""
    openings = [T0 + n * MINUTE / 10 for n in range(BUDGET)]
    assert not within_budget(openings, T0 + WINDOW - MINUTE)
    assert within_budget(openings, T0 + WINDOW)
    assert len(openings) == BUDGET - 1


def test_a_storm_adds_up_what_is_in_it() -> None:
    """Kinds and failures by issue and cause, the most frequent first, with examples of the other sides."""
    storm = begun(life(Issue.SNI, "undetermined", "server_name a", 1), T0)
    for n in range(5):
        storm.join(life(Issue.SNI, "undetermined", f"server_name {n % 4}", 2), T0)
    unnamed = life(Issue.LOCAL_CONFIGURATION, "truststore_empty", None, 1)
    storm.join(unnamed, T0)
    for _ in range(20):
        storm.failed(unnamed)
    message = storm.told(IncidentEvent.OPENED, T0)
    assert message.summary == Summary(
        kinds=6,
        failures=31,
        parts=(
            Part(Issue.LOCAL_CONFIGURATION, "truststore_empty", 1, 21),
            Part(Issue.SNI, "undetermined", 5, 10, ("0", "1", "2")),
        ),
    )
    assert (message.count, message.severity, message.first_seen) == (31, Severity.CRITICAL, T0)


@pytest.mark.parametrize(
    ("minutes", "failures", "event"),
    [(0.5, 1, None), (1, 0, None), (1, 1, IncidentEvent.UPDATED)],
)
def test_when_a_storm_is_told_again(minutes: float, failures: int, event: IncidentEvent | None) -> None:
    """After a minute, if there was more."""
    one = life(Issue.SNI, "undetermined", None, 1)
    storm = begun(one, T0)
    storm.join(one, T0)
    assert storm.event_due(T0) is IncidentEvent.OPENED
    storm.told(IncidentEvent.OPENED, T0)
    for _ in range(failures):
        storm.failed(one)
    assert storm.event_due(T0 + minutes * MINUTE) is event


def test_many_kinds_become_one_summary(story: Story) -> None:
    """Five hundred partners fail at once: twenty messages and one, and a summary that goes on and ends."""
    for round_ in range(3):
        for n in range(500):
            story.fails(server_name=f"host-{n}.example.com")
        assert len(story.tell()) == (21, 1, 0)[round_]
        story.passes(2)
    del story.lines[:20]
    story.passes(5 * 60)
    assert [line for line in story.lines if not line.endswith((" 3", " 3 quiet"))] == [
        "    0 opened 480",
        "    2 updated 960",
        "    7 updated 1440",
        "  245 resolved 1440 quiet",
    ]
    assert story.lines.count("    5 updated 3") == story.lines.count("  245 resolved 3 quiet") == 20
    storm = story.messages[-1]
    assert storm.summary == Summary(
        480,
        1440,
        (
            Part(
                Issue.SERVER_CERTIFICATE_REJECTED,
                "expired",
                480,
                1440,
                ("host-20.example.com", "host-21.example.com", "host-22.example.com"),
            ),
        ),
    )
    assert storm.resolution is Resolution.QUIET


def test_what_fails_on_after_a_storm_is_told_by_itself(story: Story) -> None:
    """When few are left the storm is over, and whoever fails then has a message of its own."""
    for n in range(25):
        story.fails(server_name=f"host-{n}.example.com")
    story.tell()
    assert story.lines[-1] == "    0 opened 5"
    story.passes(31)
    assert story.lines[-1] == "   31 resolved 5 quiet"
    story.fails(server_name="host-24.example.com")
    assert story.tell() == ["   31 opened 2"]
    story.succeeds(server_name="host-23.example.com")
    assert story.tell() == []


def test_a_storm_in_one_log_is_none_in_another(story: Story) -> None:
    """Each log has its own budget."""
    for n in range(25):
        story.fails(server_name=f"host-{n}.example.com")
    story.fails(log="second")
    assert len(story.tell()) == 22
