from pathlib import Path

import pytest

from agent.feed import counts, has_siblings, is_glob
from agent.tail.follower import TailState


@pytest.mark.parametrize(
    ("path", "pattern"), [("/logs/wrapper.log", False), ("/logs/*/wrapper.log", True), ("/logs/w?.log", True)]
)
def test_what_a_pattern_is(path: str, pattern: bool) -> None:  # noqa: FBT001  (a parameter of the table)
    """A path with a sign that a shell would expand."""
    assert is_glob(Path(path)) is pattern


def test_rolled_files_are_siblings_and_archives_are_not(tmp_path: Path) -> None:
    """wrapper.log.1 will be followed by a new wrapper.log; wrapper.log.gz is the end of a story."""
    log = tmp_path / "wrapper.log"
    (tmp_path / "wrapper.log.gz").touch()
    assert not has_siblings(log)
    (tmp_path / "wrapper.log.1").touch()
    assert has_siblings(log)
    assert has_siblings(tmp_path / "gone" / "wrapper.log")  # what cannot be looked at proves nothing


def test_counters_of_a_new_tail() -> None:
    """Nothing was read yet."""
    assert counts(TailState()) == {"read_bytes": 0, "lines": 0, "rotations": 0, "truncations": 0, "gaps": 0}
