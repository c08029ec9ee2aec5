"""Names of time series, and what is added to them."""

Series = tuple[str, tuple[str, ...]]
"""A metric's name and its label values, in the order in which the metric declares its labels."""

Increments = dict[Series, float]
"""What to add to counters."""
