"""What fuzzing found once does not come back."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FINDINGS = sorted((Path(__file__).parent.parent / "fuzz" / "findings").iterdir())


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_finding(path: Path) -> None:
    """An input that broke an invariant of its target, which its name begins with, holds them all."""
    TARGETS[path.name.partition("-")[0]](path.read_bytes())
