"""What operators see and do: restarts beside scrapes, signals, rights, and the agent's own log."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.following.process import Process
from tests.following.world import World, lines

NOBODY = 65534


def test_what_is_scraped_around_a_restart(world: World) -> None:
    """The first values that a new run shows are those that the old one showed last, never zeros."""
    world.write(100)
    world.run().settle()
    world.turn(8)
    before = dict(world.shown[-1].counters)
    world.shown.clear()
    world.restart(kill=True)
    assert world.shown == []
    world.turn()
    assert dict(world.shown[0].counters) == before


def test_why_the_agent_is_not_ready(world: World) -> None:
    """Each obstacle is a sentence with its cause, and goes with it."""
    world.run()
    assert world.obstacles()[0] == "the logs have not been looked at yet"
    world.turn(4)
    assert world.obstacles() == [f"log is: waiting for {world.log}"]
    world.log.mkdir()
    world.turn(4)
    assert world.obstacles() == [f"log is: cannot read {world.log}: it is a directory; name the file in it"]
    world.log.rmdir()
    world.write(1)
    world.settle()
    assert world.obstacles() == []


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Return an agent as a process, which is not started."""
    one = Process(tmp_path)
    yield one
    one.end()


def test_signals_to_end(process: Process) -> None:
    """The first one ends the agent in order, a second at once; either way the next run goes on exactly."""
    codes = []
    for signals in ([signal.SIGTERM], [signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]):
        process.write(1000)
        process.start()
        process.wait_for_lines(process.written)
        process.write(500)
        codes.append(process.stop(*signals))
    assert codes[:2] == [0, 0]
    assert codes[2] in {0, -signal.SIGTERM}
    process.write(10)
    process.start()
    assert process.wait_for_lines(4510) == 4510


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_right_to_read_is_enough(world: World) -> None:
    """A user whose group may read the log follows it over rolls, and changes nothing of it."""
    for folder in world.folder.parents[:4]:
        folder.chmod(folder.stat().st_mode | 0o011)
    os.chown(world.folder, 0, NOBODY)
    world.folder.chmod(0o2750)
    os.chown(world.state.parent, NOBODY, NOBODY)
    world.write(10)
    world.log.chmod(0o640)
    config = world.place / "config.toml"
    config.touch()
    os.chown(config, NOBODY, NOBODY)
    groups, user, group = os.getgroups(), os.geteuid(), os.getegid()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(PermissionError):
            (world.folder / "new").touch()
        world.run()
        assert world.settle() == lines(0, 10)
        os.seteuid(user)
        world.roll()
        world.write(10)
        world.log.chmod(0o640)
        os.seteuid(NOBODY)
        assert world.settle() == lines(0, 20)
        assert world.obstacles() == []
        world.stop()
    finally:
        os.seteuid(user)
        os.setegid(group)
        os.setgroups(groups)
    assert {file.name for file in world.folder.iterdir()} == {"wrapper.log", "wrapper.log.1"}
    assert stat.S_IMODE(world.log.stat().st_mode) == 0o640


def test_what_the_agent_tells_of_rolls_and_cuts(world: World) -> None:
    """Its own log has a line for each, with the log's name and path."""
    world.write(10)
    world.run().settle()
    world.roll()
    world.write(10)
    world.settle()
    world.cut()
    world.write(5)
    world.settle()
    (rotated,), (truncated,), (gap,) = map(world.told, ("tail.rotated", "tail.truncated", "tail.gap"))
    assert (rotated["log"], rotated["path"], rotated["count"]) == ("is", str(world.log), 1)
    assert (truncated["log"], truncated["path"], truncated["count"]) == ("is", str(world.log), 1)
    assert (gap["path"], gap["reason"], gap["bytes"]) == (str(world.log), "truncated", 0)
    assert gap["advice"]
