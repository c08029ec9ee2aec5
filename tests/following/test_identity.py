"""Which file is which: deleted and made again, replaced, moved to other disks, of tiny or common content."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.tail import identity
from tests.following.mounts import Mounted
from tests.following.world import World, append, lines, text


@pytest.mark.parametrize("unread", [0, 10])
def test_deleted_and_made_again_between_two_looks(world: World, unread: int) -> None:
    """The old file is read to its end, the new one from its first line, even if it had the same inode."""
    world.write(10)
    world.run().settle()
    world.write(unread)
    world.log.unlink()
    world.write(10)
    assert world.settle() == lines(0, 20 + unread)
    assert world.gaps == 0


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_deleted_and_made_again_with_the_same_size(world: World, *, restart: bool) -> None:
    """Neither size nor inode make the new file the old one."""
    world.write(10)
    world.run().settle()
    if restart:
        world.stop()
    world.log.unlink()
    world.write(10)
    if restart:
        world.run()
    assert world.settle() == lines(0, 20)


def test_deleted_while_its_writer_goes_on(world: World) -> None:
    """Lines that go to a deleted file are read as long as it is held; the log is told as missing."""
    with world.log.open("ab", buffering=0) as writer:
        writer.write(text(world.next(10)).encode())
        world.run().settle()
        world.log.unlink()
        for _ in range(10):
            writer.write(text(world.next(10)).encode())
            world.settle()
        assert world.agent.obstacles() == [f"log is: waiting for {world.log}"]
    world.write(10)
    assert world.settle() == lines(0, 120)
    assert world.gaps == 0


def test_deleted_and_never_made_again(world: World) -> None:
    """The agent is not ready, says why, and never gives up."""
    world.write(10)
    world.run().settle()
    world.log.unlink()
    world.turn(2000)
    assert world.agent.obstacles() == [f"log is: waiting for {world.log}"]
    world.write(10)
    assert world.settle() == lines(0, 20)
    assert world.agent.obstacles() == []


def directory(path: Path) -> None:
    """Make a directory."""
    path.mkdir()


def pipe(path: Path) -> None:
    """Make a pipe."""
    os.mkfifo(path)


def listening(path: Path) -> None:
    """Make a socket."""
    here = os.open(path.parent, os.O_DIRECTORY)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"/proc/self/fd/{here}/{path.name}")  # a socket's path is short
    os.close(here)


def device(path: Path) -> None:
    """Make a link to a device."""
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [directory, pipe, listening, device])
def test_replaced_by_what_is_no_file(world: World, make: Callable[[Path], None]) -> None:
    """The agent does not hang, says what stands there, and goes on when a file is back."""
    world.write(10)
    world.run().settle()
    world.log.unlink()
    make(world.log)
    world.turn(8)
    (problem,) = world.agent.obstacles()
    assert problem.startswith(f"log is: cannot read {world.log}: it is a ")
    world.log.rmdir() if make is directory else world.log.unlink()
    world.write(10)
    assert world.settle() == lines(0, 20)
    assert (world.agent.obstacles(), world.gaps) == ([], 0)


def test_the_same_content_on_another_device(world: World, tmpfs: Path) -> None:
    """A volume that comes back with other numbers, while the agent was down: nothing is read again."""
    world.folder.rename(world.place / "volume")
    world.folder.symlink_to(world.place / "volume")
    world.write(10)
    world.run().settle()
    world.roll()
    world.write(10)
    world.settle()
    world.stop()
    shutil.copytree(world.folder, tmpfs / "logs")
    world.folder.unlink()
    world.folder.symlink_to(tmpfs / "logs")
    world.write(10)
    world.run()
    assert world.settle() == lines(0, 30)
    assert world.gaps == 0


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_restored_from_a_backup(world: World, *, restart: bool) -> None:
    """A copy with its times kept takes the file's place, and has more lines by then."""
    world.write(100)
    world.run().settle()
    if restart:
        world.stop()
    shutil.copy2(world.log, world.place / "backup")
    world.log.unlink()
    shutil.copy2(world.place / "backup", world.log)
    world.write(10)
    if restart:
        world.run()
    assert world.settle() == lines(0, 110)
    assert world.gaps == 0


def elsewhere(world: World, folder: Path) -> None:
    """Have the log's directory on another file system."""
    world.folder.rmdir()
    world.folder.symlink_to(folder)


@pytest.fixture(params=["tmpfs", "overlay", "ramfs"])
def other(request: pytest.FixtureRequest, mounted: Mounted) -> Path:
    """Return a directory on another file system, of which ramfs tells no birth times."""
    return mounted(request.param)


def test_rolls_on_another_file_system(world: World, other: Path) -> None:
    """What holds of renamed files holds wherever they are."""
    elsewhere(world, other)
    world.write(10)
    world.run().settle()
    for turn in range(12):
        world.write(10)
        for _ in range(turn % 4):
            world.roll(keep=3 if turn < 6 else 10)
            world.write(10)
        if not turn % 4:
            world.restart(kill=bool(turn % 8))
        world.settle()
    assert world.lines() == lines(0, world.written)
    assert world.gaps == 0


@pytest.mark.parametrize("count", [50, 100, 150], ids=["shorter", "as long", "longer"])
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_cuts_on_another_file_system(world: World, other: Path, count: int, *, restart: bool) -> None:
    """What holds of files that are cut holds wherever they are."""
    elsewhere(world, other)
    world.write(100)
    world.run().settle()
    if restart:
        world.stop()
    world.cut()
    world.write(count)
    if restart:
        world.run()
    assert world.settle() == lines(0, 100 + count)


def test_without_birth_times(world: World) -> None:
    """Where inodes come back and nobody notes when a file was born, the content tells, over restarts too."""
    world.tap.setattr(identity, "_statx", None)
    world.run()
    for turn in range(12):
        world.write(50)
        world.settle()
        world.stop()
        world.roll(keep=2)
        if turn % 3 == 0:
            world.write(20)
            world.roll(keep=2)
        world.write(10)
        world.run()
        world.settle()
        world.log.unlink()
        world.write(60)
        world.settle()
    assert world.lines() == lines(0, world.written)


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_header_that_all_files_share(world: World, *, restart: bool) -> None:
    """Files that begin with the same header are told apart by what stands behind it, also by themselves."""
    header = "=" * 299 + "\n"
    append(world.log, header)
    world.run().settle()
    expected = [header[:-1]]
    for turn in range(6):
        append(world.log, header)
        expected += [header[:-1], *world.write(turn % 3)]
        if restart:
            world.restart(kill=bool(turn % 2))
        world.turn(turn % 2)
        world.roll(keep=10)
    assert world.settle() == expected
    assert world.gaps == 0


def test_content_of_three_bytes(world: World) -> None:
    """So little evidence fits any file: a tiny file is copied, emptied and grown, and nothing is mistaken."""
    append(world.log, "00\n")
    world.run().settle()
    world.copy()
    world.cut()
    append(world.log, "00\n")
    world.write(10)
    world.settle()
    assert world.lines()[-10:] == lines(0, 10)
    world.roll()
    append(world.log, "00\n01\n")
    assert world.settle()[-2:] == ["00", "01"]
    world.restart()
    world.write(1)
    assert world.settle()[-1:] == lines(10, 1)
    assert world.lines().count("01") == 1
