"""How names, times and numbers are put."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model.handshake import Handshake
from agent.model.vocabulary import Role
from agent.report.findings import Findings
from agent.report.phrases import listed, moment, product, seen, span, with_whom


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "is.example.com at 192.0.2.7:443"),
        ({"peer": None}, "is.example.com"),
        ({"server_name": None}, "192.0.2.7:443"),
        ({"role": Role.SERVER}, "CN=is.example.com, asking for is.example.com"),
        ({"role": Role.SERVER, "server_name": None}, "CN=is.example.com"),
        (
            {"role": Role.SERVER, "peer_chain": None, "peer": None},
            "a client that the log does not name, asking for is.example.com",
        ),
    ],
)
def test_with_whom(changes: dict[str, object], words: str, handshake: Handshake) -> None:
    """The name that a client asked for is the server's own."""
    changed = replace(handshake, **changes)  # type: ignore[arg-type]  # a table of changes
    assert with_whom(changed) == words


@pytest.mark.parametrize(
    ("given", "named", "words"),
    [
        ("10.5", None, "Integration Server 10.5, as given"),
        ("10.5.0.3", "10.5.0.3", "Integration Server 10.5.0.3, by its own word in the log"),
        ("10.5", "10.5.0.3", "Integration Server 10.5.0.3, by its own word in the log"),
        ("10.1", "10.15.0.3", "Integration Server 10.1, as given; the log names 10.15.0.3"),
    ],
)
def test_which_product(given: str, named: str | None, words: str, quiet: Findings) -> None:
    """How its version is known decides how far the remedies are to be trusted."""
    assert product(replace(quiet, product_version=given, product_named=named)) == words


def test_a_list_is_cut() -> None:
    """The rest is counted."""
    assert listed(("a", "b", "c"), 2) == "a, b and 1 more"
    assert listed(("a", "b"), 2, "; ") == "a; b"


def test_a_span_of_time() -> None:
    """One moment is no span, and without a clock there is none."""
    first = datetime(2026, 11, 23, 7, 25, 1, 500_000, tzinfo=UTC)
    assert (
        span(first, first + timedelta(seconds=2)) == "2026-11-23 07:25:01+00:00 to 2026-11-23 07:25:03+00:00"
    )
    assert span(first, first) == moment(first) == "2026-11-23 07:25:01+00:00"
    assert span(first, None) is None


@pytest.mark.parametrize(
    ("count", "clock", "words"),
    [
        (1, True, "once, at 2026-11-23 07:25:01+00:00"),
        (1200, True, "1,200 times, at 2026-11-23 07:25:01+00:00"),
        (1, False, "once; the lines have no clock"),
    ],
)
def test_how_often(count: int, clock: bool, words: str, findings: Findings) -> None:  # noqa: FBT001  (a column of the table)
    """The number, and when."""
    time = datetime(2026, 11, 23, 7, 25, 1, tzinfo=UTC) if clock else None
    assert seen(replace(findings.groups[0], count=count, first_seen=time, last_seen=time)) == words
