"""Waking up; every wait here ends by what it waits for, or the test hangs."""

import logging
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.model.vocabulary import WatchMode
from agent.tail.waker import Waker
from tests.hanging import hanging

FOREVER = 3600.0


def test_a_write_wakes(tmp_path: Path) -> None:
    """With an interval that never passes, a new line ends the wait."""
    one = Waker([tmp_path], interval=FOREVER)
    assert one.mode == "inotify"
    (tmp_path / "wrapper.log").write_text("line\n")
    assert one.wait() is True
    one.stop()


def test_reading_does_not_wake(tmp_path: Path) -> None:
    """Opening, reading and closing a log is no reason to look again."""
    path = tmp_path / "wrapper.log"
    path.write_text("line\n")
    one = Waker([tmp_path], interval=0.05)
    for _ in range(3):
        path.read_text()
        assert one.wait() is True
        assert not one._changed.is_set()
    one.stop()


def test_the_interval_wakes_without_any_watch(tmp_path: Path) -> None:
    """A directory that does not exist is polled for."""
    one = Waker([tmp_path / "absent"], interval=0.001)
    assert one.mode == "polling"
    assert one.wait() is True
    one.stop()


def test_directory_that_appears_is_watched(tmp_path: Path) -> None:
    """The next wake-up finds it, and so does a directory that took its place."""
    folder = tmp_path / "logs"
    one = Waker([], interval=0.001)
    one.watch({folder})
    one.watch({folder})
    modes: list[str] = [one.mode]
    for _ in range(2):
        folder.mkdir()
        one.wait()
        modes.append(one.mode)
        folder.rmdir()
        one.wait()
        modes.append(one.mode)
    assert modes == ["polling", "inotify", "polling", "inotify", "polling"]
    one.stop()


def test_stop_ends_a_wait_at_once(tmp_path: Path) -> None:
    """Another thread may stop the waiting; after that no wait takes time."""
    one = Waker([tmp_path], interval=FOREVER)
    said: list[bool] = []
    thread = threading.Thread(target=lambda: said.append(one.wait()))
    thread.start()
    one.stop()
    thread.join()
    assert [*said, one.wait()] == [False, False]
    one.stop()


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open no further file, as after inotify's own limits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_exhausted_limits_mean_polling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be watched: wakes go on, mode and mend are told, and it is tried again later."""
    with no_more_files():
        one = Waker([tmp_path], interval=0.0)
        assert [one.wait() for _ in range(10)] == [True] * 10
        assert one.modes == {WatchMode.INOTIFY: 0, WatchMode.POLLING: 1}
        assert one.trouble is not None
        assert "fs.inotify.max_user_instances" in one.trouble
    assert one._watched[tmp_path].rest > 0, "the next try is not at once"
    monkeypatch.setattr(one._watched[tmp_path], "rest", 0)
    one.wait()
    assert one.modes == {WatchMode.INOTIFY: 1, WatchMode.POLLING: 0}
    assert one.trouble is None
    one.stop()


def test_dead_observer_is_replaced(tmp_path: Path) -> None:
    """When watchdog's thread is gone, the mode says so until the next wake-up starts another."""
    one = Waker([tmp_path], interval=0.001)
    dead = one._observer
    assert dead is not None
    dead.stop()
    dead.join()
    modes: list[str] = [one.mode]
    one.wait()
    assert [*modes, one.mode] == ["polling", "inotify"]
    assert one.trouble == "the thread that listens to the kernel died; another one was started"
    one.stop()


def test_an_overflow_of_the_kernels_queue_is_told(tmp_path: Path) -> None:
    """The library says so in its own log only; nothing of that reaches our standard error."""
    one = Waker([tmp_path], interval=FOREVER)
    assert one.trouble is None
    logging.getLogger("watchdog.observers.inotify_c").warning("queue overflowed")  # noqa: TID251  (theirs)
    assert one.trouble == "queue overflowed"
    one.stop()


def test_a_directory_that_hangs_is_polled_for_and_stops_nothing(tmp_path: Path) -> None:
    """Another directory still wakes, and the agent can be stopped."""
    hangs, live = tmp_path / "hangs", tmp_path / "live"
    hangs.mkdir()
    live.mkdir()
    one = Waker([live], interval=FOREVER)
    with hanging(hangs):
        one.watch({hangs, live})
        (live / "wrapper.log").write_text("line\n")
        assert one.wait() is True
        assert one.modes == {WatchMode.INOTIFY: 1, WatchMode.POLLING: 1}
        assert one.trouble is not None
        assert "does not answer" in one.trouble
        one.stop()
