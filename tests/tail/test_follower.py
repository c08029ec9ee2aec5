"""One log, followed through everything that happens to files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from agent.tail import identity
from agent.tail.follower import KEPT, Follower
from agent.tail.generation import LONGEST_LINE, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    Tailing = Callable[..., Any]

START: tuple[Literal["end", "beginning"], ...] = ("end", "beginning")


def numbered(first: int, count: int) -> str:
    """Return lines that tell their number."""
    return "".join(f"INFO   | jvm 1    | line {number:08}\n" for number in range(first, first + count))


# -- where a log begins -----------------------------------------------------------------------------------


def test_beginning_reads_what_is_there(log: Any, tail: "Tailing") -> None:
    """A log never seen before is read from its first line, in blocks that say where they stand."""
    log.append(numbered(0, 100))
    following = tail("beginning")
    assert following.poll() == numbered(0, 100)
    assert following.places() == [("wrapper.log", 0, 1)]
    assert (following.state.lines_read, following.state.bytes_read) == (100, len(numbered(0, 100)))
    assert following.follower.lag() == 0


def test_end_reads_only_what_comes_after(log: Any, tail: "Tailing") -> None:
    """Lines that were complete at the start are passed over, but lines are counted from the first."""
    log.append(numbered(0, 100))
    following = tail("end")
    assert following.poll() == ""
    log.append(numbered(100, 10))
    assert following.poll() == numbered(100, 10)
    assert following.places() == [("wrapper.log", len(numbered(0, 100)), 101)]


def test_end_takes_the_line_that_is_being_written(log: Any, tail: "Tailing") -> None:
    """A line that was incomplete at the start is handed out whole."""
    log.append("old\nhal")
    following = tail("end")
    log.append("f\n")
    assert following.poll() == "half\n"
    assert following.places() == [("wrapper.log", 4, 2)]


def test_end_is_where_the_log_ended_at_the_start_not_at_the_first_poll(log: Any, tail: "Tailing") -> None:
    """What is written between start and first poll is new."""
    log.append("old\n")
    following = tail("end")
    log.append("new\n")
    assert following.poll() == "new\n"


def test_end_leaves_rolled_files_alone_whatever_happens_to_the_live_one(log: Any, tail: "Tailing") -> None:
    """Files that had rolled before the start are history, also after the live file was deleted."""
    for text in ("a\n", "b\n", "c\n"):
        log.append(text)
        log.roll()
    log.append("d\n")
    following = tail("end")
    log.path.unlink()
    log.append("new\n")
    assert following.poll() == "new\n"


def test_beginning_reads_rolled_files_oldest_first(log: Any, tail: "Tailing") -> None:
    """The beginning of a log is the first line of its oldest file."""
    for text in ("a\n", "b\n"):
        log.append(text)
        log.roll()
    log.append("c\n")
    following = tail("beginning")
    assert following.poll() == "a\nb\nc\n"
    assert [place[0] for place in following.places()] == ["wrapper.log.2", "wrapper.log.1", "wrapper.log"]


@pytest.mark.parametrize("start", START)
def test_file_born_after_start_is_read_from_its_first_byte(log: Any, tail: "Tailing", start: str) -> None:
    """A log that is absent at the start is waited for, and then wholly new."""
    following = tail(start)
    assert following.poll() == ""
    assert (following.follower.missing, following.follower.problem) == (True, None)
    log.append(numbered(0, 10))
    assert following.poll() == numbered(0, 10)
    assert (following.follower.missing, following.state.rotations, following.state.gaps) == (False, 0, 0)


def test_directory_may_come_later(tmp_path: Path) -> None:
    """An absent directory is no error, and its log new when it comes."""
    path = tmp_path / "later" / "wrapper.log"
    follower = Follower(path, start="end")
    assert follower.poll(100) == []
    path.parent.mkdir()
    path.write_bytes(b"one\n")
    assert [block.data for block in follower.poll(100)] == [b"one\n"]
    follower.close()


def test_start_is_not_asked_once_a_log_was_seen(log: Any, tail: "Tailing") -> None:
    """An empty directory that was seen is a beginning: what comes while the agent is down is new."""
    following = tail("end")
    saved = following.save()
    log.append("new\n")
    assert tail("end", saved).poll() == "new\n"


# -- lines ------------------------------------------------------------------------------------------------


def test_partial_line_waits_for_its_end(log: Any, tail: "Tailing") -> None:
    """Half a line is never handed out, however often is looked."""
    following = tail()
    log.append("abc")
    assert [following.poll() for _ in range(5)] == [""] * 5
    assert following.follower.lag() == 3
    log.append("def\n")
    assert following.poll() == "abcdef\n"


def test_partial_line_is_completed_once_over_a_restart(log: Any, tail: "Tailing") -> None:
    """Half a line before, half a line after the restart: one line."""
    log.append("one\nab")
    following = tail()
    assert following.poll() == "one\n"
    following.restart()
    log.append("cd\n")
    assert following.poll() == "abcd\n"
    assert following.poll() == ""
    assert following.places() == [("wrapper.log", 0, 1), ("wrapper.log", 4, 2)]


def test_partial_line_is_completed_in_the_rolled_file(log: Any, tail: "Tailing") -> None:
    """A line finished after the roll is read from the rolled file, once; the new file is read meanwhile."""
    following = tail()
    log.append("one\nha")
    assert following.poll() == "one\n"
    log.roll()
    log.append("new\n")
    assert following.poll() == "new\n"
    with log.sibling(1).open("ab") as stream:
        stream.write(b"lf\n")
    assert following.poll() == "half\n"
    assert following.places()[-1] == ("wrapper.log.1", 4, 2)


def test_partial_line_of_a_deleted_file_is_handed_out_once(log: Any, tail: "Tailing") -> None:
    """When a file is gone for good, its unfinished line is the last thing it says."""
    following = tail()
    log.append("one\nlast words")
    assert following.poll() == "one\n"
    log.path.unlink()
    assert following.poll() == ""
    log.append("new\n")
    assert following.poll() == "last words\nnew\n"
    assert following.poll() == ""
    assert following.state.lines_read == 3


def test_empty_lines_are_lines(log: Any, tail: "Tailing") -> None:
    """Leading, only and inner empty lines count."""
    following = tail()
    log.append("\n\na\n\n")
    assert following.poll() == "\n\na\n\n"
    log.append("b\n")
    assert following.poll() == "b\n"
    assert following.places() == [("wrapper.log", 0, 1), ("wrapper.log", 5, 5)]


def test_only_line_feeds_end_lines(log: Any, tail: "Tailing") -> None:
    """Carriage return, vertical tab, form feed, NEL and U+2028 stand within lines."""
    following = tail()
    log.append("a\rb\x0bc\x0cd\x85e\u2028f\r\n")
    assert following.poll() == "a\rb\x0bc\x0cd\x85e\u2028f\r\n"
    assert following.state.lines_read == 1


def test_line_that_is_too_long_is_passed_over(log: Any, tail: "Tailing") -> None:
    """A line over the limit costs its own text and no other line; a line at the limit is whole."""
    fits = "x" * LONGEST_LINE + "\n"
    log.append("before\n" + fits + "y" * (5 * LONGEST_LINE) + "\nafter\n")
    following = tail()
    text = "".join(following.poll() for _ in range(10))
    assert text == "before\n" + fits + "after\n"
    assert (following.state.long_lines, following.state.lines_read) == (1, 3)
    assert following.places()[-1][2] == 4
    assert following.state.bytes_read == log.path.stat().st_size


def test_line_that_is_too_long_is_counted_once_over_a_restart(log: Any, tail: "Tailing") -> None:
    """A restart in the middle of a line that is passed over goes on passing it over."""
    log.append("y" * (2 * LONGEST_LINE))
    following = tail()
    assert following.poll() == ""
    following.restart()
    log.append("y" * LONGEST_LINE + "\nafter\n")
    assert "".join(following.poll() for _ in range(4)) == "after\n"
    assert following.state.long_lines == 1
    assert following.places() == [("wrapper.log", 3 * LONGEST_LINE + 1, 2)]


def test_hole_of_zeros_is_passed_over(log: Any, tail: "Tailing") -> None:
    """A writer without O_APPEND leaves a hole after a truncation; the line behind it is whole."""
    writer = log.path.open("wb", buffering=0)
    following = tail()
    writer.write(numbered(0, 10).encode())
    assert following.poll() == numbered(0, 10)
    os.truncate(log.path, 0)
    os.lseek(writer.fileno(), 64 << 20, os.SEEK_SET)
    writer.write(b"new\n")
    writer.close()
    assert following.poll(limit=1 << 30) == "new\n"
    assert (following.state.truncations, following.state.long_lines) == (1, 0)


def test_limit_bounds_a_poll_and_blocks_are_bounded(log: Any, tail: "Tailing") -> None:
    """A poll hands out about its limit, in whole lines, and goes on where it stopped."""
    log.append(numbered(0, 100_000))
    following = tail()
    line = len(numbered(0, 1))
    assert following.poll(limit=10 * line + 5) == numbered(0, 10)
    assert following.poll(limit=1) == numbered(10, 1)
    while following.poll(limit=3 << 20):
        pass
    assert b"".join(block.data for block in following.blocks).decode() == numbered(0, 100_000)
    assert max(len(block.data) for block in following.blocks) <= 1 << 20
    assert [block.start.line for block in following.blocks[:3]] == [1, 11, 12]


# -- rolls ------------------------------------------------------------------------------------------------


def test_roll_with_unread_lines_loses_none(log: Any, tail: "Tailing") -> None:
    """What was not read before a roll is read from the rolled file, before the new one."""
    log.append(numbered(0, 50))
    following = tail()
    assert following.poll() == numbered(0, 50)
    log.append(numbered(50, 50))
    log.roll()
    log.append(numbered(100, 50))
    assert following.poll() == numbered(50, 100)
    assert [place[0] for place in following.places()] == ["wrapper.log", "wrapper.log.1", "wrapper.log"]
    assert (following.state.rotations, following.state.gaps) == (1, 0)


def test_several_rolls_between_two_looks(log: Any, tail: "Tailing") -> None:
    """All files that rolled unseen are read, oldest first."""
    log.append(numbered(0, 10))
    following = tail()
    following.poll()
    for roll in range(1, 4):
        log.roll()
        log.append(numbered(roll * 10, 10))
    assert following.poll() == numbered(10, 30)
    assert (following.state.rotations, following.state.gaps) == (3, 0)


def test_rolled_with_the_number_within_the_name(log: Any, tail: "Tailing") -> None:
    """With ROLLNUM in its name the log rolls to wrapper_1.log, wrapper_2.log and so on."""
    log.append(numbered(0, 5))
    following = tail("beginning")
    assert following.poll() == numbered(0, 5)
    log.append(numbered(5, 2))
    log.path.rename(log.path.with_name("wrapper_2.log"))
    log.append(numbered(7, 2))
    log.path.rename(log.path.with_name("wrapper_1.log"))
    log.append(numbered(9, 1))
    assert following.poll() == numbered(5, 5)
    assert (following.state.rotations, following.state.gaps) == (2, 0)


def test_rolled_by_date(log: Any, tail: "Tailing") -> None:
    """A file that another program renamed to a date is read to its end, while we run or are down."""
    log.append(numbered(0, 2))
    following = tail("beginning")
    assert following.poll() == numbered(0, 2)
    log.append(numbered(2, 2))
    log.path.rename(log.path.with_name("wrapper.log-20261123"))
    log.append(numbered(4, 1))
    assert following.poll() == numbered(2, 3)
    log.append(numbered(5, 1))
    log.path.rename(log.path.with_name("wrapper.log-20261124"))
    log.append(numbered(6, 1))
    following.restart()
    assert following.poll() == numbered(5, 2)
    assert following.state.gaps == 0


def test_many_rolls_with_few_files_kept(log: Any, tail: "Tailing") -> None:
    """With three files kept, every roll frees an inode for the next file; no line is lost or read twice."""
    following, text = tail(), ""
    for roll in range(30):
        log.append(numbered(roll * 100, 50))
        text += following.poll(limit=1000)
        log.append(numbered(roll * 100 + 50, 50))
        text += following.poll()
        log.roll(keep=3)
    text += following.poll()
    assert text == numbered(0, 3000)
    assert (following.state.rotations, following.state.gaps) == (29, 0)
    assert len(following.state.generations) <= KEPT


def test_rolled_file_without_successor_is_no_deletion(log: Any, tail: "Tailing") -> None:
    """An idle wrapper makes its new file with the next line; until then the log is missing, not lost."""
    log.append("one\n")
    following = tail()
    following.poll()
    log.roll()
    assert [following.poll() for _ in range(3)] == ["", "", ""]
    assert following.follower.missing
    log.append("two\n")
    assert following.poll() == "two\n"
    assert (following.state.rotations, following.state.gaps) == (1, 0)


def test_same_banner_in_every_file(log: Any, tail: "Tailing") -> None:
    """Files that begin with the same kilobytes are different files."""
    banner = "=" * 8000 + "\n"
    following = tail()
    log.append(banner + "a\n")
    assert following.poll() == banner + "a\n"
    saved = following.save()
    log.roll()
    log.append(banner + "b\n")
    assert following.poll() == banner + "b\n"
    assert tail("end", saved).poll() == banner + "b\n"


def test_file_equal_to_its_predecessor_is_read(log: Any, tail: "Tailing") -> None:
    """Without times in the lines a new file can equal the old one; it is read all the same."""
    following = tail()
    log.append(numbered(0, 100))
    following.poll()
    saved = following.save()
    log.roll()
    log.append(numbered(0, 100))
    assert following.poll() == numbered(0, 100)
    assert tail("end", saved).poll() == numbered(0, 100)


def test_one_short_line_is_read_at_once(log: Any, tail: "Tailing") -> None:
    """No number of bytes is waited for."""
    following = tail()
    log.append("a\n")
    assert following.poll() == "a\n"


def test_hole_in_the_chain_does_not_end_the_look(log: Any, tail: "Tailing") -> None:
    """A rolled file deleted by hand does not hide the older ones."""
    log.append(numbered(0, 10))
    following = tail()
    following.poll()
    for roll in range(1, 4):
        log.append(numbered(100 * roll, 1))
        log.roll()
    saved = following.save()
    log.sibling(2).unlink()
    log.append(numbered(500, 1))
    assert tail("end", saved).poll() == numbered(100, 1) + numbered(300, 1) + numbered(500, 1)


def test_late_lines_of_a_rolled_file(log: Any, tail: "Tailing") -> None:
    """A writer that goes on in the renamed file is followed there, for two rolls."""
    following = tail()
    writer = log.path.open("ab", buffering=0)
    writer.write(b"one\n")
    assert following.poll() == "one\n"
    log.roll()
    log.append("new\n")
    writer.write(b"late\n")
    assert following.poll() == "late\nnew\n"
    log.roll()
    log.append("newer\n")
    writer.write(b"later\n")
    writer.close()
    assert following.poll() == "later\nnewer\n"
    assert following.places()[-2] == ("wrapper.log.2", 9, 3)


def test_younger_file_waits_until_the_older_is_read(log: Any, tail: "Tailing") -> None:
    """With a small limit the order stays: all of the old file, then the new one."""
    log.append(numbered(0, 100))
    following = tail()
    log.roll()
    log.append(numbered(100, 100))
    text = "".join(following.poll(limit=1000) for _ in range(20))
    assert text == numbered(0, 200)


def test_old_rolled_files_are_let_go_when_many_follow(log: Any, tail: "Tailing") -> None:
    """With endless rolled files, a bounded number stays open and saved."""
    following = tail()
    for roll in range(3 * KEPT):
        log.append(numbered(roll, 1))
        following.poll()
        log.roll(keep=100)
    log.append("end\n")
    following.poll()
    assert len(following.state.generations) == KEPT
    log.roll(keep=100)
    log.append("more\n")
    assert following.poll() == "more\n"


# -- truncation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [50, 100, 150])
def test_truncated_file_is_read_anew(log: Any, tail: "Tailing", count: int) -> None:
    """A file cut to nothing and grown to less, as much or more than before is read from its first line."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll()
    log.truncate()
    log.append(numbered(1000, count))
    assert following.poll() == numbered(1000, count)
    assert following.places()[-1] == ("wrapper.log", 0, 1)
    assert (following.state.truncations, following.state.gaps) == (1, 1)


def test_truncation_while_down_is_found(log: Any, tail: "Tailing") -> None:
    """A file that was truncated and grew past the saved position is read from its first line."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll()
    log.truncate()
    log.append(numbered(1000, 150))
    following.restart()
    assert following.poll() == numbered(1000, 150)
    assert (following.state.truncations, following.state.gaps) == (1, 1)


def test_truncated_with_the_same_text_before_the_position(log: Any, tail: "Tailing") -> None:
    """That the bytes before the position are equal by chance does not hide a truncation."""
    trace = "\tat com.example.Same.method(Same.java:1)\n" * 200
    log.append("first\n" + trace)
    following = tail()
    following.poll()
    log.truncate()
    log.append("other\n" + trace + "more\n")
    assert following.poll() == "other\n" + trace + "more\n"


def test_contents_before_and_after_a_truncation_have_two_names(log: Any, tail: "Tailing") -> None:
    """Offsets repeat in a truncated file, so its identity changes; a rename or restart changes none."""
    log.append("one\n")
    following = tail()
    following.poll()
    log.truncate()
    log.append("two\n")
    following.poll()
    log.append("three\n")
    log.roll()
    following.restart()
    following.poll()
    first, second, third = (block.start.identity for block in following.blocks)
    assert first != second
    assert second == third


def test_copied_and_truncated_file_is_finished_in_its_copy(log: Any, tail: "Tailing") -> None:
    """What was not read before a copytruncate is read from the copy, and the copy is not read again."""
    log.append(numbered(0, 100))
    following = tail()
    assert following.poll(limit=100) != numbered(0, 100)
    log.sibling(1).write_bytes(log.path.read_bytes())
    log.truncate()
    log.append(numbered(100, 10))
    following.poll()
    log.append(numbered(110, 10))
    following.poll()
    assert b"".join(block.data for block in following.blocks).decode() == numbered(0, 120)


def test_fifty_truncations(log: Any, tail: "Tailing") -> None:
    """Each round of one inode is read once."""
    following, text = tail(), ""
    for turn in range(50):
        log.append(numbered(turn * 10, 10))
        text += following.poll()
        log.truncate()
    assert text == numbered(0, 500)
    following.poll()
    assert following.state.truncations == 50


def test_file_truncated_before_its_turn_keeps_its_place(log: Any, tail: "Tailing") -> None:
    """A file that was truncated while it waited, and rolled while down, is read in its turn."""
    log.append(numbered(0, 10))
    following = tail()
    following.poll(limit=1)
    log.roll()
    log.append(numbered(10, 10))
    following.poll(limit=1)
    log.truncate()
    log.append(numbered(20, 5))
    log.roll()
    log.append(numbered(30, 5))
    following.poll(limit=1)
    following.restart()
    assert following.poll() == numbered(3, 7) + numbered(20, 5) + numbered(30, 5)
    assert (following.state.truncations, following.state.gaps) == (1, 1)


def test_empty_files_that_come_and_go_are_not_kept(log: Any, tail: "Tailing") -> None:
    """A file that never held anything leaves nothing behind."""
    following = tail()
    for _ in range(5):
        log.append("")
        following.poll()
        log.path.unlink()
    log.append("one\n")
    assert following.poll() == "one\n"
    assert len(following.state.generations) == 1


# -- deletion ---------------------------------------------------------------------------------------------


def test_deleted_and_made_again(log: Any, tail: "Tailing") -> None:
    """The deleted file is read to its end, the new one from its first byte."""
    log.append(numbered(0, 10))
    following = tail()
    assert following.poll(limit=1) == numbered(0, 1)
    log.path.unlink()
    log.append(numbered(10, 10))
    assert following.poll() == numbered(1, 19)
    assert (following.state.gaps, len(following.state.generations)) == (0, 1)


def test_deleted_and_never_made_again(log: Any, tail: "Tailing") -> None:
    """A deleted log is missing for as long as it takes, and what is written to it is still read."""
    writer = log.path.open("ab", buffering=0)
    writer.write(b"one\n")
    following = tail()
    following.poll()
    log.path.unlink()
    writer.write(b"two\n")
    assert following.poll() == "two\n"
    assert [following.poll() for _ in range(20)] == [""] * 20
    assert following.follower.missing
    writer.close()
    log.append("three\n")
    assert following.poll() == "three\n"


def test_path_that_leads_to_something_else(log: Any, tail: "Tailing") -> None:
    """A directory or pipe in the log's place is told of, does not hang, and is got over."""
    following = tail()
    os.mkfifo(log.path)
    assert following.poll() == ""
    assert following.follower.problem == (
        f"cannot read {log.path}: it is a pipe, socket or device; name a file"
    )
    log.path.unlink()
    log.append("one\n")
    assert following.poll() == "one\n"
    assert following.follower.problem is None


# -- permissions ------------------------------------------------------------------------------------------


def test_unreadable_file_is_told_of_and_read_once_it_can_be(nobody: Path) -> None:
    """No line is lost to a missing permission that is mended while the file exists."""
    path = nobody / "wrapper.log"
    path.write_bytes(b"one\n")
    follower = Follower(path, start="beginning")
    follower.poll(100)
    path.rename(nobody / "wrapper.log.1")
    path.write_bytes(b"two\n")
    path.chmod(0)
    assert follower.poll(100) == []
    assert follower.problem is not None
    assert follower.problem.startswith(f"cannot read {path}: permission denied; ")
    assert "setfacl -m u:" in follower.problem
    assert follower.lag() == 4
    path.rename(nobody / "wrapper.log.2")
    path.write_bytes(b"three\n")
    assert [block.data for block in follower.poll(100)] == [b"three\n"]
    (nobody / "wrapper.log.2").chmod(0o644)
    assert [block.data for block in follower.poll(100)] == [b"two\n"]
    problem: str | None = follower.problem
    assert (problem, follower.state.gaps, follower.lag()) == (None, 0, 0)
    follower.close()


def test_unreadable_file_begins_at_the_end_it_had_at_the_start(nobody: Path) -> None:
    """A log that cannot be read at the start begins where it ended then, not where it ends when it can be."""
    path = nobody / "wrapper.log"
    path.write_bytes(b"old\n")
    path.chmod(0o200)
    follower = Follower(path, start="end")
    with path.open("ab") as stream:
        stream.write(b"new\n")
    assert follower.poll(100) == []
    path.chmod(0o644)
    assert [(block.data, block.start.line) for block in follower.poll(100)] == [(b"new\n", 2)]
    follower.close()


def test_closed_directory_is_told_of_and_nothing_is_taken_for_lost(nobody: Path) -> None:
    """What cannot be looked at is not gone."""
    folder = nobody / "logs"
    folder.mkdir()
    path = folder / "wrapper.log"
    path.write_bytes(b"one\n")
    follower = Follower(path, start="beginning")
    follower.poll(100)
    saved = follower.state
    follower.close()
    folder.chmod(0)
    follower = Follower(path, start="beginning", saved=saved)
    assert follower.poll(100) == []
    assert follower.problem is not None
    assert f"permission denied to enter {folder}; run: setfacl -m u:" in follower.problem
    folder.chmod(0o755)
    with path.open("ab") as stream:
        stream.write(b"two\n")
    assert [block.data for block in follower.poll(100)] == [b"two\n"]
    problem: str | None = follower.problem
    assert (problem, follower.state.gaps) == (None, 0)
    follower.close()


# -- restart ----------------------------------------------------------------------------------------------


def test_restart_goes_on_exactly(log: Any, tail: "Tailing") -> None:
    """Position, line numbers and counters carry on; work that was not saved is done again."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll(limit=400)
    saved = following.save()
    following.poll()
    following.restart(saved)
    again = following.poll()
    line = len(numbered(0, 1))
    done = 400 // line
    assert again == numbered(done, 100 - done)
    assert following.places()[-1] == ("wrapper.log", done * line, done + 1)
    assert following.state.lines_read == 100


def test_rolled_while_down(log: Any, tail: "Tailing") -> None:
    """The rest of the rolled file, then the files after it."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll()
    log.append(numbered(100, 50))
    log.roll()
    log.append(numbered(150, 50))
    log.roll()
    log.append(numbered(200, 50))
    following.restart()
    assert following.poll() == numbered(100, 150)
    assert following.places()[-3:] == [
        ("wrapper.log.2", 100 * len(numbered(0, 1)), 101),
        ("wrapper.log.1", 0, 1),
        ("wrapper.log", 0, 1),
    ]
    assert (following.state.rotations, following.state.gaps) == (2, 0)


def test_rolled_off_while_down(log: Any, tail: "Tailing") -> None:
    """When the file and its inode are gone into a new one, all that exists is read and a gap counted."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll()
    following.follower.close()
    for turn in range(1, 6):
        log.roll(keep=3)
        log.append(numbered(turn * 1000, 200))
    following.restart()
    assert following.poll() == "".join(numbered(turn * 1000, 200) for turn in range(2, 6))
    assert following.state.gaps == 1
    assert following.poll() == ""


def test_rolled_off_unseen_while_running(log: Any, tail: "Tailing") -> None:
    """More rolls than files kept between two looks: the followed file is finished, and a gap counted."""
    log.append(numbered(0, 10))
    following = tail()
    following.poll(limit=1)
    for turn in range(1, 6):
        log.roll(keep=2)
        log.append(numbered(turn * 1000, 10))
    expected = numbered(1, 9) + "".join(numbered(turn * 1000, 10) for turn in range(3, 6))
    assert following.poll() == expected
    assert following.state.gaps == 1


def test_deleted_and_made_again_while_down(log: Any, tail: "Tailing") -> None:
    """The new file is read from its first byte, and a gap counted."""
    log.append(numbered(0, 10))
    following = tail()
    following.poll()
    following.follower.close()
    log.path.unlink()
    log.append(numbered(100, 20))
    following.restart()
    assert following.poll() == numbered(100, 20)
    assert following.state.gaps == 1


def test_old_rolled_file_may_roll_off_without_a_gap(log: Any, tail: "Tailing") -> None:
    """A file that was read to its end is not missed."""
    log.append("one\n")
    following = tail()
    following.poll()
    log.roll()
    log.append("two\n")
    following.poll()
    following.follower.close()
    log.sibling(1).unlink()
    following.restart()
    log.append("three\n")
    assert following.poll() == "three\n"
    assert following.state.gaps == 0


def test_copied_and_truncated_while_down(log: Any, tail: "Tailing") -> None:
    """The rest is read from the copy, the live file from its first byte."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll(limit=400)
    done = following.state.lines_read
    log.sibling(1).write_bytes(log.path.read_bytes())
    log.truncate()
    log.append(numbered(100, 5))
    following.restart()
    assert following.poll() == numbered(done, 105 - done)
    assert following.state.truncations == 1


def test_restored_from_a_backup_while_down(log: Any, tail: "Tailing") -> None:
    """A file of another inode with the same content and more is gone on with."""
    log.append(numbered(0, 100))
    following = tail()
    following.poll()
    log.path.rename(log.path.with_name("backup"))
    log.append(numbered(0, 120))
    following.restart()
    assert following.poll() == numbered(100, 20)
    assert following.state.gaps == 0


def test_log_that_is_not_mounted_yet_is_not_lost(log: Any, tail: "Tailing") -> None:
    """An empty directory proves nothing; when the file is back it is gone on with."""
    log.append("one\n")
    following = tail()
    following.poll()
    away = log.path.with_name("away")
    log.path.rename(away)
    following.restart()
    assert following.poll() == ""
    assert following.follower.missing
    away.rename(log.path)
    log.append("two\n")
    assert following.poll() == "two\n"
    assert following.state.gaps == 0


def test_without_birth_times(log: Any, tail: "Tailing", monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that keeps no birth times, content tells a reused inode from the file it was."""
    monkeypatch.setattr(identity, "_statx", None)
    log.append(numbered(0, 100))
    following = tail()
    following.poll()
    following.follower.close()
    for turn in range(1, 6):
        log.roll(keep=3)
        log.append(numbered(turn * 1000, 200))
    following.restart()
    assert following.poll() == "".join(numbered(turn * 1000, 200) for turn in range(2, 6))
    log.roll(keep=3)
    log.append("new\n")
    following.restart()
    assert following.poll() == "new\n"


def test_a_disk_that_fails_costs_no_line(log: Any, tail: "Tailing", monkeypatch: pytest.MonkeyPatch) -> None:
    """A read error is told of, the file found again by what it is, and the position kept."""
    log.append(numbered(0, 10))
    following = tail()
    following.poll(limit=1)
    pread, failing = os.pread, [True]

    def broken(fd: int, size: int, offset: int) -> bytes:
        if failing:
            raise OSError(5, "Input/output error")
        return pread(fd, size, offset)

    monkeypatch.setattr(os, "pread", broken)
    assert [following.poll(), following.poll()] == ["", ""]
    assert following.follower.problem == (
        f"cannot read {log.path}: the disk reports an error; look at the kernel's log"
    )
    failing.clear()
    assert following.poll() == numbered(1, 9)
    assert (following.follower.problem, following.state.gaps) == (None, 0)


def test_what_is_younger_waits_for_a_disk_for_a_while(
    log: Any, tail: "Tailing", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is kept while the rolled file fails; if it does for long, the new one is read meanwhile."""
    log.append(numbered(0, 2))
    following = tail()
    following.poll()
    log.append(numbered(2, 2))
    old = log.path.stat().st_ino
    log.roll()
    log.append(numbered(4, 2))
    pread = os.pread

    def broken(fd: int, size: int, offset: int) -> bytes:
        if os.fstat(fd).st_ino == old:
            raise OSError(5, "Input/output error")
        return pread(fd, size, offset)

    with monkeypatch.context() as failing:
        failing.setattr(os, "pread", broken)
        assert [following.poll() for _ in range(2)] == ["", ""]
    assert following.poll() == numbered(2, 4)

    log.append(numbered(6, 2))
    old = log.path.stat().st_ino
    log.roll()
    log.append(numbered(8, 2))
    with monkeypatch.context() as failing:
        failing.setattr(os, "pread", broken)
        assert "".join(following.poll() for _ in range(PATIENCE + 1)) == numbered(8, 2)
    assert following.poll() == numbered(6, 2)
    assert following.state.gaps == 0
