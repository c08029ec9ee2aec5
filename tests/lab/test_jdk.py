"""How a Java prints its threads' ids, and what its version says."""

from pathlib import Path

import pytest

from tests.lab.jdk import Jdk


@pytest.mark.parametrize(
    ("version", "number", "printed"),
    [
        ("1.8.0_462", 1, "01"),
        ("11.0.13", 27, "1B"),
        ("11.0.13", 256, "0100"),
        ("17.0.15", 1, "10"),
        ("17.0.15", 16, "01"),
        ("25.0.3", 27, "B1"),
        ("25.0.3", 256, "0010"),
    ],
)
def test_thread_id(version: str, number: int, printed: str) -> None:
    """Whole bytes in hex, since 17 with the lowest digit first."""
    assert Jdk(Path("/java"), version).thread_id(number) == printed


def test_major() -> None:
    """Java 8 calls itself 1.8."""
    assert [Jdk(Path("/java"), v).major for v in ("1.8.0_462", "11.0.13", "25")] == [8, 11, 25]
