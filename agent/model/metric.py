"""What a metric is: its name, its type, its labels and what it tells."""

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """The metric types of Prometheus that are in use here."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: the order of `labels` is the order of label values in a series.

    A histogram is stored as the series `name_bucket` (with the label "le" after the others), `name_sum` and
    `name_count`.
    """

    name: str
    kind: MetricKind
    labels: tuple[str, ...]
    help: str
