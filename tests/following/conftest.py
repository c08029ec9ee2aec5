"""Worlds of one log, and places that only some machines can give."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog

from tests.following.mounts import Mounted, mount
from tests.following.world import World


@pytest.fixture
def tmpfs() -> Iterator[Path]:
    """Return a directory on a file system in memory, which every Linux has for shared memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="following-") as folder:
        yield Path(folder)


@pytest.fixture
def world(tmp_path: Path, tmpfs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return an empty directory and an agent that is not started; its state is in memory, which is quick."""
    with structlog.testing.capture_logs() as said:
        world = World(tmp_path, tmpfs / "state", monkeypatch)
        world.said = said
        yield world
        world.close()


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Mounted]:
    """Return what mounts a file system for this test alone."""
    with ExitStack() as stack:
        yield lambda kind: mount(kind, tmp_path / kind, stack)
