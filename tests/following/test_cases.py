"""The table of cases is complete, and what it names is there."""

import ast
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

COUNTS = {
    "basics": 14,
    "lines": 22,
    "rolls": 25,
    "identity": 11,
    "names": 14,
    "restarts": 18,
    "pressure": 14,
    "watching": 8,
    "operation": 9,
    "handshakes": 10,
    "cuts": 21,
    "downtime": 10,
    "model": 6,
}
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
    """The table speaks of tests that are there, and of all in this folder."""
    tests = {test for found in named().values() for test in found}
    there = {
        f"{file}::{name}"
        for file in {test.partition("::")[0] for test in tests}
        for name in functions((ROOT / file).read_text("utf-8"))
    }
    families = {test.partition("[")[0] for test in tests}
    assert families - there == set()
    assert {one for one in there - families if one.startswith("tests/following/")} == set()
    for test in tests - families:
        file, _, variant = test.rstrip("]").replace("::", "[").split("[")
        assert variant in (ROOT / file).read_text("utf-8")


def functions(code: str) -> set[str]:
    """Return the names of the tests in a module."""
    found = {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}
    return {name for name in found if name.startswith("test_")}
