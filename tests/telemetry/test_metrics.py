"""What prometheus_client is shown."""

import platform
from dataclasses import replace

from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from agent import metrics
from agent.model.vocabulary import Issue
from agent.telemetry.metrics import Metrics, Snapshot

HANDSHAKES = ("wmtls_handshakes_total", ("a", "jsse", "client"))


def test_nothing_but_the_build_and_the_process_before_the_first_commit() -> None:
    """What is not committed is not shown."""
    shown = Metrics(version="1.2.3", revision="abc")
    names = {family.name for family in shown.registry.collect()}
    assert {name for name in names if not name.startswith("process_")} == {"wmtls_build_info"}
    labels = {"version": "1.2.3", "revision": "abc", "python_version": platform.python_version()}
    assert shown.registry.get_sample_value("wmtls_build_info", labels) == 1.0


def test_a_snapshot_replaces_the_one_before() -> None:
    """Counters, histograms and gauges appear with their labels; what is gone is gone."""
    shown = Metrics(version="1", revision="")
    start = metrics.initial(["a"], ["ops"], [])
    seconds = "wmtls_handshake_duration_seconds"
    counters = start | {
        HANDSHAKES: 2.0,
        (f"{seconds}_bucket", ("a", "client", "1.0")): 2.0,
        (f"{seconds}_sum", ("a", "client")): 1.5,
        (f"{seconds}_count", ("a", "client")): 2.0,
    }
    shown.publish(Snapshot(counters=counters, gauges=metrics.gauge_incidents({Issue.SNI: 4})))
    value = shown.registry.get_sample_value
    assert value(HANDSHAKES[0], {"log": "a", "dialect": "jsse", "role": "client"}) == 2.0
    assert value(HANDSHAKES[0], {"log": "a", "dialect": "iaik", "role": "client"}) == 0.0
    assert value(f"{seconds}_bucket", {"log": "a", "role": "client", "le": "1.0"}) == 2.0
    assert value(f"{seconds}_sum", {"log": "a", "role": "client"}) == 1.5
    assert value("wmtls_incidents_open", {"issue": "sni"}) == 4.0
    shown.publish(Snapshot())
    assert value("wmtls_incidents_open", {"issue": "sni"}) is None


def test_strangers_are_not_shown_and_break_nothing() -> None:
    """Series that another version left in the state store do not end a scrape."""
    shown = Metrics(version="1", revision="")
    shown.publish(Snapshot(counters={("wmtls_cats_total", ()): 1.0, ("wmtls_log_gaps_total", ()): 1.0}))
    assert b"cats" not in generate_latest(shown.registry)
    assert b"gaps" not in generate_latest(shown.registry)


def test_two_registries_do_not_meet() -> None:
    """There is no process-wide state: each agent has its own registry."""
    one, two = Metrics(version="1", revision=""), Metrics(version="2", revision="")
    assert one.registry is not two.registry


def test_label_values_are_escaped() -> None:
    """A subject chosen by a peer cannot add lines to the exposition."""
    shown = Metrics(version="1", revision="")
    evil = 'CN="x"} 1\nwmtls_evil 1\\'
    series = ("wmtls_peer_certificate_not_after_timestamp_seconds", ("a", evil))
    shown.publish(Snapshot(gauges={series: 1.0}))
    openmetrics = generate_openmetrics(shown.registry)  # type: ignore[no-untyped-call] # the library's
    for text in (generate_latest(shown.registry), openmetrics):
        assert not [line for line in text.decode().splitlines() if line.startswith("wmtls_evil")]
    assert replace(Snapshot(), gauges={}) == Snapshot()
