"""Shows committed counters and gauges to prometheus_client; the table of metrics is agent/metrics.py."""

import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from agent.metrics import BUCKETS, METRICS, SERIES
from agent.model.metric import Metric, MetricKind
from agent.model.series import Series

_Values = dict[str, dict[tuple[str, ...], float]]  # series name -> label values -> value


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All counters and gauges as of one commit."""

    counters: Mapping[Series, float] = field(default_factory=dict)
    gauges: Mapping[Series, float] = field(default_factory=dict)


def _histogram(metric: Metric, values: _Values) -> HistogramMetricFamily:
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    buckets = values[f"{metric.name}_bucket"]
    for labels in values[f"{metric.name}_count"]:
        counts = [(bound, buckets.get((*labels, bound), 0.0)) for bound in BUCKETS]
        family.add_metric(labels, counts, values[f"{metric.name}_sum"].get(labels, 0.0))
    return family


def _plain(metric: Metric, values: _Values) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if metric.kind is MetricKind.COUNTER else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in values[metric.name].items():
        family.add_metric(labels, value)
    return family


class Metrics(Collector):
    """The agent's metrics: `publish` replaces all of them at once, scrapes read what was published last.

    A series that the table does not know (left in a state store by another version) is not shown.
    """

    def __init__(self, *, version: str, revision: str) -> None:
        self._snapshot = Snapshot()  # replaced whole, never changed: a scrape needs no lock
        self._build: Series = ("wmtls_build_info", (version, revision, platform.python_version()))
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def publish(self, snapshot: Snapshot) -> None:
        """Show these values from now on."""
        self._snapshot = snapshot

    def collect(self) -> Iterator[Family]:
        """Return a family for each metric of the table that has a series."""
        snapshot = self._snapshot
        values: _Values = defaultdict(dict)
        for (name, labels), value in {**snapshot.counters, **snapshot.gauges, self._build: 1.0}.items():
            if name in SERIES and len(SERIES[name]) == len(labels):
                values[name][labels] = value
        for metric in METRICS.values():
            make = _histogram if metric.kind is MetricKind.HISTOGRAM else _plain
            family = make(metric, values)
            if family.samples:
                yield family
