"""How much of a law is tried: a part that takes seconds with each run of the tests, or all of it.

`make laws` sets WMTLS_LAWS=all: every line of every case, and some hundred drawn examples, new ones each time
(those that failed are kept in .hypothesis and tried first). Without it the same examples are drawn each time,
so that a run of the tests says the same twice.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")

ALL = os.environ.get("WMTLS_LAWS") == "all"

DRAWN = settings(
    max_examples=1000 if ALL else 25,
    derandomize=not ALL,
    database=settings().database if ALL else None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
"""The settings of a law that is tried on drawn examples."""


def spread(many: Sequence[T], few: int) -> list[T]:
    """Return all, or about so many of them at even distances, the first and the last among them."""
    if ALL or len(many) <= few:
        return list(many)
    return [many[place * (len(many) - 1) // (few - 1)] for place in range(few)]
