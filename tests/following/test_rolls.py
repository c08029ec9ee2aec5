"""Renamed files: by the wrapper, by logrotate, by hand, often, late, and while lines wait to be read."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.following.world import World, append, lines, text


def by_renaming(log: Path, aside: Path) -> None:
    """Move a file within its folder."""
    log.rename(aside)


def by_copying(log: Path, aside: Path) -> None:
    """Copy a file and delete the original."""
    shutil.copyfile(log, aside)
    log.unlink()


def by_linking(log: Path, aside: Path) -> None:
    """Give a file its new name before the old one is taken away."""
    os.link(log, aside)
    log.unlink()


def to_another_folder(log: Path, aside: Path) -> None:
    """Move a file to another folder of the same disk."""
    (aside.parent / "archive").mkdir()
    log.rename(aside.parent / "archive" / aside.name)


def test_one_roll(world: World) -> None:
    """An agent that is current reads the new file from its first line, and counts one rotation."""
    world.write(100)
    world.run().settle()
    world.roll()
    world.write(100)
    assert world.settle() == lines(0, 200)
    assert (world.counter("rotations"), world.counter("truncations"), world.gaps) == (1, 0, 0)


def test_a_roll_with_lines_unread(world: World) -> None:
    """Lines that came before the roll and after the last look are read first, from the rolled file."""
    world.write(10)
    world.run().settle()
    world.write(50)
    world.roll()
    world.write(50)
    assert world.settle() == lines(0, 110)


def test_three_rolls_between_two_looks(world: World) -> None:
    """Files that nobody saw while they were live are read too, the oldest first."""
    world.write(10)
    world.run().settle()
    for _ in range(3):
        world.write(10)
        world.roll()
    world.write(10)
    assert world.settle() == lines(0, 50)
    assert (world.counter("rotations"), world.gaps) == (3, 0)


@pytest.mark.parametrize("pace", [1, 8], ids=["a look after each roll", "eight looks after each roll"])
def test_thirty_rolls_with_three_files_kept(world: World, pace: int) -> None:
    """Inodes come back as soon as files go; no new file is taken for one that was read."""
    world.run()
    for _ in range(30):
        world.write(100)
        world.turn(pace)
        world.roll(keep=3)
    assert world.settle() == lines(0, 3000)
    assert world.gaps == 0


def test_a_roll_without_a_new_file(world: World) -> None:
    """An idle wrapper makes its new file with its next line: until then nothing is lost or wrong."""
    world.write(10)
    world.run().settle()
    world.roll()
    world.turn(120)
    assert (world.gaps, world.told("tail.gap")) == (0, [])
    world.write(10)
    assert world.settle() == lines(0, 20)
    assert world.agent.obstacles() == []


@pytest.mark.parametrize("mode", ["empty new file", "no new file"])
def test_a_writer_that_stays_in_the_renamed_file(world: World, mode: str) -> None:
    """Two minutes of lines go to the renamed file before its writer opens the new one: no time limit."""
    world.write(10)
    world.run().settle()
    world.roll()
    if mode == "empty new file":
        world.log.touch()
    for _ in range(480):
        world.write(25, world.rolled(1))
        world.turn()
    world.write(10)
    assert world.settle() == lines(0, 12_020)


def test_a_second_rename_while_the_writer_stays_in_the_first_file(world: World) -> None:
    """The file that is being written is two places up the chain by then."""
    world.write(10)
    world.run().settle()
    for _ in range(2):
        world.roll()
        world.log.touch()
        world.turn()
    world.write(10, world.rolled(2))
    world.turn()
    world.write(10, world.rolled(2))
    world.write(10)
    assert world.settle() == lines(0, 40)


@pytest.mark.parametrize("way", [by_renaming, by_copying, by_linking, to_another_folder])
@pytest.mark.parametrize("name", ["wrapper.log.1", "elsewhere"])
def test_ways_to_put_a_file_aside(world: World, way: Callable[[Path, Path], None], name: str) -> None:
    """However a file left its place, what was unread in it is read from the descriptor, once."""
    world.write(10)
    world.run().settle()
    world.write(10)
    way(world.log, world.folder / name)
    world.write(10)
    assert world.settle() == lines(0, 30)
    world.write(10)
    world.restart()
    assert world.settle() == lines(0, 40)
    assert world.gaps == 0


def test_a_file_moved_to_another_disk(world: World, tmpfs: Path) -> None:
    """Such a move is a copy and a deletion: the rest is read from the file that is held."""
    world.write(10)
    world.run().settle()
    world.write(10)
    shutil.move(world.log, tmpfs / "wrapper.log.1")
    world.write(10)
    assert world.settle() == lines(0, 30)
    assert world.gaps == 0


def test_a_file_deleted_by_its_roll_with_a_megabyte_unread(world: World) -> None:
    """With no rolled file kept, what was unread is read from the deleted file, which is then let go."""
    world.run().settle()
    world.write(20_000)
    world.turn()
    world.most = 50_000
    world.write(20_000)
    world.turn()
    world.log.unlink()
    world.write(10)
    assert world.settle() == lines(0, 40_010)
    assert [
        name for name in held() if name.startswith(str(world.folder)) and name.endswith("(deleted)")
    ] == []
    assert world.gaps == 0


def test_a_slow_reader_keeps_the_order(world: World) -> None:
    """The new file has lines long before the old one is read to its end: the old one comes first."""
    world.most = 1000
    world.write(200)
    world.run().turn()
    world.roll()
    for _ in range(20):
        world.write(10)
        world.turn()
    assert world.settle() == lines(0, 400)


def test_a_late_line_of_the_old_file(world: World) -> None:
    """A line that comes to the rolled file seconds after the new one had lines is read, once."""
    world.write(10)
    world.run().settle()
    world.roll()
    world.write(10)
    world.turn(40)
    append(world.rolled(1), "late\n")
    world.settle()
    world.write(10)
    assert world.settle() == [*lines(0, 20), "late", *lines(20, 10)]
    world.restart()
    assert world.settle() == [*lines(0, 20), "late", *lines(20, 10)]


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_files_that_begin_alike(world: World, *, restart: bool) -> None:
    """The same kilobytes of banner at the start of each file make none the copy of another."""
    banner = [f"jvm 1    | banner {number:02}" for number in range(300)]
    append(world.log, text(banner))
    world.write(10)
    world.run().settle()
    world.roll()
    append(world.log, text(banner))
    world.write(10)
    if restart:
        world.restart()
    assert world.settle() == [*banner, *lines(0, 10), *banner, *lines(10, 10)]


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_file_equal_to_the_one_before(world: World, *, restart: bool) -> None:
    """Lines without a time repeat; a new file that equals the old one byte for byte is new."""
    append(world.log, text(lines(0, 100)))
    world.run().settle()
    world.roll()
    append(world.log, text(lines(0, 100)))
    if restart:
        world.restart()
    assert world.settle() == lines(0, 100) * 2


def test_a_file_of_ten_bytes(world: World) -> None:
    """No number of bytes is waited for, and an hour later the line is not told again."""
    world.run().settle()
    append(world.log, "ten bytes\n")
    assert world.settle() == ["ten bytes"]
    world.turn(2000)
    assert world.settle() == ["ten bytes"]


@pytest.mark.parametrize("at", range(1, 8))
def test_a_roll_within_a_read(world: World, at: int) -> None:
    """The file rolls between any two system calls of a read."""
    world.write(100)
    world.run().settle()
    world.write(2000)
    reads, pread = [0], os.pread

    def rolling(fd: int, size: int, offset: int) -> bytes:
        reads[0] += 1
        if reads[0] == at:
            world.roll()
            world.write(100)
        return pread(fd, size, offset)

    world.most = 40_000
    world.tap.setattr(os, "pread", rolling)
    assert world.settle() == lines(0, 2200)
    assert world.gaps == 0


def test_twenty_rolls_a_second(world: World) -> None:
    """Half a minute of five rolls between two looks, with ten files kept."""
    world.write(3)
    world.run().settle()
    for _ in range(120):
        for _ in range(5):
            world.write(3)
            world.roll()
        world.turn()
    assert world.settle() == lines(0, 1803)
    assert world.gaps == 0


def test_fewer_files_are_kept(world: World) -> None:
    """A new limit makes the wrapper delete seven rolled files at once; they were read."""
    world.run()
    for _ in range(10):
        world.write(10)
        world.turn()
        world.roll()
    for number in range(4, 11):
        world.rolled(number).unlink()
    world.write(10)
    assert world.settle() == lines(0, 110)
    world.restart()
    assert world.settle() == lines(0, 110)
    assert world.gaps == 0


def test_a_hole_in_the_chain(world: World) -> None:
    """A rolled file deleted by hand hides none of the others, running or not."""
    world.write(10)
    world.run().settle()
    for _ in range(3):
        world.write(10)
        world.roll()
    world.settle()
    world.rolled(2).unlink()
    world.write(10)
    world.settle()
    world.stop()
    for _ in range(2):
        world.roll()
        world.write(10)
    world.rolled(3).unlink(missing_ok=True)
    world.run()
    assert world.settle() == lines(0, 70)
    assert world.gaps == 0


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_foreign_file_among_the_rolled_ones(world: World, *, restart: bool) -> None:
    """A file of other content and older time that is put behind the live one is history, and not read."""
    world.write(10)
    world.run().settle()
    world.rolled(1).write_text("other\n" * 100)
    os.utime(world.rolled(1), (0, 0))
    if restart:
        world.restart()
    world.write(10)
    world.settle()
    world.roll()
    world.write(10)
    assert world.settle() == lines(0, 30)


def test_a_rolled_file_moved_back(world: World) -> None:
    """The rolled file becomes the live one again: nothing of it is read twice, and what comes is read."""
    world.write(10)
    world.run().settle()
    world.roll()
    world.write(10)
    world.settle()
    world.rolled(1).replace(world.log)
    assert world.settle() == lines(0, 20)
    world.write(10)
    assert world.settle() == lines(0, 30)
    world.restart()
    assert world.settle() == lines(0, 30)
    world.roll()
    world.write(10)
    assert world.settle() == lines(0, 40)


def test_a_directory_put_aside_twice(world: World) -> None:
    """The whole directory is renamed and made anew; lines that were unread in the old one are read."""
    world.write(10)
    world.run().settle()
    for turn in range(2):
        world.write(10)
        world.folder.rename(world.place / f"old{turn}")
        world.turn(4)
        world.folder.mkdir()
        world.turn(4)
        world.write(10)
        world.settle()
    assert world.lines() == lines(0, 50)
    assert world.gaps == 0


@pytest.mark.parametrize("name", ["wrapper.log.{}", "wrapper.log-{}", "wrapper.{}.log", "wrapper_{}.log"])
@pytest.mark.parametrize("path", ["wrapper.log", "wrapper*log*"], ids=["path", "glob"])
def test_rolled_to_a_date(world: World, name: str, path: str) -> None:
    """A date behind or in the name is a rolled file: finished, and not read again as a log of its own."""
    world.path = f'[[log]]\nname = "is"\npath = "{world.folder / path}"\nstart = "beginning"\n'
    world.write(10)
    world.run().settle()
    for day in (20260822, 20260823):
        world.write(10)
        world.log.rename(world.folder / name.format(day))
        world.write(10)
        world.settle()
    world.turn(40)
    assert world.lines() == lines(0, 50)
    world.write(5)
    world.stop()
    world.log.rename(world.folder / name.format(20260824))
    world.write(5)
    world.run()
    assert world.settle() == lines(0, 60)
    assert world.gaps == 0


def test_a_minute_without_a_look(world: World) -> None:
    """A machine that was suspended: what was written and rolled meanwhile is still there, and read."""
    world.write(10)
    world.run().settle()
    for _ in range(9):
        world.seconds += 7
        world.write(10)
        world.roll()
    world.write(10)
    assert world.settle() == lines(0, 110)
    assert world.gaps == 0


@pytest.mark.parametrize("path", ["wrapper.log", "wrapper*"], ids=["path", "glob"])
@pytest.mark.parametrize("name", ["wrapper.log.1"])
def test_a_second_name_of_the_live_file(world: World, path: str, name: str) -> None:
    """A hard link to the live file is the live file, also when that rolls."""
    world.path = f'[[log]]\nname = "is"\npath = "{world.folder / path}"\nstart = "beginning"\n'
    world.write(10)
    world.run().settle()
    os.link(world.log, world.folder / name)
    world.turn(40)
    world.write(10)
    world.settle()
    world.roll()
    world.write(10)
    world.turn(40)
    assert world.settle() == lines(0, 30)


def held() -> list[str]:
    """Return what this process has open."""
    return [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
