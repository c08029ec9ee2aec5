"""What a line is, however it is written: in pieces, with odd ends, odd bytes, or none."""

import os
import tracemalloc

import pytest

from agent.tail.generation import LONGEST_LINE
from tests.following.handshakes import FAILURES, refused
from tests.following.world import World, append, lines, text


def test_a_line_in_two_writes_is_one(world: World) -> None:
    """Half a line, a look, the other half: one line."""
    world.run().settle()
    append(world.log, "abc")
    assert world.settle() == []
    append(world.log, "def\n")
    assert world.settle() == ["abcdef"]


def test_half_a_line_waits_for_as_long_as_it_takes(world: World) -> None:
    """A minute of silence ends no line; that something waits is seen in the lag."""
    world.run().settle()
    append(world.log, "abc")
    world.turn(240)
    assert (world.lines(), world.gauge("lag_bytes")) == ([], 3)
    append(world.log, "def\n")
    assert world.settle() == ["abcdef"]


def test_a_line_byte_by_byte_is_one(world: World) -> None:
    """A look after each byte finds one line at the end."""
    (line,) = world.next(1)
    world.run()
    for byte in f"{line:300}\n":
        append(world.log, byte)
        world.turn()
    assert world.settle() == [f"{line:300}"]


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_half_a_line_over_a_restart_is_one(world: World, *, kill: bool) -> None:
    """The agent ends amid a line that is finished while it is down: one line, once."""
    world.run().settle()
    world.write(1)
    append(world.log, "abc")
    world.settle()
    world.kill() if kill else world.stop()
    append(world.log, "def\n")
    world.run()
    assert world.settle() == [*lines(0, 1), "abcdef"]


def test_half_a_line_is_finished_in_the_rolled_file(world: World) -> None:
    """The writer finishes its line after the roll, when the new file has lines already."""
    world.run().settle()
    append(world.log, "abc")
    world.settle()
    world.roll()
    world.write(2)
    world.turn(12)
    append(world.rolled(1), "def\n")
    world.write(1)
    assert world.settle() == [*lines(0, 2), "abcdef", *lines(2, 1)]


def test_half_a_line_of_a_file_that_is_gone_is_told_once(world: World) -> None:
    """Nobody will finish it: the last words of a deleted file are handed out as a line, once."""
    world.run().settle()
    append(world.log, "last words")
    world.settle()
    world.log.unlink()
    world.turn(40)
    assert world.lines() == []
    world.write(1)
    assert world.settle() == ["last words", *lines(0, 1)]
    world.restart()
    assert world.settle() == ["last words", *lines(0, 1)]


def test_a_line_without_an_end_is_joined_with_the_next(world: World) -> None:
    """Without a line feed between them two lines are one: nobody can tell where it was meant."""
    append(world.log, "one")
    world.run().settle()
    append(world.log, "two\n")
    assert world.settle() == ["onetwo"]


@pytest.mark.parametrize("at", [8191, 65535, (1 << 20) - 1], ids=["8 KiB", "64 KiB", "1 MiB"])
def test_a_carriage_return_at_the_end_of_a_read(world: World, at: int) -> None:
    """A line's end of two bytes, the second of which comes later, or in the next block, ends one line."""
    world.run().settle()
    append(world.log, b"x" * at + b"\r")
    world.settle()
    append(world.log, b"\n" + text(f"{line}\r" for line in lines(0, 2)).encode())
    assert world.settle() == ["x" * at + "\r", *(f"{line}\r" for line in lines(0, 2))]


def test_carriage_returns_do_not_stay_in_what_is_told(world: World) -> None:
    """A log with the line ends of Windows says the same as one without."""
    world.run().settle()
    append(world.log, refused(1).replace(b"\n", b"\r\n"))
    world.settle()
    world.turn(20)
    assert world.counted(FAILURES) == 1
    assert "\\r" not in world.sent()


@pytest.mark.parametrize(
    "sign", ["\r", "\x0b", "\x0c", "\x85", "\u2028"], ids=["CR", "VT", "FF", "NEL", "LS"]
)
def test_what_ends_no_line(world: World, sign: str) -> None:
    """Only a line feed ends a line, whatever Unicode says of other signs."""
    append(world.log, f"one{sign}two\n")
    assert world.run().settle() == [f"one{sign}two"]


@pytest.mark.parametrize(
    "pieces",
    [[b"a\xff\xfeb\n"], [b"a\xc3", b"\xa4b\n"], [b"x" * 65535 + b"\xe2", b"\x82\xac\n"]],
    ids=["no UTF-8", "a rune in two writes", "a rune over a buffer's end"],
)
def test_bytes_of_any_kind_are_kept_as_they_are(world: World, pieces: list[bytes]) -> None:
    """Decoding is not the reader's business: a rune that is torn or none at all breaks no line."""
    world.run()
    for piece in pieces:
        append(world.log, piece)
        world.turn()
    world.write(1)
    world.settle()
    assert b"".join(one.data for one in world.read) == b"".join(pieces) + text(lines(0, 1)).encode()


def test_a_byte_order_mark_hides_no_line(world: World) -> None:
    """A mark at the beginning of a file, and again after a roll, leaves the first line readable."""
    append(world.log, b"\xef\xbb\xbf" + refused(1))
    world.run().settle()
    world.roll()
    append(world.log, b"\xef\xbb\xbf" + refused(2))
    world.settle()
    world.turn(20)
    assert world.counted(FAILURES) == 2


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_told_and_not_counted(world: World, code: str) -> None:
    """No wrapper writes it; half characters would be counted as lines. The file is named, with the mend."""
    world.run()
    world.log.write_bytes(("\ufeff" + refused(1).decode() + "\u010a\u0a0a\n" * 3).encode(code))
    assert world.settle() == []
    (problem,) = world.agent.obstacles()
    assert "UTF-16" in problem
    assert str(world.log) in problem
    world.log.rename(world.rolled(1))
    world.write(2)
    assert world.settle() == lines(0, 2)
    world.rolled(1).unlink()
    world.settle()
    assert world.agent.obstacles() == []
    assert world.gaps == 1


def test_a_line_without_an_end_costs_no_memory(world: World) -> None:
    """Forty megabytes without a line feed are passed over in bounded memory, and counted once."""
    with world.log.open("wb") as stream:
        for _ in range(40):
            stream.write(b"x" * (1 << 20))
    append(world.log, "\n")
    world.write(10)
    world.run()
    tracemalloc.start()
    assert world.settle() == lines(0, 10)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * LONGEST_LINE
    assert world.tail().long_lines == 1


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_lines_at_the_limit(world: World, over: int) -> None:
    """A line up to the limit is whole, one of a byte more is passed over; its neighbours stay."""
    line = "x" * (LONGEST_LINE + over)
    world.write(1)
    append(world.log, line + "\n")
    world.write(1)
    assert world.run().settle() == [*lines(0, 1), *([line] if over < 1 else []), *lines(1, 1)]
    assert world.tail().long_lines == (over > 0)


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_restart_amid_a_line_that_is_too_long(world: World, *, kill: bool) -> None:
    """The rest of the line is passed over as the rest of a line, not taken for one."""
    append(world.log, "x" * (3 * LONGEST_LINE))
    world.run().settle()
    world.restart(kill=kill)
    append(world.log, "x" * LONGEST_LINE + "\n")
    world.write(10)
    assert world.settle() == lines(0, 10)
    assert world.tail().long_lines == 1


def test_a_hole_of_two_gigabytes_costs_nothing(world: World) -> None:
    """A writer that does not append leaves a hole after a truncation; it is stepped over, not read."""
    world.write(10)
    world.run().settle()
    world.cut()
    world.settle()
    with world.log.open("r+b") as stream:
        stream.seek(2 << 30)
        stream.write(text(world.next(10)).encode())
    reads, pread = [], os.pread

    def counted(fd: int, size: int, offset: int) -> bytes:
        reads.append(size)
        return pread(fd, size, offset)

    world.tap.setattr(os, "pread", counted)
    assert world.settle() == lines(0, 20)
    assert sum(reads) < 16 << 20


@pytest.mark.parametrize("zeros", [b"a\0b\n", b"\0\0\0\n", b"a\n\0\0b\n"], ids=["within", "only", "before"])
def test_zeros_in_lines_break_none(world: World, zeros: bytes) -> None:
    """Zeros within a line are text; zeros where a line begins are what a hole leaves."""
    append(world.log, zeros)
    world.write(2)
    assert world.run().settle()[-2:] == lines(0, 2)
    assert world.counter("lines_read") == zeros.count(b"\n") + 2
    assert world.counter("bytes_read") == world.log.stat().st_size


def test_colours_and_signs_of_all_planes(world: World) -> None:
    """Terminal codes, emoji and marks of direction are text of their line."""
    odd = "\x1b[31mred\x1b[0m \U0001f600 \u200fabc"
    append(world.log, f"{odd}\n")
    world.write(1)
    assert world.run().settle() == [odd, *lines(0, 1)]


def test_a_million_lines_of_one_byte(world: World) -> None:
    """As many lines as bytes allow: all of them, in memory that does not grow with them."""
    append(world.log, b"x\n" * 1_000_000)
    world.run()
    assert len(world.settle()) == 1_000_000
    assert world.counter("lines_read") == 1_000_000


def test_two_writers_of_one_file(world: World) -> None:
    """Two processes that append whole lines: each line of both, each writer's in its order."""
    world.run()
    one, other = os.open(world.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY), None
    other = os.open(world.log, os.O_APPEND | os.O_WRONLY)
    for number in range(200):
        os.write(one, f"one {number}\n".encode())
        os.write(other, f"other {number}\n".encode())
        if not number % 20:
            world.turn()
    os.close(one)
    os.close(other)
    found = world.settle()
    for name in ("one", "other"):
        assert [line for line in found if line.startswith(f"{name} ")] == [
            f"{name} {at}" for at in range(200)
        ]


def test_a_line_that_the_wrapper_broke_in_two(world: World) -> None:
    """The wrapper may give up waiting and print what it has: the rest gets a prefix of its own."""
    whole = refused(1)
    at = whole.index(b"Sending alert") + 30
    world.run()
    append(world.log, whole[:at])
    world.settle()
    append(world.log, b"\njvm 1    | " + whole[at:])
    world.settle()
    world.turn(20)
    assert world.counted(FAILURES) == 1
