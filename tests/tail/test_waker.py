"""Waking up; every wait here ends by what it waits for, or the test hangs."""

import threading
from pathlib import Path

import pytest

from agent.tail import waker
from agent.tail.waker import Waker

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
    one.watch(folder)
    one.watch(folder)
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


def test_exhausted_kernel_limits_mean_polling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An observer that cannot start is done without, and tried again after a while."""
    tries: list[int] = []

    def refuse() -> None:
        tries.append(1)
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(waker, "Observer", refuse)
    one = Waker([tmp_path], interval=0.0)
    for _ in range(10):
        assert one.wait() is True
    modes: list[str] = [one.mode]
    assert len(tries) == 1
    monkeypatch.undo()
    monkeypatch.setattr(one._watched[tmp_path], "rest", 0)
    one.wait()
    assert [*modes, one.mode] == ["polling", "inotify"]
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
    one.stop()
