"""The table of cases is complete, and what it names is there."""

import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

COUNTS = {"basics": 14, "lines": 22}
"""How many cases each group has."""

TABLE = tomllib.loads((HERE / "cases.toml").read_text("utf-8"))


def named() -> dict[str, list[str]]:
    """Return the tests of each case, with their files."""
    return {
        f"{group} {number}": [
            one if "::" in one else f"tests/following/test_{group}.py::{one}" for one in tests
        ]
        for group, cases in TABLE.items()
        for number, tests in cases.items()
        if isinstance(tests, list)
    }


def test_no_case_is_left_out() -> None:
    """Each group has its cases, numbered without a hole, and each case has a test or says why not."""
    assert {group: [*cases] for group, cases in TABLE.items()} == {
        group: [str(number) for number in range(1, count + 1)] for group, count in COUNTS.items()
    }
    for cases in TABLE.values():
        for tests in cases.values():
            assert tests if isinstance(tests, list) else tests["none"].endswith(".")


def test_every_test_named_is_there_and_every_test_is_named() -> None:
    """The table speaks of tests that pytest collects, and of all in this folder."""
    tests = {test for found in named().values() for test in found}
    files = sorted({test.partition("::")[0] for test in tests})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--no-header", *files]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    collected = {line for line in listed.splitlines() if "::" in line}
    families = {one.partition("[")[0] for one in collected}
    assert tests - collected - families == set()
    ours = {one for one in collected if one.startswith("tests/following/")}
    assert {one for one in ours if one not in tests and one.partition("[")[0] not in tests} == set()
