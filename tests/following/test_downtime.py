"""What happens to a log while the agent is down."""

import gzip
import shutil
import tracemalloc
from pathlib import Path

import pytest

from tests.following.world import World, append, lines, text


@pytest.fixture
def down(world: World) -> World:
    """Return a world whose agent has read a hundred lines and was killed."""
    world.write(100)
    world.run().settle()
    world.kill()
    return world


def test_one_roll(down: World) -> None:
    """The rest of the rolled file, then the new one."""
    down.write(50)
    down.roll()
    down.write(50)
    assert down.run().settle() == lines(0, 200)
    assert (down.counter("rotations"), down.gaps) == (1, 0)


def test_rolled_off(down: World) -> None:
    """The file rolled off and its inode came back: what is there is read whole, and the gap told."""
    for _ in range(5):
        down.write(50)
        down.roll(keep=3)
    down.write(50)
    down.run()
    kept = 3 * 50 + 50
    assert down.settle() == [*lines(0, 100), *lines(100 + 6 * 50 - kept, kept)]
    assert down.gaps == 1
    (gap,) = down.told("tail.gap")
    assert (gap["reason"], gap["first_byte"]) == ("gone", len(text(lines(0, 100))))


@pytest.mark.parametrize("unread", [0, 50])
def test_rolled_and_compressed(down: World, unread: int) -> None:
    """What was unread is read from the archive; what was read is not."""
    down.write(unread)
    down.roll()
    packed = down.rolled(1).with_name("wrapper.log.1.gz")
    packed.write_bytes(gzip.compress(down.rolled(1).read_bytes()))
    down.rolled(1).unlink()
    down.write(50)
    assert down.run().settle() == lines(0, 150 + unread)
    assert down.gaps == 0


def test_copied_and_emptied(down: World) -> None:
    """The rest is read from the copy, the live file from its first line."""
    down.write(50)
    down.copy()
    down.cut()
    down.write(50)
    assert down.run().settle() == lines(0, 200)


def test_copied_and_emptied_twice(down: World) -> None:
    """The rest of the older copy, the younger copy, the live file: each line once."""
    for _ in range(2):
        down.write(50)
        down.copy()
        down.cut()
    down.write(50)
    assert down.run().settle() == lines(0, 250)


def test_deleted_and_made_again(down: World) -> None:
    """The new file is read from its first line; that the old one may have had more is told."""
    down.log.unlink()
    down.write(120)
    assert down.run().settle() == lines(0, 220)
    assert down.gaps == 1


@pytest.mark.parametrize("head", [0, 20], ids=["another head", "the same head"])
def test_emptied_and_grown_larger(world: World, head: int) -> None:
    """The text before the position tells, where the head of the file is the same as before."""
    banner = [f"jvm 1    | banner {number:03}" + "=" * 300 for number in range(head)]
    append(world.log, text(banner))
    world.write(100)
    world.run().settle()
    world.kill()
    world.cut()
    append(world.log, text(banner))
    world.write(150)
    world.run()
    assert world.settle() == [*banner, *lines(0, 100), *banner, *lines(100, 150)]
    assert (world.counter("truncations"), world.gaps) == (1, 1)


def test_an_older_file_that_was_not_finished(world: World) -> None:
    """The agent ended while the rolled file had unread lines: they come first."""
    world.most = 1000
    world.write(100)
    world.run().turn()
    world.roll()
    world.write(100)
    world.turn()
    world.restart(kill=True)
    world.write(100)
    world.roll()
    world.write(100)
    assert world.settle() == lines(0, 400)
    assert world.gaps == 0


@pytest.mark.parametrize("count", [50, 100, 150], ids=["shorter", "as long", "longer"])
def test_a_fresh_volume(down: World, tmpfs: Path, count: int) -> None:
    """Another disk is in the directory's place: its log is read from the first line, and the loss told."""
    shutil.rmtree(down.folder)
    down.folder.symlink_to(tmpfs)
    down.write(count)
    assert down.run().settle() == lines(0, 100 + count)
    assert down.gaps == 1


def test_a_backlog_of_many_files(down: World) -> None:
    """Ten large files are caught up in order, in memory that does not grow with them."""
    block = text(lines(0, 20_000)).encode()
    for number in range(10, 0, -1):
        down.rolled(number).write_bytes(block * 5)
    down.log.rename(down.rolled(11))
    down.write(10)
    down.keep_read = False
    tracemalloc.start()
    down.run()
    while down.turn():
        pass
    down.turn(4)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert down.counter("lines_read") == 100 + 10 * 100_000 + 10
    assert most < 40 << 20
    assert down.gaps == 0
