from pathlib import Path

import pytest

from agent.feed import is_glob


@pytest.mark.parametrize(
    ("path", "pattern"), [("/logs/wrapper.log", False), ("/logs/*/wrapper.log", True), ("/logs/w?.log", True)]
)
def test_what_a_pattern_is(path: str, pattern: bool) -> None:  # noqa: FBT001  (a parameter of the table)
    """A path with a sign that a shell would expand."""
    assert is_glob(Path(path)) is pattern
