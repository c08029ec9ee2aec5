"""What is said of a piece of the log that could not be read."""

from collections.abc import Callable
from typing import Any

from agent.tail.gap import Gap, Reason


def test_nothing_is_missing_of_a_log_that_rolls(log: Any, tail: Callable[..., Any]) -> None:
    """A roll is no loss."""
    log.append("one\n")
    following = tail("beginning")
    following.poll()
    log.roll()
    log.append("two\n")
    following.poll()
    assert following.follower.gaps == []


def test_truncated(log: Any, tail: Callable[..., Any]) -> None:
    """From the position on nobody knows what was there; only what an earlier look saw is sure."""
    log.append("one\ntwo\n")
    following = tail("beginning")
    following.poll(limit=4)
    log.truncate()
    following.poll()
    assert following.follower.gaps == [Gap("wrapper.log", 4, 7, Reason.TRUNCATED)]
    assert following.follower.gaps[0].bytes == 4
    following.poll()
    assert following.follower.gaps == []


def test_truncated_while_down(log: Any, tail: Callable[..., Any]) -> None:
    """After the restart the file does not hold what was read."""
    log.append("one\n" * 50)
    following = tail("beginning")
    following.poll()
    saved = following.save()
    log.truncate()
    log.append("new\n")
    following.restart(saved)
    following.poll()
    assert following.follower.gaps == [Gap("wrapper.log", 200, 199, Reason.TRUNCATED)]
    assert following.follower.gaps[0].bytes == 0


def test_gone_while_down(log: Any, tail: Callable[..., Any]) -> None:
    """The file is not found again, and had unread bytes when it was last seen."""
    log.append("one\n" * 50)
    following = tail("beginning")
    following.poll(limit=100)
    saved = following.save()
    log.path.unlink()
    log.path.with_name("other").write_text("keeps the freed inode from being used again")
    log.append("new\n")
    following.restart(saved)
    following.poll()
    assert following.follower.gaps[0].reason in {Reason.GONE, Reason.TRUNCATED}
    assert (following.follower.gaps[0].first, following.follower.gaps[0].last) == (100, 199)
