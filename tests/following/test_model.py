"""Each system call that fails, each point at which a process ends, and writers at full speed beside kills."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGKILL
from threading import Event, Thread

import pytest

from agent.errors import StateError
from agent.store import Commit, Store
from tests.following.process import Process
from tests.following.world import World, lines, text

LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin")

OF_PATHS = ["open", "stat", "scandir", "listdir"]
OF_DESCRIPTORS = ["pread", "fstat", "lseek"]
FAULTS = [
    *(
        (call, number)
        for call in OF_PATHS
        for number in (errno.EIO, errno.ENOENT, errno.EMFILE, errno.EACCES)
    ),
    *((call, number) for call in OF_DESCRIPTORS for number in (errno.EIO, errno.EINTR, errno.ESTALE)),
]


def failing(call: Callable[..., object], at: int, number: int, counted: list[int]) -> Callable[..., object]:
    """Return a system call whose `at`-th call fails; those for the state are not meant."""

    def once(*args: object, **kwargs: object) -> object:
        if not (args and isinstance(args[0], str | Path) and "logs" not in str(args[0])):
            counted[0] += 1
            if counted[0] == at:
                raise OSError(number, os.strerror(number))
        return call(*args, **kwargs)

    return once


@pytest.mark.parametrize(("call", "number"), FAULTS, ids=lambda one: errno.errorcode.get(one, one))
def test_each_system_call_fails_once(world: World, call: str, number: int) -> None:
    """At each of its first calls after a roll, and at a start: all lines, once, or a gap that is told."""
    world.write(1)
    world.run().settle()
    for at in range(1, 9):
        world.write(5)
        world.roll(keep=4)
        world.write(5)
        if at % 3 == 0:
            world.stop()
            world.open_store()
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(os, call, failing(getattr(os, call), at, number, [0]))
            if world.engine is None:
                world.run()
            world.turn(2)
        found = world.settle()
        assert sorted(set(found)) == found, at
        assert found == lines(0, world.written) or world.gaps, at
    assert world.settle()[-5:] == lines(world.written - 5, 5)
    assert world.gaps == 0


def test_killed_at_each_step_of_a_commit(world: World) -> None:
    """Ended before any statement of a commit, or behind its last: the next run begins before or behind it."""
    world.write(1)
    world.run().settle()
    real, steps = Store.commit, 0
    for at in range(1, 40):
        world.write(10)
        if at % 4 == 0:
            world.roll()
        assert world.store is not None
        count = [0]

        def traced(statement: str, at: int = at, count: list[int] = count) -> None:
            count[0] += not statement.startswith("SELECT")
            if count[0] == at:
                raise KeyboardInterrupt

        def ending(store: Store, change: Commit, end: Callable[[str], None] = traced) -> None:
            """Commit up to a statement, then roll back as the next process does with what it finds."""
            connection = store._connection
            proxy = Ending(connection, end)
            store._connection = proxy  # type: ignore[assignment]
            try:
                real(store, change)
            except KeyboardInterrupt:
                raise StateError("the process is gone") from None
            finally:
                store._connection = connection

        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(Store, "commit", ending)
            world.turn()
        steps = max(steps, count[0])
        world.restart(kill=True)
        world.turn()
    assert world.settle() == lines(0, world.written)
    assert steps > 5


class Ending:
    """A connection that calls a function before each statement."""

    def __init__(self, connection: object, before: Callable[[str], None]) -> None:
        self._connection, self._before = connection, before

    def execute(self, statement: str, *args: object) -> object:
        """Execute one statement."""
        if statement != "ROLLBACK":
            self._before(statement)
        return self._connection.execute(statement, *args)  # type: ignore[attr-defined]

    def executemany(self, statement: str, *args: object) -> object:
        """Execute a statement for each of several rows."""
        self._before(statement)
        return self._connection.executemany(statement, *args)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Return an agent as a process, which is not started."""
    one = Process(tmp_path)
    yield one
    one.end()


def by_the_wrapper(log: Path, number: int) -> None:
    """Roll as the wrapper does, nine files kept."""
    del number
    for place in range(9, 0, -1):
        old = log if place == 1 else log.with_name(f"{log.name}.{place - 1}")
        if old.exists():
            old.replace(log.with_name(f"{log.name}.{place}"))


def by_hand(log: Path, number: int) -> None:
    """Move the file to a date; the writer goes on in it for a while."""
    log.rename(log.with_name(f"{log.name}-202611{10 + number}"))


@pytest.mark.parametrize("roll", [by_the_wrapper, by_hand])
def test_a_busy_writer_and_kills(process: Process, roll: Callable[[Path, int], None]) -> None:
    """The process is killed twice while the log is written and rolled: each line is counted once."""
    stopping = Event()

    def write() -> None:
        stream = process.log.open("ab", buffering=0)
        for turn in range(4):
            for number in range(2000):
                stream.write(text(lines(2000 * turn + number, 1)).encode())
                if number == 1000:
                    roll(process.log, turn)
                    if roll is by_the_wrapper:
                        stream.close()
                        stream = process.log.open("ab", buffering=0)
            if roll is by_hand:
                stream.close()
                stream = process.log.open("ab", buffering=0)
            if turn % 2:
                step.wait(60)
                step.clear()
        stream.close()
        stopping.set()

    step = Event()
    process.log.touch()
    writer = Thread(target=write)
    process.start()
    writer.start()
    for kill in range(2):
        process.wait_for_lines(4000 * kill + 1500)
        process.stop(SIGKILL)
        step.set()
        process.start()
    assert stopping.wait(60)
    writer.join()
    assert process.wait_for_lines(8000) == 8000
    assert process.scraped == sorted(process.scraped)


@pytest.mark.skipif(LOGROTATE is None, reason="logrotate is not installed")
def test_logrotate_and_kills(process: Process, tmp_path: Path) -> None:
    """The real logrotate copies and empties the log of the real process, which is killed: survivors, once."""
    settings = tmp_path / "logrotate.conf"
    settings.write_text(f"{process.log} {{\n rotate 100\n copytruncate\n su root root\n}}\n")
    settings.chmod(0o644)
    command = [str(LOGROTATE), "-f", "-s", str(tmp_path / "logrotate.state"), str(settings)]
    process.write(2000)
    process.start()
    process.wait_for_lines(2000)
    process.write(500)
    process.stop(SIGKILL)
    subprocess.run(command, check=True)  # noqa: S603
    process.write(1000)
    process.start()
    subprocess.run(command, check=True)  # noqa: S603
    process.wait_for_lines(3500)
    process.stop(SIGKILL)
    process.write(1)
    process.start()
    survived = sum(file.read_bytes().count(b"\n") for file in process.log.parent.iterdir())
    assert survived == process.written
    assert process.wait_for_lines(survived) == survived
    assert process.scraped == sorted(process.scraped)
