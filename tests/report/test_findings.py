from dataclasses import replace
from datetime import timedelta

import pytest

from agent.model.diagnosis import Diagnosis
from agent.model.events import Certificate, Failed, Throwable
from agent.model.handshake import Handshake
from agent.model.vocabulary import Confidence, Depth, Issue, Outcome, Role
from agent.report.findings import Collector, Findings, Group, Peaceful, other_side


def told(collector: Collector) -> Findings:
    """Return what a collector holds."""
    return collector.findings(files=("a",), bytes=1, lines=1, depth=Depth.FULL, dialects=())


def test_alike_failures_are_told_once(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """They are counted, with the times of the first and the last."""
    assert handshake.started_at is not None
    earlier = replace(handshake, started_at=handshake.started_at - timedelta(hours=1))
    collector = Collector()
    collector.add(handshake, diagnosis)
    collector.add(earlier, diagnosis)
    assert told(collector).groups == (Group(2, earlier.started_at, handshake.ended_at, handshake, diagnosis),)


@pytest.mark.parametrize(
    "changes",
    [
        {"server_name": "other.example.com"},
        {"role": Role.SERVER},
        {"failures": (Failed((Throwable("X", "something else"),)),)},
    ],
)
def test_what_differs_is_told_apart(
    changes: dict[str, object], handshake: Handshake, diagnosis: Diagnosis
) -> None:
    """Role, other side and innermost exception each make a failure one of another kind."""
    collector = Collector()
    collector.add(handshake, diagnosis)
    collector.add(replace(handshake, **changes), diagnosis)  # type: ignore[arg-type]  # a table of changes
    assert [group.count for group in told(collector).groups] == [1, 1]


def test_numbers_and_letter_case_make_no_new_kind(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Ports, delays and the version bytes of garbage differ each time."""
    collector = Collector()
    for number, name in enumerate(("a.example", "A.EXAMPLE")):
        failure = Failed((Throwable("X", f"Unsupported record version Unknown-{number}.{number}"),))
        collector.add(replace(handshake, server_name=name, failures=(failure,)), diagnosis)
    assert [group.count for group in told(collector).groups] == [2]


def test_the_most_frequent_kind_comes_first(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Kinds and issues are sorted by how often they were seen."""
    collector = Collector()
    collector.add(handshake, replace(diagnosis, issue=Issue.SNI))
    for _ in range(2):
        collector.add(handshake, diagnosis)
    found = told(collector)
    assert [group.diagnosis.issue for group in found.groups] == [diagnosis.issue, Issue.SNI]
    assert list(found.failures.items()) == [(diagnosis.issue, 2), (Issue.SNI, 1)]
    assert found.outcomes == {Outcome.COMPLETED: 0, Outcome.FAILED: 3, Outcome.INCOMPLETE: 0}


def test_the_surest_failure_is_the_example(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """A failure seen in full tells more than one whose beginning was cut off."""
    sure = replace(diagnosis, confidence=Confidence.CERTAIN)
    collector = Collector()
    for one in (diagnosis, sure, diagnosis):
        collector.add(handshake, one)
    assert [(group.count, group.diagnosis) for group in told(collector).groups] == [(3, sure)]


def test_memory_is_bounded(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """What is beyond the limit is counted and not kept."""
    collector = Collector(max_groups=2, keep_peaceful=True)
    for number in range(5):
        failed = replace(handshake, server_name=f"{number}.example")
        collector.add(failed, diagnosis)
        collector.add(replace(failed, outcome=Outcome.COMPLETED), None)
    found = told(collector)
    assert (len(found.groups), found.ungrouped, len(found.peaceful)) == (2, 3, 2)
    assert (found.failures, found.outcomes[Outcome.COMPLETED]) == ({diagnosis.issue: 5}, 5)


def test_what_did_not_fail_is_kept_where_asked(handshake: Handshake) -> None:
    """Alike ones are counted together."""
    collector = Collector(keep_peaceful=True)
    for _ in range(2):
        collector.add(replace(handshake, outcome=Outcome.COMPLETED), None)
    assert told(collector).peaceful == (
        Peaceful(Outcome.COMPLETED, Role.CLIENT, "is.example.com", "TLSv1.2", None, 2),
    )


def test_times_are_none_without_a_clock(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """Some dialects print no time; one that does later fills the gap."""
    collector = Collector()
    collector.add(replace(handshake, started_at=None, ended_at=None), diagnosis)
    assert (collector.first_seen, collector.last_seen) == (None, None)
    collector.add(replace(handshake, started_at=None), diagnosis)
    group = told(collector).groups[0]
    assert (group.first_seen, group.last_seen) == (handshake.ended_at, handshake.ended_at)


def test_the_other_side_is_known_by_what_stays_the_same(handshake: Handshake) -> None:
    """A client's port is new each time, and the name it asks for is ours."""
    server = replace(handshake, role=Role.SERVER)
    nameless = replace(server, peer_chain=())
    assert [
        other_side(one)
        for one in (
            handshake,
            replace(handshake, server_name=None),
            replace(handshake, server_name=None, peer=None),
            replace(server, peer_chain=(Certificate(subject="CN=partner"),)),
            nameless,
            replace(nameless, peer=None),
            replace(nameless, peer=None, server_name=None),
        )
    ] == [
        "is.example.com",
        "192.0.2.7:443",
        "CN=is.example.com",
        "CN=partner",
        "192.0.2.7",
        "is.example.com",
        None,
    ]
