"""Every metric in one table, and what each outcome adds to it. Pure.

`METRICS` is the table; `initial` and `initial_gauges` give each combination of closed-set labels at zero, so
that `rate()` and `increase()` see the first event; the `count_*` functions turn an outcome into increments
and the `gauge_*` functions a reading into values. Base units: seconds, bytes, unix time.

The module is longer than most because the table is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from types import MappingProxyType

from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.metric import Metric, MetricKind
from agent.model.series import Increments, Series
from agent.model.tls import VERSIONS
from agent.model.vocabulary import (
    CAUSES,
    Depth,
    Dialect,
    Issue,
    JvmEvent,
    Leak,
    Outcome,
    Problem,
    Role,
    Trouble,
    WatchMode,
)

OTHER = "other"
"""Value of the label `protocol` for a version that the log does not tell or the registry does not know."""

BUCKETS = ("0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf")
"""Upper bounds of a handshake's duration: from one within a machine room to the usual time limits."""

_C, _G, _H = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric(
                "wmtls_handshakes_total",
                _C,
                ("log", "dialect", "role"),
                "TLS handshakes that came to an end, completed or failed, "
                "by debug dialect and the server's role in them.",
            ),
            Metric(
                "wmtls_handshake_failures_total",
                _C,
                ("log", "issue", "role", "dialect"),
                "TLS handshakes that failed, by what went wrong; each is in wmtls_handshakes_total too.",
            ),
            Metric(
                "wmtls_handshake_failure_causes_total",
                _C,
                ("log", "issue", "cause"),
                "TLS handshakes that failed, by what went wrong and why, as far as the log proves it.",
            ),
            Metric(
                "wmtls_handshakes_incomplete_total",
                _C,
                ("log", "dialect"),
                "TLS handshakes whose end was never seen (time limit, JVM restart, too many open); "
                "neither completed nor failed.",
            ),
            Metric("wmtls_handshakes_open", _G, ("log",), "TLS handshakes begun and not ended yet."),
            Metric(
                "wmtls_handshake_duration_seconds",
                _H,
                ("log", "role"),
                "Time from first to last record of a completed TLS handshake, by the clock in the log.",
            ),
            Metric(
                "wmtls_negotiated_total",
                _C,
                ("log", "role", "protocol"),
                'Completed TLS handshakes by negotiated protocol version; "other" where the log tells none.',
            ),
            Metric(
                "wmtls_peer_certificate_not_after_timestamp_seconds",
                _G,
                ("log", "subject"),
                "Unix time at which the certificate of the other side expires; "
                "the hundred that expire soonest for each log.",
            ),
            Metric(
                "wmtls_last_failure_timestamp_seconds",
                _G,
                ("log", "issue"),
                "Unix time of the last failed TLS handshake, by what went wrong; 0 if none was seen.",
            ),
            Metric("wmtls_incidents_open", _G, ("issue",), "Incidents that are not resolved yet."),
            Metric(
                "wmtls_operational_incidents_open",
                _G,
                ("trouble",),
                "Troubles of the agent itself that people were told of and that are not over.",
            ),
            Metric(
                "wmtls_incidents_evicted_total",
                _C,
                (),
                "Open incidents that were forgotten because too many were open at once.",
            ),
            Metric("wmtls_log_bytes_read_total", _C, ("log",), "Bytes read of the log."),
            Metric("wmtls_log_lines_read_total", _C, ("log",), "Lines read of the log."),
            Metric(
                "wmtls_log_rotations_total", _C, ("log",), "Times that the log was replaced by a new file."
            ),
            Metric("wmtls_log_truncations_total", _C, ("log",), "Times that the log was cut in place."),
            Metric(
                "wmtls_log_gaps_total",
                _C,
                ("log",),
                "Times that a piece of the log was gone before it could be read.",
            ),
            Metric("wmtls_log_lag_bytes", _G, ("log",), "Bytes of the log that wait to be read."),
            Metric(
                "wmtls_log_last_read_timestamp_seconds",
                _G,
                ("log",),
                "Unix time at which the last bytes of the log were read; 0 if none were.",
            ),
            Metric(
                "wmtls_debug_depth",
                _G,
                ("log",),
                "How much TLS debug text the log holds: 0 none, 1 alerts and exceptions only, "
                "2 handshake messages too.",
            ),
            Metric(
                "wmtls_debug_leaking",
                _G,
                ("log", "leak"),
                "1 if the TLS debug text holds secrets: decrypted application data (plaintext), "
                "or session keys (keys).",
            ),
            Metric(
                "wmtls_log_problems",
                _G,
                ("log", "problem"),
                "Files of the log that are not there (missing), cannot be read (unreadable), or whose file "
                "system does not answer (hung).",
            ),
            Metric(
                "wmtls_watched_directories",
                _G,
                ("mode",),
                "Directories of logs by how changes are noticed: the kernel tells (inotify), or a look each "
                "quarter of a second (polling).",
            ),
            Metric(
                "wmtls_deliveries_total",
                _C,
                ("receiver",),
                "Attempts to send an incident to a receiver, successful or not.",
            ),
            Metric(
                "wmtls_delivery_failures_total",
                _C,
                ("receiver", "reason"),
                "Attempts to send an incident that failed, by why; each is in wmtls_deliveries_total too, "
                "but for messages given up without another attempt.",
            ),
            Metric(
                "wmtls_delivery_compacted_total",
                _C,
                ("receiver",),
                "Messages that waited for long and were not sent: a later one tells all that they told.",
            ),
            Metric(
                "wmtls_delivery_queue_length",
                _G,
                ("receiver",),
                "Incidents that wait to be sent to a receiver.",
            ),
            Metric(
                "wmtls_delivery_oldest_timestamp_seconds",
                _G,
                ("receiver",),
                "Unix time since which the oldest waiting incident waits; 0 if none does.",
            ),
            Metric(
                "wmtls_jvm_events_total",
                _C,
                ("log", "event"),
                "What the wrapper reported of the JVM: restart, hung, out_of_memory, thread_dump.",
            ),
            Metric(
                "wmtls_build_info",
                _G,
                ("version", "revision", "python_version"),
                "Always 1; the labels tell which build of the agent runs.",
            ),
        )
    }
)


def _series_of(metric: Metric) -> dict[str, tuple[str, ...]]:
    if metric.kind is not MetricKind.HISTOGRAM:
        return {metric.name: metric.labels}
    return {
        f"{metric.name}_bucket": (*metric.labels, "le"),
        f"{metric.name}_sum": metric.labels,
        f"{metric.name}_count": metric.labels,
    }


SERIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: labels for metric in METRICS.values() for name, labels in _series_of(metric).items()}
)
"""Label names of every series name; a histogram has three."""

CLOSED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dialect": tuple(Dialect),
        "role": tuple(Role),
        "issue": tuple(Issue),
        "cause": tuple(sorted({cause for causes in CAUSES.values() for cause in causes})),
        "protocol": (*VERSIONS, OTHER),
        "event": tuple(JvmEvent),
        "leak": tuple(Leak),
        "problem": tuple(Problem),
        "mode": tuple(WatchMode),
        "trouble": tuple(Trouble),
        "le": BUCKETS,
    }
)
"""Values of the labels whose set is closed."""

_DEPTHS = MappingProxyType({Depth.NONE: 0.0, Depth.SHALLOW: 1.0, Depth.FULL: 2.0})


def _possible(names: tuple[str, ...], values: tuple[str, ...]) -> bool:
    """Tell whether the domain allows these label values together: a cause belongs to its issue."""
    labels = dict(zip(names, values, strict=True))
    return "cause" not in labels or labels["cause"] in CAUSES[Issue(labels["issue"])]


def _zeros(metrics: Iterable[Metric], known: Mapping[str, Sequence[str]]) -> Increments:
    """Return each combination of known label values at zero; metrics with an open label have none."""
    return {
        (name, values): 0.0
        for metric in metrics
        for name, labels in _series_of(metric).items()
        if all(label in known for label in labels)
        for values in product(*(known[label] for label in labels))
        if _possible(labels, values)
    }


def initial(logs: Sequence[str], receivers: Sequence[str], reasons: Sequence[str]) -> Increments:
    """Return every counter at zero; `reasons` are the words a delivery can fail for."""
    counters = (metric for metric in METRICS.values() if metric.kind is not MetricKind.GAUGE)
    return _zeros(counters, {**CLOSED, "log": logs, "receiver": receivers, "reason": reasons})


def initial_gauges(logs: Sequence[str], receivers: Sequence[str]) -> Increments:
    """Return every gauge at zero, but for those of certificates, which have no closed set."""
    gauges = (metric for metric in METRICS.values() if metric.kind is MetricKind.GAUGE)
    return _zeros(gauges, {**CLOSED, "log": logs, "receiver": receivers})


def strangers(series: Iterable[Series]) -> tuple[Series, ...]:
    """Return the series that the table does not know: name, number of labels, or a value of a closed set."""
    return tuple(
        (name, values)
        for name, values in series
        if name not in SERIES
        or len(SERIES[name]) != len(values)
        or any(
            value not in CLOSED.get(label, (value,))
            for label, value in zip(SERIES[name], values, strict=True)
        )
        or not _possible(SERIES[name], values)
    )


def total(parts: Iterable[Mapping[Series, float]]) -> Increments:
    """Return the sum of increments."""
    found: Increments = {}
    for part in parts:
        for series, value in part.items():
            found[series] = found.get(series, 0.0) + value
    return found


def duration(handshake: Handshake) -> float | None:
    """Return seconds from first to last record, None where the log tells no time.

    A clock that was set back gives 0. A time with a zone and one without cannot be compared: None.
    """
    start, end = handshake.started_at, handshake.ended_at
    if start is None or end is None or (start.utcoffset() is None) != (end.utcoffset() is None):
        return None
    return max((end - start).total_seconds(), 0.0)


def _observe(name: str, labels: tuple[str, ...], value: float) -> Increments:
    found: Increments = {
        (f"{name}_bucket", (*labels, bound)): 1.0 for bound in BUCKETS if value <= float(bound)
    }
    found[f"{name}_sum", labels] = value
    found[f"{name}_count", labels] = 1.0
    return found


def count_handshake(log: str, handshake: Handshake, diagnosis: Diagnosis | None) -> Increments:
    """Return what one handshake adds; a failed one without a diagnosis counts as unclassified."""
    role, dialect = handshake.role.value, handshake.dialect.value
    if handshake.outcome is Outcome.INCOMPLETE:
        return {("wmtls_handshakes_incomplete_total", (log, dialect)): 1.0}
    found: Increments = {("wmtls_handshakes_total", (log, dialect, role)): 1.0}
    if handshake.outcome is Outcome.FAILED:
        issue = diagnosis.issue if diagnosis else Issue.UNCLASSIFIED
        cause = diagnosis.cause if diagnosis else "undetermined"
        found["wmtls_handshake_failures_total", (log, issue.value, role, dialect)] = 1.0
        found["wmtls_handshake_failure_causes_total", (log, issue.value, cause)] = 1.0
        return found
    protocol = handshake.protocol if handshake.protocol in VERSIONS else OTHER
    found["wmtls_negotiated_total", (log, role, protocol)] = 1.0
    seconds = duration(handshake)
    if seconds is not None:
        found |= _observe("wmtls_handshake_duration_seconds", (log, role), seconds)
    return found


def count_jvm_event(log: str, event: JvmEvent) -> Increments:
    """Return what one report of the wrapper adds."""
    return {("wmtls_jvm_events_total", (log, event.value)): 1.0}


def count_reading(  # noqa: PLR0913 - one argument for each counter of the tail
    log: str, *, read_bytes: int = 0, lines: int = 0, rotations: int = 0, truncations: int = 0, gaps: int = 0
) -> Increments:
    """Return what one look at a log adds; counters that did not move are left out."""
    moved = {
        "wmtls_log_bytes_read_total": read_bytes,
        "wmtls_log_lines_read_total": lines,
        "wmtls_log_rotations_total": rotations,
        "wmtls_log_truncations_total": truncations,
        "wmtls_log_gaps_total": gaps,
    }
    return {(name, (log,)): float(count) for name, count in moved.items() if count}


def count_delivery(receiver: str, failed_for: str | None = None) -> Increments:
    """Return what one attempt to send adds; `failed_for` is the reason of one that failed."""
    found: Increments = {("wmtls_deliveries_total", (receiver,)): 1.0}
    if failed_for is not None:
        found["wmtls_delivery_failures_total", (receiver, failed_for)] = 1.0
    return found


def gauge_log(
    log: str, *, open_handshakes: int, lag_bytes: int, last_read: datetime | None, depth: Depth
) -> Increments:
    """Return the gauges of a log; `last_read` is aware, None before the first byte was read."""
    return {
        ("wmtls_handshakes_open", (log,)): float(open_handshakes),
        ("wmtls_log_lag_bytes", (log,)): float(max(lag_bytes, 0)),
        ("wmtls_log_last_read_timestamp_seconds", (log,)): last_read.timestamp() if last_read else 0.0,
        ("wmtls_debug_depth", (log,)): _DEPTHS[depth],
    }


def gauge_leaks(log: str, leaks: Collection[Leak]) -> Increments:
    """Return what is known of secrets in the debug text of a log."""
    return {("wmtls_debug_leaking", (log, leak.value)): float(leak in leaks) for leak in Leak}


def gauge_problems(log: str, problems: Mapping[Problem, int]) -> Increments:
    """Return how many files of a log have which problem, 0 for those not named."""
    return {("wmtls_log_problems", (log, one.value)): float(problems.get(one, 0)) for one in Problem}


def gauge_watched(modes: Mapping[WatchMode, int]) -> Increments:
    """Return how many directories are noticed in which way, 0 for those not named."""
    return {("wmtls_watched_directories", (one.value,)): float(modes.get(one, 0)) for one in WatchMode}


def gauge_receiver(receiver: str, *, queue_length: int, oldest: datetime | None) -> Increments:
    """Return the gauges of a receiver's queue; `oldest` is aware, None for an empty queue."""
    return {
        ("wmtls_delivery_queue_length", (receiver,)): float(queue_length),
        ("wmtls_delivery_oldest_timestamp_seconds", (receiver,)): oldest.timestamp() if oldest else 0.0,
    }


def gauge_incidents(open_by_issue: Mapping[Issue, int]) -> Increments:
    """Return the number of open incidents for each issue, 0 for those not named."""
    return {("wmtls_incidents_open", (issue.value,)): float(open_by_issue.get(issue, 0)) for issue in Issue}
