"""The kernel's hints: what the agent does with them, without them, and when they fail."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.tail import waker
from agent.tail.generation import open_regular
from agent.tail.waker import Waker
from tests.following.world import World, lines

DEADLINE = 60.0
"""Seconds after which a test gives up waiting; what is waited for takes less than one."""


@contextmanager
def running(world: World, watcher: Waker) -> Iterator[Callable[[int], list[str]]]:
    """Run the agent's loop in a thread; give what waits for so many lines and returns all there are."""
    changed = threading.Condition()
    stopping = threading.Event()

    def loop() -> None:
        while not stopping.is_set():
            before = len(world.read)
            more = world.turn()
            if len(world.read) > before:
                with changed:
                    changed.notify_all()
            if not more:
                watcher.wait()

    def wait(count: int) -> list[str]:
        with changed:
            assert changed.wait_for(lambda: len(world.lines()) >= count, DEADLINE)
        return world.lines()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield wait
    finally:
        stopping.set()
        watcher.stop()
        thread.join()
    world.settle()


def watch(world: World) -> Waker:
    """Watch the log's directory; poll seldom, so that hints are what wakes."""
    return Waker([world.folder], interval=0.25)


def storm(folder: Path, count: int) -> None:
    """Make and delete foreign files, four events or more for each."""
    for number in range(count):
        path = folder / f"foreign{number % 50}"
        path.write_bytes(b"x")
        path.unlink()


@pytest.mark.parametrize("events", [17_000])
def test_more_events_than_the_kernel_keeps(world: World, events: int) -> None:
    """The queue overflows and says so to nobody: no line is missed, and the order stays."""
    world.write(10)
    world.run()
    with running(world, watch(world)) as wait:
        for number in range(4):
            storm(world.folder, events // 8)
            world.write(10)
            if number % 2:
                world.roll()
        world.write(1)
        assert wait(51) == lines(0, 51)
    assert world.gaps == 0


def test_no_watch_can_be_had(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's limits are used up at the start, and later again: looking goes on by the clock."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(waker, "Observer", refuse)
    watcher = watch(world)
    world.run()
    with running(world, watcher) as wait:
        assert watcher.mode == "polling"
        world.write(10)
        assert wait(10) == lines(0, 10)
        world.roll()
        world.write(10)
        assert wait(20) == lines(0, 20)


def test_the_watching_thread_dies(world: World) -> None:
    """No line is missed, and watching begins again."""
    watcher = watch(world)
    world.run()
    with running(world, watcher) as wait:
        world.write(10)
        wait(10)
        dead = watcher._observer
        assert dead is not None
        dead.stop()
        dead.join(DEADLINE)
        world.write(10)
        assert wait(20) == lines(0, 20)
        world.write(10)
        assert wait(30) == lines(0, 30)
        assert watcher._observer is not dead
        assert watcher.mode == "inotify"


def test_the_watched_directory_is_deleted_and_made_again(world: World) -> None:
    """Its watch ends with it: the new one is found and watched."""
    watcher = watch(world)
    world.write(10)
    world.run()
    with running(world, watcher) as wait:
        wait(10)
        shutil.rmtree(world.folder)
        world.folder.mkdir()
        world.write(10)
        assert wait(20) == lines(0, 20)
        world.write(10)
        assert wait(30) == lines(0, 30)
    assert world.gaps == 0


def test_a_file_system_without_events(world: World) -> None:
    """Where nothing tells of changes, the look by the clock finds them."""
    watcher = Waker([], interval=0.05)
    world.run()
    with running(world, watcher) as wait:
        for number in range(1, 5):
            world.write(10)
            assert wait(10 * number) == lines(0, 10 * number)
            world.roll()


def test_a_storm_of_foreign_files(world: World) -> None:
    """Thousands of files come and go beside the log: its lines come, and no foreign one is opened."""
    opened: list[str] = []

    def noted(path: Path) -> int:
        opened.append(path.name)
        return open_regular(path)

    world.tap.setattr("agent.tail.chain.open_regular", noted)
    world.write(10)
    world.run()
    with running(world, watch(world)) as wait:
        thread = threading.Thread(target=storm, args=(world.folder, 3000))
        thread.start()
        for number in range(5):
            world.write(10)
            wait(20 + 10 * number)
        thread.join()
        world.roll()
        world.write(10)
        assert wait(70) == lines(0, 70)
    assert {name for name in opened if not name.startswith("wrapper.log")} == set()


@pytest.mark.parametrize("mode", ["inotify", "polling"])
def test_hints_change_no_count(world: World, mode: str) -> None:
    """With events and without, the same history gives the same lines and counters."""
    world.write(10)
    world.run()
    with running(world, watch(world) if mode == "inotify" else Waker([], interval=0.01)) as wait:
        for number in range(1, 6):
            wait(20 * number - 10)
            world.write(10)
            wait(20 * number)
            world.roll() if number % 2 else None
            world.write(10)
        assert wait(110) == lines(0, 110)
    assert (world.counter("rotations"), world.counter("lines_read"), world.gaps) == (3, 110, 0)


def test_an_idle_look_costs_next_to_nothing(world: World) -> None:
    """A look asks for the path and the file and reads at its end; it lists and opens nothing."""
    world.write(10)
    world.run().settle()
    calls: list[str] = []
    for name in ("pread", "open", "scandir", "listdir", "stat", "fstat"):
        world.tap.setattr(os, name, noting(calls, name, getattr(os, name)))
    world.turn(4)
    calls.clear()
    world.turn(4)
    assert len(calls) <= 4 * 8
    assert set(calls) <= {"stat", "fstat", "pread"}


def noting(calls: list[str], name: str, call: Callable[..., object]) -> Callable[..., object]:
    """Return a system call that is noted before it is made."""

    def noted(*args: object, **kwargs: object) -> object:
        calls.append(name)
        return call(*args, **kwargs)

    return noted
