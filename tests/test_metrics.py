"""The table of metrics, and what outcomes add to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent import metrics
from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.metric import MetricKind
from agent.model.vocabulary import (
    CAUSES,
    ActingSide,
    Confidence,
    Depth,
    Dialect,
    Issue,
    JvmEvent,
    Leak,
    Outcome,
    Problem,
    Role,
    WatchMode,
)

AT = datetime(2026, 11, 23, 7, 25, tzinfo=UTC)
HERE = Where(file="wrapper.log", identity="1", offset=0, line=1)
COMPLETED = Handshake(
    dialect=Dialect.JSSE,
    role=Role.CLIENT,
    outcome=Outcome.COMPLETED,
    jvm=1,
    thread="main",
    connection=None,
    first=HERE,
    last=HERE,
    started_at=AT,
    ended_at=AT + timedelta(seconds=0.2),
    protocol="TLSv1.2",
)
EXPIRED = Diagnosis(
    entry="x",
    issue=Issue.SERVER_CERTIFICATE_REJECTED,
    cause="expired",
    confidence=Confidence.CERTAIN,
    acting_side=ActingSide.PEER,
    summary="The certificate has expired.",
)

CONTRACT = {
    "wmtls_handshakes_total": ("counter", "log dialect role"),
    "wmtls_handshake_failures_total": ("counter", "log issue role dialect"),
    "wmtls_handshake_failure_causes_total": ("counter", "log issue cause"),
    "wmtls_handshakes_incomplete_total": ("counter", "log dialect"),
    "wmtls_handshakes_open": ("gauge", "log"),
    "wmtls_handshake_duration_seconds": ("histogram", "log role"),
    "wmtls_negotiated_total": ("counter", "log role protocol"),
    "wmtls_peer_certificate_not_after_timestamp_seconds": ("gauge", "log subject"),
    "wmtls_last_failure_timestamp_seconds": ("gauge", "log issue"),
    "wmtls_incidents_open": ("gauge", "issue"),
    "wmtls_incidents_evicted_total": ("counter", ""),
    "wmtls_operational_incidents_open": ("gauge", "trouble"),
    "wmtls_log_bytes_read_total": ("counter", "log"),
    "wmtls_log_lines_read_total": ("counter", "log"),
    "wmtls_log_rotations_total": ("counter", "log"),
    "wmtls_log_truncations_total": ("counter", "log"),
    "wmtls_log_gaps_total": ("counter", "log"),
    "wmtls_log_lag_bytes": ("gauge", "log"),
    "wmtls_log_last_read_timestamp_seconds": ("gauge", "log"),
    "wmtls_debug_depth": ("gauge", "log"),
    "wmtls_debug_leaking": ("gauge", "log leak"),
    "wmtls_log_problems": ("gauge", "log problem"),
    "wmtls_watched_directories": ("gauge", "mode"),
    "wmtls_deliveries_total": ("counter", "receiver"),
    "wmtls_delivery_failures_total": ("counter", "receiver reason"),
    "wmtls_delivery_compacted_total": ("counter", "receiver"),
    "wmtls_delivery_queue_length": ("gauge", "receiver"),
    "wmtls_delivery_oldest_timestamp_seconds": ("gauge", "receiver"),
    "wmtls_jvm_events_total": ("counter", "log event"),
    "wmtls_build_info": ("gauge", "version revision python_version"),
}


def test_the_table_is_what_outsiders_rely_on() -> None:
    """Names, types and labels are fixed; a change breaks dashboards and alert rules."""
    assert {
        name: (metric.kind.value, " ".join(metric.labels)) for name, metric in metrics.METRICS.items()
    } == CONTRACT


def test_each_help_is_a_sentence_of_its_own() -> None:
    """A stranger reads HELP first; it ends in a full stop and is not copied from a neighbour."""
    texts = [metric.help for metric in metrics.METRICS.values()]
    assert len(set(texts)) == len(texts)
    assert [text for text in texts if not text.endswith(".") or len(text) < 20] == []


def test_every_counter_is_there_from_the_start() -> None:
    """Each combination that the domain allows stands at zero, for each log and receiver."""
    start = metrics.initial(["a", "b"], ["ops"], ["timeout"])
    causes = sum(len(one) for one in CAUSES.values())
    per_log = {
        "wmtls_handshakes_total": 4 * 3,
        "wmtls_handshake_failures_total": 12 * 3 * 4,
        "wmtls_handshake_failure_causes_total": causes,
        "wmtls_handshakes_incomplete_total": 4,
        "wmtls_handshake_duration_seconds_bucket": 3 * len(metrics.BUCKETS),
        "wmtls_handshake_duration_seconds_sum": 3,
        "wmtls_handshake_duration_seconds_count": 3,
        "wmtls_negotiated_total": 3 * 7,
        "wmtls_log_bytes_read_total": 1,
        "wmtls_log_lines_read_total": 1,
        "wmtls_log_rotations_total": 1,
        "wmtls_log_truncations_total": 1,
        "wmtls_log_gaps_total": 1,
        "wmtls_jvm_events_total": 4,
    }
    counted: dict[str, int] = {}
    for name, _ in start:
        counted[name] = counted.get(name, 0) + 1
    assert counted == {name: 2 * count for name, count in per_log.items()} | {
        "wmtls_deliveries_total": 1,
        "wmtls_delivery_compacted_total": 1,
        "wmtls_delivery_failures_total": 1,
        "wmtls_incidents_evicted_total": 1,
    }
    assert set(start.values()) == {0.0}
    assert ("wmtls_handshake_failure_causes_total", ("a", "sni", "name_not_sent")) in start
    assert ("wmtls_handshake_failure_causes_total", ("a", "sni", "expired")) not in start


def test_every_gauge_is_there_from_the_start() -> None:
    """Gauges with closed labels stand at zero; those of certificates and the build come with their values."""
    start = metrics.initial_gauges(["a"], ["ops"])
    assert {name for name, _ in start} == {
        name
        for name, metric in metrics.METRICS.items()
        if metric.kind is MetricKind.GAUGE and not {"subject", "version"} & set(metric.labels)
    }
    assert len(start) == 4 + 2 + 2 + 3 + 2 + 2 * 12 + 7


def test_a_completed_handshake_is_counted_with_its_protocol_and_duration() -> None:
    """Each bucket from the duration upwards gets one."""
    buckets = {
        ("wmtls_handshake_duration_seconds_bucket", ("a", "client", bound)): 1.0
        for bound in ("0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf")
    }
    assert metrics.count_handshake("a", COMPLETED, None) == buckets | {
        ("wmtls_handshakes_total", ("a", "jsse", "client")): 1.0,
        ("wmtls_negotiated_total", ("a", "client", "TLSv1.2")): 1.0,
        ("wmtls_handshake_duration_seconds_sum", ("a", "client")): 0.2,
        ("wmtls_handshake_duration_seconds_count", ("a", "client")): 1.0,
    }


@pytest.mark.parametrize("protocol", [None, "TLSv9"])
def test_an_unknown_protocol_is_other(protocol: str | None) -> None:
    """The set of label values stays closed whatever the log says."""
    found = metrics.count_handshake("a", replace(COMPLETED, protocol=protocol, ended_at=None), None)
    assert found == {
        ("wmtls_handshakes_total", ("a", "jsse", "client")): 1.0,
        ("wmtls_negotiated_total", ("a", "client", "other")): 1.0,
    }


def test_a_failed_handshake_is_counted_three_times_over() -> None:
    """As a handshake, as a failure of its issue, and with its cause."""
    assert metrics.count_handshake("a", replace(COMPLETED, outcome=Outcome.FAILED), EXPIRED) == {
        ("wmtls_handshakes_total", ("a", "jsse", "client")): 1.0,
        ("wmtls_handshake_failures_total", ("a", "server_certificate_rejected", "client", "jsse")): 1.0,
        ("wmtls_handshake_failure_causes_total", ("a", "server_certificate_rejected", "expired")): 1.0,
    }


def test_a_failed_handshake_without_a_diagnosis_is_unclassified() -> None:
    """It is counted all the same."""
    found = metrics.count_handshake("a", replace(COMPLETED, outcome=Outcome.FAILED), None)
    assert ("wmtls_handshake_failure_causes_total", ("a", "unclassified", "undetermined")) in found


def test_an_incomplete_handshake_is_no_handshake() -> None:
    """Incomplete is never failed, and not in the total that failures are divided by."""
    found = metrics.count_handshake("a", replace(COMPLETED, outcome=Outcome.INCOMPLETE), None)
    assert found == {("wmtls_handshakes_incomplete_total", ("a", "jsse")): 1.0}


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        (AT, AT + timedelta(seconds=3), 3.0),
        (AT, AT - timedelta(hours=1), 0.0),
        (None, AT, None),
        (AT, None, None),
        (AT, AT.replace(tzinfo=None), None),
    ],
)
def test_a_duration_survives_odd_clocks(
    start: datetime | None, end: datetime | None, seconds: float | None
) -> None:
    """A clock set back gives nought; a time that cannot be compared gives no duration."""
    assert metrics.duration(replace(COMPLETED, started_at=start, ended_at=end)) == seconds


def test_the_other_counters_and_gauges() -> None:
    """Each reading becomes the series of its table row."""
    assert metrics.count_jvm_event("a", JvmEvent.HUNG) == {("wmtls_jvm_events_total", ("a", "hung")): 1.0}
    assert metrics.count_reading("a", read_bytes=10, lines=2, gaps=1) == {
        ("wmtls_log_bytes_read_total", ("a",)): 10.0,
        ("wmtls_log_lines_read_total", ("a",)): 2.0,
        ("wmtls_log_gaps_total", ("a",)): 1.0,
    }
    assert metrics.count_delivery("ops") == {("wmtls_deliveries_total", ("ops",)): 1.0}
    assert metrics.count_delivery("ops", "timeout") == {
        ("wmtls_deliveries_total", ("ops",)): 1.0,
        ("wmtls_delivery_failures_total", ("ops", "timeout")): 1.0,
    }
    assert metrics.gauge_log("a", open_handshakes=2, lag_bytes=-1, last_read=AT, depth=Depth.FULL) == {
        ("wmtls_handshakes_open", ("a",)): 2.0,
        ("wmtls_log_lag_bytes", ("a",)): 0.0,
        ("wmtls_log_last_read_timestamp_seconds", ("a",)): AT.timestamp(),
        ("wmtls_debug_depth", ("a",)): 2.0,
    }
    assert metrics.gauge_leaks("a", [Leak.KEYS]) == {
        ("wmtls_debug_leaking", ("a", "plaintext")): 0.0,
        ("wmtls_debug_leaking", ("a", "keys")): 1.0,
    }
    assert metrics.gauge_problems("a", {Problem.HUNG: 2}) == {
        ("wmtls_log_problems", ("a", "missing")): 0.0,
        ("wmtls_log_problems", ("a", "unreadable")): 0.0,
        ("wmtls_log_problems", ("a", "hung")): 2.0,
    }
    assert metrics.gauge_watched({WatchMode.POLLING: 1}) == {
        ("wmtls_watched_directories", ("inotify",)): 0.0,
        ("wmtls_watched_directories", ("polling",)): 1.0,
    }
    assert metrics.gauge_receiver("ops", queue_length=0, oldest=None) == {
        ("wmtls_delivery_queue_length", ("ops",)): 0.0,
        ("wmtls_delivery_oldest_timestamp_seconds", ("ops",)): 0.0,
    }
    assert metrics.gauge_incidents({Issue.SNI: 3})["wmtls_incidents_open", ("sni",)] == 3.0


def test_what_is_counted_was_there_at_zero() -> None:
    """No outcome makes a series that the start did not have."""
    start = metrics.initial(["a"], ["ops"], ["timeout"])
    outcomes = [
        metrics.count_handshake("a", replace(COMPLETED, role=role, dialect=dialect, outcome=outcome), EXPIRED)
        for role in Role
        for dialect in Dialect
        for outcome in Outcome
    ]
    outcomes += [metrics.count_jvm_event("a", event) for event in JvmEvent]
    outcomes.append(metrics.count_delivery("ops", "timeout"))
    outcomes.append(metrics.count_reading("a", read_bytes=1, lines=1, rotations=1, truncations=1, gaps=1))
    assert set(metrics.total(outcomes)) <= set(start)


def test_strangers_are_told_apart() -> None:
    """A name, a number of labels or a value that the table does not know is a stranger."""
    known = [
        *metrics.initial(["a"], ["ops"], ["timeout"]),
        *metrics.initial_gauges(["a"], ["ops"]),
        ("wmtls_peer_certificate_not_after_timestamp_seconds", ("a", "CN=x")),
    ]
    assert metrics.strangers(known) == ()
    odd = [
        ("wmtls_cats_total", ("a",)),
        ("wmtls_handshakes_open", ("a", "b")),
        ("wmtls_incidents_open", ("bad weather",)),
        ("wmtls_handshake_failure_causes_total", ("a", "sni", "expired")),
    ]
    assert metrics.strangers(odd) == tuple(odd)


def test_increments_add_up() -> None:
    """Series of equal name and labels are one."""
    series = ("wmtls_deliveries_total", ("ops",))
    assert metrics.total([{series: 1.0}, {series: 2.0}, {}]) == {series: 3.0}
