"""Files that are cut in place: emptied, copied and emptied, and grown again."""

import gzip
import shutil
import subprocess
from threading import Thread

import pytest

from tests.following.handshakes import refused
from tests.following.world import World, append, lines, text

LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin")


@pytest.mark.parametrize("count", [50, 100, 150], ids=["shorter", "as long", "longer"])
def test_emptied_and_grown_again(world: World, count: int) -> None:
    """Whether the new text is shorter, as long as or longer than the old one: all of it is read, uncut."""
    world.write(100)
    world.run().settle()
    world.cut()
    world.write(count)
    assert world.settle() == lines(0, 100 + count)
    assert world.counter("truncations") == 1


def test_grown_again_to_the_same_bytes_before_the_position(world: World) -> None:
    """The text before the old position is there again by chance; the head of the file tells."""
    trace = text(["\tat com.example.Same.method(Same.java:1)"] * 300)
    append(world.log, "first one\n" + trace)
    world.run().settle()
    world.cut()
    append(world.log, "other one\n" + trace)
    world.write(5)
    found = world.settle()
    assert found == ["first one", *trace.splitlines(), "other one", *trace.splitlines(), *lines(0, 5)]


@pytest.mark.parametrize("within", [False, True], ids=["between lines", "within a line"])
def test_cut_to_half(world: World, *, within: bool) -> None:
    """What is left was read before and is not read again; what comes behind it is; the loss is told."""
    world.write(1000)
    world.run().settle()
    size = len(text(lines(0, 1)))
    world.cut(500 * size + 10 * within)
    world.settle()
    append(world.log, "\n" * within)
    world.write(10)
    found = [line for line in world.settle() if line]
    assert found == lines(0, 1010)
    assert (world.counter("truncations"), world.gaps) == (1, 1)


def test_emptied_twice_between_two_looks(world: World) -> None:
    """What was written between the two is gone; what is there is read once."""
    world.write(100)
    world.run().settle()
    world.cut()
    world.write(10)
    world.cut()
    world.write(20)
    assert world.settle() == [*lines(0, 100), *lines(110, 20)]
    assert world.gaps == 1


def test_emptied_fifty_times(world: World) -> None:
    """Fifty-one rounds of one inode, each read before the next: all lines, each once."""
    world.run()
    for _ in range(51):
        world.write(100)
        world.settle()
        world.cut()
        world.turn()
    assert world.settle() == lines(0, 5100)


def test_copied_and_emptied(world: World) -> None:
    """An agent that is current takes nothing from the copy and all from the emptied file."""
    world.write(100)
    world.run().settle()
    for _ in range(3):
        world.copy()
        world.cut()
        world.write(50)
        world.settle()
    assert world.lines() == lines(0, 250)
    world.restart()
    assert world.settle() == lines(0, 250)


def test_copied_and_emptied_with_a_megabyte_unread(world: World) -> None:
    """What was not read yet is read from the copy, in its place and once."""
    world.most = 50_000
    world.write(20_000)
    world.run().turn()
    world.copy()
    world.cut()
    world.write(50)
    assert world.settle() == lines(0, 20_050)
    assert world.counter("rotations") == 0


def test_a_look_between_copy_and_cut(world: World) -> None:
    """A complete copy beside its original is not a file that rolled."""
    world.write(100)
    world.run().settle()
    world.copy()
    world.turn(4)
    world.cut()
    world.write(50)
    assert world.settle() == lines(0, 150)


@pytest.mark.parametrize("done", [0, 5, 4096, 100_000], ids=["nothing", "a bit", "a page", "half"])
def test_a_look_amid_the_copying(world: World, done: int) -> None:
    """A copy that grows is no new file, however much of it there is."""
    world.write(4000)
    world.run().settle()
    whole = world.log.read_bytes()
    world.rolled(1).write_bytes(whole[:done])
    world.turn(4)
    append(world.rolled(1), whole[done:])
    world.turn(4)
    world.cut()
    world.turn(4)
    world.write(50)
    assert world.settle() == lines(0, 4050)


@pytest.mark.parametrize("done", [0, 5, 4096, 100_000], ids=["nothing", "a bit", "a page", "half"])
def test_a_copy_in_progress_of_what_was_not_read(world: World, done: int) -> None:
    """The agent starts, or falls back, while what it has not read at all is being copied: it is read once."""
    world.write(10)
    world.run().settle()
    world.roll()
    world.write(4000)
    world.rolled(1).rename(world.rolled(2))
    whole = world.log.read_bytes()
    world.rolled(1).write_bytes(whole[:done])
    world.most = 100
    world.turn()
    append(world.rolled(1), whole[done:])
    world.turn()
    world.cut()
    world.turn()
    world.most = 1 << 20
    world.write(50)
    assert world.settle() == lines(0, 4060)


def test_lines_between_copy_and_cut_that_were_read(world: World) -> None:
    """The copy is shorter than what was read of the original: nothing of it is read again."""
    world.write(100)
    world.run().settle()
    world.copy()
    world.write(10)
    world.settle()
    world.cut()
    world.write(50)
    assert world.settle() == lines(0, 160)
    world.restart()
    assert world.settle() == lines(0, 160)


def test_copied_and_emptied_twice_between_two_looks(world: World) -> None:
    """The rest of the older copy, all of the younger one, and all of the live file, each once."""
    world.most = 1000
    world.write(100)
    world.run().turn()
    for _ in range(2):
        world.copy()
        world.cut()
        world.write(50)
    assert world.settle() == lines(0, 200)


@pytest.mark.parametrize("unread", [0, 50])
def test_copied_emptied_and_compressed(world: World, unread: int) -> None:
    """What was unread is read from the archive, once; what was read is not."""
    world.write(100)
    world.run().settle()
    world.write(unread)
    world.copy()
    world.cut()
    world.rolled(1).with_name("wrapper.log.1.gz").write_bytes(gzip.compress(world.rolled(1).read_bytes()))
    world.rolled(1).unlink()
    world.write(50)
    assert world.settle() == lines(0, 150 + unread)


def test_emptied_and_begun_alike(world: World) -> None:
    """The new text begins with the same kilobytes as the old one."""
    banner = [f"jvm 1    | banner {number:03}" for number in range(60)]
    append(world.log, text(banner))
    world.write(100)
    world.run().settle()
    world.copy()
    world.cut()
    append(world.log, text(banner))
    world.write(100)
    assert world.settle() == [*banner, *lines(0, 100), *banner, *lines(100, 100)]


def test_a_writer_that_goes_on_at_its_old_position(world: World) -> None:
    """The file that it leaves begins with a hole as long as the old text was."""
    with world.log.open("wb", buffering=0) as writer:
        writer.write(text(world.next(1000)).encode())
        world.run().settle()
        for _ in range(3):
            world.copy()
            world.cut()
            writer.write(text(world.next(10)).encode())
            world.settle()
    assert world.lines() == lines(0, 1030)


def test_a_first_line_that_is_torn(world: World) -> None:
    """What the window between copy and cut leaves of a line is one that says nothing; the rest is whole."""
    append(world.log, refused(1))
    world.run().settle()
    world.copy()
    world.cut()
    append(world.log, refused(2)[17:])
    append(world.log, refused(3))
    world.settle()
    world.turn(40)
    assert world.failures() == 3
    assert len(world.lines()) == 18


@pytest.mark.skipif(LOGROTATE is None, reason="logrotate is not installed")
def test_logrotate_while_a_writer_writes(world: World) -> None:
    """The real logrotate copies and empties a file at full speed: what survives is read, nothing twice."""
    world.log.touch()
    settings = world.place / "logrotate.conf"
    settings.write_text(f"{world.log} {{\n rotate 100\n copytruncate\n su root root\n}}\n")
    settings.chmod(0o644)
    stopping: list[bool] = []

    def write() -> None:
        with world.log.open("ab", buffering=0) as stream:
            while not stopping:
                for line in world.next(100):
                    stream.write(f"{line}\n".encode())

    writer = Thread(target=write)
    world.run()
    writer.start()
    for _ in range(8):
        world.turn(3)
        command = [str(LOGROTATE), "-f", "-s", str(world.place / "logrotate.state"), str(settings)]
        subprocess.run(command, check=True)  # noqa: S603
    stopping.append(True)
    writer.join()
    found = [line for line in world.settle() if line.startswith("INFO") and line[-8:].isdigit()]
    survived = {
        line
        for file in world.folder.iterdir()
        for line in file.read_text().split("\n")[:-1]
        if line.startswith("INFO")
    }
    assert len(found) == len(set(found))
    assert survived - set(found) == set()
    assert set(found) <= set(lines(0, world.written))
    assert 0 < world.counter("truncations") <= 8


def test_emptied_by_an_operator(world: World) -> None:
    """A shell's redirection: what was unread is lost, and that is told with the file and where it began."""
    world.write(100)
    world.run().settle()
    world.write(10)
    world.turn(0)
    world.log.open("w").close()
    world.write(5)
    assert world.settle() == [*lines(0, 100), *lines(110, 5)]
    (gap,) = world.told("tail.gap")
    assert (gap["path"], gap["reason"]) == (str(world.log), "truncated")
    assert gap["first_byte"] == len(text(lines(0, 100)))


@pytest.mark.parametrize("editor", ["vi", "sed -i"])
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_saved_by_an_editor(world: World, editor: str, *, restart: bool) -> None:
    """An editor writes the same text to a new file in the old one's place: nothing of it is read again."""
    world.write(100)
    world.run().settle()
    if restart:
        world.stop()
    writer = world.log.open("ab", buffering=0)
    new = world.folder / "new"
    new.write_bytes(world.log.read_bytes())
    if editor == "vi":
        world.log.rename(world.folder / "wrapper.log~")
        new.rename(world.log)
        (world.folder / "wrapper.log~").unlink()
    else:
        new.replace(world.log)
    if restart:
        world.run()
    world.settle()
    if not restart:  # the writer does not know, and what it writes is in no file that has a name
        writer.write(text(world.next(10)).encode())
        world.settle()
    writer.close()
    world.write(10)
    assert world.settle() == lines(0, world.written)
    assert world.gaps == 0
