"""Logs of days, globs, links, archives, and names of any kind."""

import gzip
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.tail.follower import KEPT
from tests.following.world import World, append, lines, text


def follow(world: World, name: str, start: str = "beginning") -> World:
    """Configure a log by a name or glob in the log's directory."""
    world.path = f'[[log]]\nname = "is"\npath = "{world.folder / name}"\nstart = "{start}"\n'
    return world


def day(world: World, number: int) -> Path:
    """Return the file of a day of August."""
    return world.folder / f"wrapper_202608{number:02}.log"


def held() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


DAYS = ["wrapper_YYYYMMDD.log", "wrapper_*.log"]


@pytest.mark.parametrize("path", DAYS)
def test_midnight(world: World, path: str) -> None:
    """The next day's file is begun when the day's own is read to its end."""
    world.write(10, day(world, 22))
    follow(world, path).run().settle()
    world.write(10, day(world, 22))
    world.write(10, day(world, 23))
    world.turn(40)
    assert world.settle() == lines(0, 30)
    assert (world.counter("rotations"), world.gaps) == (1, 0)


@pytest.mark.parametrize("path", DAYS)
def test_lines_that_come_to_yesterdays_file(world: World, path: str) -> None:
    """Five minutes after midnight a line goes to the old file: it is read, once."""
    world.write(10, day(world, 22))
    follow(world, path).run().settle()
    world.write(10, day(world, 23))
    world.turn(1200)
    append(day(world, 22), "late\n")
    world.turn(40)
    assert world.settle() == [*lines(0, 20), "late"]
    world.restart()
    append(day(world, 22), "later\n")
    assert world.settle() == [*lines(0, 20), "late", "later"]


def test_down_over_midnight(world: World) -> None:
    """The rest of yesterday comes first, then today."""
    world.write(10, day(world, 22))
    follow(world, DAYS[0]).run().settle()
    world.stop()
    world.write(10, day(world, 22))
    world.write(10, day(world, 23))
    world.run()
    assert world.settle() == lines(0, 30)


def test_down_for_four_days(world: World) -> None:
    """Whole files came meanwhile: all are read, by their dates."""
    world.write(10, day(world, 22))
    follow(world, DAYS[0]).run().settle()
    world.kill()
    world.write(10, day(world, 22))
    for number in (23, 24, 25, 26):
        world.write(10, day(world, number))
    world.run()
    assert world.settle() == lines(0, 60)
    assert (world.counter("rotations"), world.gaps) == (4, 0)


@pytest.mark.parametrize("jump", [-86400, -3600, 3600, 86400])
def test_whose_midnight_it_is_does_not_matter(world: World, jump: int) -> None:
    """The dates in the names decide, not this machine's clock or its zone."""
    world.write(10, day(world, 22))
    follow(world, DAYS[0]).run().settle()
    world.jumped = jump
    for number in (23, 25):
        world.write(10, day(world, number))
        os.utime(day(world, number), (0, 0))
        world.settle()
    world.restart()
    assert world.settle() == lines(0, 30)


def test_rolled_within_a_day(world: World) -> None:
    """A day's file that grew too large was rolled to a number: it comes before the day's newer ones."""
    world.write(10, day(world, 22))
    follow(world, DAYS[0]).run().settle()
    world.write(10, day(world, 22))
    day(world, 22).rename(world.folder / "wrapper_20260822.log.1")
    world.write(10, day(world, 22))
    world.settle()
    world.stop()
    (world.folder / "wrapper_20260822.log.1").rename(world.folder / "wrapper_20260822.log.2")
    day(world, 22).rename(world.folder / "wrapper_20260822.log.1")
    world.write(10, day(world, 22))
    world.write(10, day(world, 23))
    world.run()
    assert world.settle() == lines(0, 50)
    assert world.gaps == 0


def test_four_hundred_old_days(world: World) -> None:
    """At a start at the end nothing of them is read, and few of them are held open."""
    for number in range(400):
        world.write(1, world.folder / f"wrapper_{20250101 + number % 28 + 100 * (number // 28)}.log")
    before = held()
    follow(world, DAYS[0], "end").run().settle()
    assert world.lines() == []
    assert held() - before < 2 * KEPT + 10


@pytest.mark.parametrize("target", ["wrapper_202608{:02}.log", "wrapper.log.202608{:02}", "../day{:02}"])
def test_a_link_that_is_turned(world: World, target: str) -> None:
    """The live name is a link to the file of the day, turned thirty times; nothing is read twice.

    In the log's own folder the files are found by their names, elsewhere only while the link leads to them.
    """
    world.log.symlink_to(target.format(1))
    world.write(10)
    world.run().settle()
    for number in range(2, 32):
        world.write(5)
        fresh = world.folder / "fresh"
        fresh.symlink_to(target.format(number))
        fresh.replace(world.log)
        world.write(5)
        world.turn(1 if target.startswith("..") else number % 3)
    assert world.settle() == lines(0, 310)
    world.restart()
    assert world.settle() == lines(0, 310)
    assert world.gaps == 0


@pytest.mark.parametrize("wrong", ["nowhere", "wrapper.log"], ids=["dangling", "circle"])
def test_a_link_that_leads_nowhere(world: World, wrong: str) -> None:
    """The agent waits, says for what, and reads the file when the link is right."""
    world.log.symlink_to(wrong)
    world.run().turn(8)
    (problem,) = world.agent.obstacles()
    assert str(world.log) in problem
    world.log.unlink()
    world.write(10, world.place / "real.log")
    world.log.symlink_to(world.place / "real.log")
    assert world.settle() == lines(0, 10)
    assert world.agent.obstacles() == []


def test_a_directory_swapped_as_kubernetes_does(world: World) -> None:
    """The log's directory is a link within a link, of which one is turned in one step."""
    for name in ("..one", "..two"):
        (world.folder / name).mkdir()
    (world.folder / "..data").symlink_to("..one")
    world.log.symlink_to("..data/wrapper.log")
    world.write(10)
    world.run().settle()
    world.write(5)
    (world.folder / "fresh").symlink_to("..two")
    (world.folder / "fresh").replace(world.folder / "..data")
    world.write(10)
    assert world.settle() == lines(0, 25)
    world.restart()
    world.write(10)
    assert world.settle() == lines(0, 35)
    assert world.gaps == 0


@pytest.mark.parametrize("ending", ["gz", "1.gz", "1.bz2", "zst", "tmp", "swp", "bak", "lck"])
@pytest.mark.parametrize("path", ["wrapper.log", "wrapper*"])
def test_what_is_no_log(world: World, ending: str, path: str) -> None:
    """Archives, and what editors and tools leave, are never read as text."""
    world.write(10)
    follow(world, path).run().settle()
    (world.folder / f"wrapper.log.{ending}").write_bytes(b"\x1f\x8b other\n" * 100)
    world.turn(40)
    world.write(10)
    assert world.settle() == lines(0, 20)
    world.restart()
    assert world.settle() == lines(0, 20)


def test_compressed_while_it_is_read(world: World) -> None:
    """The rolled file is compressed while a megabyte of it is unread: the rest is read from what is held."""
    world.most = 50_000
    world.write(20_000)
    world.run().turn()
    world.roll()
    world.write(10)
    world.turn()
    world.rolled(1).with_name("wrapper.log.1.gz").write_bytes(gzip.compress(world.rolled(1).read_bytes()))
    world.rolled(1).unlink()
    assert world.settle() == lines(0, 20_010)
    world.restart()
    assert world.settle() == lines(0, 20_010)
    assert world.gaps == 0


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    """Let this process open two dozen more files and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = {int(one.name) for one in Path("/proc/self/fd").iterdir()}
    free = [number for number in range(1000) if number not in taken]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[24], hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_more_logs_than_descriptors(world: World, few_descriptors: None) -> None:
    """Those that cannot be opened are named with the mend, and read when there is room; none twice."""
    assert few_descriptors is None
    for number in range(40):
        world.write(5, world.folder / f"wrapper-n{number}.log")
    follow(world, "wrapper-n*.log").run().settle()
    assert 0 < len(world.lines()) < 200
    assert any("raise LimitNOFILE" in one for one in world.agent.obstacles())
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    assert sorted(world.settle()) == lines(0, 200)
    assert (world.gaps, world.agent.obstacles()) == (0, [])


@pytest.mark.parametrize(
    "name",
    [b"a log.log", "\u00fcber \U0001f600.log".encode(), b"\xff\xfe.log", b"a\nb.log", b"'\".log"],
    ids=["space", "UTF-8", "no UTF-8", "line feed", "quotes"],
)
def test_names_of_any_kind(world: World, name: bytes) -> None:
    """Whatever a file system takes as a name can be followed, over a roll and a restart."""
    path = world.folder / os.fsdecode(name)
    follow(world, "*.log")
    append(path, text(world.next(10)))
    world.run().settle()
    path.rename(path.with_name(path.name + ".1"))
    world.write(10, path)
    world.turn(40)
    world.restart()
    world.write(10, path)
    assert world.settle() == lines(0, 30)
    assert world.gaps == 0
