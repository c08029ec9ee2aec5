from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from agent import notices
from agent.feed import Feed
from agent.model.delivery import Delivery
from agent.model.incident import Notice
from agent.model.vocabulary import Depth, Leak, Trouble
from agent.tail.follower import TailState
from agent.tail.gap import Gap, Reason
from agent.tallying import Tallying

if TYPE_CHECKING:
    from agent.pipeline import Pipeline
    from agent.tail.lookout import Lookout


@dataclass
class Print:
    """What a pipeline shows of a log."""

    depth: Depth = Depth.FULL
    leaks: tuple[Leak, ...] = ()


@dataclass
class Out:
    """Who looks at it."""

    state: TailState | None = None


@pytest.fixture
def shown() -> Print:
    """Return a log that is well."""
    return Print()


@pytest.fixture
def feed(shown: Print) -> Feed:
    """Return a feed of it."""
    path = Path("/logs/wrapper.log")
    counted = Tallying(None, fresh=True, version="1")
    return Feed("is", path, path, cast("Lookout", Out()), cast("Pipeline", shown), counted, 0.0, 0.0)


def troubles(feed: Feed) -> list[Trouble]:
    """Return what is reported now."""
    return [one.trouble for one in notices.of_log(feed)]


def test_what_troubles_a_log(feed: Feed, shown: Print) -> None:
    """Each is reported as long as it stands."""
    assert troubles(feed) == []
    feed.problem = "cannot read /logs/wrapper.log: permission denied; run: setfacl"
    shown.depth, shown.leaks = Depth.SHALLOW, (Leak.KEYS,)
    assert troubles(feed) == [Trouble.LOG_UNREADABLE, Trouble.DEBUG_SHALLOW, Trouble.DEBUG_LEAKING]
    feed.problem, shown.depth, shown.leaks = None, Depth.NONE, ()
    assert troubles(feed) == []
    feed.lookout = cast("Lookout", Out(TailState(lines_read=notices.LINES_WITHOUT)))
    assert troubles(feed) == [Trouble.DEBUG_OFF]


def test_a_file_system_that_hangs_is_told_as_such(feed: Feed) -> None:
    """It comes before what was the matter with the log when it last answered."""
    feed.hung, feed.problem = True, "cannot read it"
    (told,) = notices.of_log(feed)
    assert told.summary.startswith("/logs/wrapper.log cannot be looked at: its file system does not answer.")


def test_a_gap_tells_what_is_known_of_it() -> None:
    """File, reason and bytes; where nobody knows how much was lost, only where it begins."""
    lost = [Gap("wrapper.log.3", 100, 999, Reason.GONE), Gap("wrapper.log", 7, 6, Reason.TRUNCATED)]
    assert [notices.gap("is", one).details for one in lost] == [
        (
            ("file", "wrapper.log.3"),
            ("reason", "gone"),
            ("first byte", "100"),
            ("last byte", "999"),
            ("bytes", "900"),
        ),
        (("file", "wrapper.log"), ("reason", "truncated"), ("first byte", "7")),
    ]


def test_a_problem_is_told_in_sentences() -> None:
    """What is wrong, and what to do, which the tail says behind a semicolon."""
    told = notices.unreadable("is", "cannot read /logs/wrapper.log: permission denied; run: setfacl")
    assert (told.summary.partition(". ")[0], told.mend) == (
        "Cannot read /logs/wrapper.log: permission denied",
        "Run: setfacl.",
    )
    assert notices.unreadable("is", "it is gone").mend == "wmtls check tells what to mend."


def test_what_leaks_is_named() -> None:
    """Application data, keys, or both."""
    texts = [notices.debug_leaking("is", leaks).summary for leaks in ((Leak.KEYS,), tuple(Leak))]
    assert texts == [
        "The TLS debug text holds session keys: whoever can read the log can read that.",
        (
            "The TLS debug text holds decrypted application data and session keys: "
            "whoever can read the log can read that."
        ),
    ]


def test_a_receiver_that_fails() -> None:
    """The reason and the status, and the mend that is known."""
    assert notices.receiver_failing("ops", Delivery("server_error", 503)) == Notice(
        Trouble.RECEIVER_FAILING,
        "ops",
        "The receiver ops takes no messages; they wait for it.",
        "wmtls notify --test tries it; wmtls outbox list shows what waits.",
        (("reason", "server_error"), ("HTTP status", "503")),
    )
    told = notices.receiver_failing("ops", Delivery("connect", None, "the file is empty"))
    assert (told.mend, told.details) == ("The file is empty.", (("reason", "connect"),))


def test_a_state_that_cannot_be_written() -> None:
    """It is of the whole agent, and says what the store says."""
    told = notices.state_full("/state/wmtls.db: the disk is full: free some space")
    assert (told.trouble, told.subject, told.mend) == (
        Trouble.STATE_FULL,
        "",
        "/state/wmtls.db: the disk is full: free some space.",
    )
