"""Where a log begins, several logs beside one another, and what is no news."""

import os
from pathlib import Path
from threading import Thread

import pytest

from agent.errors import ConfigError
from tests.following.world import World, append, lines, text


def logs(**paths: Path) -> str:
    """Return the configuration of several logs."""
    return "".join(
        f'[[log]]\nname = "{name}"\npath = "{path}"\nstart = "beginning"\n' for name, path in paths.items()
    )


def test_a_log_that_is_there_is_read_from_its_first_line(world: World) -> None:
    """With `start = "beginning"` the first start reads all that the file holds."""
    world.write(100)
    assert world.run().settle() == lines(0, 100)


def test_a_start_at_the_end_reads_what_comes_after(world: World) -> None:
    """With `start = "end"` nothing of what was there before is read, and all that comes after it."""
    world.start = "end"
    world.write(100)
    assert world.run().settle() == []
    world.write(10)
    assert world.settle() == lines(100, 10)


def test_a_file_born_after_a_start_at_the_end_is_read_whole(world: World) -> None:
    """`start` speaks of what was there: a new file is new from its first byte."""
    world.start = "end"
    world.run().settle()
    world.write(10)
    assert world.settle() == lines(0, 10)
    world.roll()
    world.write(10)
    assert world.settle() == lines(0, 20)


def test_a_file_that_is_not_there_yet_is_waited_for(world: World) -> None:
    """The agent lives on, says what it waits for, and reads the file when it comes."""
    world.run().turn(12)
    assert world.agent.obstacles() == [f"log is: waiting for {world.log}"]
    world.write(5)
    assert world.settle() == lines(0, 5)
    assert (world.agent.obstacles(), world.gaps) == ([], 0)


def test_a_directory_that_is_not_there_yet_is_waited_for(world: World) -> None:
    """The directory comes, later the file in it; both are no errors."""
    world.folder.rmdir()
    world.run().turn(4)
    world.folder.mkdir()
    world.turn(4)
    world.write(5)
    assert world.settle() == lines(0, 5)
    assert world.gaps == 0


def test_many_lines_in_one_write(world: World) -> None:
    """A thousand lines that come at once are a thousand lines."""
    world.run().settle()
    world.write(1000)
    assert world.settle() == lines(0, 1000)


def test_a_write_for_each_line_while_the_agent_reads(world: World) -> None:
    """A writer beside the agent that makes one write of each line: all of them, in order, no lag left."""
    world.run()

    def write() -> None:
        with world.log.open("ab", buffering=0) as stream:
            for line in lines(0, 100_000):
                stream.write(f"{line}\n".encode())

    writer = Thread(target=write)
    writer.start()
    while writer.is_alive():
        world.turn()
    writer.join()
    assert world.settle() == lines(0, 100_000)
    assert world.gauge("lag_bytes") == 0


def test_two_logs_are_read_each_in_its_order(world: World) -> None:
    """Lines that two servers write in turn stay with the log that they are of."""
    one, other = world.folder / "one.log", world.folder / "other.log"
    world.path = logs(one=one, other=other)
    world.run()
    odd, even = [], []
    for _ in range(50):
        odd += world.write(1, one)
        even += world.write(2, other)
        world.turn()
    world.settle()
    assert (world.lines("one.log"), world.lines("other.log")) == (odd, even)
    assert (world.counter("lines_read", "one"), world.counter("lines_read", "other")) == (50, 100)


@pytest.mark.parametrize("first", ["\n\n\n", "\nseq\n", "seq\n\n\n"], ids=["only", "leading", "trailing"])
def test_empty_lines_are_lines(world: World, first: str) -> None:
    """An empty line is counted as any other, and the line behind it is whole."""
    append(world.log, first)
    world.run().settle()
    world.write(1)
    assert world.settle() == [*first.split("\n")[:-1], *lines(0, 1)]


def test_a_backlog_of_one_log_does_not_delay_another(world: World) -> None:
    """A line of a quiet log is committed in the next turn, whatever another log has waiting."""
    busy, quiet = world.folder / "busy.log", world.folder / "quiet.log"
    world.path = logs(busy=busy, quiet=quiet)
    busy.write_bytes(text(lines(0, 1000)).encode() * 1000)
    world.run()
    for number in range(2):
        append(quiet, f"line {number}\n")
        assert world.turn()
        assert world.lines("quiet.log") == [f"line {one}" for one in range(number + 1)]
        assert world.gauge("lag_bytes", "busy") > 0


@pytest.mark.parametrize("size", [1 << 31, 1 << 32], ids=["31 bits", "32 bits"])
def test_a_file_of_many_gigabytes(world: World, size: int) -> None:
    """Positions beyond 31 and 32 bits are exact, over a restart too."""
    world.start = "end"
    world.log.touch()
    os.truncate(world.log, size - 100)
    append(world.log, "\n")
    world.run().settle()
    world.write(10)
    assert world.settle() == lines(0, 10)
    world.restart()
    world.write(10)
    assert world.settle() == lines(0, 20)
    assert world.read[-1].start.offset == size - 99 + len(text(lines(0, 10)))


@pytest.mark.parametrize("way", ["a link", "another way"])
def test_one_file_under_two_configured_names_is_read_once(world: World, way: str) -> None:
    """A file that two logs of the configuration lead to is read for the first of them, with a warning."""
    other = world.place / "other.log"
    if way == "a link":
        other.symlink_to(world.log)
    else:
        other = world.folder / ".." / "logs" / "wrapper.log"
    world.path = logs(**{"is": world.log, "other": other})
    world.write(10)
    world.run()
    assert world.settle() == lines(0, 10)
    assert [one["log"] for one in world.told("tail.followed_already")] == ["other"]


def test_the_same_path_twice_is_refused(world: World) -> None:
    """Two logs of the same path are a mistake, and told with the mend before anything is read."""
    world.path = logs(**{"is": world.log, "other": world.log})
    world.write(10)
    with pytest.raises(ConfigError, match="follow each file once"):
        world.run()


def test_touching_a_file_is_no_news(world: World) -> None:
    """Times, modes, links and readers change nothing that is read."""
    world.write(10)
    world.run().settle()
    for touch in (
        lambda: os.utime(world.log),
        lambda: world.log.chmod(0o640),
        lambda: world.log.chmod(0o644),
        lambda: os.setxattr(world.log, "user.note", b"1"),
        world.log.read_bytes,
        lambda: os.link(world.log, world.folder / "aside"),
        (world.folder / "aside").unlink,
    ):
        touch()
        assert world.settle() == lines(0, 10)
    world.restart()
    assert world.settle() == lines(0, 10)
    assert (world.counter("truncations"), world.gaps) == (0, 0)


@pytest.mark.parametrize("jump", [-3600, 3600, -40 * 365 * 86400], ids=["back", "forth", "to 1986"])
def test_clocks_may_jump(world: World, jump: int) -> None:
    """Neither the machine's clock nor a file's time decides what was read."""
    world.write(10)
    world.run().settle()
    os.utime(world.log, (0, 0))
    world.jumped += jump
    world.write(10)
    world.settle()
    os.utime(world.log, (0, 0))
    world.roll()
    world.write(10)
    world.jumped -= jump
    assert world.settle() == lines(0, 30)
    world.restart()
    assert world.settle() == lines(0, 30)
    assert world.gaps == 0
