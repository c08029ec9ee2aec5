"""Which files are followed, with disks that answer and one that does not."""

import os
from datetime import UTC
from pathlib import Path
from threading import Event

from structlog.testing import capture_logs

from agent.config import Log
from agent.feed import Feed
from agent.knowledge import catalogue
from agent.model.vocabulary import Problem
from agent.pipeline import Pipeline
from agent.roster import DISCOVERY_SECONDS, HUNG, HUNG_SECONDS, Roster
from agent.tail.errand import wait_all
from agent.tail.lookout import Lookout
from agent.tallying import Tallying
from tests.hanging import hanging

LONG = 30.0


def roster(*paths: Path, known: bool = False) -> Roster:
    """Return a roster of logs named after their folders, and what it makes of a file."""
    entries, news = catalogue.load(), Event()

    def make(one: Log, path: Path, real: Path, new: bool) -> Feed:  # noqa: FBT001  (as a roster calls it)
        lookout = Lookout(path, start="beginning" if new else "end", news=news)
        tallying = Tallying(None, fresh=True, version="1")
        return Feed(one.name, path, real, lookout, Pipeline(entries, UTC), tallying, 0.0, 0.0)

    logs = [Log(name=path.parent.name, path=path) for path in paths]
    return Roster(logs, make, lambda _: known, news)


def starts(one: Roster) -> dict[str, str]:
    """Return where each file begins."""
    return {feed.path.name: feed.lookout._start for feed in one.feeds.values()}


def test_what_is_found_first_begins_at_the_end_and_what_comes_later_is_new(tmp_path: Path) -> None:
    """A file that was there before its log was ever looked at is old; one that comes later is all unread."""
    (tmp_path / "wrapper_a.log").touch()
    one = roster(tmp_path / "wrapper_*.log")
    one.begin(0.0, LONG)
    (tmp_path / "wrapper_b.log").touch()
    assert one.discover(DISCOVERY_SECONDS / 2, LONG) == []
    (found,) = one.discover(DISCOVERY_SECONDS, LONG)
    assert found.path.name == "wrapper_b.log"
    assert starts(one) == {"wrapper_a.log": "end", "wrapper_b.log": "beginning"}
    assert one.directories() == {tmp_path}
    one.close()


def test_a_link_that_is_turned_leads_to_no_second_reading(tmp_path: Path) -> None:
    """What the link leads to now is followed through it already."""
    (tmp_path / "wrapper_1.txt").touch()
    (tmp_path / "current").symlink_to("wrapper_1.txt")
    one = roster(tmp_path / "current", tmp_path / "*.log")
    one.begin(0.0, LONG)
    (tmp_path / "wrapper_2.log").touch()
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to("wrapper_2.log")
    with capture_logs() as said:
        assert one.discover(DISCOVERY_SECONDS, LONG) == []
    assert [event["event"] for event in said] == ["tail.followed_already"]
    assert list(one.feeds) == [str(tmp_path / "current")]
    one.close()


def test_a_disk_that_hangs_is_told_once_and_holds_up_no_other(tmp_path: Path) -> None:
    """Its log is not found, its files cannot be read, and the other log is followed all the same."""
    folders = [tmp_path / name for name in ("hangs", "also", "live")]
    for folder in folders:
        folder.mkdir()
        (folder / "wrapper.log").touch()
    hangs, also, live = folders
    one = roster(hangs / "*.log", also / "wrapper.log", live / "wrapper.log")
    one._scouts[1].looked = True
    with hanging(hangs):
        found = one.discover(0.0, 0.01)
        assert wait_all((scout.errand for scout in one._scouts[1:]), LONG)
        found += one.discover(0.0, 0.01)
        assert {feed.name for feed in found} == {"also", "live"}
        with hanging(also):
            for feed in one.feeds.values():
                feed.lookout.errand.ask(1)
            assert one.feeds[str(live / "wrapper.log")].lookout.errand.wait(LONG)
            with capture_logs() as said:
                one.discover(HUNG_SECONDS, 0.01)
                one.discover(HUNG_SECONDS + 1, 0.01)
            assert [(event["event"], event["log"]) for event in said if event["log_level"] == "error"] == [
                ("tail.hung", "hangs"),
                ("tail.hung", "also"),
            ]
            assert list(one.obstacles()) == [
                f"log hangs: cannot look for {hangs / '*.log'}: {HUNG}",
                f"log also: cannot read {also / 'wrapper.log'}: {HUNG}",
            ]
        assert one.feeds[str(also / "wrapper.log")].lookout.errand.wait(LONG)
        one.discover(HUNG_SECONDS + 2, 0.01)
        assert list(one.obstacles()) == [f"log hangs: cannot look for {hangs / '*.log'}: {HUNG}"]
    one.close()


def test_a_folder_that_is_closed_is_told_once_and_found_again(nobody: Path) -> None:
    """Not that no file matches, but what is missing; when it is given, the log is followed."""
    (nobody / "logs").mkdir()
    (nobody / "logs" / "wrapper.log").touch()
    (nobody / "logs").chmod(0o300)
    one = roster(nobody / "logs" / "*.log")
    with capture_logs() as said:
        for seconds in (0.0, DISCOVERY_SECONDS):
            assert one.discover(seconds, LONG) == []
    assert [(event["event"], event["log"]) for event in said] == [("tail.unreadable", "logs")]
    assert [text.partition(";")[0] for text in one.obstacles()] == [
        f"log logs: cannot list {nobody}/logs: permission denied"
    ]
    assert one.problems("logs")[Problem.UNREADABLE] == 1
    (nobody / "logs").chmod(0o700)
    (found,) = one.discover(2 * DISCOVERY_SECONDS, LONG)
    assert found.path == nobody / "logs" / "wrapper.log"
    assert list(one.obstacles()) == []
    one.close()


def test_a_wrapper_that_writes_elsewhere_is_told_once(tmp_path: Path) -> None:
    """Its log is silent, and nothing in it tells why; when it is written again all is well."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "bin").mkdir()
    log, written = tmp_path / "logs" / "wrapper.log", tmp_path / "bin" / "wrapper.log"
    log.touch()
    os.utime(log, (1, 1))
    one = roster(log)
    with capture_logs() as said:
        one.discover(0.0, LONG)
        written.write_text(f"Unable to write to the configured log file: {log} (No space left on device)\n")
        for number in (1, 2):
            one.discover(number * DISCOVERY_SECONDS, LONG)
    assert [event["event"] for event in said] == ["tail.written_elsewhere"]
    (told,) = one.obstacles()
    assert told.startswith(f"log logs: the wrapper cannot write {log} and writes {written} instead; ")
    os.utime(written, (1, 1))
    one.discover(3 * DISCOVERY_SECONDS, LONG)
    assert list(one.obstacles()) == []
    one.close()
