"""The description of a metric."""

import pytest

from agent.model.metric import Metric, MetricKind


def test_a_metric_is_a_value() -> None:
    """Two equal descriptions are one, and neither can be changed."""
    one = Metric("wmtls_a_total", MetricKind.COUNTER, ("log",), "Counts a.")
    assert one == Metric("wmtls_a_total", MetricKind("counter"), ("log",), "Counts a.")
    with pytest.raises(AttributeError):
        one.name = "b"  # type: ignore[misc] # the point of the test
