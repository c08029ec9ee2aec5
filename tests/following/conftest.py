"""Worlds of one log, and places that only some machines can give."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.following.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return an empty directory and an agent that is not started."""
    with structlog.testing.capture_logs() as said:
        world = World(tmp_path, monkeypatch)
        world.said = said
        yield world
        world.close()
